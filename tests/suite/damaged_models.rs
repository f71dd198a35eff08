//! Model files that are damaged, or that somebody made to do harm, and files of another kind.

use std::io::Read;
use std::path::Path;

use petal::config::Config;
use petal::data::InputRanges;
use petal::data::scaling::StandardScaler;
use petal::data::schema::{Column, Schema};
use petal::device::Precision;
use petal::files::model_file::{Metadata, ModelFile};
use petal::network::{Activation, Parameters};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::path;

fn read(bytes: &[u8]) -> Result<ModelFile, String> {
    ModelFile::read(bytes, Path::new("model")).map_err(|error| error.to_string())
}

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err()
}

fn model(precision: Precision) -> ModelFile {
    let mut columns = vec![Column::number("a"), Column::number("b")];
    columns.push(Column { categories: Some(vec!["u".into(), "v".into()]), ..Column::number("c") });
    let schema = Schema { columns, label: "y".into(), classes: ["0".into(), "1".into()], missing: None };
    let scaling = StandardScaler { mean: vec![0.5; 4], deviation: vec![2.0; 4] };
    let ranges = InputRanges { min: vec![-1.5, 0.0, 0.0, 0.0], max: vec![4.5, 0.0, 1.0, 1.0] };
    let list = |count| (0..count).map(|i| f64::from(i) / 4.0 - 1.0).collect();
    let parameters = Parameters {
        features: 4,
        hidden: 3,
        activation: Activation::Tanh,
        w1: list(12),
        b1: list(3),
        w2: list(3),
        b2: list(1),
    };
    ModelFile {
        parameters,
        precision,
        metadata: Metadata::new(schema, Some(scaling), ranges, 0.5, (3, Activation::Tanh), "# none".into()),
    }
}

/// The header of a model file as JSON, and the bytes of its tensors.
fn parts() -> (Value, Vec<u8>) {
    let bytes = model(Precision::F64).to_bytes().unwrap();
    let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..end]).unwrap(), bytes[end..].to_vec())
}

/// The bytes of a model file with this header and these tensors.
fn joined(header: &str, tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}

/// The bytes of a model file after a change of its header, or of the metadata under its key `petal`.
fn changed(change: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let (mut header, tensors) = parts();
    let mut petal = serde_json::from_str(header["__metadata__"]["petal"].as_str().unwrap()).unwrap();
    change(&mut header, &mut petal);
    if header["__metadata__"]["petal"].is_string() {
        header["__metadata__"]["petal"] = petal.to_string().into();
    }
    joined(&header.to_string(), &tensors)
}

