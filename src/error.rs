//! The error type of the library. A message names the file, the member and the place, and says what
//! was expected and what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use count_vectorizer::{Limit, TooManyNgrams};

pub(crate) use keyword_files::error::shown_path;
pub use keyword_files::error::{Problem, shown};

/// What a fallible function of this crate returns.
///
/// ```
/// fn read() -> amc_keywords::Result<u64> {
///     Err(amc_keywords::Problem::new("a.zip", "not a zip").into())
/// }
/// assert_eq!(read().unwrap_err().to_string(), "a.zip: not a zip");
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a run failed.
///
/// ```
/// use amc_keywords::{Clickture, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-nothing-{}", std::process::id()));
/// let nothing = Clickture { root: "src".into(), out: Some(out), splits: None };
/// let error = nothing.run(&Settings::default(), &Silent).unwrap_err();
/// assert_eq!(
///     error.to_string().replace('\\', "/"),
///     "src/keyword/keywords_dev.zip: no such archive, and no folder src/keyword/keywords_dev either; \
///      put it there, or name the folder that contains keyword/ with --root"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The content of an input is wrong.
    #[error(transparent)]
    Data(#[from] Problem),
    /// Several images cannot be encoded.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// The operating system refused to read or write.
    #[error("{}: cannot {action}: {source}{}", shown_path(path), hint_for(source, action))]
    Io {
        /// The file or folder in question.
        path: PathBuf,
        /// The refused action as a verb: "read", "write".
        action: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The request cannot be met with this input.
    #[error("{0}")]
    Refused(String),
    /// The limits of the document frequency exclude all words.
    #[error("{0}")]
    EmptyVocabulary(String),
    /// The images have no word.
    #[error("{0}")]
    NoWords(String),
    /// A signal or [`Progress::is_cancelled`](crate::Progress::is_cancelled) stopped the run.
    #[error("interrupted; no output was changed")]
    Interrupted,
}

impl Error {
    /// Returns a closure for `map_err` that makes an [`Error::Io`] for `path`.
    pub fn io(path: impl AsRef<Path>, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { path, action, source }
    }
}

/// The first problems of several images, in the order of the images, and the number of all problems.
///
/// ```
/// use amc_keywords::{Error, Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-problems-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out), ..Mscoco::default() };
/// let settings = Settings { max_member_size: 300, ..Settings::default() };
/// match mscoco.run(&settings, &Silent) {
///     Err(Error::Problems(problems)) => println!("{} in all, the first: {}", problems.total(), problems.first()[0]),
///     Err(one) => println!("{one}"),
///     Ok(summary) => println!("{} words", summary.counts.vocabulary_size),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub struct Problems {
    first: Vec<Problem>,
    total: u64,
    ending: Ending,
}

/// The text after the problems that are shown.
#[derive(Debug)]
enum Ending {
    /// If some problems are not shown, their number and this advice.
    Rest(&'static str),
    /// The number of problems and this advice.
    Number(&'static str),
    /// The reason why the problems cannot be skipped.
    Reason(String),
    /// All images failed in the same way, so only the first problem is shown.
    Alike,
}

impl Problems {
    /// The largest number of problems that are shown.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Problems::SHOWN, 10);
    /// ```
    pub const SHOWN: usize = 10;

    pub(crate) fn new(first: Vec<Problem>, total: u64) -> Self {
        Problems { first, total, ending: Ending::Rest("--on-error skip skips such images") }
    }

    /// Replaces the advice of the last line.
    pub fn hint(self, hint: &'static str) -> Self {
        Problems { ending: Ending::Number(hint), ..self }
    }

    /// Adds the reason why the problems cannot be skipped, as the last line.
    pub fn cannot_skip(self, reason: String) -> Self {
        Problems { ending: Ending::Reason(reason), ..self }
    }

    /// Shortens the text to one line if all images failed and the shown problems are alike.
    pub fn of_all(self) -> Self {
        let alike = |pair: &[Problem]| matches!(pair, [one, next] if one.is_like(next));
        match self.total > self.first.len() as u64 && self.first.windows(2).all(alike) {
            true => Problems { ending: Ending::Alike, ..self },
            false => self,
        }
    }

    /// The first problems, at most [`Problems::SHOWN`].
    ///
    /// ```
    /// # use amc_keywords::Problems;
    /// fn look_at(problems: &Problems) {
    ///     assert!(problems.first().len() <= Problems::SHOWN);
    /// }
    /// ```
    pub fn first(&self) -> &[Problem] {
        &self.first
    }

    /// The number of all problems.
    ///
    /// ```
    /// # use amc_keywords::Problems;
    /// fn look_at(problems: &Problems) {
    ///     assert!(problems.total() >= problems.first().len() as u64);
    /// }
    /// ```
    pub fn total(&self) -> u64 {
        self.total
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if matches!(self.ending, Ending::Alike) { 1 } else { self.first.len() };
        for (i, problem) in self.first.iter().take(shown).enumerate() {
            write!(f, "{}{problem}", if i > 0 { "\n" } else { "" })?;
        }
        let left = self.total.saturating_sub(self.first.len() as u64);
        match &self.ending {
            Ending::Rest(hint) | Ending::Number(hint) if left > 0 => {
                write!(f, "\n… and {left} more ({} in all); {hint}", self.total)
            }
            Ending::Rest(_) => Ok(()),
            Ending::Number(hint) => write!(f, "\n{} in all; {hint}", self.total),
            Ending::Reason(reason) => write!(f, "\n{reason}"),
            Ending::Alike => {
                let alike = self.first.len();
                write!(f, " (none of the {} images can be encoded, the first {alike} for the same reason)", self.total)
            }
        }
    }
}

/// The error of a write without room, with the bytes that it `needs` and the advice for a limit.
pub fn no_room(source: io::Error, needs: &str) -> io::Error {
    let next = match source.kind() {
        io::ErrorKind::StorageFull => "",
        io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => "; raise the limit, or choose another folder with --out",
        _ => return source,
    };
    io::Error::new(source.kind(), format!("{source}; {needs}{next}"))
}

/// The actions on inputs.
const READING: [&str; 4] = ["read", "open", "list", "look at"];

fn hint_for(source: &io::Error, action: &str) -> &'static str {
    match source.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory if action == "make the folder" => {
            "; a file is in the way, so choose another folder with --out"
        }
        io::ErrorKind::NotFound if action == "make the folder" => "; choose another folder with --out",
        io::ErrorKind::StorageFull => "; free some space, or choose another folder with --out",
        io::ErrorKind::PermissionDenied if READING.contains(&action) => "; check the permissions",
        io::ErrorKind::PermissionDenied => "; check the permissions, or choose another folder with --out",
        io::ErrorKind::ReadOnlyFilesystem => "; choose another folder with --out",
        _ => "",
    }
}

