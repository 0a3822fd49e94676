//! A folder of files that appears as a whole, or not at all.
//!
//! The files are written into a hidden folder with a name of its own, which a lock protects while
//! its run is alive. At the end the hidden folder gets the final name. So several runs can make the
//! same folder at the same time: the first one to end gives it its name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::created_dirs::CreatedDirs;
use super::fail_point;
use super::folder::{names_in, sync_folder};
use super::lock::Lock;
use super::names::{set_of_lock, set_of_staging};
use super::output_file::{OutputFile, OutputSet};
use super::staged_files::StagedFiles;
use super::staging::staging_folder;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// A folder before it has its name. Dropping it removes the files.
#[derive(Debug)]
pub(crate) struct NewFolder {
    path: PathBuf,
    parent: PathBuf,
    files: StagedFiles,
    has_name: bool,
    // The lock is released after the staging folder is removed.
    _lock: Lock,
    created: CreatedDirs,
}

/// The result of giving a folder its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FolderNaming {
    Done,
    /// Another folder has the name. It was not changed.
    Taken,
}

/// Distinguishes the folders that one process makes.
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl NewFolder {
    /// Starts the folder `name` in `parent`, which is created if it is missing.
    ///
    /// # Errors
    ///
    /// The parent cannot be created or written.
    pub fn begin(parent: &Path, name: &str) -> Result<NewFolder> {
        let (created, (lock, staging)) = CreatedDirs::with_file(parent, || locked_staging(parent, name))?;
        let path = parent.join(name);
        let files = StagedFiles::new(&path, &staging);
        fail_point::reach("folder begun");
        Ok(NewFolder { path, parent: parent.to_path_buf(), files, has_name: false, _lock: lock, created })
    }

    /// The final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes every file to the disk and gives the folder its name.
    ///
    /// # Errors
    ///
    /// The run is cancelled, or the system refuses.
    pub fn commit(&mut self, progress: &dyn Progress) -> Result<FolderNaming> {
        self.files.sync(&self.parent)?;
        progress.stop_if_cancelled()?;
        fail_point::reach("folder synced");
        if let Err(error) = fs::rename(self.files.staging(), &self.path) {
            return match fs::symlink_metadata(&self.path) {
                Ok(_) => Ok(FolderNaming::Taken),
                Err(_) => Err(Error::io(&self.path, "write")(error)),
            };
        }
        self.has_name = true;
        fail_point::reach("folder named");
        sync_folder(&self.parent).map_err(Error::io(&self.path, "write"))?;
        self.created.keep()?;
        Ok(FolderNaming::Done)
    }

    /// [`commit`](Self::commit), but replaces a folder that was copied or removed in pieces.
    ///
    /// # Errors
    ///
    /// Those of [`commit`](Self::commit) and of `is_complete`.
    pub fn commit_over_incomplete(
        &mut self,
        is_complete: impl Fn() -> Result<bool>,
        progress: &dyn Progress,
    ) -> Result<FolderNaming> {
        let naming = self.commit(progress)?;
        if naming == FolderNaming::Done || is_complete()? {
            return Ok(naming);
        }
        fs::remove_dir_all(&self.path).map_err(Error::io(&self.path, "remove"))?;
        self.commit(progress)
    }
}

/// Creates a staging folder for `name` that no other run uses, and takes its lock.
fn locked_staging(parent: &Path, name: &str) -> Result<(Lock, PathBuf)> {
    loop {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let own = format!("{name}.{process}-{number}-{:x}", now.as_nanos());
        let Some(lock) = Lock::try_take(parent, &own)? else { continue };
        let staging = staging_folder(parent, &own);
        match fs::create_dir(&staging) {
            Ok(()) => return Ok((lock, staging)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io(parent, "write into")(error)),
        }
    }
}

impl OutputSet for NewFolder {
    fn create(&self, name: &str, bytes: u64) -> Result<OutputFile> {
        self.files.stage(name, Some(bytes))
    }

    fn create_growing(&self, name: &str) -> Result<OutputFile> {
        self.files.stage(name, None)
    }

    fn scratch(&self) -> &Path {
        self.files.staging()
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.has_name {
            self.files.remove();
        }
    }
}

/// Removes what killed runs left of folders in `parent` whose names begin with `prefix`. Folders of
/// runs that are alive are not touched.
///
/// # Errors
///
/// The folder cannot be read.
pub(crate) fn remove_abandoned(parent: &Path, prefix: &str) -> Result<()> {
    if !parent.is_dir() {
        return Ok(());
    }
    let set_of = |name: &str| set_of_staging(name).or_else(|| set_of_lock(name)).map(String::from);
    let names = names_in(parent, |name| set_of(name).is_some_and(|set| set.starts_with(prefix) && is_own_name(&set)))?;
    for set in names.iter().filter_map(|name| set_of(name)) {
        // The lock of a run that is alive is held. Its folder is removed only without its run.
        let Ok(_lock) = Lock::take(parent, &set, Duration::ZERO) else { continue };
        let _ = fs::remove_dir_all(staging_folder(parent, &set));
    }
    Ok(())
}

/// Whether a name is that of a folder and of its run, and not that of a set of files.
fn is_own_name(name: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let run = name.rsplit_once('.').map(|(_, run)| run.split('-'));
    run.is_some_and(|mut run| run.clone().count() == 3 && run.all(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::output_file::write_whole;
    use crate::progress::Silent;

    fn folder(parent: &Path, text: &str) -> NewFolder {
        let folder = NewFolder::begin(parent, "00003").unwrap();
        write_whole(&folder, "a.txt", text.as_bytes()).unwrap();
        folder
    }

    fn names(parent: &Path) -> Vec<String> {
        names_in(parent, |_| true).unwrap()
    }

    #[test]
    fn a_folder_appears_as_a_whole_and_the_first_of_two_gets_the_name() {
        let dir = tempfile::tempdir().unwrap();
        let parent = dir.path().join("parts");
        let (mut first, mut second) = (folder(&parent, "first"), folder(&parent, "second"));
        assert!(!parent.join("00003").exists());
        assert_eq!(first.commit(&Silent).unwrap(), FolderNaming::Done);
        drop(first);
        assert_eq!(second.commit(&Silent).unwrap(), FolderNaming::Taken);
        assert_eq!(fs::read_to_string(parent.join("00003/a.txt")).unwrap(), "first");
        drop(second);
        assert_eq!(names(&parent), ["00003"]);
        drop(folder(&parent, "third"));
        assert_eq!(names(&parent), ["00003"]);
    }

    #[test]
    fn only_folders_of_runs_that_have_ended_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut alive = folder(dir.path(), "alive");
        fs::create_dir(dir.path().join(".amc-keywords-00004.7-0-ff.partial")).unwrap();
        fs::write(dir.path().join(".amc-keywords-00004.7-0-ff.partial/a.txt"), "dead").unwrap();
        fs::write(dir.path().join(".amc-keywords-00005.7-0-ff.lock"), "").unwrap();
        let of_a_set = dir.path().join(".amc-keywords-0.set.partial");
        fs::create_dir(&of_a_set).unwrap();
        remove_abandoned(dir.path(), "0").unwrap();
        assert_eq!(names(dir.path()).len(), 3);
        fs::remove_dir(of_a_set).unwrap();
        alive.commit(&Silent).unwrap();
        drop(alive);
        assert_eq!(names(dir.path()), ["00003"]);
    }
}
