//! Anybody's own keywords as a plan.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::dataset::collection::{Files, open};
use crate::dataset::fields::Fields;
use crate::dataset::{Rules, Split};
use crate::error::{Error, Problem, Result, shown_path};
use keyword_files::source;
use crate::output::folder_check::FolderCheck;
use crate::output::is_plain_name;
use crate::pipeline::job::{Job, Summary};
use crate::pipeline::run::{Part, Plan};
use crate::pipeline::settings::Settings;
use crate::pipeline::write::MatrixNames;
use crate::progress::Progress;

/// Keywords of one's own: any number of inputs that together are one set of images.
///
/// An input is a zip, a tar or a folder of files `NAME.json`, a file of JSON objects, one a line, or, with the feature `parquet`,
/// which is on by default, a parquet file. A tar and lines may be packed by gzip or zstd. What a file is, its first bytes tell, and
/// else its name.
///
/// The images are those of [`list`](Self::list), in its order, else all: those of each input together, the inputs in the order given,
/// the members of a zip, tar or folder in byte order of their names, lines and rows as they stand. If each image's name is a whole
/// number, that is its id; else the ids count up from 0 in the order of the images, and the id map is one of the outputs.
///
/// ```
/// use amc_keywords::{Collection, DocumentFrequency, Fields, Limit, Settings, Silent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("amc-keywords-collection-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// let lines = "{\"id\": \"a\", \"tags\": [\"dog\", \"red dog\"]}\n{\"id\": \"b\", \"tags\": [\"cat\"]}\n";
/// std::fs::write(folder.join("pets.jsonl"), lines)?;
///
/// let collection = Collection {
///     keywords: vec![folder.join("pets.jsonl")],
///     out: folder.join("out"),
///     fields: Fields { keywords: Some("tags".into()), id: Some("id".into()), ..Fields::default() },
///     ..Collection::default()
/// };
/// let frequency = DocumentFrequency { min: Limit::Count(1), ..DocumentFrequency::default() };
/// let summary = collection.run(&Settings { frequency, ..Settings::default() }, &Silent)?;
/// assert_eq!(summary.outputs[0].name, "img_keyword_ind_pets_sk_1.npy");
/// assert_eq!(summary.outputs[0].shape, Some(vec![4, 2]));
/// assert_eq!(std::fs::read_to_string(folder.join("out/id_map_pets.json"))?, "{\n\"a\": 0,\n\"b\": 1\n}\n");
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Collection {
    /// The inputs, in order.
    pub keywords: Vec<PathBuf>,
    /// Where the outputs go.
    pub out: PathBuf,
    /// What the set is called, which is a part of the outputs' names: letters, digits, `.`, `_`, `-` and `+`. The first input's name
    /// without its ending, if it is not given.
    pub name: Option<String>,
    /// A file with one image name a line: the images, in order. All images, if it is not given.
    pub list: Option<PathBuf>,
    /// A pickle or JSON `{name: id}`. If it is given, each image must have its id there.
    pub id_map: Option<PathBuf>,
    /// The inputs of another set, which the vocabulary is learnt from; from the images themselves, if there is none.
    pub fit: Vec<PathBuf>,
    /// Where keywords and names stand.
    pub fields: Fields,
}

