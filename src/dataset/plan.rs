//! What a run should do: which splits it reads, and which files it writes.

use std::borrow::Cow;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::files::{InputFile, Rules};
use super::split::OpenSplit;
use crate::error::Result;
use crate::files::names::MatrixNames;

/// A data set: the images of the release, or a collection of a user's own.
pub(crate) trait DataSet {
    /// What is known of the files before they are opened, other than their paths.
    type Sources;

    /// The subcommand that encodes it.
    fn command(&self) -> &'static str;

    /// Checks the options of the set and returns its name, which is part of the names of the
    /// outputs.
    fn name(&self) -> Result<Cow<'_, str>>;

    /// The output folder.
    fn out(&self) -> PathBuf;

    /// Finds the files without opening them. `learns` says that the vocabulary is learned.
    fn locate(&self, learns: bool) -> Result<Located<Self::Sources>>;

    /// Opens the files and finds the images.
    fn open(&self, sources: Self::Sources, rules: Rules<'_>) -> Result<Plan>;
}

/// The files of a data set. The run begins to hash them while they are opened and read.
pub(crate) struct Located<S> {
    pub files: Vec<InputFile>,
    pub sources: S,
}

/// Everything that distinguishes the run of one data set from another's.
pub(crate) struct Plan {
    /// The name in the vocabulary's file names: `clickture_dev`, `coco`.
    pub vocabulary_name: String,
    /// The name in the file name of the fitted vectorizer: `clickture_dev`, `coco_keyword`.
    pub vectorizer_name: String,
    /// The vocabulary is learned from the first part, unless it is given.
    pub parts: Vec<Part>,
    /// Facts for the summary.
    pub notes: Vec<String>,
    /// Options that the outputs depend on, in addition to the settings.
    pub options: Map<String, Value>,
}

/// A split and its outputs.
pub(crate) struct Part {
    pub split: OpenSplit,
    /// The names of its matrices. `None` if the vocabulary is learned from the split and it is not
    /// encoded.
    pub names: Option<MatrixNames>,
}
