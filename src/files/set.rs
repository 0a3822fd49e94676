//! The outputs of one run as an atomic set: either all of them get their names, or none does.
//!
//! Files are written into a hidden folder, `.amc-keywords-SET.partial`. A commit writes them to the
//! disk, then writes a list of them. From then on the run counts as done, and the next run finishes
//! the renames that a kill prevented. Before that, nothing outside the hidden folder has changed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::created_dirs::CreatedDirs;
use super::fail_point;
use super::folder::sync_folder;
use super::lock::Lock;
use super::names::{self, is_plain_name};
use super::names_taken::NamesTaken;
use super::output_file::{OutputFile, OutputSet};
use super::recovery::{Recovery, commit_list, move_into_place, recover};
use super::staged_files::StagedFiles;
use super::staging::{COMMIT_LIST, PATIENCE, staging_folder};
use crate::error::{Error, Problem, Result};
use crate::progress::Progress;

/// The files of one run before the commit. Dropping the set removes them.
#[derive(Debug)]
pub(crate) struct FileSet {
    folder: PathBuf,
    files: StagedFiles,
    /// The names that other sets in the folder use.
    names_taken: NamesTaken,
    /// Whether the commit list is in place. If it is, the next run renames the files that this run
    /// cannot rename.
    decided: bool,
    // Fields are dropped in this order: the lock file must be gone before its folder is removed.
    _lock: Lock,
    created: CreatedDirs,
}

impl FileSet {
    /// Prepares `folder` for the outputs of the set `set`, such as `clickture`.
    ///
    /// This creates the folder if it is missing, takes the lock of the set, finishes or removes
    /// what a killed run left, and creates the staging folder, which shows that the folder is
    /// writable.
    ///
    /// # Errors
    ///
    /// Another run holds the lock, the folder cannot be created or written, or a file that no run
    /// creates is in the way.
    pub(crate) fn begin(folder: &Path, set: &str) -> Result<(FileSet, Recovery)> {
        if !is_plain_name(set) {
            return Err(Error::Refused(format!(
                "'{set}' cannot be the name of a set; use letters, digits, '.', '_', '-' and '+'"
            )));
        }
        FileSet::begin_with(folder, set, |folder| Lock::take(folder, set, PATIENCE))
    }

    /// [`FileSet::begin`], but waits until other runs that write the set have ended.
    ///
    /// # Errors
    ///
    /// Those of [`FileSet::begin`], or the run is cancelled.
    pub(crate) fn begin_patiently(folder: &Path, set: &str, progress: &dyn Progress) -> Result<(FileSet, Recovery)> {
        FileSet::begin_with(folder, set, |folder| Lock::wait(folder, set, progress))
    }

    fn begin_with(folder: &Path, set: &str, lock: impl Fn(&Path) -> Result<Lock>) -> Result<(FileSet, Recovery)> {
        let (created, lock) = CreatedDirs::with_file(folder, || lock(folder))?;
        let staging = staging_folder(folder, set);
        let recovery = recover(folder, &staging)?;
        fs::create_dir(&staging).map_err(Error::io(folder, "write into"))?;
        let names_taken = NamesTaken::of_others(folder, &names::manifest(set))?;
        let set = FileSet {
            folder: folder.to_path_buf(),
            files: StagedFiles::new(folder, &staging),
            names_taken,
            decided: false,
            _lock: lock,
            created,
        };
        fail_point::reach("begun");
        Ok((set, recovery))
    }

    /// Writes every file to the disk, then renames them. The file `manifest` of the set is the
    /// last.
    ///
    /// # Errors
    ///
    /// The run is cancelled while the files are written to the disk, or the system refuses. If no
    /// file was renamed, nothing has changed. Otherwise the message says that the next run
    /// finishes.
    pub(crate) fn commit(mut self, manifest: &str, progress: &dyn Progress) -> Result<()> {
        let names = self.synced_names(manifest, progress)?;
        // Check again: a run of another set may have ended in the meantime.
        let names_taken = NamesTaken::of_others(&self.folder, manifest)?;
        names.iter().try_for_each(|name| names_taken.refuse(name))?;
        fail_point::reach("synced");
        self.decide(&names)?;
        fail_point::reach("decided");
        let renames = move_into_place(self.files.staging(), &self.folder, &names);
        if renames.done == 0 && renames.outcome.is_err() {
            self.withdraw();
            return renames.undone();
        }
        renames.keep_waiting(self.files.staging())?;
        self.created.keep()?;
        // Every output has its name. If this fails, the next run removes the folder.
        self.files.remove();
        fail_point::reach("cleared");
        Ok(())
    }

    /// Syncs every file and the folders, and returns the names in the order of the renames.
    fn synced_names(&self, manifest: &str, progress: &dyn Progress) -> Result<Vec<String>> {
        let mut names = self.files.sync(&self.folder)?;
        // The last check: a commit that is decided is not cancelled.
        progress.stop_if_cancelled()?;
        let last = names.iter().position(|name| name == manifest);
        let missing = || Problem::new(self.folder.join(manifest), "the manifest was not written");
        let last = last.ok_or_else(missing)?;
        let manifest = names.remove(last);
        names.push(manifest);
        Ok(names)
    }

    /// Writes the commit list, atomically. All files that it lists are on the disk already.
    fn decide(&mut self, names: &[String]) -> Result<()> {
        let list = self.files.staging().join(COMMIT_LIST);
        let unnamed = self.files.staging().join(".commit.json.new");
        let write = || {
            let file = File::create_new(&unnamed)?;
            (&file).write_all(&commit_list(names))?;
            file.sync_all()?;
            fs::rename(&unnamed, &list)
        };
        write().map_err(Error::io(&list, "write"))?;
        sync_folder(self.files.staging()).map_err(Error::io(&list, "write"))?;
        self.decided = true;
        Ok(())
    }

    /// Revokes the decision. Allowed while no file has been renamed.
    fn withdraw(&mut self) {
        self.decided = fs::remove_file(self.files.staging().join(COMMIT_LIST)).is_err();
    }
}

impl FileSet {
    /// Starts a file whose size is known or not.
    fn stage(&self, name: &str, bytes: Option<u64>) -> Result<OutputFile> {
        let path = self.files.check_name(name)?;
        self.names_taken.refuse(name)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            let problem = Problem::new(&path, "a folder has the name of this output");
            return Err(problem.hint("move it away, or choose another folder with --out").into());
        }
        self.files.stage(name, bytes)
    }
}

impl OutputSet for FileSet {
    fn create(&self, name: &str, bytes: u64) -> Result<OutputFile> {
        self.stage(name, Some(bytes))
    }

    fn create_growing(&self, name: &str) -> Result<OutputFile> {
        self.stage(name, None)
    }

    fn scratch(&self) -> &Path {
        self.files.staging()
    }
}

impl Drop for FileSet {
    fn drop(&mut self) {
        if !self.decided {
            self.files.remove();
        }
    }
}

#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod tests;
