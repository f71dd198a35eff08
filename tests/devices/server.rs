//! Device servers, each in its own process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use petal::device::{DeviceName, Precision, try_open};

/// A running server. Dropping this value ends it.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts a server of Flex on a free port and waits until it prints its address.
    pub fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_petal"))
            .args(["serve", "--device", "flex", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once(' ').unwrap().1.to_owned();
        assert!(line.starts_with("Serving flex") && address.starts_with("ws://127.0.0.1:"), "{line}");
        // Keep reading, so that the server never blocks on a full pipe.
        thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { child, address }
    }

    /// The name in configurations.
    pub fn name(&self) -> DeviceName {
        format!("remote:{}", self.address).parse().unwrap()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The test may have killed it already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a training run that would take minutes, calls `action` after its first record, and waits for its end. Returns its
/// output, and the time from `action` to the end.
fn train_with_interruption(
    folder: &Path,
    device: &str,
    extra_settings: &[&str],
    action: impl FnOnce(),
) -> (Output, Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_train"))
        .current_dir(folder)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/default.toml"))
        .args(["--out", "run", "--set", "train.updates=10000000", "--set", "output.print_every=100"])
        .args(["--set", &format!("device={device}")])
        .args(extra_settings.iter().flat_map(|setting| ["--set", setting]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("Cost after update    100")), "training ended before a record");
    action();
    let began = Instant::now();
    let rest = thread::spawn(move || lines.map(|line| line + "\n").collect::<String>());
    let mut output = child.wait_with_output().unwrap();
    output.stdout = rest.join().unwrap().into_bytes();
    (output, began.elapsed())
}

/// Loses the server `lost` during a training run by calling `kill`. Checks that the run ends with an error and that its
/// folder keeps the results so far.
fn assert_results_kept(device: &str, extra_settings: &[&str], lost: &DeviceName, kill: impl FnOnce()) {
    let temporary = tempfile::tempdir().unwrap();
    let (output, duration) = train_with_interruption(temporary.path(), device, extra_settings, kill);
    let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{text}{error}");
    let expected = format!(
        "error: device = \"{lost}\": no server answers there: connection refused; what was written before is kept in run\n"
    );
    assert_eq!(error, expected);
    assert!(text.contains("The parameters after update "), "{text}");
    // The next read from the server fails at once.
    assert!(duration < Duration::from_secs(20), "{duration:?}");
    for file in ["model.safetensors", "history.csv", "metrics.json", "boundary.png"] {
        assert!(temporary.path().join("run").join(file).exists(), "{file}");
    }
    let metrics = std::fs::read_to_string(temporary.path().join("run/metrics.json")).unwrap();
    assert!(metrics.contains("\"ending\": \"failed\""), "{metrics}");
}

#[test]
fn killing_the_server_ends_training_and_keeps_the_results_so_far() {
    let mut server = Server::start();
    let name = server.name();
    assert_results_kept(&format!("\"{name}\""), &[], &name, || server.kill());
}

#[test]
fn killing_the_server_while_its_state_is_read_keeps_the_results_so_far() {
    let mut server = Server::start();
    let name = server.name();
    // With these settings, most of the time is spent on checkpoints and records, not on updates.
    let extra_settings = [
        "train.checkpoint_every=1",
        "train.record_every=1",
        "train.momentum=0.5",
        "train.track=[\"update_ratio\"]",
    ];
    assert_results_kept(&format!("\"{name}\""), &extra_settings, &name, || server.kill());
}

#[test]
fn killing_one_of_two_servers_ends_training_and_keeps_the_results_so_far() {
    let (server, mut lost) = (Server::start(), Server::start());
    let name = lost.name();
    assert_results_kept(&format!("[\"{}\", \"{name}\"]", server.name()), &[], &name, || lost.kill());
}

#[test]
fn an_address_without_a_device_server_is_refused_with_a_reason() {
    let refusal = |name: &str| try_open(&name.parse().unwrap(), Precision::F64).unwrap_err();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(refusal(&format!("remote:ws://{free}")), "no server answers there: connection refused");
    assert!(refusal("remote:ws://nowhere.invalid:1").starts_with("cannot find the server: "));
    // A server that speaks another protocol.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in other.incoming().map(Result::unwrap) {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.0 200 OK\r\n\r\nhello");
        }
    });
    let reason = refusal(&format!("remote:ws://{address}"));
    assert!(
        reason.starts_with("the program there is not a device server with the same version of Burn: "),
        "{reason}"
    );
}

#[test]
fn an_address_that_is_already_in_use_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_petal"))
        .args(["serve", "--listen", &address])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with(&format!("error: --listen {address}: cannot listen there: ")), "{error}");
}
