//! Files of named arrays: those of NumPy, PyTorch and Python's json, read and written.
//!
//! `tests/reference/arrays/make.py` wrote the files of this folder.

use std::fs;

use petal::files::array_file::{ElementType, Format, StoredArray, is_array_file, load, parse, to_bytes};
use petal::gradcheck::Array;
use proptest::prelude::*;
use serde_json::json;

use crate::export::{output, python};
use crate::support::{json, path};

const FORMATS: [Format; 3] = [Format::Npz, Format::Safetensors, Format::Json];

/// A file that `make.py` wrote.
pub fn reference(name: &str) -> Vec<u8> {
    fs::read(path("tests/reference/arrays").join(name)).unwrap()
}

/// The message about bytes that are no file of arrays.
pub fn refused(bytes: &[u8]) -> String {
    parse(bytes, "file").unwrap_err()
}

/// An array with its type.
pub fn stored(name: &str, shape: &[usize], values: &[f64], dtype: ElementType) -> StoredArray {
    StoredArray { array: Array::new(name, shape, values.to_vec()), dtype }
}

/// Compares with what NumPy says. NaN is equal to NaN, and -0 is not 0.
fn assert_expected(found: &[StoredArray], names: impl IntoIterator<Item = String>, types: bool) {
    let expected = json("arrays/expected.json");
    let names: Vec<String> = names.into_iter().collect();
    assert_eq!(found.len(), names.len());
    for name in &names {
        let StoredArray { array, dtype } = found.iter().find(|stored| stored.array.name == *name).unwrap();
        let expected = &expected[name];
        assert_eq!(json!(array.shape), expected["shape"], "{name}");
        let values = expected["values"].as_array().unwrap().iter();
        let values: Vec<f64> = values.map(|value| value.as_str().unwrap().parse().unwrap()).collect();
        let bits = |values: &[f64]| -> Vec<u64> { values.iter().map(|value| value.to_bits()).collect() };
        assert_eq!(bits(&array.values), bits(&values), "{name}");
        assert!(!types || expected["dtype"] == dtype.to_string(), "{name}: {dtype}");
    }
}

#[test]
fn files_of_numpy_safetensors_and_json_hold_the_numbers_that_numpy_says() {
    let expected = json("arrays/expected.json");
    let all = || expected.as_object().unwrap().keys().cloned();
    for file in ["plain.npz", "compressed.npz"] {
        assert_expected(&parse(&reference(file), "").unwrap(), all(), true);
    }
    let native = all().filter(|name| !name.contains("big_endian"));
    assert_expected(&parse(&reference("all.safetensors"), "").unwrap(), native, true);
    // JSON has no types, no NaN, and no shape of an array without elements.
    let finite = all().filter(|name| !["empty", "not_finite"].contains(&&name[..]));
    let arrays = parse(&reference("all.json"), "").unwrap();
    assert_expected(&arrays, finite, false);
    let dtype = |name: &str| arrays.iter().find(|stored| stored.array.name == name).unwrap().dtype;
    let types = ["float64", "float32", "big_endian", "int8", "bool", "scalar"].map(dtype);
    let [f64, f32] = [ElementType::F64, ElementType::F32];
    assert_eq!(types, [f64, f32, f64, ElementType::I64, ElementType::Bool, f64]);

    for file in ["version2.npy", "version3.npy"] {
        assert_expected(&parse(&reference(file), "float64").unwrap(), ["float64".into()], true);
    }
    assert_expected(&parse(&reference("streamed.npz"), "").unwrap(), ["float64".into()], true);
    // Names are not used as paths.
    let names = parse(&reference("folders.npz"), "").unwrap();
    let names: Vec<&str> = names.iter().map(|stored| &stored.array.name[..]).collect();
    assert_eq!(names, ["run/float64", "../float64"]);
}

