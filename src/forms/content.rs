//! The content of a matrix: the images of a split, their words, and the ids of the words.

use std::borrow::Cow;
use std::ops::Range;

use super::row_block::BLOCK_ROWS;
use super::row_counts::RowTarget;
use crate::dataset::split::Split;
use crate::error::Result;
use crate::files::names::MatrixNames;
use crate::word_store::{Document, GatheredWords, WordStore};
use count_vectorizer::{StringList, Vocabulary};
use nonmax::NonMaxU32;

/// The meaning of the word numbers in a [`WordStore`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum WordIds<'a> {
    /// The numbers are word ids.
    Final,
    /// The numbers are provisional. These are the word ids of each thread's numbers.
    ByThread(&'a [Vec<Option<NonMaxU32>>]),
}

impl WordIds<'_> {
    /// The ids of those `words` that have one.
    fn kept(self, thread: usize, words: &[u32]) -> impl Iterator<Item = u32> {
        let ids: Option<&[Option<NonMaxU32>]> = match self {
            WordIds::Final => None,
            WordIds::ByThread(threads) => Some(threads.get(thread).map_or(&[], Vec::as_slice)),
        };
        words.iter().filter_map(move |&word| match ids {
            None => Some(word),
            Some(ids) => ids.get(word as usize).copied().flatten().map(u32::from),
        })
    }
}

/// The words of the images of a split, and the names of the files for them.
#[derive(Clone, Copy)]
pub(crate) struct MatrixContent<'a> {
    pub split: &'a Split,
    pub names: &'a MatrixNames,
    pub store: &'a WordStore,
    pub ids: WordIds<'a>,
    /// The number of rows of the pairs.
    pub rows: u64,
    pub words: MatrixWords<'a>,
}

/// The texts of the words of a matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MatrixWords<'a> {
    Vocabulary(&'a Vocabulary),
    /// The matrix is a part of a larger one.
    Part(&'a PartWords),
}

/// The words of a part of a matrix.
#[derive(Debug, Default)]
pub(crate) struct PartWords {
    /// The number of words of all parts.
    pub vocabulary_size: u64,
    /// The terms of the part, by their number in the part.
    pub terms: StringList,
    /// The word id of each term, unless it was dropped.
    pub ids: Vec<Option<NonMaxU32>>,
}

impl PartWords {
    /// The ids and texts of the words of the part.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.ids.iter().zip(self.terms.iter()).filter_map(|(id, text)| Some(((*id)?.get(), text)))
    }
}

impl MatrixWords<'_> {
    /// The number of words of the vocabulary.
    pub fn vocabulary_size(self) -> u64 {
        match self {
            MatrixWords::Vocabulary(vocabulary) => vocabulary.len() as u64,
            MatrixWords::Part(part) => part.vocabulary_size,
        }
    }
}

/// An image that was encoded.
pub(super) struct ImageId<'a> {
    pub place: usize,
    pub id: u64,
    /// Its name in the store of the words.
    pub name: &'a str,
}

/// An image that was encoded, and word ids of it.
pub(super) struct EncodedImage<'a> {
    pub place: usize,
    pub id: u64,
    /// Its name for people in the store of the words.
    pub name: &'a str,
    pub words: &'a mut Vec<u32>,
}

/// The number of images that are fetched before the first of them is processed. Their cache misses then
/// overlap.
const FETCHED_AT_ONCE: usize = 32;

impl MatrixContent<'_> {
    /// Calls `take` with the place and the id of each of the images that were encoded.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file of the store cannot be read.
    pub(super) fn each_id(&self, images: Range<usize>, mut take: impl FnMut(ImageId<'_>) -> Result<()>) -> Result<()> {
        self.store.each_head(images, |head| match head.words {
            Some(_) => take(ImageId { place: head.place, name: head.name, id: self.image_id(head.place, head.name) }),
            None => Ok(()),
        })
    }

    fn image_id(&self, place: usize, name: &str) -> u64 {
        self.split.image_id(place, name).unwrap_or(0)
    }

    /// The name of an image, for people. `name` is what the store calls it, which may be empty.
    pub(super) fn shown_name<'n>(&'n self, place: usize, name: &'n str) -> Cow<'n, str> {
        self.split.shown_name(place, name)
    }

    /// Adds these words of each image to `rows`.
    ///
    /// # Errors
    ///
    /// The temporary file of the store cannot be read.
    pub(super) fn add_rows(
        &self,
        images: Range<usize>,
        words: &Range<usize>,
        buffer: &mut WordBuffer,
        rows: &mut impl RowTarget,
    ) -> Result<()> {
        for start in images.clone().step_by(FETCHED_AT_ONCE) {
            let some = start..images.end.min(start + FETCHED_AT_ONCE);
            self.store.gather(some, words, &mut buffer.gathered)?;
            for Document { place, thread, words, name, .. } in buffer.gathered.documents() {
                rows.add(self.image_id(place, name), self.ids.kept(thread, words));
            }
        }
        Ok(())
    }

    /// Calls `take` with each of the images that were encoded and its first `most` word ids.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file of the store cannot be read.
    pub(super) fn each_image(
        &self,
        images: Range<usize>,
        most: usize,
        buffer: &mut WordBuffer,
        mut take: impl FnMut(EncodedImage<'_>) -> Result<()>,
    ) -> Result<()> {
        let WordBuffer { gathered, words } = buffer;
        for place in images {
            words.clear();
            let mut start = 0;
            // An image may have very many words, so they are read in parts.
            let document = loop {
                self.store.gather(place..place + 1, &(start..start + BLOCK_ROWS), gathered)?;
                let Some(document) = gathered.documents().next() else { break None };
                words.extend(self.ids.kept(document.thread, document.words).take(most - words.len()));
                if document.words.len() < BLOCK_ROWS || words.len() >= most {
                    break Some(document);
                }
                start += BLOCK_ROWS;
            };
            if let Some(Document { name, display_name, .. }) = document {
                let (id, name) = (self.image_id(place, name), display_name.unwrap_or(name));
                take(EncodedImage { place, id, name, words })?;
            }
        }
        Ok(())
    }
}

/// The memory that a thread uses for one image after another.
#[derive(Debug, Default)]
pub(super) struct WordBuffer {
    gathered: GatheredWords,
    words: Vec<u32>,
}