impl From<keyword_files::error::Error> for Error {
    fn from(error: keyword_files::error::Error) -> Self {
        match error {
            keyword_files::error::Error::Data(problem) => Error::Data(problem),
            keyword_files::error::Error::Io { path, action, source } => Error::Io { path, action, source },
            _ => Error::Interrupted,
        }
    }
}

/// Replaces the texts that must name an option of the tool.
impl From<count_vectorizer::Error> for Error {
    fn from(error: count_vectorizer::Error) -> Self {
        use count_vectorizer::Error as Words;
        let kind = match error {
            Words::NoTerms { .. } => Error::NoWords,
            Words::LimitsExcludeEachOther { .. } | Words::NoTermsRemain { .. } => Error::EmptyVocabulary,
            _ => Error::Refused,
        };
        kind(match error {
            Words::NgramRange { .. } => format!("{error}; the smaller number comes first, as in --ngram-range 1,2"),
            Words::PhrasesAreSplit => "phrases keep each keyword whole, so analyzer, ngram_range \
                                       and token_pattern must have their defaults; remove them or \
                                       --phrases"
                .to_owned(),
            Words::TooManyNgrams(TooManyNgrams { bytes, ngrams, least, most }) => format!(
                "{bytes} bytes may make {ngrams} n-grams of {least} to {most}, expected at most {} \
                 n-grams of {} bytes in all; choose a smaller --ngram-range",
                TooManyNgrams::MOST_NGRAMS,
                TooManyNgrams::MOST_BYTES
            ),
            Words::LimitsExcludeEachOther { min, max, documents } => limits_exclude_each_other(min, max, documents),
            Words::NoTermsRemain { min, max, documents } => format!(
                "--min-df {min} and --max-df {max} keep no word of the {documents} images; {}",
                wider_limits(min, max, documents)
            ),
            Words::NoTerms { documents: 1 } => "the image has no word except stop words".to_owned(),
            Words::NoTerms { documents } => format!("none of the {documents} images has a word except stop words"),
            other => other.to_string(),
        })
    }
}

fn limits_exclude_each_other(min: Limit, max: Limit, documents: u64) -> String {
    let low = min.documents(documents);
    // Without the digits of a rounding error, such as 0.7000000000000001.
    let high = (max.documents(documents) * 100.0).floor() / 100.0;
    if low > documents as f64 {
        return format!(
            "--min-df {min} is larger than the number of images ({documents}), so no word can be \
             kept; use a smaller --min-df"
        );
    }
    format!(
        "--min-df {min} needs at least {low} of {documents} images and --max-df {max} allows at \
         most {high}, so no word can be kept; {}",
        wider_limits(min, max, documents)
    )
}

/// The advice to widen the limits. It names only the limits that can be wider.
fn wider_limits(min: Limit, max: Limit, documents: u64) -> &'static str {
    match (min.documents(documents) > 1.0, max.documents(documents) < documents as f64) {
        (true, false) => "use a smaller --min-df",
        (false, true) => "use a larger --max-df",
        _ => "use a smaller --min-df or a larger --max-df",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use count_vectorizer::{DocumentFrequency, Error as Words};

    #[test]
    fn errors_of_the_words_name_the_options_of_the_tool() {
        let crossed = DocumentFrequency { min: Limit::Count(3), max: Limit::Count(2) };
        let crossed = crossed.test(5).err().unwrap();
        for (error, text) in [
            (
                Words::NgramRange { least: 2, most: 1 },
                "invalid value for ngram_range=(2, 1): lower boundary larger than the upper boundary; the smaller number \
                 comes first, as in --ngram-range 1,2",
            ),
            (
                Words::PhrasesAreSplit,
                "phrases keep each keyword whole, so analyzer, ngram_range and token_pattern must \
                 have their defaults; remove them or --phrases",
            ),
            (
                TooManyNgrams { bytes: 9, ngrams: 7, least: 1, most: 2 }.into(),
                "9 bytes may make 7 n-grams of 1 to 2, expected at most 16777216 n-grams of \
                 1073741824 bytes in all; choose a smaller --ngram-range",
            ),
            (
                crossed,
                "--min-df 3 needs at least 3 of 5 images and --max-df 2 allows at most 2, so no \
                 word can be kept; use a smaller --min-df or a larger --max-df",
            ),
        ] {
            let excludes_all = matches!(error, Words::LimitsExcludeEachOther { .. });
            let error = Error::from(error);
            assert_eq!(error.to_string(), text);
            assert_eq!(matches!(error, Error::EmptyVocabulary(_)), excludes_all);
        }
    }
}
