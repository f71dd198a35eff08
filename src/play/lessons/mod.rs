//! Lessons: files that ask for a guess, and then show a training.
//!
//! docs/lessons.md describes the format. Petal's own lessons are such files.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `keys` | the keys of a lesson, and its text |
//! | `lesson` | a lesson that was read and checked |
//! | `built_in` | Petal's own lessons |
//! | `site` | the pages of lessons, with their trainings |

mod built_in;
mod keys;
mod lesson;
mod site;

pub use built_in::{BUILT_IN, BuiltInLesson, built_in};
pub use lesson::{Lesson, LessonRun};
pub use site::{SitePage, site};
