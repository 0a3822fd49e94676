//! The outputs of one run as one set: all of them appear under their names, or none.
//!
//! Files are written into a hidden folder beside their names, `.amc-keywords-SET.partial`. A commit puts them onto the disk,
//! then writes a list of them there: from that instant on the run counts as done, and whoever comes next carries out the
//! renames that a kill left over. Before that instant nothing outside the hidden folder has changed.

mod made_folders;
mod recovery;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Problem, Result};
use crate::output::claims::Claims;
use crate::output::eager_file::{EagerFile, Refused, refusal};
use crate::output::fail_point;
use crate::output::lock::Lock;
use crate::output::manifest::manifest_name;
use crate::output::output_file::{OutputFile, OutputSet};
use crate::output::{is_plain_name, names_in};
use crate::parallel::in_parallel;
use crate::progress::Progress;

use made_folders::MadeFolders;
pub(crate) use recovery::Recovery;

/// The list of files to move; it stands in the staging folder once the commit is decided.
const COMMIT_LIST: &str = ".commit.json";

/// How long a run that is ending, such as one just killed, may take to let go of the lock. Two runs at work are a mistake in
/// a script rather than something to wait for: the second would do the first's work again.
const PATIENCE: Duration = Duration::from_secs(1);

const SYNCS_AT_ONCE: usize = 8;

/// The files of one run, until they are committed. Dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct FileSet {
    folder: PathBuf,
    staging: PathBuf,
    /// The files in the order in which they were made.
    files: Mutex<Vec<Staged>>,
    /// The names that other sets in the folder have.
    claims: Claims,
    /// Whether the commit list is in place: what is staged then belongs to the next run, if this one cannot move it.
    decided: bool,
    // Dropped in this order: a folder that holds the lock file is not empty.
    _lock: Lock,
    made: MadeFolders,
}

/// A file of the set: its name, a handle to sync it by, and what the disk has refused of it before.
#[derive(Debug)]
struct Staged {
    name: String,
    file: File,
    refused: Refused,
}

impl FileSet {
    /// Makes `folder` if it is missing, takes the lock of the set there, finishes or undoes what a killed run left, and makes
    /// the staging folder, which shows that the folder can be written. `set` is `clickture`, `coco` or another plain name.
    ///
    /// # Errors
    ///
    /// Another run holds the lock; the folder cannot be made or written; something that no run made stands in the way.
    pub(crate) fn begin(folder: &Path, set: &str) -> Result<(FileSet, Recovery)> {
        if !is_plain_name(set) {
            return Err(Error::Refused(format!(
                "'{set}' cannot name a set of files: use letters, digits, '.', '_', '-' and '+'"
            )));
        }
        let made = MadeFolders::make(folder)?;
        let lock = Lock::take(folder, set, PATIENCE)?;
        let staging = staging_folder(folder, set);
        let recovery = recovery::recover(folder, &staging)?;
        fs::create_dir(&staging).map_err(Error::io(folder, "write into"))?;
        let claims = Claims::of_others(folder, &manifest_name(set))?;
        let folder = folder.to_path_buf();
        let set = FileSet { folder, staging, files: Mutex::default(), claims, decided: false, _lock: lock, made };
        fail_point::reach("begun");
        Ok((set, recovery))
    }

    /// Puts every file onto the disk and then under its name, `manifest` (one of the created) last.
    ///
    /// # Errors
    ///
    /// The run is cancelled while the files go onto the disk, or the system refuses. Unless some files had been renamed by then, nothing has changed; otherwise the message says that
    /// the next run will finish.
    pub(crate) fn commit(mut self, manifest: &str, progress: &dyn Progress) -> Result<()> {
        let names = self.synced_names(manifest, progress)?;
        // Once more: a run of another set may have ended meanwhile.
        let claims = Claims::of_others(&self.folder, manifest)?;
        names.iter().try_for_each(|name| claims.refuse(name))?;
        fail_point::reach("synced");
        self.decide(&names)?;
        fail_point::reach("decided");
        let moves = recovery::move_into_place(&self.staging, &self.folder, &names);
        if moves.done == 0 && moves.outcome.is_err() {
            self.withdraw();
            return moves.or_nothing();
        }
        moves.or_waiting(&self.staging)?;
        self.made.keep()?;
        // Every output is in place; what cannot be removed here, the next run removes.
        let _ = remove_staging(&self.staging);
        fail_point::reach("cleared");
        Ok(())
    }

    fn files(&self) -> MutexGuard<'_, Vec<Staged>> {
        self.files.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Syncs every file, and the folders, and names the files in the order of the renames. All at once: a file system that keeps a
    /// journal writes it for all of them together.
    fn synced_names(&self, manifest: &str, progress: &dyn Progress) -> Result<Vec<String>> {
        let files = self.files();
        let on_disk = |staged: &Option<&Staged>| match staged {
            Some(Staged { name, file, refused }) => {
                let synced = file.sync_all().and_then(|()| refusal(refused));
                synced.map_err(Error::io(self.folder.join(name), "write"))
            }
            None => [&self.staging, &self.folder]
                .into_iter()
                .try_for_each(|folder| sync_folder(folder))
                .map_err(Error::io(&self.folder, "write into")),
        };
        let all: Vec<Option<&Staged>> = files.iter().map(Some).chain([None]).collect();
        in_parallel(&all, SYNCS_AT_ONCE, on_disk).into_iter().collect::<Result<()>>()?;
        // The last question: once the renames are decided, they are carried out.
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut names: Vec<String> = files.iter().map(|staged| staged.name.clone()).collect();
        let last = names.iter().position(|name| name == manifest);
        let last = last.ok_or_else(|| Problem::new(self.folder.join(manifest), "the manifest was not written"))?;
        let manifest = names.remove(last);
        names.push(manifest);
        Ok(names)
    }

