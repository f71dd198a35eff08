//! The folder that holds everything of a run.
//!
//! A folder is claimed before the work starts, so that a place that cannot be written to is found at once, and
//! an existing run is never touched: where the name is taken, the next free one of `name-2`, `name-3`, ... is.
//! As long as a program works in a folder it holds a lock on it, which ends with the program, however that ends.
//!
//! Every file is written beside its place, brought to the disk, and moved there when complete; then the folder is brought to
//! the disk. Whenever a program or the machine stops, each file is there as it was before or as it is after. A folder that is
//! dropped before [`RunFolder::keep`] is removed with what it holds; after that, a failure costs only the file that it befalls.
//!
//! Leaves out: what the files contain.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::checked::Count;
use crate::error::{Error, Result};
use crate::plot::{self, Format, Picture};

/// The file that holds the configuration of a run.
pub const CONFIG: &str = "config.toml";
/// How the name of a file begins that is not complete.
const PARTIAL: &str = ".partial-";

/// Where results go and what they look like.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder that run folders are made in.
    pub folder: PathBuf,
    /// The run's name; absent means the configuration file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RunName>,
    /// The file format of pictures.
    pub pictures: Format,
    /// A record is shown every this many updates, or at the next that is made.
    pub print_every: Count<1, 1_000_000_000>,
}

/// A name that can be the name of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunName(String);

/// A folder of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// The folders above that were made for this one, the innermost first.
    made: Vec<PathBuf>,
    files: Vec<String>,
    kept: bool,
    /// Holds the lock.
    _lock: File,
}

/// A file for a single picture, whose name ends in the picture's format.
#[derive(Clone, Debug)]
pub struct PictureFile {
    path: PathBuf,
    format: Format,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            folder: "runs".into(),
            name: None,
            pictures: Format::Png,
            print_every: const { Count::literal(1_000) },
        }
    }
}

impl TryFrom<String> for RunName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0']);
        plain
            .then_some(Self(name))
            .ok_or("expected a folder's name, without / \\ : and not starting with a dot")
    }
}

impl From<RunName> for String {
    fn from(name: RunName) -> Self {
        name.0
    }
}

impl Settings {
    /// Claims a folder of the run's name, or the next free one.
    ///
    /// # Errors
    /// When no folder can be made there.
    pub fn claim(&self) -> Result<RunFolder> {
        let made = make_folders(&self.folder)?;
        let name = self.name.as_ref().map_or("run", |name| &name.0);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        for candidate in std::iter::once(name.to_owned()).chain(numbered) {
            let path = self.folder.join(candidate);
            match fs::create_dir(&path) {
                Ok(()) => return RunFolder::new(path, made),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::file("make the folder", &path)(error)),
            }
        }
        unreachable!("there is always a next number")
    }
}

