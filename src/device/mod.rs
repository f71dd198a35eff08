//! Devices: from a name in a configuration to a Burn device and a float type.
//!
//! Only this module names Burn's backends. All other code receives a [`Placement`].
//!
//! A device with a driver is probed before it is used: a small computation runs on it in a separate process ([`probe`]).
//! Some devices report a float type that they do not compute in, and some drivers crash.
//!
//! Not covered: autodiff. Code that needs gradients calls `device.autodiff()`.
//!
//! Each file uses only files above it in this list:
//!
//! - `backend`, `placement`, `adapter`: a backend; a Burn device with a float type; what a device reports about itself
//! - `name`, `choice`: the name of one device; the key `device`
//! - `connect`: from a name to Burn's device in this process, and the connection to servers
//! - `guard`: panics become errors
//! - `probe`, `survey`: a trial of one device; a trial of all backends
//! - `open`: a device that has passed its trial

mod adapter;
mod backend;
mod choice;
mod connect;
mod guard;
mod name;
mod open;
mod placement;
pub mod probe;
mod survey;

pub use adapter::Adapter;
pub use backend::Backend;
pub use choice::DeviceChoice;
pub(crate) use connect::check_reachable;
pub(crate) use guard::catch_failure;
pub use name::DeviceName;
#[cfg(feature = "remote")]
pub use open::serve;
pub use open::{OpenDevice, open, try_open};
pub use placement::{Placement, Precision};
pub(crate) use placement::{read, tensor};
pub use survey::{BackendStatus, survey_backends};
