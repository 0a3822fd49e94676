//! The list of the parts of a set: `parts_SET.jsonl`, one JSON object per line.

use std::path::Path;

use keyword_files::plain_file::read_bounded;
use serde::{Deserialize, Serialize};

use super::manifest::{Input, Parts};
use super::names::{is_plain_name, number_of_part};
use super::output_line::Output;
use crate::error::{Problem, Result};

/// The largest list in MiB. A part takes some hundred bytes for each of its files.
const MOST_MIB: u64 = 4096;

/// A part of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedPart {
    pub part: u64,
    /// The folder of its files, relative to the folder of the set.
    pub folder: String,
    /// The number of encoded images, and of those in the parts before.
    pub images: u64,
    pub first_line: u64,
    /// The number of rows of pairs, and of those in the parts before.
    pub rows: u64,
    pub first_row: u64,
    /// The files that were read.
    pub inputs: Vec<Input>,
    /// The files of the part.
    pub outputs: Vec<Output>,
}

impl ListedPart {
    /// The line of the part.
    pub fn line(&self) -> Vec<u8> {
        // This cannot fail: all keys are strings, and the memory takes all bytes.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// A file of the part, with its path relative to the folder of the set.
    pub fn path_of(&self, output: &Output) -> String {
        format!("{}/{}", self.folder, output.name)
    }

    /// Whether a run can have written the line. The names stay inside the folder of the set.
    fn is_sound(&self, parts: &Parts) -> bool {
        let is_folder = self
            .folder
            .split_once('/')
            .is_some_and(|(folder, part)| folder == parts.folder && number_of_part(part) == Some(self.part));
        is_folder && self.outputs.iter().all(|output| is_plain_name(&output.name))
    }
}

/// Reads the list of the parts of a set in `folder` without trusting it.
///
/// # Errors
///
/// The file cannot be read or is not such a list.
pub(crate) fn read_parts(folder: &Path, parts: &Parts) -> Result<Vec<ListedPart>> {
    let path = folder.join(&parts.list);
    let unlike = |line: u64, what: String| {
        let problem = Problem::new(&path, format!("expected a list of parts that amc-keywords wrote: {what}"));
        problem.at(format!("line {line}")).hint("run amc-keywords shards finish again")
    };
    let bytes = read_bounded(&path, "a list of parts", MOST_MIB)?;
    let mut list: Vec<ListedPart> = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())) {
        let part: ListedPart = serde_json::from_slice(text).map_err(|error| unlike(line, error.to_string()))?;
        if !part.is_sound(parts) {
            return Err(unlike(line, format!("a file of '{}' has another place", part.folder)).into());
        }
        list.push(part);
    }
    if list.len() as u64 != parts.count {
        return Err(unlike(list.len() as u64, format!("{} parts, expected {}", list.len(), parts.count)).into());
    }
    Ok(list)
}
