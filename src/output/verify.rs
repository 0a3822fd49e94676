//! Checks the files of a folder against their manifests.

use std::fs;
use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::output::file_set::{self, Unfinished};
use crate::output::folder_check::{FileCheck, FileState, FolderCheck, check_all};
use crate::output::freshness::of_other_ids;
use crate::output::manifest::{Manifest, manifest_name, set_of};
use crate::output::{is_plain_name, names_in};
use crate::progress::Progress;

/// Compares the outputs in `folder` with what each `manifest_….json` there says of them (sizes, SHA-256, shapes), on `jobs`
/// threads. The inputs are not needed.
///
/// A set that a run was stopped in putting in place is told by its manifest's state, whatever the files hold.
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
/// The folder cannot be read or has no manifest, the system refuses to read a file, or the check is cancelled. A manifest that is
/// damaged is no error but a file that differs.
pub fn verify(folder: &Path, jobs: usize, progress: &dyn Progress) -> Result<FolderCheck> {
    if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return Err(Problem::new(folder, "expected a folder").hint("name the folder that a run wrote into").into());
    }
    let mut files = Vec::new();
    progress.begin("checking the files", 0);
    for manifest in manifests_in(folder)? {
        files.extend(verify_set(folder, &manifest, jobs, progress)?);
    }
    progress.end();
    if files.is_empty() {
        let problem = Problem::new(folder, "expected a manifest_….json as each run leaves beside its files");
        return Err(problem.hint("name the folder that a run wrote into").into());
    }
    Ok(FolderCheck { folder: folder.to_path_buf(), files })
}

/// The names of the manifests in `folder`, sorted, those included that a stopped run was still to put in place.
fn manifests_in(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = file_set::pending_sets(folder)?.iter().map(|set| manifest_name(set)).collect();
    names.extend(names_in(folder, |name| set_of(name).is_some_and(is_plain_name))?);
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// So often a set is checked when runs keep replacing it meanwhile.
const MOST_TRIES: usize = 5;

/// The manifest itself, and behind it the outputs that it names; once more if a run has replaced them meanwhile.
fn verify_set(folder: &Path, manifest: &str, jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    let read = || Manifest::read(&folder.join(manifest)).ok();
    let mut before = read();
    for _ in 1..MOST_TRIES {
        let files = verify_once(folder, manifest, jobs, progress)?;
        // A run that is at its renames has begun to change files, and not yet the manifest.
        let unfinished = set_of(manifest).and_then(|set| file_set::unfinished(folder, set));
        let after = read();
        if before == after && unfinished != Some(Unfinished::Running) {
            return Ok(files);
        }
        before = after;
    }
    verify_once(folder, manifest, jobs, progress)
}

fn verify_once(folder: &Path, manifest: &str, jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    let unfinished = set_of(manifest).is_some_and(|set| file_set::pending(folder, set));
    if unfinished && fs::symlink_metadata(folder.join(manifest)).is_err() {
        return Ok(vec![FileCheck::new(manifest, FileState::Unfinished)]);
    }
    let read = match Manifest::read(&folder.join(manifest)) {
        Ok(read) => read,
        Err(Error::Data(problem)) => return Ok(vec![FileCheck::new(manifest, FileState::Differs(problem.reason()))]),
        Err(error) => return Err(error),
    };
    let state = if unfinished { FileState::Unfinished } else { FileState::Fine };
    let mut files = vec![FileCheck::new(manifest, state)];
    files.extend(check_all(folder, &read.outputs, jobs, progress)?);
    let others = set_of(manifest).map(|set| of_other_ids(folder, set, &read)).unwrap_or_default();
    files.extend(others.iter().map(|name| FileCheck::new(name, FileState::Stale)));
    Ok(files)
}

#[cfg(test)]
mod tests;
