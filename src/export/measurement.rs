//! How far exported models are from Petal's own prediction.

use super::evaluator::{Evaluator, Form};
use super::onnx::beyond_f32;
use super::points::{BEYOND, Region, spread};
use crate::data::InputRanges;
use crate::data::logistic::sigmoid;
use crate::data::text::{one_line, short};
use crate::data::vector::max_norm;
use crate::device::Precision;
use crate::error::{Error, Result};
use crate::files::model_file::ModelFile;
use crate::network::Parameters;

/// A model is not exported in a form that differs by more than this from Petal's probability.
pub const LIMIT: f64 = 1e-4;
/// The bound in relation to the largest difference that was measured.
pub const FACTOR: f64 = 4.0;
/// A probability differs by at most 1. This also stands for an exported model that cannot compute one where Petal can.
const NO_PROBABILITY: f64 = 1.0;
/// The work of a measurement in multiplications for each form and region, which is half a second of a large network.
const WORK: usize = 50_000_000;

/// The largest difference between the probabilities of each form and those of [`ModelFile::probabilities`], over the rows
/// whose logit is finite.
pub struct Measurement<'a> {
    model: &'a ModelFile,
    forms: [(Evaluator, f64); 3],
    ranges: InputRanges,
    rows: usize,
}

impl<'a> Measurement<'a> {
    /// A measurement without rows. It knows the ranges of the model file, if these are there.
    pub fn new(model: &'a ModelFile) -> Self {
        let forms = [Form::Onnx(Precision::F32), Form::Onnx(Precision::F64), Form::Code];
        let ranges = model.metadata.ranges.clone();
        Self {
            model,
            forms: forms.map(|form| (Evaluator::new(model, form), 0.0)),
            ranges: ranges.unwrap_or_else(|| InputRanges::empty(model.parameters.features)),
            rows: 0,
        }
    }

    /// Compares at these rows of raw inputs, `[m, d]`, and widens the ranges to contain them.
    pub fn add_rows(&mut self, x: &[f64]) {
        self.compare(x);
        self.ranges = self.ranges.clone().with_rows(x);
    }

    /// Compares at rows that are spread over the ranges of the model file, and over those that [`Self::add_rows`] has widened.
    /// Without ranges it does nothing.
    pub fn add_spread(&mut self) {
        let (model, widened) = (self.model, self.ranges.clone());
        let pairs = (WORK / model.parameters.count() / 2).clamp(32, 8_192);
        let own = model.metadata.ranges.as_ref().filter(|&own| *own != widened);
        let spreads = own.into_iter().map(|own| (own, Region::Ranges));
        for (ranges, region) in spreads.chain([(&widened, Region::Ranges), (&widened, Region::Active)]) {
            if ranges.are_valid(model.parameters.features) {
                self.compare(&spread(model, ranges, region, pairs));
            }
        }
    }

    fn compare(&mut self, x: &[f64]) {
        let rows = x.chunks_exact(self.model.parameters.features).zip(self.model.logits(x));
        // Where Petal has no prediction there is nothing to compare with.
        for (row, logit) in rows.filter(|(_, logit)| logit.is_finite()) {
            let petal = sigmoid(logit);
            self.rows += 1;
            for (evaluator, largest) in &mut self.forms {
                let exported = evaluator.probability(row);
                let difference = exported.map_or(NO_PROBABILITY, |exported| (exported - petal).abs());
                *largest = largest.max(difference);
            }
        }
    }

    /// The number of rows at which the forms were compared. If it is 0, nothing was measured.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The largest difference of a form.
    pub fn largest(&self, form: Form) -> f64 {
        let found = self.forms.iter().find(|(evaluator, _)| evaluator.form() == form);
        found.map_or(NO_PROBABILITY, |(_, largest)| *largest)
    }

    /// A bound of the difference: four times the largest one, and one rounding of a number near 1, rounded up to two digits.
    ///
    /// The factor leaves room for rows between those that were compared, and for runtimes that add in another order or
    /// approximate tanh and the sigmoid in another way. `docs/export.md` says how it was found.
    pub fn bound(&self, form: Form) -> f64 {
        let bound = FACTOR * self.largest(form) + form.precision().epsilon();
        let digit = 10_f64.powf(bound.log10().floor() - 1.0);
        (bound / digit).ceil() * digit
    }

