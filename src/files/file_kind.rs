//! Recognises files of other formats by their first bytes, for the message about a file that is not a model.

/// How many bytes [`file_kind`] looks at.
pub(super) const START: u64 = 512;

/// The first bytes of binary formats.
const SIGNATURES: [(&[u8], &str); 14] = [
    (b"\x1f\x8b", "compressed with gzip; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; decompress it first"),
    (b"\xfd7zXZ\0", "compressed with xz; decompress it first"),
    (b"BZh", "compressed with bzip2; decompress it first"),
    (b"PK\x03\x04", "a ZIP archive, as PyTorch's .pt files are"),
    (b"PAR1", "a Parquet table"),
    (b"\x89PNG", "a PNG picture"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "an HDF5 file, as Keras writes them"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"GGUF", "a GGUF model"),
];

/// What a file is that starts with these bytes, and what to do about it. `None` if it may be a safetensors file, or
/// anything else.
pub(super) fn file_kind(start: &[u8]) -> Option<&'static str> {
    // A safetensors file: eight bytes with the length of its header, then a JSON object. No header is 2^56 bytes long.
    if let [_, _, _, _, _, _, _, 0, b'{', ..] = start {
        return None;
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)) {
        return Some(kind);
    }
    // ModelProto: the field ir_version, one byte, then producer_name.
    if let [0x08, _, 0x12, ..] = start {
        return Some("an ONNX model");
    }
    let text = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let words = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if words.starts_with("<!doctype html") || words.starts_with("<html") {
        return Some("an HTML page; perhaps a download led to a web page in place of the file");
    }
    if words.starts_with("version https://git-lfs") {
        return Some("a Git LFS pointer; `git lfs pull` downloads the file that it stands for");
    }
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    let utf16 = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    // The last character of the start may be cut.
    (utf16 || (text.len() + 4 > start.len() && text.len() > 8 && text.chars().all(is_text))).then_some("a text file")
}
