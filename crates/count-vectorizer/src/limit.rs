//! The value of `min_df` or `max_df`.

use std::fmt;
use std::str::FromStr;

/// A number of documents: a count, or a share of all documents.
///
/// The meaning is scikit-learn's: `1` is one document, and `1.0` is all of them.
///
/// ```
/// use count_vectorizer::Limit;
///
/// assert_eq!("6".parse(), Ok(Limit::Count(6)));
/// assert_eq!("0.01".parse(), Ok(Limit::Share(0.01)));
/// assert!("0.0.1".parse::<Limit>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// A number of documents from 1.
    Count(u64),
    /// A share of the documents from 0.0 to 1.0.
    Share(f64),
}

impl Limit {
    /// Returns the limit for `documents` documents. A share is multiplied as a double and never
    /// rounded, as in scikit-learn.
    ///
    /// ```
    /// use count_vectorizer::Limit;
    ///
    /// assert_eq!(Limit::Count(6).documents(100), 6.0);
    /// assert_eq!(Limit::Share(0.25).documents(10), 2.5);
    /// ```
    pub fn documents(self, documents: u64) -> f64 {
        match self {
            Limit::Count(count) => count as f64,
            Limit::Share(share) => share * documents as f64,
        }
    }
}

/// A text is not a [`Limit`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a whole number of documents from 1, or a share of them from 0.0 to 1.0, found \
     '{text}'"
)]
pub struct ParseLimitError {
    text: String,
}

impl FromStr for Limit {
    type Err = ParseLimitError;

    /// Digits only are a count. A number with a point or an exponent is a share.
    fn from_str(text: &str) -> Result<Self, ParseLimitError> {
        let wrong = || ParseLimitError { text: text.to_owned() };
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let count = text.parse().ok().filter(|&count| count >= 1);
            return count.map(Limit::Count).ok_or_else(wrong);
        }
        match text.parse::<f64>() {
            Ok(share) if (0.0..=1.0).contains(&share) && !text.starts_with('-') => Ok(Limit::Share(share)),
            _ => Err(wrong()),
        }
    }
}

/// Writes what [`Limit::from_str`] reads: `6`, `0.01`, `1.0`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Count(count) => write!(f, "{count}"),
            Limit::Share(share) => write!(f, "{share:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_limit_are_refused() {
        for text in ["", "0", "-1", "x", "0.0.1", "1.5", "-0.1", "nan", "inf", "6 ", "99999999999999999999"] {
            assert_eq!(
                text.parse::<Limit>().unwrap_err().to_string(),
                format!(
                    "expected a whole number of documents from 1, or a share of them from 0.0 to \
                     1.0, found '{text}'"
                )
            );
        }
    }

    #[test]
    fn a_limit_reads_what_it_writes() {
        for text in ["6", "0.01", "1.0", "0.0", "1"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
    }
}
