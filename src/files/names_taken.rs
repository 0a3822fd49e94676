//! The names of the outputs of other sets in a folder. No run may use them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Problem, Result};
use crate::files::folder::names_in;
use crate::files::manifest::Manifest;
use crate::files::names::set_of_manifest;

/// The names of the outputs that manifests of other sets list.
#[derive(Debug)]
pub(super) struct NamesTaken {
    folder: PathBuf,
    /// The manifest that lists each name.
    owners: HashMap<String, String>,
}

impl NamesTaken {
    /// Reads all manifests in `folder` except the one called `own`. A manifest that cannot be read
    /// takes no names.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn of_others(folder: &Path, own: &str) -> Result<NamesTaken> {
        let mut owners = HashMap::new();
        for name in names_in(folder, |name| name != own && set_of_manifest(name).is_some())? {
            let outputs = Manifest::read(&folder.join(&name)).map(|manifest| manifest.outputs).unwrap_or_default();
            owners.extend(outputs.into_iter().map(|output| (output.name, name.clone())));
        }
        Ok(NamesTaken { folder: folder.to_path_buf(), owners })
    }

    /// # Errors
    ///
    /// The name belongs to another set.
    pub fn refuse(&self, name: &str) -> Result<()> {
        let Some(owner) = self.owners.get(name) else { return Ok(()) };
        let problem = Problem::new(self.folder.join(name), format!("belongs to another set, see {owner}"));
        Err(problem.hint("choose another folder with --out, or another name of the set").into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_another_set_are_refused_and_a_damaged_manifest_takes_none() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = r#"{"format": 1, "tool": {"name": "amc-keywords", "version": "0.1.0"},
            "options": {}, "inputs": [], "outputs":
            [{"name": "a.json", "bytes": 0, "sha256": ""}], "counts": {"vocabulary_size": 0, "splits": []}}"#;
        std::fs::write(dir.path().join("manifest_one.json"), manifest).unwrap();
        std::fs::write(dir.path().join("manifest_two.json"), "{").unwrap();
        let taken = NamesTaken::of_others(dir.path(), "manifest_three.json").unwrap();
        let refused = taken.refuse("a.json").unwrap_err().to_string();
        let expected = "a.json: belongs to another set, see manifest_one.json; choose another \
                        folder with --out, or another name of the set";
        assert_eq!(refused, format!("{}{expected}", dir.path().join("").display()));
        assert!(taken.refuse("b.json").is_ok());
        assert!(NamesTaken::of_others(dir.path(), "manifest_one.json").unwrap().refuse("a.json").is_ok());
    }
}
