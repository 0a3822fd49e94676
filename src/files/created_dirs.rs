//! The folders that a run creates for its outputs. They are removed again if the run fails.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files::folder::sync_folder;

/// The created folders, innermost first. Dropping this removes those that are empty.
#[derive(Debug)]
pub(super) struct CreatedDirs(Vec<PathBuf>);

impl CreatedDirs {
    /// Creates `folder` and the folders above it that are missing.
    pub(super) fn create(folder: &Path) -> Result<CreatedDirs> {
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

impl Drop for CreatedDirs {
    fn drop(&mut self) {
        for created in &self.0 {
            let _ = fs::remove_dir(created);
        }
    }
}
