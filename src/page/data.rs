//! The numbers that the scripts of a page compute with, as JSON. `js/run.js` describes and reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};

use crate::device::Precision;
use crate::network::Activation;
use crate::train::Schedule;

/// The version of the data. `js/run.js` refuses any other.
pub const FORMAT: u32 = 1;

/// The page of a run, as numbers.
#[derive(Clone, Debug, Serialize)]
pub struct RunData {
    /// The version of these data.
    pub format: u32,
    /// The data set.
    #[serde(flatten)]
    pub data: DataSet,
    /// The training.
    #[serde(flatten)]
    pub trained: TrainedRun,
}

/// The page of a sweep, as numbers.
#[derive(Clone, Debug, Serialize)]
pub struct SweepData {
    /// The version of these data.
    pub format: u32,
    /// The data sets.
    pub data: Vec<DataSet>,
    /// The runs.
    pub sweep: Vec<RunOfSweep>,
    /// How many runs are in a row of the grid, if its rows and columns are the values of two keys.
    pub columns: Option<usize>,
    /// The part of the samples by which the runs are compared: 0 for training, 1 for validation.
    pub compared_part: usize,
}

/// A run of a sweep.
#[derive(Clone, Debug, Serialize)]
pub struct RunOfSweep {
    /// Its data set.
    pub data: usize,
    /// The keys with their values.
    pub name: String,
    /// The values alone.
    pub label: String,
    /// The training.
    #[serde(flatten)]
    pub trained: TrainedRun,
}

/// A data set, as the network gets it.
#[derive(Clone, Debug, Serialize)]
pub struct DataSet {
    /// The names of class 0 and class 1.
    pub classes: [String; 2],
    /// The inputs of the network, `[d]`.
    pub inputs: Vec<Input>,
    /// The samples in the page.
    pub samples: Samples,
    /// The planes that pictures may show, for more than two inputs.
    pub slices: Vec<Slice>,
}

/// A training, as numbers.
#[derive(Clone, Debug, Serialize)]
pub struct TrainedRun {
    /// The size of the network.
    pub network: NetworkSize,
    /// How it was trained.
    pub training: Training,
    /// The parameters after chosen updates.
    pub frames: FrameData,
    /// The records.
    pub history: History,
    /// Class 1 is predicted above this probability.
    pub threshold: f64,
    /// The update at which training diverged.
    pub divergence: Option<DivergedAt>,
}

/// An input of the network. The value in the table is `shift + scale * x`.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What standardisation subtracted.
    pub shift: f64,
    /// What it divided by.
    pub scale: f64,
    /// The mean of the training samples, as the network gets them.
    pub mean: f64,
}

/// The size of the network.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkSize {
    /// The number of hidden units.
    pub hidden: usize,
    /// Their activation function.
    pub activation: Activation,
}

/// How the network was trained.
#[derive(Clone, Debug, Serialize)]
pub struct Training {
    /// The updates made.
    pub updates: usize,
    /// The updates that the schedule of the learning rate counts with.
    pub planned_updates: usize,
    /// The update whose parameters are in the model file.
    pub kept_update: usize,
    /// The first learning rate.
    pub learning_rate: f64,
    /// The last one, if it changes.
    pub final_learning_rate: Option<f64>,
    /// How it changes.
    pub schedule: Schedule,
    /// The factor of the L2 penalty.
    pub weight_decay: f64,
    /// The momentum.
    pub momentum: f64,
    /// The size of a mini-batch, if there are some.
    pub batch_size: Option<usize>,
    /// The engine.
    pub engine: String,
    /// The float type.
    pub dtype: Precision,
    /// The seed of the initial weights.
    pub seed: u32,
}

/// The parameters after chosen updates.
#[derive(Clone, Debug, Serialize)]
pub struct FrameData {
    /// The updates, `[frames]`.
    pub updates: Vec<usize>,
    /// w1, b1, w2, b2 of each, `[frames, P]`.
    pub parameters: Numbers,
}

/// The curves, each list with one number for each update of `updates`.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    /// The updates.
    pub updates: Vec<usize>,
    /// The cost on the training samples.
    pub cost: Numbers,
    /// The cost on the validation samples.
    pub validation_cost: Option<Numbers>,
    /// The accuracy on the training samples.
    pub accuracy: Numbers,
    /// The accuracy on the validation samples.
    pub validation_accuracy: Option<Numbers>,
    /// The largest eigenvalue of the Hessian; NaN where it was not computed.
    pub sharpness: Option<Numbers>,
    /// The norm of the gradient.
    pub gradient_norm: Option<Numbers>,
}

/// The samples in the page.
#[derive(Clone, Debug, Serialize)]
pub struct Samples {
    /// The inputs, `[n, d]`.
    pub x: Numbers,
    /// The labels, one digit each.
    pub y: String,
    /// How many of them are for training, validation and test, in this order.
    pub parts: [usize; 3],
    /// How many there are in all.
    pub totals: [usize; 3],
    /// The index of each within its part, if not all are in the page.
    pub rows: Option<Vec<usize>>,
}

/// A plane in the space of the inputs.
#[derive(Clone, Debug, Serialize)]
pub struct Slice {
    /// Its name.
    pub name: String,
    /// The names of its axes.
    pub axes: [String; 2],
    /// A point of the plane, `[d]`.
    pub origin: Numbers,
    /// Two orthogonal directions of length 1, `[2, d]`.
    pub directions: Numbers,
}

/// The update at which training diverged.
#[derive(Clone, Debug, Serialize)]
pub struct DivergedAt {
    /// The number of updates including the one that was taken back.
    pub update: usize,
}

/// Numbers that are written as the base64 text of their bytes, little-endian. So no digit is lost, and the text is shorter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers(pub Vec<f64>);

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(Precision::F64.encode(&self.0)))
    }
}

impl FromIterator<f64> for Numbers {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

/// Data as JSON that can stand inside an HTML element: no name can end the element.
pub(super) fn embedded_json(data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).unwrap_or_else(|_| unreachable!("strings and numbers only"));
    json.replace('<', "\\u003c")
}
