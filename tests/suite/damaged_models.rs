//! Model files that somebody damaged, or made to do damage.

use std::io::Read;
use std::path::Path;

use petal::data::scaling::StandardScaler;
use petal::data::schema::{Column, Schema};
use petal::device::Precision;
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::Parameters;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(bytes: &[u8]) -> Result<ModelFile, String> {
    ModelFile::read(bytes, Path::new("model")).map_err(|error| error.to_string())
}

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err()
}

fn model(precision: Precision) -> ModelFile {
    let mut columns = vec![Column::number("a"), Column::number("b")];
    columns.push(Column { categories: Some(vec!["u".into(), "v".into()]), ..Column::number("c") });
    let schema = Schema { columns, label: "y".into(), classes: ["0".into(), "1".into()] };
    let scaling = StandardScaler { mean: vec![0.5; 4], deviation: vec![2.0; 4] };
    let list = |count| (0..count).map(|i| f64::from(i) / 4.0 - 1.0).collect();
    let parameters = Parameters { features: 4, hidden: 3, w1: list(12), b1: list(3), w2: list(3), b2: list(1) };
    ModelFile {
        parameters,
        precision,
        metadata: Metadata::new(schema, Some(scaling), 0.5, 3, "# none".into()),
    }
}

/// The header of a model file, as JSON, and its tensors.
fn parts() -> (Value, Vec<u8>) {
    let bytes = model(Precision::F64).to_bytes().unwrap();
    let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..end]).unwrap(), bytes[end..].to_vec())
}

fn joined(header: &str, tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}

/// A model file with something about its header, or about what it says under `petal`, changed.
fn with(change: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let (mut header, tensors) = parts();
    let mut petal = serde_json::from_str(header["__metadata__"]["petal"].as_str().unwrap()).unwrap();
    change(&mut header, &mut petal);
    if header["__metadata__"]["petal"].is_string() {
        header["__metadata__"]["petal"] = petal.to_string().into();
    }
    joined(&header.to_string(), &tensors)
}

#[test]
fn a_header_is_not_believed() {
    assert!(read(&with(|_, _| ())).is_ok());
    for claimed in [u64::MAX, 1 << 62, (16 << 20) + 1] {
        let message = refused(&[&claimed.to_le_bytes()[..], b"{}"].concat());
        assert_eq!(
            message,
            format!("model: not a model of Petal: a header of {claimed} bytes: must be at most 16777216")
        );
    }
    // Nothing is set aside for a header that does not come, and of one without an end no more is read than its length.
    let message = refused(&[&(16_u64 << 20).to_le_bytes()[..], b"{}"].concat());
    assert_eq!(message, "model: not a safetensors file: it ends before its header does");
    let length = (1_u64 << 20).to_le_bytes();
    assert!(ModelFile::read(length.chain(std::io::repeat(b' ')), Path::new("model")).is_err());

    // 10^18 units would take 10^19 bytes, and as many squared have no number.
    let shapes = |units: u64, width: u64, places: &dyn Fn(&mut Value)| {
        with(|header, petal| {
            petal["hidden"] = units.into();
            header["hidden.weight"]["shape"] = json!([units, width]);
            header["hidden.bias"]["shape"] = json!([units]);
            header["output.weight"]["shape"] = json!([1, units]);
            places(header);
        })
    };
    let (many, same) = (1_000_000_000_000_000_000, |_: &mut Value| ());
    assert!(read(&shapes(3, 4, &same)).is_ok());
    assert!(
        refused(&shapes(many, 4, &same)).starts_with("model: not a safetensors file: "),
        "{}",
        refused(&shapes(many, 4, &same))
    );
    assert!(refused(&shapes(many, many, &same)).contains("must be [1000000000000000000, 4]"));
    assert!(refused(&shapes(0, 4, &same)).contains("at least one input and one hidden unit"));
    // Places that fit such shapes, for tensors that do not come.
    let places = |header: &mut Value| {
        for (name, from, to) in [
            ("hidden.weight", 0_u64, 32_u64 << 50),
            ("hidden.bias", 32 << 50, 40 << 50),
            ("output.weight", 40 << 50, 48 << 50),
            ("output.bias", 48 << 50, (48 << 50) + 8),
        ] {
            header[name]["data_offsets"] = json!([from, to]);
        }
    };
    let large = shapes(1 << 50, 4, &places);
    let announced = (48_u64 << 50) + 8;
    assert!(refused(&large).ends_with(&format!("{announced} bytes of tensors announced, 152 there")));
}

