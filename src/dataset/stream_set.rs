//! The images of streams without a list. They are known when the streams have been read, and stay in
//! input order unless they are members of a tar.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::gathering::{AFTER_READING, no_image};
use super::image::ADD_IT;
use super::image_ids::{IdOptions, ImageIds, NamedIdMap};
use super::named_images::NamedImages;
use super::samples::{PlacedSample, SampleReservoir};
use super::split_source::SplitSource;
use crate::error::{Problem, Result};
use crate::problems::ProblemList;
use crate::word_store::{Head, ImageNames, OrderedImages, RecordKey, WordStore};

/// What the images of streams in input order should be like.
pub(crate) struct StreamSet {
    pub options: IdOptions,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    pub samples: Mutex<SampleReservoir>,
}

/// The images of streams after reading.
pub(crate) struct SettledStreams {
    pub ids: ImageIds,
    pub words: WordStore,
    pub samples: Vec<PlacedSample>,
}

impl StreamSet {
    /// Puts the images into order and gives them ids.
    ///
    /// # Errors
    ///
    /// There is no image, two images have the same name or number, or the temporary file cannot be
    /// read.
    pub fn settle(self, source: &SplitSource, mut images: OrderedImages, problems: &mut ProblemList) -> Result<SettledStreams> {
        let StreamSet { options, may_be_empty, samples } = self;
        if images.len() == 0 && !may_be_empty {
            return Err(no_image(source).into());
        }
        images.sort();
        let order = images.order_of_members()?;
        let reordered = order.map(|order| Reordered::new(&images, order)).transpose()?;
        let named: &dyn NamedImages = reordered.as_ref().map_or(&images, |reordered| reordered);
        options.map.as_ref().map_or(Ok(()), |map| add_unmapped(map, source, named, problems))?;
        let ids = ImageIds::of(source, named, options)?;
        let mut placed = Vec::new();
        for (key, keywords) in samples.into_inner().unwrap_or_else(PoisonError::into_inner).into_images() {
            let sample = images.find(RecordKey { input: key.input, number: key.number }, |head| {
                let place = reordered.as_ref().map_or(head.place, |reordered| reordered.place_of(head.place));
                let (name, display_name) = (head.name.to_owned(), head.display_name.map(str::to_owned));
                PlacedSample { place, key, id: ids.id(place, &name), name, display_name, keywords }
            })?;
            placed.extend(sample);
        }
        let words = match reordered.map(|Reordered { order, names, .. }| (order, names)) {
            Some((order, names)) => WordStore::Placed(images.arranged(order, names)?),
            None => WordStore::Ordered(images),
        };
        Ok(SettledStreams { ids, words, samples: placed })
    }
}

/// Adds the problems of images that are not in the id map.
fn add_unmapped(map: &NamedIdMap, source: &SplitSource, images: &dyn NamedImages, problems: &mut ProblemList) -> Result<()> {
    images.each_head(0..images.named(), &mut |head| {
        if map.ids.id_of(head.name).is_none() {
            let path = source.path_of_input(images.input_of(head.place));
            let problem = Problem::new(path, map.lacks_name()).in_member(head.name);
            problems.add(AFTER_READING | head.place as u64, problem.hint_or_skip(ADD_IT).of_image(head.name));
        }
        Ok(())
    })
}

/// The images of streams of which some have members that are not in the order of their names. In
/// the new order, each image has a place of the same input.
struct Reordered<'a> {
    images: &'a OrderedImages,
    /// For each image with a name, its place in `images`.
    order: Vec<u32>,
    names: ImageNames,
}

impl<'a> Reordered<'a> {
    fn new(images: &'a OrderedImages, order: Vec<u32>) -> Result<Self> {
        let (mut found, mut names) = (ImageNames::default(), ImageNames::default());
        images.each_head(0..images.named(), |head| found.push(head.name, head.display_name))?;
        order.iter().try_for_each(|&at| names.push(found.name(at), found.display_name(at)))?;
        Ok(Reordered { images, order, names })
    }

    fn place_of(&self, place: usize) -> usize {
        self.order.iter().position(|&at| at as usize == place).unwrap_or(place)
    }
}

impl NamedImages for Reordered<'_> {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn named(&self) -> usize {
        self.images.named()
    }

    fn input_of(&self, place: usize) -> Option<u32> {
        self.images.input_of(place)
    }

    fn number_of(&self, place: usize) -> Result<u64> {
        self.order.get(place).map_or(Ok(0), |&at| NamedImages::number_of(self.images, at as usize))
    }

    fn each_head(&self, images: Range<usize>, take: &mut dyn FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        images.map_while(|place| self.names.head(place)).try_for_each(take)
    }
}
