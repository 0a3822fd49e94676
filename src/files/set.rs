//! The outputs of one run as an atomic set: either all of them get their names, or none does.
//!
//! Files are written into a hidden folder, `.amc-keywords-SET.partial`. A commit writes them to the
//! disk, then writes a list of them. From then on the run counts as done, and the next run finishes
//! the renames that a kill prevented. Before that, nothing outside the hidden folder has changed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::background_sync::{SyncError, SyncedFile};
use super::created_dirs::CreatedDirs;
use super::fail_point;
use super::folder::{free_space, sync_folder};
use super::lock::Lock;
use super::names::{self, is_plain_name};
use super::names_taken::NamesTaken;
use super::output_file::{OutputFile, OutputSet};
use super::recovery::{Recovery, commit_list, move_into_place, recover};
use super::staging::{COMMIT_LIST, PATIENCE, remove_staging, staging_folder};
use crate::error::{Error, Problem, Result};
use crate::parallel::{in_parallel, lock};
use crate::progress::Progress;

/// The number of files that are synced at the same time.
const SYNCS_AT_ONCE: usize = 8;

/// The files of one run before the commit. Dropping the set removes them.
#[derive(Debug)]
pub(crate) struct FileSet {
    folder: PathBuf,
    staging: PathBuf,
    /// The files in the order in which they were created.
    files: Mutex<Vec<StagedFile>>,
    /// The names that other sets in the folder use.
    names_taken: NamesTaken,
    /// Whether the commit list is in place. If it is, the next run renames the files that this run
    /// cannot rename.
    decided: bool,
    // Fields are dropped in this order: the lock file must be gone before its folder is removed.
    _lock: Lock,
    created: CreatedDirs,
}

/// A file of the set.
#[derive(Debug)]
struct StagedFile {
    name: String,
    /// A handle for syncing the file.
    file: File,
    sync_error: SyncError,
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
        let created = CreatedDirs::create(folder)?;
        let lock = Lock::take(folder, set, PATIENCE)?;
        let staging = staging_folder(folder, set);
        let recovery = recover(folder, &staging)?;
        fs::create_dir(&staging).map_err(Error::io(folder, "write into"))?;
        let names_taken = NamesTaken::of_others(folder, &names::manifest(set))?;
        let set = FileSet {
            folder: folder.to_path_buf(),
            staging,
            files: Mutex::default(),
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
        let renames = move_into_place(&self.staging, &self.folder, &names);
        if renames.done == 0 && renames.outcome.is_err() {
            self.withdraw();
            return renames.undone();
        }
        renames.keep_waiting(&self.staging)?;
        self.created.keep()?;
        // Every output has its name. If this fails, the next run removes the folder.
        let _ = remove_staging(&self.staging);
        fail_point::reach("cleared");
        Ok(())
    }

    fn files(&self) -> MutexGuard<'_, Vec<StagedFile>> {
        lock(&self.files)
    }

    /// Syncs every file and the folders, and returns the names in the order of the renames. The
    /// syncs run at the same time: a file system with a journal then writes it only once.
    fn synced_names(&self, manifest: &str, progress: &dyn Progress) -> Result<Vec<String>> {
        let files = self.files();
        let sync = |staged: &Option<&StagedFile>| match staged {
            Some(StagedFile { name, file, sync_error }) => {
                let synced = file.sync_all().and_then(|()| sync_error.check());
                synced.map_err(Error::io(self.folder.join(name), "write"))
            }
            None => [&self.staging, &self.folder]
                .into_iter()
                .try_for_each(|folder| sync_folder(folder))
                .map_err(Error::io(&self.folder, "write into")),
        };
        let all: Vec<Option<&StagedFile>> = files.iter().map(Some).chain([None]).collect();
        in_parallel(&all, SYNCS_AT_ONCE, sync).into_iter().collect::<Result<()>>()?;
        // The last check: a commit that is decided is not cancelled.
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut names: Vec<String> = files.iter().map(|staged| staged.name.clone()).collect();
        let last = names.iter().position(|name| name == manifest);
        let missing = || Problem::new(self.folder.join(manifest), "the manifest was not written");
        let last = last.ok_or_else(missing)?;
        let manifest = names.remove(last);
        names.push(manifest);
        Ok(names)
    }

    /// Writes the commit list, atomically. All files that it lists are on the disk already.
    fn decide(&mut self, names: &[String]) -> Result<()> {
        let list = self.staging.join(COMMIT_LIST);
        let unnamed = self.staging.join(".commit.json.new");
        let write = || {
            let file = File::create_new(&unnamed)?;
            (&file).write_all(&commit_list(names))?;
            file.sync_all()?;
            fs::rename(&unnamed, &list)
        };
        write().map_err(Error::io(&list, "write"))?;
        sync_folder(&self.staging).map_err(Error::io(&list, "write"))?;
        self.decided = true;
        Ok(())
    }

    /// Revokes the decision. Allowed while no file has been renamed.
    fn withdraw(&mut self) {
        self.decided = fs::remove_file(self.staging.join(COMMIT_LIST)).is_err();
    }
}

impl FileSet {
    /// Starts a file whose size is known or not.
    fn stage(&self, name: &str, bytes: Option<u64>) -> Result<OutputFile> {
        let path = self.folder.join(name);
        if !is_plain_name(name) {
            let what = "an output's name must consist of letters, digits, '.', '_', '-' and '+'";
            return Err(Problem::new(&path, what).into());
        }
        self.names_taken.refuse(name)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            let problem = Problem::new(&path, "a folder has the name of this output");
            return Err(problem.hint("move it away, or choose another folder with --out").into());
        }
        let (needed, free) = (bytes.unwrap_or(0), free_space(&self.staging));
        if let Some(free) = free.filter(|&free| free < needed) {
            let what = format!("it needs {needed} bytes, and only {free} are free");
            let full = io::Error::new(io::ErrorKind::StorageFull, what);
            return Err(Error::io(path, "write")(full));
        }
        let created = File::create_new(self.staging.join(name));
        let handles = created.and_then(|file| Ok((file.try_clone()?, file)));
        let (handle, file) = handles.map_err(Error::io(&path, "write"))?;
        let sync_error = SyncError::default();
        let name = name.to_owned();
        let synced = SyncedFile::new(file, sync_error.clone());
        let output = OutputFile::over(synced, &self.folder, &name, bytes);
        self.files().push(StagedFile { name, file: handle, sync_error });
        Ok(output)
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
        &self.staging
    }
}

impl Drop for FileSet {
    fn drop(&mut self) {
        if !self.decided {
            let _ = remove_staging(&self.staging);
        }
    }
}

#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod tests;
