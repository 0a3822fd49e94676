//! The choice of the terms of a vocabulary.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::document_frequency::DocumentFrequency;
use crate::error::{Error, Result};

/// The rule that selects the terms of a vocabulary.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Selection {
    /// `min_df` and `max_df`.
    pub frequency: DocumentFrequency,
    /// `max_features`: the greatest number of terms. The terms with the most occurrences are kept.
    /// Of equally frequent terms, those that come first in code-point order are kept. scikit-learn
    /// leaves this choice to NumPy's sort.
    pub max_features: Option<NonZeroUsize>,
}

/// The first of two passes over the counts of all terms. The terms need not be in memory.
///
/// ```
/// use count_vectorizer::{DocumentFrequency, Limit, Selection, TermSurvey};
///
/// // Each term with the number of its documents and of its occurrences, in code-point order.
/// let terms = [("cat", 1, 9), ("dog", 4, 5), ("fox", 2, 5), ("owl", 3, 8)];
/// let frequency = DocumentFrequency { min: Limit::Count(2), ..DocumentFrequency::default() };
/// let mut survey = TermSurvey::new(Selection { frequency, max_features: 2.try_into().ok() }, 4);
/// terms.iter().for_each(|&(_, documents, occurrences)| survey.add(documents, occurrences));
///
/// let mut filter = survey.finish()?;
/// let is_kept = |&(_, documents, occurrences): &_| filter.keeps(documents, occurrences);
/// let kept: Vec<_> = terms.into_iter().filter(is_kept).map(|(term, ..)| term).collect();
/// assert_eq!(kept, ["dog", "owl"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug)]
pub struct TermSurvey {
    selection: Selection,
    documents: u64,
    terms: u64,
    within: u64,
    /// With `max_features`, the number of terms within the limits by their occurrences.
    by_occurrences: BTreeMap<u64, u64>,
}

impl TermSurvey {
    /// Begins the pass over the terms of `documents` documents.
    pub fn new(selection: Selection, documents: u64) -> Self {
        TermSurvey { selection, documents, terms: 0, within: 0, by_occurrences: BTreeMap::new() }
    }

    /// Adds a term that occurs `occurrences` times in `documents` documents. The order of the terms
    /// has no meaning.
    pub fn add(&mut self, documents: u64, occurrences: u64) {
        self.terms += 1;
        if self.selection.frequency.side(documents, self.documents) != Ordering::Equal {
            return;
        }
        self.within += 1;
        if self.selection.max_features.is_some() {
            *self.by_occurrences.entry(occurrences).or_default() += 1;
        }
    }

    /// Ends the pass.
    ///
    /// # Errors
    ///
    /// - [`Error::NoTerms`]: there is no term.
    /// - [`Error::LimitsExcludeEachOther`]: `max_df` is below `min_df`.
    /// - [`Error::NoTermsRemain`]: no term is within the limits.
    pub fn finish(self) -> Result<TermFilter> {
        let TermSurvey { selection, documents, terms, within, by_occurrences } = self;
        let DocumentFrequency { min, max } = selection.frequency;
        if terms == 0 {
            return Err(Error::NoTerms { documents });
        }
        selection.frequency.test(documents).map(drop)?;
        if within == 0 {
            return Err(Error::NoTermsRemain { min, max, documents });
        }
        let most = selection.max_features.map_or(u64::MAX, |most| most.get() as u64);
        let (mut room, mut least) = (most, 0);
        if most < within {
            for (occurrences, count) in by_occurrences.into_iter().rev() {
                least = occurrences;
                if count >= room {
                    break;
                }
                room -= count;
            }
        }
        let kept = within.min(most);
        Ok(TermFilter { frequency: selection.frequency, documents, least, room, kept, dropped: terms - kept })
    }
}

/// The second of two passes over the counts of all terms: it decides which terms are kept.
#[derive(Debug)]
pub struct TermFilter {
    frequency: DocumentFrequency,
    documents: u64,
    /// The least number of occurrences of a kept term.
    least: u64,
    /// The number of further terms with exactly that number of occurrences that are kept.
    room: u64,
    kept: u64,
    dropped: u64,
}

impl TermFilter {
    /// Returns the number of terms that are kept.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Returns the number of terms that are dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns whether a term may be kept, judged without the terms before it.
    pub(crate) fn may_keep(&self, documents: u64, occurrences: u64) -> bool {
        occurrences >= self.least && self.frequency.side(documents, self.documents) == Ordering::Equal
    }

    /// Returns whether the next term is kept. The terms must come in code-point order.
    pub fn keeps(&mut self, documents: u64, occurrences: u64) -> bool {
        if !self.may_keep(documents, occurrences) {
            return false;
        }
        if occurrences > self.least {
            return true;
        }
        let has_room = self.room > 0;
        self.room = self.room.saturating_sub(1);
        has_room
    }
}
