//! A split before and after its keywords are read.

use std::borrow::Cow;
use std::path::Path;

use keyword_files::archive::Archive;

use super::files::{InputFile, Rules};
use super::image::{Image, KeywordFile, stem};
use super::image_ids::ImageIds;
use super::image_set::ImageSet;
use super::record_fields::RecordFields;
use super::samples::{FirstKeywords, ImageSample, PlacedSample, sample_places};
use super::split_source::{ImageList, SplitSource};
use crate::problems::ProblemList;
use crate::word_store::ListedNames;

/// The opened files of a split. No keyword has been read.
pub(crate) struct OpenSplit {
    pub source: SplitSource,
    pub wanted: Wanted,
    /// Problems of single images that were found while the split was opened.
    pub problems: ProblemList,
    /// Facts for the summary.
    pub notes: Vec<String>,
}

/// The images that a split should have.
pub(crate) enum Wanted {
    /// They are known, and so are their ids.
    Known(ImageList),
    /// They are found while the inputs are read, and put into order after that.
    ToFind(Box<ImageSet>),
}

/// The images of a split that was read.
pub(crate) enum SplitImages {
    Listed(ImageList),
    /// Images whose names are in the store of the words.
    Named(ImageIds),
}

/// A split whose keywords have been read.
pub(crate) struct Split {
    pub source: SplitSource,
    pub images: SplitImages,
    /// The sample images. `None` chooses images at evenly spaced places.
    pub samples: Option<Vec<PlacedSample>>,
    /// The problems of single images.
    pub problems: ProblemList,
}

impl OpenSplit {
    /// A split of known images whose keyword files are in one archive and have the format of the
    /// release.
    pub fn of_archive(name: String, archive: Archive, images: Vec<Image>, inputs: Vec<InputFile>, rules: Rules<'_>) -> Self {
        OpenSplit {
            source: SplitSource {
                name,
                archives: vec![archive],
                members: Vec::new(),
                streams: Vec::new(),
                fields: RecordFields::default(),
                inputs,
            },
            wanted: Wanted::Known(ImageList { images, ..ImageList::default() }),
            problems: ProblemList::new(rules.on_error),
            notes: Vec::new(),
        }
    }

    /// The number of images that are known before the inputs are read, without the selection of a
    /// user's list.
    pub fn known_images(&self) -> u64 {
        let members = self.source.members.iter().map(|input| input.sections.count());
        self.wanted.known() as u64 + members.sum::<u64>()
    }

    /// About how many of the known images are encoded, and the size of their keyword files, as far as
    /// archives record it.
    pub fn likely_images(&self) -> LikelyImages {
        let Wanted::ToFind(set) = &self.wanted else {
            let known = (0..).take(self.wanted.known()).filter_map(|place| self.wanted.file(place));
            let size = |file: KeywordFile| self.source.archive_of(file).map_or(0, |archive| archive.claimed_size(file.member()));
            return LikelyImages { count: self.wanted.known() as u64, json_bytes: known.map(size).sum() };
        };
        let all = self.known_images();
        let count = set.list.as_ref().map_or(all, |list| all.min(list.len().into()));
        let bytes: u64 = self.source.members.iter().map(|input| input.sections.claimed_size()).sum();
        let listed = u128::from(bytes) * u128::from(count) / u128::from(all.max(1));
        LikelyImages { count, json_bytes: listed as u64 }
    }
}

/// How much will be encoded.
pub(crate) struct LikelyImages {
    pub count: u64,
    pub json_bytes: u64,
}

impl Wanted {
    /// The number of images that are known.
    pub fn known(&self) -> usize {
        match self {
            Wanted::Known(list) => list.images.len(),
            Wanted::ToFind(_) => 0,
        }
    }

    /// The keyword file of a known image. Its place is also that of its words.
    pub fn file(&self, place: u32) -> Option<KeywordFile> {
        match self {
            Wanted::Known(list) => list.images.get(place as usize)?.file(),
            Wanted::ToFind(_) => None,
        }
    }
}

