//! Recognises what a file is by its first bytes, for messages about a file of the wrong kind.
//!
//! The crate `infer` does this, too. It lacks several kinds that people take for tables and models (NumPy arrays, pickles,
//! Git LFS pointers, UTF-16), and says media types instead of names and advice.

/// The number of bytes at the start of a file that [`file_kind`] needs.
pub const PEEK_BYTES: usize = 512;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The name with its article, such as `a PDF document`.
    pub name: &'static str,
    /// How to get the content out of it, whatever the content is. `None` if that depends on what is needed.
    pub advice: Option<&'static str>,
}

const DECOMPRESS: Option<&str> = Some("decompress it first");
const UNPACK: Option<&str> = Some("unpack it first");
const DOWNLOAD_AGAIN: Option<&str> = Some("download the file itself, not the page about it");
const SAVE_AS_UTF_8: Option<&str> = Some("save it as UTF-8");

/// The kinds that start with fixed bytes. Sources: the specifications of the formats, and the database of the program `file`.
/// gzip is not here, because Petal reads it.
const SIGNATURES: &[(&[u8], &str, Option<&str>)] = &[
    (b"\xff\xfe\0\0", "UTF-32 text", SAVE_AS_UTF_8),
    (b"\xff\xfe", "UTF-16 text", SAVE_AS_UTF_8),
    (b"\xfe\xff", "UTF-16 text", SAVE_AS_UTF_8),
    (
        b"version https://git-lfs.github.com/",
        "a Git LFS pointer, not the file",
        Some("fetch the file with git lfs pull"),
    ),
    (b"\x28\xb5\x2f\xfd", "a zstd file", DECOMPRESS),
    (b"\xfd7zXZ\0", "an xz file", DECOMPRESS),
    (b"\x04\x22\x4d\x18", "an LZ4 file", DECOMPRESS),
    (b"\x1f\x9d", "a file compressed by compress", DECOMPRESS),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"PAR1", "a Parquet file", None),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or other Office document", None),
    (b"\x93NUMPY", "a NumPy array (npy)", None),
    (b"SQLite format 3\0", "an SQLite database", None),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", None),
    (b"ARROW1\0\0", "an Arrow (Feather) file", None),
    (b"Obj\x01", "an Avro file", None),
    (b"GGUF\x03\0", "a GGUF model", None),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", None),
    (b"RDX3\n", "an R data file", None),
    (b"%PDF-", "a PDF document", None),
    (b"{\\rtf", "an RTF document", None),
    (b"\x89PNG\r\n", "a PNG picture", None),
    (b"\xff\xd8\xff", "a JPEG picture", None),
    (b"GIF89a", "a GIF picture", None),
    (b"\x7fELF", "a program", None),
];

/// Recognises a file by its first bytes, of which [`PEEK_BYTES`] are enough. `None` means that it may be text, or anything
/// else that has no signature.
pub fn file_kind(first: &[u8]) -> Option<FileKind> {
    let signature = SIGNATURES.iter().find(|(signature, ..)| first.starts_with(signature));
    let found = signature.map(|&(_, name, advice)| (name, advice));
    let (name, advice) = found
        .or_else(|| zip(first))
        .or_else(|| markup(first))
        .or_else(|| binary(first))?;
    Some(FileKind { name, advice })
}

/// Zip archives: their first entry says what they are.
fn zip(first: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    if !first.starts_with(b"PK\x03\x04") && !first.starts_with(b"PK\x05\x06") {
        return None;
    }
    let contains = |text: &[u8]| first.windows(text.len()).any(|window| window == text);
    Some(if contains(b"opendocument.spreadsheet") {
        ("an OpenDocument spreadsheet (ods)", None)
    } else if contains(b"[Content_Types].xml") || contains(b"xl/") || contains(b"_rels/") {
        ("an Excel workbook (xlsx) or other Office document", None)
    } else if contains(b".npy") {
        ("a NumPy archive (npz)", None)
    } else if contains(b"data.pkl") {
        ("a PyTorch file", None)
    } else {
        ("a zip archive", UNPACK)
    })
}

/// Web pages, and tables in JSON.
fn markup(first: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
    let starts_with = |start: &str| {
        text.get(..start.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(start.as_bytes()))
    };
    let is_json =
        |start: u8, next: u8| text.first() == Some(&start) && text[1..].trim_ascii_start().first() == Some(&next);
    if starts_with("<!doctype html") || starts_with("<html") || starts_with("<head") {
        Some(("an HTML page", DOWNLOAD_AGAIN))
    } else if starts_with("<?xml") {
        Some(("an XML file", None))
    } else if is_json(b'{', b'"') || is_json(b'[', b'{') || is_json(b'[', b'[') {
        Some(("a JSON file", None))
    } else {
        None
    }
}

/// Binary files without fixed first bytes, and UTF-16 without a byte order mark.
fn binary(first: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let is_nul = |&index: &usize| first.get(index) == Some(&0);
    if first.get(257..262) == Some(b"ustar") {
        Some(("a tar archive", UNPACK))
    } else if first.starts_with(b"BZh") && first.get(4..10) == Some(b"1AY&SY") {
        Some(("a bzip2 file", DECOMPRESS))
    } else if first.get(8..10) == Some(b"{\"") && first[4..8] == [0; 4] {
        // The length of the header as a u64, and the header, which is JSON.
        Some(("a safetensors file, which holds a model", None))
    } else if let [0x80, 2..=5, ..] = first {
        Some(("a Python pickle", None))
    } else if first.len() >= 4 && [1, 3].iter().all(is_nul) && ![0, 2].iter().any(is_nul) {
        Some(("UTF-16 text without a byte order mark", SAVE_AS_UTF_8))
    } else if first.len() >= 4 && [0, 2].iter().all(is_nul) && ![1, 3].iter().any(is_nul) {
        Some(("UTF-16 text without a byte order mark", SAVE_AS_UTF_8))
    } else {
        None
    }
}
