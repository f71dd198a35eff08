//! Checks the gradients of Burn's operations, losses and layers, and prints the verdicts as a document in Markdown.
//!
//!     cargo run --example burn_survey > docs/burn-gradients.md
//!
//! With an argument, only the functions whose name contains it are checked, and every verdict is printed with its reason.
//!
//! A new case is a few lines in the file of its kind: a name, a point, the inputs and a closure. A wrong gradient that it
//! finds belongs into `wrong.rs`, reduced to a few lines.

// In a list of functions all are closures, and a range in brackets is a slice of a tensor.
#![allow(
    clippy::redundant_closure,
    clippy::redundant_closure_for_method_calls,
    clippy::single_range_in_vec_init
)]
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout)]

mod case;
mod convolutions;
mod elementwise;
mod excuses;
mod indexing;
mod layers;
mod losses;
mod points;
mod products;
mod reductions;
mod referee;
mod sequences;
mod table;
mod windows;
mod wrong;

use burn::tensor::{DType, Device};

use case::{Case, Place};
use petal_gradcheck::burn::f64_device;
use referee::{Verdict, caught, judge};
use table::Row;

fn main() {
    // Panics of Burn are part of the result.
    std::panic::set_hook(Box::new(|_| {}));
    let places = places();
    let filter = std::env::args().nth(1);

    let mut rows = Vec::new();
    let mut forward = Vec::new();
    for (section, cases) in sections() {
        for case in cases
            .iter()
            .filter(|case| filter.as_ref().is_none_or(|text| case.name.contains(text)))
        {
            let outputs = caught(|| (case.outputs)(&places[0]));
            let verdicts: Vec<Verdict> = places.iter().map(|place| judge(case, place)).collect();
            if filter.is_some() {
                println!("{} at {}: {verdicts:?}", case.name, case.point);
            }
            forward.extend(differing(case, &outputs, &places[2]));
            rows.push(Row { section, name: case.name.clone(), point: case.point.clone(), verdicts });
        }
    }
    if filter.is_none() {
        print!("{}", document(&rows, &forward, &places));
    }
}

/// The devices and float types. Differences are taken on the first.
fn places() -> Vec<Place> {
    let flex = f64_device().expect("no tensor was made before");
    // A second implementation of every operation.
    #[allow(deprecated)]
    let ndarray = Device::ndarray();
    let place = |name, device: &Device, dtype| Place { name, device: device.clone(), dtype };
    vec![
        place("Flex f64", &flex, DType::F64),
        place("Flex f32", &flex, DType::F32),
        place("NdArray f64", &ndarray, DType::F64),
        place("NdArray f32", &ndarray, DType::F32),
    ]
}

fn sections() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Functions of single numbers and of pairs", elementwise::cases()),
        ("Reductions, cumulative operations, sorting, norms, softmax", reductions::cases()),
        ("Indexing and moving", indexing::cases()),
        ("Products, attention, decompositions", products::cases()),
        ("Pooling, interpolation, sampling", windows::cases()),
        ("Convolutions", convolutions::cases()),
        ("Losses", losses::cases()),
        ("Layers", layers::cases()),
        ("Layers for sequences", sequences::cases()),
    ]
}

/// A function whose values differ between the two backends in f64, with the largest difference.
fn differing(case: &Case, outputs: &Result<Vec<f64>, String>, other: &Place) -> Option<(String, f64)> {
    let (Ok(first), Ok(second)) = (outputs, caught(|| (case.outputs)(other))) else {
        return None;
    };
    let size = first.iter().fold(1e-30_f64, |size, value| size.max(value.abs()));
    let errors = first.iter().zip(&second).map(|(one, other)| (one - other).abs() / size);
    let worst = errors.filter(|error| error.is_finite()).fold(0.0, f64::max);
    (worst > 1e-13).then(|| (case.name.clone(), worst))
}

fn document(rows: &[Row], forward: &[(String, f64)], places: &[Place]) -> String {
    let panics = |verdict: &Verdict| match verdict {
        Verdict::Panics(text) => Some(text.clone()),
        _ => None,
    };
    let excused = |verdict: &Verdict| match verdict {
        Verdict::Excused(text) => Some((*text).to_owned()),
        _ => None,
    };
    let exactly = |wanted: &'static Verdict| move |verdict: &Verdict| (verdict == wanted).then(String::new);
    let mut names: Vec<(&str, f64)> = Vec::new();
    for (name, error) in forward {
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, worst)) => *worst = worst.max(*error),
            None => names.push((name, *error)),
        }
    }
    let values: Vec<String> = names.iter().map(|(name, error)| format!("{name} ({error:.0e})")).collect();

    [
        include_str!("introduction.md"),
        "\n## Counts\n\n",
        &table::summary(rows, places),
        "\n## Wrong gradients\n",
        &wrong::document(&places[0].device, &places[2].device),
        "\n## Kinks and edges where the gradient is NaN or infinite\n\n",
        &table::grouped(rows, places, exactly(&Verdict::NotFinite)),
        "\n## Panics\n\n",
        &table::grouped(rows, places, panics),
        "\n## Tensors of the default float type inside\n\n",
        &table::grouped(rows, places, exactly(&Verdict::DefaultType)),
        "\n## Differences that are no mistakes\n\n",
        &table::grouped(rows, places, excused),
        "\n## Single precision inside\n\n",
        &table::grouped(rows, places, exactly(&Verdict::SinglePrecision)),
        "\nFunctions whose values differ between Flex and NdArray in f64, with the largest difference relative to the largest \
         value: ",
        &values.join("; "),
        ".\n\n## Kinks\n\n",
        &table::kinks(rows),
        "\n## All functions\n",
        &table::whole(rows, places),
    ]
    .concat()
}
