//! The files of one matrix, which the manifest of its set lists.

use std::fs;
use std::path::{Path, PathBuf};

use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords};
use keyword_files::error::{Error, Problem, Result};
use keyword_files::npy::sha256::of_bytes;
use keyword_files::plain_file::read_bounded;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::npy::{INTEGERS, NpyReader};

/// The largest manifest, vocabulary or id map in MiB.
const MOST_MIB: u64 = 1024;
/// The ends of the names of arrays that are no pairs.
const OTHER_FORMS: [&str; 4] = ["_ranges.npy", "_csr_rows.npy", "_padded.npy", "_padded_mask.npy"];

#[derive(Debug, Clone, Deserialize)]
struct Manifest {
    options: Value,
    outputs: Vec<Output>,
    counts: Value,
}

/// A file that a run wrote.
#[derive(Debug, Clone, Deserialize)]
pub struct Output {
    /// Its name in the folder.
    pub name: String,
    /// Its checksum.
    pub sha256: String,
}

/// The files of one matrix, its vocabulary and its id map.
#[derive(Debug)]
pub struct MatrixFiles {
    folder: PathBuf,
    manifest: Manifest,
    /// `SET/SPLIT`, or `SET` if they have the same name.
    pub name: String,
    /// What the names of the files of the matrix contain.
    mark: String,
}

impl MatrixFiles {
    /// The only matrix in `folder`, or the one of the set or split `name`. Without a name, the one
    /// that is called `preferred` is chosen of several.
    pub fn find(folder: &Path, name: Option<&str>, preferred: Option<&str>) -> Result<MatrixFiles> {
        let mut found = MatrixFiles::all_in(folder)?;
        let names: Vec<String> = found.iter().map(|files| files.name.clone()).collect();
        if let Some(wanted) = name.or(preferred.filter(|_| names.len() > 1)) {
            found.retain(|files| files.name == wanted || files.name.split('/').any(|part| part == wanted));
        }
        match (found.pop(), found.is_empty(), names.as_slice()) {
            (Some(files), true, _) => Ok(files),
            (_, _, []) => {
                let problem = Problem::new(folder, "no manifest_NAME.json with a matrix is in this folder");
                Err(problem.hint("name the output folder of amc-keywords").into())
            }
            _ => Err(Problem::new(folder, format!("choose one of these with --name: {}", names.join(", "))).into()),
        }
    }

    fn all_in(folder: &Path) -> Result<Vec<MatrixFiles>> {
        let entries = fs::read_dir(folder).map_err(Error::io(folder, "read"))?;
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        let mut found = Vec::new();
        for name in &names {
            let Some(set) = name.strip_prefix("manifest_").and_then(|rest| rest.strip_suffix(".json")) else { continue };
            let path = folder.join(name);
            let manifest: Manifest = parse(&path, &read_bounded(&path, "a manifest", MOST_MIB)?)?;
            let splits = manifest.counts.get("splits").and_then(Value::as_array).into_iter().flatten();
            let splits: Vec<&str> = splits.filter_map(|split| split.get("split")?.as_str()).collect();
            for split in &splits {
                let name = if *split == set { set.to_owned() } else { format!("{set}/{split}") };
                let mark = if splits.len() == 1 { String::new() } else { format!("_{split}_") };
                found.push(MatrixFiles { folder: folder.to_path_buf(), manifest: manifest.clone(), name, mark });
            }
        }
        Ok(found)
    }

    fn option(&self, name: &str) -> &Value {
        self.manifest.options.get(name).unwrap_or(&Value::Null)
    }

    /// The pairs of an image and a word.
    pub fn pairs(&self) -> Option<&Output> {
        // With `--layout script`, the pairs have a name of their own.
        let is_script = self.option("layout") == "script";
        let start = if is_script { "img_keyword_rec_" } else { "img_keyword_ind_" };
        let is_pairs = |name: &str| name.starts_with(start) && !OTHER_FORMS.iter().any(|ending| name.ends_with(ending));
        self.array(".npy").find(|output| is_pairs(&output.name))
    }

    /// The array of the matrix whose name ends in this way.
    pub fn other_form(&self, ending: &'static str) -> Option<&Output> {
        self.array(ending).next()
    }

    fn array(&self, ending: &'static str) -> impl Iterator<Item = &Output> {
        let is_of_matrix = |name: &str| name.starts_with("img_keyword_") && name.contains(&self.mark);
        self.manifest.outputs.iter().filter(move |output| is_of_matrix(&output.name) && output.name.ends_with(ending))
    }

    /// Reads an array. Its checksum must be the one in the manifest.
    pub fn read_array<T>(&self, output: &Output, read: impl FnOnce(&mut NpyReader) -> Result<T>) -> Result<T> {
        let mut reader = NpyReader::open(&self.folder.join(&output.name), INTEGERS)?;
        let value = read(&mut reader)?;
        self.check(output, &reader.sha256())?;
        Ok(value)
    }

    /// Reads the first JSON whose name begins in this way, and its checksum.
    pub fn read_json<T: DeserializeOwned>(&self, start: &str) -> Result<Option<(T, String)>> {
        let is_wanted = |output: &&Output| output.name.starts_with(start) && output.name.ends_with(".json");
        let Some(output) = self.manifest.outputs.iter().find(is_wanted) else { return Ok(None) };
        let path = self.folder.join(&output.name);
        let bytes = read_bounded(&path, "JSON", MOST_MIB)?;
        self.check(output, &of_bytes(&bytes).sha256)?;
        Ok(Some((parse(&path, &bytes)?, output.sha256.clone())))
    }

    /// A problem with all of them.
    pub fn problem(&self, what: &str) -> Problem {
        Problem::new(&self.folder, format!("the set '{}' {what}", self.name))
    }

    fn check(&self, output: &Output, sha256: &str) -> Result<()> {
        if output.sha256 == sha256 {
            return Ok(());
        }
        let problem = Problem::new(self.folder.join(&output.name), "the SHA-256 is not the one in the manifest");
        Err(problem.hint(format!("run amc-keywords verify {}", self.folder.display())).into())
    }

    /// How the keywords of the set were split into words.
    pub fn analyzer(&self) -> Result<Analyzer> {
        let stop_words = match self.option("stop_words").as_str() {
            Some("english") => StopWords::english(),
            Some("none") => StopWords::none(),
            _ => return Err(self.problem("was made with its own stop words, which amc-rank does not have").into()),
        };
        let options = AnalyzerOptions::deserialize(&self.manifest.options).map_err(|error| error.to_string());
        let analyzer =
            options.and_then(|options| Analyzer::with_options(&options, stop_words).map_err(|error| error.to_string()));
        analyzer.map_err(|what| Problem::new(&self.folder, what).into())
    }
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| Problem::new(path, error.to_string()).into())
}
