//! The renames of a commit, and what a run does about those that an earlier one was killed in.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Problem, Result, shown_path};
use crate::output::file_set::{COMMIT_LIST, remove_staging, sync_folder};
use crate::output::{fail_point, is_plain_name};

/// What was found of an earlier run that did not end as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Nothing.
    Nothing,
    /// It had been killed between its renames: they are done now.
    Finished,
    /// It had been killed before its renames: what it had written is removed.
    Undone,
}

impl Recovery {
    /// What to tell the user, if anything.
    pub(crate) fn warning(self) -> Option<&'static str> {
        match self {
            Recovery::Nothing => None,
            Recovery::Finished => Some("an earlier run was stopped while it put its files in place; that is done now"),
            Recovery::Undone => Some("an earlier run was stopped before it was done; its unfinished files are removed"),
        }
    }
}

/// The commit list as it stands on the disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitList {
    format: u32,
    files: Vec<String>,
}

/// No list of ours is longer.
const LIST_LIMIT: u64 = 64 << 10;

pub(super) fn commit_list(names: &[String]) -> Vec<u8> {
    let mut list = serde_json::json!({"format": 1, "files": names}).to_string();
    list.push('\n');
    list.into_bytes()
}

/// Finishes or undoes what a killed run left in `staging`; the lock must be held.
pub(super) fn recover(folder: &Path, staging: &Path) -> Result<Recovery> {
    match fs::symlink_metadata(staging) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Recovery::Nothing),
        Err(source) => return Err(Error::io(staging, "look at")(source)),
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(Problem::new(staging, "expected the folder of a run, or nothing").hint(REMOVE).into()),
    }
    let recovery = match fs::symlink_metadata(staging.join(COMMIT_LIST)) {
        Ok(_) => {
            move_into_place(staging, folder, &read_list(staging)?).or_waiting(staging)?;
            Recovery::Finished
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => Recovery::Undone,
        Err(source) => return Err(Error::io(staging, "read")(source)),
    };
    remove_staging(staging).map_err(Error::io(staging, "remove"))?;
    Ok(recovery)
}

const REMOVE: &str = "remove it and run again";

/// The names in the commit list: hostile until looked at, for anyone may have put it there.
fn read_list(staging: &Path) -> Result<Vec<String>> {
    let path = staging.join(COMMIT_LIST);
    let wrong = || Problem::new(staging, "expected the list of a run's files in it to be whole").hint(REMOVE);
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return Err(wrong().into());
    }
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LIST_LIMIT).read_to_end(&mut bytes));
    read.map_err(Error::io(&path, "read"))?;
    let list: CommitList = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if list.format != 1 || !list.files.iter().all(|name| is_plain_name(name)) {
        return Err(wrong().into());
    }
    Ok(list.files)
}

/// How far the renames came.
pub(super) struct Moves {
    /// How many files were renamed.
    pub(super) done: usize,
    /// Which file could not be moved, and why.
    pub(super) outcome: Result<(), (PathBuf, io::Error)>,
}

impl Moves {
    /// The outcome as the user hears of it while the files that are left wait in `staging`.
    pub(super) fn or_waiting(self, staging: &Path) -> Result<()> {
        self.outcome.map_err(|(path, source)| {
            let wait = format!("{source}; the finished files wait in {}: put this right and run again", shown_path(staging));
            Error::io(path, ACTION)(io::Error::new(source.kind(), wait))
        })
    }

    /// The outcome as the user hears of it when nothing is to stay behind.
    pub(super) fn or_nothing(self) -> Result<()> {
        self.outcome.map_err(|(path, source)| Error::io(path, ACTION)(source))
    }
}

const ACTION: &str = "put the new file in place";

/// Renames what is still in `staging`, in the order of `names`, and puts the new names onto the disk.
pub(super) fn move_into_place(staging: &Path, folder: &Path, names: &[String]) -> Moves {
    let mut done = 0_usize;
    for name in names {
        match move_one(&staging.join(name), &folder.join(name)) {
            Ok(false) => continue,
            Ok(true) => done = done.saturating_add(1),
            Err(source) => return Moves { done, outcome: Err((folder.join(name), source)) },
        }
        fail_point::reach(&format!("moved {done}"));
    }
    Moves { done, outcome: sync_folder(folder).map_err(|source| (folder.to_path_buf(), source)) }
}

/// Renames one file, unless an earlier run has; a link or folder in its place is not ours to move.
fn move_one(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(from) {
        Ok(found) if found.is_file() => fs::rename(from, to).map(|()| true),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "what waits to become it is not a file")),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(source),
    }
}
