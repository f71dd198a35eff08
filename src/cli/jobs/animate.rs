//! `petal animate`: draws how the boundary of a run formed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::ExitStatus;
use crate::cli::console::print;
use crate::cli::options::output_path;
use crate::config::Config;
use crate::data::checked_path;
use crate::data::text::{grouped, plural, shell_quote_path};
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::files::folder::{CONFIG, RunFolder};
use crate::run::{Animation, Manifest, Run};
use clap::{ArgGroup, Args, ValueHint};

const AFTER_HELP: &str = concat!(
    "Examples:\n",
    "  petal animate runs/default --out boundary.gif\n",
    "  petal animate runs/default --out boundary.gif --seconds 10 --frames pictures\n\n",
    "Early updates are slower than late ones, because they change more. The picture has the update and the cost. The last picture\n",
    "is held for 2 more seconds. Where the parameters on the way are not stored, the training is repeated. The run is not changed.\n",
    "Exit codes: 0 done; 2 error.",
);

/// Draw how the boundary of a run formed, as an animation for slides
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = ArgGroup::new("output").required(true).multiple(true).args(["out", "frames"]))]
pub struct Options {
    /// The folder of the run, such as runs/default
    #[arg(value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Write a GIF
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = gif_path)]
    out: Option<PathBuf>,

    /// Write the single pictures as PNG files into a new folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, value_parser = output_path())]
    frames: Option<PathBuf>,

    /// The time from the first picture to the last one, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "6", value_parser = seconds, allow_negative_numbers = true)]
    seconds: f64,
}

impl Options {
    pub fn run(&self) -> Result<ExitStatus> {
        // Before a training is repeated, which may take long.
        check_new("--out", self.out.as_deref())?;
        check_new("--frames", self.frames.as_deref())?;
        let folder = RunFolder::reopen(&self.folder)?;
        let config = Config::load(&folder.path().join(CONFIG), &[])?;
        if config.sweep.is_some() {
            let path = shell_quote_path(folder.path());
            let advice = "train one of its combinations alone, from a configuration without [sweep]";
            let message = format!("{path} is the folder of a sweep: an animation shows a single run; {advice}");
            return Err(Error::Folder(message));
        }
        let manifest = Manifest::load(folder.path())?;
        let run = Run::prepare(config)?;
        run.check_resumable(&folder)?;
        run.check_plane()?;

        let animation = run.stored(folder.path(), &manifest)?.animation(self.seconds)?;
        if let Some(path) = &self.out {
            let bytes = animation.gif()?;
            write_atomically(path, &bytes)?;
            let (pictures, seconds) = (count(&animation), animation.seconds());
            let size = match bytes.len() {
                length @ ..1_000_000 => format!("{} kB", length.div_ceil(1_000)),
                length => format!("{:.1} MB", length as f64 / 1e6),
            };
            print(format!("{}: {pictures}, {seconds} s, {size}", path.display()))?;
        }
        if let Some(path) = &self.frames {
            write_pictures(path, &animation)?;
            print(format!("{}: {}", path.display(), count(&animation)))?;
        }
        Ok(ExitStatus::Success)
    }
}

/// Such as "120 pictures".
fn count(animation: &Animation<'_>) -> String {
    let pictures = animation.pictures();
    format!("{} {}", grouped(pictures), plural(pictures, "picture"))
}

/// Writes the pictures into a new folder, which is there only when it is complete.
fn write_pictures(path: &Path, animation: &Animation<'_>) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let failed = |error| Error::file("write", path)(error);
    let temporary = tempfile::Builder::new()
        .prefix(".partial-")
        .tempdir_in(parent.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    for picture in 0..animation.pictures() {
        let file = temporary.path().join(format!("{:04}.png", picture + 1));
        fs::write(&file, animation.png(picture)?).map_err(Error::file("write", &file))?;
    }
    fs::rename(temporary.path(), path).map_err(Error::file("write", path))?;
    let _ = temporary.keep();
    Ok(())
}

/// Refuses a path that exists, or whose folder does not exist.
fn check_new(option: &str, path: Option<&Path>) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let refuse = |message: &str| Err(Error::Argument(format!("{option} {}: {message}", shell_quote_path(path))));
    if path.symlink_metadata().is_ok() {
        return refuse("exists already; remove it or choose another name");
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
            refuse(&format!("there is no folder {}", shell_quote_path(parent)))
        }
        _ => Ok(()),
    }
}

/// Reads the path of a GIF file.
fn gif_path(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    checked_path::check(&path)?;
    match path.extension() {
        Some(extension) if extension == "gif" => Ok(path),
        _ => Err("accepted ending: .gif".into()),
    }
}

/// Reads the seconds of an animation.
fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().unwrap_or(f64::NAN);
    if (0.5..=60.0).contains(&number) {
        Ok(number)
    } else {
        Err("must be a number from 0.5 to 60".into())
    }
}
