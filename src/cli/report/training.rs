//! What `petal train` prints about the training of one network: its records, how it ended, and its predictions.

use super::{ScoresColumn, scores};
use crate::data::metrics::Confusion;
use crate::data::split::Part;
use crate::data::text::{fixed, grouped, one_line, plural, short};
use crate::network::Activation;
use crate::run::{PartScores, Results, SplitScores};
use crate::train::{self, Ending, Record, Schedule, Snapshot, ValidationScore};

/// Reports where training continues, or why nothing is left to train. `diverged` says whether the run had diverged.
pub fn resumed(checkpoint: Option<&Snapshot>, diverged: bool, settings: &train::Settings) -> String {
    let Some(snapshot) = checkpoint else {
        return "There is no checkpoint: training starts from the beginning\n".into();
    };
    let update = grouped(snapshot.state.update);
    match snapshot.ending(settings) {
        Some(Ending::StoppedEarly) => format!(
            "Nothing is left to train: the run stopped early after update {update} and will not go further, because \
             train.patience cannot change. Scores and pictures are made again.\n"
        ),
        Some(_) => format!(
            "Nothing is left to train: the run has made all its {update} {}{}. Scores and pictures are made again.\n",
            plural(snapshot.state.update, "update"),
            more_updates(settings)
        ),
        None if diverged => format!(
            "Repeating the updates after update {update}: the run diverged there, and diverges again with the same settings. \
             Start a new run with others.\n"
        ),
        None => format!("Continuing after update {update}\n"),
    }
}

/// How a run that has made all its updates can be given more.
pub(super) fn more_updates(settings: &train::Settings) -> &'static str {
    match settings.schedule {
        Schedule::Constant => "; --set train.updates=... with a larger number goes further",
        _ => "; with a schedule their number cannot change",
    }
}

/// The line of one record.
pub fn record(record: &Record) -> String {
    let Record { update, cost, penalty, accuracy, validation, .. } = record;
    let validation = validation.map_or_else(String::new, |ValidationScore { cost, accuracy }| {
        format!("   validation {}   {:>6.2} %", fixed(cost, 6), 100.0 * accuracy)
    });
    let penalty = if *penalty > 0.0 {
        format!("   penalty {}", short(*penalty))
    } else {
        String::new()
    };
    format!(
        "Cost after update {update:>6}: {}   accuracy {:>6.2} %{validation}{penalty}",
        fixed(*cost, 6),
        100.0 * accuracy
    )
}

/// Reports how training ended, and compares the predictions with those of logistic regression.
pub fn results(results: &Results<'_>) -> String {
    format!("{}\n\n{}{}", ending(results), predictions(results), dead_units(results))
}

/// A sentence about the hidden units that are dead after training, if there are any.
fn dead_units(results: &Results<'_>) -> String {
    const MAX_NAMED: usize = 10;
    let (dead, hidden) = (results.dead_units(), results.run.initial.hidden);
    if results.run.initial.activation != Activation::Relu || dead.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = dead.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let rest = if dead.len() > MAX_NAMED { ", ..." } else { "" };
    format!(
        "\nDead      {} of {hidden} hidden {} ({}{rest}): 0 for every training sample, so without a gradient\n",
        dead.len(),
        plural(hidden, "unit"),
        numbers.join(", ")
    )
}

/// How training ended, and which parameters are kept if this is not obvious.
fn ending(results: &Results<'_>) -> String {
    let (last, kept) = (results.outcome.last(), &results.outcome.kept);
    let kept_sentence = format!(". The parameters after update {} are kept.", grouped(kept.update));
    let if_not_last = if kept.update == last.update { "" } else { &kept_sentence };
    match &results.outcome.ending {
        Ending::Finished => format!("{}{if_not_last}", speed(last)),
        Ending::StoppedEarly => format!("Stopped early: {}{kept_sentence}", speed(last)),
        Ending::Interrupted => format!("{}\nInterrupted: {}{if_not_last}", record(last), speed(last)),
        Ending::Diverged { .. } => divergence(results).unwrap_or_default(),
        Ending::Failed { device, reason } => {
            format!("{}\n{device} failed: {reason}{kept_sentence}", record(last))
        }
    }
}

