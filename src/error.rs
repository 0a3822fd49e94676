//! The one error of the library: it knows the file, the member and the place, says what was
//! expected, and offers the next step.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use count_vectorizer::TooManyNgrams;

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

/// Why a run could not be done.
///
/// ```
/// use amc_keywords::{Clickture, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-nothing-{}", std::process::id()));
/// let nothing = Clickture { root: "src".into(), out: Some(out), splits: None };
/// let error = nothing.run(&Settings::default(), &Silent).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "src/keyword/keywords_dev.zip: no such archive, and no folder src/keyword/keywords_dev either; \
///      put it there, or name the folder that holds keyword/ with --root"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something that was read is not as it must be.
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
        /// What was being done with it, as a verb: "read", "write".
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// What was asked for cannot be done with this input.
    #[error("{0}")]
    Refused(String),
    /// The vocabulary would have no word.
    #[error("{0}")]
    EmptyVocabulary(String),
    /// The run was asked to stop, by a signal or by
    /// [`Progress::is_cancelled`](crate::Progress::is_cancelled).
    #[error("interrupted: the outputs are as they were")]
    Interrupted,
}

impl Error {
    /// An [`Error::Io`] for `path`, ready for `map_err`.
    pub fn io(path: impl AsRef<Path>, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { path, action, source }
    }
}

/// The first of many problems, in the order of the images, and how many there are in all.
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

/// What is said behind the problems that are shown.
#[derive(Debug)]
enum Ending {
    /// Where some are not shown, how many they are and what to do.
    Rest(&'static str),
    /// The same, and their number where all are shown.
    Number(&'static str),
    /// One problem stands for all that are shown: no image is left, and these differ in their
    /// places alone.
    Alike,
}

impl Problems {
    /// How many problems are shown one by one.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Problems::SHOWN, 10);
    /// ```
    pub const SHOWN: usize = 10;

    pub(crate) fn new(first: Vec<Problem>, total: u64) -> Self {
        Problems { first, total, ending: Ending::Rest("--on-error skip leaves such images out") }
    }

    /// The same problems with another last line.
    pub fn hint(self, hint: &'static str) -> Self {
        Problems { ending: Ending::Number(hint), ..self }
    }

    /// The problems of a set of which no image is left: told in one line if they are many and those
    /// to be shown are alike.
    pub fn of_all(self) -> Self {
        let alike = |pair: &[Problem]| matches!(pair, [one, next] if one.is_like(next));
        match self.total > self.first.len() as u64 && self.first.windows(2).all(alike) {
            true => Problems { ending: Ending::Alike, ..self },
            false => self,
        }
    }

    /// The first problems, [`Problems::SHOWN`] at most.
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

    /// How many problems there are in all.
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
        match self.ending {
            Ending::Rest(hint) | Ending::Number(hint) if left > 0 => {
                write!(f, "\n… and {left} more ({} in all); {hint}", self.total)
            }
            Ending::Rest(_) => Ok(()),
            Ending::Number(hint) => write!(f, "\n{} in all; {hint}", self.total),
            Ending::Alike => {
                let alike = self.first.len();
                write!(f, " (none of the {} images can be encoded, the first {alike} for the same reason)", self.total)
            }
        }
    }
}

/// What a write without room says: also what it `needs`, and what helps against a limit.
pub fn no_room(source: io::Error, needs: &str) -> io::Error {
    let next = match source.kind() {
        io::ErrorKind::StorageFull => "",
        io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => "; raise the limit, or choose another folder with --out",
        _ => return source,
    };
    io::Error::new(source.kind(), format!("{source}; {needs}{next}"))
}

fn hint_for(source: &io::Error, action: &str) -> &'static str {
    match source.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory if action == "make the folder" => {
            "; a file stands in the way, choose another folder with --out"
        }
        io::ErrorKind::NotFound if action == "make the folder" => "; choose another folder with --out",
        io::ErrorKind::StorageFull => "; free some space, or choose another folder with --out",
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

/// The texts that name an option of the tool. The other texts are those of the crate.
impl From<count_vectorizer::Error> for Error {
    fn from(error: count_vectorizer::Error) -> Self {
        use count_vectorizer::Error as Words;
        let is_empty_vocabulary = error.is_empty_vocabulary();
        let text = match error {
            Words::NgramRange { .. } => format!("{error}; the smaller number comes first, as in --ngram-range 1,2"),
            Words::PhrasesAreSplit => "phrases keep each keyword whole: leave analyzer, ngram_range and token_pattern as \
                                       they are, or --phrases out"
                .to_owned(),
            Words::TooManyNgrams(TooManyNgrams { bytes, ngrams, least, most }) => format!(
                "{bytes} bytes may make {ngrams} n-grams of {least} to {most}, expected {} n-grams and {} bytes in them at \
                 most: choose a smaller --ngram-range",
                TooManyNgrams::MOST_NGRAMS,
                TooManyNgrams::MOST_BYTES
            ),
            Words::LimitsExcludeEachOther { min, max, documents } => {
                let (low, high) = (min.documents(documents), max.documents(documents));
                let next = match low > documents as f64 {
                    true => "so few need a lower --min-df, such as --min-df 1",
                    false => "try a lower --min-df or a higher --max-df",
                };
                format!(
                    "max_df corresponds to < documents than min_df: among {documents} documents a word must stand in {low} \
                     at least and in {high} at most; {next}"
                )
            }
            Words::NoTermsRemain { min, max, documents } => format!(
                "After pruning, no terms remain. Try a lower min_df or a higher max_df: --min-df is {min}, --max-df is \
                 {max}, and {documents} documents were read"
            ),
            other => other.to_string(),
        };
        if is_empty_vocabulary { Error::EmptyVocabulary(text) } else { Error::Refused(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use count_vectorizer::{DocumentFrequency, Error as Words, Limit};

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
                "phrases keep each keyword whole: leave analyzer, ngram_range and token_pattern as they are, or --phrases out",
            ),
            (
                TooManyNgrams { bytes: 9, ngrams: 7, least: 1, most: 2 }.into(),
                "9 bytes may make 7 n-grams of 1 to 2, expected 16777216 n-grams and 1073741824 bytes in them at most: \
                 choose a smaller --ngram-range",
            ),
            (
                crossed,
                "max_df corresponds to < documents than min_df: among 5 documents a word must stand in 3 at least and in 2 \
                 at most; try a lower --min-df or a higher --max-df",
            ),
        ] {
            let is_empty_vocabulary = error.is_empty_vocabulary();
            let error = Error::from(error);
            assert_eq!(error.to_string(), text);
            assert_eq!(matches!(error, Error::EmptyVocabulary(_)), is_empty_vocabulary);
        }
    }
}
