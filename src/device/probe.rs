//! The trial of a device: is it there, what is it, and does it compute?
//!
//! ```text
//! trial = sum over rows of (ln1p(exp(t)) + |t|), t = tanh(x w)      x [3, 2], w [2, 3]
//! ```
//!
//! in each float type, against the same on the host. These are the operations of training. A driver may say that it
//! computes in f64 and not do so, or crash: a device with a driver is therefore tried in a process of its own, which is
//! this program once more, told by an environment variable to do nothing else ([`answer`]).
//!
//! Leaves out: accuracy. The tolerances tell f64 from f32 and numbers from nonsense; `petal parity` measures.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::open::open_here;
use super::{Backend, DeviceName, Placement, Precision, guarded, read, tensor};
use crate::error::{Error, Result};

/// Holds the name of the device to try.
const VARIABLE: &str = "PETAL_PROBE";
/// How long a trial may take. A driver may compile for seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a device is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// As it names itself.
    pub name: String,
    /// Whether it is the processor rather than a card.
    pub software: bool,
}

/// How a device did.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it is, where it got so far as to say so.
    pub adapter: Option<Adapter>,
    results: Vec<(Precision, Result<(), String>)>,
}

impl Adapter {
    /// The processor, by which everything is computed that is computed on no device.
    pub(super) fn processor() -> Self {
        Self { name: "this computer's processor".into(), software: true }
    }
}

impl Trial {
    /// From what was told, and how the telling ended where it did so early.
    fn new(backend: Backend, precisions: &[Precision], lines: Vec<Line>, end: Option<String>) -> Self {
        let mut trial = Self { adapter: None, results: Vec::new() };
        for line in lines {
            match line {
                Line::Adapter(adapter) => trial.adapter = Some(adapter),
                Line::Tried { precision, failure } => trial.results.push((precision, failure.map_or(Ok(()), Err))),
            }
        }
        let mut end = end.unwrap_or_else(|| "the trial ended early".into());
        if let Some(adapter) = &trial.adapter {
            end = format!("{end} on {}{}", adapter.name, hint(backend, adapter));
        }
        for &precision in precisions {
            if trial.results.iter().all(|(tried, _)| *tried != precision) {
                trial.results.push((precision, Err(end.clone())));
            }
        }
        trial
    }

    /// Whether it computed in the float type.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, precision: Precision) -> Result<(), String> {
        let result = self.results.iter().find(|(tried, _)| *tried == precision);
        result.map_or_else(|| Err("it was not tried".into()), |(_, result)| result.clone())
    }

    /// The float types that it computes in.
    pub fn types(&self) -> impl Iterator<Item = Precision> {
        self.results
            .iter()
            .filter(|(_, result)| result.is_ok())
            .map(|(precision, _)| *precision)
    }
}

/// A line from the trying process.
#[derive(Serialize, Deserialize)]
enum Line {
    Adapter(Adapter),
    Tried {
        precision: Precision,
        failure: Option<String>,
    },
}

/// The program that can be started to try a device.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Has devices tried by starting `program`, which must begin by calling [`answer`]. Without it they are tried in the
/// process that asks.
pub fn start_with(program: PathBuf) {
    // The first program stays.
    let _ = PROGRAM.set(program);
}

/// Does what [`probe`] asks of a started program; `None` where nothing is asked, and the program goes on.
pub fn answer() -> Option<ExitCode> {
    let name = env::var(VARIABLE).ok()?;
    let Ok(name) = name.parse::<DeviceName>() else {
        return Some(ExitCode::from(2));
    };
    let mut output = std::io::stdout().lock();
    try_here(&name, &Precision::ALL, &mut |line| {
        // Told at once: the next step may be the last.
        let text = serde_json::to_string(&line).unwrap_or_default();
        let _ = writeln!(output, "{text}").and_then(|()| output.flush());
    });
    Some(ExitCode::SUCCESS)
}

/// Tries a device in the given float types.
pub fn probe(name: &DeviceName, precisions: &[Precision]) -> Trial {
    let mut lines = Vec::new();
    let mut end = None;
    match PROGRAM.get().filter(|_| name.backend.has_driver()) {
        Some(program) => end = try_elsewhere(program, name, &mut lines).err(),
        None => try_here(name, precisions, &mut |line| lines.push(line)),
    }
    Trial::new(name.backend, precisions, lines, end)
}

/// The way out of the one crash that is known.
fn hint(backend: Backend, adapter: &Adapter) -> &'static str {
    let spirv = cfg!(feature = "vulkan") && matches!(backend, Backend::Vulkan | Backend::Wgpu);
    if adapter.software && spirv {
        ", a software adapter; such adapters compute with --features wgpu where the feature vulkan is left out"
    } else {
        ""
    }
}

/// Tries a device by starting the program; what it said before an error stays in `lines`.
fn try_elsewhere(program: &PathBuf, name: &DeviceName, lines: &mut Vec<Line>) -> Result<(), String> {
    let started = Command::new(program)
        .env(VARIABLE, name.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|error| format!("cannot start its trial: {error}"))?;
    let (tell, told) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines
                .filter_map(|line| serde_json::from_str(&line).ok())
                .all(|line| tell.send(line).is_ok())
        });
    }
    let deadline = Instant::now() + PATIENCE;
    // The channel closes when the child's output does.
    let outcome = loop {
        match told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => lines.push(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => break Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                break Err(format!("its trial was not over after {} s", PATIENCE.as_secs()));
            }
        }
    };
    if outcome.is_err() {
        // It may have ended in this moment.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| format!("its trial was lost: {error}"))?;
    outcome.and_then(|()| if status.success() { Ok(()) } else { Err(crash(status)) })
}

