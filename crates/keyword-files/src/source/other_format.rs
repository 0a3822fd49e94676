//! Files of well-known formats that cannot be read, by their first bytes.

use std::path::Path;

use crate::error::Problem;
use crate::packed_file::{PackedFile, Unpacker};

/// A format that cannot be read.
struct OtherFormat {
    /// How its files begin.
    magic: &'static [u8],
    /// What such a file is.
    is: &'static str,
    /// What to do with it.
    hint: &'static str,
}

const fn other(magic: &'static [u8], is: &'static str, hint: &'static str) -> OtherFormat {
    OtherFormat { magic, is, hint }
}

const CONVERT: &str = "convert it to Parquet or JSON Lines, for example with pandas";
const WORKBOOK: &str = "is a workbook or another office document";
const SAVE_AS_CSV: &str = "save its sheet as CSV in UTF-8";
const EXPORT: &str = "export its table as CSV";
const NOT_KEYWORDS: &str = "give the file with the keywords of the images";
const PAGE: &str = "if it was downloaded, the server sent a page instead of the file";

const OTHER_FORMATS: [OtherFormat; 14] = [
    other(b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive", "unpack it, and give the files or zip them"),
    other(b"ARROW1\0\0", "is an Arrow or Feather file", CONVERT),
    other(b"\xff\xff\xff\xff", "is a stream of Arrow messages", CONVERT),
    other(b"\x89HDF\r\n\x1a\n", "is an HDF5 file", CONVERT),
    other(b"\x93NUMPY", "is a NumPy array", CONVERT),
    other(b"\x80\x04\x95", "is a Python pickle", CONVERT),
    other(b"\x80\x05\x95", "is a Python pickle", CONVERT),
    other(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WORKBOOK, SAVE_AS_CSV),
    other(b"SQLite format 3\0", "is an SQLite database", EXPORT),
    other(b"\xff\xd8\xff", "is a JPEG image", NOT_KEYWORDS),
    other(b"\x89PNG\r\n\x1a\n", "is a PNG image", NOT_KEYWORDS),
    XML,
    other(b"<!doctype html", "is an HTML page", PAGE),
    other(b"<html", "is an HTML page", PAGE),
];

const XML: OtherFormat = other(b"<?xml", "is an XML file", "convert it to JSON or CSV");
/// A workbook that is a zip.
const ZIPPED_WORKBOOK: OtherFormat = other(b"PK\x03\x04", WORKBOOK, SAVE_AS_CSV);
/// The first bytes behind the header of the first member of such a zip.
const MEMBERS_OF_WORKBOOKS: [&[u8]; 6] = [
    b"[Content_Types].xml",
    b"_rels/.rels",
    b"docProps/",
    b"xl/workbook.xml",
    b"xl/worksheets/",
    b"mimetypeapplication/vnd.oasis.",
];
/// The length of the header of a zip's member without its name.
const ZIP_HEADER: usize = 30;

/// The problem with a file of such a format, given its first bytes.
pub(super) fn other_format_problem(path: &Path, head: &[u8]) -> Option<Problem> {
    if let Some(unpacker) = unpacker(head) {
        return Some(unpacker.problem(path));
    }
    let is_xml = head.starts_with(b"<") && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
    let found = if is_xml { &XML } else { other_format(head)? };
    Some(Problem::new(path, format!("{}, expected keywords", found.is)).hint(found.hint))
}

/// Whether the first bytes are those of a well-known format that cannot be read.
pub fn is_other_format(head: &[u8]) -> bool {
    unpacker(head).is_some() || other_format(head).is_some()
}

/// The compression of a file that is neither unpacked nor a zip.
fn unpacker(head: &[u8]) -> Option<Unpacker> {
    match PackedFile::of(head)? {
        PackedFile::Other(unpacker) if !head.starts_with(b"PK") => Some(unpacker),
        _ => None,
    }
}

/// The format with these first bytes. ASCII letters may have any case, as in `<HTML>`.
fn other_format(head: &[u8]) -> Option<&'static OtherFormat> {
    let begins =
        |format: &&OtherFormat| head.get(..format.magic.len()).is_some_and(|head| head.eq_ignore_ascii_case(format.magic));
    let first_member = head.get(ZIP_HEADER..).filter(|_| begins(&&ZIPPED_WORKBOOK)).unwrap_or_default();
    match MEMBERS_OF_WORKBOOKS.iter().any(|member| first_member.starts_with(member)) {
        true => Some(&ZIPPED_WORKBOOK),
        false => OTHER_FORMATS.iter().find(begins),
    }
}
