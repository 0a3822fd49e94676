//! The files of one run, as their manifest lists them.

use std::fs;
use std::path::{Path, PathBuf};

use super::file_names::{is_id_map, is_vocabulary, pairs_names};
use crate::error::{Error, Problem, Result};
use keyword_files::bounded::read_bounded;
use crate::output::file_set::{self, Unfinished};
use crate::output::manifest::{Manifest, Output, SplitCounts, manifest_name, set_of};
use crate::output::names_in;

/// A manifest and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct WrittenSet {
    folder: PathBuf,
    /// The manifest's own name.
    pub name: String,
    pub manifest: Manifest,
}

impl WrittenSet {
    /// The set `set` of `folder`, such as `clickture`.
    ///
    /// # Errors
    ///
    /// Those of [`Manifest::read`], and a set whose files are partly an earlier run's.
    pub fn read(folder: &Path, set: &str) -> Result<WrittenSet> {
        let name = manifest_name(set);
        let problem = |what: &'static str| Problem::new(folder.join(&name), what);
        match file_set::unfinished(folder, set) {
            None => {}
            Some(Unfinished::Running) => {
                return Err(problem("a run is putting its files in place").hint("try again when it is done").into());
            }
            Some(Unfinished::Stopped) => {
                let problem = problem("a run was stopped while it put its files in place");
                return Err(problem.hint("run the job again, which finishes that").into());
            }
        }
        Ok(WrittenSet { manifest: Manifest::read(&folder.join(&name))?, folder: folder.to_path_buf(), name })
    }

    /// All sets of `folder`, by name.
    pub fn all_in(folder: &Path) -> Result<Vec<WrittenSet>> {
        sets_in(folder)?.iter().map(|set| WrittenSet::read(folder, set)).collect()
    }

    /// The set of `folder` that lists the output `name`; none if no manifest does.
    ///
    /// # Errors
    ///
    /// No manifest lists it, and one cannot be read.
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

    /// Refuses the set if a run has put other files in place since it was read: what was opened by then may be of both.
    pub fn refuse_replaced(&self) -> Result<()> {
        let now = WrittenSet::read(&self.folder, self.set())?;
        match now.manifest == self.manifest {
            true => Ok(()),
            false => {
                Err(Problem::new(self.path_to(&self.name), "a run put new files in place while these were read; try again")
                    .into())
            }
        }
    }

    /// What the set is called, such as `clickture`.
    pub fn set(&self) -> &str {
        set_of(&self.name).unwrap_or_default()
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| output.name == name)
    }

    /// The bytes of an output, which is `what` and has so many MiB at most.
    pub fn bytes_of(&self, output: &Output, what: &str, mib: u64) -> Result<Vec<u8>> {
        Ok(read_bounded(&self.path_of(output)?, what, mib)?)
    }

    /// The output that holds the pairs of the matrix `name`, which may be any of its forms.
    pub fn pairs_of(&self, name: &str) -> Option<&Output> {
        pairs_names(name).iter().find_map(|name| self.output(name)).filter(|pairs| is_pairs(pairs))
    }

    /// The outputs that hold pairs: one a matrix.
    pub fn all_pairs(&self) -> impl Iterator<Item = &Output> {
        let outputs = self.manifest.outputs.iter();
        outputs.filter(|output| self.pairs_of(&output.name).is_some_and(|pairs| pairs.name == output.name))
    }

    /// The vocabulary, as JSON.
    pub fn vocabulary(&self) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| is_vocabulary(&output.name))
    }

    /// The names of the images and their ids, as JSON.
    pub fn id_map(&self) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| is_id_map(&output.name))
    }

    /// The counts of the split that these pairs are of: it is the only one, or its name stands in the file's.
    pub fn split_of(&self, pairs: &Output) -> Option<&SplitCounts> {
        let rows = pairs.shape.as_ref()?.first()?;
        let splits = &self.manifest.counts.splits;
        let named = |split: &&SplitCounts| splits.len() == 1 || pairs.name.contains(&format!("_{}_", split.split));
        splits.iter().find(named).filter(|split| split.rows == *rows)
    }

    /// Where a file of that name lies.
    pub fn path_to(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where an output lies; a file that is not of the size that the manifest says is refused.
    ///
    /// # Errors
    ///
    /// The file is missing or has another size.
    pub fn path_of(&self, output: &Output) -> Result<PathBuf> {
        let path = self.path_to(&output.name);
        let found = fs::metadata(&path).map_err(Error::io(&path, "read"))?.len();
        if found == output.bytes {
            return Ok(path);
        }
        let what = format!("expected {} bytes, as {} says, found {found}", output.bytes, self.name);
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        Err(Problem::new(&path, what).hint(format!("run amc-keywords verify {}", folder.display())).into())
    }
}

/// Whether an output has the form of pairs. The ranges have it too: of them, [`pairs_names`] leads away.
fn is_pairs(output: &Output) -> bool {
    output.dtype.is_some_and(|dtype| dtype.size() >= 4) && matches!(output.shape.as_deref(), Some([_, 2]))
}

/// The sets whose manifests are in `folder`, sorted.
fn sets_in(folder: &Path) -> Result<Vec<String>> {
    Ok(names_in(folder, |name| set_of(name).is_some())?.iter().filter_map(|name| set_of(name)).map(String::from).collect())
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
        let expected = "a run put new files in place while these were read; try again";
        assert_eq!(set.refuse_replaced().unwrap_err().to_string(), format!("{}: {expected}", path.display()));
    }
}
