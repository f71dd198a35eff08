//! The answer about a program's numbers: a table, then each mistake in words.

use std::fmt;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::convention::{Convention, Kink};
use super::judgement::judge_best;
use super::layout::Layout;
use super::point::Point;
use super::quantity::Quantity;
use super::shapes::shape_notes;
use super::submission::Submission;
use super::verdict::{Cause, Example, Finding, Judgement, Status, Verdict};
use crate::data::text::{grouped, one_line, plural, short};
use crate::device::Precision;
use crate::files::array_file::StoredArray;
use crate::network::Activation;

/// The judgement of a program's numbers, ready to print.
#[derive(Clone, Debug)]
pub struct Report {
    /// One line for each quantity, in the order of the listing.
    pub quantities: Vec<QuantityReport>,
    /// The mistakes, in the order of the listing.
    pub mistakes: Vec<MistakeReport>,
    /// What else should be known, in sentences.
    pub notes: Vec<String>,
    layout: Layout,
    sizes: String,
}

/// What is said about one quantity.
#[derive(Clone, Debug)]
pub struct QuantityReport {
    /// Its name in the program's file, or in its layout.
    pub name: String,
    /// `ok`, `follows`, `WRONG` or `-`.
    pub status: &'static str,
}

/// A mistake in words.
#[derive(Clone, Debug)]
pub struct MistakeReport {
    /// The name of the quantity whose line has the mistake.
    pub line: String,
    /// Whether the program stored this quantity. Otherwise the mistake was found by later ones.
    pub line_is_given: bool,
    /// The quantities that show it.
    pub shown_by: Vec<String>,
    /// What is wrong, as a sentence.
    pub sentence: String,
    /// Other mistakes that lead to the same numbers, as sentences.
    pub alternatives: Vec<String>,
    /// The right line.
    pub formula: String,
    /// One element, worked out.
    pub example: Option<Example>,
    /// The later quantities that are computed rightly from the wrong ones.
    pub followers: Vec<String>,
}

impl Report {
    /// Judges the arrays of a program against a point, which was stored in a float type.
    ///
    /// # Errors
    /// When no array has a known name, or two arrays are the same quantity.
    pub fn new(point: &Point, precision: Precision, arrays: &[StoredArray]) -> Result<Self, String> {
        let submissions = Submission::recognise(arrays, point.sizes, precision == Precision::F32)?;
        let (judgement, submission) = judge_best(point, &submissions);
        let sizes = point.sizes;
        let activation = match point.activation {
            Activation::Tanh => String::new(),
            other => format!(" ({other})"),
        };
        Ok(Self {
            quantities: quantities(&judgement, submission),
            mistakes: mistakes(&judgement, submission, point),
            notes: notes(point, submission, &judgement),
            layout: submission.layout,
            sizes: format!(
                "{} {}, {} hidden {}{}, {} {}",
                grouped(sizes.features),
                plural(sizes.features, "feature"),
                grouped(sizes.hidden),
                plural(sizes.hidden, "unit"),
                activation,
                grouped(sizes.samples),
                plural(sizes.samples, "sample")
            ),
        })
    }

