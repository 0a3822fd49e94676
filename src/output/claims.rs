//! The outputs of the other sets in a folder: no run may take their names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Problem, Result};
use crate::output::manifest::{Manifest, set_of};
use crate::output::names_in;

/// The names of outputs that manifests of other sets list, and whose they are.
#[derive(Debug)]
pub(super) struct Claims {
    folder: PathBuf,
    owners: HashMap<String, String>,
}

impl Claims {
    /// What the manifests in `folder` list, but for the one called `own`. One that cannot be read claims nothing.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn of_others(folder: &Path, own: &str) -> Result<Claims> {
        let mut owners = HashMap::new();
        for name in names_in(folder, |name| name != own && set_of(name).is_some())? {
            let outputs = Manifest::read(&folder.join(&name)).map(|manifest| manifest.outputs).unwrap_or_default();
            owners.extend(outputs.into_iter().map(|output| (output.name, name.clone())));
        }
        Ok(Claims { folder: folder.to_path_buf(), owners })
    }

    /// Refuses a name that belongs to another set.
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
    fn what_another_set_lists_is_refused_and_what_is_damaged_claims_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = r#"{"format": 1, "tool": {"name": "amc-keywords", "version": "0.1.0"}, "options": {}, "inputs": [], "outputs":
            [{"name": "a.json", "bytes": 0, "sha256": ""}], "counts": {"vocabulary_size": 0, "splits": []}}"#;
        std::fs::write(dir.path().join("manifest_one.json"), manifest).unwrap();
        std::fs::write(dir.path().join("manifest_two.json"), "{").unwrap();
        let claims = Claims::of_others(dir.path(), "manifest_three.json").unwrap();
        let refused = claims.refuse("a.json").unwrap_err().to_string();
        let expected =
            "a.json: belongs to another set, see manifest_one.json; choose another folder with --out, or another name of the set";
        assert_eq!(refused, format!("{}/{expected}", dir.path().display()));
        assert!(claims.refuse("b.json").is_ok());
        assert!(Claims::of_others(dir.path(), "manifest_one.json").unwrap().refuse("a.json").is_ok());
    }
}
