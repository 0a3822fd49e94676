//! Which images, in which order, from which files, under which output names.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use self::fields::RecordFields;
use crate::error::{Error, Problem, Result, shown_path};
use keyword_files::archive::{Archive, Limits};
use keyword_files::names::NameList;
use keyword_files::record_file::RecordFile;
use crate::input_kind::InputKind;
use crate::problems::{OnError, ProblemList};
use crate::progress::Progress;
use count_vectorizer::StringTable;

pub(crate) mod clickture;
pub(crate) mod collection;
pub(crate) mod fields;
mod found;
mod listed;
pub(crate) mod mscoco;
mod samples;

pub(crate) use samples::{FirstKeywords, RecordSamples, Sample, SampleKeyword};

pub(crate) use found::{Found, Gathering, Key};

/// What becomes of an image that is listed twice.
///
/// ```
/// use amc_keywords::{Duplicates, Settings};
///
/// let settings = Settings { duplicates: Duplicates::Allow, ..Settings::default() };
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It is a problem with that image.
    #[default]
    Refuse,
    /// It is encoded twice, as the release's scripts would.
    Allow,
}

/// What is asked of every data set.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub limits: Limits,
    pub duplicates: Duplicates,
    pub on_error: OnError,
    pub jobs: usize,
    /// Hears of each file as soon as it is known that it will be read, before it is opened.
    pub hear: &'a (dyn Fn(&InputFile) + Sync),
    /// Hears whether to stop.
    pub progress: &'a dyn Progress,
}

/// Images in the order of the output and the files that hold their keywords.
pub(crate) struct Split {
    /// As on the command line: `dev`; several that share an output joined by `+`.
    pub name: String,
    /// What is read at any place.
    pub archives: Vec<Archive>,
    pub images: Vec<Image>,
    /// What is read from its beginning to its end, and the images that are found there.
    pub streams: Vec<Stream>,
    pub gathering: Option<Gathering>,
    /// Where the keywords stand in an image's JSON.
    pub fields: RecordFields,
    /// What the images are called, where their keyword files do not tell.
    pub names: Option<NameList>,
    /// Of a few of the images that were found in streams, their places and their keywords.
    pub first_records: Vec<(u32, FirstKeywords)>,
    /// The names that were given numbers, in the order of these.
    pub made_ids: Option<StringTable>,
    /// What is wrong with some of the images, found before any keyword file is read.
    pub problems: ProblemList,
    /// Things that a reader of the summary should know.
    pub notes: Vec<String>,
    /// The files that were read, the archives among them.
    pub inputs: Vec<InputFile>,
}

/// A file of records, and its place among the inputs.
pub(crate) struct Stream {
    pub file: RecordFile,
    pub input: u32,
}

impl Split {
    /// Images whose keyword files lie in one archive and stand in the form of the release.
    pub fn of_archive(name: String, archive: Archive, images: Vec<Image>, problems: ProblemList) -> Split {
        Split {
            name,
            archives: vec![archive],
            images,
            streams: Vec::new(),
            gathering: None,
            fields: RecordFields::default(),
            names: None,
            made_ids: None,
            first_records: Vec::new(),
            problems,
            notes: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// The archive that an image's keyword file lies in.
    pub fn archive_of(&self, image: &Image) -> Option<&Archive> {
        self.archives.get(image.archive as usize)
    }

    /// The file that an image's keywords come from, as far as that is known: else the first one.
    pub fn path_of(&self, place: usize) -> &Path {
        let archive =
            self.images.get(place).filter(|image| image.member != Image::NO_MEMBER).and_then(|image| self.archive_of(image));
        archive.map_or_else(|| self.inputs.first().map_or(Path::new(""), |input| input.path.as_path()), Archive::path)
    }

    /// What the image at a place of the list is called: its keyword file's name without folder and ending, or the name that its
    /// line or row gives it. Empty if it has none.
    pub fn image_name(&self, place: usize) -> Cow<'_, str> {
        if let (Some(names), Ok(place)) = (&self.names, u32::try_from(place)) {
            return names.shown(place);
        }
        let image = self.images.get(place).filter(|image| image.member != Image::NO_MEMBER);
        match image.and_then(|image| Some(self.archive_of(image)?.name(image.member))) {
            Some(Cow::Borrowed(name)) => Cow::Borrowed(stem(name)),
            Some(Cow::Owned(name)) => Cow::Owned(stem(&name).to_owned()),
            None => Cow::Borrowed(""),
        }
    }
}

/// A file's name without folder and without `.json`.
pub(crate) fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.strip_suffix(".json").unwrap_or(file)
}

/// One image of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Image {
    pub id: u64,
    /// Its keyword file in the archive, [`Image::NO_MEMBER`] if it has none there or cannot be encoded.
    pub member: u32,
    /// The archive's place among those of the split.
    pub archive: u32,
}

impl Image {
    /// An image of a split with one archive.
    pub const fn new(id: u64, member: u32) -> Image {
        Image { id, member, archive: 0 }
    }

    pub const NO_MEMBER: u32 = u32::MAX;
    /// The largest id: a double, and so every reader of JSON, still knows it exactly.
    pub const LARGEST_ID: u64 = 1 << 53;
}

