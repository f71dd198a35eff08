//! Values that are different texts and look alike, such as `yes` and `Yes`. They may be meant as one value.
//!
//! Not covered: letters of different scripts that look alike, and misspelled words.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

use super::exact_number::ExactNumber;

/// A kind of difference that is easily overlooked, in the order in which it is taken away from a text.
#[derive(Clone, Copy, PartialEq)]
enum Difference {
    /// Two ways to write one character in Unicode, such as é as one character or as e with an accent.
    UnicodeForm,
    Invisible,
    Dashes,
    Apostrophes,
    Case,
    WhiteSpace,
    Punctuation,
}

impl Difference {
    const ALL: [Self; 7] = [
        Self::UnicodeForm,
        Self::Invisible,
        Self::Dashes,
        Self::Apostrophes,
        Self::Case,
        Self::WhiteSpace,
        Self::Punctuation,
    ];

    /// What the difference is in.
    fn name(self) -> &'static str {
        match self {
            Self::UnicodeForm => "the Unicode form of a character",
            Self::Invisible => "invisible characters",
            Self::Dashes => "the kind of a dash",
            Self::Apostrophes => "the kind of an apostrophe",
            Self::Case => "case",
            Self::WhiteSpace => "white space",
            Self::Punctuation => "punctuation at an end",
        }
    }

    /// The text without this kind of difference.
    fn removed_from(self, text: &str) -> String {
        match self {
            Self::UnicodeForm => text.nfkc().collect(),
            Self::Invisible => text.chars().filter(|&c| !is_invisible(c)).collect(),
            Self::Dashes => text.chars().map(|c| if is_dash(c) { '-' } else { c }).collect(),
            Self::Apostrophes => text.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).collect(),
            Self::Case => text.to_lowercase(),
            Self::WhiteSpace => without_needless_space(text),
            // .5 is not 5.
            Self::Punctuation if ExactNumber::parse(text).is_some() => text.to_owned(),
            // A text of punctuation only stays as it is: `.` and `!` may be two values.
            Self::Punctuation => match text.trim_matches(|c: char| c.is_whitespace() || ".,;:!'\"".contains(c)) {
                "" => text.to_owned(),
                inner => inner.to_owned(),
            },
        }
    }
}

/// Two values that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Both in quotation marks. Characters outside of ASCII that only one of them has are escapes, because they may look like
    /// those of the other.
    pub quoted: [String; 2],
    /// What they differ in, such as `case`.
    pub difference: String,
}

impl Alike {
    /// Compares two different texts. `None` if they do not look alike.
    pub(super) fn new(a: &str, b: &str) -> Option<Self> {
        (alike_key(a) == alike_key(b)).then(|| Self { quoted: quoted_pair(a, b), difference: difference(a, b) })
    }

    /// The first text that looks like an earlier one, with that one.
    pub(super) fn first<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut text_by_key = HashMap::new();
        texts.into_iter().find_map(|text| {
            let earlier = text_by_key.insert(alike_key(text), text)?;
            Self::new(earlier, text)
        })
    }
}

/// A key that is equal for texts that look alike.
fn alike_key(text: &str) -> String {
    key_without(text, None)
}

/// What two texts with the same key differ in.
fn difference(a: &str, b: &str) -> String {
    let is_needed = |kind: &Difference| key_without(a, Some(*kind)) != key_without(b, Some(*kind));
    let mut names: Vec<&str> = Difference::ALL.into_iter().filter(is_needed).map(Difference::name).collect();
    if names.is_empty() {
        // Two kinds can do the same, for example with a no-break space. The later one is the more specific one.
        let is_enough = |kind: &Difference| kind.removed_from(a) == kind.removed_from(b);
        let kind = Difference::ALL.into_iter().rev().find(is_enough);
        names.push(kind.map_or("the way they are written", Difference::name));
    }
    names.join(" and ")
}

fn quoted_pair(a: &str, b: &str) -> [String; 2] {
    [(a, b), (b, a)].map(|(text, other)| {
        let escaped: String = text
            .chars()
            .map(|c| match c.is_ascii() || other.contains(c) {
                // In double quotation marks an apostrophe is no mark.
                true if c == '\'' => c.to_string(),
                true => c.escape_debug().to_string(),
                false => c.escape_unicode().to_string(),
            })
            .collect();
        format!("\"{escaped}\"")
    })
}

fn key_without(text: &str, left_in: Option<Difference>) -> String {
    let kinds = Difference::ALL.into_iter().filter(|kind| Some(*kind) != left_in);
    kinds.fold(text.to_owned(), |text, kind| kind.removed_from(&text))
}

/// The text with one space between words, and none beside a sign: `> 50K` is `>50K`.
fn without_needless_space(text: &str) -> String {
    let mut joined = String::new();
    for word in text.split_whitespace() {
        if joined.ends_with(char::is_alphanumeric) && word.starts_with(char::is_alphanumeric) {
            joined.push(' ');
        }
        joined += word;
    }
    joined
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' | '\u{b4}')
}

/// Whether a character is not visible: those of general use among Unicode's default ignorable code points, and the blank of
/// braille.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Whether a character looks like `-`, and is another one.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_likeness_is_named_and_shown() {
        let cases = [
            ("yes", "Yes", "case", [r#""yes""#, r#""Yes""#]),
            (">50K", ">50K.", "punctuation at an end", [r#"">50K""#, r#"">50K.""#]),
            ("yes", "yes\u{200b}", "invisible characters", [r#""yes""#, r#""yes\u{200b}""#]),
            ("yes", "\u{feff}yes", "invisible characters", [r#""yes""#, r#""\u{feff}yes""#]),
            ("a b", "a  b", "white space", [r#""a b""#, r#""a  b""#]),
            ("a b", "a\u{a0}b", "white space", [r#""a b""#, r#""a\u{a0}b""#]),
            (
                "Caf\u{e9}",
                "Cafe\u{301}",
                "the Unicode form of a character",
                [r#""Caf\u{e9}""#, r#""Cafe\u{301}""#],
            ),
            ("1", "\u{ff11}", "the Unicode form of a character", [r#""1""#, r#""\u{ff11}""#]),
            ("10-20", "10\u{2013}20", "the kind of a dash", [r#""10-20""#, r#""10\u{2013}20""#]),
            ("don't", "don\u{2019}t", "the kind of an apostrophe", [r#""don't""#, r#""don\u{2019}t""#]),
            (">50K", "> 50K", "white space", [r#"">50K""#, r#""> 50K""#]),
            ("yes", "yes\u{2800}", "invisible characters", [r#""yes""#, r#""yes\u{2800}""#]),
            ("NO", "no.", "case and punctuation at an end", [r#""NO""#, r#""no.""#]),
            ("男", "男.", "punctuation at an end", [r#""男""#, r#""男.""#]),
        ];
        for (a, b, difference, quoted) in cases {
            let expected = Alike { quoted: quoted.map(str::to_owned), difference: difference.to_owned() };
            assert_eq!(Alike::first([a, b].into_iter()), Some(expected), "{a:?} {b:?}");
        }
        let different = [
            ">50K", "<=50K", "A", "A+", "A-", "+", "-", ".", "!", "1.5", "15", "5", ".5", "yes", "no", "男", "女", "e",
            "a b", "ab",
        ];
        assert_eq!(Alike::first(different.into_iter()), None);
    }
}
