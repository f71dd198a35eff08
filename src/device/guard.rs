//! Panics of a device's driver or server, turned into errors.
//!
//! Burn reports most failures of a device by a panic. A panic inside [`guarded`] prints nothing and becomes an error
//! that names the device.
//!
//! Leaves out: crashes, which no process survives. [`super::probe`] meets them in a process of their own.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;
use std::time::Duration;

use super::{Backend, Name, still_there};
use crate::error::{Error, Result};

/// How long a killed process may still accept connections.
const DYING: Duration = Duration::from_millis(500);

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does the work; what fails or panics in it is the device's failure. Whatever it was changing must not be used again.
///
/// # Errors
/// When the work fails or panics.
pub(crate) fn guarded<T>(device: &Name, work: impl FnOnce() -> Result<T>) -> Result<T> {
    quieten();
    let outer = GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    let reason = match outcome {
        Ok(Err(Error::Device { reason, .. })) => reason,
        Ok(result) => return result,
        Err(payload) => message(payload.as_ref()),
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

/// Keeps the panics of guarded threads off standard error.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                loud(info);
            }
        }));
    });
}

/// A panic's message.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// The line of a long message that says what happened: the first, or the first cause where causes are listed.
fn essence(text: &str) -> &str {
    let cause = text.split_once("Caused by:").map_or(text, |(_, causes)| causes);
    cause.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it failed without saying why")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_the_device() {
        let name = Name::from(Backend::NdArray);
        let failed = guarded(&name, || -> Result<()> { panic!("\n  out of memory\nand more") });
        assert_eq!(failed.unwrap_err().to_string(), "device = \"ndarray\": out of memory");
        let failed =
            guarded(&name, || -> Result<()> { Err(Error::device("An error\nCaused by:\n  no memory\n  0: main")) });
        assert_eq!(failed.unwrap_err().to_string(), "device = \"ndarray\": no memory");
        assert_eq!(guarded(&name, || Ok(3)).unwrap(), 3);
    }
}