impl RunFolder {
    /// Claims exactly this folder.
    ///
    /// # Errors
    /// When it exists, or cannot be made.
    pub fn claim(path: &Path) -> Result<Self> {
        let made = path.parent().map(make_folders).transpose()?.unwrap_or_default();
        match fs::create_dir(path) {
            Ok(()) => Self::new(path.to_owned(), made),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Error::Folder(format!(
                "{} exists already: a run is never overwritten; remove it or choose another folder",
                path.display()
            ))),
            Err(error) => Err(Error::file("make the folder", path)(error)),
        }
    }

    /// Opens the folder of a run that was begun, to go on with it, and clears away what was written in part.
    ///
    /// # Errors
    /// When there is no such folder, it is not a run's, or another program works in it.
    pub fn reopen(path: &Path) -> Result<Self> {
        configuration(path)?;
        let mut folder =
            Self { path: path.to_owned(), made: Vec::new(), files: Vec::new(), kept: true, _lock: lock(path)? };
        for entry in fs::read_dir(path).map_err(Error::file("read", path))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PARTIAL) {
                fs::remove_file(entry.path()).map_err(Error::file("remove", &entry.path()))?;
            } else if !name.starts_with('.') {
                folder.files.push(name);
            }
        }
        folder.files.sort();
        Ok(folder)
    }

    fn new(path: PathBuf, made: Vec<PathBuf>) -> Result<Self> {
        let folder = Self { _lock: lock(&path)?, path, made, files: Vec::new(), kept: false };
        for made in std::iter::once(&folder.path).chain(&folder.made) {
            sync_folder(made).map_err(Error::file("make the folder", made))?;
        }
        Ok(folder)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that are there: those of a run that was begun, then those written since.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Draws a picture and writes it to a file named `name` with the format's extension. It takes the place of one in another
    /// format.
    ///
    /// # Errors
    /// When it cannot be drawn or written.
    pub fn draw(&mut self, name: &str, format: Format, picture: &impl Picture) -> Result<()> {
        self.write(&format!("{name}.{format}"), plot::render(picture, format)?)?;
        let others = Format::ALL.into_iter().filter(|other| *other != format);
        others
            .map(|other| format!("{name}.{other}"))
            .try_for_each(|other| self.remove(&other))
    }

    /// Writes a file: first beside its place, then, complete, to its place.
    ///
    /// # Errors
    /// When it cannot be written in full; no part of it stays.
    pub fn write(&mut self, name: &str, contents: impl AsRef<[u8]>) -> Result<()> {
        let written = write_whole(&self.path.join(format!("{PARTIAL}{name}")), &self.path.join(name), contents);
        match written {
            Ok(()) => {
                if !self.files.iter().any(|file| file == name) {
                    self.files.push(name.to_owned());
                }
                Ok(())
            }
            Err(error) if self.kept => Err(Error::Unfinished { source: Box::new(error), folder: self.path.clone() }),
            Err(error) => Err(error),
        }
    }

    /// Removes a file of an earlier program, if it is there.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        self.files.retain(|file| file != name);
        if !path.exists() {
            return Ok(());
        }
        fs::remove_file(&path)
            .and_then(|()| sync_folder(&path))
            .map_err(Error::file("remove", &path))
    }

    /// Keeps the folder from now on: what it holds would be missed.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl FromStr for PictureFile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = PathBuf::from(name);
        let format = path.extension().unwrap_or_default().to_string_lossy().parse()?;
        Ok(Self { path, format })
    }
}

impl PictureFile {
    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Draws a picture into the file; it takes the place of one that exists.
    ///
    /// # Errors
    /// When the picture cannot be drawn or written in full.
    pub fn draw(&self, picture: &impl Picture) -> Result<()> {
        replace(&self.path, plot::render(picture, self.format)?)
    }
}

/// Writes a file of any name, complete or not at all; it takes the place of one that exists. A link stays, and the file that
/// it leads to is replaced. What is no file, such as `/dev/stdout` or a pipe, is written to.
///
/// # Errors
/// When it cannot be written in full.
pub fn replace(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let failed = Error::file("write", path);
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let written = File::options()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(contents.as_ref()));
        return written.map_err(failed);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    // No other program writes under this name, and no user does.
    let partial = target.with_file_name(format!("{PARTIAL}{}-{name}", std::process::id()));
    write_whole(&partial, &target, contents).map_err(|error| match error {
        Error::File { source, .. } => failed(source),
        other => other,
    })
}

/// Makes a folder and those above it; returns the ones that were not there, the innermost first.
fn make_folders(path: &Path) -> Result<Vec<PathBuf>> {
    let missing = path
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let missing = missing.map(Path::to_owned).collect();
    fs::create_dir_all(path).map_err(Error::file("make the folder", path))?;
    Ok(missing)
}

/// Writes a file beside its place, then moves it there, so that no part of it is ever seen.
fn write_whole(partial: &Path, path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let written = write_through(partial, contents.as_ref()).and_then(|()| fs::rename(partial, path));
    let written = written.and_then(|()| sync_folder(path));
    if written.is_err() {
        // What is left of it may be nothing at all; the error that counts is the first one.
        drop(fs::remove_file(partial));
    }
    written.map_err(Error::file("write", path))
}

