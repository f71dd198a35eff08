//! Turns a panic of Burn, or of a user's function, into a message.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside [`catch_panic`].
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of this thread happened.
    static LOCATION: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work`. A panic inside it prints nothing. What it was changing must not be used after that.
///
/// # Errors
/// The text of the panic in one line, with the file and line.
pub(super) fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    install_quiet_hook();
    let outer = CATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);

    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        format!("{} ({})", words.join(" "), LOCATION.take())
    })
}

/// Installs a panic hook that prints nothing for panics that are caught here.
fn install_quiet_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous_hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                return previous_hook(info);
            }
            if let Some(location) = info.location() {
                LOCATION.set(format!("{}:{}", without_registry(location.file()), location.line()));
            }
        }));
    });
}

/// A file of a crate, without the folder in which Cargo keeps all crates.
fn without_registry(file: &str) -> String {
    let parts: Vec<_> = Path::new(file).iter().collect();
    let registry = parts.windows(2).position(|pair| pair[0] == "registry" && pair[1] == "src");
    let kept = registry.map_or(&parts[..], |i| parts.get(i + 3..).unwrap_or_default());
    kept.iter().collect::<std::path::PathBuf>().display().to_string()
}