#[test]
fn sizes_in_a_header_are_checked_before_memory_is_reserved() {
    assert!(read(&changed(|_, _| ())).is_ok());
    let claimed = (16_u64 << 20) + 1;
    let message = refused(&[&claimed.to_le_bytes()[..], b"{}"].concat());
    assert_eq!(
        message,
        format!("model: not a model of Petal: a header of {claimed} bytes: must be at most 16777216")
    );
    // No program writes such a length: the first bytes are something else.
    let latin1 = b"\xe9t\xe9,y\n1,0\n2,1\n".as_slice();
    let lzma = b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0".as_slice();
    for bytes in [latin1, lzma, &u64::MAX.to_le_bytes(), &(1_u64 << 62).to_le_bytes()] {
        let expected = "model: not a safetensors file; a model of Petal is a safetensors file, which train writes";
        assert_eq!(refused(bytes), expected);
    }

    // No memory is reserved for a header that is missing.
    let message = refused(&[&(16_u64 << 20).to_le_bytes()[..], b"{}"].concat());
    assert_eq!(message, "model: not a safetensors file: it ends before its header does");
    // If a header never ends, no more than its length is read.
    let length = (1_u64 << 20).to_le_bytes();
    assert!(ModelFile::read(length.chain(std::io::repeat(b' ')), Path::new("model")).is_err());

    // 10^18 units would take 8 * 10^18 bytes for each column. With 10^18 inputs the product does not fit into 64 bits.
    let with_shapes = |units: u64, inputs: u64, set_offsets: &dyn Fn(&mut Value)| {
        changed(|header, petal| {
            petal["hidden"] = units.into();
            header["hidden.weight"]["shape"] = json!([units, inputs]);
            header["hidden.bias"]["shape"] = json!([units]);
            header["output.weight"]["shape"] = json!([1, units]);
            set_offsets(header);
        })
    };
    let (many, unchanged) = (1_000_000_000_000_000_000, |_: &mut Value| ());
    assert!(read(&with_shapes(3, 4, &unchanged)).is_ok());
    let message = refused(&with_shapes(many, 4, &unchanged));
    assert!(message.starts_with("model: not a safetensors file: "), "{message}");
    assert!(refused(&with_shapes(many, many, &unchanged)).contains("must be [1000000000000000000, 4]"));
    assert!(refused(&with_shapes(0, 4, &unchanged)).contains("at least one input and one hidden unit"));

    // Offsets that fit such shapes, for tensors that are missing.
    let matching_offsets = |header: &mut Value| {
        for (name, start, end) in [
            ("hidden.weight", 0_u64, 32_u64 << 50),
            ("hidden.bias", 32 << 50, 40 << 50),
            ("output.weight", 40 << 50, 48 << 50),
            ("output.bias", 48 << 50, (48 << 50) + 8),
        ] {
            header[name]["data_offsets"] = json!([start, end]);
        }
    };
    let large = with_shapes(1 << 50, 4, &matching_offsets);
    let announced = (48_u64 << 50) + 8;
    assert!(refused(&large).ends_with(&format!("the header says {announced} bytes of tensors, but the file has 152")));
}

#[test]
fn a_checkpoint_is_not_taken_for_a_model() {
    let checkpoint = path("fuzz/seeds/checkpoint/plain");
    let message = ModelFile::load(&checkpoint).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "plain: this is a checkpoint; the model is model.safetensors in the same folder. A sweep has no models: train the \
             run that you want alone"
        ),
        "{message}"
    );
}

#[test]
fn a_file_that_is_no_model_is_named() {
    // Made with: printf 'a,y\n1,0\n' | zstd, xz, gzip -n; git lfs pointer; numpy.save, pickle.dumps, torch.save.
    let files: [(&[u8], &str); 11] = [
        (b"\x08\x08\x12\x05petal\x1a\x05", "is an ONNX model; a model of Petal is a safetensors file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
            "is a Git LFS pointer, not the file; fetch the file with git lfs pull",
        ),
        (
            b"\n<!DOCTYPE html>\n<html lang=\"en\">",
            "is an HTML page; download the file itself, not the page about it",
        ),
        (
            b"\x28\xb5\x2f\xfd\x04\x58\x41\0\0a,y\n1,0\n",
            "is a file of type zst (application/zstd); decompress it first",
        ),
        (
            b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01\x16\0\0\0",
            "is a file of type xz (application/x-xz); decompress it first",
        ),
        (
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03K\xd4\xa9\xe42",
            "is a file of type gz (application/gzip); decompress it first",
        ),
        (b"a\0,\0y\0\n\0", "is UTF-16 text without a byte order mark; save it as UTF-8"),
        (
            b"\x93NUMPY\x01\0v\0{'descr': '<f8', ",
            "is a NumPy array (npy); a model of Petal is a safetensors file",
        ),
        (
            b"\x80\x04\x95\x0f\0\0\0\0\0\0\0]\x94(K",
            "is a Python pickle; a model of Petal is a safetensors file",
        ),
        (
            b"PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pkl",
            "is a PyTorch file; a model of Petal is a safetensors file",
        ),
        (b"a,y\n1,0\n", "is text; a model of Petal is a safetensors file"),
    ];
    for (bytes, expected) in files {
        assert_eq!(refused(bytes), format!("model: {expected}"));
    }
    // The length of a header may begin with the bytes of gzip.
    let spaces = " ".repeat(0x0008_8b1f - parts().0.to_string().len());
    let long = joined(&(parts().0.to_string() + &spaces), &parts().1);
    assert!(long.starts_with(b"\x1f\x8b\x08\0"));
    assert!(read(&long).is_ok());
}

