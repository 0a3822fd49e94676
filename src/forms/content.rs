//! The content of a matrix: the images of a split, their words, and the ids of the words.

use std::ops::Range;

use super::row_block::BLOCK_ROWS;
use super::row_counts::RowTarget;
use crate::dataset::split::Split;
use crate::error::Result;
use crate::files::names::MatrixNames;
use crate::word_store::{GatheredWords, WordStore};
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

/// So many images are fetched before the first of them is processed. Their cache misses then
/// overlap.
const FETCHED_AT_ONCE: usize = 32;

impl MatrixContent<'_> {
    /// The id of the image at a place of the list.
    pub(super) fn image_id(&self, place: usize) -> u64 {
        self.split.image_id(place).unwrap_or(0)
    }

    /// The places of the encoded images. Each is a row of every form with one row per image.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.store.images()).filter(|&place| self.store.has(place))
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
            for (place, document) in buffer.gathered.documents() {
                rows.add(self.image_id(place), self.ids.kept(document.thread, document.words));
            }
        }
        Ok(())
    }

    /// The first `most` word ids of an image, or `None` if it was skipped.
    ///
    /// # Errors
    ///
    /// The temporary file of the store cannot be read.
    pub(super) fn words_of<'b>(&self, place: usize, most: usize, buffer: &'b mut WordBuffer) -> Result<Option<&'b mut Vec<u32>>> {
        if !self.store.has(place) {
            return Ok(None);
        }
        let WordBuffer { gathered, words } = buffer;
        words.clear();
        for start in (0..self.store.len_of(place)).step_by(BLOCK_ROWS) {
            let left = most - words.len();
            if left == 0 {
                break;
            }
            let part: Range<usize> = start..start + BLOCK_ROWS;
            self.store.gather(place..place + 1, &part, gathered)?;
            for (_, document) in gathered.documents() {
                words.extend(self.ids.kept(document.thread, document.words).take(left));
            }
        }
        Ok(Some(words))
    }
}

/// The memory that a thread uses for one image after another.
#[derive(Debug, Default)]
pub(super) struct WordBuffer {
    gathered: GatheredWords,
    words: Vec<u32>,
}
