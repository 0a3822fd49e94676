//! Compares the files of a folder with the files that a run would write now.

use std::path::Path;

use serde_json::Value;

use super::result::{FileCheck, FileState, FolderCheck, check_all, check_file};
use super::stale::left_behind;
use crate::error::{Result, shown};
use crate::files::manifest::{Input, Manifest};
use crate::files::output_line::Output;
use crate::files::{names, staging};
use crate::progress::Progress;
use keyword_files::npy::sha256;

/// A set of files in a folder, and the manifest of a run that wrote nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FreshRun<'a> {
    pub folder: &'a Path,
    pub set: &'a str,
    pub manifest: &'a Manifest,
}

/// Compares the files in the folder with a fresh run on `jobs` threads.
///
/// All files are fine exactly if a run would change nothing. [Left-over files](left_behind) are
/// stale.
///
/// # Errors
///
/// The system refuses to read a file, or the check is cancelled.
pub(crate) fn compare(fresh: FreshRun<'_>, jobs: usize, progress: &dyn Progress) -> Result<FolderCheck> {
    let FreshRun { folder, set, manifest } = fresh;
    let name = names::manifest(set);
    // A missing or damaged manifest is reported by the comparison of the file itself.
    let old = Manifest::read(&folder.join(&name)).ok();
    let state = match staging::is_pending(folder, set) {
        true => FileState::Unfinished,
        false => manifest_state(fresh, &name, old.as_ref(), progress)?,
    };
    let mut files = vec![FileCheck::new(&name, state)];
    files.extend(check_all(folder, &manifest.outputs, jobs, progress)?);
    let stale = left_behind(folder, set, old.as_ref(), manifest);
    files.extend(stale.iter().map(|name| FileCheck::new(name, FileState::Stale)));
    Ok(FolderCheck { folder: folder.to_path_buf(), files })
}

/// The state of the manifest in the folder. If it differs, the state says why, as far as possible.
fn manifest_state(fresh: FreshRun<'_>, name: &str, old: Option<&Manifest>, progress: &dyn Progress) -> Result<FileState> {
    let expected = Output::new(name, sha256::of_bytes(&fresh.manifest.to_json()));
    let state = check_file(fresh.folder, &expected, progress)?;
    let (FileState::Differs(_), Some(old)) = (&state, old) else { return Ok(state) };
    let changes = changes(old, fresh.manifest);
    Ok(if changes.is_empty() { state } else { FileState::Differs(changes.join("; ")) })
}

/// The differences between a fresh run and the earlier run of the manifest `old`.
fn changes(old: &Manifest, fresh: &Manifest) -> Vec<String> {
    let mut changes = Vec::new();
    if old.tool != fresh.tool {
        let (name, version) = (cut(&old.tool.name), cut(&old.tool.version));
        let this = &fresh.tool;
        let this = format!("this is {} {}", this.name, this.version);
        changes.push(format!("written by {name} {version}, {this}"));
    }
    let shown = |value: Option<&Value>| match value {
        Some(Value::String(text)) => cut(text),
        Some(value) => cut(&value.to_string()),
        None => "nothing".into(),
    };
    for (option, now) in &fresh.options {
        let was = old.options.get(option);
        if was != Some(now) {
            let (was, now) = (shown(was), shown(Some(now)));
            changes.push(format!("made with {option} {was}, now {now}"));
        }
    }
    if old.options.keys().any(|option| !fresh.options.contains_key(option)) {
        changes.push("made with an option that is unknown here".into());
    }
    let has_path = |inputs: &[Input], path: &str| inputs.iter().any(|input| input.path == path);
    for now in fresh.inputs.iter().filter(|now| !old.inputs.contains(now)) {
        let path = cut(&now.path);
        changes.push(match has_path(&old.inputs, &now.path) {
            true => format!("made from another {path}"),
            false => format!("made without the input {path}"),
        });
    }
    for was in &old.inputs {
        if !has_path(&fresh.inputs, &was.path) {
            changes.push(format!("made from {}, which is not read now", cut(&was.path)));
        }
    }
    changes
}

/// The first 120 characters of a text of a manifest, which anyone may have written.
fn cut(text: &str) -> String {
    shown(&text.chars().take(120).collect::<String>())
}

#[cfg(test)]
mod tests;
