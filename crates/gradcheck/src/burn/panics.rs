//! Turns a panic of Burn, or of a user's function, into a message.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`. What it was changing must not be used after a panic.
///
/// # Errors
/// The text of the panic.
pub(super) fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
    })
}
