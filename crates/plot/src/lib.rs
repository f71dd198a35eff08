//! Draws pictures from plain slices of numbers and renders them as PNG or SVG.
//!
//! Each kind of picture is a struct that implements [`Picture`]; [`render`] turns it into the contents of a file.
//!
//! The two classes differ in colour and in shape. The colours are blue and vermilion from the palette by Okabe and Ito,
//! which people with any kind of colour blindness can distinguish. Text in a PNG uses a Roboto font that is part of the
//! program, so a picture looks the same on every machine. An SVG only asks for a sans-serif font; its viewer chooses one.
//!
//! Not covered: tensors, and inputs with more than two dimensions. For data of many features a picture shows the
//! [`PcaSlice`] along the components that [`petal_data::pca`] finds.

#![forbid(unsafe_code)]

mod animation;
mod axes;
mod boundary;
mod comparison;
mod cost;
mod curves;
mod dense_backend;
pub mod error;
mod indexed;
mod lines;
mod marks;
mod panels;
mod pca_slice;
mod picture;
mod png_backend;
mod render;
mod scalar_field;
mod scatter;
mod sharpness;
mod step_sweep;
mod theme;

pub use animation::{Label, Labelled, gif};
pub use boundary::Boundary;
pub use comparison::{CostComparison, CostOverValue, RunCurves, ValueCurve, ValuePoint};
pub use cost::{CostCurve, CostHistory};
pub use curves::{Calibration, CalibrationCurve, PrecisionRecall, Roc, ThresholdCurve};
pub use panels::{Boundaries, HiddenUnits, MAX_PANELS, Panel, PanelGrid};
pub use pca_slice::PcaSlice;
pub use picture::{DrawResult, Format, Picture};
pub use png_backend::characters_without_glyph;
pub use render::{Raster, raster, render, render_small};
pub use scalar_field::{ScalarField, Window};
pub use scatter::Scatter;
pub use sharpness::Sharpness;
pub use step_sweep::{StepCurve, StepSweep};
