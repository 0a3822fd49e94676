//! Numbers for terms while documents are read.

use crate::vocabulary::Vocabulary;

/// A source of numbers for terms.
///
/// An [`Encoder`](crate::Encoder) asks it for the number of each term that its cache does not know,
/// and reports each complete document. There are two sources in this crate:
///
/// - `&Vocabulary` gives the ids of a known vocabulary, and no number to other terms.
/// - [`TermCounts`](crate::TermCounts) gives a new number to each new term and counts documents. It
///   learns.
///
/// ```
/// use count_vectorizer::{Analyzer, Encoder, Numbering, StopWords};
///
/// /// Numbers terms by their length.
/// struct Lengths;
///
/// impl Numbering for Lengths {
///     fn number(&mut self, term: &str) -> Option<u32> {
///         term.len().try_into().ok()
///     }
/// }
///
/// let analyzer = Analyzer::new(StopWords::none());
/// let mut encoder = Encoder::new(&analyzer, Lengths);
/// encoder.keyword(b"young adult");
/// encoder.end_document()?;
/// assert_eq!(encoder.take(), [5, 5]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
pub trait Numbering: Send {
    /// Returns the number of `term`, or `None` if the term is not counted. The answer for a term
    /// must always be the same, because encoders remember it.
    fn number(&mut self, term: &str) -> Option<u32>;

    /// Called at the end of a document with the numbers of its terms, in their order and with
    /// repeats.
    fn document(&mut self, _terms: &[u32]) {}
}

/// The ids of a known vocabulary.
impl Numbering for &Vocabulary {
    fn number(&mut self, term: &str) -> Option<u32> {
        self.id(term)
    }
}
