//! The article's network as Burn's users write it: a module, a loss, an optimiser, a loop.
//!
//!     cargo run --example burn_way
//!
//! Nobody derives a gradient here: Burn records the forward pass and differentiates it. Up to update 7,000
//! the costs are the same as those of `examples/article.rs`, which has every formula. After that they differ, because
//! this learning rate then amplifies rounding errors (`docs/sharpness.md`). The data and the initial numbers come from
//! the library.

#![allow(clippy::print_stdout, reason = "an example prints what it computes")]

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{DType, Device, Tensor, TensorData};
use petal::data::generate::{self, generate};
use petal::error::Result;
use petal::network::{self, Parameters};

const LEARNING_RATE: f64 = 1.2;
const UPDATES: usize = 10_000;

/// Two layers: tanh between them, and a logit at the end.
#[derive(Module, Debug)]
struct TwoLayerNet {
    hidden: Linear,
    output: Linear,
}

impl TwoLayerNet {
    /// The logit of each sample: `[m, d]` to `[m, 1]`.
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let a1 = self.hidden.forward(x).tanh(); // [m, h]
        self.output.forward(a1) // [m, 1]
    }
}

/// The mean binary cross-entropy from logits.
fn cross_entropy(logits: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let of_ones = y.clone() * log_sigmoid(logits.clone()); // [m, 1]
    let of_zeros = (1_f64 - y) * log_sigmoid(-logits); // [m, 1]
    -(of_ones + of_zeros).mean()
}

/// Trains the network, and returns its cost after 0, 1,000, ... updates.
pub fn burn_way() -> Result<Vec<f64>> {
    let device = Device::flex().autodiff(); // records the operations, so that `backward` can differentiate them
    let matrix = |numbers: &[f64], shape: [usize; 2]| -> Tensor<2> {
        Tensor::from_data(TensorData::new(numbers.to_vec(), shape), (&device, DType::F64))
    };
    // `LinearConfig::new(..).init(&device)` would draw other initial numbers. These are the article's.
    let layer = |weight: &[f64], bias: &[f64], shape: [usize; 2]| Linear {
        weight: Param::from_tensor(matrix(weight, shape)),
        bias: Some(Param::from_tensor(matrix(bias, [1, shape[1]]).squeeze_dim(0))),
    };

    let data = generate(&generate::Settings::default())?;
    let labels: Vec<f64> = data.y().iter().map(|&label| f64::from(label)).collect();
    let x = matrix(data.x(), [data.samples(), data.features()]);
    let y = matrix(&labels, [data.samples(), 1]);

    let Parameters { features, hidden, w1, b1, w2, b2, .. } =
        Parameters::initial(data.features(), &network::Settings::default());
    let mut net = TwoLayerNet { hidden: layer(&w1, &b1, [features, hidden]), output: layer(&w2, &b2, [hidden, 1]) };
    let mut optimizer = SgdConfig::new().init();

    let mut costs = Vec::new();
    for update in 0..=UPDATES {
        let loss = cross_entropy(net.forward(x.clone()), y.clone());
        if update % 1_000 == 0 {
            let cost: f64 = loss.clone().into_scalar();
            println!("Cost after update {update:>6}: {cost:.6}");
            costs.push(cost);
        }
        if update < UPDATES {
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            net = optimizer.step(LEARNING_RATE, net, gradients);
        }
    }

    let predicted = net.forward(x).greater_elem(0.0).float().cast(DType::F64); // [m, 1], 1 where the probability is above 1/2
    let accuracy: f64 = predicted.equal(y).float().mean().into_scalar();
    println!("accuracy {:.2} %", 100.0 * accuracy);
    Ok(costs)
}

fn main() -> Result<()> {
    burn_way()?;
    Ok(())
}
