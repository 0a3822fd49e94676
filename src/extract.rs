//! Extracts the keyword files of an archive next to it. No name in the archive is trusted.
//!
//! Every name is checked before anything is written; every folder on the way is looked at and must
//! be a folder, not a link; a file that is there already is never written to. A file is written
//! under another name in a working folder (`.amc-keywords-extract`), then put under its own in one
//! step that fails if the name is taken. The working folder's lock keeps two runs apart, and what a
//! killed run left in it is cleared by the next.
//!
//! Not defended against: someone who swaps folders for links while the extraction runs.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::error::{Error, Problem, Problems, Result};
use crate::progress::Progress;
use keyword_files::archive::Archive;

#[cfg(test)]
mod tests;

/// Members that a thread takes at a time.
const CHUNK: usize = 256;
/// Where files are written before they get their names.
const WORKING: &str = ".amc-keywords-extract";

/// What an extraction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extracted {
    /// Files that were written.
    pub written: u64,
    /// Files that were there with the same bytes, and were left alone.
    pub left: u64,
}

/// Writes `members` of the archive as files below the existing folder `into`, on `jobs` threads.
///
/// A damaged member, and a file that exists and differs, do not stop the others; all of them are
/// reported together. An unsafe name is an error before anything is written. What was extracted
/// before an error or a cancellation stays: each file is whole.
pub(crate) fn extract(
    archive: &Archive,
    members: &[u32],
    into: &Path,
    jobs: NonZeroUsize,
    progress: &dyn Progress,
) -> Result<Extracted> {
    let names = safe_names(archive, members)?;
    let working = WorkingFolder::open(into)?;
    let job = Job { archive, members, names: &names, into, working: &working.path, progress };
    let outcome = make_folders(into, &names).and_then(|()| job.run(jobs));
    working.remove();
    let outcome = outcome?;
    if outcome.problems.is_empty() { Ok(outcome.done) } else { Err(outcome.into_error()) }
}

/// The members' names, all of which are safe to write; or the problems with those that are not.
fn safe_names(archive: &Archive, members: &[u32]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(members.len());
    let mut bad = Outcome::default();
    for (index, &member) in members.iter().enumerate() {
        match String::from_utf8(archive.name_bytes(member)).map_err(|_| "is not UTF-8").and_then(safe) {
            Ok(name) => names.push(name),
            Err(why) => bad.problems.push((index, refused_name(archive, member, why))),
        }
    }
    if bad.problems.is_empty() { Ok(names) } else { Err(bad.into_error()) }
}

fn refused_name(archive: &Archive, member: u32, why: &str) -> Problem {
    Problem::new(archive.path(), format!("not extracted: its name {why}"))
        .in_member(archive.name(member))
        .hint("nothing was written; leave out --extract, or zip the keyword files again")
}

/// A name that stays below the folder that it is joined to, on every system; or what is wrong with
/// it.
fn safe(name: String) -> Result<String, &'static str> {
    if name.starts_with('/') {
        return Err("is an absolute path");
    }
    if name.contains(char::is_control) {
        return Err("holds a control character");
    }
    if name.contains('\\') {
        return Err("holds a backslash");
    }
    if name.contains(':') {
        return Err("holds a colon, as drive letters do");
    }
    for part in name.split('/') {
        match part {
            ".." => return Err("leads out of the folder with '..'"),
            "" | "." => return Err("holds an empty part"),
            WORKING => return Err("is that of the working folder"),
            _ => {}
        }
    }
    Ok(name)
}

/// Makes every folder that the names need. None of those that exist may be a link.
fn make_folders(into: &Path, names: &[String]) -> Result<()> {
    let mut made: HashSet<&str> = HashSet::new();
    for name in names {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if made.contains(folder) {
            continue;
        }
        for end in folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]) {
            let part = folder.get(..end).unwrap_or_default();
            if !part.is_empty() && made.insert(part) {
                make_folder(&into.join(part))?;
            }
        }
        made.insert(folder);
    }
    Ok(())
}

/// Makes a folder; one that is there must be a folder itself, not a link to one.
fn make_folder(path: &Path) -> Result<()> {
    match fs::create_dir(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(Error::io(path, "look at"))?;
            if found.is_dir() {
                return Ok(());
            }
            let what = if found.is_symlink() { "is a link, which is not followed" } else { "is not a folder" };
            Err(Problem::new(path, format!("cannot extract into it: it {what}")).hint("move it away or unzip by hand").into())
        }
        Err(error) => Err(Error::io(path, "make the folder")(error)),
    }
}

/// The working folder, locked for as long as this lives.
struct WorkingFolder {
    path: PathBuf,
    _lock: File,
}

impl WorkingFolder {
    fn open(into: &Path) -> Result<WorkingFolder> {
        let path = into.join(WORKING);
        make_folder(&path)?;
        let lock_path = path.join("lock");
        // A link in the lock's place must not make us open, still less make, what it points to.
        if fs::symlink_metadata(&lock_path).is_ok_and(|found| !found.is_file()) {
            return Err(Problem::new(lock_path, "is not a plain file").hint("move it away and run again").into());
        }
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path);
        let lock = lock.map_err(Error::io(&lock_path, "make"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = "another run is extracting into this folder";
                return Err(Problem::new(into, what).hint("wait until it has ended, and run again").into());
            }
            Err(TryLockError::Error(source)) => return Err(Error::io(lock_path, "lock")(source)),
        }
        for left in fs::read_dir(&path).map_err(Error::io(&path, "list"))? {
            let left = left.map_err(Error::io(&path, "list"))?;
            if left.file_name() != "lock" {
                fs::remove_file(left.path()).map_err(Error::io(left.path(), "remove"))?;
            }
        }
        Ok(WorkingFolder { path, _lock: lock })
    }

    /// Tidiness only: what cannot be removed is cleared by the next run.
    fn remove(self) {
        let _ = fs::remove_file(self.path.join("lock"));
        let _ = fs::remove_dir(&self.path);
    }
}

