//! The files of a data set: where they are, how they are opened, and how members are found in them.

use std::io;
use std::path::{Path, PathBuf};

use count_vectorizer::Limit;
use keyword_files::archive::{Archive, Limits};
use keyword_files::source::file_name;

use crate::error::{Problem, Result, shown_path};
use crate::input_kind::InputKind;
use crate::policy::Duplicates;
use crate::policy::OnError;
use crate::progress::Progress;

/// What opening a data set depends on.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub limits: Limits,
    pub duplicates: Duplicates,
    pub on_error: OnError,
    pub jobs: usize,
    /// Whether the vocabulary is learned, so that its split must be opened.
    pub learns: bool,
    /// Whether the images are part of a larger set.
    pub is_part: bool,
    /// `--min-df`, which is part of the names of the outputs.
    pub min_df: Limit,
    pub progress: &'a dyn Progress,
}

/// A file that a run reads, as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFile {
    pub kind: InputKind,
    pub path: PathBuf,
    /// Its name in the manifest: relative to the root, with `/`.
    pub name: String,
}

impl InputFile {
    /// A file that the user names by its path.
    pub fn named(kind: InputKind, path: &Path) -> InputFile {
        InputFile { kind, path: path.to_path_buf(), name: file_name(path) }
    }
}

/// The folder of a data set of the release. Its files have fixed names below it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root<'a>(pub &'a Path);

impl Root<'_> {
    /// A path below the root. Below `.` the dot is left out, as a person would write it.
    pub fn join(self, name: &str) -> PathBuf {
        if self.0 == Path::new(".") { PathBuf::from(name) } else { self.0.join(name) }
    }

    /// The input `name`, whether it exists or not.
    pub fn input(self, kind: InputKind, name: &str) -> InputFile {
        InputFile { kind, path: self.join(name), name: name.to_owned() }
    }

    /// The input `name` if there is anything of that name. What cannot be read is an error later.
    pub fn input_if_any(self, kind: InputKind, name: &str) -> Option<InputFile> {
        Some(self.input(kind, name)).filter(|input| is_there(&input.path))
    }

    /// Finds the archive `keyword/STEM.zip`, otherwise the folder `keyword/STEM`.
    pub fn find_archive(self, stem: &str) -> Option<InputFile> {
        let zip = self.input(InputKind::Zip, &format!("keyword/{stem}.zip"));
        let folder = self.input(InputKind::Folder, &format!("keyword/{stem}"));
        [zip, folder].into_iter().find(|input| is_there(&input.path))
    }

    /// [`find_archive`](Self::find_archive), with an error if there is none.
    pub fn archive(self, stem: &str) -> Result<InputFile> {
        self.find_archive(stem).ok_or_else(|| {
            let zip = self.join(&format!("keyword/{stem}.zip"));
            let folder = self.join(&format!("keyword/{stem}"));
            let what = format!("no such archive, and no folder {} either", shown_path(&folder));
            Problem::new(zip, what).hint("put it there, or name the folder that contains keyword/ with --root").into()
        })
    }
}

/// Whether a name exists, even if it is a link to nothing.
fn is_there(path: &Path) -> bool {
    !path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

pub(super) fn open_archive(input: &InputFile, rules: Rules<'_>) -> Result<Archive> {
    Ok(match input.kind {
        InputKind::Folder => Archive::open_folder(&input.path, rules.limits, &|| rules.progress.is_cancelled())?,
        _ => Archive::open_zip(&input.path, rules.limits)?,
    })
}

/// Finds the first of `names` that is a member, below the folder `stem` or at the top of the
/// archive.
pub(super) fn find_member<'n>(archive: &Archive, stem: &str, names: impl IntoIterator<Item = &'n str>) -> Option<u32> {
    let mut below = String::with_capacity(64);
    names.into_iter().find_map(|name| {
        below.clear();
        below.extend([stem, "/", name]);
        archive.find(&below).or_else(|| archive.find(name))
    })
}
