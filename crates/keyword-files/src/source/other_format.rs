//! Files of well-known formats that cannot be read, by their first bytes.

use std::path::Path;

use crate::error::Problem;

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

const UNPACK: &str = "unpack it, or compress it with gzip or zstd";
const CONVERT: &str = "convert it to Parquet or JSON Lines, for example with pandas";
const EXPORT: &str = "export its table as CSV";
const NOT_KEYWORDS: &str = "give the file with the keywords of the images";
const PAGE: &str = "if it was downloaded, the server sent a page instead of the file";

const OTHER_FORMATS: [OtherFormat; 15] = [
    other(b"BZh91AY&SY", "is compressed with bzip2", UNPACK),
    other(b"\xfd7zXZ\0", "is compressed with xz", UNPACK),
    other(b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive", UNPACK),
    other(b"ARROW1\0\0", "is an Arrow or Feather file", CONVERT),
    other(b"\xff\xff\xff\xff", "is a stream of Arrow messages", CONVERT),
    other(b"\x89HDF\r\n\x1a\n", "is an HDF5 file", CONVERT),
    other(b"\x93NUMPY", "is a NumPy array", CONVERT),
    other(b"\x80\x04\x95", "is a Python pickle", CONVERT),
    other(b"\x80\x05\x95", "is a Python pickle", CONVERT),
    other(b"SQLite format 3\0", "is an SQLite database", EXPORT),
    other(b"\xff\xd8\xff", "is a JPEG image", NOT_KEYWORDS),
    other(b"\x89PNG\r\n\x1a\n", "is a PNG image", NOT_KEYWORDS),
    other(b"<?xml", "is an XML file", "convert it to JSON or CSV"),
    other(b"<!doctype html", "is an HTML page", PAGE),
    other(b"<html", "is an HTML page", PAGE),
];

/// The problem with a file of such a format, given its first bytes.
pub(super) fn other_format_problem(path: &Path, head: &[u8]) -> Option<Problem> {
    let found = other_format(head)?;
    Some(Problem::new(path, format!("{}, expected keywords", found.is)).hint(found.hint))
}

/// Whether the first bytes are those of a well-known format that cannot be read.
pub fn is_other_format(head: &[u8]) -> bool {
    other_format(head).is_some()
}

/// Letter case only matters outside ASCII, so that `<HTML>` is found as well.
fn other_format(head: &[u8]) -> Option<&'static OtherFormat> {
    let begins =
        |format: &&OtherFormat| head.get(..format.magic.len()).is_some_and(|head| head.eq_ignore_ascii_case(format.magic));
    OTHER_FORMATS.iter().find(begins)
}
