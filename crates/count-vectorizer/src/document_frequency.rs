//! `min_df` and `max_df`: how many documents must contain a term.

use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::limit::Limit;

/// The least and the greatest number of documents that contain a term of the vocabulary.
///
/// The default is `min_df` 6 and `max_df` 1.0. It is the choice of the AMC release, not
/// scikit-learn's. [`CountVectorizer`](crate::CountVectorizer) has scikit-learn's defaults.
///
/// ```
/// use count_vectorizer::{DocumentFrequency, Limit};
///
/// let limits = DocumentFrequency { min: Limit::Count(2), max: Limit::Share(0.5) };
/// let is_kept = limits.test(10)?;
/// assert_eq!([1, 2, 5, 6].map(is_kept), [false, true, true, false]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentFrequency {
    /// `min_df`.
    pub min: Limit,
    /// `max_df`.
    pub max: Limit,
}

impl Default for DocumentFrequency {
    fn default() -> Self {
        DocumentFrequency { min: Limit::Count(6), max: Limit::Share(1.0) }
    }
}

impl DocumentFrequency {
    /// Checks both limits as scikit-learn does.
    ///
    /// # Errors
    ///
    /// [`Error::LimitOutOfRange`]: a count is 0, or a share is not between 0.0 and 1.0.
    pub fn check(self) -> Result<()> {
        for (parameter, limit) in [("min_df", self.min), ("max_df", self.max)] {
            let is_valid = match limit {
                Limit::Count(count) => count >= 1,
                Limit::Share(share) => (0.0..=1.0).contains(&share),
            };
            if !is_valid {
                return Err(Error::LimitOutOfRange { parameter, limit });
            }
        }
        Ok(())
    }

    /// Returns the test that the document frequency of a term must pass: `low <= df <= high` as
    /// doubles. `documents` is the number of all documents.
    ///
    /// # Errors
    ///
    /// [`Error::LimitsExcludeEachOther`]: `high` is below `low`.
    pub fn test(self, documents: u64) -> Result<impl Fn(u64) -> bool> {
        let (low, high) = (self.min.documents(documents), self.max.documents(documents));
        if high < low {
            let DocumentFrequency { min, max } = self;
            return Err(Error::LimitsExcludeEachOther { min, max, documents });
        }
        Ok(move |df: u64| low <= df as f64 && df as f64 <= high)
    }

    /// Returns on which side of the limits a document frequency is: `Less` than the least,
    /// `Greater` than the greatest, or `Equal` if the term is kept.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use count_vectorizer::DocumentFrequency;
    ///
    /// assert_eq!(DocumentFrequency::default().side(5, 100), Ordering::Less);
    /// ```
    pub fn side(self, df: u64, documents: u64) -> Ordering {
        let df = df as f64;
        if df < self.min.documents(documents) {
            return Ordering::Less;
        }
        if df > self.max.documents(documents) { Ordering::Greater } else { Ordering::Equal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(min: &str, max: &str) -> DocumentFrequency {
        DocumentFrequency { min: min.parse().unwrap(), max: max.parse().unwrap() }
    }

    #[test]
    fn a_share_is_never_rounded() {
        let keeps = limits("0.07", "1.0").test(100).unwrap();
        assert_eq!((keeps(7), keeps(8)), (false, true), "0.07 * 100 is 7.000000000000001");
    }

    #[test]
    fn one_is_one_document_and_one_point_nought_is_all() {
        assert_eq!([1, 2].map(limits("1", "1").test(2).unwrap()), [true, false]);
        assert_eq!([1, 2].map(limits("1.0", "1.0").test(2).unwrap()), [false, true]);
    }

    #[test]
    fn a_term_that_the_test_refuses_is_on_one_side() {
        let limits = limits("2", "0.5");
        assert_eq!([1, 2, 5, 6].map(|df| limits.side(df, 10) as i8), [-1, 0, 0, 1]);
    }

    #[test]
    fn max_df_below_min_df_is_refused_in_scikit_learns_words() {
        let error = limits("6", "1.0").test(5).err().unwrap();
        assert_eq!(
            error.to_string(),
            "max_df corresponds to < documents than min_df: of 5 documents, min_df 6 asks for at \
             least 6 and max_df 1.0 for at most 5"
        );
    }
}
