//! A trained model as a safetensors file.
//!
//! The tensors have the names and the orientation that PyTorch gives them, so that its `load_state_dict` takes
//! them for a module with `hidden = Linear(d, h)` and `output = Linear(h, 1)`:
//!
//! ```text
//! hidden.weight [h, d] = w1'     hidden.bias [h] = b1
//! output.weight [1, h] = w2'     output.bias [1] = b2
//! ```
//!
//! The metadata holds one key, `petal`, with a JSON object ([`Metadata`]). One key, since safetensors writes
//! several in random order, and the same run should give the same bytes.
//!
//! Leaves out: the optimiser's state. Plain gradient descent has none.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use crate::data::scaling::Scaling;
use crate::data::schema::{Column, Schema};
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::fused;
use crate::model::{Parameters, transposed};

/// The layout of names and metadata; a file with another number is refused.
const FORMAT: u32 = 2;

/// A model with what is needed to use it and to know where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The trained numbers.
    pub parameters: Parameters,
    /// The float type they are stored in.
    pub precision: Precision,
    /// What is known about them.
    pub metadata: Metadata,
}

/// What a model file says about its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of this layout.
    pub format: u32,
    /// The version of Petal that wrote the file.
    pub petal: String,
    /// The columns of a table that become the network's inputs, in the order of the columns of `hidden.weight`, and the
    /// label.
    pub schema: Schema,
    /// How inputs are scaled before they reach the network, where they are.
    pub scaling: Option<Scaling>,
    /// A sample whose probability of class 1 is above this is predicted 1.
    pub threshold: f64,
    /// The number of hidden units.
    pub hidden: usize,
    /// The activation functions of the two layers.
    pub activations: [String; 2],
    /// The configuration of the run, as TOML.
    pub config: String,
}

impl Metadata {
    /// The metadata of a model trained by this program.
    pub fn new(schema: Schema, scaling: Option<Scaling>, threshold: f64, hidden: usize, config: String) -> Self {
        Self {
            format: FORMAT,
            petal: env!("CARGO_PKG_VERSION").into(),
            schema,
            scaling,
            threshold,
            hidden,
            activations: ["tanh".into(), "sigmoid".into()],
            config,
        }
    }

    /// Whether the parts fit each other; if not, what does not.
    fn check(&self) -> Result<(), String> {
        let inputs: usize = self.schema.columns.iter().map(Column::width).sum();
        if inputs == 0 || self.hidden == 0 {
            return Err("metadata: a network has at least one input and one hidden unit".into());
        }
        if self.schema.columns.iter().any(|column| column.missing.is_some_and(|missing| !missing.is_finite())) {
            return Err("metadata: what stands for a missing number must be finite".into());
        }
        if self.activations != ["tanh", "sigmoid"] {
            return Err(format!("metadata: activations {:?}: must be tanh and sigmoid", self.activations));
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(format!("metadata: threshold {}: must be from 0 to 1", self.threshold));
        }
        let Some(Scaling { mean, deviation }) = &self.scaling else { return Ok(()) };
        let fits = [mean, deviation].iter().all(|list| list.len() == inputs && list.iter().all(|v| v.is_finite()));
        if fits && deviation.iter().all(|&deviation| deviation > 0.0) {
            Ok(())
        } else {
            Err(format!("metadata: scaling must have {inputs} finite means and as many deviations above 0"))
        }
    }
}

impl Checkpoint {
    /// The file's contents.
    ///
    /// # Errors
    /// When the parameters do not have the lengths that their own sizes ask for.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Parameters { features, hidden, w1, b1, w2, b2 } = &self.parameters;
        let tensors = [
            ("hidden.weight", vec![*hidden, *features], transposed(w1, *hidden)),
            ("hidden.bias", vec![*hidden], b1.clone()),
            // A single column reads the same either way.
            ("output.weight", vec![1, *hidden], w2.clone()),
            ("output.bias", vec![1], b2.clone()),
        ];
        let stored = tensors.map(|(name, shape, values)| (name, shape, self.precision.encode(&values)));
        let views = stored
            .iter()
            .map(|(name, shape, bytes)| Ok((*name, TensorView::new(self.precision.stored(), shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
        let metadata =
            serde_json::to_string(&self.metadata).unwrap_or_else(|_| unreachable!("strings and numbers only"));
        let metadata = HashMap::from([("petal".to_owned(), metadata)]);
        views
            .and_then(|views| safetensors::serialize(views, Some(metadata)))
            .map_err(|error| Error::Settings(format!("the model cannot be stored: {error}")))
    }

    /// The probability of class 1 for each row of raw inputs, scaled in place on the way.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn probabilities(&self, x: &mut [f64]) -> Vec<f64> {
        if let Some(scaling) = &self.metadata.scaling {
            scaling.apply(x);
        }
        fused::probabilities(&self.parameters, x, self.precision)
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a complete model of finite numbers.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::file("read", path))?;
        Self::from_bytes(&bytes).map_err(|message| Error::Content { path: path.to_owned(), message })
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| format!("not a safetensors file: {error}"))?;
        let text = header.metadata().as_ref().and_then(|metadata| metadata.get("petal"));
        let text = text.ok_or("no metadata under the key `petal`: not a model of Petal")?;
        let metadata: Metadata = serde_json::from_str(text).map_err(|error| format!("metadata: {error}"))?;
        if metadata.format != FORMAT {
            return Err(format!("format {}: this version reads format {FORMAT}", metadata.format));
        }
        metadata.check()?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| format!("not a safetensors file: {error}"))?;
        let features = metadata.schema.columns.iter().map(Column::width).sum();
        let hidden = metadata.hidden;
        let read = |name: &str, shape: &[usize]| {
            let view = tensors.tensor(name).map_err(|error| error.to_string())?;
            if view.shape() != shape {
                return Err(format!("{name} has shape {:?}: must be {shape:?}", view.shape()));
            }
            let precision = Precision::from_stored(view.dtype())
                .ok_or_else(|| format!("{name} holds {:?}: must be F32 or F64", view.dtype()))?;
            let values = precision.decode(view.data());
            match values.iter().position(|value| !value.is_finite()) {
                None => Ok((precision, values)),
                Some(place) => Err(format!("{name}[{place}] = {}: must be finite", values[place])),
            }
        };
        let (precision, w1) = read("hidden.weight", &[hidden, features])?;
        let parameters = Parameters {
            features,
            hidden,
            w1: transposed(&w1, features),
            b1: read("hidden.bias", &[hidden])?.1,
            w2: read("output.weight", &[1, hidden])?.1,
            b2: read("output.bias", &[1])?.1,
        };
        Ok(Self { parameters, precision, metadata })
    }
}

impl Precision {
    fn stored(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F64 => Dtype::F64,
        }
    }

    fn from_stored(dtype: Dtype) -> Option<Self> {
        [Self::F32, Self::F64].into_iter().find(|precision| precision.stored() == dtype)
    }

    /// Numbers as little-endian bytes. In an f32 model each number came from an f32, so that none is rounded here.
    fn encode(self, values: &[f64]) -> Vec<u8> {
        match self {
            Self::F32 => values.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect(),
            Self::F64 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn decode(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Self::F32 => bytes.as_chunks().0.iter().map(|&four| f64::from(f32::from_le_bytes(four))).collect(),
            Self::F64 => bytes.as_chunks().0.iter().map(|&eight| f64::from_le_bytes(eight)).collect(),
        }
    }
}