fn crash(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("its driver crashed (signal {signal}) in a trial");
    }
    format!("its driver ended the trial ({status})")
}

/// Tries a device in this process.
fn try_here(name: &DeviceName, precisions: &[Precision], tell: &mut dyn FnMut(Line)) {
    match guarded(name, || open_here(name)) {
        Err(error) => {
            let failure = Some(reason(error));
            precisions
                .iter()
                .for_each(|&precision| tell(Line::Tried { precision, failure: failure.clone() }));
        }
        Ok((device, adapter)) => {
            tell(Line::Adapter(adapter));
            for &precision in precisions {
                let placement = Placement { device: device.clone(), dtype: precision.into() };
                let failure = guarded(name, || compute(&placement)).err().map(reason);
                tell(Line::Tried { precision, failure });
            }
        }
    }
}

/// What is wrong, without the device's name.
pub(super) fn reason(error: Error) -> String {
    match error {
        Error::Device { reason, .. } => reason,
        other => other.to_string(),
    }
}

/// The trial's arithmetic.
fn compute(placement: &Placement) -> Result<()> {
    const X: [f64; 6] = [0.1, -1.7, 0.3, 2.2, -0.6, 0.9];
    const W: [f64; 6] = [0.7, -0.4, 1.1, 0.2, 0.5, -1.3];
    let Placement { device, dtype } = placement;
    let (x, w) = (tensor(&X, [3, 2], device, *dtype), tensor(&W, [2, 3], device, *dtype));
    let t = x.matmul(w).tanh(); // [3, 3]
    let sums = read(&(t.clone().exp().log1p() + t.abs()).sum_dim(0))?; // [1, 3]

    let right = (0..3).map(|column| -> f64 {
        let t = |row: usize| (X[2 * row] * W[column] + X[2 * row + 1] * W[3 + column]).tanh();
        (0..3).map(|row| t(row).exp().ln_1p() + t(row).abs()).sum()
    });
    sums.into_iter()
        .zip(right)
        .try_for_each(|(computed, right)| agrees(computed, right, placement.precision()))
}

fn agrees(computed: f64, right: f64, precision: Precision) -> Result<()> {
    let tolerance = match precision {
        Precision::F32 => 1e-4,
        Precision::F64 => 1e-12,
    };
    if (computed - right).abs() <= tolerance * right.abs() {
        return Ok(());
    }
    Err(Error::device(format!(
        "does not compute in {precision}: it came to {computed:.12} where {right:.12} is right"
    )))
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A device tried by a program that does what a shell script says.
    fn tried_by(script: &str) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut lines = Vec::new();
        let end = try_elsewhere(&program, &"vulkan".parse().unwrap(), &mut lines).err();
        Trial::new(Backend::Vulkan, &Precision::ALL, lines, end)
    }

    #[test]
    fn a_driver_that_crashes_is_refused_with_what_it_said_before() {
        let adapter = r#"echo '{"Adapter":{"name":"some card","software":false}}'"#;
        let in_f32 = r#"echo '{"Tried":{"precision":"f32","failure":null}}'"#;
        let crash = "kill -SEGV $$";

        let trial = tried_by(crash);
        assert_eq!(trial.adapter, None);
        assert_eq!(trial.check(Precision::F32).unwrap_err(), "its driver crashed (signal 11) in a trial");

        let trial = tried_by(&format!("echo noise\n{adapter}\n{in_f32}\n{crash}"));
        assert_eq!(trial.check(Precision::F32), Ok(()));
        let reason = trial.check(Precision::F64).unwrap_err();
        assert_eq!(reason, "its driver crashed (signal 11) in a trial on some card");
        assert_eq!(trial.types().collect::<Vec<_>>(), [Precision::F32]);

        let failure = r#"echo '{"Tried":{"precision":"f32","failure":"no memory"}}'"#;
        assert_eq!(tried_by(failure).check(Precision::F32).unwrap_err(), "no memory");
        assert_eq!(
            tried_by("exit 3").check(Precision::F32).unwrap_err(),
            "its driver ended the trial (exit status: 3)"
        );
        assert_eq!(tried_by("exit 0").check(Precision::F32).unwrap_err(), "the trial ended early");
    }

    #[test]
    fn a_trial_that_comes_to_another_number_is_none() {
        for precision in Precision::ALL {
            assert!(compute(&Placement::flex(precision)).is_ok());
        }
        // What f32 makes of it is not f64.
        let coarse = agrees(3.242_391_7, 3.242_391_703_146_437, Precision::F64).unwrap_err();
        assert_eq!(
            coarse.to_string(),
            "the device failed: does not compute in f64: it came to 3.242391700000 where 3.242391703146 is right"
        );
        assert!(agrees(3.242_391_7, 3.242_391_703_146_437, Precision::F32).is_ok());
        assert!(agrees(f64::NAN, 3.0, Precision::F32).is_err());
    }
}