#[test]
fn a_model_must_have_its_four_tensors_and_no_others() {
    let (header, tensors) = parts();
    let text = header.to_string();
    let entry = format!("\"output.bias\":{}", header["output.bias"]);
    let doubled = text.replace(&entry, &format!("{entry},{entry}"));
    assert!(refused(&joined(&doubled, &tensors)).contains("duplicate field `output.bias`"));

    let missing = changed(|header, _| drop(header.as_object_mut().unwrap().remove("hidden.bias")));
    assert!(refused(&missing).contains("missing field `hidden.bias`"));
    let additional = changed(|header, _| header["third.bias"] = header["output.bias"].clone());
    assert!(refused(&additional).contains("unknown field `third.bias`"));
    assert!(
        refused(&[&changed(|_, _| ())[..], b"x"].concat())
            .contains("the header says 152 bytes of tensors, but the file has more")
    );

    let mixed_types = changed(|header, _| header["output.bias"]["dtype"] = "F32".into());
    let message = refused(&mixed_types);
    assert!(message.contains("output.bias holds F32: must be F64, as hidden.weight is"), "{message}");
    let integers = changed(|header, _| header["hidden.weight"]["dtype"] = "I64".into());
    assert!(refused(&integers).contains("hidden.weight holds I64: must be F32 or F64"));
    let overlapping = changed(|header, _| header["output.bias"]["data_offsets"] = json!([0, 8]));
    assert!(refused(&overlapping).contains("not a safetensors file"));
}

/// Models of format 2 have no ranges. They are read and stored as they are.
#[test]
fn a_model_of_format_2_is_read() {
    let bytes = changed(|_, petal| {
        petal["format"] = 2.into();
        petal.as_object_mut().unwrap().remove("ranges");
    });
    let mut expected = model(Precision::F64);
    (expected.metadata.format, expected.metadata.ranges) = (2, None);
    let old = read(&bytes).unwrap();
    assert_eq!(old, expected);
    assert_eq!(read(&old.to_bytes().unwrap()).unwrap(), expected);
}

#[test]
fn invalid_metadata_is_refused_with_a_reason() {
    let not_petal = "no metadata under the key `petal`: not a model of Petal";
    let of_pytorch = changed(|header, _| header["__metadata__"] = json!({"format": "pt"}));
    assert!(refused(&of_pytorch).contains(not_petal));
    let without = changed(|header, _| drop(header.as_object_mut().unwrap().remove("__metadata__")));
    assert!(refused(&without).contains(not_petal));
    // Other programs add keys of their own. They are ignored.
    assert!(read(&changed(|header, _| header["__metadata__"]["format"] = "pt".into())).is_ok());

    // The version is checked first, because another version may have any other keys.
    let newer = changed(|_, petal| *petal = json!({"format": 5, "layers": []}));
    assert!(refused(&newer).contains("format 5: this version reads formats 2 to 4"));
    assert!(refused(&changed(|_, petal| *petal = json!({"format": 2}))).contains("metadata: missing field"));
    let ranges = "ranges must have 4 finite numbers in min, and as many in max that are not smaller";
    let changes: [(&str, Value, &str); 12] = [
        ("ranges", json!({"min": [0, 0, 0, 0], "max": [1, -1, 0, 0]}), ranges),
        ("ranges", json!({"min": [0, 0, 0], "max": [0, 0, 0]}), ranges),
        ("ranges", json!({"min": [0, 0, 0, 0], "max": [0, 0, 0, null]}), "invalid type: null"),
        ("ranges", json!({"min": [0, 0, 0, 0]}), "missing field `max`"),
        ("ranges", Value::Null, ranges),
        ("format", json!(2), "ranges in format 2: must be absent"),
        ("activations", json!(["softmax", "sigmoid"]), "unknown variant `softmax`"),
        ("activations", json!(["tanh", "tanh"]), "activation \"tanh\" of the output layer: must be sigmoid"),
        ("threshold", json!(1.5), "threshold 1.5: must be from 0 to 1"),
        ("scaling", json!({"mean": [0, 0, 0, 0], "deviation": [1, 1, 0, 1]}), "deviations above 0"),
        ("scaling", json!({"mean": [0], "deviation": [1]}), "4 finite means"),
        ("hidden", json!(-1), "metadata: invalid value"),
    ];
    for (key, value, message) in changes {
        let found = refused(&changed(|_, petal| petal[key] = value.clone()));
        assert!(found.contains(message), "{found}");
    }
    // Older formats have no other activation function than tanh.
    let relu = |format: u32| {
        changed(|_, petal| {
            petal["activations"][0] = "relu".into();
            petal["format"] = format.into();
        })
    };
    assert!(refused(&relu(3)).contains("activation relu in format 3: must be tanh"));
    assert_eq!(read(&relu(4)).unwrap().parameters.activation, Activation::Relu);
    let message = refused(&changed(|_, petal| petal["schema"]["columns"][2]["categories"] = json!([])));
    assert!(message.contains("column \"c\" has no categories"), "{message}");
}

