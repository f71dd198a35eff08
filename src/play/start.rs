//! What a page begins with.

use serde::Serialize;

use super::lessons::{Lesson, built_in};
use super::link::Link;
use super::state::State;
use crate::data::text::one_line;
use crate::error::{Error, Result};

/// What a page begins with.
#[derive(Serialize)]
pub struct Start {
    state: State,
    /// The lessons to choose from.
    lessons: Vec<Lesson>,
    /// The id of the lesson that is open.
    lesson: Option<String>,
    /// The place on the axis of time, if it is not the usual one.
    update: Option<usize>,
    /// What the user must know about the state.
    note: Option<String>,
}

impl Start {
    /// A state, with Petal's own lessons to choose from.
    ///
    /// # Errors
    /// None in a program that has passed its tests.
    pub fn new(state: State) -> Result<Self> {
        Ok(Self { state, lessons: built_in()?, lesson: None, update: None, note: None })
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

    /// The same, with the lesson open and at the update that a link names. A link with a state may name a lesson of another program:
    /// then the state is shown without it.
    ///
    /// # Errors
    /// When there is no such lesson, and the link has no state.
    pub fn at(mut self, link: &Link) -> Result<Self> {
        let ids: Vec<&str> = self.lessons.iter().map(|lesson| &lesson.text.id[..]).collect();
        self.update = link.update;
        match link.lesson.as_deref().filter(|id| !ids.contains(id)) {
            None => self.lesson = link.lesson.clone(),
            Some(id) => {
                let message =
                    format!("#lesson={}: there is no such lesson; there are {}", one_line(id), ids.join(", "));
                if link.state.is_none() {
                    return Err(Error::Argument(message));
                }
                self.note = Some(message);
            }
        }
        Ok(self)
    }
}
