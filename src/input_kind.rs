//! What an input is: the data set knows it, the manifest records it.

use keyword_files::records::Format;
use keyword_files::source::Source;
use serde::{Deserialize, Serialize};

/// What an input was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// A zip archive of keyword files.
    Zip,
    /// A folder of keyword files.
    Folder,
    /// A tar of keyword files, packed or not.
    Tar,
    /// JSON objects, one a line, packed or not.
    #[serde(rename = "jsonl")]
    Lines,
    /// A JSON list or map, compressed or not.
    Json,
    /// COCO annotations, compressed or not.
    Coco,
    /// A table with delimiters, compressed or not.
    Csv,
    /// A table in Parquet's form.
    Parquet,
    /// A list of images, one a line.
    List,
    /// A pickle that gives names their ids.
    #[serde(rename = "id map")]
    IdMap,
    /// COCO's `dataset.json`.
    Dataset,
    /// A table of codes and their words.
    Labels,
    /// A list of stop words.
    #[serde(rename = "stop words")]
    StopWords,
    /// A vocabulary that was learned earlier.
    Vocabulary,
}

impl From<&Source> for InputKind {
    fn from(source: &Source) -> Self {
        match source {
            Source::Zip => InputKind::Zip,
            Source::Folder => InputKind::Folder,
            Source::Records(file) => match file.format() {
                Format::Tar => InputKind::Tar,
                Format::Lines => InputKind::Lines,
                Format::Json => InputKind::Json,
                Format::Coco => InputKind::Coco,
                Format::Csv | Format::Tsv => InputKind::Csv,
                Format::Parquet => InputKind::Parquet,
            },
        }
    }
}
