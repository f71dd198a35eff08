//! The article's listing as other programs compute it: the names, shapes and formulas of its quantities.
//!
//! - [`quantity`]: what one update computes, in the order of the listing.
//! - [`layout`]: the names and shapes that programs give to these quantities.
//! - [`point`]: what is known before the update.

pub mod layout;
pub mod point;
mod point_reader;
pub mod quantity;

pub use layout::Layout;
pub use point::{Point, Weights};
pub use quantity::{Axes, Axis, Input, Quantity, Sizes};
