//! What an input is: the data set knows it, the manifest records it.

use keyword_files::records::Format;
use keyword_files::source::Source;
use serde::{Deserialize, Serialize};

/// What an input was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// A zip archive of keyword files.
    #[serde(rename = "zip")]
    Zip,
    /// A folder of keyword files.
    #[serde(rename = "folder")]
    Folder,
    /// A tar of keyword files, packed or not.
    #[serde(rename = "tar")]
    Tar,
    /// JSON objects, one a line, packed or not.
    #[serde(rename = "jsonl")]
    Lines,
    /// A JSON list or map, compressed or not.
    #[serde(rename = "json")]
    Json,
    /// COCO annotations, compressed or not.
    #[serde(rename = "coco")]
    Coco,
    /// A table with delimiters, compressed or not.
    #[serde(rename = "csv")]
    Csv,
    /// A table in Parquet's form.
    #[serde(rename = "parquet")]
    Parquet,
    /// A list of images, one a line.
    #[serde(rename = "list")]
    List,
    /// A pickle that gives names their ids.
    #[serde(rename = "id map")]
    IdMap,
    /// COCO's `dataset.json`.
    #[serde(rename = "dataset")]
    Dataset,
    /// A table of codes and their words.
    #[serde(rename = "labels")]
    Labels,
    /// A list of stop words.
    #[serde(rename = "stop words")]
    StopWords,
    /// A vocabulary learnt earlier.
    #[serde(rename = "vocabulary")]
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
