//! What there is to write: the encoded images of a split, and what their numbers mean.

use super::pieces::BLOCK_ROWS;
use crate::dataset::Split;
use crate::error::Result;
use crate::pipeline::documents::{EncodedDocuments, Gathered};
use count_vectorizer::{Learnt, Vocabulary};

/// What the word numbers of the documents mean.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ids<'a> {
    /// They are word ids.
    Known,
    /// They are provisional: these are the word ids for each thread's numbers.
    Learnt(&'a [Vec<u32>]),
}

impl Ids<'_> {
    /// Hands the words on that have an id.
    pub(super) fn kept(self, thread: usize, words: &[u32]) -> impl Iterator<Item = u32> {
        let ids: Option<&[u32]> = match self {
            Ids::Known => None,
            Ids::Learnt(threads) => Some(threads.get(thread).map_or(&[], Vec::as_slice)),
        };
        words.iter().filter_map(move |&word| match ids {
            None => Some(word),
            Some(ids) => ids.get(word as usize).copied().filter(|&id| id != Learnt::DROPPED),
        })
    }
}

/// The encoded images of a split.
#[derive(Clone, Copy)]
pub(crate) struct Encoded<'a> {
    pub split: &'a Split,
    pub documents: &'a EncodedDocuments,
    pub ids: Ids<'a>,
    /// How many rows there will be.
    pub rows: u64,
    pub vocabulary: &'a Vocabulary,
}

impl Encoded<'_> {
    /// The id of the image at a place of the list.
    pub(super) fn image_id(&self, place: usize) -> u64 {
        self.split.images.get(place).map_or(0, |image| image.id)
    }

    /// The places of the images that were encoded, which are the rows of every form that has one row an image.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        (0..self.documents.images()).filter(|&place| self.documents.has(place))
    }

    /// The first `most` word ids of an image, or none if it was left out.
    pub(super) fn words_of<'d>(&self, place: usize, most: usize, desk: &'d mut Desk) -> Result<Option<&'d mut Vec<u32>>> {
        if !self.documents.has(place) {
            return Ok(None);
        }
        let Desk { gathered, words } = desk;
        words.clear();
        for cut in (0..self.documents.len_of(place)).step_by(BLOCK_ROWS) {
            let left = most - words.len();
            if left == 0 {
                break;
            }
            self.documents.gather(place..place + 1, &(cut..cut + BLOCK_ROWS), gathered)?;
            for (_, document) in gathered.documents() {
                words.extend(self.ids.kept(document.thread, document.words).take(left));
            }
        }
        Ok(Some(words))
    }
}

/// What a thread needs to look at one image after another.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub gathered: Gathered,
    words: Vec<u32>,
}
