//! A trained model as a safetensors file.
//!
//! The tensors have the names and the orientation that PyTorch gives them. Its `load_state_dict` accepts them for a module
//! with `hidden = Linear(d, h)` and `output = Linear(h, 1)`:
//!
//! ```text
//! hidden.weight [h, d] = w1'     hidden.bias [h] = b1
//! output.weight [1, h] = w2'     output.bias [1] = b2
//! ```
//!
//! The metadata has one key, `petal`, with a JSON object ([`Metadata`]). safetensors writes several keys in random order,
//! and the same run must give the same bytes.
//!
//! # Files of unknown origin
//!
//! - The header is read first, up to a limit, and everything in it is checked.
//! - Then exactly as many bytes are read as the checked header says. Memory grows with the bytes that are read, not with
//!   the size that the header claims.
//! - A tensor that is missing, repeated or unknown is an error. Otherwise it would be ignored silently.
//! - Unknown keys of the metadata are ignored, because other programs add their own.
//!
//! The optimiser's velocity is not stored. It is needed only to continue training ([`super::checkpoint`]).

use std::collections::HashMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::{TensorInfo, TensorView};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use super::model_metadata::Metadata;
use crate::data::file_kind::{PEEK_BYTES, file_kind, is_safetensors};
use crate::data::logistic::sigmoid;
use crate::data::schema::Column;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::network::fused_bridge;
use crate::network::{Parameters, transposed};

/// The largest header in bytes. It holds the names of all inputs and the run's configuration.
const HEADER_LIMIT: u64 = 16 << 20;

/// A model with everything that is needed to use it, and with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// The trained parameters.
    pub parameters: Parameters,
    /// The float type of the stored tensors.
    pub precision: Precision,
    /// What the model predicts, from which inputs, and where it comes from.
    pub metadata: Metadata,
}

/// The header of a model file before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeader {
    #[serde(rename = "__metadata__", default)]
    text: RawText,
    #[serde(rename = "hidden.weight")]
    w1: TensorInfo,
    #[serde(rename = "hidden.bias")]
    b1: TensorInfo,
    #[serde(rename = "output.weight")]
    w2: TensorInfo,
    #[serde(rename = "output.bias")]
    b2: TensorInfo,
}

#[derive(Default, Deserialize)]
struct RawText {
    petal: Option<String>,
}

