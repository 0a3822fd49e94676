//! The files of a split, and the list of its images.

use std::path::Path;

use count_vectorizer::StringTable;
use keyword_files::archive::Archive;
use keyword_files::archive::NameList;
use keyword_files::records::RecordFile;

use super::files::InputFile;
use super::image::{Image, KeywordFile};
use super::record_fields::RecordFields;
use super::samples::PlacedSample;

/// Where the keywords of a split are.
pub(crate) struct SplitSource {
    /// The name of the split, as on the command line: `dev`. Splits that share an output are joined
    /// by `+`.
    pub name: String,
    /// Files whose members can be read in any order.
    pub archives: Vec<Archive>,
    /// Files that are read from the beginning to the end.
    pub streams: Vec<Stream>,
    /// Where the keywords are in the JSON of an image.
    pub fields: RecordFields,
    /// All files that are read.
    pub inputs: Vec<InputFile>,
}

/// A file of records, and its number among the inputs.
pub(crate) struct Stream {
    pub file: RecordFile,
    pub input: u32,
}

/// The images of a split in the order of the output.
#[derive(Default)]
pub(crate) struct ImageList {
    pub images: Vec<Image>,
    /// The names of the images, for people. `None` if their keyword files have their names.
    pub names: Option<NameList>,
    /// The names that were numbered 0, 1, 2, …, if names are not ids.
    pub numbered_names: Option<StringTable>,
    /// The sample images. `None` chooses images at evenly spaced places.
    pub samples: Option<Vec<PlacedSample>>,
}

impl SplitSource {
    /// The archive of a keyword file.
    pub fn archive_of(&self, file: KeywordFile) -> Option<&Archive> {
        self.archives.get(file.archive as usize)
    }

    /// The path of the first input.
    pub fn first_path(&self) -> &Path {
        self.inputs.first().map_or(Path::new(""), |input| input.path.as_path())
    }
}
