//! Shows what the referee says of each classic mistake of hand-written backpropagation, as a Markdown table.
//!
//!     cargo run --example fault_gallery

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use petal::gradcheck::faults::gallery;

fn main() -> petal::error::Result<()> {
    println!("| mistake | first to differ | what is seen there | named |\n| --- | --- | --- | --- |");
    for (fault, report) in gallery()? {
        let tensors = report.comparisons.iter().filter(|comparison| comparison.a == "yours").flat_map(|c| &c.tensors);
        let first = tensors.into_iter().find(|tensor| !tensor.holds);
        let (name, seen) = first.map_or(("-", None), |first| (&first.name, first.diagnosis.as_deref()));
        let named = report.findings.iter().any(|finding| finding.ends_with(fault.describe()));
        let (seen, named) = (seen.unwrap_or("no simple pattern"), if named { "yes" } else { "no" });
        println!("| {} | `{name}` | {seen} | {named} |", fault.describe());
    }
    Ok(())
}
