//! Panics of a device's driver or server, turned into errors.
//!
//! Burn reports most failures of a device by a panic. A panic inside [`guarded`] prints nothing and becomes an error
//! that names the device.
//!
//! Leaves out: crashes, which no process survives. [`super::probe`] meets them in a process of their own.

use std::thread;
use std::time::Duration;

use petal_data::panics::catch_panic;

use super::{Backend, DeviceName, still_there};
use crate::error::{Error, Result};

/// How long a killed process may still accept connections.
const DYING: Duration = Duration::from_millis(500);

/// Does the work; what fails or panics in it is the device's failure. Whatever it was changing must not be used again.
///
/// # Errors
/// When the work fails or panics.
pub(crate) fn guarded<T>(device: &DeviceName, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let reason = match catch_panic(work) {
        Ok(Err(Error::Device { reason, .. })) => reason,
        Ok(result) => return result,
        Err(panic) => panic,
    };
    // A server that is gone says more than what it left unanswered. One that is dying may drop what it has before it
    // stops to listen.
    still_there(device)?;
    if device.backend() == Backend::Remote {
        thread::sleep(DYING);
        still_there(device)?;
    }
    Err(Error::Device { device: device.to_string(), reason: essence(&reason).to_owned() })
}

/// The line of a long message that says what happened: the first, or the first cause where causes are listed.
fn essence(text: &str) -> &str {
    let cause = text.split_once("Caused by:").map_or(text, |(_, causes)| causes);
    cause
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
        let failed = guarded(&name, || -> Result<()> { panic!("\n  out of memory\nand more") });
        assert_eq!(failed.unwrap_err().to_string(), "device = \"ndarray\": out of memory");
        let failed =
            guarded(&name, || -> Result<()> { Err(Error::device("An error\nCaused by:\n  no memory\n  0: main")) });
        assert_eq!(failed.unwrap_err().to_string(), "device = \"ndarray\": no memory");
        assert_eq!(guarded(&name, || Ok(3)).unwrap(), 3);
    }
}
