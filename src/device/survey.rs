//! Every backend that Petal knows: compiled in or not, present or not, and what it computes in.

use super::probe::{Trial, probe};
use super::{Backend, DeviceName, Precision};

/// A backend and what was found of it.
#[derive(Clone, Debug)]
pub struct BackendStatus {
    /// The backend.
    pub backend: Backend,
    /// How its default device did; absent where the backend is not compiled in, and for servers, which have no default.
    pub trial: Option<Trial>,
}

/// Tries every backend that is compiled in.
pub fn survey() -> Vec<BackendStatus> {
    let trial = |backend: Backend| local(backend).then(|| probe(&DeviceName::from(backend), &Precision::ALL));
    Backend::ALL
        .into_iter()
        .map(|backend| BackendStatus { backend, trial: trial(backend) })
        .collect()
}

/// The names of the devices here that compute in the float type, those of one backend left out.
pub(super) fn able(precision: Precision, but: Backend) -> Vec<&'static str> {
    let others = Backend::ALL.into_iter().filter(|&backend| backend != but && local(backend));
    let able = others.filter(|&backend| probe(&DeviceName::from(backend), &[precision]).check(precision).is_ok());
    able.map(Backend::name).collect()
}

fn local(backend: Backend) -> bool {
    backend.is_compiled() && backend != Backend::Remote
}
