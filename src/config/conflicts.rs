//! Settings that are valid one by one and do not go together.

use super::settings::Config;
use crate::data::Source;
use crate::data::metrics::Threshold;
use crate::device::DeviceChoice;
use crate::network::gradients::Engine;

/// The largest number of activations in one tensor, samples times hidden units: 8 GiB of f64.
const MAX_ACTIVATIONS: usize = 1 << 30;

/// The key that is at fault, and the message.
pub(super) type Conflict = (&'static str, String);

impl Config {
    /// Checks that the settings go together.
    pub(super) fn check_conflicts(&self) -> Result<(), Conflict> {
        // The number of samples in a table is known only after reading it.
        let samples = match self.data.source()? {
            Source::Generated(settings) => Some(settings.samples.get()),
            Source::Table(_) => None,
        };
        self.check_split()?;
        self.model.check()?;
        self.train.check()?;
        self.train.momentum_in(self.dtype)?;
        self.check_device(samples)?;
        self.check_size(samples)
    }

    fn check_split(&self) -> Result<(), Conflict> {
        let split = self.split.with_defaults(self.data.kind);
        split.check()?;
        if split.validation.get() > 0.0 {
            return Ok(());
        }
        let needs = "needs validation samples; set split.validation above 0";
        if let Some(patience) = self.train.patience {
            return Err(("train.patience", format!("train.patience = {patience}: {needs}")));
        }
        if let Threshold::Best(_) = self.decision.threshold {
            return Err(("decision.threshold", format!("decision.threshold: choosing it {needs}")));
        }
        Ok(())
    }

    fn check_device(&self, samples: Option<usize>) -> Result<(), Conflict> {
        let fused = self.train.engine == Engine::Fused;
        if fused && !self.device.is_cpu() && self.device != DeviceChoice::Auto {
            let message = format!(
                "train.engine = \"fused\": it computes on the CPU, without Burn, and not on device = \"{}\"; accepted with \
                 it: flex, ndarray, cpu, auto",
                self.device
            );
            return Err(("train.engine", message));
        }
        if let DeviceChoice::Named(names) = &self.device
            && let Some(samples) = samples
            && names.len() > samples
        {
            let devices = names.len();
            return Err(("device", format!("device: {devices} devices cannot share data.samples = {samples}")));
        }
        Ok(())
    }

    fn check_size(&self, samples: Option<usize>) -> Result<(), Conflict> {
        // The fused engine never holds the activations of a whole layer.
        let samples = samples.filter(|_| self.train.engine != Engine::Fused);
        let hidden = self.model.hidden.get();
        match samples.and_then(|samples| too_large(samples, hidden)) {
            Some(reason) => Err(("model.hidden", format!("model.hidden = {hidden}: {reason}"))),
            None => Ok(()),
        }
    }
}

/// Why the activations of one hidden layer are too large for one tensor, if they are.
pub(crate) fn too_large(samples: usize, hidden: usize) -> Option<String> {
    let activations = samples * hidden;
    let gib = activations as f64 * 8.0 / f64::from(1 << 30);
    (activations > MAX_ACTIVATIONS)
        .then(|| format!("with {samples} samples one layer takes {gib:.0} GiB; at most 8 are accepted"))
}