    /// Whether everything that is there is right.
    pub fn agrees(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Value {
        let quantities = self
            .quantities
            .iter()
            .map(|quantity| (quantity.name.clone(), json!(quantity.status.to_lowercase())));
        let mistakes = self.mistakes.iter().map(|mistake| {
            let example = mistake.example.as_ref().map(|example| {
                json!({
                    "element": example.element,
                    "right": finite(example.right.value),
                    "given": finite(example.given),
                    "right_formula": example.right.symbols,
                    "right_numbers": example.right.numbers,
                    "wrong_formula": example.wrong.as_ref().map(|wrong| &wrong.symbols),
                    "wrong_numbers": example.wrong.as_ref().map(|wrong| &wrong.numbers),
                })
            });
            json!({
                "line": mistake.line,
                "shown_by": mistake.shown_by,
                "sentence": mistake.sentence,
                "alternatives": mistake.alternatives,
                "formula": mistake.formula,
                "example": example,
                "followers": mistake.followers,
            })
        });
        json!({
            "agrees": self.agrees(),
            "layout": self.layout.to_string(),
            "quantities": quantities.collect::<serde_json::Map<_, _>>(),
            "mistakes": mistakes.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let samples = if self.layout == Layout::Article { "columns" } else { "rows" };
        writeln!(f, "{}; samples are {samples}\n", self.sizes)?;
        let width = self.quantities.iter().map(|quantity| quantity.name.len()).max().unwrap_or(0);
        for QuantityReport { name, status } in &self.quantities {
            writeln!(f, "  {name:<width$}  {status}")?;
        }

        for (i, mistake) in self.mistakes.iter().enumerate() {
            f.write_str(if i == 0 { "\n" } else { "\nAnother mistake: " })?;
            write!(f, "{mistake}")?;
        }
        for note in &self.notes {
            writeln!(f, "\nNote: {note}")?;
        }
        match self.mistakes.len() {
            0 => write!(f, "\nEverything that is there is right."),
            _ => write!(f, "\nMend the first mistake, then check again."),
        }
    }
}

impl fmt::Display for MistakeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sentence)?;
        for alternative in &self.alternatives {
            writeln!(f, "Or, with the same numbers: {alternative}")?;
        }
        writeln!(f, "\n  the right line  {}", self.formula)?;

        if let Some(Example { element, right, wrong, given }) = &self.example {
            writeln!(f, "\n  {element} =")?;
            writeln!(
                f,
                "    right   {}\n          = {}\n          = {}",
                right.symbols,
                right.numbers,
                short(right.value)
            )?;
            match wrong {
                Some(wrong) => {
                    writeln!(
                        f,
                        "    yours   {}\n          = {}\n          = {}",
                        wrong.symbols,
                        wrong.numbers,
                        short(*given)
                    )?;
                }
                None => writeln!(f, "    yours   {}", short(*given))?,
            }
        }
        if !self.followers.is_empty() {
            let (verb, subject) = if self.followers.len() == 1 {
                ("follows", "it is")
            } else {
                ("follow", "they are")
            };
            let followers = self.followers.join(", ");
            writeln!(f, "\n{followers} {verb} from this: {subject} computed rightly from wrong numbers.")?;
        }
        Ok(())
    }
}

