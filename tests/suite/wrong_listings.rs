//! The judgement of numbers that NumPy computed by the article's listing, right and broken by one line each.

use petal::article::Point;
use petal::article::report::Report;
use petal::article::submission::StoredNumbers;
use petal::device::Precision;
use petal::gradcheck::Array;
use serde_json::Value;

use crate::support::json;

fn stored(name: &str, value: &Value) -> StoredNumbers {
    let number = |number: &Value| match number {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_f64().unwrap(),
    };
    let shape: Vec<usize> = value["shape"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap() as usize)
        .collect();
    let values = value["values"].as_array().unwrap().iter().map(number).collect();
    let precision = if value["dtype"] == "float32" { Precision::F32 } else { Precision::F64 };
    StoredNumbers { array: Array::new(name, shape, values), precision }
}

fn arrays(object: &Value) -> Vec<StoredNumbers> {
    object
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| stored(name, value))
        .collect()
}

#[test]
fn print_all() {
    let file = json("wrong_listings.json");
    for case in file["cases"].as_array().unwrap() {
        let point = Point::from_arrays(&arrays(&file["points"][case["point"].as_str().unwrap()])).unwrap();
        let all = arrays(&case["arrays"]);
        println!("##### {}", case["name"]);
        for (which, names) in [("all", ""), ("gradients", "dW2 db2 dW1 db1"), ("updated", "W1 b1 W2 b2")] {
            let some: Vec<_> = all
                .iter()
                .filter(|a| names.is_empty() || names.split(' ').any(|n| n == a.array.name))
                .cloned()
                .collect();
            let report = Report::new(&point, &some).unwrap();
            println!(
                "--- {which}: {}",
                report
                    .quantities
                    .iter()
                    .map(|q| format!("{} {}", q.name, q.status))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            for m in &report.mistakes {
                println!("  {}  {:?} <- {}", m.sentence, m.alternatives, m.followers.join(","));
            }
            for n in &report.notes {
                println!("  note {n}");
            }
        }
    }
}
