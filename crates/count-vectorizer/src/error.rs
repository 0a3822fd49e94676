//! The errors of the crate.

/// What a fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why documents could not be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is invalid, or it does not fit the documents.
    #[error("{0}")]
    Refused(String),
    /// No term is left for the vocabulary.
    #[error("{0}")]
    EmptyVocabulary(String),
}