/// JSON has no NaN and no infinity.
fn finite(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

fn quantities(judgement: &Judgement, submission: &Submission<'_>) -> Vec<QuantityReport> {
    let report = |verdict: &Verdict| QuantityReport {
        name: one_line(submission.name(verdict.quantity)),
        status: match verdict.status {
            Status::Absent => "-",
            Status::Agrees => "ok",
            Status::Follows => "follows",
            Status::Wrong(_) => "WRONG",
        },
    };
    judgement.verdicts.iter().map(report).collect()
}

fn mistakes(judgement: &Judgement, submission: &Submission<'_>, point: &Point) -> Vec<MistakeReport> {
    let found = judgement.mistakes();
    // A quantity that follows does so from the mistakes before it: it is told with the last one of them.
    let mut followers: Vec<Vec<String>> = vec![Vec::new(); found.len()];
    for verdict in judgement
        .verdicts
        .iter()
        .filter(|verdict| matches!(verdict.status, Status::Follows))
    {
        let before = found.iter().rposition(|(finding, _)| {
            finding.line < verdict.quantity && finding.line != Quantity::Cost && finding.cause != Cause::Overwritten
        });
        if let Some(before) = before {
            followers[before].push(one_line(submission.name(verdict.quantity)));
        }
    }
    let reports = found.into_iter().zip(followers).map(|((finding, quantities), followers)| {
        mistake_report(finding, &quantities, followers, judgement.convention, submission, point)
    });
    reports.collect()
}

fn mistake_report(
    finding: &Finding,
    quantities: &[Quantity],
    followers: Vec<String>,
    convention: Convention,
    submission: &Submission<'_>,
    point: &Point,
) -> MistakeReport {
    let layout = submission.layout;
    let name = |quantity: Quantity| one_line(submission.name(quantity));
    let line_is_given = submission.get(finding.line).is_some();
    let shown_by: Vec<String> = quantities.iter().map(|&quantity| name(quantity)).collect();

    let mut sentence = String::new();
    // Writing to a String cannot fail.
    if finding.cause == Cause::SavedAgain {
        let (are, subject) = if shown_by.len() == 1 { ("is", "it has") } else { ("are", "they have") };
        let names = shown_by.join(", ");
        let _ = write!(
            sentence,
            "{names} {are} unchanged: the input was saved again. Save them after the update; {subject} the values of before it."
        );
    } else if finding.cause == Cause::Overwritten {
        let verb = if shown_by.len() == 1 { "belongs" } else { "belong" };
        let names = shown_by.join(", ");
        let _ = write!(
            sentence,
            "{names} {verb} to the parameters after the update: the forward pass was run again before saving. Save what the \
             update was computed from."
        );
    } else {
        let description = finding.describe(layout, convention, point.activation);
        let _ = write!(sentence, "{} is wrong: {description}.", name(finding.line));
        let others: Vec<&str> = quantities
            .iter()
            .zip(&shown_by)
            .filter(|(quantity, _)| **quantity != finding.line)
            .map(|(_, name)| &name[..])
            .collect();
        if !line_is_given {
            let verb = if others.len() == 1 { "shows" } else { "show" };
            let _ = write!(sentence, " It is not stored; {} {verb} it.", others.join(", "));
        } else if !others.is_empty() {
            let _ = write!(sentence, " The same mistake is in {}.", others.join(", "));
        }
    }

    let alternative = |&(line, mistake): &(Quantity, super::mistakes::Mistake)| {
        format!("{}: {}.", name(line), mistake.describe(line, layout, convention, point.activation))
    };
    let decays = point.weight_decay != 0.0 && !convention.decays_in_update;
    MistakeReport {
        line: name(finding.line),
        line_is_given,
        shown_by,
        sentence,
        alternatives: finding.alternatives.iter().map(alternative).collect(),
        formula: layout.formula(finding.line, point.activation, convention, decays),
        example: finding.example.clone(),
        followers,
    }
}

fn notes(point: &Point, submission: &Submission<'_>, judgement: &Judgement) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, nearest) in &submission.unknown {
        let hint = nearest.map_or_else(String::new, |nearest| format!(" Did you mean {nearest}?"));
        notes.push(format!("{} is not checked: the name is unknown.{hint}", one_line(name)));
    }

    let single = submission.single_point
        || Quantity::ALL
            .iter()
            .any(|&quantity| submission.get(quantity).is_some_and(|given| given.single));
    for (input, array) in &submission.inputs {
        let tolerance = if single { 1e-6 } else { 0.0 };
        let differs = |expected: &[f64], given: &[f64]| {
            expected.len() != given.len()
                || expected.iter().zip(given).any(|(a, b)| !((a - b).abs() <= tolerance * a.abs()))
        };
        let expected = point.values(*input).unwrap_or_default();
        let same = Layout::ALL.iter().any(|layout| {
            let expected = layout.array("", input.axes(), point.sizes, expected);
            !differs(&expected.values, &array.values)
        });
        if !same {
            notes.push(format!("{} is not that of the point.", one_line(&array.name)));
        }
    }

    notes.extend(shape_notes(submission, point.sizes).iter().map(|note| one_line(note)));
    if !judgement.too_small.is_empty() {
        let names: Vec<String> = judgement
            .too_small
            .iter()
            .map(|&quantity| one_line(submission.name(quantity)))
            .collect();
        let (dtype, verb) = (if single { "float32" } else { "float64" }, if names.len() == 1 { "is" } else { "are" });
        notes.push(format!(
            "{} {verb} not really checked: in {dtype}, rounding may be more than a fifth of most of these numbers (of the step, \
             for an updated parameter). Compute in float64, or take another update.",
            names.join(", ")
        ));
    }

    let stored = |quantity: Quantity| submission.get(quantity).is_some();
    let has_updated_weight = stored(Quantity::W1) || stored(Quantity::W2);
    if judgement.agrees() && judgement.convention.decays_in_update && !has_updated_weight {
        notes.push(
            "the gradients of the weights are without weight_decay: the update must add weight_decay * W.".into(),
        );
    }
    if judgement.convention.kink != Kink::Zero {
        let z1 = one_line(submission.name(Quantity::Z1));
        notes.push(format!(
            "where {z1} is 0, ReLU has a kink and no derivative. Yours is {} there, and that of PyTorch, JAX and Petal is 0. Both \
             are right.",
            judgement.convention.kink.derivative()
        ));
    }
    let biases = point.parameters.b1.iter().chain(&point.parameters.b2);
    if judgement.agrees() && biases.copied().all(|bias| bias == 0.0) {
        notes.push(
            "all biases are 0 here, so that a forgotten bias cannot be seen. Try a later update, with --at 100.".into(),
        );
    }
    if judgement.agrees() && point.y.iter().all(|&y| y == point.y[0]) && point.sizes.samples > 1 {
        notes.push("all labels are equal here, so that some mistakes cannot be seen.".into());
    }
    notes
}
