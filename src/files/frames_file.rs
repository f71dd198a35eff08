//! The frames of a training run as a safetensors file, beside the checkpoint that they belong to.
//!
//! ```text
//! updates           [frames], the number of updates made
//! parameters        [frames, n], w1 [d, h], b1, w2, b2 one after the other, row by row
//! ```
//!
//! All numbers are f64. The metadata have one key, `state`, with the SHA-256 of the checkpoint's update and parameters. The file
//! is written before its checkpoint. If a program is killed between the two, the fingerprint does not fit. It leaves out the
//! seconds of the checkpoint, so the same training gives the same bytes.
//!
//! The file saves time only: training again gives the same frames. So a file that does not fit counts as none.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use crate::data::bytes_fingerprint;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::network::Parameters;
use crate::train::{Frame, Frames, Snapshot, TrainingState};

/// The key of the fingerprint.
const STATE: &str = "state";

/// The file's name in the folder of a run, from the name of the checkpoint.
pub fn file_name(checkpoint: &str) -> String {
    checkpoint.replacen("checkpoint", "frames", 1)
}

/// The contents of the file for the frames of a training run up to this state.
///
/// # Errors
/// When they cannot be stored.
pub fn to_bytes(frames: &[Frame], state: &TrainingState) -> Result<Vec<u8>> {
    let updates: Vec<f64> = frames.iter().map(|frame| frame.update as f64).collect();
    let parameters: Vec<f64> = frames.iter().flat_map(|frame| frame.parameters.flattened()).collect();
    let count = frames.first().map_or(0, |frame| frame.parameters.count());
    serialized(&updates, &parameters, count, state)
        .map_err(|error| Error::Encoding(format!("the frames cannot be stored: {error}")))
}

/// The fingerprint of a state of training.
fn fingerprint(state: &TrainingState) -> String {
    let update = state.update.to_le_bytes().to_vec();
    bytes_fingerprint([update, Precision::F64.encode(&state.parameters.flattened())].concat())
}

fn serialized(
    updates: &[f64],
    parameters: &[f64],
    count: usize,
    state: &TrainingState,
) -> Result<Vec<u8>, SafeTensorError> {
    let [updates_bytes, parameters_bytes] = [updates, parameters].map(|numbers| Precision::F64.encode(numbers));
    let tensors = [
        ("updates", TensorView::new(Dtype::F64, vec![updates.len()], &updates_bytes)?),
        ("parameters", TensorView::new(Dtype::F64, vec![updates.len(), count], &parameters_bytes)?),
    ];
    let metadata = HashMap::from([(STATE.to_owned(), fingerprint(state))]);
    safetensors::serialize(tensors, Some(metadata))
}

/// The frames that belong to a checkpoint in the folder of a run. `None` if there is no file, or it
/// belongs to another checkpoint.
pub fn load(folder: &Path, checkpoint: &str, snapshot: &Snapshot) -> Option<Frames> {
    let bytes = fs::read(folder.join(file_name(checkpoint))).ok()?;
    parse(&bytes, &snapshot.state)
}

fn parse(bytes: &[u8], state: &TrainingState) -> Option<Frames> {
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    if header.metadata().as_ref()?.get(STATE)? != &fingerprint(state) {
        return None;
    }

    let Parameters { features, hidden, activation, .. } = state.parameters;
    let count = state.parameters.count();
    let file = SafeTensors::deserialize(bytes).ok()?;
    let numbers = |name: &str, shape: &[usize]| {
        let tensor = file.tensor(name).ok()?;
        (tensor.dtype() == Dtype::F64 && tensor.shape() == shape).then(|| Precision::F64.decode(tensor.data()))
    };
    let frames = file.tensor("updates").ok()?.shape().iter().product();
    let (updates, parameters) = (numbers("updates", &[frames])?, numbers("parameters", &[frames, count])?);
    if parameters.iter().any(|value| !value.is_finite()) {
        return None;
    }

    let frame = |(update, numbers): (&f64, &[f64])| Frame {
        update: *update as usize,
        parameters: Parameters::from_flattened(features, hidden, activation, numbers),
    };
    let kept = updates.iter().zip(parameters.chunks_exact(count)).map(frame).collect();
    Frames::restored(kept, state.update, count)
}