#[test]
fn a_model_is_its_four_tensors_and_nothing_else() {
    let (header, tensors) = parts();
    let text = header.to_string();
    let entry = format!("\"output.bias\":{}", header["output.bias"]);
    let doubled = text.replace(&entry, &format!("{entry},{entry}"));
    assert!(refused(&joined(&doubled, &tensors)).contains("duplicate field `output.bias`"));
    let missing = with(|header, _| drop(header.as_object_mut().unwrap().remove("hidden.bias")));
    assert!(refused(&missing).contains("missing field `hidden.bias`"));
    let further = with(|header, _| header["third.bias"] = header["output.bias"].clone());
    assert!(refused(&further).contains("unknown field `third.bias`"));
    assert!(refused(&[&with(|_, _| ())[..], b"x"].concat()).contains("152 bytes of tensors announced, more there"));
    let other = with(|header, _| header["output.bias"]["dtype"] = "F32".into());
    assert!(
        refused(&other).contains("output.bias holds F32: must be F64, as hidden.weight is"),
        "{}",
        refused(&other)
    );
    let whole = with(|header, _| header["hidden.weight"]["dtype"] = "I64".into());
    assert!(refused(&whole).contains("hidden.weight holds I64: must be F32 or F64"));
    let overlapping = with(|header, _| header["output.bias"]["data_offsets"] = json!([0, 8]));
    assert!(refused(&overlapping).contains("not a safetensors file"));
}

#[test]
fn metadata_that_do_not_fit_are_refused_with_a_reason() {
    let named = "no metadata under the key `petal`: not a model of Petal";
    assert!(refused(&with(|header, _| header["__metadata__"] = json!({"format": "pt"}))).contains(named));
    assert!(refused(&with(|header, _| drop(header.as_object_mut().unwrap().remove("__metadata__")))).contains(named));
    assert!(read(&with(|header, _| header["__metadata__"]["format"] = "pt".into())).is_ok());
    // The version comes first: the rest of another one may be anything.
    let newer = with(|_, petal| *petal = json!({"format": 3, "layers": []}));
    assert!(refused(&newer).contains("format 3: this version reads format 2"));
    assert!(refused(&with(|_, petal| *petal = json!({"format": 2}))).contains("metadata: missing field"));
    let changes: [(&str, Value, &str); 5] = [
        ("activations", json!(["relu", "sigmoid"]), "must be tanh and sigmoid"),
        ("threshold", json!(1.5), "threshold 1.5: must be from 0 to 1"),
        ("scaling", json!({"mean": [0, 0, 0, 0], "deviation": [1, 1, 0, 1]}), "deviations above 0"),
        ("scaling", json!({"mean": [0], "deviation": [1]}), "4 finite means"),
        ("hidden", json!(-1), "metadata: invalid value"),
    ];
    for (key, value, message) in changes {
        let told = refused(&with(|_, petal| petal[key] = value.clone()));
        assert!(told.contains(message), "{told}");
    }
    let told = refused(&with(|_, petal| petal["schema"]["columns"][2]["categories"] = json!([])));
    assert!(told.contains("column \"c\" has no categories"), "{told}");
}

proptest! {
    // About a second.
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No change of bytes makes reading panic, and what is still a model is whole: it predicts, and survives being stored.
    #[test]
    fn a_damaged_file_is_refused_or_is_a_model(
        single in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let original = model(if single { Precision::F32 } else { Precision::F64 });
        let mut bytes = original.to_bytes().unwrap();
        let size = bytes.len();
        for (place, byte) in changes {
            bytes[place.index(size)] = byte;
        }
        bytes.truncate(length.map_or(size, |length| length.index(size + 1)));
        if let Ok(read) = ModelFile::read(&bytes[..], Path::new("model")) {
            let probabilities = read.probabilities(&mut vec![0.25; 2 * read.parameters.features]);
            prop_assert_eq!(probabilities.len(), 2);
            prop_assert!(probabilities.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
            let again = ModelFile::read(&read.to_bytes().unwrap()[..], Path::new("model")).unwrap();
            prop_assert_eq!(again, read);
        }
    }
}
