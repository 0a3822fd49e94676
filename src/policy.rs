//! What happens to images that cannot be encoded or are listed twice.

/// What happens to an image that cannot be encoded.
///
/// ```
/// use amc_keywords::{OnError, Settings};
///
/// let settings = Settings { on_error: OnError::Skip, ..Settings::default() };
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnError {
    /// The run ends with [`Error::Problems`](crate::Error::Problems) after everything was checked.
    #[default]
    Stop,
    /// The image is left out, and its name and the reason are written to `skipped_….tsv`.
    Skip,
}

/// What happens to an image that is listed twice.
///
/// ```
/// use amc_keywords::{Duplicates, Settings};
///
/// let settings = Settings { duplicates: Duplicates::Allow, ..Settings::default() };
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// The image has a problem.
    #[default]
    Refuse,
    /// The image is encoded twice, as the release's scripts would.
    Allow,
}
