//! `min_df` and `max_df`: in how many documents a word must stand.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A number of documents, given as a count or as a share of all documents, with scikit-learn's meaning: `1` is one document,
/// `1.0` is all of them.
///
/// ```
/// use count_vectorizer::Limit;
///
/// assert_eq!("6".parse::<Limit>().unwrap(), Limit::Count(6));
/// assert_eq!("0.01".parse::<Limit>().unwrap(), Limit::Share(0.01));
/// assert!("0.0.1".parse::<Limit>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// So many documents, 1 at least.
    Count(u64),
    /// This share of the documents, 0.0 to 1.0.
    Share(f64),
}

impl Limit {
    /// The limit for `documents` documents: a share is multiplied as a double and never rounded.
    pub fn documents(self, documents: u64) -> f64 {
        match self {
            Limit::Count(count) => count as f64,
            Limit::Share(share) => share * documents as f64,
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a whole number of documents from 1, or a share of them from 0.0 to 1.0, found '{text}'");
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().filter(|&count| count >= 1).map(Limit::Count).ok_or_else(wrong);
        }
        match text.parse::<f64>() {
            Ok(share) if (0.0..=1.0).contains(&share) && !text.starts_with('-') => Ok(Limit::Share(share)),
            _ => Err(wrong()),
        }
    }
}

/// As in file names: `6`, `0.01`, `1.0`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Count(count) => write!(f, "{count}"),
            Limit::Share(share) => write!(f, "{share:?}"),
        }
    }
}

/// The least and the most documents that a word of the vocabulary may stand in.
///
/// ```
/// use count_vectorizer::{DocumentFrequency, Limit};
///
/// assert_eq!(DocumentFrequency::default(), DocumentFrequency { min: Limit::Count(6), max: Limit::Share(1.0) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentFrequency {
    /// `min_df`.
    pub min: Limit,
    /// `max_df`.
    pub max: Limit,
}

impl Default for DocumentFrequency {
    /// The release's: 6 documents at least, all of them at most.
    fn default() -> Self {
        DocumentFrequency { min: Limit::Count(6), max: Limit::Share(1.0) }
    }
}

impl DocumentFrequency {
    /// What scikit-learn refuses: a count of 0, a share outside 0.0 to 1.0.
    pub fn check(self) -> Result<()> {
        for (name, limit) in [("min_df", self.min), ("max_df", self.max)] {
            let is_valid = match limit {
                Limit::Count(count) => count >= 1,
                Limit::Share(share) => (0.0..=1.0).contains(&share),
            };
            if !is_valid {
                return Err(Error::Refused(format!(
                    "{name}: expected a whole number of documents from 1, or a share of them from 0.0 to 1.0, found {limit}"
                )));
            }
        }
        Ok(())
    }

    /// The test a word's document frequency must pass among `documents` documents: `low <= df <= high` as doubles.
    pub fn test(self, documents: u64) -> Result<impl Fn(u64) -> bool> {
        let (low, high) = (self.min.documents(documents), self.max.documents(documents));
        if high < low {
            let next = match low > documents as f64 {
                true => "so few need a lower --min-df, such as --min-df 1",
                false => "try a lower --min-df or a higher --max-df",
            };
            return Err(Error::EmptyVocabulary(format!(
                "max_df corresponds to < documents than min_df: among {documents} documents a word must stand in {low} at least \
                 and in {high} at most; {next}"
            )));
        }
        Ok(move |df: u64| low <= df as f64 && df as f64 <= high)
    }

    /// Where a word's document frequency lies among `documents` documents: below the least, above the greatest, or between.
    pub fn side(self, df: u64, documents: u64) -> Ordering {
        let df = df as f64;
        if df < self.min.documents(documents) {
            return Ordering::Less;
        }
        if df > self.max.documents(documents) { Ordering::Greater } else { Ordering::Equal }
    }
}

/// Which words of the documents make the vocabulary.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Selection {
    pub frequency: DocumentFrequency,
    /// `max_features`: so many words at most. Those that stand most often in the documents stay, of equally frequent ones those that
    /// come first in code-point order. scikit-learn leaves it to numpy's sorting which of those stay.
    pub max_features: Option<NonZeroUsize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded() {
        let seven_percent = DocumentFrequency { min: "0.07".parse().unwrap(), max: Limit::Share(1.0) };
        let keeps = seven_percent.test(100).unwrap();
        assert_eq!((keeps(7), keeps(8)), (false, true), "0.07 * 100 is 7.000000000000001");
    }

    #[test]
    fn one_is_one_document_and_one_point_nought_is_all() {
        let one = DocumentFrequency { min: "1".parse().unwrap(), max: "1".parse().unwrap() };
        let all = DocumentFrequency { min: "1.0".parse().unwrap(), max: "1.0".parse().unwrap() };
        assert_eq!([1, 2].map(one.test(2).unwrap()), [true, false]);
        assert_eq!([1, 2].map(all.test(2).unwrap()), [false, true]);
    }

    #[test]
    fn a_word_that_the_test_refuses_stands_on_one_side() {
        let limits = DocumentFrequency { min: Limit::Count(2), max: Limit::Share(0.5) };
        assert_eq!([1, 2, 5, 6].map(|df| limits.side(df, 10) as i8), [-1, 0, 0, 1]);
    }

    #[test]
    fn values_that_scikit_learn_refuses_are_refused() {
        for text in ["", "0", "-1", "x", "0.0.1", "1.5", "-0.1", "nan", "inf", "6 ", "99999999999999999999"] {
            assert_eq!(
                text.parse::<Limit>().unwrap_err(),
                format!("expected a whole number of documents from 1, or a share of them from 0.0 to 1.0, found '{text}'")
            );
        }
    }

    #[test]
    fn a_limit_reads_back_what_it_shows() {
        for text in ["6", "0.01", "1.0", "0.0", "1"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn max_below_min_is_refused_in_scikit_learns_words() {
        let few = DocumentFrequency::default().test(5).err().unwrap().to_string();
        assert_eq!(
            few,
            "max_df corresponds to < documents than min_df: among 5 documents a word must stand in 6 at least and in 5 at most; \
             so few need a lower --min-df, such as --min-df 1"
        );
        let bounds = DocumentFrequency { min: Limit::Count(3), max: Limit::Count(2) };
        let crossed = bounds.test(5).err().unwrap().to_string();
        assert!(crossed.ends_with("in 3 at least and in 2 at most; try a lower --min-df or a higher --max-df"), "{crossed}");
    }
}
