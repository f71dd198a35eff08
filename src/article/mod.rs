//! The article's listing as other programs compute it, and the judgement of their numbers.
//!
//! | what | file |
//! | --- | --- |
//! | what one update computes, in the order of the listing | [`quantity`] |
//! | the names and shapes that programs give to it | [`layout`] |
//! | what is known before the update | [`point`] |
//! | the arrays of a program, recognised | [`submission`] |
//! | where programs differ without being wrong | `convention.rs` |
//! | the formulas, right and with known mistakes, for values, rounding errors and text | [`formulas`], [`number`], `worked` |
//! | whether numbers are those of a line | `evaluation.rs` |
//! | the known mistakes in words | [`mistakes`] |
//! | the judgement: which line is wrong, and what follows from it | [`judgement`], [`verdict`] |
//! | the answer in text and JSON | [`report`] |

mod closeness;
mod convention;
mod environment;
mod evaluation;
pub mod formulas;
mod hypotheses;
pub mod judgement;
pub mod layout;
pub mod mistakes;
pub mod number;
mod overwritten;
mod patterns;
pub mod point;
mod point_reader;
pub mod quantity;
pub mod report;
mod shapes;
mod steps;
pub mod submission;
pub mod verdict;
pub mod walk;
mod worked;

pub use layout::Layout;
pub use point::{Point, Weights};
pub use quantity::{Axes, Axis, Input, Quantity, Sizes};
