//! Prints the time of an update in microseconds, as one line of JSON per case:
//!
//! ```text
//! cargo run -p petal-benches --bin time_engines -- fused,manual,autodiff f32,f64 400x2x4 100000x16x64
//! cargo run -p petal-benches --bin time_engines -- manual f64 400x2x4 'device=["flex", "flex"]' 400x2x4
//! cargo run -p petal-benches --bin time_engines -- fused f32 activation=relu 400x2x4
//! ```
//!
//! A case is samples x features x hidden units. `device=` and `activation=` apply to the cases after them. The engine `predict`
//! times the fused engine's predictions for all samples instead of an update.
//!
//! The program measures the mean time of many updates in several runs and prints the shortest mean. The updates are those
//! of the training loop: gradient and step. No loss is read between them.

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use petal::cli;
use petal::config::Config;
use petal::data::Dataset;
use petal::data::numpy::RandomState;
use petal::device::{self, DeviceChoice};
use petal::error::{Error, Result};
use petal::network::fused_bridge;
use petal::network::{self, Parameters};
use petal::train::{Job, Observer, Record, Settings, train};

/// The target duration of a run.
const RUN_TIME: Duration = Duration::from_millis(300);
/// The number of runs. The shortest counts.
const RUNS: usize = 7;

fn main() -> ExitCode {
    cli::main(|| time().map(|()| cli::ExitStatus::Success))
}

fn time() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engines, precisions, cases @ ..] = &arguments[..] else {
        return Err(Error::Setting("usage: time_engines ENGINES TYPES SAMPLESxFEATURESxHIDDEN ...".into()));
    };
    let (mut device, mut activation) = ("\"flex\"", "tanh");
    for case in cases {
        if let Some(name) = case.strip_prefix("device=") {
            device = name;
            continue;
        }
        if let Some(name) = case.strip_prefix("activation=") {
            activation = name;
            continue;
        }
        let sizes: Option<Vec<usize>> =
            case.split('x').map(|size| size.parse().ok().filter(|&size| size > 0)).collect();
        let Some([samples, features, hidden]) = sizes.as_deref() else {
            return Err(Error::Setting(format!("{case}: must be three sizes, such as 400x2x4")));
        };
        for engine in engines.split(',') {
            for precision in precisions.split(',') {
                let predict = engine == "predict";
                let train_engine = if predict { "fused" } else { engine };
                let toml = format!(
                    "dtype = {precision:?}\ndevice = {device}\ntrain.engine = {train_engine:?}\nmodel.hidden = {hidden}\nmodel.activation = {activation:?}"
                );
                let config = Config::from_toml(&toml, "arguments", &[])?;
                let microseconds = shortest_time(&config, *samples, *features, predict)?;
                cli::print(format!(
                    r#"{{"case": "{case}", "device": {device}, "engine": "{engine}", "activation": "{activation}", "dtype": "{precision}", "microseconds": {microseconds:.4}}}"#
                ))?;
            }
        }
    }
    Ok(())
}

/// Microseconds per update, or per prediction of all samples. The inputs are normal random numbers and the labels are random.
fn shortest_time(config: &Config, samples: usize, features: usize, predict: bool) -> Result<f64> {
    let random = &mut RandomState::new(1);
    let names = (0..features).map(|j| format!("x{j}")).collect();
    let x = random.normals(samples * features);
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    let data = Dataset::new(names, x, labels);
    let model = network::Settings {
        init_scale: Some(const { petal::data::checked_numbers::NonNegative::literal(0.5) }),
        ..config.model.clone()
    };
    let start = Parameters::initial(features, &model);
    let DeviceChoice::Named(names) = &config.device else {
        return Err(Error::Setting("device=auto: must name what is timed".into()));
    };
    let devices = names
        .iter()
        .map(|name| device::open(name, config.dtype))
        .collect::<Result<Vec<_>>>()?;
    let run = |updates: usize| -> Result<Duration> {
        if predict {
            let start_time = Instant::now();
            for _ in 1..updates {
                let mut predicted = fused_bridge::logits(&start, data.x(), config.dtype);
                petal_fused::sigmoid_all(&mut predicted, petal_fused::SimdLevel::best());
                std::hint::black_box(predicted);
            }
            return Ok(start_time.elapsed());
        }
        let mut settings =
            Settings { updates: count(updates)?, record_every: count(1_000_000_000)?, ..config.train.clone() };
        settings.learning_rate = const { petal::data::checked_numbers::Positive::literal(0.01) };
        let mut timer = Timer { updates, asynchronous: !config.device.is_cpu(), start: None, elapsed: Duration::ZERO };
        let job = Job { start: &start, data: &data, validation: None, settings: &settings, devices: &devices };
        let outcome = train(job, None, &mut timer)?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        Ok(timer.elapsed)
    };
    // The first update is not timed, because it starts with cold caches and sleeping threads.
    let mut updates = 3;
    let mut elapsed = run(updates)?;
    while elapsed < RUN_TIME / 20 {
        updates *= 4;
        elapsed = run(updates)?;
    }
    updates = ((updates - 1) as f64 * RUN_TIME.as_secs_f64() / elapsed.as_secs_f64()).clamp(2.0, 1e8) as usize + 1;
    let times = (0..RUNS).map(|_| run(updates)).collect::<Result<Vec<_>>>()?;
    let shortest = times.into_iter().min().unwrap_or_default();
    Ok(shortest.as_secs_f64() * 1e6 / (updates - 1) as f64)
}

/// Measures the time from the end of the first update to the end of the last one.
struct Timer {
    updates: usize,
    /// Whether the device returns before it has finished an update. Then the time ends with the record after the last
    /// update, which waits for the device.
    asynchronous: bool,
    start: Option<Instant>,
    elapsed: Duration,
}

impl Observer for Timer {
    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        match (update, self.start) {
            (1, _) => self.start = Some(Instant::now()),
            (_, Some(start)) if update == self.updates => self.elapsed = start.elapsed(),
            _ => (),
        }
        ControlFlow::Continue(())
    }

    fn on_record(&mut self, record: &Record) {
        if let (true, Some(start)) = (self.asynchronous && record.update == self.updates, self.start) {
            self.elapsed = start.elapsed();
        }
    }
}

fn count<const MIN: usize, const MAX: usize>(count: usize) -> Result<petal::data::checked_numbers::Count<MIN, MAX>> {
    i64::try_from(count)
        .ok()
        .and_then(|count| petal::data::checked_numbers::Count::try_from(count).ok())
        .ok_or_else(|| Error::Setting(format!("{count} updates: out of range")))
}