impl Split {
    /// The name of the split, as on the command line.
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        match &self.images {
            SplitImages::Listed(list) => list.images.len(),
            SplitImages::Named(ids) => ids.len(),
        }
    }

    /// The id of the image at a place. `name` is what the store of the words calls it.
    pub fn image_id(&self, place: usize, name: &str) -> Option<u64> {
        match &self.images {
            SplitImages::Listed(list) => list.images.get(place)?.id(),
            SplitImages::Named(ids) => ids.id(place, name),
        }
    }

    fn file_of(&self, place: usize) -> Option<KeywordFile> {
        match &self.images {
            SplitImages::Listed(list) => list.images.get(place)?.file(),
            SplitImages::Named(_) => None,
        }
    }

    /// The file that an image's keywords come from if it is known, otherwise the first input.
    pub fn path_of(&self, place: usize) -> &Path {
        let archive = self.file_of(place).and_then(|file| self.source.archive_of(file));
        archive.map_or_else(|| self.source.first_path(), Archive::path)
    }

    /// The name of an image, for people. `name` is what the store of the words calls it, and may be
    /// empty. Then it is the name of its keyword file without folder and ending.
    pub fn shown_name<'n>(&'n self, place: usize, name: &'n str) -> Cow<'n, str> {
        if let (SplitImages::Listed(ImageList { names: Some(names), .. }), Ok(place)) = (&self.images, u32::try_from(place)) {
            return names.shown(place);
        }
        if let SplitImages::Named(_) = self.images {
            return Cow::Borrowed(name);
        }
        match self.file_of(place).and_then(|file| Some(self.source.archive_of(file)?.name(file.member()))) {
            Some(Cow::Borrowed(name)) => Cow::Borrowed(stem(name)),
            Some(Cow::Owned(name)) => Cow::Owned(stem(&name).to_owned()),
            None => Cow::Borrowed(""),
        }
    }

    /// Returns a few images from all parts of the split with their keywords, in the order of the
    /// list. Images that cannot be read are left out.
    pub fn samples(&self) -> Vec<ImageSample> {
        let Some(chosen) = &self.samples else {
            return sample_places(self.len()).filter_map(|place| self.sample(place)).collect();
        };
        let mut samples: Vec<(usize, ImageSample)> =
            chosen.iter().filter_map(|chosen| Some((chosen.place, self.chosen_sample(chosen)?))).collect();
        samples.sort_by_key(|(place, _)| *place);
        samples.into_iter().map(|(_, sample)| sample).collect()
    }

    /// Returns the chosen images. An image that cannot be read has no keywords.
    pub fn keyed_samples(&self) -> Vec<(&PlacedSample, Option<ImageSample>)> {
        self.samples.iter().flatten().map(|chosen| (chosen, self.chosen_sample(chosen))).collect()
    }

    fn chosen_sample(&self, chosen: &PlacedSample) -> Option<ImageSample> {
        let name = chosen.display_name.as_ref().unwrap_or(&chosen.name);
        Some(ImageSample::new(chosen.id?, name.clone(), chosen.keywords.clone()))
    }

    fn sample(&self, place: usize) -> Option<ImageSample> {
        let keywords = self.read_keywords(place)?;
        Some(ImageSample::new(self.image_id(place, "")?, self.shown_name(place, "").into_owned(), keywords))
    }

    /// Reads the keywords of an image in an archive again.
    fn read_keywords(&self, place: usize) -> Option<FirstKeywords> {
        let file = self.file_of(place)?;
        let mut first = None;
        self.source.archive_of(file)?.reader(false).read_each(&[file.member()], &mut |_, bytes| {
            first = bytes.ok().and_then(|bytes| FirstKeywords::read(bytes, &self.source.fields.keywords));
        });
        first
    }
}
