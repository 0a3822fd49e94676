//! Files in a staging folder, with handles that write them to the disk.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::background_sync::{SyncError, SyncedFile};
use super::folder::{free_space, sync_folder};
use super::names::is_plain_name;
use super::output_file::OutputFile;
use super::staging::remove_staging;
use crate::error::{Error, Problem, Result};
use crate::parallel::{in_parallel, lock};

/// The number of files that are synced at the same time.
const SYNCS_AT_ONCE: usize = 8;

/// The files of a staging folder in the order in which they were created.
#[derive(Debug)]
pub(super) struct StagedFiles {
    /// The folder that will contain the files.
    folder: PathBuf,
    staging: PathBuf,
    files: Mutex<Vec<StagedFile>>,
}

/// A file of the folder.
#[derive(Debug)]
struct StagedFile {
    name: String,
    /// A handle for syncing the file.
    file: File,
    sync_error: SyncError,
}

impl StagedFiles {
    /// Files that are in `staging` now and will be in `folder`.
    pub fn new(folder: &Path, staging: &Path) -> StagedFiles {
        StagedFiles { folder: folder.to_path_buf(), staging: staging.to_path_buf(), files: Mutex::default() }
    }

    /// The staging folder.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// Starts a file whose size is known or not.
    ///
    /// # Errors
    ///
    /// The name is not plain, the disk has too little space, or the system refuses.
    pub fn stage(&self, name: &str, bytes: Option<u64>) -> Result<OutputFile> {
        let path = self.check_name(name)?;
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

    /// The path of an output after the commit.
    ///
    /// # Errors
    ///
    /// The name is not plain.
    pub fn check_name(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        if is_plain_name(name) {
            return Ok(path);
        }
        let what = "an output's name must consist of letters, digits, '.', '_', '-' and '+'";
        Err(Problem::new(&path, what).into())
    }

    /// Syncs every file, the staging folder and `parent`, and returns the names of the files. The
    /// syncs run at the same time: a file system with a journal then writes it only once.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn sync(&self, parent: &Path) -> Result<Vec<String>> {
        // The handles are closed at the end: Windows does not rename a folder of open files.
        let files = std::mem::take(&mut *self.files());
        let sync = |staged: &Option<&StagedFile>| match staged {
            Some(StagedFile { name, file, sync_error }) => {
                let synced = file.sync_all().and_then(|()| sync_error.check());
                synced.map_err(Error::io(self.folder.join(name), "write"))
            }
            None => {
                [self.staging.as_path(), parent].into_iter().try_for_each(sync_folder).map_err(Error::io(parent, "write into"))
            }
        };
        let all: Vec<Option<&StagedFile>> = files.iter().map(Some).chain([None]).collect();
        in_parallel(&all, SYNCS_AT_ONCE, sync).into_iter().collect::<Result<()>>()?;
        Ok(files.iter().map(|staged| staged.name.clone()).collect())
    }

    /// Removes the files without their names becoming known.
    pub fn remove(&self) {
        self.files().clear();
        let _ = remove_staging(&self.staging);
    }

    fn files(&self) -> MutexGuard<'_, Vec<StagedFile>> {
        lock(&self.files)
    }
}
