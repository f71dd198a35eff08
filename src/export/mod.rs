//! Converts a trained model so that it can be used without Petal: to an ONNX graph, or to a function in Rust or C.
//!
//! ```text
//! probability = sigmoid(tanh((x - mean) / deviation w1 + b1) w2 + b2)
//! ```
//!
//! All of them expect raw inputs, that is, the values of the table before scaling, in the order of [`Schema::inputs`]. They
//! scale the inputs themselves if the model was trained on scaled ones. Each export also contains the names of the inputs,
//! of the label and of its classes, and the threshold of the probability above which class 1 is predicted.
//!
//! [`Measurement`] compares what they compute with Petal's own prediction.
//!
//! Not covered:
//! - PyTorch and NumPy. They read the model file itself; `docs/export.md` shows how in a few lines.
//! - Reading a table. The caller converts categories to inputs of 0 and 1.
//!
//! [`Schema::inputs`]: crate::data::schema::Schema::inputs

mod code;
mod evaluator;
mod measurement;
mod onnx;
mod points;
mod protobuf;

use crate::error::Result;
use crate::files::model_file::ModelFile;

pub use code::{c, rust};
pub use evaluator::{Evaluator, Form};
pub use measurement::{FACTOR, LIMIT, Measurement};
pub use onnx::onnx;
pub use points::BEYOND;

/// The model as an ONNX graph in the float type that suits it.
///
/// # Errors
/// When no float type gives probabilities near those of Petal.
pub fn default_onnx(model: &ModelFile) -> Result<Vec<u8>> {
    let mut measured = Measurement::new(model);
    measured.add_spread();
    let precision = measured.default_precision();
    measured.check(Form::Onnx(precision), "model.onnx", "")?;
    onnx(model, precision)
}
