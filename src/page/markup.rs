//! The text of a lesson: paragraphs with `**bold**`, `*emphasis*` and `` `code` ``, and no other markup.
//!
//! Everything else of Markdown is text, and HTML is escaped. A mark without its counterpart stands for itself, and so does a star
//! with a space after it, as in `2 * 3`.

use maud::{Markup, html};
use serde::{Serialize, Serializer};

/// Paragraphs, each with its pieces in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paragraphs(pub Vec<Vec<Piece>>);

/// A piece of a paragraph, all of it of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it looks like.
    pub kind: PieceKind,
    /// Its text.
    pub text: String,
}

/// What a piece of text looks like. In a page's data it is the name of its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PieceKind {
    /// Text as it is.
    #[serde(rename = "")]
    Plain,
    /// `**bold**`
    #[serde(rename = "b")]
    Bold,
    /// `*emphasis*`
    #[serde(rename = "em")]
    Emphasis,
    /// `` `code` ``
    #[serde(rename = "code")]
    Code,
}

/// The marks. Two stars come before one.
const MARKS: [(&str, PieceKind); 3] = [("`", PieceKind::Code), ("**", PieceKind::Bold), ("*", PieceKind::Emphasis)];

impl Serialize for Piece {
    /// A pair: the name of the element and the text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind, &self.text).serialize(serializer)
    }
}

impl Paragraphs {
    /// Reads text. Empty lines separate paragraphs.
    pub fn parse(text: &str) -> Self {
        let mut paragraphs = vec![String::new()];
        for line in text.lines().map(str::trim) {
            let last = paragraphs.len() - 1;
            match (line, paragraphs[last].as_str()) {
                ("", "") => {}
                ("", _) => paragraphs.push(String::new()),
                (line, "") => paragraphs[last].push_str(line),
                (line, _) => paragraphs[last].extend([" ", line]),
            }
        }
        Self(
            paragraphs
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| pieces(text))
                .collect(),
        )
    }

    /// The text without its marks.
    pub fn text(&self) -> String {
        let paragraph = |pieces: &Vec<Piece>| pieces.iter().map(|piece| &piece.text[..]).collect::<String>();
        self.0.iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            @for pieces in &self.0 {
                p {
                    @for Piece { kind, text } in pieces {
                        @match kind {
                            PieceKind::Plain => (text),
                            PieceKind::Bold => b { (text) },
                            PieceKind::Emphasis => em { (text) },
                            PieceKind::Code => code { (text) },
                        }
                    }
                }
            }
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match MARKS.iter().find_map(|&(mark, kind)| Some((kind, marked(rest, mark)?))) {
            Some((kind, (inner, after))) => {
                if !plain.is_empty() {
                    pieces.push(Piece { kind: PieceKind::Plain, text: std::mem::take(&mut plain) });
                }
                pieces.push(Piece { kind, text: inner.into() });
                rest = after;
            }
            None => {
                plain.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece { kind: PieceKind::Plain, text: plain });
    }
    pieces
}

/// The text between a mark at the start and the next one, and what is after it.
fn marked<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let (inner, after) = text.strip_prefix(mark)?.split_once(mark)?;
    let is_tight = !inner.is_empty() && inner.trim() == inner && !inner.starts_with('*');
    is_tight.then_some((inner, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_all_else_is_text() {
        let cases = [
            ("a **b** *c* `d*e*`", "<p>a <b>b</b> <em>c</em> <code>d*e*</code></p>"),
            ("2 * 3 * 4, **, ` and *", "<p>2 * 3 * 4, **, ` and *</p>"),
            ("# no\n- heading\n\n\n<b>x</b> [a](b)", "<p># no - heading</p><p>&lt;b&gt;x&lt;/b&gt; [a](b)</p>"),
            ("**ü** é*à*", "<p><b>ü</b> é<em>à</em></p>"),
            ("**a*b", "<p>*<em>a</em>b</p>"),
            ("***a***", "<p>*<b>a</b>*</p>"),
            (" \n\n", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(Paragraphs::parse(text).markup().0, expected, "{text}");
        }
        let json = serde_json::to_string(&Paragraphs::parse("a *b*\n\nc")).unwrap();
        assert_eq!(json, r#"[[["","a "],["em","b"]],[["","c"]]]"#);
        assert_eq!(Paragraphs::parse("a **b**\nc\n\nd").text(), "a b c\n\nd");
    }
}