/// A file that was read, for the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFile {
    pub kind: InputKind,
    /// Where it is.
    pub path: PathBuf,
    /// Its name in the manifest: relative to the root, with `/`.
    pub name: String,
}

/// The files of a data set, by their names below the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root<'a>(pub &'a Path);

impl Root<'_> {
    /// A path below the root; below `.` it stands without the dot, as a person would write it.
    pub fn join(self, name: &str) -> PathBuf {
        if self.0 == Path::new(".") { PathBuf::from(name) } else { self.0.join(name) }
    }

    fn input(self, kind: InputKind, name: &str) -> InputFile {
        InputFile { kind, path: self.join(name), name: name.to_owned() }
    }

    /// The archive `keyword/STEM.zip`, or else the folder `keyword/STEM`.
    fn find_archive(self, stem: &str) -> Option<InputFile> {
        let zip = self.input(InputKind::Zip, &format!("keyword/{stem}.zip"));
        let folder = self.input(InputKind::Folder, &format!("keyword/{stem}"));
        [zip, folder].into_iter().find(|input| match input.kind {
            InputKind::Folder => input.path.is_dir(),
            _ => input.path.is_file(),
        })
    }

    /// [`find_archive`](Self::find_archive), or what to do about it.
    fn archive(self, stem: &str) -> Result<InputFile> {
        self.find_archive(stem).ok_or_else(|| {
            let zip = self.join(&format!("keyword/{stem}.zip"));
            let folder = self.join(&format!("keyword/{stem}"));
            let what = format!("no such archive, and no folder {} either", shown_path(&folder));
            Problem::new(zip, what).hint("put it there, or name the folder that holds keyword/ with --root").into()
        })
    }
}

fn open_archive(input: &InputFile, rules: Rules<'_>) -> Result<Archive> {
    Ok(match input.kind {
        InputKind::Folder => Archive::open_folder(&input.path, rules.limits, &|| rules.progress.is_cancelled())?,
        _ => Archive::open_zip(&input.path, rules.limits)?,
    })
}

/// The member with the first of these names, below the folder `stem` or at the archive's top.
fn find_member<'n>(archive: &Archive, stem: &str, names: impl IntoIterator<Item = &'n str>) -> Option<u32> {
    let mut below = String::with_capacity(64);
    names.into_iter().find_map(|name| {
        below.clear();
        below.extend([stem, "/", name]);
        archive.find(&below).or_else(|| archive.find(name))
    })
}

/// The places of images whose id stands at an earlier place already, with that place, in order.
fn repeated(images: &[Image]) -> Vec<(u32, u32)> {
    if are_distinct_and_dense(images) {
        return Vec::new();
    }
    let mut by_id: Vec<(u64, u32)> = images.iter().map(|image| image.id).zip(0..).collect();
    by_id.sort_unstable();
    let same_id = by_id.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    let mut repeated: Vec<(u32, u32)> = same_id
        .flat_map(|same| {
            let first = same.first().map_or(0, |&(_, place)| place);
            same.iter().skip(1).map(move |&(_, place)| (place, first))
        })
        .collect();
    repeated.sort_unstable();
    repeated
}

/// The next step where an image cannot be found.
const ADD_OR_SKIP: &str = "add it, or leave such images out with --on-error skip";

/// Whether all ids are small numbers and none repeats: true of every ordinary list, and soon told.
fn are_distinct_and_dense(images: &[Image]) -> bool {
    let mut seen = vec![0_u64; images.len() / 4 + 1];
    images.iter().all(|image| {
        let bit = 1 << (image.id % 64);
        let word = usize::try_from(image.id / 64).ok().and_then(|word| seen.get_mut(word));
        word.is_some_and(|word| std::mem::replace(word, *word | bit) & bit == 0)
    })
}

/// The whole number that a name is, if an image id can be so large.
pub(crate) fn whole_number(name: &str) -> Option<u64> {
    Some(name).filter(|name| is_number(name))?.parse().ok().filter(|&id| id <= Image::LARGEST_ID)
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

/// Stands in for the id of an image that has none.
const UNKNOWN_ID: u64 = u64::MAX;

/// A place in a list must fit into 4 bytes.
fn place(index: usize, file: &Path) -> Result<u32> {
    u32::try_from(index).map_err(|_| Error::Data(Problem::new(file, "more than 4,294,967,295 images")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_called_as_its_keyword_file_without_folder_and_ending() {
        assert_eq!(["a/b/cat.json", "cat.json", "cat.txt", "a.b/c.d"].map(stem), ["cat", "cat", "cat.txt", "c.d"]);
    }

    #[test]
    fn images_listed_again_are_found_with_their_first_place() {
        let images: Vec<Image> = [5, 3, 5, 7, 3, 5].iter().map(|&id| Image::new(id, 0)).collect();
        assert_eq!(repeated(&images), [(2, 0), (4, 1), (5, 0)]);
        let distinct: Vec<Image> = [5, 3, 1 << 50, 7, 0].iter().map(|&id| Image::new(id, 0)).collect();
        assert!(repeated(&distinct).is_empty());
        assert!(are_distinct_and_dense(&distinct[..2]) && !are_distinct_and_dense(&distinct) && !are_distinct_and_dense(&images));
    }
}
