//! Turns panics of libraries into error messages.
//!
//! Not covered: crashes of the process, such as a segmentation fault or an abort.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, Once};

thread_local! {
    /// Whether this thread is inside [`catch_panic`].
    static CATCHING: Cell<bool> = const { Cell::new(false) };
}

/// The message of the latest panic in a thread outside [`catch_panic`].
static LATEST_ELSEWHERE: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`. A panic inside it prints nothing and becomes an error. Values that `work` was changing must not be used after
/// that, because they may be in an inconsistent state.
///
/// # Errors
/// The message of the panic. If `work` waited for a thread that has panicked, the message of that thread: Burn starts a
/// driver in a thread of its own.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    install_quiet_hook();
    let outer = CATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    outcome.map_err(|payload| {
        let text = message(payload.as_ref());
        let cause = LATEST_ELSEWHERE.lock().ok().and_then(|mut latest| latest.take());
        cause.filter(|_| text.contains("RecvError")).unwrap_or(text)
    })
}

/// Installs a panic hook that prints nothing for panics that are caught here.
fn install_quiet_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous_hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                if let Ok(mut latest) = LATEST_ELSEWHERE.lock() {
                    *latest = Some(message(info.payload()));
                }
                previous_hook(info);
            }
        }));
    });
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "these panics are the subject")]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn waiting_for_a_thread_that_panics_gives_the_message_of_that_thread() {
        let caught = catch_panic(|| {
            let (sender, receiver) = mpsc::channel::<()>();
            thread::spawn(move || {
                let _sender = sender;
                panic!("no card");
            });
            receiver.recv().unwrap();
        });
        assert_eq!(caught.unwrap_err(), "no card");
        assert_eq!(catch_panic(|| panic!("of its own")).unwrap_err(), "of its own");
    }
}
