//! A file of records: what is known about it before it is read, and its messages.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::{Position, Record};
use super::json_reader::JsonFault;
use super::member_choice::MemberChoice;
use super::opening::{Bytes, Opened, Packing, Peeked, StreamDigest};
use super::options::{ReadOptions, dotted_path};
use super::ratio;
use crate::error::{Error, Problem, Result};
use crate::shell::quoted;

/// The format of a file of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A tar with a file of keywords for each image.
    Tar,
    /// JSON Lines.
    Lines,
    /// A JSON list or map.
    Json,
    /// COCO annotations.
    Coco,
    /// A table with any delimiter.
    Csv,
    /// A table with tabs.
    Tsv,
    /// Parquet.
    Parquet,
}

/// A file of records.
pub struct RecordFile {
    path: PathBuf,
    format: Format,
    packing: Packing,
    options: Arc<ReadOptions>,
    members: MemberChoice,
    stream: Option<Stream>,
}

/// A pipe or standard input. It was opened to detect its format, and can be read once.
struct Stream {
    bytes: Mutex<Option<Peeked>>,
    digest: StreamDigest,
}

impl RecordFile {
    /// The file at `path`, which was opened to detect its format.
    pub(crate) fn new(path: &Path, format: Format, opened: Opened, options: &Arc<ReadOptions>) -> Self {
        let Opened { packing, bytes, digest } = opened;
        // Other files are opened again when they are read: there may be thousands.
        let stream = digest.map(|digest| Stream { bytes: Mutex::new(Some(bytes)), digest });
        let members = MemberChoice::new(options);
        RecordFile { path: path.to_path_buf(), format, packing, options: Arc::clone(options), members, stream }
    }

    /// The path that was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The detected format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How the file is compressed.
    pub fn packing(&self) -> Packing {
        self.packing
    }

