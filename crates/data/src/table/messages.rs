//! Words for messages about tables: quoted cells, lists of names, and suggestions for a misspelled name.

use crate::text::grouped;

/// Quotes a cell for a message. A long cell is cut after 40 characters.
pub(super) fn quoted(cell: &[u8]) -> String {
    const MAX_CHARS: usize = 40;
    // A character has at most 4 bytes in UTF-8, so the rest of a long cell is not needed.
    let text = String::from_utf8_lossy(&cell[..cell.len().min(4 * MAX_CHARS)]);
    let text = text.trim();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{:?}", format!("{}...", &text[..end])),
        None => format!("{text:?}"),
    }
}

/// Lists names in quotation marks, abbreviated as by [`abbreviated`].
pub(super) fn quoted_list(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name.as_ref().as_bytes())).collect();
    abbreviated(&quoted)
}

/// Lists the first 10 items, and counts the others.
pub(super) fn abbreviated(items: &[String]) -> String {
    const MAX_ITEMS: usize = 10;
    match items.len().checked_sub(MAX_ITEMS) {
        Some(more @ 1..) => format!("{} and {} more", items[..MAX_ITEMS].join(", "), grouped(more)),
        _ => items.join(", "),
    }
}

/// Suggests the candidate that `name` is probably a misspelling of, or returns an empty text.
///
/// The edit distance may be up to a third of the characters of `name`. Upper and lower case count as equal.
pub(super) fn did_you_mean<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let lowercase = name.to_lowercase();
    let distance = |candidate: &&str| strsim::osa_distance(&lowercase, &candidate.to_lowercase());
    // The distance takes time in proportion to the product of both lengths. A long name is no misspelling.
    let short_enough = candidates.filter(|candidate| candidate.len() <= 3 * name.len() && name.len() < 100);
    let nearest = short_enough
        .min_by_key(distance)
        .filter(|nearest| 3 * distance(nearest) <= lowercase.chars().count());
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_is_cut() {
        assert_eq!(quoted(b" a\"b "), r#""a\"b""#);
        assert_eq!(quoted("é".repeat(5000).as_bytes()), format!("\"{}...\"", "é".repeat(40)));
        assert_eq!(quoted(b"\xff\xfe"), "\"\u{fffd}\u{fffd}\"");
    }
}
