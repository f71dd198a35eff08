//! Ctrl-C, and the signals by which systems end a program: the first ends training cleanly, the second ends the process.
//!
//! The handler only sets a flag. The console's observer reads it after each update (`console.rs`). Training then makes a
//! checkpoint and ends (`src/train/training_loop.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Whether Ctrl-C was pressed. The default value handles no signal, so that Ctrl-C ends the process at once.
#[derive(Clone, Debug, Default)]
pub struct CtrlC {
    pressed: Arc<AtomicBool>,
}

impl CtrlC {
    /// Handles the signals from now on.
    ///
    /// # Errors
    /// When the system does not accept a signal handler.
    pub fn handle() -> Result<Self> {
        let ctrl_c = Self::default();
        let pressed = Arc::clone(&ctrl_c.pressed);
        let handler = move || {
            if pressed.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler).map_err(|error| Error::Terminal(format!("cannot listen for Ctrl-C: {error}")))?;
        Ok(ctrl_c)
    }

    /// Whether Ctrl-C was pressed.
    pub fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}
