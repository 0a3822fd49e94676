//! The folders that a run made to write into, which go again if it fails.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::output::file_set::sync_folder;

/// Dropped, it removes the folders that it made, as far as they are empty.
#[derive(Debug)]
pub(super) struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    /// Makes `folder`, and those that it stands in, where they are missing.
    pub(super) fn make(folder: &Path) -> Result<MadeFolders> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && fs::symlink_metadata(path).is_err();
        let made = MadeFolders(folder.ancestors().take_while(missing).map(Path::to_path_buf).collect());
        fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder"))?;
        Ok(made)
    }

    /// Leaves the folders where they are, and puts their names onto the disk.
    pub(super) fn keep(&mut self) -> Result<()> {
        for made in std::mem::take(&mut self.0) {
            let parent = made.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
            sync_folder(parent).map_err(Error::io(&made, "write"))?;
        }
        Ok(())
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for made in &self.0 {
            let _ = fs::remove_dir(made);
        }
    }
}
