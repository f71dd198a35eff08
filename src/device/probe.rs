//! Tries a device: is it present, what does it report about itself, and does it compute correctly?
//!
//! ```text
//! trial = sum over rows of (ln1p(exp(t)) + |t|), t = tanh(x w)      x [3, 2], w [2, 3]
//! ```
//!
//! The device computes this in each float type, and the result is compared with the host's. These are the operations of
//! training. A driver may claim to compute in f64 and not do so, or it may crash. A device with a driver is therefore
//! tried in a separate process: this program starts itself once more, with an environment variable that requests the
//! trial and nothing else ([`run_if_requested`]).
//!
//! Not covered: accuracy. The tolerances only separate f64 from f32, and right results from wrong ones. `petal parity`
//! measures accuracy.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::adapter::Adapter;
use super::backend::Backend;
use super::connect::connect;
use super::guard::catch_failure;
use super::name::DeviceName;
use super::placement::{Placement, Precision, read, tensor};
use crate::error::{Error, Result};

/// The environment variable with the name of the device to try.
const PROBE_VARIABLE: &str = "PETAL_PROBE";
/// How long the separate process may take. A driver may compile for seconds.
const PROBE_TIMEOUT: Duration = Duration::from_secs(60);

/// The result of trying a device.
#[derive(Clone, Debug)]
pub struct ProbeReport {
    /// What the device reported about itself; `None` when it failed before that.
    pub adapter: Option<Adapter>,
    results: Vec<(Precision, Result<(), String>)>,
}

impl ProbeReport {
    /// Collects the messages of a trial. A float type without a message fails with `end`, the reason why the trial ended
    /// early.
    fn new(backend: Backend, precisions: &[Precision], messages: Vec<ProbeMessage>, end: Option<String>) -> Self {
        let mut report = Self { adapter: None, results: Vec::new() };
        for message in messages {
            match message {
                ProbeMessage::Adapter(adapter) => report.adapter = Some(adapter),
                ProbeMessage::Tried { precision, failure } => {
                    report.results.push((precision, failure.map_or(Ok(()), Err)));
                }
            }
        }

        let mut end = end.unwrap_or_else(|| "the trial ended early".into());
        if let Some(adapter) = &report.adapter {
            end = format!("{end} on {}{}", adapter.name, software_adapter_hint(backend, adapter));
        }
        for &precision in precisions {
            if report.results.iter().all(|(tried, _)| *tried != precision) {
                report.results.push((precision, Err(end.clone())));
            }
        }
        report
    }

    /// Whether the device computed correctly in the float type.
    ///
    /// # Errors
    /// The reason why it did not.
    pub fn check(&self, precision: Precision) -> Result<(), String> {
        match self.results.iter().find(|(tried, _)| *tried == precision) {
            Some((_, result)) => result.clone(),
            None => Err("it was not tried".into()),
        }
    }

    /// The float types in which the device computes correctly.
    pub fn supported_precisions(&self) -> impl Iterator<Item = Precision> {
        self.results
            .iter()
            .filter(|(_, result)| result.is_ok())
            .map(|(precision, _)| *precision)
    }
}

/// A message of the separate process, written as one line of JSON.
#[derive(Serialize, Deserialize)]
enum ProbeMessage {
    Adapter(Adapter),
    Tried {
        precision: Precision,
        /// The reason why the device does not compute in this float type; `None` when it does.
        failure: Option<String>,
    },
}

