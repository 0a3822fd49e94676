//! A split before and after its keywords are read.

use std::borrow::Cow;
use std::path::Path;

use keyword_files::archive::Archive;

use super::fields::RecordFields;
use super::files::{InputFile, Rules};
use super::gathering::Gathering;
use super::image::{Image, stem};
use super::samples::{FirstKeywords, PlacedSample, Sample, sample_places};
use super::split_source::{ImageList, SplitSource};
use crate::problems::ProblemList;

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
    /// They are known.
    Known(ImageList),
    /// They are found while streams are read.
    ToFind(Box<Gathering>),
}

/// A split whose keywords have been read.
pub(crate) struct Split {
    pub source: SplitSource,
    pub list: ImageList,
    /// The problems of single images.
    pub problems: ProblemList,
}

impl OpenSplit {
    /// A split of known images whose keyword files are in one archive and have the format of the
    /// release.
    pub fn of_archive(name: String, archive: Archive, images: Vec<Image>, inputs: Vec<InputFile>, rules: Rules<'_>) -> Self {
        OpenSplit {
            source: SplitSource { name, archives: vec![archive], streams: Vec::new(), fields: RecordFields::default(), inputs },
            wanted: Wanted::Known(ImageList { images, ..ImageList::default() }),
            problems: ProblemList::new(rules.on_error),
            notes: Vec::new(),
        }
    }

    /// The images whose keyword files are in archives. A place in this list is also their place
    /// while keywords are read.
    pub fn archive_images(&self) -> &[Image] {
        match &self.wanted {
            Wanted::Known(list) => &list.images,
            Wanted::ToFind(gathering) => &gathering.archive_images,
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
        self.list.images.len()
    }

    /// The id of the image at a place of the list.
    pub fn image_id(&self, place: usize) -> Option<u64> {
        self.list.images.get(place)?.id()
    }

    /// The file that an image's keywords come from if it is known, otherwise the first input.
    pub fn path_of(&self, place: usize) -> &Path {
        let file = self.list.images.get(place).and_then(Image::file);
        let archive = file.and_then(|file| self.source.archive_of(file));
        archive.map_or_else(|| self.source.first_path(), Archive::path)
    }

    /// The name of an image: that of its line or row, otherwise that of its keyword file without
    /// folder and ending. It is empty if the image has none.
    pub fn image_name(&self, place: usize) -> Cow<'_, str> {
        if let (Some(names), Ok(place)) = (&self.list.names, u32::try_from(place)) {
            return names.shown(place);
        }
        let file = self.list.images.get(place).and_then(Image::file);
        match file.and_then(|file| Some(self.source.archive_of(file)?.name(file.member))) {
            Some(Cow::Borrowed(name)) => Cow::Borrowed(stem(name)),
            Some(Cow::Owned(name)) => Cow::Owned(stem(&name).to_owned()),
            None => Cow::Borrowed(""),
        }
    }

    /// Returns a few images from all parts of the split with their keywords, in the order of the
    /// list. Images that cannot be read are left out.
    pub fn samples(&self) -> Vec<Sample> {
        let Some(chosen) = &self.list.samples else {
            return sample_places(self.len()).filter_map(|place| self.sample(place, self.read_keywords(place)?)).collect();
        };
        let read = |sample: &PlacedSample| Some((sample.place, self.keywords_of(sample)?));
        let mut samples: Vec<(usize, FirstKeywords)> = chosen.iter().filter_map(read).collect();
        samples.sort_by_key(|(place, _)| *place);
        samples.into_iter().filter_map(|(place, keywords)| self.sample(place, keywords)).collect()
    }

    /// Returns the chosen images with their keys. An image that cannot be read is `None`.
    pub fn keyed_samples(&self) -> Vec<(PlacedSample, Option<Sample>)> {
        let chosen = self.list.samples.iter().flatten();
        chosen
            .map(|chosen| (chosen.clone(), self.keywords_of(chosen).and_then(|first| self.sample(chosen.place, first))))
            .collect()
    }

    fn keywords_of(&self, sample: &PlacedSample) -> Option<FirstKeywords> {
        sample.keywords.clone().or_else(|| self.read_keywords(sample.place))
    }

    /// Reads the keywords of an image in an archive again.
    fn read_keywords(&self, place: usize) -> Option<FirstKeywords> {
        let file = self.list.images.get(place).and_then(Image::file)?;
        let mut first = None;
        self.source.archive_of(file)?.reader(false).read_each(&[file.member], &mut |_, bytes| {
            first = bytes.ok().and_then(|bytes| FirstKeywords::read(bytes, &self.source.fields.keywords));
        });
        first
    }

    fn sample(&self, place: usize, FirstKeywords { keywords, further }: FirstKeywords) -> Option<Sample> {
        Some(Sample { id: self.image_id(place)?, name: self.image_name(place).into_owned(), keywords, further })
    }
}
