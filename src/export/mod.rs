//! A trained model for use without Petal: as an ONNX graph, as a function in Rust or in C.
//!
//! ```text
//! probability = sigmoid(tanh((x - mean) / deviation w1 + b1) w2 + b2)
//! ```
//!
//! All of them take the raw inputs, those of a table before scaling, in the order of [`Schema::inputs`]; where the model has
//! no scaling, nothing is taken away and divided by. They say with them what the inputs, the label and its classes are called,
//! and above which probability the second class is predicted.
//!
//! Leaves out: PyTorch and NumPy, which read the model file itself (`docs/export.md` shows how in a few lines), and
//! reading a table: who calls the function turns categories into inputs of 0 and 1.
//!
//! [`Schema::inputs`]: crate::data::schema::Schema::inputs

mod code;
mod onnx;
mod protobuf;

pub use code::{c, rust};
pub use onnx::onnx;
