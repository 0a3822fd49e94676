//! Records: small JSON files that say what a folder contains.

use std::path::Path;

use keyword_files::npy::sha256;
use keyword_files::plain_file::read_bounded;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Problem, Result};
use crate::files::names::is_plain_name;
use crate::files::output_line::Output;

/// The largest record in MiB. A record of a part lists its inputs and may contain stop words.
const MOST_MIB: u64 = 256;

/// The bytes of a record: indented JSON and a newline.
pub(super) fn record_bytes(record: &impl Serialize) -> Vec<u8> {
    // This cannot fail: all keys are strings, and the memory takes all bytes.
    let mut bytes = serde_json::to_vec_pretty(record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads a record, and returns its SHA-256 as well.
///
/// # Errors
///
/// The file cannot be read or is not such a record. `hint` says what to do then.
pub(super) fn read_record<R: DeserializeOwned>(path: &Path, hint: &'static str) -> Result<(R, String)> {
    let bytes = read_bounded(path, "a record", MOST_MIB)?;
    let unlike = |error: serde_json::Error| Problem::new(path, format!("expected a record that amc-keywords wrote: {error}"));
    let record = serde_json::from_slice(&bytes).map_err(|error| unlike(error).hint(hint))?;
    Ok((record, sha256::of_bytes(&bytes).sha256))
}

/// Checks that the files which a record lists are in `folder` and have their sizes. `hint` says
/// what to do otherwise.
///
/// # Errors
///
/// A file is missing, has another size, or has a name that leads elsewhere.
pub(super) fn check_files(files: &[Output], folder: &Path, record: &Path, hint: &'static str) -> Result<()> {
    let shown = record.file_name().unwrap_or_default().to_string_lossy();
    files.iter().try_for_each(|file| {
        if !is_plain_name(&file.name) {
            let what = format!("expected the plain name of a file, found '{}'", file.name);
            return Err(Problem::new(record, what).hint(hint).into());
        }
        let path = folder.join(&file.name);
        let found = std::fs::metadata(&path).map_err(Error::io(&path, "read"))?.len();
        if found == file.bytes {
            return Ok(());
        }
        let what = format!("expected {} bytes, as {shown} says, found {found}", file.bytes);
        Err(Problem::new(path, what).hint(hint).into())
    })
}

/// Reads a file of records, one per line.
///
/// # Errors
///
/// Those of [`read_record`].
pub(super) fn read_lines<R: DeserializeOwned>(path: &Path, hint: &'static str) -> Result<Vec<R>> {
    let bytes = read_bounded(path, "a list of records", 16 * MOST_MIB)?;
    let mut records = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())) {
        let record = serde_json::from_slice(text).map_err(|error| {
            let what = format!("expected a record that amc-keywords wrote: {error}");
            Problem::new(path, what).at(format!("line {line}")).hint(hint)
        })?;
        records.push(record);
    }
    Ok(records)
}

/// A record as a line of a list.
pub(super) fn line(record: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
