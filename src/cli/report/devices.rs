//! The output of `petal devices` and `petal serve`.

#[cfg(feature = "remote")]
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::timings;
#[cfg(feature = "remote")]
use crate::device::OpenDevice;
use crate::device::{BackendStatus, Precision};
use crate::run::Run;

/// The table of devices, and the device that `auto` chooses for a run.
pub fn devices(statuses: &[BackendStatus], run: &Run) -> String {
    let rows = statuses.iter().map(|status| {
        let compiled = if status.backend.is_compiled() { "yes" } else { "no" };
        format!("{:<9} {compiled:<9} {}", status.backend, remark(status))
    });
    let rows = rows.collect::<Vec<_>>().join("\n");
    format!("device    compiled\n{rows}\n\n{}", auto(run))
}

/// The content of [`devices`] as JSON.
pub fn devices_json(statuses: &[BackendStatus], run: &Run) -> String {
    let devices = statuses.iter().map(|status| {
        let probe = status.probe.as_ref();
        let problem = |precision: Precision| probe.and_then(|probe| probe.check(precision).err());
        json!({
            "device": status.backend.name(),
            "compiled": status.backend.is_compiled(),
            "needs": status.backend.needs(),
            "present": probe.map(|probe| probe.supported_precisions().next().is_some()),
            "types": probe.map(|probe| probe.supported_precisions().collect::<Vec<_>>()),
            "adapter": probe.and_then(|probe| probe.adapter.as_ref()),
            "problems": { "f32": problem(Precision::F32), "f64": problem(Precision::F64) },
        })
    });
    let devices: Vec<Value> = devices.collect();

    let timings = run.timings.iter().flatten().map(|timing| match &timing.seconds {
        Ok(seconds) => json!({ "device": timing.name.to_string(), "microseconds_per_update": seconds * 1e6 }),
        Err(reason) => json!({ "device": timing.name.to_string(), "problem": reason }),
    });
    let timings: Vec<Value> = timings.collect();
    let auto = json!({ "takes": run.config.device, "dtype": run.config.dtype, "timings": timings });
    format!("{:#}", json!({ "devices": devices, "auto": auto }))
}

/// The last column of the table: what the device computes in and on which hardware, or why it cannot be used.
fn remark(status: &BackendStatus) -> String {
    let backend = status.backend;
    let Some(probe) = &status.probe else {
        return match backend.is_compiled() {
            true => format!("needs {}", backend.needs()),
            false => format!("--features {backend} adds it; needs {}", backend.needs()),
        };
    };

    let supported: Vec<String> = probe.supported_precisions().map(|precision| precision.to_string()).collect();
    let problems: Vec<String> = Precision::ALL
        .into_iter()
        .filter_map(|precision| probe.check(precision).err())
        .collect();
    if supported.is_empty() {
        return format!("not available: {}", problems.first().map_or("", String::as_str));
    }

    let supported = supported.join(" and ");
    let Some(adapter) = &probe.adapter else {
        return supported;
    };
    let software = if adapter.software { " (software)" } else { "" };
    let problems: String = problems.iter().map(|problem| format!("; {problem}")).collect();
    format!("{supported} on {}{software}{problems}", adapter.name)
}

/// The device that `auto` chooses, and the measured time per update on each device.
fn auto(run: &Run) -> String {
    format!(
        "auto chooses {} for {} samples and {} hidden units in {} by {}. {}.",
        run.config.device,
        run.data.samples(),
        run.initial.hidden,
        run.config.dtype,
        run.config.train.engine,
        match &run.timings {
            Some(measured) => format!("Time per update: {}", timings(measured)),
            None => "No device was timed; it computes on the CPU".into(),
        },
    )
}

/// The lines that a server prints when it starts.
#[cfg(feature = "remote")]
pub fn serving(device: &OpenDevice, address: SocketAddr) -> String {
    let warning = if address.ip().is_loopback() {
        ""
    } else {
        "\nWarning: other machines can reach this address. Everybody who can connect can use \
         the device. There is no encryption and no password."
    };
    format!(
        "Serving {} ({}) at ws://{address}{warning}\n\
         Train on it with --device remote:ws://{address}; Ctrl-C ends the server.",
        device.name, device.adapter.name
    )
}
