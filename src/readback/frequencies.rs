//! In how many images each word stands, and how often.

use std::ops::ControlFlow;

use super::pairs::PairsReader;
use super::walks::stop_if_cancelled;
use crate::error::Result;
use crate::progress::Progress;

/// Document and term frequencies of the words of a matrix, by word id.
///
/// Rows of the same image that stand together are one document, as in the run that wrote them. So an image that is listed twice
/// (`--duplicates allow`) counts twice, unless no other image with a word stands between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frequencies {
    /// In how many images each word stands.
    pub document: Vec<u64>,
    /// How often each word stands, repeats counted.
    pub term: Vec<u64>,
    /// How many images have a word. Those without one leave no trace in a matrix.
    pub images: u64,
    /// How many rows there are.
    pub rows: u64,
}

impl Frequencies {
    /// Counts in one walk over the rows of a vocabulary of `words` words. It takes 24 bytes a word.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], a word id that is too large, and [`Error::Interrupted`](crate::Error::Interrupted).
    pub fn count(pairs: PairsReader, words: usize, progress: &dyn Progress) -> Result<Frequencies> {
        let mut counted = Frequencies { document: vec![0; words], term: vec![0; words], ..Frequencies::default() };
        // The number of the last document, from 1, that had the word.
        let mut last_document = vec![0; words];
        let mut image = None;
        pairs.with_words(words).each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if image.replace(pair.image) != Some(pair.image) {
                    counted.images += 1;
                }
                counted.count_row(pair.word as usize, &mut last_document);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(counted)
    }

    fn count_row(&mut self, word: usize, last_document: &mut [u64]) {
        self.rows += 1;
        if let (Some(term), Some(document), Some(last)) =
            (self.term.get_mut(word), self.document.get_mut(word), last_document.get_mut(word))
        {
            *term += 1;
            if *last != self.images {
                *last = self.images;
                *document += 1;
            }
        }
    }
}
