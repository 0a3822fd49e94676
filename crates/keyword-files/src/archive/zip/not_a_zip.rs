//! What a file is if it is not a zip.

use std::path::Path;

use crate::error::Problem;
use crate::git_lfs::pointer_problem;

/// The number of bytes at the start of the file that [`problem`] needs.
pub const HEAD: usize = 512;

/// Formats that people have instead of a zip: the position of the mark, the mark, and the name.
const FORMATS: [(usize, &[u8], &str); 7] = [
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a rar archive"),
    (0, b"BZh", "a bzip2 file"),
    (0, b"\xfd7zXZ\x00", "an xz file"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file"),
    (257, b"ustar", "a tar archive"),
];

/// The problem with a file without an end of central directory. `head` is its start.
pub fn problem(path: &Path, head: &[u8]) -> Problem {
    if head.is_empty() {
        return Problem::new(path, "is empty, expected a zip archive").hint("download it again");
    }
    if let Some(problem) = pointer_problem(path, head) {
        return problem;
    }
    if is_web_page(head) {
        return Problem::new(path, "is a web page, perhaps because the download was blocked")
            .hint("download the zip archive itself");
    }
    let known = FORMATS.iter().find(|(at, mark, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    match known {
        Some((_, _, name)) => Problem::new(path, format!("is {name}, expected a zip archive"))
            .hint("unpack it and zip the keyword files, or use their folder"),
        None => Problem::new(path, "cut short or not a zip: no end of central directory").hint("download it again"),
    }
}

fn is_web_page(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |mark: &[u8]| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    starts(b"<!doctype html") || starts(b"<html")
}
