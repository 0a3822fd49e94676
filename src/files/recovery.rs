//! The renames of a commit, and the recovery from an earlier run that was killed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Problem, Result, shown_path};
use crate::files::fail_point;
use crate::files::folder::sync_folder;
use crate::files::names::is_plain_name;
use crate::files::staging::{COMMIT_LIST, remove_staging};

/// What an earlier run left, and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Nothing.
    Nothing,
    /// The run was killed between its renames. They are done now.
    Finished,
    /// The run was killed before its renames. Its files are removed.
    Undone,
}

impl Recovery {
    /// The warning for the user.
    pub(crate) fn warning(self) -> Option<&'static str> {
        match self {
            Recovery::Nothing => None,
            Recovery::Finished => Some("an earlier run was stopped while it renamed its files; this run finished the renames"),
            Recovery::Undone => Some("an earlier run was stopped before it finished; its unfinished files were removed"),
        }
    }
}

/// The commit list on the disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitList {
    format: u32,
    files: Vec<String>,
}

/// No list that a run writes is longer.
const LIST_LIMIT: u64 = 64 << 10;

pub(super) fn commit_list(names: &[String]) -> Vec<u8> {
    let mut list = serde_json::json!({"format": 1, "files": names}).to_string();
    list.push('\n');
    list.into_bytes()
}

/// Finishes or removes what a killed run left in `staging`. The lock must be held.
pub(super) fn recover(folder: &Path, staging: &Path) -> Result<Recovery> {
    match fs::symlink_metadata(staging) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Recovery::Nothing),
        Err(source) => return Err(Error::io(staging, "look at")(source)),
        Ok(found) if found.is_dir() => {}
        Ok(_) => {
            let problem = Problem::new(staging, "expected the folder of a run, or nothing");
            return Err(problem.hint(REMOVE).into());
        }
    }
    let recovery = match fs::symlink_metadata(staging.join(COMMIT_LIST)) {
        Ok(_) => {
            move_into_place(staging, folder, &read_list(staging)?).keep_waiting(staging)?;
            Recovery::Finished
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => Recovery::Undone,
        Err(source) => return Err(Error::io(staging, "read")(source)),
    };
    remove_staging(staging).map_err(Error::io(staging, "remove"))?;
    Ok(recovery)
}

const REMOVE: &str = "remove it and run again";

/// The names in the commit list. They are checked: anyone may have written the list.
fn read_list(staging: &Path) -> Result<Vec<String>> {
    let path = staging.join(COMMIT_LIST);
    let wrong = || {
        let what = "its list of files is damaged";
        Problem::new(staging, what).hint(REMOVE)
    };
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

/// The progress of the renames.
pub(super) struct Renames {
    /// The number of files that were renamed.
    pub(super) done: usize,
    /// The file that could not be renamed, and the reason.
    pub(super) outcome: Result<(), (PathBuf, io::Error)>,
}

impl Renames {
    /// The outcome, with the advice that fits if the other files stay in `staging`.
    pub(super) fn keep_waiting(self, staging: &Path) -> Result<()> {
        self.outcome.map_err(|(path, source)| {
            let staging = shown_path(staging);
            let wait = format!("{source}; the finished files are in {staging}; correct this and run again");
            Error::io(path, ACTION)(io::Error::new(source.kind(), wait))
        })
    }

    /// The outcome if no file was renamed and the staging folder is removed.
    pub(super) fn undone(self) -> Result<()> {
        self.outcome.map_err(|(path, source)| Error::io(path, ACTION)(source))
    }
}

const ACTION: &str = "put the new file in place";

/// Renames the files that are still in `staging`, in the order of `names`, and writes the new names
/// to the disk.
pub(super) fn move_into_place(staging: &Path, folder: &Path, names: &[String]) -> Renames {
    let mut done = 0_usize;
    for name in names {
        match move_one(&staging.join(name), &folder.join(name)) {
            Ok(false) => continue,
            Ok(true) => done = done.saturating_add(1),
            Err(source) => return Renames { done, outcome: Err((folder.join(name), source)) },
        }
        fail_point::reach(&format!("moved {done}"));
    }
    let outcome = sync_folder(folder).map_err(|source| (folder.to_path_buf(), source));
    Renames { done, outcome }
}

/// Renames one file, unless an earlier run did. A link or a folder in its place is refused.
fn move_one(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(from) {
        Ok(found) if found.is_file() => fs::rename(from, to).map(|()| true),
        Ok(_) => {
            let what = "its finished version is not a file";
            Err(io::Error::new(io::ErrorKind::InvalidData, what))
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(source),
    }
}
