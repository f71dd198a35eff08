//! Petal's own lessons, which are compiled into the program.

use std::path::Path;

use super::lesson::Lesson;
use crate::error::Result;

/// The file of one of Petal's own lessons, which is part of the program.
pub struct BuiltInLesson {
    /// Its name in addresses.
    pub id: &'static str,
    /// Its file.
    pub text: &'static str,
}

macro_rules! built_in {
    ($($id:literal),*) => {
        [$(BuiltInLesson { id: $id, text: include_str!(concat!($id, ".md")) }),*]
    };
}

/// Petal's own lessons, in the order in which they are listed.
pub const BUILT_IN: [BuiltInLesson; 11] = built_in!(
    "line",
    "flower",
    "zero",
    "symmetry",
    "small-rate",
    "large-rate",
    "edge",
    "memory",
    "relu",
    "logistic",
    "own"
);

/// Reads Petal's own lessons.
///
/// # Errors
/// None in a program that has passed its tests.
pub fn built_in() -> Result<Vec<Lesson>> {
    let read = |lesson: &BuiltInLesson| Lesson::parse(lesson.text, Path::new(&format!("{}.md", lesson.id)), None);
    BUILT_IN.iter().map(read).collect()
}
