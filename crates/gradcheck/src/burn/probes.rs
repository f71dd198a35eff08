//! Derivatives by inner values of a loss.
//!
//! Burn keeps gradients of leaves only. So zeros are added to the inner value: the derivative by the zeros is the derivative
//! by the value. For differences, small numbers are added in their place.

use std::cell::RefCell;

use burn::tensor::{Gradients, Tensor, TensorData};

use crate::array::Array;

thread_local! {
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// Finds the gradient of one leaf among all gradients.
type FindGradient = Box<dyn Fn(&Gradients) -> Option<Vec<f64>>>;

/// What [`probe`] does during one evaluation of a loss.
#[derive(Default)]
struct Recording {
    /// What is added, by name. Zero leaves are added if it is `None`.
    offsets: Option<Vec<Array>>,
    probes: Vec<Probe>,
}

/// An inner value that was probed.
pub(super) struct Probe {
    pub name: String,
    pub shape: Vec<usize>,
    /// Finds its gradient. Without leaves there is none.
    pub gradient: FindGradient,
}

/// Includes an inner value of a loss in the check, under a name: returns `tensor`, and the check compares the derivatives by
/// it too. Outside a check it returns `tensor` as it is.
///
/// A second probe of the same name in one call of the loss, as in a loop, gets the name `name (2)`, and so on. A gradient
/// that [`super::ModuleCheck::gradient`] adds must contain the derivatives by all probes.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Tensor;
/// use petal_gradcheck::burn::{check_module, f64_device, probe};
///
/// let linear = LinearConfig::new(2, 3).init(&f64_device()?);
/// let report = check_module(&linear, |linear, device| {
///     let x = Tensor::<2>::from_data([[0.5, -1.0], [1.5, 0.25]], device);
///     let z = probe("z", linear.forward(x));
///     z.tanh().sum()
/// })?;
/// assert!(report.passed());
/// assert_eq!(report.comparisons[0].tensors[0].name, "z");
/// # Ok::<(), petal_gradcheck::error::Error>(())
/// ```
pub fn probe<const D: usize>(name: &str, tensor: Tensor<D>) -> Tensor<D> {
    RECORDING.with_borrow_mut(|recording| match recording {
        Some(recording) => recording.probe(name, tensor),
        None => tensor,
    })
}

impl Recording {
    fn probe<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Tensor<D> {
        let numbered = |count: usize| if count == 0 { name.to_owned() } else { format!("{name} ({})", count + 1) };
        let taken = |name: &String| self.probes.iter().any(|probe| probe.name == *name);
        let Some(name) = (0..).map(numbered).find(|name| !taken(name)) else {
            unreachable!("there are more numbers than probes");
        };

        let (shape, at) = (tensor.dims(), (&tensor.device(), tensor.dtype()));
        let added = match &self.offsets {
            None => Some(Tensor::<D>::zeros(shape, at).require_grad()),
            Some(offsets) => Array::find(offsets, &name)
                .map(|array| Tensor::from_data(TensorData::new(array.values.clone(), shape), at)),
        };
        let leaf = added.clone();
        let gradient = move |gradients: &Gradients| {
            let gradient = leaf.as_ref().and_then(|leaf| leaf.grad(gradients));
            gradient.map(|gradient| gradient.into_data().iter().collect())
        };
        self.probes
            .push(Probe { name, shape: shape.to_vec(), gradient: Box::new(gradient) });
        match added {
            Some(added) => tensor + added,
            None => tensor,
        }
    }
}

/// Runs `work` with these numbers added to the probes of these names.
pub(super) fn with_offsets<T>(offsets: &[Array], work: impl FnOnce() -> T) -> T {
    record(Recording { offsets: Some(offsets.to_vec()), probes: Vec::new() }, work).0
}

/// Runs `work` with zero leaves added to its probes, and returns these in the order of their calls.
pub(super) fn with_leaves<T>(work: impl FnOnce() -> T) -> (T, Vec<Probe>) {
    record(Recording::default(), work)
}

fn record<T>(recording: Recording, work: impl FnOnce() -> T) -> (T, Vec<Probe>) {
    /// Ends the recording after a panic too.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            RECORDING.set(None);
        }
    }

    let _end = End;
    RECORDING.set(Some(recording));
    let result = work();
    let recording = RECORDING.take();
    (result, recording.map(|recording| recording.probes).unwrap_or_default())
}
