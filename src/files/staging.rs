//! The hidden folder that contains the files of a run until they get their names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::names_in;
use super::lock::Lock;
use super::names::{is_plain_name, set_of_staging, staging_name};
use crate::error::Result;

/// The list of the files to rename. The commit is decided when it is in the staging folder.
pub(super) const COMMIT_LIST: &str = ".commit.json";

/// How long a run that ends, or was just killed, may take to release the lock. Two runs at the same
/// time are a mistake in a script: the second would repeat the work of the first.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn staging_folder(folder: &Path, set: &str) -> PathBuf {
    folder.join(staging_name(set))
}

/// Removes the staging folder. The commit list goes first: a folder that is half removed must not
/// be mistaken for a decided commit.
pub(super) fn remove_staging(staging: &Path) -> io::Result<()> {
    match fs::remove_file(staging.join(COMMIT_LIST)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(source),
        _ => fs::remove_dir_all(staging),
    }
}

/// The reason why renames of a set are left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// A run has been renaming for longer than [`PATIENCE`].
    Running,
    /// A run was killed between its renames. The next run finishes them.
    Stopped,
}

/// Whether renames of a set in `folder` are left to do. If a run is renaming, this waits for it.
pub(crate) fn unfinished(folder: &Path, set: &str) -> Option<Unfinished> {
    let list = staging_folder(folder, set).join(COMMIT_LIST);
    let deadline = Instant::now().checked_add(PATIENCE);
    while fs::symlink_metadata(&list).is_ok() {
        if !Lock::is_held(folder, set) {
            // Look again: the run may have ended since the list was seen.
            return fs::symlink_metadata(&list).is_ok().then_some(Unfinished::Stopped);
        }
        if deadline.is_none_or(|deadline| Instant::now() >= deadline) {
            return Some(Unfinished::Running);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

/// Whether renames of a set in `folder` are left to do.
pub(crate) fn is_pending(folder: &Path, set: &str) -> bool {
    unfinished(folder, set).is_some()
}

/// The sets of `folder` that are [pending](is_pending), sorted.
///
/// # Errors
///
/// The folder cannot be read.
pub(crate) fn pending_sets(folder: &Path) -> Result<Vec<String>> {
    let staged = names_in(folder, |name| set_of_staging(name).is_some())?;
    let sets = staged.iter().filter_map(|name| set_of_staging(name));
    let pending = sets.filter(|set| is_plain_name(set) && is_pending(folder, set));
    Ok(pending.map(String::from).collect())
}
