//! What a run says on the terminal, as text.
//!
//! Leaves out: printing it.

mod devices;
mod parity;
mod scores;

use std::path::Path;

pub use devices::{devices, devices_json, serving};
pub use parity::parity;
pub use scores::{ScoresColumn, scores};

use crate::config::Config;
use crate::data::Dataset;
use crate::device::{Backend, Choice, Name};
use crate::folder::RunFolder;
use crate::fused;
use crate::gradients::Engine;
use crate::metrics::Confusion;
use crate::model::Parameters;
use crate::plot::{StepCurve, StepSweep};
use crate::run::{Results, Run, SweepRow, Timing};
use crate::text::{grouped, plural, short};
use crate::train::{self, Ending, Record};

/// Before training: what the run is made of.
pub fn opening(run: &Run) -> String {
    let Run { config, data, initial, .. } = run;
    let Config { device, dtype, model, train, .. } = config;
    let (data_line, features) = (data_line(config, data), data.features());
    let auto = run.timings.as_ref().map_or_else(String::new, |timings| auto_line(device, timings));
    let task = format!(
        "Training  {} full-batch updates, learning rate {}, gradients by {}, {dtype} on {}{auto}",
        grouped(train.updates.get()),
        short(train.learning_rate.get()),
        train.engine,
        match train.engine {
            Engine::Fused => format!("the CPU ({})", fused::instructions()),
            Engine::Autodiff | Engine::Manual => device.to_string(),
        },
    );
    if let Some(sweep) = &config.sweep {
        let sizes = sweep.hidden.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return format!(
            "{data_line}\nNetworks  {features} features, then {sizes} hidden units (tanh), 1 output (sigmoid)\n{task}\n"
        );
    }
    let Parameters { hidden, .. } = initial;
    format!(
        "{data_line}\n\
         Network   {features} features, {hidden} hidden {} (tanh), 1 output (sigmoid): {} parameters\n\
         \x20         W1 [{features}, {hidden}]   b1 [{hidden}]   W2 [{hidden}, 1]   b2 [1]   X [{samples}, {features}]   Y [{samples}, 1]\n\
         Start     weights normal x {} (seed {}), biases zero\n\
         {task}\n",
        plural(*hidden, "unit"),
        grouped(initial.count()),
        model.init_scale,
        model.seed,
        samples = data.samples(),
    )
}

/// What `auto` took, and why.
fn auto_line(device: &Choice, measured: &[Timing]) -> String {
    format!("\nAuto      took {device}, the fastest of what is compiled in and here. An update: {}", timings(measured))
}

