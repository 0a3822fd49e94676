//! The folder of the outputs: its names, its free space, and its way to the disk.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::{Error, Result};

/// The names in `folder` that `wanted` accepts, sorted.
///
/// # Errors
///
/// The folder cannot be read.
pub(crate) fn names_in(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names = Vec::new();
    for entry in fs::read_dir(listed).map_err(Error::io(folder, "read"))? {
        let name = entry.map_err(Error::io(folder, "read"))?.file_name();
        names.extend(name.to_str().filter(|name| wanted(name)).map(String::from));
    }
    names.sort_unstable();
    Ok(names)
}

/// The free bytes of the file system that contains `folder`, or will contain it. `None` if the
/// system does not report them.
pub(crate) fn free_space(folder: &Path) -> Option<u64> {
    let here = if folder.is_relative() { Path::new(".").join(folder) } else { folder.to_path_buf() };
    space_of(here.ancestors().find(|path| path.exists())?)
}

#[cfg(unix)]
fn space_of(folder: &Path) -> Option<u64> {
    // A file system that does not count its blocks reports 0 of them.
    let found = rustix::fs::statvfs(folder).ok().filter(|found| found.f_blocks > 0)?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn space_of(_folder: &Path) -> Option<u64> {
    None
}

/// Writes the names in `folder` to the disk, if the file system supports it.
///
/// # Errors
///
/// The system refuses.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        Err(source) if is_unsupported(&source) => Ok(()),
        outcome => outcome,
    }
}

fn is_unsupported(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}
