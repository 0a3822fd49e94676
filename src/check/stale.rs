//! Files in the folder that an earlier run left and that do not belong to the current outputs.

use std::fs;
use std::path::Path;

use crate::error::shown_path;
use crate::files::digest;
use crate::files::manifest::Manifest;
use crate::files::names;
use crate::progress::{Progress, Silent};

/// Warns about the files that are [left behind](left_behind).
pub(crate) fn warn_about_left_behind(folder: &Path, set: &str, old: Option<&Manifest>, new: &Manifest, progress: &dyn Progress) {
    let names = left_behind(folder, set, old, new);
    if !names.is_empty() {
        let what = "an earlier run left files that no manifest lists; delete them if you do not need them";
        progress.warn(&format!("{}: {what}: {}", shown_path(folder), names.join(", ")));
    }
}

/// The outputs in `folder` that `old` lists and `new` does not, and the [foreign
/// files](foreign_files) of `new`. A reader who finds them next to the matrix would trust them.
pub(super) fn left_behind(folder: &Path, set: &str, old: Option<&Manifest>, new: &Manifest) -> Vec<String> {
    let is_new = |name: &str| new.outputs.iter().any(|output| output.name == name);
    let old = old.iter().flat_map(|old| &old.outputs).map(|output| output.name.clone());
    let is_left = |name: &String| !is_new(name) && exists(folder, name) && !is_input(folder, name, new);
    let mut names: Vec<String> = old.filter(is_left).collect();
    let foreign = foreign_files(folder, set, new).into_iter();
    let foreign: Vec<String> = foreign.filter(|name| !names.contains(name)).collect();
    names.extend(foreign);
    names
}

/// The id map and the list of skipped images in `folder` that have the name of the set, but belong
/// to another run than that of `manifest`.
pub(super) fn foreign_files(folder: &Path, set: &str, manifest: &Manifest) -> Vec<String> {
    let is_output = |name: &str| manifest.outputs.iter().any(|output| output.name == name);
    let is_known = |name: &str| is_output(name) || is_input(folder, name, manifest);
    let id_map = names::id_map(set);
    let names = [id_map.json(), id_map.pickle(), names::skipped(set)];
    names.into_iter().filter(|name| !is_known(name) && exists(folder, name)).collect()
}

fn exists(folder: &Path, name: &str) -> bool {
    fs::symlink_metadata(folder.join(name)).is_ok()
}

/// Whether the file has the name and the bytes of an input of the run.
fn is_input(folder: &Path, name: &str, manifest: &Manifest) -> bool {
    let inputs = manifest.inputs.iter();
    let mut inputs = inputs.filter(|input| input.path.rsplit('/').next() == Some(name));
    inputs.any(|input| digest::of_file(&folder.join(name), &Silent).is_ok_and(|found| found.sha256 == input.sha256))
}