/// A header after it is checked: the tensors have the shapes of the network and follow each other without gaps.
struct Header {
    metadata: Metadata,
    precision: Precision,
    features: usize,
    /// w1, b1, w2 and b2, with the names and shapes of the file.
    tensors: [(&'static str, TensorInfo); 4],
    /// The size of all tensors in bytes.
    size: u64,
}

impl ModelFile {
    /// The contents of the file.
    ///
    /// # Errors
    /// When the parameters are not as many as their sizes require.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Parameters { features, hidden, w1, b1, w2, b2, .. } = &self.parameters;
        let tensors = [
            ("hidden.weight", vec![*hidden, *features], transposed(w1, *hidden)),
            ("hidden.bias", vec![*hidden], b1.clone()),
            // The transpose of a single column has the same numbers in the same order.
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
            .map_err(|error| Error::Encoding(format!("the model cannot be stored: {error}")))
    }

    /// The logit of class 1 for each row of raw inputs. It is not finite if inputs are too large for the float type.
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn logits(&self, x: &[f64]) -> Vec<f64> {
        let scaled = self.metadata.scaling.as_ref().map(|scaling| {
            let mut scaled = x.to_vec();
            scaling.transform(&mut scaled);
            scaled
        });
        fused_bridge::logits(&self.parameters, scaled.as_deref().unwrap_or(x), self.precision)
    }

    /// The probability of class 1 for each row of raw inputs: the sigmoid of [`ModelFile::logits`].
    ///
    /// # Shapes
    /// `x` is `[m, d]` row by row; the result is `[m]`.
    pub fn probabilities(&self, x: &[f64]) -> Vec<f64> {
        self.logits(x).into_iter().map(sigmoid).collect()
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// When the file cannot be read or is not a complete model of finite numbers.
    pub fn load(path: &Path) -> Result<Self> {
        Self::read(File::open(path).map_err(Error::file("read", path))?, path)
    }

    /// Reads a model from any source. Error messages call it `name`.
    ///
    /// # Errors
    /// When it cannot be read or is not a complete model of finite numbers.
    pub fn read(mut source: impl Read, name: &Path) -> Result<Self> {
        let read = |source: &mut dyn Read, count: u64| {
            let mut bytes = Vec::new();
            source
                .take(count)
                .read_to_end(&mut bytes)
                .map(|_| bytes)
                .map_err(Error::file("read", name))
        };
        let refused = |message: String| Error::Content { path: name.to_owned(), message };
        let first = read(&mut source, PEEK_BYTES as u64)?;
        if let Some(message) = other_kind(&first) {
            return Err(refused(message));
        }

        let is_safetensors = is_safetensors(&first);
        let mut source = Cursor::new(first).chain(source);
        let mut next = |count| read(&mut source, count);
        let cut = || refused("not a safetensors file: it ends before its header does".into());
        let length = u64::from_le_bytes(next(8)?.try_into().map_err(|_| cut())?);
        if length > HEADER_LIMIT {
            // In other files, the first 8 bytes are no length.
            return Err(refused(match is_safetensors {
                true => format!("not a model of Petal: a header of {length} bytes: must be at most {HEADER_LIMIT}"),
                false => "not a safetensors file; a model of Petal is a safetensors file, which train writes".into(),
            }));
        }
        let header = next(length)?;
        if header.len() as u64 != length {
            return Err(cut());
        }
        let header = Header::parse(&header).map_err(refused)?;
        // One byte more than expected, to notice if there are more.
        let data = next(header.size.saturating_add(1))?;
        if data.len() as u64 != header.size {
            let there = if data.len() as u64 > header.size {
                "more".to_owned()
            } else {
                data.len().to_string()
            };
            let message = format!(
                "not a safetensors file: the header says {} bytes of tensors, but the file has {there}",
                header.size
            );
            return Err(refused(message));
        }
        header.model(&data).map_err(refused)
    }
}

/// What a file is that is not a safetensors file, if its first bytes show it.
fn other_kind(first: &[u8]) -> Option<String> {
    if is_safetensors(first) {
        return None;
    }
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match file_kind(first) {
        Some(kind) => {
            let advice = kind.advice.unwrap_or("a model of Petal is a safetensors file");
            Some(format!("is {}; {advice}", kind.name))
        }
        // As the length of a header, eight characters are more than 10^17.
        None if first.len() >= 8 && first[..8].iter().all(is_text) => {
            Some("is text; a model of Petal is a safetensors file".into())
        }
        None => None,
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let raw: RawHeader = serde_json::from_slice(bytes).map_err(|error| match error.is_data() {
            true if is_checkpoint(bytes) => {
                "this is a checkpoint; the model is model.safetensors in the same folder. A sweep has no models: train the run that \
                 you want alone".into()
            }
            true => format!("not a model of Petal: {error}"),
            false => format!("not a safetensors file: {error}"),
        })?;
        let text = raw
            .text
            .petal
            .ok_or("no metadata under the key `petal`: not a model of Petal")?;
        let metadata = Metadata::parse(&text)?;
        let (features, hidden) = (metadata.schema.columns.iter().map(Column::width).sum(), metadata.hidden);
        let precision = Precision::from_stored(raw.w1.dtype)
            .ok_or_else(|| format!("hidden.weight holds {:?}: must be F32 or F64", raw.w1.dtype))?;
        let tensors = [
            ("hidden.weight", raw.w1, vec![hidden, features]),
            ("hidden.bias", raw.b1, vec![hidden]),
            ("output.weight", raw.w2, vec![1, hidden]),
            ("output.bias", raw.b2, vec![1]),
        ];
        for (name, info, shape) in &tensors {
            if &info.shape != shape {
                return Err(format!("{name} has shape {:?}: must be {shape:?}", info.shape));
            }
            if info.dtype != precision.stored() {
                let must = precision.stored();
                return Err(format!("{name} holds {:?}: must be {must:?}, as hidden.weight is", info.dtype));
            }
        }
        let tensors = tensors.map(|(name, info, _)| (name, info));
        // safetensors checks that the tensors, in the order of their offsets, fit their shapes and leave no gaps.
        let mut placed: Vec<_> = tensors.iter().map(|(name, info)| ((*name).to_owned(), info.clone())).collect();
        placed.sort_by_key(|(_, info)| info.data_offsets);
        let size = safetensors::tensor::Metadata::new(None, placed)
            .map_err(|error| format!("not a safetensors file: {error}"))?
            .data_len() as u64;
        Ok(Self { metadata, precision, features, tensors, size })
    }

    /// The model, given the `size` bytes of the tensors.
    fn model(self, data: &[u8]) -> Result<ModelFile, String> {
        let Self { metadata, precision, features, tensors, .. } = self;
        let tensors = tensors
            .map(|(name, TensorInfo { data_offsets: (start, end), .. })| (name, precision.decode(&data[start..end])));
        for (name, values) in &tensors {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(format!("{name}[{index}] = {}: must be finite", values[index]));
            }
        }
        let [w1, b1, w2, b2] = tensors.map(|(_, values)| values);
        let parameters = Parameters {
            features,
            hidden: metadata.hidden,
            activation: metadata.activations.0,
            w1: transposed(&w1, features),
            b1,
            w2,
            b2,
        };
        Ok(ModelFile { parameters, precision, metadata })
    }
}

/// Whether a header of a safetensors file is that of a checkpoint.
fn is_checkpoint(header: &[u8]) -> bool {
    let names: Result<HashMap<String, IgnoredAny>, _> = serde_json::from_slice(header);
    names.is_ok_and(|names| names.keys().any(|name| name.ends_with(".parameters")))
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

    /// Numbers as little-endian bytes of this type. The numbers of an f32 model fit f32, so they are not changed.
    pub(crate) fn encode(self, values: &[f64]) -> Vec<u8> {
        match self {
            Self::F32 => values.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect(),
            Self::F64 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    pub(crate) fn decode(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Self::F32 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|&four| f64::from(f32::from_le_bytes(four)))
                .collect(),
            Self::F64 => bytes.as_chunks().0.iter().map(|&eight| f64::from_le_bytes(eight)).collect(),
        }
    }
}
