//! The state of every backend: whether it is compiled in, whether its device is present, and which float types it
//! computes in.

use super::backend::Backend;
use super::name::DeviceName;
use super::placement::Precision;
use super::probe::{ProbeReport, probe};

/// A backend and the result of probing its default device.
#[derive(Clone, Debug)]
pub struct BackendStatus {
    /// The backend.
    pub backend: Backend,
    /// The result for the default device. `None` when the backend is not compiled in, and for `remote`, which has no
    /// default server.
    pub probe: Option<ProbeReport>,
}

/// Probes the default device of every backend that is compiled in.
pub fn survey_backends() -> Vec<BackendStatus> {
    let status = |backend| {
        let report = is_probed(backend).then(|| probe(&DeviceName::from(backend), &Precision::ALL));
        BackendStatus { backend, probe: report }
    };
    Backend::ALL.into_iter().map(status).collect()
}

/// The names of the default devices that compute in the float type, without that of the backend `except`.
pub(super) fn devices_supporting(precision: Precision, except: Backend) -> Vec<&'static str> {
    Backend::ALL
        .into_iter()
        .filter(|&backend| backend != except && is_probed(backend))
        .filter(|&backend| probe(&DeviceName::from(backend), &[precision]).check(precision).is_ok())
        .map(Backend::name)
        .collect()
}

/// Whether a backend has a default device that this program can try.
fn is_probed(backend: Backend) -> bool {
    backend.is_compiled() && backend != Backend::Remote
}
