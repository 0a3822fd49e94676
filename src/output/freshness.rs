//! Compares the files of a folder with those that a run would leave there now.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::error::{Result, shown};
use crate::output::digest;
use crate::output::file_set;
use crate::output::folder_check::{FileCheck, FileState, FolderCheck, check, check_all};
use crate::output::manifest::{Input, Manifest, Output, manifest_name};
use crate::progress::{Progress, Silent};

/// Compares the files in `folder` with `fresh`, the manifest of a run that wrote nothing.
///
/// A run would change nothing exactly if all are fine. What is [left behind](left_behind) is stale.
///
/// # Errors
///
/// The system refuses to read a file, or the check is cancelled.
pub(crate) fn compare(
    folder: &Path,
    (set, fresh): (&str, &Manifest),
    jobs: usize,
    progress: &dyn Progress,
) -> Result<FolderCheck> {
    let name = manifest_name(set);
    // Where it is missing or damaged, the comparison of the file itself tells.
    let old = Manifest::read(&folder.join(&name)).ok();
    let state = if file_set::pending(folder, set) {
        FileState::Unfinished
    } else {
        manifest_state(folder, &name, (old.as_ref(), fresh), progress)?
    };
    let mut files = vec![FileCheck::new(&name, state)];
    files.extend(check_all(folder, &fresh.outputs, jobs, progress)?);
    let stale = left_behind(folder, (set, old.as_ref()), fresh);
    files.extend(stale.iter().map(|name| FileCheck::new(name, FileState::Stale)));
    Ok(FolderCheck { folder: folder.to_path_buf(), files })
}

/// The outputs of `old`, and the id map and the list of left-out images of any earlier run, that are still in `folder`, though `new`
/// does not name them: whoever finds these beside its matrix would believe them.
pub(crate) fn left_behind(folder: &Path, (set, old): (&str, Option<&Manifest>), new: &Manifest) -> Vec<String> {
    let is_new = |name: &str| new.outputs.iter().any(|output| output.name == name);
    let is_there = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    let old = old.iter().flat_map(|old| &old.outputs).map(|output| output.name.clone());
    let mut names: Vec<String> = old.filter(|name| !is_new(name) && is_there(name) && !is_input(folder, name, new)).collect();
    let others: Vec<String> = of_other_ids(folder, set, new).into_iter().filter(|name| !names.contains(name)).collect();
    names.extend(others);
    names
}

/// The id map and the list of left-out images in `folder` that have the set's name and belong to another run than that of `manifest`.
pub(crate) fn of_other_ids(folder: &Path, set: &str, manifest: &Manifest) -> Vec<String> {
    let is_output = |name: &str| manifest.outputs.iter().any(|output| output.name == name);
    let is_known = |name: &str| is_output(name) || is_input(folder, name, manifest);
    let names = [format!("id_map_{set}.json"), format!("id_map_{set}.pkl"), format!("skipped_{set}.tsv")];
    names.into_iter().filter(|name| !is_known(name) && fs::symlink_metadata(folder.join(name)).is_ok()).collect()
}

/// Whether the file is one that the run read, by its name and its bytes.
fn is_input(folder: &Path, name: &str, manifest: &Manifest) -> bool {
    let mut inputs = manifest.inputs.iter().filter(|input| input.path.rsplit('/').next() == Some(name));
    inputs.any(|input| digest::of_file(&folder.join(name), &Silent).is_ok_and(|found| found.sha256 == input.sha256))
}

/// How the manifest in the folder is, with the reason where one can be told.
fn manifest_state(
    folder: &Path,
    name: &str,
    (old, fresh): (Option<&Manifest>, &Manifest),
    progress: &dyn Progress,
) -> Result<FileState> {
    let json = fresh.to_json();
    let expected = Output {
        name: name.to_owned(),
        shape: None,
        dtype: None,
        bytes: json.len() as u64,
        sha256: digest::of_bytes(&json).sha256,
    };
    let state = check(folder, &expected, progress)?;
    let (FileState::Differs(_), Some(old)) = (&state, old) else { return Ok(state) };
    let changes = changes(old, fresh);
    Ok(if changes.is_empty() { state } else { FileState::Differs(changes.join("; ")) })
}

/// What sets a run apart from an earlier one that left the manifest `old`.
fn changes(old: &Manifest, fresh: &Manifest) -> Vec<String> {
    let mut changes = Vec::new();
    if old.tool != fresh.tool {
        let (was, is) = (&old.tool, &fresh.tool);
        changes.push(format!("written by {} {}, this is {} {}", cut(&was.name), cut(&was.version), is.name, is.version));
    }
    let shown = |value: Option<&Value>| match value {
        Some(Value::String(text)) => cut(text),
        Some(value) => cut(&value.to_string()),
        None => "nothing".into(),
    };
    for (option, now) in &fresh.options {
        let was = old.options.get(option);
        if was != Some(now) {
            changes.push(format!("made with {option} {}, now {}", shown(was), shown(Some(now))));
        }
    }
    if old.options.keys().any(|option| !fresh.options.contains_key(option)) {
        changes.push("made with an option that is unknown here".into());
    }
    let path_of = |inputs: &[Input], path: &str| inputs.iter().find(|input| input.path == path).cloned();
    for now in &fresh.inputs {
        match path_of(&old.inputs, &now.path) {
            None => changes.push(format!("made without the input {}", cut(&now.path))),
            Some(was) if was != *now && !old.inputs.contains(now) => {
                changes.push(format!("made from another {}", cut(&now.path)))
            }
            Some(_) => {}
        }
    }
    for was in &old.inputs {
        if path_of(&fresh.inputs, &was.path).is_none() {
            changes.push(format!("made from {}, which is not read now", cut(&was.path)));
        }
    }
    changes
}

/// Enough of a text that anyone may have written into a manifest.
fn cut(text: &str) -> String {
    shown(&text.chars().take(120).collect::<String>())
}

#[cfg(test)]
mod tests;
