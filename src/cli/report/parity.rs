//! The text output of `petal parity`.

use crate::data::text::{grouped, plural, short};
use crate::parity::{Deviation, DeviceReport, Difference, Report};

/// A table for each device, then the verdict.
pub fn parity(report: &Report) -> String {
    let tables: Vec<String> = report
        .devices
        .iter()
        .map(|device| device_table(device, report.updates))
        .collect();
    let failed = report.devices.iter().filter(|device| !device.passed);
    let failed: Vec<&str> = failed.map(|device| &device.device[..]).collect();
    let verdict = if failed.is_empty() {
        "All are within their bounds.".to_owned()
    } else {
        format!("OUTSIDE the bounds: {}.", failed.join(", "))
    };
    format!("{}\n{verdict}", tables.join("\n"))
}

fn device_table(report: &DeviceReport, updates: usize) -> String {
    let DeviceReport { device, adapter, precision, bounds, .. } = report;
    let rows: String = report.differences.iter().map(difference_row).collect();
    let losses = match report.first_deviation {
        None => format!(
            "over {} {} the losses differ by at most {:.1e}; bound {:.0e}",
            grouped(updates),
            plural(updates, "update"),
            report.max_loss_difference,
            bounds.training
        ),
        Some(Deviation { update, loss, host }) => format!(
            "the losses differ by more than {:.0e} after update {}: {loss:.9} against {host:.9}",
            bounds.training,
            grouped(update)
        ),
    };
    format!(
        "{device}, {precision}: {adapter}, {} us per update\n\
         \x20                     absolute  relative    bound        ulp\n\
         {rows}  path  {losses}\n",
        grouped((report.seconds_per_update * 1e6).round() as usize),
    )
}

fn difference_row(difference: &Difference) -> String {
    let Difference { name, absolute, relative, ulps, bound, passed } = difference;
    let when = if name == "loss" || name.starts_with('d') {
        "at the start"
    } else {
        "at the end"
    };
    let ulps = if *ulps < 1e5 { format!("{ulps:.1}") } else { short(*ulps) };
    let verdict = if *passed { "ok" } else { "OUTSIDE" };
    format!("  {name:<5} {when:<12}  {absolute:>8.1e}  {relative:>8.1e}  {bound:>7.0e}  {ulps:>9}  {verdict}\n")
}
