//! The files of one run, which its manifest lists.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Problem, Result};
use crate::files::folder::names_in;
use crate::files::manifest::{Input, Manifest, Parts, SplitCounts};
use crate::files::names::{self, is_id_map, is_other_form, is_vocabulary, names_split, pairs_names, set_of_manifest};
use crate::files::output_line::Output;
use crate::files::parts_list::read_parts;
use crate::files::staging::{self, Unfinished};
use keyword_files::plain_file::read_bounded;

/// A manifest and its folder.
#[derive(Debug, Clone)]
pub(crate) struct WrittenSet {
    folder: PathBuf,
    /// The name of the manifest.
    pub name: String,
    pub manifest: Manifest,
}

impl WrittenSet {
    /// Reads the set `set`, such as `clickture`, in `folder`.
    ///
    /// # Errors
    ///
    /// Those of [`Manifest::read`], or some files of the set belong to an earlier run.
    pub fn read(folder: &Path, set: &str) -> Result<WrittenSet> {
        let name = names::manifest(set);
        let problem = |what: &'static str| Problem::new(folder.join(&name), what);
        match staging::unfinished(folder, set) {
            None => {}
            Some(Unfinished::Running) => {
                let problem = problem("a run is renaming its files");
                return Err(problem.hint("try again when it is done").into());
            }
            Some(Unfinished::Stopped) => {
                let problem = problem("a run was stopped while it renamed its files");
                return Err(problem.hint("run the job again to finish this").into());
            }
        }
        let manifest = Manifest::read(&folder.join(&name))?;
        Ok(WrittenSet { manifest, folder: folder.to_path_buf(), name })
    }

    /// Reads all sets in `folder`, sorted by name.
    ///
    /// # Errors
    ///
    /// Those of [`WrittenSet::read`].
    pub fn all_in(folder: &Path) -> Result<Vec<WrittenSet>> {
        sets_in(folder)?.iter().map(|set| WrittenSet::read(folder, set)).collect()
    }

