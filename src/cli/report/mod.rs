//! What a run says on the terminal, as text.
//!
//! Leaves out: printing it.

mod devices;
mod parity;
mod predictions;
mod scores;

#[cfg(feature = "remote")]
pub use devices::serving;
pub use devices::{devices, devices_json};
pub use parity::parity;
pub use predictions::{Predictions, evaluation, evaluation_json};
pub use scores::{ScoresColumn, scores};

use crate::cli::invocation::Invocation;
use crate::config::Config;
use crate::data::checked::{Count, NonNegative};
use crate::data::metrics::Confusion;
use crate::data::text::{grouped, one_line, plural, shell_quote_path, short};
use crate::data::{Dataset, Source};
use crate::device::{Backend, DeviceChoice, DeviceName, Precision};
use crate::files::folder::RunFolder;
use crate::network::Parameters;
use crate::network::gradients::Engine;
use crate::network::kernel;
use crate::plot::{StepCurve, StepSweep};
use crate::run::{PartScores, Results, Run, SplitScores, SweepRow, Timing};
use crate::train::{self, Ending, Record, Schedule, Snapshot, ValidationScore};

/// Before training: what the run is made of.
pub fn opening(run: &Run) -> String {
    let Run { config, data, initial, .. } = run;
    let Config { device, dtype, model, train, .. } = config;
    let (data_line, features) = (data_line(run), data.features());
    let auto = run
        .timings
        .as_ref()
        .map_or_else(String::new, |timings| auto_line(device, timings));
    let task = format!(
        "Training  {}, {}, gradients by {}, {dtype} on {}{auto}",
        batches(train, data.samples()),
        course(train),
        train.engine,
        match train.engine {
            Engine::Fused => format!("the CPU ({})", kernel::instructions()),
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

/// Before training goes on: after how many updates, if there is a checkpoint.
pub fn going_on(from: Option<usize>) -> String {
    match from {
        Some(update) => format!("Going on after update {}\n", grouped(update)),
        None => "There is no checkpoint: training begins again\n".into(),
    }
}

/// Before a sweep goes on: how many of its sizes have a checkpoint.
pub fn sweep_going_on(from: &[Option<Snapshot>]) -> String {
    format!("Going on with the checkpoints of {} of {} sizes\n", from.iter().flatten().count(), from.len())
}

/// What `auto` took, and why.
fn auto_line(device: &DeviceChoice, measured: &[Timing]) -> String {
    format!(
        "\nAuto      took {device}, the fastest here or within a tenth of it. An update: {}",
        timings(measured)
    )
}

/// The timings of devices in one line.
fn timings(timings: &[Timing]) -> String {
    let each = timings.iter().map(|Timing { name, seconds }| match seconds {
        Ok(seconds) => format!("{name} {} us", grouped((seconds * 1e6).round() as usize)),
        Err(reason) => format!("{name} none ({reason})"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// How many updates of what.
fn batches(train: &train::Settings, samples: usize) -> String {
    let updates = grouped(train.updates.get());
    match train.batch_size.map(Count::get).filter(|&size| size < samples) {
        None => format!("{updates} full-batch updates"),
        Some(size) => {
            let epochs = train.updates.get() as f64 / samples.div_ceil(size) as f64;
            let word = if epochs == 1.0 { "epoch" } else { "epochs" };
            format!("{updates} updates ({} {word}) of {} samples each", short(epochs), grouped(size))
        }
    }
}

/// The learning rate and what goes with it.
fn course(train: &train::Settings) -> String {
    let rate = short(train.learning_rate.get());
    let rate = match train.schedule {
        Schedule::Constant => rate,
        schedule => {
            let last = train.final_learning_rate.map_or(0.0, NonNegative::get);
            format!("{rate} to {} ({schedule})", short(last))
        }
    };
    let momentum = train.momentum.get();
    let momentum = if momentum > 0.0 { format!(", momentum {momentum}") } else { String::new() };
    format!("learning rate {rate}{momentum}")
}

fn data_line(run: &Run) -> String {
    let Run { config, data, validation, test, .. } = run;
    let line = match (&run.table, config.data.source()) {
        (None, Ok(Source::Generated(settings))) => {
            let noise = settings
                .noise_or_default()
                .map_or_else(String::new, |noise| format!(", noise {noise}"));
            let [zeros, ones] = data.class_counts();
            format!(
                "Data      {}, {} samples ({zeros} of class 0, {ones} of class 1){noise}, seed {}",
                settings.kind,
                grouped(data.samples()),
                settings.seed,
            )
        }
        (table, _) => {
            let path = config
                .data
                .path
                .as_ref()
                .map_or_else(String::new, |path| path.display().to_string());
            let examination = table.as_ref().map_or_else(String::new, |table| table.examination.to_string());
            format!("Data      {path}\n{}", indented(&examination))
        }
    };
    if validation.is_none() && test.is_none() {
        return line;
    }
    let part = |name: &str, data: &Option<Dataset>| {
        data.as_ref()
            .map_or_else(String::new, |data| format!(", {} for {name}", grouped(data.samples())))
    };
    format!(
        "{line}\nSplit     {} samples for training{}{} (seed {}), each class in proportion",
        grouped(data.samples()),
        part("validation", validation),
        part("test", test),
        config.split.seed,
    )
}

/// Each line in the column of the values.
fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("          {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A line for a record.
pub fn record(record: &Record) -> String {
    let Record { update, cost, penalty, accuracy, validation, .. } = record;
    let watched = validation.map_or_else(String::new, |ValidationScore { cost, accuracy }| {
        format!("   validation {cost:.6}   {:>6.2} %", 100.0 * accuracy)
    });
    let penalty = if *penalty > 0.0 {
        format!("   penalty {}", short(*penalty))
    } else {
        String::new()
    };
    format!("Cost after update {update:>6}: {cost:.6}   accuracy {:>6.2} %{watched}{penalty}", 100.0 * accuracy)
}

/// After training: how it went, and the predictions beside those of logistic regression.
pub fn results(results: &Results<'_>) -> String {
    let (last, kept) = (results.outcome.last(), &results.outcome.kept);
    let ending = match &results.outcome.ending {
        Ending::Finished => speed(last),
        Ending::Stopped => format!("Stopped early: {}", speed(last)),
        Ending::Interrupted => format!("{}\nInterrupted: {}", record(last), speed(last)),
        Ending::Diverged { update, cost } => diverged(*update, *cost, [last, kept], &results.run.config.train),
        Ending::Failed { device, reason } => format!("{}\n{device} failed: {reason}", record(last)),
    };
    let told = match results.outcome.ending {
        Ending::Finished | Ending::Interrupted => kept.update == last.update,
        Ending::Diverged { .. } => true,
        Ending::Stopped | Ending::Failed { .. } => false,
    };
    let kept = format!(". The parameters after update {} are kept.", grouped(kept.update));
    let kept = if told { "" } else { &kept };
    format!("{ending}{kept}\n\n{}", predictions(results))
}

/// How good the predictions are: on the training samples where there are no others, else on every part.
fn predictions(results: &Results<'_>) -> String {
    let SplitScores { threshold, train, validation, test, intervals } = &results.scores;
    let PartScores { network, logistic_regression: logistic, .. } = train;
    if validation.is_none() && test.is_none() {
        return format!(
            "Predictions on the training data\n\
             \x20                       Petal               logistic regression\n\
             accuracy              {:>6.2} %                  {:>6.2} %\n\
             \x20                 predicted 0       1      predicted 0       1\n\
             {}\n{}\n",
            100.0 * network.accuracy,
            100.0 * logistic.accuracy,
            confusion_row(0, &network.confusion, &logistic.confusion),
            confusion_row(1, &network.confusion, &logistic.confusion),
        );
    }
    let (held_out, judged) = results.scores.held_out();
    let parts = [("train", Some(train)), ("validation", validation.as_ref()), ("test", test.as_ref())];
    let parts = parts.iter().filter_map(|&(name, judged)| Some((name, &judged?.network)));
    let yardsticks = [("logistic regr.", &judged.logistic_regression), ("majority", &judged.majority)];
    let columns: Vec<_> = parts
        .map(|(name, scores)| ScoresColumn { name, scores, intervals: intervals.as_ref().filter(|_| name == "test") })
        .chain(yardsticks.map(|(name, scores)| ScoresColumn { name, scores, intervals: None }))
        .collect();
    let [zero, one] = results.run.schema.classes.each_ref().map(|class| one_line(class));
    format!(
        "Predictions: class 1 ({one}) where its probability is above {}, else class 0 ({zero}). The last two columns\n\
         are logistic regression and a constant answer, on the {held_out} samples.\n\n{}",
        short(*threshold),
        scores(&columns)
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

fn diverged(update: usize, cost: f64, [last, kept]: [&Record; 2], train: &train::Settings) -> String {
    let what = if cost.is_finite() {
        format!("the cost rose to {}, above train.cost_limit = {}", short(cost), short(train.cost_limit.get()))
    } else {
        "the cost or a parameter stopped being a finite number".to_owned()
    };
    format!(
        "Diverged at update {update}: {what}.\n\
         The cost before was {}. The parameters after update {} are kept.\n\
         Try a smaller step: --set train.learning_rate={} (divergence.md says why)",
        short(last.cost),
        kept.update,
        short((train.learning_rate.get() / 10.0).min(1.0)),
    )
}

/// What stands above the rows of a sweep.
pub fn sweep_head(run: &Run) -> String {
    let watched = if run.validation.is_some() { "   validation: cost   accuracy" } else { "" };
    format!("hidden units       cost   accuracy{watched}        time")
}

/// A row of a sweep's table.
pub fn sweep_row(row: &SweepRow) -> String {
    let SweepRow { hidden, kept, seconds, ending, .. } = row;
    let watched = kept.validation.map_or_else(String::new, |ValidationScore { cost, accuracy }| {
        format!("         {cost:.6}   {:>6.2} %", 100.0 * accuracy)
    });
    let note = if *ending == Ending::Finished { String::new() } else { format!("   {ending}") };
    format!(
        "{hidden:>12}   {:.6}   {:>6.2} %{watched}   {seconds:>7.2} s{note}",
        kept.cost,
        100.0 * kept.accuracy
    )
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

/// The last lines: where things are and, unless training went wrong, what to try next; `given` is the configuration as it was
/// given to the program, less what is said of some keys.
pub fn closing(
    folder: &RunFolder,
    config: &Config,
    ending: &Ending,
    invocation: &Invocation,
    given: impl Fn(&[&str]) -> String,
) -> String {
    let place = format!("Everything is in {}:\n  {}", folder.path().display(), folder.files().join("  "));
    if *ending == Ending::Interrupted {
        let resume = invocation.command(&format!("train --resume {}", shell_quote_path(folder.path())));
        return format!("{place}\n\nTo go on as if nothing had happened\n  {resume}");
    }
    if !matches!(ending, Ending::Finished | Ending::Stopped) {
        return place;
    }
    let (key, sizes) = match &config.sweep {
        None => {
            let hidden = config.model.hidden.get();
            let larger = Count::<1, 100_000>::try_from(5 * hidden as i64).map_or(hidden / 5, Count::get);
            ("model.hidden", format!("model.hidden={larger}"))
        }
        Some(_) => ("sweep.hidden", "'sweep.hidden=[2,6,10]'".into()),
    };
    let flex = config.device == DeviceChoice::from(DeviceName::from(Backend::Flex));
    let dtype = if config.dtype == Precision::F64 { Precision::F32 } else { Precision::F64 };
    let other = match config.train.engine {
        Engine::Fused => format!("--dtype {dtype}"),
        Engine::Autodiff | Engine::Manual => {
            format!("--device {} --dtype f32", if flex { Backend::NdArray } else { Backend::Flex })
        }
    };
    let next = [format!("{} --set {sizes}", given(&[key])), format!("{} {other}", given(&["device", "dtype"]))];
    let [larger, elsewhere] = next.map(|arguments| invocation.command(&format!("train {arguments}")));
    format!("{place}\n\nTry next\n  {larger}\n  {elsewhere}")
}
