//! The files of a split, and the list of its images.

use std::path::Path;

use keyword_files::archive::sections::MemberSections;
use keyword_files::archive::{Archive, NameList};
use keyword_files::records::RecordFile;

use super::files::InputFile;
use super::image::{Image, KeywordFile};
use super::record_fields::RecordFields;

/// Where the keywords of a split are.
pub(crate) struct SplitSource {
    /// The name of the split, as on the command line: `dev`. Splits that share an output are joined
    /// by `+`.
    pub name: String,
    /// The archives of known images.
    pub archives: Vec<Archive>,
    /// Zips and folders of which each member is an image.
    pub members: Vec<MemberInput>,
    /// Files of records.
    pub streams: Vec<Stream>,
    /// Where the keywords are in the JSON of an image.
    pub fields: RecordFields,
    /// All files that are read.
    pub inputs: Vec<InputFile>,
}

/// The members of a zip or a folder, and its number among the inputs.
pub(crate) struct MemberInput {
    pub sections: MemberSections,
    pub input: u32,
}

/// A file of records, and its number among the inputs.
pub(crate) struct Stream {
    pub file: RecordFile,
    pub input: u32,
}

/// The images of a split that have ids of their own, in the order of the output.
#[derive(Default)]
pub(crate) struct ImageList {
    pub images: Vec<Image>,
    /// The names of the images, for people. `None` if their keyword files have their names.
    pub names: Option<NameList>,
}

impl SplitSource {
    /// The archive of a keyword file.
    pub fn archive_of(&self, file: KeywordFile) -> Option<&Archive> {
        self.archives.get(file.archive as usize)
    }

    /// The stream with this number among the inputs.
    pub fn stream_of_input(&self, input: u32) -> Option<&Stream> {
        self.streams.get(self.streams.binary_search_by_key(&input, |stream| stream.input).ok()?)
    }

    /// The path of an input, or of the first if it is not known.
    pub fn path_of_input(&self, input: Option<u32>) -> &Path {
        let input = input.and_then(|input| self.inputs.get(input as usize));
        input.map_or_else(|| self.first_path(), |input| input.path.as_path())
    }

    /// Whether an input has members with a file name each.
    pub fn has_members(&self) -> bool {
        !self.members.is_empty() || self.streams.iter().any(|stream| stream.file.has_members())
    }

    /// Whether an input has lines, rows or JSON values, which have no file names.
    pub fn has_rows(&self) -> bool {
        self.streams.iter().any(|stream| !stream.file.has_members())
    }

    /// The path of the first input.
    pub fn first_path(&self) -> &Path {
        self.inputs.first().map_or(Path::new(""), |input| input.path.as_path())
    }
}