    /// How the file is read.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    pub(super) fn members(&self) -> &MemberChoice {
        &self.members
    }

    /// The digest of a pipe or standard input, which is set once it was read. Files have none.
    pub fn stream_digest(&self) -> Option<StreamDigest> {
        self.stream.as_ref().map(|stream| Arc::clone(&stream.digest))
    }

    /// Whether the records are members, whose images are in the order of the members' names.
    pub fn has_members(&self) -> bool {
        self.format == Format::Tar
    }

    /// What the image of a record is called, given the name of the record.
    pub fn image_name<'n>(&self, name: &'n str) -> &'n str {
        if self.has_members() { self.members.image_name(name) } else { name }
    }

    pub(super) fn opened(&self) -> Result<Peeked> {
        let Some(stream) = &self.stream else { return Ok(Opened::at(&self.path)?.bytes) };
        let bytes = stream.bytes.lock().unwrap_or_else(PoisonError::into_inner).take();
        bytes.ok_or_else(|| Problem::new(&self.path, "a stream can be read only once").into())
    }

    /// The unpacked bytes.
    pub(super) fn open_bytes(&self) -> Result<Bytes> {
        Ok(self.opened()?.into_bytes())
    }

    /// The unpacked bytes without a byte order mark.
    pub(super) fn open_text(&self) -> Result<Bytes> {
        Ok(self.opened()?.into_text())
    }

    /// A problem with a record. `inner` is the place in its text.
    pub fn problem(&self, record: &Record<'_>, what: impl Into<Cow<'static, str>>, inner: Option<&str>) -> Problem {
        let problem = Problem::new(&self.path, what);
        let problem = match record.name {
            Some(name) => problem.in_member(name),
            None => problem,
        };
        match self.place(record.position, record.name.is_some(), inner) {
            Some(place) => problem.at(place),
            None => problem,
        }
    }

    /// Which line, row or element a record is. Members have names instead.
    pub fn line_or_row(&self, number: u64) -> Option<String> {
        match self.format {
            Format::Tar => None,
            Format::Lines => Some(format!("line {}", number + 1)),
            Format::Json => Some(format!("element {number}")),
            Format::Coco => Some(format!("images[{number}]")),
            Format::Csv | Format::Tsv | Format::Parquet => Some(format!("row {number}")),
        }
    }

    /// Where a record is, and the place `inner` in its text, if that text is in the file.
    fn place(&self, position: Position, is_named: bool, inner: Option<&str>) -> Option<String> {
        let Position { number, line } = position;
        match self.format {
            Format::Tar => inner.map(String::from),
            Format::Parquet => Some(format!("row {number}")),
            Format::Csv | Format::Tsv => Some(format!("line {line}")),
            Format::Coco => None,
            Format::Lines => {
                let inner = inner.map(|inner| inner.strip_prefix("line 1 ").unwrap_or(inner));
                Some(inner.map_or_else(|| format!("line {line}"), |inner| format!("line {line} {inner}")))
            }
            Format::Json => {
                let element = if is_named { String::new() } else { format!("element {number} ") };
                let inner = inner.map(|inner| inner_place(inner, line)).unwrap_or_default();
                Some(format!("{element}{inner}").trim_end().to_owned()).filter(|place| !place.is_empty())
            }
        }
    }

    /// The problem with a record that has more than `most` bytes.
    pub(super) fn too_large(&self, position: Position, name: Option<&str>, most: usize) -> Problem {
        let unit = match self.format {
            Format::Lines => "the line",
            Format::Csv | Format::Tsv => "the row",
            _ => "the record",
        };
        let text = Ok(&b""[..]);
        let record = Record { position, name, display_name: None, text };
        let problem = self.problem(&record, format!("{unit} has more than {most} bytes"), None);
        problem.hint("if it is one image's, raise --max-member-size")
    }

    pub(super) fn empty(&self) -> Problem {
        Problem::new(&self.path, "is empty, expected records")
    }

    /// The problem with a file whose only record contains lists of records at these paths.
    pub(super) fn lists_of_records(&self, paths: &[String]) -> Problem {
        let what = format!("is one JSON object that contains lists of records at: {}", paths.join(", "));
        let first = paths.first().map(String::as_str).unwrap_or_default();
        let hint = format!("choose one, for example --records '{first}'; or --format json if each value is an image");
        Problem::new(&self.path, what).hint(hint)
    }

    /// The problem with a table that does not have the column `key`.
    pub(super) fn no_column<'n>(&self, key: &str, columns: impl Iterator<Item = &'n str> + Clone) -> Problem {
        /// How many columns a message names.
        const SHOWN: usize = 12;
        let names: Vec<&str> = columns.clone().take(SHOWN).collect();
        let more = if columns.clone().count() > SHOWN { ", …" } else { "" };
        let what = format!("there is no column '{key}' (columns: {}{more})", names.join(", "));
        let is_split = |name: &&str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        let problem = Problem::new(&self.path, what);
        if let Some(dotted) = columns.clone().find(is_split) {
            let path = dotted_path([dotted]);
            let hint = format!("a literal dot in the name of a column is written as \\., such as '{path}'");
            return problem.hint(hint);
        }
        match columns.clone().find(|name| name.to_lowercase() == key.to_lowercase()) {
            Some(name) => problem.hint(format!("letter case matters, so write {}", quoted(name))),
            None => problem.hint_inspect(),
        }
    }

    pub(super) fn json_error(&self, fault: JsonFault, place: String) -> Error {
        match fault {
            JsonFault::Io(error) => self.broken(&error, place),
            JsonFault::Syntax(what) => Problem::new(&self.path, what).at(place).hint("`jq . FILE` checks it").into(),
        }
    }

    /// What it means that the file cannot be read on behind `place`.
    #[cold]
    pub(super) fn broken(&self, error: &io::Error, place: String) -> Error {
        let message = error.to_string();
        if message == ratio::TOO_MUCH {
            return Problem::new(&self.path, message).at(place).hint("unpack it first if it is sound").into();
        }
        let is_short = error.kind() == io::ErrorKind::UnexpectedEof || message.contains("entire block");
        let what = match is_short || message == "incomplete frame" {
            true => format!("cut short: {} ends in the middle", self.packing.stream_name()),
            false => format!("cannot be read on: {message}"),
        };
        Problem::new(&self.path, what).at(place).hint("copy or download it again").into()
    }
}

/// The place of a record that begins on `line` of the file, given a place in the record. Columns
/// are those of the file from the second line of the record on.
fn inner_place(inner: &str, line: u64) -> String {
    let parts = inner.strip_prefix("line ").and_then(|rest| rest.split_once(' '));
    let parsed = parts.and_then(|(line, column)| Some((line.parse::<u64>().ok()?, column)));
    match parsed {
        Some((1, column)) => column.to_owned(),
        Some((inner, column)) => format!("line {} {column}", line + inner - 1),
        None => inner.to_owned(),
    }
}