fn write_through(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// Brings to the disk that a file or a folder has its name.
#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_file: &Path) -> io::Result<()> {
    Ok(())
}

/// Where the configuration of the run is that a folder holds.
///
/// # Errors
/// When it holds none, or cannot be looked into.
pub(crate) fn configuration(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(CONFIG);
    match fs::metadata(&path) {
        Ok(file) if file.is_file() => Ok(path),
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::file("read", &path)(error))
        }
        _ => Err(Error::Folder(format!("{} is not the folder of a run: it holds no {CONFIG}", folder.display()))),
    }
}

/// Locks a folder for this program.
///
/// # Errors
/// When another program has locked it, or it cannot be opened.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    // Of what can be locked, a folder leaves nothing behind. Elsewhere than on Unix it takes a file.
    let opened = if cfg!(unix) { File::open(folder) } else { File::create(folder.join(".lock")) };
    let file = opened.map_err(Error::file("open", folder))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::Folder(format!("{}: another program is at work in this folder", folder.display())))
        }
        Err(TryLockError::Error(error)) => Err(Error::file("lock", folder)(error)),
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.kept {
            // Nobody is left to tell if this fails, as it does where somebody else has put something.
            drop(fs::remove_dir_all(&self.path));
            self.made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path) -> Settings {
        Settings {
            folder: folder.join("runs"),
            name: RunName::try_from("a".to_owned()).ok(),
            ..Settings::default()
        }
    }

    #[test]
    fn a_taken_name_leads_to_the_next_number() {
        let temporary = tempfile::tempdir().unwrap();
        let settings = settings(temporary.path());
        let mut names = Vec::new();
        for _ in 0..3 {
            let mut folder = settings.claim().unwrap();
            folder.keep();
            names.push(folder.path().file_name().unwrap().to_owned());
        }
        assert_eq!(names, ["a", "a-2", "a-3"]);
        let exact = RunFolder::claim(&settings.folder.join("a-2")).unwrap_err();
        assert!(exact.to_string().contains("a-2 exists already"), "{exact}");
    }

    #[test]
    fn only_a_kept_folder_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let settings = settings(temporary.path());
        for keep in [false, true] {
            let mut folder = settings.claim().unwrap();
            folder.write("x.txt", "1").unwrap();
            if keep {
                folder.keep();
            }
            let file = folder.path().join("x.txt");
            drop(folder);
            assert_eq!(file.exists(), keep);
            assert_eq!(settings.folder.exists(), keep);
        }
    }

    #[test]
    fn a_file_that_fails_leaves_nothing_behind() {
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = settings(temporary.path()).claim().unwrap();
        // The last step, moving the complete file to its place, cannot replace a folder.
        fs::create_dir(folder.path().join("x.txt")).unwrap();
        let error = folder.write("x.txt", "1").unwrap_err();
        assert!(error.to_string().contains("x.txt: "), "{error}");
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["x.txt"]);
        assert!(folder.files().is_empty());
        folder.keep();
        let error = folder.write("x.txt", "1").unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("; what was written before is kept in {}", folder.path().display())),
            "{error}"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_and_no_other_file_is_touched() {
        let temporary = tempfile::tempdir().unwrap();
        let [link, target, partial] = ["link", "target", "link.partial"].map(|name| temporary.path().join(name));
        fs::write(&target, "old").unwrap();
        fs::write(&partial, "mine").unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();
        replace(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!([&target, &partial].map(|file| fs::read_to_string(file).unwrap()), ["new", "mine"]);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 3);
        // A pipe takes what is written and stays one.
        let pipe = temporary.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = pipe.clone();
        let read = std::thread::spawn(move || fs::read_to_string(reader).unwrap());
        replace(&pipe, "new").unwrap();
        assert!(!fs::metadata(&pipe).unwrap().is_file());
        assert_eq!(read.join().unwrap(), "new");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in ["", ".", "..", "a/b", "/a", "a\\b", "c:d", ".hidden"] {
            assert!(RunName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