/// The number of updates, the time and the updates per second.
fn speed(last: &Record) -> String {
    let rate = if last.seconds > 0.0 { last.update as f64 / last.seconds } else { 0.0 };
    format!(
        "{} {} in {:.2} s, {} per second",
        grouped(last.update),
        plural(last.update, "update"),
        last.seconds,
        grouped(rate as usize)
    )
}

/// Why training diverged, and what to change first. `None` if it did not diverge.
pub fn divergence(results: &Results<'_>) -> Option<String> {
    let divergence = results.outcome.divergence.as_ref()?;
    let train::Divergence { update, cost, part, ref parameters, .. } = *divergence;
    let (last, kept, train) = (results.outcome.last(), &results.outcome.kept, &results.run.config.train);
    let reason = if part != Part::Train {
        format!("the cost of the {part} samples became infinite or NaN")
    } else if cost.is_finite() && parameters.are_finite() {
        format!("the cost rose to {}, above train.cost_limit = {}", short(cost), short(train.cost_limit.get()))
    } else {
        "the cost or a parameter became infinite or NaN".to_owned()
    };
    let advice = results.diagnosis.iter().flat_map(|diagnosis| &diagnosis.advice).next();
    let advice = advice.map_or_else(String::new, |advice| format!("{}\n", advice.replace('`', "")));
    Some(format!(
        "Diverged at update {}: {reason}.\n\
         The cost before was {}. The parameters after update {} are kept.\n\
         {advice}More is in divergence.md.",
        grouped(update),
        short(last.cost),
        grouped(kept.update),
    ))
}

/// The quality of the predictions. Without a split it is a small table for the training samples, else the scores of each
/// part.
fn predictions(results: &Results<'_>) -> String {
    if results.scores.validation.is_none() && results.scores.test.is_none() {
        training_predictions(&results.scores.train)
    } else {
        split_predictions(results)
    }
}

fn training_predictions(scores: &PartScores) -> String {
    let PartScores { network, logistic_regression: logistic, .. } = scores;
    format!(
        "Predictions on the training data\n\
         \x20                       Petal               logistic regression\n\
         accuracy              {:>6.2} %                  {:>6.2} %\n\
         \x20                 predicted 0       1      predicted 0       1\n\
         {}\n{}\n",
        100.0 * network.accuracy,
        100.0 * logistic.accuracy,
        confusion_row(0, &network.confusion, &logistic.confusion),
        confusion_row(1, &network.confusion, &logistic.confusion),
    )
}

/// The row of one true class in the confusion matrices of the network and of logistic regression.
fn confusion_row(label: u8, network: &Confusion, logistic: &Confusion) -> String {
    let predicted = |counts: &Confusion| match label {
        0 => [counts.true_negative, counts.false_positive],
        _ => [counts.false_negative, counts.true_positive],
    };
    let [network_0, network_1] = predicted(network);
    let [logistic_0, logistic_1] = predicted(logistic);
    format!("class {label}           {network_0:>11} {network_1:>7}      {logistic_0:>11} {logistic_1:>7}")
}

fn split_predictions(results: &Results<'_>) -> String {
    let SplitScores { threshold, train, validation, test, intervals } = &results.scores;
    let mut columns = vec![ScoresColumn { name: "train", scores: &train.network, intervals: None }];
    if let Some(validation) = validation {
        columns.push(ScoresColumn { name: "validation", scores: &validation.network, intervals: None });
    }
    if let Some(test) = test {
        columns.push(ScoresColumn { name: "test", scores: &test.network, intervals: intervals.as_ref() });
    }

    let (baseline_part, baselines) = results.scores.held_out();
    let logistic = &baselines.logistic_regression;
    columns.push(ScoresColumn { name: "logistic regr.", scores: logistic, intervals: None });
    columns.push(ScoresColumn { name: "majority", scores: &baselines.majority, intervals: None });

    let [zero, one] = results.run.schema.classes.each_ref().map(|class| one_line(class));
    format!(
        "Predictions: class 1 ({one}) where its probability is above {}, else class 0 ({zero}). The last two columns\n\
         are logistic regression and a constant answer, on the {baseline_part} samples.\n\n{}",
        short(*threshold),
        scores(&columns)
    )
}
