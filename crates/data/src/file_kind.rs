//! Recognises what a file is by its first bytes, for messages about a file of the wrong kind.
//!
//! The crate `infer` knows most binary files. It lacks some that people take for tables and models, and it takes every file
//! for a picture that starts with `BM`, as a table with a column `BMI` does. So it is asked about binary files only.

/// The number of bytes at the start of a file that [`file_kind`] needs.
pub const PEEK_BYTES: usize = 512;

/// A kind of file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The name with its article, such as `a PDF document`.
    pub name: String,
    /// How to get the content out of it, whatever the content is. `None` if that depends on what is needed.
    pub advice: Option<&'static str>,
}

const DECOMPRESS: Option<&str> = Some("decompress it first");
const UNPACK: Option<&str> = Some("unpack it first");
const DOWNLOAD_AGAIN: Option<&str> = Some("download the file itself, not the page about it");
const SAVE_AS_UTF_8: Option<&str> = Some("save it as UTF-8");

/// The kinds that start with fixed bytes, and that are text or unknown to `infer`. Sources: the specifications of the
/// formats, and the database of the program `file`.
const SIGNATURES: &[(&[u8], &str, Option<&str>)] = &[
    (b"\xff\xfe\0\0", "UTF-32 text", SAVE_AS_UTF_8),
    (b"\xff\xfe", "UTF-16 text", SAVE_AS_UTF_8),
    (b"\xfe\xff", "UTF-16 text", SAVE_AS_UTF_8),
    (
        b"version https://git-lfs.github.com/",
        "a Git LFS pointer, not the file",
        Some("fetch the file with git lfs pull"),
    ),
    (b"%PDF-", "a PDF document", None),
    (b"{\\rtf", "an RTF document", None),
    (b"PAR1", "a Parquet file", None),
    // `infer` takes all of these for text documents.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or other Office document", None),
    (b"\x93NUMPY", "a NumPy array (npy)", None),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", None),
    (b"ARROW1\0\0", "an Arrow (Feather) file", None),
    (b"Obj\x01", "an Avro file", None),
    (b"GGUF\x03\0", "a GGUF model", None),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", None),
    (b"RDX3\n", "an R data file", None),
];

/// Recognises a file by its first bytes, of which [`PEEK_BYTES`] are enough. `None` means that it may be text, or anything
/// else that has no signature.
pub fn file_kind(first: &[u8]) -> Option<FileKind> {
    if is_safetensors(first) {
        return Some(FileKind { name: "a safetensors file, which holds a model".into(), advice: None });
    }
    let signature = SIGNATURES.iter().find(|(signature, ..)| first.starts_with(signature));
    let found = signature.map(|&(_, name, advice)| (name, advice));
    found
        .or_else(|| zip(first))
        .or_else(|| markup(first))
        .or_else(|| binary(first))
        .map(|(name, advice)| FileKind { name: name.to_owned(), advice })
        .or_else(|| other(first))
        .or_else(|| {
            wide_text(first)
                .map(|name| FileKind { name: format!("{name} without a byte order mark"), advice: SAVE_AS_UTF_8 })
        })
}

/// Whether a file starts as a safetensors file does: with the length of the header as a u64, and the header, which is JSON.
pub fn is_safetensors(first: &[u8]) -> bool {
    first.get(8) == Some(&b'{') && first[4..8] == [0; 4]
}

/// Zip archives whose first entry says what they are.
fn zip(first: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let contains = |text: &[u8]| first.windows(text.len()).any(|window| window == text);
    if !first.starts_with(b"PK\x03\x04") {
        None
    } else if contains(b"[Content_Types].xml") || contains(b"xl/") || contains(b"_rels/") {
        Some(("an Excel workbook (xlsx) or other Office document", None))
    } else if contains(b".npy") {
        Some(("a NumPy archive (npz)", None))
    } else if contains(b"data.pkl") {
        Some(("a PyTorch file", None))
    } else {
        None
    }
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
    // `<b>,y` is the header of a table.
    let is_tag = |tag: &str| {
        starts_with(tag)
            && matches!(text[tag.len()..], [] | [b'>' | b' ' | b'\r' | b'\n', ..])
            && !matches!(text[tag.len()..], [b'>', b',' | b';' | b'\t', ..])
    };
    let tags = ["<html", "<head", "<body", "<title", "<table", "<meta", "<script", "<div"];
    if ["<!doctype html", "<!--"].into_iter().any(starts_with) || tags.into_iter().any(is_tag) {
        Some(("an HTML page", DOWNLOAD_AGAIN))
    } else if starts_with("<?xml") {
        Some(("an XML file", None))
    } else if is_json(b'{', b'"') || is_json(b'[', b'{') || is_json(b'[', b'[') {
        Some(("a JSON file", None))
    } else {
        None
    }
}

/// Pickles, ONNX models, and UTF-16 without a byte order mark.
fn binary(first: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let are_nul = |indices: [usize; 2]| indices.map(|index| first.get(index).map(|&byte| byte == 0));
    let (yes, no) = ([Some(true); 2], [Some(false); 2]);
    if let [0x80, 2..=5, ..] = first {
        Some(("a Python pickle", None))
    } else if let [0x08, _, 0x12, ..] = first {
        // The field ir_version, one byte, then producer_name.
        Some(("an ONNX model", None))
    } else if matches!((are_nul([0, 2]), are_nul([1, 3])), pair if pair == (yes, no) || pair == (no, yes)) {
        Some(("UTF-16 text without a byte order mark", SAVE_AS_UTF_8))
    } else {
        None
    }
}

/// UTF-16 that does not begin with ASCII, and UTF-32, both without a byte order mark: text that has line ends or delimiters.
fn wide_text(first: &[u8]) -> Option<&'static str> {
    let is_text = |text: &str| {
        text.contains([',', ';', '\t', '\n', '\r']) && !text.contains(|c: char| c.is_control() && !c.is_whitespace())
    };
    let utf16 = |decode: fn([u8; 2]) -> u16| {
        let (units, _) = first.as_chunks();
        let decoded = char::decode_utf16(units.iter().copied().map(decode));
        decoded.map(Result::ok).collect::<Option<String>>()
    };
    let utf32 = |decode: fn([u8; 4]) -> u32| {
        let (units, _) = first.as_chunks();
        let decoded = units.iter().copied().map(|unit| char::from_u32(decode(unit)));
        decoded.collect::<Option<String>>()
    };
    if [utf32(u32::from_le_bytes), utf32(u32::from_be_bytes)]
        .iter()
        .flatten()
        .any(|text| is_text(text))
    {
        Some("UTF-32 text")
    } else if [utf16(u16::from_le_bytes), utf16(u16::from_be_bytes)]
        .iter()
        .flatten()
        .any(|text| is_text(text))
    {
        Some("UTF-16 text")
    } else {
        None
    }
}

/// The other kinds of binary files: all that have a control character which text does not have.
fn other(first: &[u8]) -> Option<FileKind> {
    let is_binary = first.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    let kind = infer::get(first).filter(|_| is_binary)?;
    let advice = match kind.extension() {
        "gz" | "bz2" | "bz3" | "xz" | "lz" | "Z" | "zst" | "lz4" => DECOMPRESS,
        "zip" | "tar" | "7z" | "rar" => UNPACK,
        _ => None,
    };
    Some(FileKind { name: format!("a file of type {} ({})", kind.extension(), kind.mime_type()), advice })
}
