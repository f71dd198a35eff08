//! Functions of plain tensors, checked as if the tensors were the parameters of a module.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::ModuleCheck;

/// A float tensor, or a tuple of two to six, of any ranks.
pub trait Tensors: Sized {
    /// The tuple as a module, with the tensors as its parameters.
    type Params: Module;

    /// Makes a parameter of each tensor.
    fn into_params(self) -> Self::Params;

    /// The tensors of the parameters.
    fn from_params(params: &Self::Params) -> Self;
}

impl<const D: usize> Tensors for Tensor<D> {
    type Params = Param<Self>;

    fn into_params(self) -> Self::Params {
        Param::from_tensor(self.detach())
    }

    fn from_params(params: &Self::Params) -> Self {
        params.val()
    }
}

macro_rules! impl_tensors {
    ($($rank:ident $index:tt),+) => {
        impl<$(const $rank: usize),+> Tensors for ($(Tensor<$rank>,)+) {
            type Params = ($(Param<Tensor<$rank>>,)+);

            fn into_params(self) -> Self::Params {
                // Only a leaf can become a parameter.
                ($(Param::from_tensor(self.$index.detach()),)+)
            }

            fn from_params(params: &Self::Params) -> Self {
                ($(params.$index.val(),)+)
            }
        }
    };
}

impl_tensors!(A 0, B 1);
impl_tensors!(A 0, B 1, C 2);
impl_tensors!(A 0, B 1, C 2, D 3);
impl_tensors!(A 0, B 1, C 2, D 3, E 4);
impl_tensors!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Starts a check of a function of tensors.
///
/// `tensors` is a float tensor or a tuple of them: the point where the gradient is checked. The function gets them on the
/// device where it is computed, with that device, and returns one number. In the report, the members of a tuple are called
/// `0`, `1` and so on; [`ModuleCheck::name`] sets other names.
pub fn tensor_check<'a, T: Tensors, const D: usize>(
    tensors: T,
    function: impl Fn(T, &Device) -> Tensor<D> + 'a,
) -> ModuleCheck<'a, T::Params, D> {
    ModuleCheck::new(&tensors.into_params(), move |params, device| function(T::from_params(params), device))
}