#[test]
fn files_that_hold_something_else_say_what_and_what_is_accepted() {
    let cases = [
        (
            "dictionary.npy",
            "file: holds Python objects, such as a dictionary or lists of different lengths; save each array",
        ),
        (
            "ragged.npz",
            "dW1: holds Python objects, such as a dictionary or lists of different lengths; save each array",
        ),
        ("structured.npz", "dW1: has several fields (a structured dtype); save each field as an array"),
        (
            "half.npz",
            "dW1: dtype '<f2': float16 has too few digits to check a gradient; compute in float32 or float64",
        ),
        ("complex.npz", "dW1: dtype '<c16': accepted: float32, float64, whole numbers and bool"),
        ("text.npz", "dW1: dtype '<U1': accepted: float32, float64, whole numbers and bool"),
        ("long_double.npz", "dW1: dtype '<f16': save it as .astype(numpy.float64)"),
        ("int64_large.npz", "step: 9007199254740993: whole numbers are read up to 2^53; save floats"),
        ("empty.npz", "holds no arrays"),
        ("lzma.npz", "dW1: is compressed with lzma; save it with numpy.savez or numpy.savez_compressed"),
        ("other.zip", "notes.txt: is not a NumPy array (.npy)"),
        ("twice.npz", "dW1: two arrays have this name"),
        ("encrypted.npz", "expected.json: is encrypted; save it without a password"),
        (
            "torch.pt",
            "torch/data.pkl: the archive is a PyTorch file, which holds Python objects; save the tensors with",
        ),
        (
            "bfloat16.safetensors",
            "dW1: BF16 has too few digits to check a gradient; compute in float32 or float64",
        ),
        (
            "not_finite.json",
            "line 1, column 29, dW1: NaN: JSON has no such number, although Python writes it; save with numpy.savez, which \
             keeps it",
        ),
    ];
    for (file, expected) in cases {
        let message = refused(&reference(file));
        assert!(message.starts_with(expected), "{file}: {message}");
    }

    let texts: [(&[u8], &str); 21] = [
        (b"", "is empty; accepted: .npz, .npy, .safetensors and .json, recognised by their content"),
        (b"hello", "is no file of arrays; accepted: .npz, "),
        (b"\x80\x04\x95\x0f\0\0\0\0\0\0\0]\x94(K\x01K\0e.", "is a Python pickle; accepted: .npz, "),
        (
            b"[[1, 2]]",
            "is a JSON list; must be an object from names to numbers: json.dump({\"dW1\": dW1.tolist()}, file)",
        ),
        (b"{}", "holds no arrays"),
        (b"{\"a\": 1} x", "line 1, column 10: trailing characters"),
        (b"{\"a\": 1", "line 1, column 7, a: EOF while parsing an object"),
        (b"{\"a\": null}", "line 1, column 10, a: invalid type: null, expected a number or a list of numbers"),
        (
            b"{\"a\": \"1\"}",
            "line 1, column 9, a: invalid type: string \"1\", expected a number or a list of numbers",
        ),
        (
            b"{\"a\": {\"b\": 1}}",
            "line 1, column 7, a: invalid type: map, expected a number or a list of numbers",
        ),
        (b"{\"a\": 1,\n\"a\": 2}", "line 2, column 3, a: two arrays have this name"),
        (
            b"{\"a\": [1, [2]]}",
            "line 1, column 11, a: a list where a number should be: all rows must have the same shape",
        ),
        (
            b"{\"a\": [[1], 2]}",
            "line 1, column 13, a: a number where a list should be: all rows must have the same shape",
        ),
        (
            b"{\"a\": [[], 2]}",
            "line 1, column 12, a: a number where a list should be: all rows must have the same shape",
        ),
        (
            b"{\"a\": [[1], [2, 3]]}",
            "line 1, column 18, a: a list of 2 after a list of 1: all rows must have the same",
        ),
        (
            b"{\"a\": [[], [[]]]}",
            "line 1, column 15, a: a list of 1 after a list of 0: all rows must have the same",
        ),
        (b"{\"a\": [1, true]}", "line 1, column 16, a: numbers and truth values in one array"),
        (b"{\"a\": [1e999]}", "line 1, column 12, a: number out of range"),
        (
            b"{\"a\": -9007199254740993}",
            "line 1, column 23, a: -9007199254740993: whole numbers are read up to 2^53; save",
        ),
        (
            b"{\"a\":\n [-Infinity]}",
            "line 2, column 4, a: -Infinity: JSON has no such number, although Python writes it",
        ),
        (
            b"{\"a\": Infinity}",
            "line 1, column 7, a: Infinity: JSON has no such number, although Python writes it",
        ),
    ];
    for (bytes, expected) in texts {
        let message = refused(bytes);
        assert!(message.starts_with(expected), "{}: {message}", String::from_utf8_lossy(bytes));
    }
    let deep = [&b"{\"a\": "[..], &b"[".repeat(100_000)].concat();
    assert!(refused(&deep).contains("recursion limit exceeded"));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = load(&folder.path().join("mine.npz")).unwrap_err().to_string();
    assert!(
        message.starts_with("cannot read ") && message.ends_with("mine.npz: no such file or directory"),
        "{message}"
    );
    let message = load(folder.path()).unwrap_err().to_string();
    assert!(message.ends_with(": is a directory"), "{message}");

    // The content says what a file is, whatever its name is.
    let wrong = folder.path().join("mine.json");
    fs::copy(path("tests/reference/arrays/version2.npy"), &wrong).unwrap();
    assert_eq!(load(&wrong).unwrap()[0].array.name, "mine");
    fs::write(&wrong, "hello").unwrap();
    let message = load(&wrong).unwrap_err().to_string();
    assert!(message.contains("mine.json: is no file of arrays; accepted: "), "{message}");

    let unnamed = folder.path().join("point");
    for (bytes, expected) in
        [(reference("plain.npz"), true), (b" {\"a\": 1}".to_vec(), true), (b"seed = 1".to_vec(), false)]
    {
        fs::write(&unnamed, bytes).unwrap();
        assert_eq!(is_array_file(&unnamed), expected);
    }
    assert!(is_array_file(&folder.path().join("missing.NPZ")) && !is_array_file(&folder.path().join("missing.toml")));
}

