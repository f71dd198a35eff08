//! Writes files so that a crash leaves either the old file or the new one, never a part.
//!
//! A file is written under a temporary name in the same folder, flushed to the disk, and renamed. Then the folder is
//! flushed to the disk, so that the new name survives a crash of the machine too.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::error::{Error, Result};

/// The prefix of temporary names. A killed program may leave such a file; [`super::folder::RunFolder::reopen`] removes it.
pub(super) const TEMPORARY_PREFIX: &str = ".partial-";

/// Writes a file anywhere, replacing one that exists.
///
/// A symbolic link stays, and its target is replaced. Pipes and devices such as `/dev/stdout` are written to directly.
///
/// # Errors
/// When the file cannot be written completely.
pub fn write_atomically(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let failed = Error::file("write", path);
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let written = File::options()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(contents.as_ref()));
        return written.map_err(failed);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    write(&target, contents.as_ref()).map_err(failed)
}

/// Writes a file completely or not at all.
pub(super) fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut options = tempfile::Builder::new();
    options.prefix(TEMPORARY_PREFIX);
    // Gives the file the normal permissions of a new file. Temporary files are readable only by their owner.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));

    let mut file = options.tempfile_in(parent(path))?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_parent(path)
}

/// Flushes the parent folder to the disk, so that the new file name survives a crash.
#[cfg(unix)]
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

/// Elsewhere than on Unix a folder cannot be opened as a file.
#[cfg(not(unix))]
pub(super) fn sync_parent(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_and_no_other_file_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let [link, target, other] = ["link", "target", "link.partial"].map(|name| folder.path().join(name));
        fs::write(&target, "old").unwrap();
        fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink("target", &link).unwrap();

        write_atomically(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!([&target, &other].map(|file| fs::read_to_string(file).unwrap()), ["new", "mine"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = pipe.clone();
        let read = std::thread::spawn(move || fs::read_to_string(reader).unwrap());

        write_atomically(&pipe, "new").unwrap();
        assert!(!fs::metadata(&pipe).unwrap().is_file());
        assert_eq!(read.join().unwrap(), "new");
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let [ours, usual] = ["ours", "usual"].map(|name| folder.path().join(name));
        write(&ours, b"").unwrap();
        File::create(&usual).unwrap();
        let [ours, usual] = [ours, usual].map(|path| fs::metadata(path).unwrap().permissions().mode());
        assert_eq!(ours, usual);
    }
}
