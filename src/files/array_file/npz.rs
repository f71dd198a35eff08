//! Archives of NumPy arrays: zip files whose entries are `.npy` files, not compressed or with deflate.
//!
//! `rawzip` finds the entries. An entry has the name of its array and `.npy` after it. Names are not used as paths.

use std::collections::HashSet;
use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::{Budget, MAX_ARRAYS, StoredArray, npy};
use crate::data::text::{grouped, one_line};

/// Reads all arrays of an archive.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub(super) fn parse(bytes: &[u8], budget: &mut Budget) -> Result<Vec<StoredArray>, String> {
    let archive = ZipArchive::from_slice(bytes).map_err(damaged)?;
    let claimed = archive.entries_hint();
    if claimed > MAX_ARRAYS as u64 {
        return Err(format!("more than {} arrays in a file", grouped(MAX_ARRAYS)));
    }
    let after = bytes.len() as u64 - archive.end_offset();
    if after > 0 {
        return Err(format!("is damaged: {after} bytes follow the end of the archive"));
    }

    let (mut arrays, mut names) = (Vec::new(), HashSet::new());
    let mut entries = archive.entries();
    let mut found = 0;
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        found += 1;
        if found > claimed {
            break;
        }
        if entry.is_dir() {
            continue;
        }
        let path = entry.file_path();
        let path =
            std::str::from_utf8(path.as_bytes()).map_err(|_| format!("the name of entry {found} is not UTF-8"))?;
        let name = path.strip_suffix(".npy").unwrap_or(path);
        if !names.insert(name.to_owned()) {
            return Err(format!("{}: two arrays have this name", one_line(name)));
        }
        arrays.push(
            read_entry(&archive, &entry, name, budget).map_err(|reason| format!("{}: {reason}", one_line(name)))?,
        );
    }
    if found != claimed {
        return Err(format!("is damaged: it should have {claimed} entries and has {found}"));
    }
    Ok(arrays)
}

fn read_entry(
    archive: &ZipSliceArchive<&[u8]>,
    entry: &ZipFileHeaderRecord<'_>,
    name: &str,
    budget: &mut Budget,
) -> Result<StoredArray, String> {
    if entry.flags().is_encrypted() {
        return Err("is encrypted; save it without a password".into());
    }
    let local = archive.get_entry(entry.wayfinder()).map_err(damaged)?;
    if local.local_header().file_path().as_bytes() != entry.file_path().as_bytes() {
        return Err("is damaged: the archive names it differently in two places".into());
    }

    let decompressed: Box<dyn Read> = match entry.compression_method() {
        CompressionMethod::STORE => Box::new(local.data()),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(local.data())),
        other => {
            let method = other
                .name()
                .map_or_else(|| format!("method {}", other.as_u16()), str::to_lowercase);
            return Err(format!("is compressed with {method}; save it with numpy.savez or numpy.savez_compressed"));
        }
    };
    npy::read(local.verifying_reader(decompressed), entry.uncompressed_size_hint(), name, budget).map_err(|reason| {
        match name.ends_with("data.pkl") {
            true => "the archive is a PyTorch file, which holds Python objects; save the tensors with numpy.savez or \
                     safetensors.torch.save_file"
                .into(),
            false => reason,
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "map_err passes a value")]
fn damaged(error: rawzip::Error) -> String {
    match error.kind() {
        rawzip::ErrorKind::Eof | rawzip::ErrorKind::MissingEndOfCentralDirectory => {
            "is cut off or damaged: the end of the archive is missing".into()
        }
        kind => format!("is a damaged archive: {}", kind.to_string().to_lowercase()),
    }
}

/// The archive that `numpy.savez` writes: entries that are not compressed, with 1 January 1980 as their time.
///
/// # Errors
/// When it would have 4 GiB or more, or a name of more than 65,535 bytes.
pub(super) fn to_bytes(arrays: &[StoredArray]) -> Result<Vec<u8>, String> {
    let too_large = |_| "an archive must be smaller than 4 GiB, and names shorter than 64 KiB".to_owned();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for stored in arrays {
        let path = format!("{}.npy", stored.array.name);
        let data = npy::to_bytes(stored);
        let mut crc = Crc::new();
        crc.update(&data);
        let size = u32::try_from(data.len()).map_err(too_large)?.to_le_bytes();
        let path_length = u16::try_from(path.len()).map_err(too_large)?.to_le_bytes();
        let offset = u32::try_from(file.len()).map_err(too_large)?.to_le_bytes();

        // Bit 11: the name is UTF-8.
        let flags = if path.is_ascii() { [0, 0] } else { [0, 8] };
        // The version that is needed, 2.0; flags; not compressed; midnight, 1 January 1980; checksum; both sizes; no
        // extra field.
        let common = [
            &[20, 0][..],
            &flags,
            &[0, 0, 0, 0, 0x21, 0],
            &crc.sum().to_le_bytes(),
            &size,
            &size,
            &path_length,
            &[0, 0],
        ]
        .concat();
        file.extend([b"PK\x03\x04", &common[..], path.as_bytes(), &data].concat());
        // In the directory also: the version of the writer, 2.0 on Unix; no comment; the first disk; binary; permissions
        // as of numpy.savez, 0600; where the entry is.
        directory
            .extend([b"PK\x01\x02\x14\x03", &common[..], &[0; 6], &[0, 0, 0x80, 1], &offset, path.as_bytes()].concat());
    }

    let count = u16::try_from(arrays.len()).map_err(too_large)?.to_le_bytes();
    let size = u32::try_from(directory.len()).map_err(too_large)?.to_le_bytes();
    let offset = u32::try_from(file.len()).map_err(too_large)?.to_le_bytes();
    file.extend(directory);
    file.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &offset, &[0, 0]].concat());
    Ok(file)
}
