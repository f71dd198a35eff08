//! The summary of a run that `petal train` prints before training: the data, the network and the settings of training.

use crate::config::Config;
use crate::data::checked_numbers::{Count, NonNegative};
use crate::data::text::{grouped, one_line, plural, short};
use crate::data::{Dataset, Source, generate};
use crate::network::gradients::Engine;
use crate::network::{Init, Parameters, fused_bridge};
use crate::run::{Run, Timing};
use crate::train::{self, Schedule};

/// Summarizes a run before training.
pub fn run_summary(run: &Run) -> String {
    format!("{}\n{}\n{}\n{}", data_lines(run), network_lines(run), training_lines(run), pictures_line(run))
}

/// The characters that pictures show as codes, if there are any.
fn pictures_line(run: &Run) -> String {
    const MAX_SHOWN: usize = 8;
    let missing = run.characters_without_glyph();
    if missing.is_empty() {
        return String::new();
    }
    let shown = one_line(&missing.iter().take(MAX_SHOWN).collect::<String>());
    let more = if missing.len() > MAX_SHOWN { " and others" } else { "" };
    format!(
        "Pictures  PNG files show {shown}{more} as codes, because their font lacks them; --set output.pictures=svg keeps them\n"
    )
}

/// The timings of devices, in one line.
pub(super) fn timings(timings: &[Timing]) -> String {
    let each = timings.iter().map(|Timing { name, seconds }| match seconds {
        Ok(seconds) => format!("{name} {} us", grouped((seconds * 1e6).round() as usize)),
        Err(reason) => format!("{name} none ({reason})"),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The data, and how they are split if they are.
fn data_lines(run: &Run) -> String {
    let Run { config, data, validation, test, table, .. } = run;
    let source = match (table, config.data.source()) {
        (None, Ok(Source::Generated(settings))) => {
            let underflow = run
                .underflow
                .as_ref()
                .map(|finding| format!("\n          {}", finding.sentence));
            generated_data(&settings, data) + &underflow.unwrap_or_default()
        }
        _ => {
            let path = config.data.path.as_ref().map(|path| path.display().to_string());
            let examination = table.as_ref().map(|table| table.examination.to_string());
            format!("Data      {}\n{}", path.unwrap_or_default(), indented(&examination.unwrap_or_default()))
        }
    };
    if validation.is_none() && test.is_none() {
        return source;
    }

    let part = |name: &str, data: &Option<Dataset>| match data {
        Some(data) => format!(", {} for {name}", grouped(data.samples())),
        None => String::new(),
    };
    format!(
        "{source}\nSplit     {} samples for training{}{} (seed {}), each class in proportion",
        grouped(data.samples()),
        part("validation", validation),
        part("test", test),
        config.split.seed,
    )
}

fn generated_data(settings: &generate::Settings, data: &Dataset) -> String {
    let noise = settings.noise_or_default().map(|noise| format!(", noise {noise}"));
    let factor = settings.factor.map(|factor| format!(", factor {factor}"));
    let centers = settings.centers.map(|centers| format!(", {centers} centers"));
    let [zeros, ones] = data.class_counts();
    format!(
        "Data      {}, {} samples ({zeros} of class 0, {ones} of class 1){}, seed {}",
        settings.kind,
        grouped(data.samples()),
        [noise, factor, centers].into_iter().flatten().collect::<String>(),
        settings.seed,
    )
}

/// Indents each line to the column of the values.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("          {line}")).collect();
    lines.join("\n")
}

/// The layers of the network, the shapes of its arrays, and its initial parameters.
fn network_lines(run: &Run) -> String {
    let Parameters { hidden, activation, .. } = run.initial;
    let (samples, features, model) = (run.data.samples(), run.data.features(), &run.config.model);
    let deviation = match model.init {
        Init::Scaled => format!("{} (", model.init_scale()),
        init => {
            let [w1, w2] = [model.deviation(features, hidden), model.deviation(hidden, 1)].map(short);
            format!("{w1} for W1 and x {w2} for W2 ({init}, ")
        }
    };
    format!(
        "Network   {features} {}, {hidden} hidden {} ({activation}), 1 output (sigmoid): {} parameters\n\
         \x20         W1 [{features}, {hidden}]   b1 [{hidden}]   W2 [{hidden}, 1]   b2 [1]   X [{samples}, {features}]   Y [{samples}, 1]\n\
         Start     weights normal x {}seed {}), biases zero{}",
        plural(features, "feature"),
        plural(hidden, "unit"),
        grouped(run.initial.count()),
        deviation,
        model.seed,
        run.start_notes()
            .iter()
            .map(|note| format!("\n          {note}"))
            .collect::<String>(),
    )
}

/// How the network is trained and on which device.
fn training_lines(run: &Run) -> String {
    let Config { device, dtype, train, .. } = &run.config;
    let device_name = match train.engine {
        Engine::Fused => format!("the CPU ({})", fused_bridge::instructions()),
        Engine::Autodiff | Engine::Manual => device.to_string(),
    };
    let auto = run.timings.as_ref().map(|measured| {
        let timings = timings(measured);
        format!(
            "\nAuto      chose {device}: the fastest device here, or at most 10 % slower. Time per update: {timings}"
        )
    });
    format!(
        "Training  {}, {}, gradients by {}, {dtype} on {device_name}{}",
        updates(train, run.data.samples()),
        learning_rate(train),
        train.engine,
        auto.unwrap_or_default(),
    ) + &useless_patience(train).unwrap_or_default()
}

/// A note if early stopping cannot end training early, because there are too few records.
fn useless_patience(train: &train::Settings) -> Option<String> {
    let (patience, every, updates) = (train.patience?.get(), train.record_every.get(), train.updates.get());
    let earliest = patience.saturating_mul(every);
    let note = format!(
        "\nPatience  cannot stop this run early: it waits for {} {}, one every {} {}, so not before update {}; \
         lower train.patience or train.record_every",
        grouped(patience),
        plural(patience, "record"),
        grouped(every),
        plural(every, "update"),
        grouped(earliest)
    );
    (earliest >= updates).then_some(note)
}

/// The number of updates and the samples of each.
fn updates(train: &train::Settings, samples: usize) -> String {
    let (updates, word) = (grouped(train.updates.get()), plural(train.updates.get(), "update"));
    match train.batch_size.map(Count::get).filter(|&size| size < samples) {
        None => format!("{updates} full-batch {word}"),
        Some(size) => {
            let epochs = train.updates.get() as f64 / samples.div_ceil(size) as f64;
            let unit = if epochs == 1.0 { "epoch" } else { "epochs" };
            format!("{updates} {word} ({} {unit}) of {} {} each", short(epochs), grouped(size), plural(size, "sample"))
        }
    }
}

/// The learning rate with its schedule, and the momentum.
fn learning_rate(train: &train::Settings) -> String {
    let first = short(train.learning_rate.get());
    let rate = match train.schedule {
        Schedule::Constant => first,
        schedule => {
            let last = train.final_learning_rate.map_or(0.0, NonNegative::get);
            format!("{first} to {} ({schedule})", short(last))
        }
    };
    let momentum = train.momentum.get();
    let momentum = if momentum > 0.0 { format!(", momentum {momentum}") } else { String::new() };
    format!("learning rate {rate}{momentum}")
}
