//! What to train, on which data and where.

use super::{Record, Settings, Snapshot};
use crate::data::Dataset;
use crate::device::OpenDevice;
use crate::error::{Error, Result};
use crate::network::Parameters;

/// A training run: its start, its data, its settings and its devices.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The parameters before the first update.
    pub start: &'a Parameters,
    /// The training samples.
    pub data: &'a Dataset,
    /// The validation samples, if there are some.
    pub validation: Option<&'a Dataset>,
    /// How to train.
    pub settings: &'a Settings,
    /// One device, or several that share the samples.
    pub devices: &'a [OpenDevice],
}

impl Job<'_> {
    /// Checks that the data have as many features as the network, and that the momentum is below 1 on every device.
    pub(super) fn check(&self) -> Result<()> {
        for data in [Some(self.data), self.validation].into_iter().flatten() {
            if self.start.features != data.features() {
                let (expects, has) = (self.start.features, data.features());
                return Err(Error::Training(format!("the model takes {expects} features, the data has {has}")));
            }
        }
        for device in self.devices {
            let momentum = self.settings.momentum_in(device.placement.precision());
            momentum.map_err(|(_, message)| Error::Setting(message))?;
        }
        Ok(())
    }

    /// Checks that a snapshot is of a network of this size, and that its records have the numbers that the settings require.
    pub(super) fn check_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        let sizes = |parameters: &Parameters| [parameters.features, parameters.hidden];
        if sizes(&snapshot.state.parameters) != sizes(self.start) {
            let [is, was] = [self.start, &snapshot.state.parameters]
                .map(|network| format!("{} inputs and {} hidden units", network.features, network.hidden));
            return Err(Error::Training(format!("the model has {is}, but the snapshot has {was}")));
        }

        let fits = |record: &Record| {
            record.validation.is_some() == self.validation.is_some()
                && record.tracked.len() == self.settings.track.len()
        };
        if !snapshot.history.iter().chain([&snapshot.kept]).all(fits) {
            let message =
                "the records of the snapshot do not have the numbers that train.track and split.validation require";
            return Err(Error::Training(message.into()));
        }
        Ok(())
    }
}
