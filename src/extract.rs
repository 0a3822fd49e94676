//! Extracts the keyword files of an archive next to it. No name in the archive is trusted.
//!
//! Every name is checked before anything is written. Every folder on the way must be a folder, not
//! a link. A file that exists is never written to. A file is written under another name in a
//! working folder, then gets its own name in one step, which fails if the name is taken. A lock
//! keeps two runs apart, and a run removes what a killed run left.
//!
//! Not defended against: someone who replaces folders by links during the extraction.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Problem, Problems, Result};
use crate::files::lock::Lock;
use crate::parallel::in_parallel;
use crate::progress::Progress;
use keyword_files::archive::Archive;

#[cfg(test)]
mod tests;

/// Members that a thread takes at a time.
const CHUNK: usize = 256;
/// The name of the lock. No output set can have it, so a run can hold the locks of both.
const LOCK: &str = "extract=";
/// The folder in which files are written before they get their names. The name of the lock file
/// starts in the same way.
const WORKING: &str = ".amc-keywords-extract=";

/// The number of extracted files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extracted {
    /// Files that were written.
    pub written: u64,
    /// Files that existed with the same bytes. They were not changed.
    pub left: u64,
}

/// Writes `members` of the archive as files below the existing folder `into`, on `jobs` threads.
///
/// A damaged member and a file that exists and differs do not stop the others. What was extracted
/// before an error or a cancellation stays. Each file is complete.
///
/// # Errors
///
/// A name is unsafe (nothing is written then), members are damaged or files differ (all of them are
/// reported), another run extracts into the folder, the run is cancelled, or the system refuses.
pub(crate) fn extract(
    archive: &Archive,
    members: &[u32],
    into: &Path,
    jobs: NonZeroUsize,
    progress: &dyn Progress,
) -> Result<Extracted> {
    let names = safe_names(archive, members)?;
    let working = WorkingFolder::create(into)?;
    make_folders(into, &names)?;
    let has_failed = AtomicBool::new(false);
    Job { archive, members, names: &names, into, working: &working.path, has_failed, progress }.run(jobs)
}

/// The names of the members, if all of them are safe to write.
fn safe_names(archive: &Archive, members: &[u32]) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(members.len());
    let mut problems = Vec::new();
    for &member in members {
        match String::from_utf8(archive.name_bytes(member)).map_err(|_| "is not UTF-8").and_then(safe) {
            Ok(name) => names.push(name),
            Err(why) => problems.push(refused_name(archive, member, why)),
        }
    }
    if problems.is_empty() { Ok(names) } else { Err(first_of(problems)) }
}

/// The first problems as an error, with the number of all.
fn first_of(mut problems: Vec<Problem>) -> Error {
    let total = problems.len() as u64;
    problems.truncate(Problems::SHOWN);
    match (total, problems.pop()) {
        (1, Some(only)) => only.into(),
        (_, last) => {
            problems.extend(last);
            Problems::new(problems, total).into()
        }
    }
}

fn refused_name(archive: &Archive, member: u32, why: &str) -> Problem {
    Problem::new(archive.path(), format!("not extracted: its name {why}"))
        .in_member(archive.name(member))
        .hint("nothing was written; leave out --extract, or zip the keyword files again")
}

/// The name if it leads to a file below the folder on every system, or the reason why it does not.
fn safe(name: String) -> Result<String, &'static str> {
    if name.starts_with('/') {
        return Err("is an absolute path");
    }
    if name.contains(char::is_control) {
        return Err("has a control character");
    }
    if name.contains('\\') {
        return Err("has a backslash");
    }
    if name.contains(':') {
        return Err("has a colon, as drive letters do");
    }
    for part in name.split('/') {
        match part {
            ".." => return Err("leads out of the folder with '..'"),
            "" | "." => return Err("has an empty part"),
            _ if part.starts_with(WORKING) => return Err("is that of the working folder"),
            _ => {}
        }
    }
    Ok(name)
}

/// Creates every folder that the names need. None of those that exist may be a link.
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

/// Creates a folder. If its name is taken, it must be a folder already, not a link to one.
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

/// The working folder and its lock. Dropping this removes both.
struct WorkingFolder {
    path: PathBuf,
    _lock: Lock,
}

impl WorkingFolder {
    /// Creates the folder, without what a killed run left in it.
    fn create(into: &Path) -> Result<WorkingFolder> {
        let Some(lock) = Lock::try_take(into, LOCK)? else {
            let folder = if into.as_os_str().is_empty() { Path::new(".") } else { into };
            let what = "another run is extracting into this folder";
            return Err(Problem::new(folder, what).hint("wait until it has ended, and run again").into());
        };
        let path = into.join(WORKING);
        make_folder(&path)?;
        fs::remove_dir_all(&path).and_then(|()| fs::create_dir(&path)).map_err(Error::io(&path, "write into"))?;
        Ok(WorkingFolder { path, _lock: lock })
    }
}

impl Drop for WorkingFolder {
    fn drop(&mut self) {
        // The next run removes what remains.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The extracted files of a chunk, and the members with a problem by their index.
#[derive(Default)]
struct Outcome {
    done: Extracted,
    problems: Vec<(usize, Problem)>,
}

/// One extraction, as all of its threads see it.
struct Job<'a> {
    archive: &'a Archive,
    members: &'a [u32],
    names: &'a [String],
    into: &'a Path,
    working: &'a Path,
    /// The system refused something, so the other threads stop.
    has_failed: AtomicBool,
    progress: &'a dyn Progress,
}

impl Job<'_> {
    fn run(&self, jobs: NonZeroUsize) -> Result<Extracted> {
        self.progress.begin("unzipping", self.members.len() as u64);
        let starts: Vec<usize> = (0..self.members.len()).step_by(CHUNK).collect();
        let outcomes = in_parallel(&starts, jobs.get(), |&start| self.chunk(start));
        self.progress.end();
        let mut done = Extracted::default();
        let mut problems = Vec::new();
        for outcome in outcomes {
            let outcome = outcome?;
            done.written += outcome.done.written;
            done.left += outcome.done.left;
            problems.extend(outcome.problems);
        }
        problems.sort_by_key(|(index, _)| *index);
        let problems: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
        if problems.is_empty() { Ok(done) } else { Err(first_of(problems)) }
    }

    /// Extracts the members from `start` on.
    fn chunk(&self, start: usize) -> Result<Outcome> {
        self.progress.stop_if_cancelled()?;
        let mut outcome = Outcome::default();
        let rest = self.members.get(start..).unwrap_or_default();
        let chunk = rest.get(..CHUNK).unwrap_or(rest);
        let temporary = self.working.join(start.to_string());
        let mut failed = None;
        self.archive.reader(false).read_each(chunk, &mut |index, bytes| {
            if self.has_failed.load(Ordering::Relaxed) {
                return;
            }
            let index = start + index;
            match bytes.map_err(Error::from).and_then(|bytes| self.file(index, bytes, &temporary)) {
                Ok(true) => outcome.done.written += 1,
                Ok(false) => outcome.done.left += 1,
                Err(Error::Data(problem)) => outcome.problems.push((index, problem)),
                Err(error) => {
                    self.has_failed.store(true, Ordering::Relaxed);
                    failed = Some(error);
                }
            }
        });
        self.progress.advance(chunk.len() as u64);
        failed.map_or(Ok(outcome), Err)
    }

    /// Writes one file. `false` if it exists already.
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
        // Some file systems have no hard links. The name was free a moment ago.
        Err(_) => fs::rename(temporary, path),
    }
}