    /// Puts the commit list in place, whole, after everything that it speaks of is on the disk.
    fn decide(&mut self, names: &[String]) -> Result<()> {
        let list = self.staging.join(COMMIT_LIST);
        let unnamed = self.staging.join(".commit.json.new");
        let write = || {
            let file = File::create_new(&unnamed)?;
            io::Write::write_all(&mut &file, &recovery::commit_list(names))?;
            file.sync_all()?;
            fs::rename(&unnamed, &list)
        };
        write().map_err(Error::io(&list, "write"))?;
        sync_folder(&self.staging).map_err(Error::io(&list, "write"))?;
        self.decided = true;
        Ok(())
    }

    /// Takes the decision back, as long as nothing has been renamed.
    fn withdraw(&mut self) {
        self.decided = fs::remove_file(self.staging.join(COMMIT_LIST)).is_err();
    }
}

impl FileSet {
    /// Begins a file whose size is known or not.
    fn stage(&self, name: &str, bytes: Option<u64>) -> Result<OutputFile> {
        let path = self.folder.join(name);
        if !is_plain_name(name) {
            let problem = Problem::new(&path, "an output's name must be plain: letters, digits, '.', '_', '-' and '+'");
            return Err(problem.into());
        }
        self.claims.refuse(name)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
            let problem = Problem::new(&path, "a folder stands where this file is to go");
            return Err(problem.hint("move it away, or choose another folder with --out").into());
        }
        let (needed, free) = (bytes.unwrap_or(0), free_space(&self.staging));
        if let Some(free) = free.filter(|&free| free < needed) {
            let full = io::Error::new(io::ErrorKind::StorageFull, format!("it needs {needed} bytes, and only {free} are free"));
            return Err(Error::io(path, "write")(full));
        }
        let made = File::create_new(self.staging.join(name)).and_then(|file| Ok((file.try_clone()?, file)));
        let (handle, file) = made.map_err(Error::io(&path, "write"))?;
        let refused = Refused::default();
        self.files().push(Staged { name: name.to_string(), file: handle, refused: Arc::clone(&refused) });
        Ok(OutputFile::over(EagerFile::new(file, refused), &self.folder, name, bytes))
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

/// Why a set's renames are not all done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// A run is at them, for longer than it was waited for.
    Running,
    /// A run was killed between them: the set is whole only after the next run has finished them.
    Stopped,
}

/// Whether the renames of a set in `folder` are still to be done. A run that is just at them is waited for.
pub(crate) fn unfinished(folder: &Path, set: &str) -> Option<Unfinished> {
    let list = staging_folder(folder, set).join(COMMIT_LIST);
    let deadline = Instant::now().checked_add(PATIENCE);
    while fs::symlink_metadata(&list).is_ok() {
        if !Lock::is_held(folder, set) {
            // The run may have ended between the two looks.
            return fs::symlink_metadata(&list).is_ok().then_some(Unfinished::Stopped);
        }
        if deadline.is_none_or(|deadline| Instant::now() >= deadline) {
            return Some(Unfinished::Running);
        }
        thread::sleep(Duration::from_millis(5));
    }
    None
}

/// Whether the renames of a set in `folder` are still to be done.
pub(crate) fn pending(folder: &Path, set: &str) -> bool {
    unfinished(folder, set).is_some()
}

/// The sets of `folder` that are [`pending`], sorted.
///
/// # Errors
///
/// The folder cannot be read.
pub(crate) fn pending_sets(folder: &Path) -> Result<Vec<String>> {
    let set_of = |name: &str| Some(name.strip_prefix(".amc-keywords-")?.strip_suffix(".partial")?.to_owned());
    let staged = names_in(folder, |name| set_of(name).is_some())?;
    let sets = staged.iter().filter_map(|name| set_of(name)).filter(|set| is_plain_name(set) && pending(folder, set));
    Ok(sets.collect())
}

/// The bytes that the file system of `folder` (or, while that is missing, of the folder that it will be made in) still has
/// for us; `None` where the system does not tell.
pub(crate) fn free_space(folder: &Path) -> Option<u64> {
    let here = if folder.is_relative() { Path::new(".").join(folder) } else { folder.to_path_buf() };
    space_of(here.ancestors().find(|path| path.exists())?)
}

#[cfg(unix)]
fn space_of(folder: &Path) -> Option<u64> {
    // A file system that does not count its blocks says 0.
    let found = rustix::fs::statvfs(folder).ok().filter(|found| found.f_blocks > 0)?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn space_of(_folder: &Path) -> Option<u64> {
    None
}

fn staging_folder(folder: &Path, set: &str) -> PathBuf {
    folder.join(format!(".amc-keywords-{set}.partial"))
}

/// Removes the staging folder, its commit list first: what is left half removed must not be taken for a commit.
fn remove_staging(staging: &Path) -> io::Result<()> {
    match fs::remove_file(staging.join(COMMIT_LIST)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(source),
        _ => fs::remove_dir_all(staging),
    }
}

/// Puts the names in `folder` onto the disk, where the file system knows such a thing.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(source) if matches!(source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod tests;
