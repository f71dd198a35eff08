//! Files of arrays that are damaged, or that somebody made to do harm: cut off, with changed bytes, with sizes that they only
//! claim, and bombs.

use std::io::Write as _;

use petal::files::array_file::{ElementType, MAX_ARRAYS, parse};

use crate::array_files::{reference, refused, stored};

/// A `.npy` file of version 1 with this header and these bytes after it.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// The header of a float64 array of this shape.
fn header(shape: &str) -> String {
    format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n")
}

/// An archive of entries. Each has a name, the compression method, the size that it claims, and its bytes as they are stored.
/// The checksum is that of the bytes without compression, where it matters.
fn zip(entries: &[(&str, u16, u64, u32, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, method, size, crc, data) in entries {
        let offset = file.len() as u32;
        // Sizes of 4 GiB and more are in an extra field (zip64).
        let extra = [&[1, 0, 16, 0][..], &size.to_le_bytes(), &(data.len() as u64).to_le_bytes()].concat();
        let common = [
            &[45, 0, 0, 0][..],
            &method.to_le_bytes(),
            &[0, 0, 0x21, 0],
            &crc.to_le_bytes(),
            &[0xff; 8],
            &(name.len() as u16).to_le_bytes(),
            &(extra.len() as u16).to_le_bytes(),
        ]
        .concat();
        file.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &extra, data].concat());
        let end = [&[0; 10][..], &offset.to_le_bytes(), name.as_bytes(), &extra].concat();
        directory.extend([b"PK\x01\x02\x2d\0", &common[..], &end].concat());
    }
    let count = (entries.len() as u16).to_le_bytes();
    let (size, offset) = ((directory.len() as u32).to_le_bytes(), (file.len() as u32).to_le_bytes());
    [&file[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &size, &offset, &[0, 0]].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn sizes_are_checked_before_memory_is_reserved() {
    let ok = npy(&header("(2, 1)"), &[0; 16]);
    assert_eq!(parse(&ok, "a").unwrap(), [stored("a", &[2, 1], &[0.0; 2], ElementType::F64)]);

    let limit = "a file may have at most 134,217,728 numbers in all";
    for shape in [
        "(1000000000000,)",
        "(1000000, 1000000)",
        "(4294967296, 4294967296)",
        "(18446744073709551615, 2)",
        "(9223372036854775808, 2, 0)",
    ] {
        assert_eq!(refused(&npy(&header(shape), &[0; 16])), format!("file: shape {shape}: {limit}"));
    }
    let cases = [
        (npy(&header("(3,)"), &[0; 16]), "shape (3,) needs 24 bytes, and 16 are there"),
        (npy(&header("(1,)"), &[0; 16]), "shape (1,) needs 8 bytes, and 16 are there"),
        (
            npy(&header("(134217728,)"), &[0; 16]),
            "shape (134217728,) needs 1,073,741,824 bytes, and 16 are there",
        ),
        (npy(&header("(-1,)"), &[0; 16]), "its header is not one of NumPy: {'descr': '<f8', "),
        (npy(&header("(18446744073709551616,)"), &[0; 16]), "its header is not one of NumPy: "),
        (npy(&header(&format!("({})", "1, ".repeat(65))), &[0; 8]), "65 dimensions: must be at most 64"),
        (npy("{'descr': '<f8', 'shape': (2,), }", &[0; 16]), "its header is not one of NumPy: "),
        (npy("{'descr': '<f8', 'descr': '<f8', }", &[0; 16]), "its header is not one of NumPy: "),
        (npy("{'descr': '<f8'", &[0; 16]), "its header is not one of NumPy: "),
        (npy("__import__('os').system('ls')", &[0; 16]), "its header is not one of NumPy: "),
        (npy(&" ".repeat(10_001), &[]), "a header of 10,001 bytes: must be at most 10,000"),
        (
            b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec(),
            "a header of 4,294,967,295 bytes: must be at most 10,000",
        ),
        (b"\x93NUMPY\x04\0".to_vec(), "version 4 of the .npy format; versions 1, 2 and 3 are read"),
    ];
    for (bytes, expected) in cases {
        let message = refused(&bytes);
        assert!(message.starts_with(&format!("file: {expected}")), "{message}");
    }

    let safetensors = |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    for shape in ["[1000000000000]", "[4294967296, 4294967296]"] {
        let header = format!("{{\"a\":{{\"dtype\":\"F64\",\"shape\":{shape},\"data_offsets\":[0,0]}}}}");
        assert!(refused(&safetensors(&header)).starts_with("is a damaged safetensors file: "), "{shape}");
    }
    let names: Vec<String> = (0..=MAX_ARRAYS).map(|i| format!("\"a{i}\":0")).collect();
    let object = format!("{{{}}}", names.join(","));
    assert!(refused(object.as_bytes()).ends_with("more than 10,000 arrays in a file"));
}

/// A stream of deflate that becomes 10 GB of zeros.
fn bomb() -> Vec<u8> {
    let megabyte = vec![0; 1 << 20];
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&megabyte).unwrap();
    encoder.flush().unwrap();
    // A part that was flushed ends at a byte. It begins with no reference to earlier bytes, so it can be repeated.
    encoder.get_ref().repeat(10_000)
}

