//! The folder that holds everything of a run.
//!
//! - A folder is created before the work starts. So a location that cannot be written to is found at once.
//! - An existing run is never overwritten. If the name is taken, the first free one of `name-2`, `name-3`, ... is used.
//! - A program holds a lock on the folder while it works there. The operating system releases the lock when the program ends.
//! - A folder that is dropped before [`RunFolder::keep`] is removed with its files. After that, an error costs only the
//!   file that could not be written.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::atomic::{self, TEMPORARY_PREFIX};
use crate::data::checked_numbers::Count;
use crate::data::checked_path;
use crate::error::{Error, Result};
use crate::plot::{self, Format, Picture};

/// The file that holds the configuration of a run.
pub const CONFIG: &str = "config.toml";

/// Where results go and what they look like: the keys of `[output]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder in which run folders are created.
    #[serde(deserialize_with = "checked_path::required")]
    pub folder: PathBuf,
    /// The run's name; `None` means the name of the configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RunName>,
    /// The file format of pictures.
    pub pictures: Format,
    /// The number of updates between two printed records. If there is no record at that update, the next record is
    /// printed.
    pub print_every: Count<1, 1_000_000_000>,
}

/// The name of a run, which is the name of its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunName(String);

/// The folder of one run, locked for this program.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// The parent folders that were created for this one, the innermost first.
    created_parents: Vec<PathBuf>,
    files: Vec<String>,
    kept: bool,
    _lock: File,
}

/// A picture file outside a run folder. The extension of its name says the format.
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
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if let Some(c) = name.chars().find(|c| c.is_control()) {
            return Err(checked_path::control_character(c));
        }
        let valid = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':']);
        valid
            .then_some(Self(name))
            .ok_or_else(|| "must be a folder's name, without / \\ : and not starting with a dot".into())
    }
}

impl From<RunName> for String {
    fn from(name: RunName) -> Self {
        name.0
    }
}

impl Settings {
    /// Creates a folder with the run's name, or with the first free number after it.
    ///
    /// # Errors
    /// When no folder can be created there.
    pub fn create_folder(&self) -> Result<RunFolder> {
        let created_parents = create_parents(&self.folder)?;
        let name = self.name.as_ref().map_or("run", |name| &name.0);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        for candidate in std::iter::once(name.to_owned()).chain(numbered) {
            let path = self.folder.join(candidate);
            match fs::create_dir(&path) {
                Ok(()) => return RunFolder::new(path, created_parents),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::file("make the folder", &path)(error)),
            }
        }
        unreachable!("there is always a next number")
    }
}

impl RunFolder {
    /// Creates exactly this folder.
    ///
    /// # Errors
    /// When it exists, or cannot be created.
    pub fn create(path: &Path) -> Result<Self> {
        let created_parents = path.parent().map(create_parents).transpose()?.unwrap_or_default();
        match fs::create_dir(path) {
            Ok(()) => Self::new(path.to_owned(), created_parents),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let advice = match config_path(path) {
                    Ok(_) => "a run is never overwritten; remove it or choose another folder",
                    // It may hold anything, so do not advise to remove it.
                    Err(_) => "choose a folder that does not exist",
                };
                Err(Error::Folder(format!("{} exists already: {advice}", path.display())))
            }
            Err(error) => Err(Error::file("make the folder", path)(error)),
        }
    }

    /// Opens the folder of an existing run to resume it. Removes files that a killed program left unfinished.
    ///
    /// # Errors
    /// When the folder does not exist, is not a run's, or is used by another program.
    pub fn reopen(path: &Path) -> Result<Self> {
        config_path(path)?;
        let lock = lock(path)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(Error::file("read", path))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(TEMPORARY_PREFIX) {
                fs::remove_file(entry.path()).map_err(Error::file("remove", &entry.path()))?;
            } else if !name.starts_with('.') {
                files.push(name);
            }
        }
        files.sort();
        Ok(Self { path: path.to_owned(), created_parents: Vec::new(), files, kept: true, _lock: lock })
    }

    fn new(path: PathBuf, created_parents: Vec<PathBuf>) -> Result<Self> {
        let folder = Self { _lock: lock(&path)?, path, created_parents, files: Vec::new(), kept: false };
        for created in std::iter::once(&folder.path).chain(&folder.created_parents) {
            atomic::sync_parent(created).map_err(Error::file("make the folder", created))?;
        }
        Ok(folder)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the files: first those of a resumed run, then those written since.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Draws a picture and writes it to a file named `name` with the format's extension. A picture of the same name in
    /// another format is removed.
    ///
    /// # Errors
    /// When it cannot be drawn or written.
    pub fn draw(&mut self, name: &str, format: Format, picture: &impl Picture) -> Result<()> {
        self.write(&format!("{name}.{format}"), plot::render(picture, format)?)?;
        let other_formats = Format::ALL.into_iter().filter(|other| *other != format);
        other_formats
            .map(|other| format!("{name}.{other}"))
            .try_for_each(|other| self.remove(&other))
    }

    /// Writes a file completely or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, name: &str, contents: impl AsRef<[u8]>) -> Result<()> {
        let written = write_into(&self.path, self.kept, name, contents.as_ref());
        written.map(|()| self.add(name))
    }

    /// Writes a file and keeps the folder. Other threads may write other files at the same time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_and_keep(folder: &Mutex<&mut Self>, name: &str, contents: &[u8]) -> Result<()> {
        let lock = || folder.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, kept) = {
            let folder = lock();
            (folder.path.clone(), folder.kept)
        };
        write_into(&path, kept, name, contents)?;

        let mut folder = lock();
        folder.add(name);
        folder.keep();
        Ok(())
    }

    fn add(&mut self, name: &str) {
        if !self.files.iter().any(|file| file == name) {
            self.files.push(name.to_owned());
        }
    }

    /// Removes a file, if it exists.
    ///
    /// # Errors
    /// When it exists and cannot be removed.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        self.files.retain(|file| file != name);
        if !path.exists() {
            return Ok(());
        }
        fs::remove_file(&path)
            .and_then(|()| atomic::sync_parent(&path))
            .map_err(Error::file("remove", &path))
    }

    /// Keeps the folder when this value is dropped. Call it once the folder holds results worth keeping.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.kept {
            // A failure here cannot be reported. It happens for example if somebody else has put a file there.
            drop(fs::remove_dir_all(&self.path));
            self.created_parents.iter().for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }
}

