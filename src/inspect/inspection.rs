//! What [`inspect`](super::inspect) finds.

use std::path::PathBuf;

use keyword_files::shell::quoted;
use serde::Serialize;

/// What the start of some inputs shows, and how to encode them.
///
/// It is what `amc-keywords inspect --json` prints. Later versions may add keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The inputs in the order in which they were given.
    pub inputs: Vec<InspectedInput>,
    /// The commands that encode the inputs. Inputs with the same options share a command.
    pub commands: Vec<EncodeCommand>,
}

/// What the start of one input shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedInput {
    /// The path that was given.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// The format: `json`, `jsonl`, `csv`, `tsv`, `parquet`, `tar`, `zip`, `folder`, `coco`, or
    /// `labels` for a table that gives the words of another input's codes.
    pub format: String,
    /// Why the input has this format, as a sentence.
    pub reason: String,
    /// The compression: `gzip` or `zstd`.
    pub compression: Option<String>,
    /// The number of records, rows or members, if it is known without reading all of a large file.
    pub records: Option<u64>,
    /// The number of records that were looked at.
    pub sampled: u64,
    /// The names of the columns of `rows`.
    pub columns: Vec<String>,
    /// The first three records as a table. A long value is cut.
    pub rows: Vec<Vec<String>>,
    /// The fields that could hold keywords or names, those of the command first.
    pub fields: Vec<InspectedField>,
    /// What else the user must know about the input, as sentences.
    pub notes: Vec<String>,
}

/// A field that could hold the keywords or the name of an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedField {
    /// Its path as `--keywords-field` or `--id-field` takes it. The whole record has no path.
    pub path: Option<String>,
    /// What it could hold.
    pub role: FieldRole,
    /// What its values are, such as `list of strings`.
    pub shape: String,
    /// One of its values. A long value is cut.
    pub example: String,
    /// The options of `encode` that select it.
    pub options: Vec<String>,
}

/// What a field could hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldRole {
    /// The keywords of an image.
    Keywords,
    /// The name of an image.
    Name,
}

/// A command that encodes one or more inputs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EncodeCommand {
    /// The command for a POSIX shell.
    pub command: String,
    /// Its words: `amc-keywords`, `encode`, the inputs and the options.
    pub arguments: Vec<String>,
}

impl EncodeCommand {
    pub(crate) fn new(arguments: Vec<String>) -> Self {
        let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        EncodeCommand { command: words.join(" "), arguments }
    }
}

fn as_text<S: serde::Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
