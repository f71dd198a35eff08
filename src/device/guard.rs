//! Turns panics of a device's driver or server into errors.
//!
//! Burn reports most failures of a device by a panic. A panic inside [`catch_failure`] prints nothing and becomes an
//! error that names the device.
//!
//! Not covered: crashes, which end the whole process. [`super::probe`] therefore tries a driver in a process of its own.

use std::thread;
use std::time::Duration;

use petal_data::panics::catch_panic;

use super::backend::Backend;
use super::connect::check_reachable;
use super::name::DeviceName;
use crate::error::{Error, Result};

/// A killed server process may accept connections for this long.
const SERVER_SHUTDOWN: Duration = Duration::from_millis(500);

/// Runs `work` and reports a failure or panic as a failure of the device. After a panic, the values that `work` was
/// changing may be incomplete and must not be used again.
///
/// # Errors
/// When `work` fails or panics.
pub(crate) fn catch_failure<T>(device: &DeviceName, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let reason = match catch_panic(work) {
        Ok(Err(Error::Device { reason, .. })) => reason,
        Ok(result) => return result,
        Err(panic) => panic,
    };

    // If the server is gone, report that instead of the failed request. A server that is shutting down may close its
    // connections before it stops listening, so we check twice.
    check_reachable(device)?;
    if device.backend() == Backend::Remote {
        thread::sleep(SERVER_SHUTDOWN);
        check_reachable(device)?;
    }
    Err(Error::Device { device: device.to_string(), reason: main_line(&reason).to_owned() })
}

/// The most informative line of a long message: the first cause if causes are listed, otherwise the first line.
fn main_line(message: &str) -> &str {
    let relevant = message.split_once("Caused by:").map_or(message, |(_, causes)| causes);
    relevant
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it failed without saying why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_the_device() {
        let name = DeviceName::from(Backend::NdArray);
        let result = catch_failure(&name, || -> Result<()> { panic!("\n  out of memory\nand more") });
        assert_eq!(result.unwrap_err().to_string(), "device = \"ndarray\": out of memory");
        let result = catch_failure(&name, || -> Result<()> {
            Err(Error::device("An error\nCaused by:\n  no memory\n  0: main"))
        });
        assert_eq!(result.unwrap_err().to_string(), "device = \"ndarray\": no memory");
        assert_eq!(catch_failure(&name, || Ok(3)).unwrap(), 3);
    }
}