/// Arrays that a format can hold, with numbers that fit their types.
fn arrays() -> impl Strategy<Value = Vec<StoredArray>> {
    let dtype = prop::sample::select(vec![
        ElementType::F32,
        ElementType::F64,
        ElementType::I32,
        ElementType::I64,
        ElementType::Bool,
    ]);
    let character = prop::sample::select("abW1_./β\"\\ \n".chars().collect::<Vec<_>>());
    let name = prop::collection::vec(character, 1..6).prop_map(String::from_iter);
    let array = (dtype, prop::collection::vec(0..4_usize, 0..4), prop::collection::vec(any::<f64>(), 27));
    prop::collection::btree_map(name, array, 1..5).prop_map(|arrays| {
        let arrays = arrays.into_iter().map(|(name, (dtype, shape, numbers))| {
            let count: usize = shape.iter().product();
            let fit = |&number: &f64| match dtype {
                ElementType::F32 => f64::from(number as f32),
                ElementType::F64 => number,
                ElementType::I32 => f64::from(number as i32),
                ElementType::I64 => (number as i64 >> 11) as f64,
                ElementType::Bool => f64::from(u8::from(number > 0.0)),
            };
            let values: Vec<f64> = numbers[..count].iter().map(fit).collect();
            stored(&name, &shape, &values, dtype)
        });
        arrays.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_without_a_change(arrays in arrays()) {
        // `a` and `a.npy` would be the same name of an entry.
        prop_assume!(arrays.iter().all(|stored| !stored.array.name.ends_with(".npy")));
        prop_assume!(arrays.iter().all(|stored| !stored.array.name.ends_with('/')));
        for format in FORMATS {
            let Ok(bytes) = to_bytes(&arrays, format) else {
                prop_assert!(format == Format::Json && arrays.iter().any(|stored| stored.array.values.iter().any(|v| !v.is_finite())));
                continue;
            };
            prop_assert_eq!(&to_bytes(&arrays, format).unwrap(), &bytes);
            let found = parse(&bytes, "").unwrap();
            prop_assert_eq!(found.len(), arrays.len());
            for expected in &arrays {
                let found = found.iter().find(|found| found.array.name == expected.array.name).unwrap();
                let (a, b) = (&found.array, &expected.array);
                let bits = |values: &[f64]| -> Vec<u64> { values.iter().map(|value| value.to_bits()).collect() };
                prop_assert_eq!(bits(&a.values), bits(&b.values));
                // JSON has no types, and no dimensions inside of an empty one.
                if format != Format::Json {
                    prop_assert_eq!(&a.shape, &b.shape);
                    prop_assert_eq!(found.dtype, expected.dtype);
                } else if !a.values.is_empty() {
                    prop_assert_eq!(&a.shape, &b.shape);
                }
            }
        }
    }
}

#[test]
fn an_archive_holds_the_bytes_that_numpy_writes_for_each_array() {
    let arrays = parse(&reference("plain.npz"), "").unwrap();
    let ours = to_bytes(&arrays, Format::Npz).unwrap();
    let theirs = reference("plain.npz");
    let contains = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let mut compared = 0;
    for stored in &arrays {
        // These come back in another order of bytes or elements, or as another type.
        let name = &stored.array.name[..];
        if name.starts_with("big_endian") || name.starts_with("uint") || ["fortran", "int8", "int16"].contains(&name) {
            continue;
        }
        let archive = to_bytes(std::slice::from_ref(stored), Format::Npz).unwrap();
        let start = archive.windows(6).position(|window| window == b"\x93NUMPY").unwrap();
        let end = archive.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        let array = &archive[start..end];
        assert!(contains(&theirs, array), "{name}");
        assert!(contains(&ours, array), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 9);
}

#[test]
fn a_number_that_json_lacks_is_refused_with_its_place() {
    let array = stored("dW1", &[2, 2], &[0.0, 1.0, f64::NAN, 2.0], ElementType::F64);
    let message = to_bytes(&[array], Format::Json).unwrap_err();
    assert_eq!(message, "dW1[1,0] = NaN: JSON has no such number; write a .npz file");
}

#[test]
fn numpy_and_safetensors_read_what_is_written() {
    let arrays = parse(&reference("plain.npz"), "").unwrap();
    let finite: Vec<StoredArray> = arrays
        .iter()
        .filter(|stored| stored.array.name != "not_finite")
        .cloned()
        .collect();
    let folder = tempfile::tempdir().unwrap();
    for (file, format, modules, read) in [
        (
            "a.npz",
            Format::Npz,
            "numpy, zipfile",
            "assert zipfile.ZipFile(f).testzip() is None; a = dict(numpy.load(f))",
        ),
        (
            "a.safetensors",
            Format::Safetensors,
            "numpy, safetensors.numpy",
            "a = safetensors.numpy.load_file(f)",
        ),
        (
            "a.json",
            Format::Json,
            "numpy, json",
            "a = {k: numpy.array(v) for k, v in json.load(open(f)).items()}",
        ),
    ] {
        let Some(mut run) = python(modules) else { continue };
        let arrays = if format == Format::Json { &finite } else { &arrays };
        let path = folder.path().join(file);
        fs::write(&path, to_bytes(arrays, format).unwrap()).unwrap();
        let script = format!(
            "import sys, {modules}\nf = sys.argv[1]\n{read}\n\
             for k, v in a.items(): print(k, list(v.shape), v.dtype.name, [float(x).hex() for x in v.ravel()], sep='|')"
        );
        let printed = output(run.args(["-c", &script]).arg(&path), "");
        assert_eq!(printed.lines().count(), arrays.len(), "{file}");
        for line in printed.lines() {
            let [name, shape, dtype, values]: [&str; 4] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
            let StoredArray { array, dtype: expected } =
                arrays.iter().find(|stored| stored.array.name == name).unwrap();
            let values: Vec<&str> = values
                .trim_matches(['[', ']'])
                .split(", ")
                .filter(|value| !value.is_empty())
                .collect();
            assert_eq!(values.len(), array.values.len(), "{file} {name}");
            for (value, expected) in values.iter().zip(&array.values) {
                assert_eq!(from_hex(value.trim_matches('\'')).to_bits(), expected.to_bits(), "{file} {name}");
            }
            if format != Format::Json {
                assert_eq!(shape, format!("{:?}", array.shape), "{file} {name}");
                assert_eq!(dtype, expected.to_string(), "{file} {name}");
            }
        }
    }
}

/// A float in Python's hexadecimal form, such as `-0x1.8p+1`.
fn from_hex(text: &str) -> f64 {
    let (sign, rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let Some(rest) = rest.strip_prefix("0x") else {
        return sign * rest.parse::<f64>().unwrap();
    };
    let (digits, exponent) = rest.split_once('p').unwrap();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap() as f64;
    let exponent = exponent.parse::<i32>().unwrap() - 4 * fraction.len() as i32;
    sign * mantissa * 2_f64.powi(exponent)
}
