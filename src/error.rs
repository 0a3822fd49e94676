//! The one error of the library: it knows the file, the member and the place, says what was expected, and offers the next step.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

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
    /// The run was asked to stop, by a signal or by [`Progress::is_cancelled`](crate::Progress::is_cancelled).
    #[error("interrupted: the outputs are as they were")]
    Interrupted,
}

impl Error {
    /// An [`Error::Io`] for `path`, ready for `map_err`.
    pub(crate) fn io(path: impl AsRef<Path>, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { path, action, source }
    }
}

/// One thing that is wrong with one file or one member of an archive.
///
/// Shown on one line: `file: 'member': place: what; hint`. Control characters in names are escaped.
///
/// ```
/// use amc_keywords::Problem;
///
/// let problem = Problem::new("a.zip", "not UTF-8").in_member("7.json").at("byte 13").hint("save it as UTF-8");
/// assert_eq!(problem.to_string(), "a.zip: '7.json': byte 13: not UTF-8; save it as UTF-8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    file: PathBuf,
    member: Option<String>,
    place: Option<String>,
    what: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
}

impl Problem {
    /// A problem with `file`: `what` says what was expected.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "expected a name").to_string(), "a.lst: expected a name");
    /// ```
    pub fn new(file: impl AsRef<Path>, what: impl Into<Cow<'static, str>>) -> Self {
        Problem { file: file.as_ref().to_path_buf(), member: None, place: None, what: what.into(), hint: None }
    }

    /// Names the member of the archive, or the image of the list.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").to_string(), "a.zip: '7.json': empty");
    /// ```
    pub fn in_member(mut self, member: impl Into<String>) -> Self {
        self.member = Some(member.into());
        self
    }

    /// Names the place inside the file or member, such as `line 3` or `byte 17`.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "expected a name").at("line 3").to_string(), "a.lst: line 3: expected a name");
    /// ```
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Says what to do next.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "empty").hint("fill it").to_string(), "a.lst: empty; fill it");
    /// ```
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The member of the archive or the image of the list, if one is named.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").member(), Some("7.json"));
    /// ```
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// The file that it is about.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The reason that a list of skipped images gives: there, nobody needs to hear how to leave them out.
    pub(crate) fn reason_to_skip(&self) -> String {
        self.reason().replace(OR_LEAVE_OUT, "")
    }

    /// Place, what and hint without the file and the member.
    ///
    /// ```
    /// use amc_keywords::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").at("byte 0").reason(), "byte 0: empty");
    /// ```
    pub fn reason(&self) -> String {
        let place = self.place.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
        let hint = self.hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default();
        format!("{place}{}{hint}", self.what)
    }

    /// Whether the other differs in nothing but its place in the same file, and the value that was found there.
    fn is_like(&self, other: &Problem) -> bool {
        (&self.file, &self.hint) == (&other.file, &other.hint) && unquoted(&self.what).eq(unquoted(&other.what))
    }
}

/// How hints end that have another way out.
const OR_LEAVE_OUT: &str = ", or leave such images out with --on-error skip";

/// A text without what stands in quotes in it.
fn unquoted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['`', '"']).step_by(2)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", shown_path(&self.file))?;
        if let Some(member) = &self.member {
            write!(f, "'{}': ", shown(&brief(member)))?;
        }
        f.write_str(&shown(&self.reason()))
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
    /// One problem stands for all that are shown: no image is left, and these differ in their places alone.
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
    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Problems { ending: Ending::Number(hint), ..self }
    }

    /// The problems of a set of which no image is left: told in one line if they are many and those to be shown are alike.
    pub(crate) fn of_all(self) -> Self {
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

/// A name as a line can hold it: a hostile one may be as long as a file.
fn brief(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()).into(),
        None => name.into(),
    }
}

/// No path of an archive that came from a file system is longer.
const LONGEST_NAME: usize = 1024;

/// `text` with control characters, and what would reorder a terminal line, escaped.
///
/// ```
/// assert_eq!(amc_keywords::shown("red\u{1b}[31m café"), r"red\u{1b}[31m café");
/// ```
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A path as messages show it.
pub(crate) fn shown_path(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

/// What a write without room says: also what it `needs`, and what helps against a limit.
pub(crate) fn no_room(source: io::Error, needs: &str) -> io::Error {
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
