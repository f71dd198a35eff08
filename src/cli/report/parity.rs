//! What `petal parity` says.

use crate::data::text::{grouped, plural, short};
use crate::parity::{DeviceReport, Difference, Parting, Report};

/// The comparison as a table for each device, and the verdict.
pub fn parity(report: &Report) -> String {
    let devices: Vec<String> = report.devices.iter().map(|device| table(device, report.updates)).collect();
    let apart = report
        .devices
        .iter()
        .filter(|device| !device.holds)
        .map(|device| &device.device[..]);
    let apart = apart.collect::<Vec<_>>().join(", ");
    let verdict = if apart.is_empty() {
        "All are within their bounds.".to_owned()
    } else {
        format!("OUTSIDE the bounds: {apart}.")
    };
    format!("{}\n{verdict}", devices.join("\n"))
}

fn table(device: &DeviceReport, updates: usize) -> String {
    let DeviceReport { device: name, adapter, precision, bounds, differences, farthest, parted, seconds, .. } = device;
    let rows = differences
        .iter()
        .map(|Difference { what, absolute, relative, ulps, bound, holds }| {
            let when = if what == "loss" || what.starts_with('d') {
                "at the start"
            } else {
                "at the end"
            };
            let verdict = if *holds { "ok" } else { "OUTSIDE" };
            format!(
                "  {what:<5} {when:<12}  {absolute:>8.1e}  {relative:>8.1e}  {bound:>7.0e}  {:>9}  {verdict}\n",
                ulp(*ulps)
            )
        });
    let rows: String = rows.collect();
    let updates = format!("{} {}", grouped(updates), plural(updates, "update"));
    let path = match parted {
        None => {
            format!("over {updates} no two losses are apart by more than {farthest:.1e}; bound {:.0e}", bounds.path)
        }
        Some(Parting { update, loss, host }) => format!(
            "the losses part by more than {:.0e} after update {}: {loss:.9} against {host:.9}",
            bounds.path,
            grouped(*update)
        ),
    };
    format!(
        "{name}, {precision}: {adapter}, {} us per update\n\
         \x20                     absolute  relative    bound        ulp\n\
         {rows}  path  {path}\n",
        grouped((seconds * 1e6).round() as usize),
    )
}

fn ulp(ulps: f64) -> String {
    if ulps < 1e5 { format!("{ulps:.1}") } else { short(ulps) }
}
