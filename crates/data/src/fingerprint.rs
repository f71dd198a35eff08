//! A fingerprint of data: different samples have a different fingerprint.
//!
//! It is a SHA-256 over the training, the validation and the test samples in turn. For each part it covers:
//!
//! - the names of the features,
//! - all bits of the numbers,
//! - the labels.
//!
//! It covers neither the names of the classes nor the file: a table that was saved again with the same values has the
//! same fingerprint.

use sha2::{Digest, Sha256};

use crate::dataset::Dataset;

/// The fingerprint of the parts, as 64 hexadecimal digits.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = Option<&'a Dataset>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The number of samples comes first, so that two parts never have the same bytes as one larger part.
        let count = |count: usize| (count as u64).to_le_bytes();
        hash.update(count(part.map_or(0, Dataset::samples)));
        let Some(part) = part else { continue };
        hash.update(count(part.features()));
        for name in part.feature_names() {
            hash.update(count(name.len()));
            hash.update(name);
        }
        let mut bytes = Vec::with_capacity(8 * part.features());
        for row in part.rows() {
            bytes.clear();
            bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
            hash.update(&bytes);
        }
        hash.update(part.y());
    }
    hexadecimal(hash)
}

/// The fingerprint of a text, as 64 hexadecimal digits.
pub fn text_fingerprint(text: &str) -> String {
    hexadecimal(Sha256::new_with_prefix(text))
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_the_data_changes_the_fingerprint() {
        let data = |x: f64, y: u8, name: &str| Dataset::new(vec![name.into()], vec![1.0, x], vec![0, y]);
        let original = data(2.0, 1, "a");
        let all = [
            fingerprint([Some(&original), None]),
            fingerprint([Some(&data(2.0_f64.next_up(), 1, "a")), None]),
            fingerprint([Some(&data(2.0, 0, "a")), None]),
            fingerprint([Some(&data(2.0, 1, "b")), None]),
            fingerprint([None, Some(&original)]),
            fingerprint([Some(&original), Some(&original)]),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(one.len() == 64 && !all[..i].contains(one), "{all:?}");
        }
        assert_eq!(all[0], fingerprint([Some(&data(2.0, 1, "a")), None]));
        // hashlib.sha256(struct.pack("<QQQ", 2, 1, 1) + b"a" + struct.pack("<dd", 1, 2) + b"\0\1" + struct.pack("<Q", 0))
        assert_eq!(all[0], "b6e2e0db71a5bff8b8544d6c18069a3ca05a5ad6ce1cb4611dec43840e57736c");
    }
}