/// What one thread, or all of them, did.
#[derive(Default)]
struct Outcome {
    done: Extracted,
    problems: Vec<(usize, Problem)>,
}

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.done.written += other.done.written;
        self.done.left += other.done.left;
        self.problems.extend(other.problems);
    }

    fn into_error(mut self) -> Error {
        self.problems.sort_by_key(|(index, _)| *index);
        let total = self.problems.len() as u64;
        let mut first: Vec<Problem> = self.problems.into_iter().take(Problems::SHOWN).map(|(_, problem)| problem).collect();
        match (total, first.pop()) {
            (1, Some(only)) => only.into(),
            (_, last) => {
                first.extend(last);
                Problems::new(first, total).into()
            }
        }
    }
}

/// One extraction, seen by all of its threads.
struct Job<'a> {
    archive: &'a Archive,
    members: &'a [u32],
    names: &'a [String],
    into: &'a Path,
    working: &'a Path,
    progress: &'a dyn Progress,
}

impl Job<'_> {
    fn run(&self, jobs: NonZeroUsize) -> Result<Outcome> {
        self.progress.begin("unzipping", self.members.len() as u64);
        let next = AtomicUsize::new(0);
        let all = Mutex::new(Ok(Outcome::default()));
        thread::scope(|scope| {
            for thread in 0..jobs.get().min(self.members.len().div_ceil(CHUNK)) {
                let (next, all) = (&next, &all);
                scope.spawn(move || {
                    let outcome = self.thread(thread, next);
                    if outcome.is_err() {
                        next.store(self.members.len(), Ordering::Relaxed);
                    }
                    let mut all = all.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                    match (&mut *all, outcome) {
                        (Ok(sum), Ok(one)) => sum.add(one),
                        (all @ Ok(_), Err(error)) => *all = Err(error),
                        (Err(_), _) => {}
                    }
                });
            }
        });
        self.progress.end();
        all.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes chunk after chunk; only what the system refuses stops it.
    fn thread(&self, thread: usize, next: &AtomicUsize) -> Result<Outcome> {
        let temporary = self.working.join(thread.to_string());
        let mut reader = self.archive.reader(false);
        let mut outcome = Outcome::default();
        let mut failed = None;
        while failed.is_none() {
            self.progress.stop_if_cancelled()?;
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(rest) = self.members.get(start..).filter(|rest| !rest.is_empty()) else { break };
            let chunk = rest.get(..CHUNK).unwrap_or(rest);
            reader.read_each(chunk, &mut |index, bytes| {
                let index = start + index;
                match bytes.map(|bytes| self.file(index, bytes, &temporary)) {
                    _ if failed.is_some() => {}
                    Ok(Ok(true)) => outcome.done.written += 1,
                    Ok(Ok(false)) => outcome.done.left += 1,
                    Ok(Err(Error::Data(problem))) | Err(problem) => outcome.problems.push((index, problem)),
                    Ok(Err(error)) => failed = Some(error),
                }
            });
            self.progress.advance(chunk.len() as u64);
        }
        failed.map_or(Ok(outcome), Err)
    }

    /// Writes one file; `false` if it is there already.
    fn file(&self, index: usize, bytes: &[u8], temporary: &Path) -> Result<bool> {
        let Some(name) = self.names.get(index) else { return Ok(false) };
        let path = self.into.join(name);
        match fs::symlink_metadata(&path) {
            Ok(found) => return self.compare(&path, &found, bytes).map(|()| false),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(&path, "look at")(error)),
        }
        let written = File::create_new(temporary).and_then(|mut file| file.write_all(bytes));
        let placed = written.and_then(|()| place(temporary, &path));
        if placed.is_err() {
            let _ = fs::remove_file(temporary);
        }
        match placed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(differs(&path).into()),
            Err(error) => Err(Error::io(&path, "write")(error)),
        }
    }

    fn compare(&self, path: &Path, found: &fs::Metadata, bytes: &[u8]) -> Result<()> {
        if found.is_symlink() {
            return Err(Problem::new(path, "is a link, which is not written through").hint(BY_HAND).into());
        }
        let same = found.is_file()
            && found.len() == bytes.len() as u64
            && fs::read(path).map_err(Error::io(path, "read"))?.as_slice() == bytes;
        if same { Ok(()) } else { Err(differs(path).into()) }
    }
}

const BY_HAND: &str = "move it away or unzip by hand";

fn differs(path: &Path) -> Problem {
    Problem::new(path, "exists and differs").hint(BY_HAND)
}

/// Gives a file its name, unless the name is taken.
fn place(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Some file systems know no hard links. The name was free a moment ago.
        Err(_) => fs::rename(temporary, path),
    }
}
