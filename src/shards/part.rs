//! The record of a counted part: what was read, how, and which files hold the result.

use std::path::{Path, PathBuf};

use count_vectorizer::UNICODE_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::advice::COUNT_AGAIN;
use super::record::{check_files, read_record, record_bytes};
use crate::error::{Error, Problem, Result, shown_path};
use crate::files::digest;
use crate::files::folder::names_in;
use crate::files::manifest::{Input, Tool};
use crate::files::names;
use crate::files::output_line::Output;
use crate::progress::Progress;

pub(super) const RECORD: &str = "record.json";
pub(super) const TERMS: &str = "terms.parquet";
pub(super) const IMAGES: &str = "images.parquet";
pub(super) const SAMPLES: &str = "samples.json";
pub(super) const SKIPPED: &str = "skipped.jsonl";

/// The option that may differ between parts.
pub(super) const ON_ERROR: &str = "on_error";

/// The only format of records so far.
const FORMAT: u64 = 1;

/// `record.json` of a counted part. The same shards and options give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartRecord {
    pub format: u64,
    pub tool: Tool,
    /// The version of Unicode that decides what a word is.
    pub unicode: String,
    pub part: u64,
    /// The options that affect the result, by name.
    pub options: Map<String, Value>,
    /// The stop words, if they come from a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_words: Option<Vec<String>>,
    pub inputs: Vec<Input>,
    pub counts: PartCounts,
    pub names: PartNames,
    /// The files of the part.
    pub files: Vec<Output>,
}

/// The counts of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartCounts {
    /// All images, including skipped ones.
    pub images: u64,
    /// The images that were read, which are the documents.
    pub documents: u64,
    pub skipped: u64,
    /// Different names of images.
    pub names: u64,
    /// Lines and rows of all shards. They number the images that have no names.
    pub rows: u64,
    pub keywords: u64,
    /// Words with repeats.
    pub words: u64,
    /// Different words.
    pub terms: u64,
    /// Keywords that were left out because of their confidence.
    pub unsure: u64,
    /// Records with a confidence.
    pub with_confidence: u64,
    /// Images without the field of the keywords.
    pub without_field: u64,
}

/// What is known about the names of the images of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartNames {
    /// Whether each name is a whole number that can be an id.
    pub are_numbers: bool,
    /// Whether the names are the numbers of lines and rows, counted from the first of the part.
    pub are_rows: bool,
    /// Whether some shards are lines, tables or JSON.
    pub has_rows: bool,
    /// Whether all shards are lines, tables or JSON, whose images stay in input order.
    pub are_in_order: bool,
    /// Whether some of them have second names.
    pub have_display_names: bool,
    /// Whether words of one character were dropped in the samples.
    pub drops_letters: bool,
}

impl PartRecord {
    /// A record of this program.
    pub fn new(part: u64, options: CountOptions, inputs: Vec<Input>) -> PartRecord {
        PartRecord {
            format: FORMAT,
            tool: Tool::this(),
            unicode: UNICODE_VERSION.to_owned(),
            part,
            options: options.options,
            stop_words: options.stop_words,
            inputs,
            counts: PartCounts::default(),
            names: PartNames::default(),
            files: Vec::new(),
        }
    }

    /// The bytes of the file.
    pub fn to_json(&self) -> Vec<u8> {
        record_bytes(self)
    }

    /// Refuses a part that this program cannot combine with its own, or that was counted with other
    /// options. Only `--on-error` may differ: each part was counted as it asks.
    ///
    /// # Errors
    ///
    /// The version of the tool or of Unicode, or an option differs. The message names it.
    pub fn check(&self, folder: &Path, options: &Map<String, Value>, hint: &str) -> Result<()> {
        let problem = |what: String| Err(Problem::new(folder, what).hint(hint.to_owned()).into());
        let (found, this) = (&self.tool.version, Tool::this().version);
        if self.tool != Tool::this() {
            return problem(format!("was counted by {} {found}, and this is {this}", self.tool.name));
        }
        if self.unicode != UNICODE_VERSION {
            return problem(format!("was counted with Unicode {}, and this is {UNICODE_VERSION}", self.unicode));
        }
        let names = options.keys().chain(self.options.keys());
        let differs = |name: &&String| *name != ON_ERROR && self.options.get(*name) != options.get(*name);
        let Some(name) = names.into_iter().find(differs) else { return Ok(()) };
        let shown = |value: Option<&Value>| match value {
            Some(Value::String(text)) => format!("'{text}'"),
            Some(value) => value.to_string(),
            None => "nothing".to_owned(),
        };
        let (found, expected) = (shown(self.options.get(name)), shown(options.get(name)));
        problem(format!("was counted with another option: {name} is {found}, expected {expected}"))
    }
}

/// The options of counting that affect the result.
#[derive(Debug, Clone)]
pub(super) struct CountOptions {
    pub options: Map<String, Value>,
    pub stop_words: Option<Vec<String>>,
}

/// A complete counted part.
#[derive(Debug, Clone)]
pub(super) struct CountedPart {
    pub folder: PathBuf,
    pub record: PartRecord,
    /// The SHA-256 of the record.
    pub sha256: String,
}

impl CountedPart {
    /// Reads the record of a part, or returns `None` if the part is not complete.
    ///
    /// # Errors
    ///
    /// The record cannot be read or is damaged, or a file of the part is missing or has another
    /// size.
    pub fn read(out: &Path, part: u64) -> Result<Option<CountedPart>> {
        let folder = out.join(names::PARTS).join(names::part(part));
        let path = folder.join(RECORD);
        if !path.exists() {
            return Ok(None);
        }
        let (record, sha256) = read_record::<PartRecord>(&path, COUNT_AGAIN)?;
        if record.format != FORMAT || record.part != part {
            let what = format!("expected the record of part {part} in format {FORMAT}");
            return Err(Problem::new(path, what).hint(COUNT_AGAIN).into());
        }
        check_files(&record.files, &folder, &path, COUNT_AGAIN)?;
        Ok(Some(CountedPart { folder, record, sha256 }))
    }

    /// The path of a file of the part.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Checks the content of a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or its checksum differs from the record.
    pub fn check_file(&self, name: &str, progress: &dyn Progress) -> Result<()> {
        let path = self.path(name);
        let found = digest::of_file(&path, progress)?.sha256;
        match self.record.files.iter().any(|file| file.name == name && file.sha256 == found) {
            true => Ok(()),
            false => Err(Problem::new(path, format!("its checksum differs from {RECORD}")).hint(COUNT_AGAIN).into()),
        }
    }
}

/// The numbers of the part folders in `out`, sorted.
///
/// # Errors
///
/// The folder cannot be read.
pub(super) fn part_numbers(out: &Path) -> Result<Vec<u64>> {
    let parts = out.join(names::PARTS);
    let mut numbers: Vec<u64> = names_in(&parts, |name| names::number_of_part(name).is_some())?
        .iter()
        .filter_map(|name| names::number_of_part(name))
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The message if a part is not complete.
pub(super) fn missing_part(out: &Path, part: u64) -> Error {
    let path = out.join(names::PARTS).join(names::part(part));
    let what = format!("part {part} is missing in {}", shown_path(out));
    Problem::new(path, what).hint("count it with amc-keywords shards count").into()
}
