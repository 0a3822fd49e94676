//! The format of a file, from its first bytes and its name.

use super::file_name::{ending_of, without_packing};
use crate::records::csv::{self, looks_like_table};
use crate::records::json_head::{Follows, JsonHead};
use crate::records::json_reader::Container;
use crate::records::opening::{BYTE_ORDER_MARK, Opened};
use crate::records::{Format, Packing, ReadOptions};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileFormat {
    Zip,
    Records(Format),
}

impl FileFormat {
    pub fn is_text(self) -> bool {
        !matches!(self, FileFormat::Zip | FileFormat::Records(Format::Parquet | Format::Tar))
    }
}

/// A format and why it was chosen.
pub(super) struct Recognized {
    pub kind: FileFormat,
    pub reason: String,
}

impl Recognized {
    pub fn new(kind: FileFormat, reason: impl Into<String>) -> Recognized {
        Recognized { kind, reason: reason.into() }
    }

    fn records(format: Format, reason: impl Into<String>) -> Option<Recognized> {
        Some(Recognized::new(FileFormat::Records(format), format!("{}.", reason.into())))
    }
}

/// How many bytes show most formats.
pub(super) const MAGIC: usize = 512;
/// How many bytes of JSON are looked at: the first step, and the most.
const JSON_HEADS: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];

/// What follows from the bytes and the name.
pub(super) fn recognize(name: &str, options: &ReadOptions, opened: &mut Opened) -> Option<Recognized> {
    let magic = opened.bytes.peek(MAGIC);
    let is_unpacked = opened.packing == Packing::None;
    let name = without_packing(name);
    let ends = |ending: &str| name.ends_with(ending);
    if is_unpacked && (magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06")) {
        return Some(Recognized::new(FileFormat::Zip, "It begins like a zip."));
    }
    if magic.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Recognized::records(Format::Tar, "It begins like a tar");
    }
    if magic.starts_with(b"PAR1") {
        return Recognized::records(Format::Parquet, "It begins like a Parquet file");
    }
    let first = text_of(magic).first().copied();
    if options.records.is_some() && !ends(".jsonl") && !ends(".ndjson") && matches!(first, Some(b'{' | b'[')) {
        return Recognized::records(Format::Json, "--records is given and it begins like JSON");
    }
    if ends(".csv") {
        return Recognized::records(Format::Csv, "Its name ends with .csv");
    }
    if ends(".tsv") || ends(".tab") {
        return Recognized::records(Format::Tsv, format!("Its name ends with {}", ending_of(name)));
    }
    if ends(".jsonl") || ends(".ndjson") {
        return Recognized::records(Format::Lines, format!("Its name ends with {}", ending_of(name)));
    }
    match first {
        Some(b'[') => return Recognized::records(Format::Json, "It begins like a JSON list"),
        Some(b'{') => return of_object(opened),
        _ => {}
    }
    if ends(".tar") || ends(".tgz") {
        return Recognized::records(Format::Tar, format!("Its name ends with {}", ending_of(name)));
    }
    if ends(".json") {
        return Recognized::records(Format::Json, "Its name ends with .json");
    }
    if is_unpacked && ends(".zip") {
        return Some(Recognized::new(FileFormat::Zip, "Its name ends with .zip."));
    }
    let head = opened.bytes.peek(csv::HEAD);
    let reason = "Its first two lines have the same number of fields";
    looks_like_table(text_of(head)).then(|| Recognized::records(Format::Csv, reason)).flatten()
}

/// The format of a file that begins with an object.
fn of_object(opened: &mut Opened) -> Option<Recognized> {
    let mut head = None;
    for count in JSON_HEADS {
        let text = opened.bytes.peek(count);
        let looked = JsonHead::of(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
        let is_undecided = match looked.follows {
            Follows::Unknown => looked.is_on_one_line,
            Follows::Nothing => true,
            Follows::Text | Follows::Lines => false,
        };
        let is_enough = head.insert(looked).has_annotations() || !is_undecided || opened.bytes.is_at_end();
        if is_enough {
            break;
        }
    }
    let head = head.filter(|head| head.first == Some(Container::Object))?;
    if head.is_sequence() {
        return Recognized::records(Format::Json, "It is a sequence of JSON objects");
    }
    let are_lines = head.is_on_one_line && matches!(head.follows, Follows::Lines | Follows::Text);
    if are_lines {
        return Recognized::records(Format::Lines, "It begins with a JSON object on a line of its own");
    }
    if head.has_annotations() {
        return Recognized::records(Format::Coco, "It is a JSON object with lists of images or annotations");
    }
    Recognized::records(Format::Json, "It is one JSON object")
}

impl JsonHead {
    /// Whether it looks like COCO annotations.
    fn has_annotations(&self) -> bool {
        self.has_list("images") || self.has_list("annotations")
    }
}

/// The text without a byte order mark and white space.
pub(super) fn text_of(head: &[u8]) -> &[u8] {
    head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start()
}
