//! What `petal devices` and `petal serve` say.

#[cfg(feature = "remote")]
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::timings;
#[cfg(feature = "remote")]
use crate::device::OpenDevice;
use crate::device::{BackendStatus, Precision};
use crate::run::Run;

/// The table of devices, and what `auto` takes for a run.
pub fn devices(surveyed: &[BackendStatus], run: &Run) -> String {
    let rows = surveyed.iter().map(|found| {
        let state = if found.trial.is_some() || found.backend.is_compiled() { "yes" } else { "no" };
        format!("{:<9} {state:<9} {}", found.backend, remark(found))
    });
    let rows = rows.collect::<Vec<_>>().join("\n");
    format!("device    compiled\n{rows}\n\n{}", auto(run))
}

/// The same as JSON.
pub fn devices_json(surveyed: &[BackendStatus], run: &Run) -> String {
    let devices = surveyed.iter().map(|found| {
        let adapter = found.trial.as_ref().and_then(|trial| trial.adapter.as_ref());
        let problems = |precision: Precision| found.trial.as_ref().and_then(|trial| trial.check(precision).err());
        json!({
            "device": found.backend.name(),
            "compiled": found.backend.is_compiled(),
            "needs": found.backend.needs(),
            "present": found.trial.as_ref().map(|trial| trial.types().next().is_some()),
            "types": found.trial.as_ref().map(|trial| trial.types().collect::<Vec<_>>()),
            "adapter": adapter,
            "problems": { "f32": problems(Precision::F32), "f64": problems(Precision::F64) },
        })
    });
    let timings = run.timings.iter().flatten().map(|timing| match &timing.seconds {
        Ok(seconds) => json!({ "device": timing.name.to_string(), "microseconds_per_update": seconds * 1e6 }),
        Err(reason) => json!({ "device": timing.name.to_string(), "problem": reason }),
    });
    let timings: Vec<Value> = timings.collect();
    let auto = json!({ "takes": run.config.device, "dtype": run.config.dtype, "timings": timings });
    format!("{:#}", json!({ "devices": devices.collect::<Vec<_>>(), "auto": auto }))
}

fn remark(found: &BackendStatus) -> String {
    let Some(trial) = &found.trial else {
        return match found.backend.is_compiled() {
            true => format!("needs {}", found.backend.needs()),
            false => format!("--features {} adds it; needs {}", found.backend, found.backend.needs()),
        };
    };
    let types = trial
        .types()
        .map(|precision| precision.to_string())
        .collect::<Vec<_>>()
        .join(" and ");
    let failed = Precision::ALL.into_iter().filter_map(|precision| trial.check(precision).err());
    let failed = failed.collect::<Vec<_>>();
    match (&trial.adapter, types.is_empty()) {
        (_, true) => format!("not here: {}", failed.first().map_or("", String::as_str)),
        (Some(adapter), false) => {
            let software = if adapter.software { " (software)" } else { "" };
            let failed = failed.iter().map(|reason| format!("; {reason}")).collect::<String>();
            format!("{types} on {}{software}{failed}", adapter.name)
        }
        (None, false) => types,
    }
}

fn auto(run: &Run) -> String {
    format!(
        "auto takes {} for {} samples and {} hidden units in {} by {}. An update there: {}.",
        run.config.device,
        run.data.samples(),
        run.initial.hidden,
        run.config.dtype,
        run.config.train.engine,
        run.timings.as_deref().map_or_else(|| "on the CPU".into(), timings),
    )
}

/// The start-up lines of a server.
#[cfg(feature = "remote")]
pub fn serving(device: &OpenDevice, address: SocketAddr) -> String {
    let open = if address.ip().is_loopback() {
        ""
    } else {
        "\nWarning: this address is not loopback. Whoever reaches it can use the device; nothing is encrypted or checked."
    };
    format!(
        "Serving {} ({}) at ws://{address}{open}\n\
         Train on it with --device remote:ws://{address}; Ctrl-C ends the server.",
        device.name, device.adapter.name
    )
}
