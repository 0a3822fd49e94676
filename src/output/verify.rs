//! Checks the files of a folder against their manifest.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};
use crate::output::digest;
use crate::output::file_set;
use crate::output::is_plain_name;
use crate::output::manifest::{Manifest, Output};
use crate::output::npy::npy_header;
use crate::parallel::in_parallel;

/// The names of the manifests in `folder`, sorted, those included that a stopped run was still to put in place.
///
/// # Errors
///
/// The folder cannot be read.
pub(crate) fn manifests_in(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = file_set::pending_sets(folder)?.iter().map(|set| format!("manifest_{set}.json")).collect();
    for entry in fs::read_dir(folder).map_err(Error::io(folder, "read"))? {
        let name = entry.map_err(Error::io(folder, "read"))?.file_name();
        names.extend(name.to_str().filter(|name| set_of(name).is_some_and(is_plain_name)).map(String::from));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Compares the outputs in `folder` with what the manifest of that name there says, on `jobs` threads.
///
/// Gives one line for each difference, `NAME: what`, in the manifest's order; none if all is well.
///
/// # Errors
///
/// The manifest cannot be read or is not one, or the system refuses to read an output.
pub(crate) fn verify(folder: &Path, manifest: &str, jobs: usize) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    if set_of(manifest).is_some_and(|set| file_set::pending(folder, set)) {
        let what = "a run was stopped while it put its files in place: run it again to finish that";
        differences.push(format!("{manifest}: {what}"));
        if fs::symlink_metadata(folder.join(manifest)).is_err() {
            return Ok(differences);
        }
    }
    let outputs = Manifest::read(&folder.join(manifest))?.outputs;
    differences.extend(check_all(folder, &outputs, jobs)?);
    Ok(differences)
}

/// The set whose manifest has that name.
fn set_of(manifest: &str) -> Option<&str> {
    manifest.strip_prefix("manifest_")?.strip_suffix(".json")
}

fn check_all(folder: &Path, outputs: &[Output], jobs: usize) -> Result<Vec<String>> {
    // The largest first, so that no thread ends up with it while the others have nothing left.
    let mut order: Vec<(usize, &Output)> = outputs.iter().enumerate().collect();
    order.sort_by_key(|(_, output)| Reverse(output.bytes));
    let mut found = Vec::new();
    for ((i, output), checked) in order.iter().zip(in_parallel(&order, jobs, |(_, output)| check(folder, output))) {
        found.push((*i, output, checked?));
    }
    found.sort_by_key(|(i, ..)| *i);
    Ok(found.into_iter().filter_map(|(_, output, what)| Some(format!("{}: {}", output.name, what?))).collect())
}

/// What is wrong with one output, if anything.
fn check(folder: &Path, output: &Output) -> Result<Option<String>> {
    let path = folder.join(&output.name);
    let found = match fs::metadata(&path) {
        Ok(found) => found,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Some("missing".into())),
        Err(source) => return Err(Error::io(path, "read")(source)),
    };
    if !found.is_file() {
        return Ok(Some("expected a file".into()));
    }
    if found.len() != output.bytes {
        return Ok(Some(format!("expected {} bytes, found {}", output.bytes, found.len())));
    }
    if let Some(what) = check_header(&path, output).map_err(Error::io(&path, "read"))? {
        return Ok(Some(what));
    }
    let sha256 = digest::of_file(&path)?.sha256;
    Ok((sha256 != output.sha256).then(|| format!("expected sha256 {}, found {sha256}", output.sha256)))
}

/// Whether the header of an array says another shape or type of element than the manifest.
fn check_header(path: &Path, output: &Output) -> io::Result<Option<String>> {
    let (Some(dtype), Some(shape)) = (output.dtype, &output.shape) else { return Ok(None) };
    let expected = npy_header(dtype.descr(), shape);
    let mut found = Vec::new();
    File::open(path)?.take(expected.len() as u64).read_to_end(&mut found)?;
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    let what = || format!("expected an array header of shape ({}) and dtype '{}'", axes.join(", "), dtype.descr());
    Ok((found != expected).then(what))
}

#[cfg(test)]
mod tests;