#[test]
fn a_bomb_is_read_no_further_than_its_header_says() {
    let bomb = bomb();
    let start = npy(&header("(2,)"), &[]);
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&start).unwrap();
    encoder.flush().unwrap();
    let bytes = [encoder.get_ref(), &bomb[..]].concat();
    let claim = start.len() as u64 + 16;
    let data = [&start[..], &[0; 16]].concat();
    let ten_gigabytes = 10_000 << 20;

    // The directory of the archive says as many bytes as the header of the array, or as many as there are. The checksum is
    // right or wrong.
    let cases = [
        (claim, crc(&data), "a: is damaged: invalid size: expected "),
        (claim, 0, "a: is damaged: invalid checksum: expected "),
        (ten_gigabytes, crc(&data), "a: shape (2,) needs 16 bytes, and "),
    ];
    for (size, crc, expected) in cases {
        let message = refused(&zip(&[("a.npy", 8, size, crc, &bytes)]));
        assert!(message.starts_with(expected), "{message}");
    }
    let message = refused(&zip(&[("a.npy", 8, ten_gigabytes, 0, &bomb)]));
    assert_eq!(message, "a: is not a NumPy array (.npy)");
    let start = npy(&header("(1310720000,)"), &[]);
    let message = refused(&zip(&[("a.npy", 0, ten_gigabytes, 0, &start)]));
    assert!(message.starts_with("a: shape (1310720000,): a file may have at most"), "{message}");
}

#[test]
fn archives_that_contradict_themselves_are_refused() {
    let data = npy(&header("(2,)"), &[0; 16]);
    let entry = ("a.npy", 0, data.len() as u64, crc(&data), &data[..]);
    let good = zip(&[entry]);
    assert!(parse(&good, "").is_ok());

    assert!(refused(&zip(&[("a.npy", 0, data.len() as u64, 1, &data)])).starts_with("a: is damaged: invalid checksum"));
    assert_eq!(refused(&zip(&[entry, entry])), "a: two arrays have this name");
    assert_eq!(refused(&zip(&[entry, ("a", 0, entry.2, entry.3, &data)])), "a: two arrays have this name");
    assert_eq!(refused(&[&good[..], b"more"].concat()), "is damaged: 4 bytes follow the end of the archive");
    let swapped = |from: &[u8], to: &[u8]| {
        let start = good.windows(from.len()).rposition(|window| window == from).unwrap();
        [&good[..start], to, &good[start + from.len()..]].concat()
    };
    assert_eq!(
        refused(&swapped(b"a.npy", b"b.npy")),
        "b: is damaged: the archive names it differently in two places"
    );
    assert_eq!(refused(&swapped(b"a.npy", b"\xff.npy")), "the name of entry 1 is not UTF-8");
    let count = |count: u8| swapped(b"\x01\0\x01\0", &[count, 0, count, 0]);
    assert_eq!(refused(&count(2)), "is damaged: it should have 2 entries and has 1");
    assert_eq!(refused(&count(0)), "is damaged: it should have 0 entries and has 1");
    assert_eq!(refused(&swapped(b"\x01\0\x01\0", b"\xff\xf0\xff\xf0")), "more than 10,000 arrays in a file");
    // The entry begins at another place.
    assert!(
        refused(&swapped(b"\0\0\0\0a.npy", b"\x01\0\0\0a.npy"))
            .starts_with("a: is a damaged archive: invalid signature")
    );
}

#[test]
fn a_file_that_is_cut_off_is_refused_and_a_changed_byte_is_noticed_or_changes_nothing() {
    for name in ["plain.npz", "compressed.npz", "streamed.npz", "version2.npy", "all.safetensors", "all.json"] {
        let whole = reference(name);
        let arrays = parse(&whole, "float64").unwrap();
        for end in 0..whole.len() {
            assert!(parse(&whole[..end], "float64").is_err(), "{name} cut off after {end} bytes");
        }
        for place in 0..whole.len() {
            for change in [1, 0x80] {
                let mut bytes = whole.clone();
                bytes[place] ^= change;
                // Only an archive has checksums. NaN is not equal to itself, so the arrays are compared as text.
                if let (Ok(found), true) = (parse(&bytes, "float64"), name.ends_with(".npz")) {
                    assert_eq!(format!("{found:?}"), format!("{arrays:?}"), "{name}: byte {place} changed by {change}");
                }
            }
        }
    }
}
