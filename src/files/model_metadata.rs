//! What a model file says about the model besides its parameters.

use serde::{Deserialize, Serialize};

use crate::data::InputRanges;
use crate::data::scaling::StandardScaler;
use crate::data::schema::{Column, Schema};
use crate::network::Activation;

/// The version of the file format. Formats 2 and 3 are also read: in these, the hidden layer always has tanh, and format 2 has
/// no ranges. Files of other versions are refused.
const FORMAT: u32 = 4;
/// The first version with other activation functions than tanh.
const FIRST_WITH_ACTIVATIONS: u32 = 4;
/// The last version without ranges.
const LAST_WITHOUT_RANGES: u32 = 2;
/// The activation function of the output layer.
const OUTPUT_ACTIVATION: &str = "sigmoid";

/// The JSON object in the metadata. The field names are part of the file format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of the file format.
    pub format: u32,
    /// The version of Petal that wrote the file.
    pub petal: String,
    /// The columns of a table that are the network's inputs, in the order of the columns of `hidden.weight`, and the label
    /// column.
    pub schema: Schema,
    /// How inputs are standardised, if they are.
    pub scaling: Option<StandardScaler>,
    /// The ranges of the inputs over the training rows, before scaling. `None` in a file of format 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<InputRanges>,
    /// A sample is predicted class 1 if its logit is above the logit of this probability.
    pub threshold: f64,
    /// The number of hidden units.
    pub hidden: usize,
    /// The activation functions of the two layers. That of the output layer is always `sigmoid`.
    pub activations: (Activation, String),
    /// The configuration of the run, as TOML.
    pub config: String,
}

impl Metadata {
    /// The metadata of a model trained by this program.
    pub fn new(
        schema: Schema,
        scaling: Option<StandardScaler>,
        ranges: InputRanges,
        threshold: f64,
        (hidden, activation): (usize, Activation),
        config: String,
    ) -> Self {
        Self {
            format: FORMAT,
            petal: env!("CARGO_PKG_VERSION").into(),
            schema,
            scaling,
            ranges: Some(ranges),
            threshold,
            hidden,
            activations: (activation, OUTPUT_ACTIVATION.into()),
            config,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // The format is read first, because the metadata of another format may not fit this type.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let wrong = |error: serde_json::Error| format!("metadata: {error}");
        let Format { format } = serde_json::from_str(text).map_err(wrong)?;
        if !(2..=FORMAT).contains(&format) {
            return Err(format!("format {format}: this version reads formats 2 to {FORMAT}"));
        }
        let metadata: Self = serde_json::from_str(text).map_err(wrong)?;
        metadata.check()?;
        Ok(metadata)
    }

    /// Checks that the parts fit each other.
    fn check(&self) -> Result<(), String> {
        let inputs: usize = self.schema.columns.iter().map(Column::width).sum();
        if inputs == 0 || self.hidden == 0 {
            return Err("metadata: a network has at least one input and one hidden unit".into());
        }
        if let Some(column) = self.schema.columns.iter().find(|column| column.width() == 0) {
            return Err(format!("metadata: column {:?} has no categories: must have at least one", column.name));
        }
        if self
            .schema
            .columns
            .iter()
            .any(|column| column.fill_value.is_some_and(|missing| !missing.is_finite()))
        {
            return Err("metadata: the number that replaces missing values must be finite".into());
        }
        let (hidden, output) = &self.activations;
        if output != OUTPUT_ACTIVATION {
            return Err(format!("metadata: activation {output:?} of the output layer: must be {OUTPUT_ACTIVATION}"));
        }
        if self.format < FIRST_WITH_ACTIVATIONS && *hidden != Activation::Tanh {
            return Err(format!("metadata: activation {hidden} in format {}: must be tanh", self.format));
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(format!("metadata: threshold {}: must be from 0 to 1", self.threshold));
        }
        match &self.ranges {
            None if self.format <= LAST_WITHOUT_RANGES => {}
            Some(ranges) if self.format > LAST_WITHOUT_RANGES && ranges.are_valid(inputs) => {}
            Some(_) if self.format <= LAST_WITHOUT_RANGES => {
                return Err("metadata: ranges in format 2: must be absent".into());
            }
            _ => {
                let must = format!("{inputs} finite numbers in min, and as many in max that are not smaller");
                return Err(format!("metadata: ranges must have {must}"));
            }
        }
        let Some(StandardScaler { mean, deviation }) = &self.scaling else {
            return Ok(());
        };
        let fits = [mean, deviation]
            .iter()
            .all(|list| list.len() == inputs && list.iter().all(|v| v.is_finite()));
        if fits && deviation.iter().all(|&deviation| deviation > 0.0) {
            Ok(())
        } else {
            Err(format!("metadata: scaling must have {inputs} finite means and as many deviations above 0"))
        }
    }
}