    /// Reads the set in `folder` that lists the output `name`, if there is one.
    ///
    /// # Errors
    ///
    /// No manifest lists the output, and a manifest cannot be read.
    pub fn that_lists(folder: &Path, name: &str) -> Result<Option<WrittenSet>> {
        let mut unreadable = None;
        for set in sets_in(folder)? {
            match WrittenSet::read(folder, &set) {
                Ok(set) if set.output(name).is_some() => return Ok(Some(set)),
                Ok(_) => {}
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        unreadable.map_or(Ok(None), Err)
    }

    /// # Errors
    ///
    /// A run has replaced files since the set was read. Files that were opened in the meantime may
    /// belong to either run.
    pub fn refuse_replaced(&self) -> Result<()> {
        let now = WrittenSet::read(&self.folder, self.set())?;
        if now.manifest == self.manifest {
            return Ok(());
        }
        let what = "a run replaced these files while they were read; try again";
        Err(Problem::new(self.path_to(&self.name), what).into())
    }

    /// The name of the set, such as `clickture`.
    pub fn set(&self) -> &str {
        set_of_manifest(&self.name).unwrap_or_default()
    }

    /// The output `name`.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| output.name == name)
    }

    /// The bytes of an output of at most `mib` MiB. Messages call it `what`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is too large.
    pub fn bytes_of(&self, output: &Output, what: &str, mib: u64) -> Result<Vec<u8>> {
        Ok(read_bounded(&self.path_of(output)?, what, mib)?)
    }

    /// The output with the pairs of a matrix. `name` is any file of the matrix.
    pub fn pairs_of(&self, name: &str) -> Option<&Output> {
        let found = pairs_names(name).iter().find_map(|name| self.output(name));
        found.filter(|pairs| has_shape_of_pairs(pairs))
    }

    /// The outputs that contain pairs, one per matrix.
    pub fn all_pairs(&self) -> impl Iterator<Item = &Output> {
        let is_pairs = |output: &&Output| self.pairs_of(&output.name).is_some_and(|pairs| pairs.name == output.name);
        self.manifest.outputs.iter().filter(is_pairs)
    }

    /// The parts, if the pairs are only in their files.
    pub fn pairs_in_parts(&self) -> Option<&Parts> {
        self.manifest.parts.as_ref().filter(|_| self.all_pairs().next().is_none())
    }

    /// The names of the matrices: the outputs with pairs, or the list of the parts.
    pub fn matrices(&self) -> Vec<String> {
        let pairs = self.all_pairs().map(|output| output.name.clone());
        pairs.chain(self.pairs_in_parts().map(|parts| parts.list.clone())).collect()
    }

    /// The files that were read for the parts, if the set was encoded in parts.
    ///
    /// # Errors
    ///
    /// The list of the parts cannot be read.
    pub fn inputs_of_parts(&self) -> Result<Vec<Input>> {
        let parts = self.manifest.parts.as_ref().map(|parts| read_parts(&self.folder, parts)).transpose()?;
        Ok(parts.into_iter().flatten().flat_map(|part| part.inputs).collect())
    }

    /// The files of the pairs of all parts.
    ///
    /// # Errors
    ///
    /// The list of the parts cannot be read, or a part has no pairs.
    pub fn pairs_of_parts(&self, parts: &Parts) -> Result<Vec<PathBuf>> {
        let is_pairs = |output: &&Output| has_shape_of_pairs(output) && !is_other_form(&output.name);
        let mut files = Vec::new();
        for part in read_parts(&self.folder, parts)? {
            let Some(pairs) = part.outputs.iter().find(is_pairs) else {
                let problem = Problem::new(self.path_to(&part.folder), "expected pairs among the files of the part");
                return Err(problem.hint("write them too, with --emit pairs").into());
            };
            files.push(self.path_to(&part.path_of(pairs)));
        }
        Ok(files)
    }

    /// The vocabulary in JSON.
    pub fn vocabulary(&self) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| is_vocabulary(&output.name))
    }

    /// The path of the vocabulary: the given one, or that of the set.
    ///
    /// # Errors
    ///
    /// Those of [`WrittenSet::path_of`].
    pub fn vocabulary_of(&self, given: Option<&Path>) -> Result<Option<PathBuf>> {
        match given {
            Some(path) => Ok(Some(path.to_path_buf())),
            None => self.vocabulary().map(|output| self.path_of(output)).transpose(),
        }
    }

    /// The id map in JSON.
    pub fn id_map(&self) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| is_id_map(&output.name))
    }

    /// The counts of the split of these pairs: the only split, or the one that the file name names.
    pub fn split_of(&self, pairs: &Output) -> Option<&SplitCounts> {
        let rows = pairs.shape.as_ref()?.first()?;
        let splits = &self.manifest.counts.splits;
        let named = |split: &&SplitCounts| splits.len() == 1 || names_split(&pairs.name, &split.split);
        splits.iter().find(named).filter(|split| split.rows == *rows)
    }

    /// The path of the file `name`.
    pub fn path_to(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of an output.
    ///
    /// # Errors
    ///
    /// The file is missing, or its size differs from the manifest.
    pub fn path_of(&self, output: &Output) -> Result<PathBuf> {
        let path = self.path_to(&output.name);
        let found = fs::metadata(&path).map_err(Error::io(&path, "read"))?.len();
        if found == output.bytes {
            return Ok(path);
        }
        let what = format!("expected {} bytes, as {} says, found {found}", output.bytes, self.name);
        let is_here = self.folder.as_os_str().is_empty();
        let folder = if is_here { Path::new(".") } else { &self.folder };
        let hint = format!("run amc-keywords verify {}", folder.display());
        Err(Problem::new(&path, what).hint(hint).into())
    }
}

/// Whether an output has two columns of ids. Ranges have two columns as well, but [`pairs_names`]
/// does not return their name.
fn has_shape_of_pairs(output: &Output) -> bool {
    output.dtype.is_some_and(|dtype| dtype.size() >= 4) && matches!(output.shape.as_deref(), Some([_, 2]))
}

/// The sets whose manifests are in `folder`, sorted.
fn sets_in(folder: &Path) -> Result<Vec<String>> {
    let manifests = names_in(folder, |name| set_of_manifest(name).is_some())?;
    Ok(manifests.iter().filter_map(|name| set_of_manifest(name)).map(String::from).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_a_run_replaced_while_it_was_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest_coco.json");
        let manifest = |min_df: u64| {
            let tool = r#"{"name": "amc-keywords", "version": "0.1.0"}"#;
            let counts = r#"{"vocabulary_size": 0, "splits": []}"#;
            let options = format!("{{\"min_df\": {min_df}}}");
            let text = format!(
                "{{\"format\": 1, \"tool\": {tool}, \"options\": {options}, \"inputs\": [], \"outputs\": [], \"counts\": {counts}}}"
            );
            fs::write(&path, text).unwrap();
        };
        manifest(6);
        let set = WrittenSet::read(dir.path(), "coco").unwrap();
        set.refuse_replaced().unwrap();
        manifest(5);
        let expected = "a run replaced these files while they were read; try again";
        assert_eq!(set.refuse_replaced().unwrap_err().to_string(), format!("{}: {expected}", path.display()));
    }
}
