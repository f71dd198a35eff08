//! Paths from configurations and options. A path that means something else to its author than to the system is refused.
//!
//! | refused | why |
//! | --- | --- |
//! | an empty path | it names nothing |
//! | control characters | in TOML, `"C:\temp\new"` has a tab and a line end in it |
//! | `~/runs`, `$HOME/runs`, `%TEMP%/runs` | only a shell replaces them; here they would be the name of a folder |

use std::env;
use std::path::{Component, Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer};

use crate::text::one_line;

/// Checks a path that somebody wrote.
///
/// # Errors
/// What is wrong with it, and what is accepted.
pub fn check(path: &Path) -> Result<(), String> {
    let text = path.to_string_lossy();
    if text.is_empty() {
        return Err("must be a path, and is empty; the current folder is \".\"".into());
    }
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err(control_character(c));
    }
    match shell_word(path) {
        None => Ok(()),
        Some(word) => {
            let way_out = match whole_path(path, &word) {
                Some(whole) => format!("write {}", one_line(&whole.display().to_string())),
                None => "write the whole path".into(),
            };
            Err(format!("{word} is replaced by a folder only in a shell; {way_out}, or ./{word} for this very name"))
        }
    }
}

/// The message about a control character in a path or a name.
pub fn control_character(c: char) -> String {
    format!(
        "has the control character {}; in TOML a backslash in \"...\" begins an escape such as \\t or \\n, and in '...' it \
         does not",
        c.escape_default()
    )
}

/// Reads a path and checks it, for serde's `deserialize_with`.
///
/// # Errors
/// When it is no text, or as in [`check`].
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    check(&path).map_err(D::Error::custom)?;
    Ok(path)
}

/// [`required`], for a setting that may be absent.
///
/// # Errors
/// As in [`required`].
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    required(deserializer).map(Some)
}

/// The first part of a path, if a shell replaces it: the home folder or a variable.
fn shell_word(path: &Path) -> Option<String> {
    let mut parts = path.components();
    let Some(Component::Normal(first)) = parts.next() else {
        return None;
    };
    let word = first.to_str()?;
    // `~name` is the home folder of another user only before a slash.
    let is_home = word == "~" || (word.starts_with('~') && parts.next().is_some());
    let between = |start: &str, end: &str| word.strip_prefix(start)?.strip_suffix(end);
    let variable = between("${", "}").or_else(|| between("%", "%")).or_else(|| between("$", ""));
    let is_variable =
        variable.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    (is_home || is_variable).then(|| word.into())
}

/// The path with the home folder in place of `~` or `$HOME`.
fn whole_path(path: &Path, word: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix(word).ok()?;
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
    ["~", "$HOME", "${HOME}", "%USERPROFILE%"]
        .contains(&word)
        .then(|| home.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_for_a_shell_and_paths_with_control_characters_are_refused() {
        let home = env::home_dir().unwrap_or_default();
        let cases = [
            ("", "must be a path, and is empty".to_owned()),
            ("C:\temp\new", "has the control character \\t; in TOML a backslash in \"...\" begins".into()),
            ("a\u{1b}[31m", "has the control character \\u{1b}; ".into()),
            ("~", "~ is replaced by a folder only in a shell; write ".into()),
            (
                "~/runs",
                format!("~ is replaced by a folder only in a shell; write {}, or ./~ for", home.join("runs").display()),
            ),
            (
                "~user/runs",
                "~user is replaced by a folder only in a shell; write the whole path, or ./~user for".into(),
            ),
            ("$HOME/runs", "$HOME is replaced ".into()),
            ("${DATA}/a.csv", "${DATA} is replaced by a folder only in a shell; write the whole path, or".into()),
            ("%TEMP%/runs", "%TEMP% is replaced ".into()),
        ];
        for (path, expected) in cases {
            let message = check(Path::new(path)).unwrap_err();
            assert!(message.starts_with(&expected), "{path:?}: {message}\n{expected}");
        }
        for path in ["runs", "./~/runs", "a~/b", "~$book.csv", "100%/a", "$", "/a b/é", "a/$HOME", ".", ".."] {
            assert_eq!(check(Path::new(path)), Ok(()), "{path}");
        }
    }
}
