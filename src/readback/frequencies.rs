//! Document and term frequencies of the words of a matrix.

use std::ops::ControlFlow;

use super::pairs::{PairsReader, stop_if_cancelled};
use crate::error::Result;
use crate::progress::Progress;

/// Document and term frequencies of the words of a matrix, by word id.
///
/// Adjacent rows of the same image are one document, as in the run that wrote them. So an image
/// that is listed twice (`--duplicates allow`) counts twice, unless no image with a word is in
/// between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frequencies {
    /// The number of images with each word.
    pub document: Vec<u64>,
    /// The number of occurrences of each word, with repeats.
    pub term: Vec<u64>,
    /// The number of images with a word. A matrix does not contain the others.
    pub images: u64,
    /// The number of rows.
    pub rows: u64,
}

impl Frequencies {
    /// Counts the words of a vocabulary of `words` words in one pass over the rows. This takes 24
    /// bytes per word.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], a word id that is too large, and
    /// [`Error::Interrupted`](crate::Error::Interrupted).
    pub fn count(pairs: PairsReader, words: usize, progress: &dyn Progress) -> Result<Frequencies> {
        let zeros = || vec![0; words];
        let mut frequencies = Frequencies { document: zeros(), term: zeros(), ..Frequencies::default() };
        // The number of the last document, from 1, that contains the word.
        let mut last_document = vec![0; words];
        let mut image = None;
        pairs.with_words(words).each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if image.replace(pair.image) != Some(pair.image) {
                    frequencies.images += 1;
                }
                frequencies.count_row(pair.word as usize, &mut last_document);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(frequencies)
    }

    fn count_row(&mut self, word: usize, last_document: &mut [u64]) {
        self.rows += 1;
        let (term, document) = (self.term.get_mut(word), self.document.get_mut(word));
        if let (Some(term), Some(document), Some(last)) = (term, document, last_document.get_mut(word)) {
            *term += 1;
            if *last != self.images {
                *last = self.images;
                *document += 1;
            }
        }
    }
}
