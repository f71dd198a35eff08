//! `petal lessons`: lists lessons, prints one, or writes them as the pages of a web site.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueHint};

use crate::cli::ExitStatus;
use crate::cli::console::print;
use crate::data::text::{grouped, shell_quote_path};
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::page::MARK_OF_LESSONS;
use crate::play::{BUILT_IN, BuiltInLesson, Lesson, built_in, site};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal lessons\n",
    "  petal lessons --print symmetry > mine.md\n",
    "  petal lessons mine.md\n",
    "  petal lessons --out site\n",
    "  petal lessons --out site mine.md\n\n",
    "A lesson is a Markdown or TOML file; `petal play mine.md` opens it. The pages have their trainings inside and need no server. A\n",
    "file that is not a page of lessons is never overwritten.\n",
    "Exit codes: 0 done; 2 error.",
);

/// List the lessons of the playground, or write them as pages for a web site
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Lessons in files, in place of Petal's own
    #[arg(value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,

    /// Write a page for each lesson, with its trainings inside, and index.html into this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,

    /// Print the file of one of Petal's own lessons, to begin a lesson with
    #[arg(long, value_name = "ID", conflicts_with_all = ["files", "out"], value_parser = PossibleValuesParser::new(BUILT_IN.map(|lesson| lesson.id)))]
    print: Option<String>,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        if let Some(BuiltInLesson { text, .. }) =
            BUILT_IN.iter().find(|lesson| self.print.as_deref() == Some(lesson.id))
        {
            print(text.trim_end())?;
            return Ok(ExitStatus::Success);
        }

        let lessons = self.lessons()?;
        match &self.out {
            Some(folder) => self.write(folder, &lessons)?,
            None => {
                let width = lessons.iter().map(|lesson| lesson.text.id.len()).max().unwrap_or(0);
                for Lesson { text, .. } in &lessons {
                    print(format!("{:<width$}  {}", text.id, text.title))?;
                }
            }
        }
        Ok(ExitStatus::Success)
    }

    fn lessons(&self) -> Result<Vec<Lesson>> {
        if self.files.is_empty() {
            return built_in();
        }
        let lessons = self.files.iter().map(|file| Lesson::load(file)).collect::<Result<Vec<_>>>()?;
        for (index, lesson) in lessons.iter().enumerate() {
            let id = &lesson.text.id;
            if let Some(first) = lessons[..index].iter().position(|other| other.text.id == *id) {
                let [first, second] = [first, index].map(|index| self.files[index].display());
                let message =
                    format!("{first} and {second}: both lessons have the id {id}, which is the name of their page");
                return Err(Error::Argument(message));
            }
        }
        Ok(lessons)
    }

    /// Writes the pages. Nothing is written before all of them are made and may be written.
    fn write(&self, folder: &Path, lessons: &[Lesson]) -> Result<()> {
        let file = |lesson: &Lesson| self.files.iter().find(|file| file.file_stem() == Some(lesson.text.id.as_ref()));
        let pages = site(lessons, |lesson| {
            let source = file(lesson)
                .and_then(|file| file.file_name())
                .map_or_else(|| format!("'#lesson={}'", lesson.text.id), |name| shell_quote_path(Path::new(name)));
            format!("petal play {source}")
        })?;
        let paths: Vec<PathBuf> = pages.iter().map(|page| folder.join(&page.name)).collect();
        paths.iter().try_for_each(|path| check_replaceable(path))?;

        fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        for (path, page) in paths.iter().zip(&pages) {
            write_atomically(path, &page.html)?;
            print(format!("{}  {} KB", path.display(), grouped(page.html.len().div_ceil(1000))))?;
        }
        Ok(())
    }
}

/// A file is only replaced by a page if it is one.
///
/// # Errors
/// When there is something else.
fn check_replaceable(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound) => return Ok(()),
        Err(error) => return Err(Error::file("read", path)(error)),
        Ok(_) => {}
    }
    // Only a regular file is read: reading a pipe might never end.
    let is_page = fs::metadata(path).is_ok_and(|found| found.is_file())
        && String::from_utf8_lossy(&fs::read(path).map_err(Error::file("read", path))?).contains(MARK_OF_LESSONS);
    if is_page {
        return Ok(());
    }
    let message = "exists already and is not a page of lessons: it is not overwritten; choose another folder";
    Err(Error::Folder(format!("{} {message}", path.display())))
}