/// The timings of devices in one line.
fn timings(timings: &[Timing]) -> String {
    let each = timings.iter().map(|Timing { name, seconds }| match seconds {
        Ok(seconds) => format!("{name} {} us", grouped((seconds * 1e6).round() as usize)),
        Err(reason) => format!("{name} none ({reason})"),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn data_line(config: &Config, data: &Dataset) -> String {
    let noise = config.data.noise_in_use().map_or_else(String::new, |noise| format!(", noise {noise}"));
    let [zeros, ones] = data.class_counts();
    format!(
        "Data      {}, {} samples ({zeros} of class 0, {ones} of class 1){noise}, seed {}",
        config.data.kind,
        grouped(data.samples()),
        config.data.seed,
    )
}

/// A line for a record.
pub fn record(record: &Record) -> String {
    let Record { update, cost, penalty, accuracy, .. } = record;
    let penalty = if *penalty > 0.0 { format!("   penalty {}", short(*penalty)) } else { String::new() };
    format!("Cost after update {update:>6}: {cost:.6}   accuracy {:>6.2} %{penalty}", 100.0 * accuracy)
}

/// After training: how it went, and the predictions beside those of logistic regression.
pub fn results(results: &Results<'_>) -> String {
    let last = results.outcome.last();
    let ending = match &results.outcome.ending {
        Ending::Finished => speed(last),
        Ending::Stopped => format!("{}\nStopped early: {}", record(last), speed(last)),
        Ending::Interrupted => format!("{}\nInterrupted: {}", record(last), speed(last)),
        Ending::Diverged { update, cost } => diverged(*update, *cost, last, &results.run.config.train),
        Ending::Failed { device, reason } => format!(
            "{}\n{device} failed: {reason}\nThe parameters after update {} are kept.",
            record(last),
            grouped(last.update)
        ),
    };
    format!(
        "{ending}\n\n\
         Predictions on the training data\n\
         \x20                       Petal               logistic regression\n\
         accuracy              {:>6.2} %                  {:>6.2} %\n\
         \x20                 predicted 0       1      predicted 0       1\n\
         {}\n{}\n",
        100.0 * results.confusion.accuracy(),
        100.0 * results.baseline.accuracy(),
        confusion_row(0, &results.confusion, &results.baseline),
        confusion_row(1, &results.confusion, &results.baseline),
    )
}

fn confusion_row(label: u8, ours: &Confusion, baseline: &Confusion) -> String {
    let cells = |counts: &Confusion| match label {
        0 => (counts.true_negative, counts.false_positive),
        _ => (counts.false_negative, counts.true_positive),
    };
    let ((a, b), (c, d)) = (cells(ours), cells(baseline));
    format!("class {label}           {a:>11} {b:>7}      {c:>11} {d:>7}")
}

fn speed(last: &Record) -> String {
    let rate = if last.seconds > 0.0 { last.update as f64 / last.seconds } else { 0.0 };
    let updates = grouped(last.update);
    format!(
        "{updates} {} in {:.2} s, {} per second",
        plural(last.update, "update"),
        last.seconds,
        grouped(rate as usize)
    )
}

fn diverged(update: usize, cost: f64, last: &Record, train: &train::Settings) -> String {
    let what = if cost.is_finite() {
        format!("the cost rose to {}, above train.cost_limit = {}", short(cost), short(train.cost_limit.get()))
    } else {
        "the cost or a parameter stopped being a finite number".to_owned()
    };
    format!(
        "Diverged at update {update}: {what}.\n\
         The cost before was {}. The parameters after update {} are kept.\n\
         Try a smaller step: --set train.learning_rate={}",
        short(last.cost),
        last.update,
        short((train.learning_rate.get() / 10.0).min(1.0)),
    )
}

/// What stands above the rows of a sweep.
pub const SWEEP_HEAD: &str = "hidden units       cost   accuracy        time";

/// A row of a sweep's table.
pub fn sweep_row(row: &SweepRow) -> String {
    let SweepRow { hidden, cost, accuracy, seconds, ending, .. } = row;
    let note = if *ending == Ending::Finished { String::new() } else { format!("   {ending}") };
    format!("{hidden:>12}   {cost:.6}   {:>6.2} %   {seconds:>7.2} s{note}", 100.0 * accuracy)
}

/// Before a check of gradients: where it is made.
pub fn check_opening(run: &Run, update: usize) -> String {
    let Config { device, dtype, .. } = &run.config;
    let (samples, parameters) = (run.data.samples(), run.initial.count());
    format!(
        "Gradients of {} parameters over {} samples after {} {}, {dtype} on {device}\n",
        grouped(parameters),
        grouped(samples),
        grouped(update),
        plural(update, "update"),
    )
}

/// The error of central differences over their step as a picture, from the curves in f64 and in f32.
pub fn step_sweep([in_f64, in_f32]: [Vec<(f64, f64)>; 2]) -> StepSweep {
    let curve = |name: &str, epsilon: f64, points| {
        let chosen = epsilon.cbrt();
        StepCurve { name: format!("{name}, cbrt(eps) = {chosen:.1e}"), chosen, points }
    };
    StepSweep {
        title: "Central differences: too large a step bends, too small a step rounds".into(),
        curves: [curve("f64", f64::EPSILON, in_f64), curve("f32", f32::EPSILON.into(), in_f32)],
    }
}

/// The last lines: where things are and what to try next.
pub fn closing(folder: &RunFolder, config: &Config, source: &Path) -> String {
    let (path, source) = (folder.path().display(), source.display());
    let sizes = match &config.sweep {
        None => format!("{source} --set model.hidden={}", 5 * config.model.hidden.get()),
        Some(_) => format!("{source} --set sweep.hidden=[2,6,10]"),
    };
    let flex = config.device == Choice::from(Name::from(Backend::Flex));
    let other = if flex { Backend::NdArray } else { Backend::Flex };
    format!(
        "Everything is in {path}:\n\
         \x20 {files}\n\n\
         Try next\n\
         \x20 cargo run --bin train -- {sizes}\n\
         \x20 cargo run --bin train -- {source} --device {other} --dtype f32",
        files = folder.files().join("  "),
    )
}
