//! What a run read, with which options, and what it wrote: `manifest_SET.json` beside the outputs.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Problem, Result, shown_path};
use crate::input_kind::InputKind;
use crate::output::is_plain_name;
use crate::output::npy::{Dtype, npy_size};

/// The only form of manifest so far.
const FORMAT: u64 = 1;

/// An input takes some hundred bytes, and no ordinary command line names a hundred thousand of them.
pub(crate) const SIZE_LIMIT: u64 = 16 << 20;

/// The record of one run. The same inputs and options give the same bytes: it holds no time, absolute path or thread count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this record: 1.
    pub format: u64,
    /// What wrote it.
    pub tool: Tool,
    /// The options that the outputs depend on, by name.
    pub options: Map<String, Value>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What was written, the manifest left out.
    pub outputs: Vec<Output>,
    /// What was counted.
    pub counts: Counts,
}

/// The program that made a set of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `amc-keywords`.
    pub name: String,
    /// Its version, such as `0.1.0`.
    pub version: String,
}

impl Tool {
    /// This very program.
    pub fn this() -> Tool {
        Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// One file or folder that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Relative to the root, with `/`; of a file outside the root, its name alone.
    pub path: String,
    /// What it was read as.
    pub kind: InputKind,
    /// Its size; of a folder, the size of its keyword files together.
    pub bytes: u64,
    /// How many files of a folder were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
    /// The SHA-256 of the file; of a folder, that of the sorted output of `sha256sum` over its keyword files.
    pub sha256: String,
}

/// One file that was written.
///
/// ```
/// use amc_keywords::{Dtype, Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-output-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let outputs = mscoco.run(&Settings::default(), &Silent)?.outputs;
/// assert_eq!(outputs[0].name, "img_keyword_ind_coco_sk_6.npy");
/// assert_eq!((outputs[0].dtype, outputs[0].shape.as_deref()), (Some(Dtype::Int64), Some(&[1470, 2][..])));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its name in the folder of the manifest.
    pub name: String,
    /// The array's axes, if the file is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// The array's elements, if the file is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtype: Option<Dtype>,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 as 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What a run counted.
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
    /// How many different words have an id.
    pub vocabulary_size: u64,
    /// Each split by itself, in the order in which they were encoded.
    pub splits: Vec<SplitCounts>,
}

/// What a run counted in one split.
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
    /// Its name, such as `dev`.
    pub split: String,
    /// Images that were encoded.
    pub images: u64,
    /// Those of them that have no word of the vocabulary.
    pub images_without_a_word: u64,
    /// Images that were left out because something was wrong with them.
    pub skipped: u64,
    /// Keywords of the images that were encoded, repeats counted.
    pub keywords: u64,
    /// Words of those keywords that the vocabulary has, repeats counted.
    pub words_kept: u64,
    /// Words of those keywords that it has not, stop words left out, repeats counted.
    pub words_dropped: u64,
    /// Rows of the split's pairs.
    pub rows: u64,
}

impl Manifest {
    /// The record of a run of this program.
    pub fn new(options: Map<String, Value>, inputs: Vec<Input>, outputs: Vec<Output>, counts: Counts) -> Manifest {
        Manifest { format: FORMAT, tool: Tool::this(), options, inputs, outputs, counts }
    }

    /// The bytes of the file: indented JSON and a newline.
    pub fn to_json(&self) -> Vec<u8> {
        // Nothing in it can fail: no map with keys other than strings, no writer.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest, trusting none of it.
    ///
    /// # Errors
    ///
    /// It cannot be read, is not a manifest, is of a form that this version does not know, or names files elsewhere.
    pub fn read(path: &Path) -> Result<Manifest> {
        let bytes = read_small(path)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| unlike(path, &error))?;
        if let Some(format) = value.get("format").filter(|format| format.as_u64() != Some(FORMAT)) {
            let problem =
                Problem::new(path, format!("expected a manifest of format {FORMAT}, found {}", cut(&format.to_string())));
            return Err(problem.hint("use the version of amc-keywords that wrote it, or run the job again").into());
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| unlike(path, &error))?;
        manifest.check().map_err(|what| Problem::new(path, what).hint(RUN_AGAIN))?;
        Ok(manifest)
    }

    /// What no manifest that was written here would say.
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
                return Err(format!("the shape of '{name}' does not go with its {} bytes", output.bytes));
            }
        }
        Ok(())
    }
}

/// The name of a set's manifest.
pub(crate) fn manifest_name(set: &str) -> String {
    format!("manifest_{set}.json")
}

/// The set whose manifest has that name.
pub(crate) fn set_of(manifest: &str) -> Option<&str> {
    manifest.strip_prefix("manifest_")?.strip_suffix(".json")
}

const RUN_AGAIN: &str = "run the job again to write a new one";

fn read_small(path: &Path) -> Result<Vec<u8>> {
    if !fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SIZE_LIMIT.saturating_add(1)).read_to_end(&mut bytes));
    if read.map_err(Error::io(path, "read"))? as u64 > SIZE_LIMIT {
        return Err(Problem::new(path, "expected a manifest, found more than 16 MiB").hint(RUN_AGAIN).into());
    }
    Ok(bytes)
}

fn unlike(path: &Path, error: &serde_json::Error) -> Problem {
    let mut what = error.to_string();
    if let Some(place) = what.rfind(" at line ") {
        what.truncate(place);
    }
    let problem = Problem::new(path, format!("expected a manifest that amc-keywords wrote: {}", cut(&what)));
    let problem =
        if error.line() == 0 { problem } else { problem.at(format!("line {} column {}", error.line(), error.column())) };
    problem.hint(RUN_AGAIN)
}

/// Enough of a text that anyone may have made endless.
fn cut(text: &str) -> String {
    const ENOUGH: usize = 120;
    let short: String = text.chars().take(ENOUGH).collect();
    if short.len() < text.len() { format!("{}…", shown_path(Path::new(&short))) } else { short }
}

#[cfg(test)]
mod tests;
