//! Keeps the words of the images of a split between reading and writing.
//!
//! Images that are known before they are read have a place each in [`PlacedWords`]. Other images are
//! kept in [`OrderedImages`], batch by batch with their names, and take no memory each. If they are
//! to have another order, [`ArrangedImages`] knows where each is.

pub(crate) use self::arranged::{ArrangedImages, ListedImage, ListedNames};
pub(crate) use self::batch::Batch;
pub(crate) use self::gathered::{Document, GatheredWords};
pub(crate) use self::heads::{Head, RecordKey, StoredImage};
pub(crate) use self::image_batch::ImageBatch;
pub(crate) use self::ordered::OrderedImages;
pub(crate) use self::placed::PlacedWords;
pub(crate) use self::tally::Tally;
use crate::error::Result;
use std::ops::Range;

mod arranged;
mod batch;
mod bytes;
mod gathered;
mod head_row;
mod heads;
mod image_batch;
mod ordered;
mod page;
mod pages;
mod placed;
mod tally;

/// The word numbers of each image of a split, in the order of the output.
#[derive(Debug)]
pub(crate) enum WordStore {
    Placed(PlacedWords),
    Ordered(OrderedImages),
    Arranged(ArrangedImages),
}

impl WordStore {
    /// The number of images, including skipped ones.
    pub fn images(&self) -> usize {
        match self {
            WordStore::Placed(words) => words.images(),
            WordStore::Ordered(images) => images.len(),
            WordStore::Arranged(images) => images.len(),
        }
    }

    /// The number of images with a name here. They come before the others.
    pub fn named(&self) -> usize {
        match self {
            WordStore::Placed(_) => 0,
            WordStore::Ordered(images) => images.named(),
            WordStore::Arranged(images) => images.named(),
        }
    }

    /// Whether images have a second name, and none is a member.
    pub fn has_display_names(&self) -> bool {
        self.read().is_some_and(OrderedImages::has_display_names)
    }

    /// The number of images that were encoded.
    pub fn encoded(&self) -> usize {
        match self {
            WordStore::Placed(words) => words.encoded(),
            _ => self.read().map_or(0, OrderedImages::encoded),
        }
    }

    /// The number of words of all documents.
    pub fn words(&self) -> u64 {
        match self {
            WordStore::Placed(words) => words.words(),
            _ => self.read().map_or(0, OrderedImages::words),
        }
    }

    /// The counts of all documents.
    pub fn tally(&self) -> Tally {
        match self {
            WordStore::Placed(words) => words.tally,
            _ => self.read().map(|images| images.tally).unwrap_or_default(),
        }
    }

    /// The images as they were read, if their places were not known before.
    fn read(&self) -> Option<&OrderedImages> {
        match self {
            WordStore::Placed(_) => None,
            WordStore::Ordered(images) => Some(images),
            WordStore::Arranged(images) => Some(images.read()),
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
            WordStore::Arranged(store) => store.gather(images, words, gathered),
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
            WordStore::Arranged(store) => store.each_head(images, take),
        }
    }
}
