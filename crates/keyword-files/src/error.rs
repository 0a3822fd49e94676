//! The errors of reading: a [`Problem`] names the file, the member and the place, and says what is
//! wrong and what to do next.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::shell::quoted;

/// What a fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The content of the file is wrong.
    #[error(transparent)]
    Data(#[from] Problem),
    /// The operating system refused to read.
    #[error("{}: cannot {action}: {source}", shown_path(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The refused action as a verb: "read", "list".
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Returns a closure for `map_err` that makes an [`Error::Io`] for `path`.
    pub fn io(path: impl AsRef<Path>, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_path_buf();
        move |source| Error::Io { path, action, source }
    }
}

/// One thing that is wrong with one file or one member of an archive.
///
/// Shown on one line: `file: 'member': place: what; hint`. Control characters in names are escaped.
///
/// ```
/// use keyword_files::error::Problem;
///
/// let problem = Problem::new("a.zip", "not UTF-8").in_member("7.json").at("byte 13").hint("save it as UTF-8");
/// assert_eq!(problem.to_string(), "a.zip: '7.json': byte 13: not UTF-8; save it as UTF-8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    file: Box<Path>,
    member: Option<Box<str>>,
    /// The name of the image, if it is known and not shown.
    image: Option<Box<str>>,
    place: Option<Box<str>>,
    what: Cow<'static, str>,
    hint: Option<Hint>,
    /// Whether the image can be left out instead.
    can_skip: bool,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hint {
    Text(Cow<'static, str>),
    /// Look at the file with the subcommand `inspect`.
    Inspect,
}

impl Problem {
    /// A problem with `file`: `what` says what was expected.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "expected a name").to_string(), "a.lst: expected a name");
    /// ```
    pub fn new(file: impl AsRef<Path>, what: impl Into<Cow<'static, str>>) -> Self {
        Problem {
            file: file.as_ref().into(),
            member: None,
            image: None,
            place: None,
            what: what.into(),
            hint: None,
            can_skip: false,
        }
    }

    /// Names the member of the archive, or the image of the list.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").to_string(), "a.zip: '7.json': empty");
    /// ```
    pub fn in_member(mut self, member: impl Into<String>) -> Self {
        self.member = Some(member.into().into());
        self
    }

    /// Names the place inside the file or member, such as `line 3` or `byte 17`.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "expected a name").at("line 3").to_string(), "a.lst: line 3: expected a name");
    /// ```
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into().into());
        self
    }

    /// Says what to do next.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.lst", "empty").hint("fill it").to_string(), "a.lst: empty; fill it");
    /// ```
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(Hint::Text(hint.into()));
        self
    }

    /// Says what to do next, and that such images can be left out instead.
    pub fn hint_or_skip(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Problem { can_skip: true, ..self.hint(hint) }
    }

    /// Says that the subcommand `inspect` shows which options read the file.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// let problem = Problem::new("a.csv", "no such column").hint_inspect();
    /// let hint = "run amc-keywords inspect a.csv to see the options";
    /// assert_eq!(problem.to_string(), format!("a.csv: no such column; {hint}"));
    /// ```
    pub fn hint_inspect(self) -> Self {
        Problem { hint: Some(Hint::Inspect), ..self }
    }

    /// The same problem with another hint instead of that to inspect the file, for `inspect` itself.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// let problem = Problem::new("a.txt", "unknown format").hint_inspect().when_inspected(Some("convert it"));
    /// assert_eq!(problem.to_string(), "a.txt: unknown format; convert it");
    /// ```
    pub fn when_inspected(self, instead: Option<&'static str>) -> Self {
        match self.hint {
            Some(Hint::Inspect) => Problem { hint: instead.map(|hint| Hint::Text(hint.into())), ..self },
            _ => self,
        }
    }

    /// Adds a further hint.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// let problem = Problem::new("a.lst", "empty").hint("fill it").add_hint("or leave it out");
    /// assert_eq!(problem.to_string(), "a.lst: empty; fill it; or leave it out");
    /// ```
    pub fn add_hint(self, further: &str) -> Self {
        let hint = self.hint_text().map_or_else(|| further.to_owned(), |hint| format!("{hint}; {further}"));
        self.hint(hint)
    }

    /// Names the image, for lists of images.
    pub fn of_image(mut self, image: impl Into<Box<str>>) -> Self {
        self.image = Some(image.into());
        self
    }

    /// The name of the image, if it was given.
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// The member of the archive or the image of the list, if one is named.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").member(), Some("7.json"));
    /// ```
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// The same problem with another file, such as the stream of which `file` is a copy.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("copy", "empty").in_file("-").to_string(), "-: empty");
    /// ```
    pub fn in_file(self, file: impl AsRef<Path>) -> Self {
        Problem { file: file.as_ref().into(), ..self }
    }

    /// The file that it is about.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Place and what is wrong, without advice. It does not depend on the path of an input.
    pub fn reason_to_skip(&self) -> String {
        let place = self.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        format!("{place}{}", self.what)
    }

    /// Place, what and hint without the file and the member.
    ///
    /// ```
    /// use keyword_files::error::Problem;
    ///
    /// assert_eq!(Problem::new("a.zip", "empty").in_member("7.json").at("byte 0").reason(), "byte 0: empty");
    /// ```
    pub fn reason(&self) -> String {
        let end = if self.can_skip { OR_LEAVE_OUT } else { "" };
        let hint = self.hint_text().map(|hint| format!("; {hint}{end}")).unwrap_or_default();
        format!("{}{hint}", self.reason_to_skip())
    }

    fn hint_text(&self) -> Option<Cow<'_, str>> {
        Some(match self.hint.as_ref()? {
            Hint::Text(text) => Cow::Borrowed(text.as_ref()),
            Hint::Inspect => {
                let path = quoted(&self.file.to_string_lossy());
                format!("run amc-keywords inspect {path} to see the options").into()
            }
        })
    }

    /// Whether the other differs in nothing but its place in the same file, and the value that was
    /// found there.
    pub fn is_like(&self, other: &Problem) -> bool {
        (&self.file, &self.hint) == (&other.file, &other.hint) && unquoted(&self.what).eq(unquoted(&other.what))
    }
}

/// The end of a hint about an image that can be left out.
const OR_LEAVE_OUT: &str = ", or skip such images with --on-error skip";

/// A text without the parts in quotes.
fn unquoted(text: &str) -> impl Iterator<Item = &str> {
    text.split(['`', '"']).step_by(2)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", shown_path(&self.file))?;
        if let Some(member) = &self.member {
            write!(f, "'{}': ", shown(&shorten(member, LONGEST_NAME)))?;
        }
        f.write_str(&shown(&self.reason()))
    }
}

/// The first `most` characters of a text, followed by `…` if it is longer. Texts in untrusted files
/// may be as long as the file.
///
/// ```
/// assert_eq!(keyword_files::error::shorten("woman", 3), "wom…");
/// assert_eq!(keyword_files::error::shorten("cat", 3), "cat");
/// ```
pub fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// No path of an archive that came from a file system is longer.
const LONGEST_NAME: usize = 1024;

/// `text` with control characters, and what would reorder a terminal line, escaped.
///
/// ```
/// assert_eq!(keyword_files::error::shown("red\u{1b}[31m café"), r"red\u{1b}[31m café");
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
pub fn shown_path(path: &Path) -> String {
    shown(&path.to_string_lossy())
}