    /// The float type of an ONNX graph that nobody chose: f32 if its probabilities are near Petal's, otherwise f64.
    pub fn default_precision(&self) -> Precision {
        let is_near = self.rows > 0 && self.largest(Form::Onnx(Precision::F32)) <= LIMIT;
        if is_near { Precision::F32 } else { Precision::F64 }
    }

    /// Refuses a form that differs by much from Petal. `file` is how messages call it, `f64_advice` how to get f64.
    ///
    /// # Errors
    /// When the largest difference is above [`LIMIT`].
    pub fn check(&self, form: Form, file: &str, f64_advice: &str) -> Result<()> {
        let difference = self.largest(form);
        if difference <= LIMIT {
            return Ok(());
        }
        let advice = if form.precision() == Precision::F32 { f64_advice } else { "" };
        let ([difference, limit], reason) = ([difference, LIMIT].map(short), self.reason(form));
        let precision = form.precision();
        Err(Error::Encoding(format!(
            "{file}: its probabilities in {precision} would differ from Petal's by up to {difference}, more than {limit}: \
             {reason}{advice}"
        )))
    }

    /// Why a form differs by much.
    pub fn reason(&self, form: Form) -> String {
        if form.precision() == Precision::F64 {
            return match self.model.precision {
                Precision::F32 => {
                    "Petal computes this model in f32, which rounds more; train it with dtype = \"f64\"".into()
                }
                Precision::F64 => self.large_input().unwrap_or_else(|| {
                    "the weights are so large that the rounding of f64 changes the probability; train it with a \
                     train.weight_decay above 0, which keeps weights small"
                        .into()
                }),
            };
        }
        let reason = beyond_f32(self.model).or_else(|| self.rounded_input());
        reason.unwrap_or_else(|| "the weights are so large that the rounding of f32 changes the probability".into())
    }

    /// The input that is largest after scaling, if it is larger than all weights.
    fn large_input(&self) -> Option<String> {
        let InputRanges { min, max } = &self.ranges;
        let names = self.model.metadata.schema.inputs();
        let scaled = |i: usize| {
            let scaling = self.model.metadata.scaling.as_ref();
            let ends = [min[i], max[i]].map(|end| scaling.map_or(end, |scaling| scaling.scaled(i, end)).abs());
            ends[0].max(ends[1])
        };
        let largest = (0..names.len()).max_by(|&a, &b| scaled(a).total_cmp(&scaled(b)))?;
        let Parameters { w1, w2, .. } = &self.model.parameters;
        (scaled(largest) > max_norm(w1).max(max_norm(w2))).then(|| {
            format!(
                "input {:?}, from {:?} to {:?}, is so large that the rounding of f64 changes the probability",
                one_line(&names[largest]),
                min[largest],
                max[largest]
            )
        })
    }

    /// The input that rounding to f32 changes most, in relation to its range. `None` if every change is too small to matter.
    fn rounded_input(&self) -> Option<String> {
        let InputRanges { min, max } = &self.ranges;
        let names = self.model.metadata.schema.inputs();
        let largest = |i: usize| (1.0 + 2.0 * BEYOND) * min[i].abs().max(max[i].abs());
        if let Some(i) = (0..names.len()).find(|&i| (largest(i) as f32).is_infinite()) {
            let name = one_line(&names[i]);
            return Some(format!("input {name:?}, from {:?} to {:?}, is too large for f32", min[i], max[i]));
        }
        // Half the distance between two numbers of f32 near the largest value.
        let rounding = |i: usize| {
            let largest = min[i].abs().max(max[i].abs()) as f32;
            f64::from(largest.next_up() - largest) / 2.0
        };
        let lost = |i: usize| if max[i] > min[i] { rounding(i) / (max[i] - min[i]) } else { 0.0 };
        let worst = (0..names.len()).max_by(|&a, &b| lost(a).total_cmp(&lost(b)))?;
        (lost(worst) > LIMIT / 100.0).then(|| {
            format!(
                "f32 has 7 digits; it changes input {:?}, from {} to {}, by up to {}",
                one_line(&names[worst]),
                min[worst],
                max[worst],
                short(rounding(worst))
            )
        })
    }
}
