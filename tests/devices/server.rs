//! Device servers in processes of their own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use petal::device::{DeviceName, Precision, try_open};

/// A running server, which ends with this value.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts a server of Flex on a free port and waits until it says where.
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
        // Whatever else it says is read, so that it can go on saying it.
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
        // Killed by the test already, perhaps.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a training that would take minutes, does something when it has made a record, and waits for its end.
fn train_until(folder: &Path, device: &str, more: &[&str], then: impl FnOnce()) -> (Output, Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_train"))
        .current_dir(folder)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/default.toml"))
        .args(["--out", "run", "--set", "train.updates=10000000", "--set", "output.print_every=100"])
        .args(["--set", &format!("device={device}")])
        .args(more.iter().flat_map(|setting| ["--set", setting]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("Cost after update    100")), "it ended before a record");
    then();
    let began = Instant::now();
    let rest = thread::spawn(move || lines.map(|line| line + "\n").collect::<String>());
    let mut output = child.wait_with_output().unwrap();
    output.stdout = rest.join().unwrap().into_bytes();
    (output, began.elapsed())
}

fn assert_kept_after_the_loss_of(device: &str, more: &[&str], lost: &DeviceName, then: impl FnOnce()) {
    let temporary = tempfile::tempdir().unwrap();
    let (output, took) = train_until(temporary.path(), device, more, then);
    let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}{error}");
    let expected = format!(
        "error: device = \"{lost}\": no server answers there: connection refused; what was written before is kept in run\n"
    );
    assert_eq!(error, expected);
    assert!(said.contains("The parameters after update "), "{said}");
    // "Within seconds": the next reading fails, at once.
    assert!(took < Duration::from_secs(20), "{took:?}");
    for file in ["model.safetensors", "history.csv", "metrics.json", "boundary.png"] {
        assert!(temporary.path().join("run").join(file).exists(), "{file}");
    }
    let metrics = std::fs::read_to_string(temporary.path().join("run/metrics.json")).unwrap();
    assert!(metrics.contains("\"ending\": \"failed\""), "{metrics}");
}

#[test]
fn a_server_killed_in_mid_run_ends_it_with_what_was_reached_kept() {
    let mut server = Server::start();
    let name = server.name();
    assert_kept_after_the_loss_of(&format!("\"{name}\""), &[], &name, || server.kill());
}

#[test]
fn a_server_killed_while_it_is_read_ends_a_run_the_same_way() {
    let mut server = Server::start();
    let name = server.name();
    // Most of the time is not an update's.
    let more = [
        "train.checkpoint_every=1",
        "train.record_every=1",
        "train.momentum=0.5",
        "train.track=[\"update_ratio\"]",
    ];
    assert_kept_after_the_loss_of(&format!("\"{name}\""), &more, &name, || server.kill());
}

#[test]
fn one_of_two_servers_killed_in_mid_run_ends_it_with_what_was_reached_kept() {
    let (server, mut lost) = (Server::start(), Server::start());
    let name = lost.name();
    assert_kept_after_the_loss_of(&format!("[\"{}\", \"{name}\"]", server.name()), &[], &name, || lost.kill());
}

#[test]
fn what_is_no_server_is_refused_with_a_reason() {
    let refused = |name: &str| try_open(&name.parse().unwrap(), Precision::F64).unwrap_err();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(refused(&format!("remote:ws://{free}")), "no server answers there: connection refused");
    assert!(refused("remote:ws://nowhere.invalid:1").starts_with("cannot find the server: "));
    // One that answers in another language.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in other.incoming().map(Result::unwrap) {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.0 200 OK\r\n\r\nhello");
        }
    });
    let reason = refused(&format!("remote:ws://{address}"));
    assert!(
        reason.starts_with("the program there is not a device server with the same version of Burn: "),
        "{reason}"
    );
}

#[test]
fn an_address_that_is_taken_is_refused() {
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
