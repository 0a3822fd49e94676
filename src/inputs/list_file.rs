//! A list file: one image name per line, in the order of the output.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::{Problem, Result};
use keyword_files::plain_file::read_bounded;

/// The names of a list in their order, blank lines skipped.
#[derive(Debug)]
pub(crate) struct ListFile {
    path: PathBuf,
    text: String,
}

/// One name of a list and the number of its line, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListedName<'a> {
    pub name: &'a str,
    pub line: u64,
}

/// Some lines of a list that follow each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListPart<'a> {
    text: &'a str,
    /// The number of its first line.
    line: u64,
}

impl<'a> ListPart<'a> {
    /// The names in order.
    pub fn names(self) -> impl Iterator<Item = ListedName<'a>> {
        let lines = self.text.lines().zip(self.line..).map(|(line, number)| ListedName { name: line.trim(), line: number });
        lines.filter(|listed| !listed.name.is_empty())
    }
}

/// The largest list of a preset, and the largest compressed list, unpacked.
pub(super) const MOST_MIB: u64 = 256;

/// The longest name of an image. No path of a file is longer.
pub(crate) const LONGEST_NAME: usize = 4096;

impl ListFile {
    /// Reads the list at `path`: UTF-8, lines ending in LF or CRLF, white space around a name cut
    /// off.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(path, read_bounded(path, "a list", MOST_MIB)?)
    }

    /// [`read`](Self::read) with the file's bytes at hand.
    pub(crate) fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
            Problem::new(path, "not UTF-8; expected one image name per line").at(format!("line {line}"))
        })?;
        let list = ListFile { path: path.to_path_buf(), text };
        if let Some((what, line)) = list.names().find_map(|listed| Some((too_long(listed.name)?, listed.line))) {
            return Err(Problem::new(path, what).at(format!("line {line}")).into());
        }
        if list.names().next().is_none() {
            return Err(Problem::new(path, "the list is empty, expected one image name per line").into());
        }
        Ok(list)
    }

    /// Where the list is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = ListedName<'_>> {
        ListPart { text: &self.text, line: 1 }.names()
    }

    /// The list cut into pieces of about `bytes` bytes, in order.
    pub fn parts(&self, bytes: usize) -> Vec<ListPart<'_>> {
        let (mut parts, mut rest, mut line) = (Vec::new(), self.text.as_str(), 1);
        while !rest.is_empty() {
            let from = bytes.min(rest.len());
            let end = rest.as_bytes().iter().skip(from).position(|&b| b == b'\n').map_or(rest.len(), |end| from + end + 1);
            let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            parts.push(ListPart { text, line });
            line += text.bytes().filter(|&b| b == b'\n').count() as u64;
            rest = after;
        }
        parts
    }

    /// A problem with a name of the list.
    pub fn problem(&self, listed: ListedName<'_>, what: impl Into<Cow<'static, str>>) -> Problem {
        listed_problem(&self.path, listed, what)
    }
}

/// A problem with a name of the list at `path`.
pub(super) fn listed_problem(path: &Path, listed: ListedName<'_>, what: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(path, what).in_member(listed.name).of_image(listed.name).at(format!("line {}", listed.line))
}

/// What is wrong with a name that is too long.
pub(super) fn too_long(name: &str) -> Option<String> {
    let len = name.len();
    (len > LONGEST_NAME).then(|| format!("the image's name has {len} bytes, expected at most {LONGEST_NAME}"))
}

/// Converts a place in a list to 4 bytes.
pub(crate) fn place(index: usize, list: &Path) -> Result<u32> {
    u32::try_from(index).map_err(|_| Problem::new(list, "more than 4,294,967,295 images").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(String, u64)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lst");
        std::fs::write(&path, bytes).unwrap();
        match ListFile::read(&path) {
            Ok(list) => Ok(list.names().map(|listed| (listed.name.to_owned(), listed.line)).collect()),
            Err(e) => Err(e.to_string().rsplit_once("a.lst: ").unwrap().1.to_owned()),
        }
    }

    #[test]
    fn line_ends_of_any_kind_and_blank_lines_are_accepted() {
        let names = read(b"00000001\r\n\n  004/00000002 \nimg 3").unwrap();
        assert_eq!(names, [("00000001".into(), 1), ("004/00000002".into(), 3), ("img 3".into(), 4)]);
        assert_eq!(read(b"\xef\xbb\xbfa").unwrap(), [("a".into(), 1)]);
    }

    #[test]
    fn the_parts_of_a_list_make_the_list() {
        let text: String = (0..100).map(|i| if i % 7 == 0 { "\n".to_owned() } else { format!("img{i}é\r\n") }).collect();
        let list = ListFile { path: "a.lst".into(), text };
        for bytes in [0, 1, 10, 99, 10_000] {
            let parts = list.parts(bytes);
            assert_eq!(parts.len() == 1, bytes == 10_000);
            let names: Vec<ListedName<'_>> = parts.iter().flat_map(|part| part.names()).collect();
            assert_eq!(names, list.names().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_list_that_is_no_list_is_refused() {
        assert_eq!(read(b"a\nb\n\xff").unwrap_err(), "line 3: not UTF-8; expected one image name per line");
        assert_eq!(read(b" \n\n").unwrap_err(), "the list is empty, expected one image name per line");
    }
}
