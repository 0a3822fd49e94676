//! The folders that a run creates for its outputs. They are removed again if the run fails.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::folder::sync_folder;

/// The created folders, innermost first. Dropping this removes those that are empty.
#[derive(Debug)]
pub(super) struct CreatedDirs(Vec<PathBuf>);

/// The number of times that a folder is created if other runs remove it.
const ATTEMPTS: usize = 100;

impl CreatedDirs {
    /// Creates `folder` and the folders above it that are missing, and then a file in it, which
    /// keeps other runs from removing the folder.
    ///
    /// Another run that fails removes the folders that it has created, perhaps just before the
    /// file exists. Then everything is repeated.
    ///
    /// # Errors
    ///
    /// The system refuses the folders, or `create_file` fails.
    pub(super) fn with_file<T>(folder: &Path, create_file: impl Fn() -> Result<T>) -> Result<(CreatedDirs, T)> {
        let mut attempts = 1;
        loop {
            let outcome = CreatedDirs::create(folder).and_then(|created| Ok((created, create_file()?)));
            match outcome {
                Err(error) if may_be_gone(&error) && attempts < ATTEMPTS => attempts += 1,
                outcome => return outcome,
            }
        }
    }

    fn create(folder: &Path) -> Result<CreatedDirs> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && fs::symlink_metadata(path).is_err();
        let missing = folder.ancestors().take_while(missing);
        let created = CreatedDirs(missing.map(Path::to_path_buf).collect());
        fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder"))?;
        Ok(created)
    }

    /// Keeps the folders, and writes their names to the disk.
    pub(super) fn keep(&mut self) -> Result<()> {
        for created in std::mem::take(&mut self.0) {
            let parent = created.parent().filter(|path| !path.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            sync_folder(parent).map_err(Error::io(&created, "write"))?;
        }
        Ok(())
    }
}

/// Whether a folder was perhaps removed while something was created in it. The system says that a
/// folder exists if it is removed while it is created.
fn may_be_gone(error: &Error) -> bool {
    let Error::Io { source, .. } = error else { return false };
    matches!(source.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists)
}

impl Drop for CreatedDirs {
    fn drop(&mut self) {
        for created in &self.0 {
            let _ = fs::remove_dir(created);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_folder_that_another_run_removes_is_created_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out/parts");
        let attempts = Cell::new(0);
        let create_file = || {
            attempts.set(attempts.get() + 1);
            if attempts.get() < 3 {
                fs::remove_dir_all(dir.path().join("out")).unwrap();
            }
            fs::write(folder.join("lock"), "").map_err(Error::io(&folder, "write into"))
        };
        let (created, ()) = CreatedDirs::with_file(&folder, create_file).unwrap();
        drop(created);
        assert!(folder.join("lock").exists());
        assert_eq!(attempts.get(), 3);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_created_is_an_error() {
        let missing = Path::new("/proc/amc-keywords");
        let refused = CreatedDirs::with_file(missing, || Ok(())).unwrap_err().to_string();
        assert!(refused.starts_with("/proc/amc-keywords: cannot make the folder"), "{refused}");
    }
}
