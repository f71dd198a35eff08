//! How long an update takes, in microseconds, as one line of JSON per case:
//!
//! ```text
//! cargo run -p petal-benches --bin time_engines -- fused,manual,autodiff f32,f64 400x2x4 100000x16x64
//! cargo run -p petal-benches --bin time_engines -- manual f64 400x2x4 'device=["flex", "flex"]' 400x2x4
//! ```
//!
//! A case is samples x features x hidden units; those behind a `device=` are timed there. The engine `predict` stands for predictions by the fused engine, of all
//! samples at a time. The time is the shortest mean over a number of updates, of several such
//! runs; the updates are those of the training loop, gradient and step, and no loss is read in between.

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use petal::cli;
use petal::config::Config;
use petal::data::Dataset;
use petal::data::numpy::RandomState;
use petal::device::{self, DeviceChoice};
use petal::error::{Error, Result};
use petal::network::kernel;
use petal::network::{self, Parameters};
use petal::train::{Job, Observer, Record, Settings, train};

/// The time that one measurement should take, and how many there are.
const LENGTH: Duration = Duration::from_millis(300);
const RUNS: usize = 7;

fn main() -> ExitCode {
    cli::main(|| time().map(|()| cli::ExitStatus::Success))
}

fn time() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engines, precisions, cases @ ..] = &arguments[..] else {
        return Err(Error::Setting("usage: time_engines ENGINES TYPES SAMPLESxFEATURESxHIDDEN ...".into()));
    };
    let mut device = "\"flex\"";
    for case in cases {
        if let Some(name) = case.strip_prefix("device=") {
            device = name;
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
                let trains = if predict { "fused" } else { engine };
                let toml = format!(
                    "dtype = {precision:?}\ndevice = {device}\ntrain.engine = {trains:?}\nmodel.hidden = {hidden}"
                );
                let config = Config::from_toml(&toml, "arguments", &[])?;
                let microseconds = shortest(&config, *samples, *features, predict)?;
                cli::print(format!(
                    r#"{{"case": "{case}", "device": {device}, "engine": "{engine}", "dtype": "{precision}", "microseconds": {microseconds:.4}}}"#
                ))?;
            }
        }
    }
    Ok(())
}

/// Microseconds per update, or per prediction of all samples, on normal data with coin-toss labels.
fn shortest(config: &Config, samples: usize, features: usize, predict: bool) -> Result<f64> {
    let random = &mut RandomState::new(1);
    let names = (0..features).map(|j| format!("x{j}")).collect();
    let x = random.normals(samples * features);
    let labels = (0..samples).map(|_| u8::from(random.uniform() < 0.5)).collect();
    let data = Dataset::new(names, x, labels);
    let model = network::Settings {
        init_scale: const { petal::data::checked::NonNegative::literal(0.5) },
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
            let began = Instant::now();
            for _ in 1..updates {
                std::hint::black_box(kernel::probabilities(&start, data.x(), config.dtype));
            }
            return Ok(began.elapsed());
        }
        let mut settings =
            Settings { updates: count(updates)?, record_every: count(1_000_000_000)?, ..config.train.clone() };
        settings.learning_rate = const { petal::data::checked::Positive::literal(0.01) };
        let mut watch = Watch { updates, waits: !config.device.is_cpu(), began: None, took: Duration::ZERO };
        let job = Job { start: &start, data: &data, validation: None, settings: &settings, devices: &devices };
        let outcome = train(job, None, &mut watch)?;
        if let Some(failure) = outcome.ending.error() {
            return Err(failure);
        }
        Ok(watch.took)
    };
    // The first update is not timed: it begins with cold caches and sleeping threads.
    let mut updates = 3;
    let mut took = run(updates)?;
    while took < LENGTH / 20 {
        updates *= 4;
        took = run(updates)?;
    }
    updates = ((updates - 1) as f64 * LENGTH.as_secs_f64() / took.as_secs_f64()).clamp(2.0, 1e8) as usize + 1;
    let times = (0..RUNS).map(|_| run(updates)).collect::<Result<Vec<_>>>()?;
    let shortest = times.into_iter().min().unwrap_or_default();
    Ok(shortest.as_secs_f64() * 1e6 / (updates - 1) as f64)
}

/// Takes the time from the end of the first update to the end of the last: on a device that answers before it has
/// computed, to the reading after the last, which waits.
struct Watch {
    updates: usize,
    waits: bool,
    began: Option<Instant>,
    took: Duration,
}

impl Observer for Watch {
    fn on_update(&mut self, update: usize) -> ControlFlow<()> {
        match (update, self.began) {
            (1, _) => self.began = Some(Instant::now()),
            (_, Some(began)) if update == self.updates => self.took = began.elapsed(),
            _ => (),
        }
        ControlFlow::Continue(())
    }

    fn on_record(&mut self, record: &Record) {
        if let (true, Some(began)) = (self.waits && record.update == self.updates, self.began) {
            self.took = began.elapsed();
        }
    }
}

fn count<const MIN: usize, const MAX: usize>(count: usize) -> Result<petal::data::checked::Count<MIN, MAX>> {
    i64::try_from(count)
        .ok()
        .and_then(|count| petal::data::checked::Count::try_from(count).ok())
        .ok_or_else(|| Error::Setting(format!("{count} updates: out of range")))
}
