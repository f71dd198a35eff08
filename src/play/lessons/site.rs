//! The pages of lessons for a web site.

use serde_json::json;

use super::lesson::{Lesson, LessonRun};
use crate::error::{Error, Result};
use crate::page::{LessonPage, LessonText, RunOfLesson, lesson_index};
use crate::play::prepared::Prepared;
use crate::play::refusal::Refusal;
use crate::run::Trained;

/// The frames of a page hold at most this many numbers, so that a page has less than 400 KB unless its data are large.
const MAX_FRAME_NUMBERS: usize = 20_000;
/// The page that lists the lessons.
const INDEX: &str = "index.html";

/// A file of the site.
pub struct SitePage {
    /// Its name.
    pub name: String,
    /// Its contents.
    pub html: String,
}

/// Trains all runs of the lessons and makes their pages and the page that lists them. `command` opens a lesson in the playground.
///
/// # Errors
/// When a training cannot start, or a network is too large for a page.
pub fn site(lessons: &[Lesson], command: impl Fn(&Lesson) -> String) -> Result<Vec<SitePage>> {
    let texts: Vec<LessonText> = lessons.iter().map(|lesson| lesson.text.clone()).collect();
    let mut pages = vec![SitePage { name: INDEX.into(), html: lesson_index(&texts) }];
    for (index, lesson) in lessons.iter().enumerate() {
        let page = lesson.page(command(lesson), texts.get(index + 1).cloned())?;
        pages.push(SitePage { name: format!("{}.html", lesson.text.id), html: page.render() });
    }
    Ok(pages)
}

impl Lesson {
    /// Trains all runs and makes the page.
    ///
    /// # Errors
    /// When a training cannot start, or a network is too large for a page.
    pub fn page(&self, command: String, next: Option<LessonText>) -> Result<LessonPage> {
        let failed = |run: &LessonRun, message: &str| {
            Error::Training(format!("lesson {}, run {:?}: {message}", self.text.id, run.name))
        };
        let prepare = |run: &LessonRun| Prepared::new(&run.state).map_err(|refusal| failed(run, &refusal.message));
        let prepared = self.runs.iter().map(prepare).collect::<Result<Vec<_>>>()?;
        // Every run has as many frames.
        let parameters: usize = prepared.iter().map(|prepared| prepared.run.initial.count()).sum();
        let frames = MAX_FRAME_NUMBERS / parameters;

        let (mut data, mut data_texts, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for (run, prepared) in self.runs.iter().zip(&prepared) {
            let trained = prepared.run.train_watched(prepared.fork.as_ref(), &mut ());
            let trained = trained.map_err(|error| failed(run, &Refusal::of(&error, prepared.data_key).message))?;
            let numbers = trained.page_data_within(frames * prepared.run.initial.count());
            let numbers = numbers.ok_or_else(|| failed(run, "the networks of the lesson are too large for a page"))?;

            let data_set = prepared.run.page_start().data;
            let text = json!(data_set).to_string();
            let index = data_texts.iter().position(|other| *other == text).unwrap_or_else(|| {
                data_texts.push(text);
                data.push(data_set);
                data.len() - 1
            });
            let notes = notes(prepared, &trained);
            runs.push(RunOfLesson { name: run.name.clone(), data: index, notes, trained: numbers });
        }
        Ok(LessonPage { text: self.text.clone(), data, runs, command, next })
    }
}

/// What the page says below the picture.
fn notes(prepared: &Prepared, trained: &Trained<'_>) -> Vec<String> {
    let advice = trained.diagnosis.as_ref().map(|diagnosis| diagnosis.advice.clone());
    // Nothing can be set on the page.
    let advice = advice.into_iter().flatten();
    let advice = advice.map(|sentence| format!("Where settings can be changed, Petal advises: “{sentence}”"));
    advice.chain(prepared.notes()).collect()
}
