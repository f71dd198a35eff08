//! What a page begins with.

use serde::Serialize;

use super::lessons::{Lesson, built_in};
use super::state::State;
use crate::error::{Error, Result};

/// What stands before a lesson's id in an address.
const IN_ADDRESS: &str = "#lesson=";

/// What a page begins with.
#[derive(Serialize)]
pub struct Start {
    state: State,
    /// The lessons to choose from.
    lessons: Vec<Lesson>,
    /// The id of the lesson that is open.
    lesson: Option<String>,
    /// What the user must know about the state.
    note: Option<String>,
}

impl Start {
    /// A state, with Petal's own lessons to choose from.
    ///
    /// # Errors
    /// None in a program that has passed its tests.
    pub fn new(state: State) -> Result<Self> {
        Ok(Self { state, lessons: built_in()?, lesson: None, note: None })
    }

    /// The same, with a note about the state.
    #[must_use]
    pub fn with_note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// The same, with one more lesson, which is open. It takes the place of one with the same id.
    #[must_use]
    pub fn with_lesson(mut self, lesson: Lesson) -> Self {
        self.lesson = Some(lesson.text.id.clone());
        self.lessons.retain(|other| other.text.id != lesson.text.id);
        self.lessons.insert(0, lesson);
        self
    }

    /// The same, with the lesson open that the end of an address names, `#lesson=symmetry`. `None` if it names none.
    ///
    /// # Errors
    /// When there is no such lesson.
    pub fn with_lesson_of(mut self, fragment: &str) -> Result<Self> {
        let id = fragment.strip_prefix(IN_ADDRESS).unwrap_or_default();
        let ids: Vec<&str> = self.lessons.iter().map(|lesson| &lesson.text.id[..]).collect();
        if !ids.contains(&id) {
            let message = format!("{fragment}: there is no such lesson; there are {}", ids.join(", "));
            return Err(Error::Argument(message));
        }
        self.lesson = Some(id.into());
        Ok(self)
    }

    /// Whether the end of an address names a lesson.
    pub fn is_lesson(fragment: &str) -> bool {
        fragment.starts_with(IN_ADDRESS)
    }
}
