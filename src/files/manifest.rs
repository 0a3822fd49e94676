//! The record of a run: its inputs, options, outputs and counts. It is `manifest_SET.json` next to
//! the outputs.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::is_plain_name;
pub use super::output_line::Output;
use crate::error::{Error, Problem, Result, shown_path};
use crate::input_kind::InputKind;
use keyword_files::npy::header::npy_size;

/// The only format of manifests so far.
const FORMAT: u64 = 1;

/// An input takes some hundred bytes. So this suffices for 400,000 inputs.
pub(crate) const SIZE_LIMIT: u64 = 64 << 20;

/// The record of one run. The same inputs and options give the same bytes, so it contains no time,
/// absolute path or number of threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of this record, 1.
    pub format: u64,
    /// The program that wrote the files.
    pub tool: Tool,
    /// The options that affect the outputs, by name.
    pub options: Map<String, Value>,
    /// The files and folders that were read.
    pub inputs: Vec<Input>,
    /// The files that were written, without the manifest.
    pub outputs: Vec<Output>,
    /// The counts of the run.
    pub counts: Counts,
    /// The parts, if the set was encoded in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
}

/// The parts of a set that was encoded in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// The number of parts.
    pub count: u64,
    /// The output that lists the parts, one JSON object per line.
    pub list: String,
    /// The folder of the encoded parts.
    pub folder: String,
}

/// A program that writes sets of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `amc-keywords`.
    pub name: String,
    /// Its version, such as `0.1.0`.
    pub version: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Tool {
        Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// One file or folder that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The path relative to the root, with `/`. For a file outside the root, only its name.
    pub path: String,
    /// The kind of input.
    pub kind: InputKind,
    /// The size of the file. For a folder, the total size of its keyword files.
    pub bytes: u64,
    /// The number of files in a folder that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// The SHA-256 of the file. For a folder, the SHA-256 of the sorted output of `sha256sum` for
    /// its keyword files.
    pub sha256: String,
}

/// The counts of a run.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-counts-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let counts = mscoco.run(&Settings::default(), &Silent)?.counts;
/// assert_eq!((counts.vocabulary_size, counts.splits.len()), (125, 1));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// The number of words in the vocabulary.
    pub vocabulary_size: u64,
    /// The counts of each split, in the order of encoding.
    pub splits: Vec<SplitCounts>,
}

/// The counts of one split.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-split-counts-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let counts = mscoco.run(&Settings::default(), &Silent)?.counts;
/// let split = &counts.splits[0];
/// assert_eq!((split.images, split.keywords, split.words_kept, split.rows), (143, 1813, 1470, 1470));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitCounts {
    /// The name of the split, such as `dev`.
    pub split: String,
    /// Encoded images.
    pub images: u64,
    /// Encoded images with no word in the vocabulary.
    pub images_without_a_word: u64,
    /// Images that were skipped because of a problem.
    pub skipped: u64,
    /// Keywords of the encoded images, with repeats.
    pub keywords: u64,
    /// Words of these keywords that are in the vocabulary, with repeats.
    pub words_kept: u64,
    /// Words of these keywords that are not in the vocabulary, with repeats, without stop words.
    pub words_dropped: u64,
    /// Rows of the pairs.
    pub rows: u64,
}

impl Manifest {
    /// The record of a run of this program.
    pub fn new(options: Map<String, Value>, inputs: Vec<Input>, outputs: Vec<Output>, counts: Counts) -> Manifest {
        Manifest { format: FORMAT, tool: Tool::this(), options, inputs, outputs, counts, parts: None }
    }

    /// The bytes of the file: indented JSON and a newline.
    pub fn to_json(&self) -> Vec<u8> {
        // This cannot fail: all keys are strings, and the memory takes all bytes.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest without trusting it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not a manifest, has an unknown format, or names files outside
    /// its folder.
    pub fn read(path: &Path) -> Result<Manifest> {
        let bytes = read_small(path)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| unlike(path, &error))?;
        if let Some(format) = value.get("format").filter(|format| format.as_u64() != Some(FORMAT)) {
            let found = cut(&format.to_string());
            let what = format!("expected a manifest of format {FORMAT}, found {found}");
            let hint = "use the version of amc-keywords that wrote it, or run the job again";
            return Err(Problem::new(path, what).hint(hint).into());
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| unlike(path, &error))?;
        manifest.check().map_err(|what| Problem::new(path, what).hint(RUN_AGAIN))?;
        Ok(manifest)
    }

    /// The subcommand that wrote the files. Of those without parts, only `encode` records a field of
    /// keywords.
    pub(crate) fn command(&self) -> &'static str {
        match self.options.get("dataset").and_then(Value::as_str) {
            _ if self.parts.is_some() => "shards",
            _ if self.options.contains_key("keywords_field") => "encode",
            Some("coco") => "mscoco",
            _ => "clickture",
        }
    }

    /// Refuses to replace the manifest at `path` by that of another subcommand: the other files of
    /// this set would be left without a manifest.
    ///
    /// # Errors
    ///
    /// `command` is another subcommand than [`command`](Self::command).
    pub(crate) fn refuse_other_command(&self, path: &Path, command: &str, hint: &'static str) -> Result<()> {
        let earlier = self.command();
        if command == earlier {
            return Ok(());
        }
        let what = format!("was written by amc-keywords {earlier}, and amc-keywords {command} would replace it");
        Err(Problem::new(path, what).hint(hint).into())
    }

    /// Refuses values that this program never writes.
    fn check(&self) -> Result<(), String> {
        for (i, output) in self.outputs.iter().enumerate() {
            let name = cut(&output.name);
            if !is_plain_name(&output.name) {
                return Err(format!("expected the plain name of an output, found '{name}'"));
            }
            if self.outputs.iter().take(i).any(|earlier| earlier.name == output.name) {
                return Err(format!("expected each output once, found '{name}' twice"));
            }
            let size = match (output.dtype, &output.shape) {
                (Some(dtype), Some(shape)) => npy_size(dtype, shape),
                (None, None) => Some(output.bytes),
                _ => return Err(format!("expected both shape and dtype of '{name}', or neither")),
            };
            if size != Some(output.bytes) {
                let bytes = output.bytes;
                return Err(format!("the shape of '{name}' does not match its {bytes} bytes"));
            }
        }
        Ok(())
    }
}

const RUN_AGAIN: &str = "run the job again to write a new one";

fn read_small(path: &Path) -> Result<Vec<u8>> {
    if !fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::io(path, "read"))?;
    let read = file.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes);
    if read.map_err(Error::io(path, "read"))? as u64 > SIZE_LIMIT {
        let problem = Problem::new(path, "expected a manifest, found more than 64 MiB");
        return Err(problem.hint(RUN_AGAIN).into());
    }
    Ok(bytes)
}

fn unlike(path: &Path, error: &serde_json::Error) -> Problem {
    let mut what = error.to_string();
    if let Some(place) = what.rfind(" at line ") {
        what.truncate(place);
    }
    let what = format!("expected a manifest that amc-keywords wrote: {}", cut(&what));
    let problem = Problem::new(path, what).hint(RUN_AGAIN);
    match (error.line(), error.column()) {
        (0, _) => problem,
        (line, column) => problem.at(format!("line {line} column {column}")),
    }
}

/// The first 120 characters of a text, for a message.
fn cut(text: &str) -> String {
    const LONGEST: usize = 120;
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{}…", shown_path(Path::new(&short))) } else { short }
}

#[cfg(test)]
mod tests;
