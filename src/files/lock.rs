//! The lock of a set: only one run at a time writes it into a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use same_file::Handle;

use super::names;
use crate::error::{Error, Problem, Result, shown_path};
use crate::progress::Progress;

/// The pause between two attempts to take a lock.
const PAUSE: Duration = Duration::from_millis(10);

/// A run that waits longer says so.
const PATIENCE: Duration = Duration::from_secs(1);

/// The lock, held. The system releases it when the process ends for any reason.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    /// Closing the file releases the lock.
    _file: Handle,
}

impl Lock {
    /// Takes the lock of `set` in `folder`.
    ///
    /// # Errors
    ///
    /// Another run still holds the lock after `patience`, or the system refuses.
    pub(super) fn take(folder: &Path, set: &str, patience: Duration) -> Result<Lock> {
        let deadline = Instant::now().checked_add(patience);
        loop {
            if let Some(lock) = Lock::try_take(folder, set)? {
                return Ok(lock);
            }
            if deadline.is_none_or(|d| Instant::now() >= d) {
                let problem = Problem::new(folder, format!("another run is writing the {set} files into this folder"));
                return Err(problem.hint("wait for it to end, or choose another folder with --out").into());
            }
            thread::sleep(PAUSE);
        }
    }

    /// Takes the lock of `set` in `folder`, and waits as long as other runs hold it.
    ///
    /// # Errors
    ///
    /// The run is cancelled, or the system refuses.
    pub(crate) fn wait(folder: &Path, set: &str, progress: &dyn Progress) -> Result<Lock> {
        let begun = Instant::now();
        let mut has_told = false;
        loop {
            if let Some(lock) = Lock::try_take(folder, set)? {
                return Ok(lock);
            }
            progress.stop_if_cancelled()?;
            if !has_told && begun.elapsed() >= PATIENCE {
                progress.warn(&format!("{}: waiting for another run that writes the same files", shown_path(folder)));
                has_told = true;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Takes the lock if no run holds it.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn try_take(folder: &Path, set: &str) -> Result<Option<Lock>> {
        let path = lock_path(folder, set);
        let file = open(folder, &path)?;
        match file.as_file().try_lock() {
            Ok(()) if is_named(&file, &path)? => Ok(Some(Lock { path, _file: file })),
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(Error::io(&path, "lock")(source)),
        }
    }

    /// Whether a run currently holds the lock of `set` in `folder`.
    pub(super) fn is_held(folder: &Path, set: &str) -> bool {
        let path = lock_path(folder, set);
        // Opening a pipe would wait for its writer.
        let is_file = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        is_file && File::open(&path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn lock_path(folder: &Path, set: &str) -> PathBuf {
    folder.join(names::lock(set))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock is still held. A run that has opened the file notices that the name is gone.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn open(folder: &Path, path: &Path) -> Result<Handle> {
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Problem::new(path, "expected the lock file of a run, or nothing").hint("remove it and run again").into());
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options.open(path).and_then(Handle::from_file).map_err(Error::io(folder, "write into"))
}

/// Whether `path` still names `file`. A run that ends removes its lock file, and a lock on a
/// removed file excludes no other run.
fn is_named(file: &Handle, path: &Path) -> Result<bool> {
    match Handle::from_path(path) {
        Ok(named) => Ok(named == *file),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::io(path, "look at")(source)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_second_run_is_refused_until_the_first_ends_and_no_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!Lock::is_held(dir.path(), "coco"));
        let first = Lock::take(dir.path(), "coco", Duration::ZERO).unwrap();
        assert!(Lock::is_held(dir.path(), "coco") && !Lock::is_held(dir.path(), "clickture"));
        let refused = Lock::take(dir.path(), "coco", Duration::ZERO).unwrap_err();
        let expected = "another run is writing the coco files into this folder; \
                        wait for it to end, or choose another folder with --out";
        assert_eq!(refused.to_string(), format!("{}: {expected}", dir.path().display()));
        let other_set = Lock::take(dir.path(), "clickture", Duration::ZERO).unwrap();
        drop((first, other_set));
        drop(Lock::take(dir.path(), "coco", Duration::ZERO).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_run_waits_for_another_that_is_ending() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path(), "coco", Duration::ZERO).unwrap();
        thread::scope(|scope| {
            let second = scope.spawn(|| Lock::take(dir.path(), "coco", Duration::from_secs(60)).map(drop));
            thread::sleep(Duration::from_millis(50));
            drop(first);
            second.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_file_that_lost_its_name_is_distinguished_from_its_successor() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let create = || Handle::from_file(File::create(&path).unwrap()).unwrap();
        let first = create();
        assert!(is_named(&first, &path).unwrap());
        std::fs::rename(&path, dir.path().join("elsewhere")).unwrap();
        assert!(!is_named(&first, &path).unwrap());
        let second = create();
        assert!(!is_named(&first, &path).unwrap());
        assert!(is_named(&second, &path).unwrap());
    }

    #[test]
    fn the_lock_file_of_a_killed_run_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".amc-keywords-coco.lock"), "").unwrap();
        Lock::take(dir.path(), "coco", Duration::ZERO).unwrap();
    }

    #[test]
    fn only_one_of_many_threads_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let inside = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lock = Lock::take(dir.path(), "coco", Duration::from_secs(60)).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_lock_file_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        let path = dir.path().join(".amc-keywords-coco.lock");
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refused = Lock::take(dir.path(), "coco", Duration::ZERO).unwrap_err();
        let expected = "expected the lock file of a run, or nothing; remove it and run again";
        assert_eq!(refused.to_string(), format!("{}: {expected}", path.display()));
        assert!(!elsewhere.exists());
    }
}
