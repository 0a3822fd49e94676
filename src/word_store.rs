//! Keeps the words of the images of a split between reading and writing.
//!
//! Images whose order is known only after reading, or differs from that of their files, have a
//! place each in [`PlacedWords`]. Images of streams in input order are kept in [`OrderedImages`],
//! batch by batch with their names, and take no memory each.

pub(crate) use self::batch::Batch;
pub(crate) use self::gathered::{Document, GatheredWords};
pub(crate) use self::heads::Head;
pub(crate) use self::image_batch::{ImageBatch, NewImage, RecordKey};
pub(crate) use self::image_names::{ImageNames, MOST_NAMES};
pub(crate) use self::ordered::OrderedImages;
pub(crate) use self::placed::PlacedWords;
pub(crate) use self::tally::Tally;
use crate::error::Result;
use std::ops::Range;

mod batch;
mod bytes;
mod gathered;
mod heads;
mod image_batch;
mod image_names;
mod ordered;
mod placed;
mod tally;

/// The word numbers of each image of a split, in the order of the output.
#[derive(Debug)]
pub(crate) enum WordStore {
    Placed(PlacedWords),
    Ordered(OrderedImages),
}

impl WordStore {
    /// The number of images, including skipped ones.
    pub fn images(&self) -> usize {
        match self {
            WordStore::Placed(words) => words.images(),
            WordStore::Ordered(images) => images.len(),
        }
    }

    /// The number of images that were encoded.
    pub fn encoded(&self) -> usize {
        match self {
            WordStore::Placed(words) => words.encoded(),
            WordStore::Ordered(images) => images.encoded(),
        }
    }

    /// The number of words of all documents.
    pub fn words(&self) -> u64 {
        match self {
            WordStore::Placed(words) => words.words(),
            WordStore::Ordered(images) => images.words(),
        }
    }

    /// The counts of all documents.
    pub fn tally(&self) -> Tally {
        match self {
            WordStore::Placed(words) => words.tally,
            WordStore::Ordered(images) => images.tally,
        }
    }

    /// Replaces the content of `gathered` by the range `words` of the words of each image.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn gather(&self, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        match self {
            WordStore::Placed(store) => store.gather(images, words, gathered),
            WordStore::Ordered(store) => store.gather(images, words, gathered),
        }
    }

    /// The name of an image for people, if it is in memory. Otherwise the name is empty.
    pub fn name(&self, place: usize) -> &str {
        match self {
            WordStore::Placed(words) => words.name(place),
            WordStore::Ordered(_) => "",
        }
    }

    /// Calls `take` for each of the images, in order, with its names and the number of its words.
    /// Images without a name are left out.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file cannot be read.
    pub fn each_head(&self, images: Range<usize>, take: impl FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        match self {
            WordStore::Placed(store) => store.each_head(images, take),
            WordStore::Ordered(store) => store.each_head(images, take),
        }
    }
}
