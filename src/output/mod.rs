//! Writes and checks the files of a run: matrices, manifest, and the whole-or-nothing set that they form.

mod claims;
pub(crate) mod digest;
mod eager_file;
mod fail_point;
pub(crate) mod file_set;
pub(crate) mod folder_check;
pub(crate) mod freshness;
mod lock;
pub(crate) mod manifest;
pub(crate) mod npy;
pub(crate) mod npz;
pub(crate) mod output_file;
#[cfg(feature = "parquet")]
pub(crate) mod parquet_file;
pub(crate) mod rehearsal;
pub(crate) mod skipped_file;
pub(crate) mod statistics;
pub(crate) mod stream;
pub(crate) mod vectorizer_file;
pub(crate) mod verify;
pub(crate) mod vocabulary_file;

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// The names in `folder` for which `wanted` holds, sorted.
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

/// Whether `name` may stand for an output in its folder: letters, digits, `.`, `_`, `-` and `+`, not hidden, 200 bytes at most.
///
/// Manifests and commit lists are read back from the folder, so their names must not lead out of it, whatever they hold.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.bytes().all(plain)
}