impl FromStr for PictureFile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let path = PathBuf::from(name);
        checked_path::check(&path)?;
        let format = path.extension().unwrap_or_default().to_string_lossy().parse()?;
        Ok(Self { path, format })
    }
}

impl PictureFile {
    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Draws a picture into the file, replacing one that exists.
    ///
    /// # Errors
    /// When the picture cannot be drawn, or not written completely.
    pub fn draw(&self, picture: &impl Picture) -> Result<()> {
        atomic::write_atomically(&self.path, plot::render(picture, self.format)?)
    }
}

/// Writes a file of a folder. `kept` says whether the folder stays after an error.
fn write_into(folder: &Path, kept: bool, name: &str, contents: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let written = atomic::write(&path, contents).map_err(Error::file("write", &path));
    written.map_err(|error| if kept { error.after(folder) } else { error })
}

/// Creates a folder and its parents. Returns those that did not exist, the innermost first.
fn create_parents(path: &Path) -> Result<Vec<PathBuf>> {
    let missing = path
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let missing = missing.map(Path::to_owned).collect();
    fs::create_dir_all(path).map_err(Error::file("make the folder", path))?;
    Ok(missing)
}

/// The path of the configuration in a run's folder.
///
/// # Errors
/// When the folder does not exist, has no configuration, or cannot be read.
pub(crate) fn config_path(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(CONFIG);
    match fs::metadata(&path) {
        Ok(file) if file.is_file() => Ok(path),
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::file("read", &path)(error))
        }
        _ => Err(match fs::metadata(folder) {
            Err(error) => Error::file("open", folder)(error),
            Ok(_) => Error::Folder(format!("{} is not the folder of a run: it holds no {CONFIG}", folder.display())),
        }),
    }
}

/// Locks a folder for this program.
///
/// # Errors
/// When another program has locked it, or it cannot be opened.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    // On Unix the folder itself is locked, so that no lock file is left behind. Elsewhere a folder cannot be locked.
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
    fn a_name_that_is_taken_gets_the_next_number() {
        let temporary = tempfile::tempdir().unwrap();
        let settings = settings(temporary.path());
        let mut names = Vec::new();
        for _ in 0..3 {
            let mut folder = settings.create_folder().unwrap();
            folder.keep();
            names.push(folder.path().file_name().unwrap().to_owned());
        }
        assert_eq!(names, ["a", "a-2", "a-3"]);

        // Only the folder of a run may be removed: another one may hold anything.
        let path = settings.folder.join("a-2");
        let message = RunFolder::create(&path).unwrap_err().to_string();
        assert!(message.ends_with("a-2 exists already: choose a folder that does not exist"), "{message}");
        fs::write(path.join(CONFIG), "").unwrap();
        let message = RunFolder::create(&path).unwrap_err().to_string();
        assert!(message.contains("remove it or choose another folder"), "{message}");
    }

    #[test]
    fn only_a_kept_folder_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let settings = settings(temporary.path());
        for keep in [false, true] {
            let mut folder = settings.create_folder().unwrap();
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
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let temporary = tempfile::tempdir().unwrap();
        let mut folder = settings(temporary.path()).create_folder().unwrap();
        // The last step renames the complete file, which cannot replace a folder.
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
        let kept = format!("; what was written before is kept in {}", folder.path().display());
        assert!(error.ends_with(&kept), "{error}");
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        for bad in ["", ".", "..", "a/b", "/a", "a\\b", "c:d", ".hidden", "a\nb", "a\0b"] {
            assert!(RunName::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
