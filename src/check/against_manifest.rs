//! Compares the files of a folder with their manifests.

use std::fs;
use std::path::Path;

use super::result::{FileCheck, FileState, FolderCheck, check_all};
use super::stale::foreign_files;
use crate::error::{Error, Problem, Result};
use crate::files::folder::names_in;
use crate::files::manifest::{Manifest, Parts};
use crate::files::names::{self, is_plain_name, set_of_manifest, set_of_statistics};
use crate::files::output_line::Output;
use crate::files::parts_list::{ListedPart, read_parts};
use crate::files::staging::{self, Unfinished};
use crate::progress::Progress;

/// Compares the outputs in `folder` with each `manifest_….json` there: sizes, SHA-256 and shapes.
/// The check uses `jobs` threads and does not need the inputs.
///
/// If a run was stopped while it renamed the files of a set, the state of the manifest says so,
/// regardless of the content of the files.
///
/// ```
/// use amc_keywords::{FileState, Mscoco, Settings, Silent, verify};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-verify-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
/// assert!(verify(&out, 2, &Silent)?.is_fine());
///
/// std::fs::write(out.join("vocabulary_coco_sk_6.json"), "{}")?;
/// let check = verify(&out, 2, &Silent)?;
/// let faults: Vec<_> = check.faults().collect();
/// assert_eq!((faults.len(), faults[0].name.as_str()), (1, "vocabulary_coco_sk_6.json"));
/// assert!(matches!(&faults[0].state, FileState::Differs(how) if how.ends_with(" bytes, found 2")));
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The folder cannot be read or contains no manifest, the system refuses to read a file, or the
/// check is cancelled. A damaged manifest is not an error: its state is that it differs.
pub fn verify(folder: &Path, jobs: usize, progress: &dyn Progress) -> Result<FolderCheck> {
    if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
        let problem = Problem::new(folder, "expected a folder");
        return Err(problem.hint("name the folder that a run wrote into").into());
    }
    let mut files = Vec::new();
    progress.begin("checking the files", 0);
    for manifest in manifests_in(folder)? {
        files.extend(verify_set(folder, &manifest, jobs, progress)?);
    }
    progress.end();
    if files.is_empty() {
        let what = "found no manifest_….json";
        return Err(Problem::new(folder, what).hint("name the folder that a run wrote into").into());
    }
    Ok(FolderCheck { folder: folder.to_path_buf(), files })
}

/// The names of the manifests in `folder`, sorted. They include those that a stopped run has not
/// renamed yet, and those of sets that have statistics and no manifest.
fn manifests_in(folder: &Path) -> Result<Vec<String>> {
    let pending = staging::pending_sets(folder)?;
    let statistics = names_in(folder, |name| set_of_statistics(name).is_some())?;
    let sets = pending.iter().map(String::as_str).chain(statistics.iter().filter_map(|name| set_of_statistics(name)));
    let mut names: Vec<String> = sets.map(names::manifest).collect();
    names.extend(names_in(folder, |name| set_of_manifest(name).is_some_and(is_plain_name))?);
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// The most checks of a set that runs replace during the checks.
const MOST_TRIES: usize = 5;

/// Checks a manifest and its outputs. If a run replaces them during the check, it is repeated.
fn verify_set(folder: &Path, manifest: &str, jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    let read = || Manifest::read(&folder.join(manifest)).ok();
    let mut before = read();
    for _ in 1..MOST_TRIES {
        let files = verify_once(folder, manifest, jobs, progress)?;
        // A run that is renaming changes the other files before the manifest.
        let set = set_of_manifest(manifest);
        let unfinished = set.and_then(|set| staging::unfinished(folder, set));
        let after = read();
        if before == after && unfinished != Some(Unfinished::Running) {
            return Ok(files);
        }
        before = after;
    }
    verify_once(folder, manifest, jobs, progress)
}

fn verify_once(folder: &Path, manifest: &str, jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    let set = set_of_manifest(manifest);
    let unfinished = set.is_some_and(|set| staging::is_pending(folder, set));
    if fs::symlink_metadata(folder.join(manifest)).is_err() {
        let state = if unfinished { FileState::Unfinished } else { FileState::Missing };
        return Ok(vec![FileCheck::new(manifest, state)]);
    }
    let read = match Manifest::read(&folder.join(manifest)) {
        Ok(read) => read,
        Err(Error::Data(problem)) => {
            return Ok(vec![FileCheck::new(manifest, FileState::Differs(problem.reason()))]);
        }
        Err(error) => return Err(error),
    };
    let state = if unfinished { FileState::Unfinished } else { FileState::Fine };
    let mut files = vec![FileCheck::new(manifest, state)];
    files.extend(check_all(folder, &read.outputs, jobs, progress)?);
    if let Some(parts) = &read.parts {
        files.extend(check_parts(folder, parts, jobs, progress)?);
    }
    let foreign = set.map(|set| foreign_files(folder, set, &read)).unwrap_or_default();
    files.extend(foreign.iter().map(|name| FileCheck::new(name, FileState::Stale)));
    Ok(files)
}

/// Checks the files of all parts. Their states are left out if the list of the parts is damaged: its
/// own state says so.
fn check_parts(folder: &Path, parts: &Parts, jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    let list = match read_parts(folder, parts) {
        Ok(list) => list,
        Err(Error::Data(problem)) => return Ok(vec![FileCheck::new(&parts.list, FileState::Differs(problem.reason()))]),
        Err(_) => return Ok(Vec::new()),
    };
    let of_part = |part: &ListedPart| -> Vec<Output> {
        part.outputs.iter().map(|output| Output { name: part.path_of(output), ..output.clone() }).collect()
    };
    check_all(folder, &list.iter().flat_map(of_part).collect::<Vec<_>>(), jobs, progress)
}

#[cfg(test)]
mod tests;
