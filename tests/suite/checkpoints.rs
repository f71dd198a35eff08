//! Checkpoints that are damaged, or that somebody made to do harm. `tests/suite/fuzz_corpus.rs` tests random changes.

use petal::files::checkpoint::Checkpoint;
use serde_json::{Value, json};

use crate::support::path;

/// Reads the checkpoint of a run with momentum, after a change.
fn read_changed(change: impl FnOnce(&mut Value, &mut Value, &mut Vec<f64>)) -> Result<Checkpoint, String> {
    read_changed_seed("moving", change)
}

/// Reads a checkpoint after a change of its header, of the metadata under its key `petal`, or of its numbers.
fn read_changed_seed(
    seed: &str,
    change: impl FnOnce(&mut Value, &mut Value, &mut Vec<f64>),
) -> Result<Checkpoint, String> {
    let bytes = std::fs::read(path("fuzz/seeds/checkpoint").join(seed)).unwrap();
    let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..end]).unwrap();
    let mut petal = serde_json::from_str(header["__metadata__"]["petal"].as_str().unwrap()).unwrap();
    let mut numbers: Vec<f64> = bytes[end..]
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    change(&mut header, &mut petal, &mut numbers);
    header["__metadata__"]["petal"] = petal.to_string().into();
    let header = header.to_string();
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    Checkpoint::parse(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), &numbers].concat())
}

fn refused(change: impl FnOnce(&mut Value, &mut Value, &mut Vec<f64>)) -> String {
    read_changed(change).unwrap_err()
}

/// The index of the first number of a tensor.
fn first_index(header: &Value, name: &str) -> usize {
    header[name]["data_offsets"][0].as_u64().unwrap() as usize / 8
}

#[test]
fn invalid_metadata_is_refused_with_a_reason() {
    let checkpoint = read_changed(|_, _, _| ()).unwrap();
    assert_eq!(checkpoint.snapshot.history.len(), 4);
    let changes: [(&str, Value, &str); 16] = [
        ("format", json!(4), "format 4: this version reads format 3"),
        ("hidden", json!(0), "metadata: the network size is zero or too large"),
        ("features", json!(0), "metadata: the network size is zero or too large"),
        // The number of parameters does not fit into 64 bits.
        ("hidden", json!(u64::MAX), "metadata: the network size is zero or too large"),
        ("features", json!(u64::MAX), "metadata: the network size is zero or too large"),
        // The number of parameters fits, the number of bytes does not.
        (
            "hidden",
            json!(u64::MAX / 5),
            "at.velocity is F64 of shape [9]: must be F64 of shape [14757395258967641293]",
        ),
        ("hidden", json!(3), "at.velocity is F64 of shape [9]: must be F64 of shape [13]"),
        ("hidden", json!(-1), "metadata: invalid value"),
        ("at", json!(5), "metadata: the updates do not fit the history"),
        ("sound", json!(4), "metadata: the updates do not fit the history"),
        ("kept", json!(5), "history: the update numbers must increase and must include the kept record"),
        // If training continued from this count, adding 1 would overflow.
        ("since", json!(u64::MAX), "metadata: the updates do not fit the history"),
        ("since", json!(4), "metadata: the updates do not fit the history"),
        ("tracked", json!(1), "no history that fits the metadata"),
        ("tracked", json!(u64::MAX), "no history that fits the metadata"),
        ("config", Value::Null, "metadata: invalid type: null"),
    ];
    for (key, value, message) in changes {
        let found = refused(|_, petal, _| petal[key] = value.clone());
        assert!(found.starts_with(message), "{key} = {value}: {found}");
    }
    assert!(read_changed(|_, petal, _| petal["since"] = 3.into()).is_ok());
    assert!(refused(|_, petal, _| *petal = json!("nothing")).starts_with("metadata: "));
}

#[test]
fn checkpoints_of_older_formats_are_refused_with_the_reason() {
    for format in [1, 2] {
        let refused = refused(|_, petal, _| {
            petal["format"] = format.into();
            petal.as_object_mut().unwrap().remove("activation").unwrap();
        });
        assert_eq!(
            refused,
            format!(
                "format {format}, from an older version of Petal: it does not name the activation function of the network; \
                 this version reads format 3"
            )
        );
    }
}

#[test]
fn invalid_tensors_are_refused_with_a_reason() {
    let without = |name: &'static str| {
        move |header: &mut Value, _: &mut Value, _: &mut Vec<f64>| {
            let _ = header.as_object_mut().unwrap().remove(name);
        }
    };
    assert!(refused(without("at.parameters")).starts_with("not a safetensors file"));
    let integers = refused(|header, _, _| header["kept.parameters"]["dtype"] = "I64".into());
    assert_eq!(integers, "kept.parameters is I64 of shape [9]: must be F64 of shape [9]");
    let flat = refused(|header, _, _| header["history"]["shape"] = json!([28]));
    assert_eq!(flat, "no history that fits the metadata");
    let wide = refused(|header, _, _| header["history"]["shape"] = json!([2, 14]));
    assert_eq!(wide, "no history that fits the metadata");
    let deep = refused(|header, _, _| header["history"]["shape"] = json!([2, 2, 7]));
    assert_eq!(deep, "history is F64 of shape [2, 2, 7]: must be F64 of shape [records, 7]");

    for (name, index) in [("sound.velocity", 8), ("kept.parameters", 0), ("history", 2)] {
        for bad in [f64::NAN, f64::INFINITY] {
            let message = refused(|header, _, numbers| numbers[first_index(header, name) + index] = bad);
            assert_eq!(message, format!("{name}[{index}] = {bad}: must be finite"));
        }
    }

    // More bytes than memory has, and numbers of bytes that do not fit into 64 bits.
    for units in [1_u64 << 50, 1 << 61, u64::MAX] {
        let message = refused(|header, petal, _| {
            petal["hidden"] = units.into();
            header["at.parameters"] =
                json!({"dtype": "F64", "shape": [units], "data_offsets": [0, units.wrapping_mul(8)]});
        });
        assert!(message.starts_with("not a safetensors file"), "{message}");
    }
}

#[test]
fn the_updates_of_records_must_be_integers_in_ascending_order() {
    // Each record has 7 numbers. The first one is its update: 0, 2, 4 and 6.
    let (range, order) = ("must be whole numbers from 0 to 2^64", "the update numbers must increase");
    let cases = [(1, 2.5, range), (0, -1.0, range), (3, 1e300, range), (1, 4.0, order), (2, 2.0, order)];
    for (record, update, expected) in cases {
        let message = refused(|header, _, numbers| numbers[first_index(header, "history") + 7 * record] = update);
        assert!(message.starts_with("history: ") && message.contains(expected), "{record}: {update}: {message}");
    }
}