/// The program that is started to try a device.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Sets the program that is started to try a device. It must begin by calling [`run_if_requested`]. Without such a
/// program, a device is tried in this process. Only the first call has an effect.
pub fn set_program(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

/// Runs the trial if [`probe`] has started this process for it, and returns the exit code. `None` means that no trial was
/// requested and the program should continue.
pub fn run_if_requested() -> Option<ExitCode> {
    let name = env::var(PROBE_VARIABLE).ok()?;
    let Ok(name) = name.parse::<DeviceName>() else {
        return Some(ExitCode::from(2));
    };
    let mut output = std::io::stdout().lock();
    probe_in_this_process(&name, &Precision::ALL, &mut |message| {
        // Each message is flushed at once, because the driver may crash in the next step.
        let line = serde_json::to_string(&message).unwrap_or_default();
        let _ = writeln!(output, "{line}").and_then(|()| output.flush());
    });
    Some(ExitCode::SUCCESS)
}

/// Tries a device in the given float types.
pub fn probe(name: &DeviceName, precisions: &[Precision]) -> ProbeReport {
    let mut messages = Vec::new();
    let mut end = None;
    match PROGRAM.get().filter(|_| name.backend.has_driver()) {
        Some(program) => end = probe_in_child_process(program, name, &mut messages).err(),
        None => probe_in_this_process(name, precisions, &mut |message| messages.push(message)),
    }
    ProbeReport::new(name.backend, precisions, messages, end)
}

/// How to avoid the one crash that is known: Mesa's software adapter crashes while it compiles SPIR-V.
fn software_adapter_hint(backend: Backend, adapter: &Adapter) -> &'static str {
    let uses_spirv = cfg!(feature = "vulkan") && matches!(backend, Backend::Vulkan | Backend::Wgpu);
    if adapter.software && uses_spirv {
        ", a software adapter; these work if Petal is built with --features wgpu and without vulkan"
    } else {
        ""
    }
}

/// Tries a device in a new process of `program`. `messages` keeps all messages that arrived before an error.
fn probe_in_child_process(program: &Path, name: &DeviceName, messages: &mut Vec<ProbeMessage>) -> Result<(), String> {
    let mut child = Command::new(program)
        .env(PROBE_VARIABLE, name.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start its trial: {error}"))?;

    // A thread reads the output, so that waiting for a message can time out.
    let (sender, receiver) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines
                .filter_map(|line| serde_json::from_str(&line).ok())
                .all(|message| sender.send(message).is_ok())
        });
    }

    let deadline = Instant::now() + PROBE_TIMEOUT;
    let outcome = loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(message) => messages.push(message),
            // The child has closed its output.
            Err(mpsc::RecvTimeoutError::Disconnected) => break Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                break Err(format!("its trial did not end within {} s", PROBE_TIMEOUT.as_secs()));
            }
        }
    };

    if outcome.is_err() {
        // This fails if the child has ended in the meantime.
        let _ = child.kill();
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot wait for the end of its test: {error}"))?;
    outcome.and_then(|()| if status.success() { Ok(()) } else { Err(describe_exit(status)) })
}

fn describe_exit(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("its driver crashed (signal {signal}) in a trial");
    }
    format!("its driver ended the trial ({status})")
}

/// Tries a device in this process and passes each message to `send`.
fn probe_in_this_process(name: &DeviceName, precisions: &[Precision], send: &mut dyn FnMut(ProbeMessage)) {
    let (device, adapter) = match catch_failure(name, || connect(name)) {
        Ok(connected) => connected,
        Err(error) => {
            let failure = Some(failure_reason(error));
            for &precision in precisions {
                send(ProbeMessage::Tried { precision, failure: failure.clone() });
            }
            return;
        }
    };

    send(ProbeMessage::Adapter(adapter));
    for &precision in precisions {
        let placement = Placement { device: device.clone(), dtype: precision.into() };
        let failure = catch_failure(name, || check_computation(&placement)).err().map(failure_reason);
        send(ProbeMessage::Tried { precision, failure });
    }
}

/// The text of an error, without the device's name.
pub(super) fn failure_reason(error: Error) -> String {
    match error {
        Error::Device { reason, .. } => reason,
        other => other.to_string(),
    }
}