proptest! {
    // Takes about a second.
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Reading a file with changed bytes never panics. If the file is still accepted, the model predicts probabilities, and
    /// it is equal after it is stored and read again.
    #[test]
    fn a_file_with_changed_bytes_is_refused_or_gives_a_usable_model(
        single in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let original = model(if single { Precision::F32 } else { Precision::F64 });
        let mut bytes = original.to_bytes().unwrap();
        let size = bytes.len();
        for (index, byte) in changes {
            bytes[index.index(size)] = byte;
        }
        bytes.truncate(length.map_or(size, |length| length.index(size + 1)));
        if let Ok(read) = ModelFile::read(&bytes[..], Path::new("model")) {
            let probabilities = read.probabilities(&vec![0.25; 2 * read.parameters.features]);
            prop_assert_eq!(probabilities.len(), 2);
            prop_assert!(probabilities.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
            let again = ModelFile::read(&read.to_bytes().unwrap()[..], Path::new("model")).unwrap();
            prop_assert_eq!(again, read);
        }
    }
}

#[test]
fn a_file_of_another_kind_in_place_of_a_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Config::load(&path, &[])
    };
    let utf32: Vec<u8> = "dtype = \"f32\"\n".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    let model = model(Precision::F64).to_bytes().unwrap();
    let cases: [(&[u8], &str); 7] = [
        (&model, "is a safetensors file, which holds a model; a configuration is a TOML file"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "is a file of type png (image/png); a configuration is a TOML file",
        ),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "is a file of type gz (application/gzip); decompress it first"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
            "is a Git LFS pointer, not the file; fetch the file with git lfs pull",
        ),
        (
            b"SQLite format 3\0\x10\0\x01\x01\0@  ",
            "is a file of type sqlite (application/vnd.sqlite3); a configuration is a TOML file",
        ),
        (&utf32, "is UTF-32 text without a byte order mark; save it as UTF-8"),
        (b"{\"dtype\": \"f32\"}", "is a JSON file; a configuration is a TOML file"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(load(bytes).unwrap_err().to_string(), format!("{expected} ({})", path.display()));
    }
    // TOML that begins like JSON, and UTF-16, which is read.
    let message = load(b"[[train]]\nupdates = 5\n").unwrap_err().to_string();
    assert!(message.contains("train: must be a table"), "{message}");
    let utf16: Vec<u8> = "dtype = \"f64\"\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(load(&utf16).unwrap().dtype, Precision::F64);
}