impl Collection {
    /// Learns the vocabulary, unless the settings give one, and writes the matrix.
    ///
    /// # Errors
    ///
    /// Those of [`Clickture::run`](crate::Clickture::run). The name cannot be a file's, or some of the fields do not go together. Two
    /// images have one name, unless duplicates are allowed.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        let name = self.checked_name()?;
        Job { set: &name, out: &self.out, settings, progress }.run(|rules| self.plan(&name, settings, rules))
    }

    /// Does the same and writes nothing, see [`Clickture::check`](crate::Clickture::check).
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        let name = self.checked_name()?;
        Job { set: &name, out: &self.out, settings, progress }.check(|rules| self.plan(&name, settings, rules))
    }

    fn checked_name(&self) -> Result<String> {
        let Some(first) = self.keywords.first() else { return Err(Error::Refused("no input is given".into())) };
        if let Some(folder) = self.keywords.iter().chain(&self.fit).find(|input| lies_in(&self.out, input)) {
            let problem = Problem::new(&self.out, format!("lies in the folder of keywords {}", shown_path(folder)));
            return Err(problem
                .hint("the next run would take the outputs for keyword files: choose a folder outside with --out")
                .into());
        }
        let name = self.name.clone().unwrap_or_else(|| source::stem(first));
        Collection::check_name(&name).map(|()| name)
    }

    /// Whether a set can have this name.
    ///
    /// ```
    /// use amc_keywords::Collection;
    ///
    /// assert!(Collection::check_name("tate-2024").is_ok() && Collection::check_name("a/b").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: other characters than letters, digits, `.`, `_`, `-` and `+`, or too many of them.
    pub fn check_name(name: &str) -> Result<()> {
        // Beside the longest name of an output.
        const LONGEST: usize = 120;
        if is_plain_name(name) && name.len() <= LONGEST {
            return Ok(());
        }
        let name: String = name.chars().take(LONGEST).collect();
        Err(Error::Refused(format!(
            "{name:?} cannot be a part of file names: use letters, digits, '.', '_', '-' and '+', {LONGEST} at most; give another \
             with --name"
        )))
    }

    fn plan(&self, name: &str, settings: &Settings, rules: Rules<'_>) -> Result<Plan> {
        let fields = self.fields.checked()?;
        let mut parts = Vec::new();
        if settings.vocabulary.is_none() && !self.fit.is_empty() {
            let files = Files { keywords: &self.fit, list: None, id_map: None };
            parts.push(Part { split: open(&format!("{name}, fit"), &files, fields.clone(), rules)?, names: None });
        }
        let files = Files { keywords: &self.keywords, list: self.list.as_deref(), id_map: self.id_map.as_deref() };
        let min_df = settings.frequency.min;
        let names = MatrixNames {
            main: format!("img_keyword_ind_{name}_sk_{min_df}.npy"),
            pairs: format!("img_keyword_rec_{name}_sk_{min_df}.npy"),
        };
        let split = open(name, &files, fields, rules)?;
        self.warn_of_names(&split, rules.progress);
        parts.push(Part { split, names: Some(names) });
        Ok(Plan {
            vocabulary_name: name.to_owned(),
            vectorizer_name: name.to_owned(),
            parts,
            notes: Vec::new(),
            options: self.options(),
        })
    }

    /// Names that come from elsewhere than one may think.
    fn warn_of_names(&self, split: &Split, progress: &dyn Progress) {
        let has_lines = split.streams.iter().any(|stream| !stream.file.has_members());
        if self.fields.id.is_some() && !has_lines {
            progress.warn("--id-field: images of zips, tars and folders have the names of their members, so it is not used");
        }
        let is_json = |input: &&PathBuf| input.extension().is_some_and(|ending| ending == "json") && !input.is_dir();
        if self.fields.id.is_none() && self.keywords.iter().filter(is_json).count() > 1 {
            progress.warn("single .json files are read as lines, and their images called by number: name their folder to have NAME.json be image NAME");
        }
    }

    /// The options for the manifest.
    fn options(&self) -> Map<String, Value> {
        let name_of = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut options = self.fields.for_manifest();
        options.insert("list".into(), json!(self.list.as_ref().and_then(name_of)));
        options.insert("id_map".into(), json!(self.id_map.as_ref().and_then(name_of)));
        options.insert("fit".into(), json!(self.fit.iter().filter_map(name_of).collect::<Vec<_>>()));
        options
    }
}

/// Whether `path`, which need not be there, is the folder `folder` or would lie below it.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    folder.is_dir() && resolved(path).starts_with(&folder)
}

/// The path as it will be when all of it is there: links followed as far as there are any.
fn resolved(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
        whole = fs::canonicalize(&whole).unwrap_or(whole);
    }
    whole
}
