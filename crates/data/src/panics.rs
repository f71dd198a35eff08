//! Panics of other people's code, turned into words.
//!
//! Leaves out: what the words become, and crashes, which no process survives.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Does the work; a panic in it prints nothing. Whatever it was changing must not be used again then.
///
/// # Errors
/// The message of a panic.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    quieten();
    let outer = CATCHES.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHES.set(outer);
    outcome.map_err(|payload| message(payload.as_ref()))
}

/// Keeps the panics that are caught off standard error.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHES.get() {
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