/// Computes the trial on the device and on the host and compares the results.
fn check_computation(placement: &Placement) -> Result<()> {
    const X: [f64; 6] = [0.1, -1.7, 0.3, 2.2, -0.6, 0.9];
    const W: [f64; 6] = [0.7, -0.4, 1.1, 0.2, 0.5, -1.3];

    let Placement { device, dtype } = placement;
    let (x, w) = (tensor(&X, [3, 2], device, *dtype), tensor(&W, [2, 3], device, *dtype));
    let t = x.matmul(w).tanh(); // [3, 3]
    let computed = read(&(t.clone().exp().log1p() + t.abs()).sum_dim(0))?; // [1, 3]

    for (column, computed) in computed.into_iter().enumerate() {
        let t = |row: usize| (X[2 * row] * W[column] + X[2 * row + 1] * W[3 + column]).tanh();
        let expected = (0..3).map(|row| t(row).exp().ln_1p() + t(row).abs()).sum();
        check_value(computed, expected, placement.precision())?;
    }
    Ok(())
}

fn check_value(computed: f64, expected: f64, precision: Precision) -> Result<()> {
    let tolerance = match precision {
        Precision::F32 => 1e-4,
        Precision::F64 => 1e-12,
    };
    if (computed - expected).abs() <= tolerance * expected.abs() {
        return Ok(());
    }
    Err(Error::device(format!(
        "does not compute in {precision}: the result is {computed:.12} instead of {expected:.12}"
    )))
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Tries a device with a shell script as the program.
    fn probe_with_script(script: &str) -> ProbeReport {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut messages = Vec::new();
        let end = probe_in_child_process(&program, &"vulkan".parse().unwrap(), &mut messages).err();
        ProbeReport::new(Backend::Vulkan, &Precision::ALL, messages, end)
    }

    #[test]
    fn the_report_of_a_driver_that_crashes_keeps_the_messages_before_the_crash() {
        let adapter = r#"echo '{"Adapter":{"name":"some card","software":false}}'"#;
        let f32_passes = r#"echo '{"Tried":{"precision":"f32","failure":null}}'"#;
        let crash = "kill -SEGV $$";

        let report = probe_with_script(crash);
        assert_eq!(report.adapter, None);
        assert_eq!(report.check(Precision::F32).unwrap_err(), "its driver crashed (signal 11) in a trial");

        let report = probe_with_script(&format!("echo noise\n{adapter}\n{f32_passes}\n{crash}"));
        assert_eq!(report.check(Precision::F32), Ok(()));
        let reason = report.check(Precision::F64).unwrap_err();
        assert_eq!(reason, "its driver crashed (signal 11) in a trial on some card");
        assert_eq!(report.supported_precisions().collect::<Vec<_>>(), [Precision::F32]);

        let f32_fails = r#"echo '{"Tried":{"precision":"f32","failure":"no memory"}}'"#;
        assert_eq!(probe_with_script(f32_fails).check(Precision::F32).unwrap_err(), "no memory");
        assert_eq!(
            probe_with_script("exit 3").check(Precision::F32).unwrap_err(),
            "its driver ended the trial (exit status: 3)"
        );
        assert_eq!(probe_with_script("exit 0").check(Precision::F32).unwrap_err(), "the trial ended early");
    }

    #[test]
    fn a_trial_with_a_wrong_result_fails() {
        for precision in Precision::ALL {
            assert!(check_computation(&Placement::flex(precision)).is_ok());
        }
        // A result rounded to f32 fails as f64.
        let message = check_value(3.242_391_7, 3.242_391_703_146_437, Precision::F64).unwrap_err();
        assert_eq!(
            message.to_string(),
            "the device failed: does not compute in f64: the result is 3.242391700000 instead of 3.242391703146"
        );
        assert!(check_value(3.242_391_7, 3.242_391_703_146_437, Precision::F32).is_ok());
        assert!(check_value(f64::NAN, 3.0, Precision::F32).is_err());
    }
}
