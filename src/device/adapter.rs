//! What a device reports about itself.

use serde::{Deserialize, Serialize};

/// The hardware behind a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// The name that the device reports.
    pub name: String,
    /// Whether the processor computes in place of a graphics card.
    pub software: bool,
}

impl Adapter {
    /// This computer's processor.
    pub(super) fn cpu() -> Self {
        Self { name: "this computer's processor".into(), software: true }
    }
}
