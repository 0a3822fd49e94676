//! A list of image names of any length. A long one stays on the disk, where its names are looked up.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use keyword_files::plain_file::{FileReader, RangeReader, ReaderAt, is_packed, open_file, read_bounded};

use super::list_file::{ListedName, MOST_MIB, listed_problem, place, too_long};
use crate::error::{Error, Problem, Result};
use crate::parallel::lock;

/// A longer list stays on the disk.
const MOST_HELD: u64 = if cfg!(test) { 1 << 10 } else { 32 << 20 };
/// The most names of a group, and the largest distance of a name from the first of its group.
const GROUP_NAMES: u32 = 16;
const GROUP_BYTES: u64 = 64 << 10;
/// The longest line, with white space around the name.
const LONGEST_LINE: u64 = 64 << 10;

/// The names of a list by place, blank lines skipped. A name takes 2 bytes of memory, and its text
/// if the list is short.
pub(crate) struct LongList {
    path: PathBuf,
    text: ListText,
    groups: Vec<NameGroup>,
    len: u32,
    /// The size of the text.
    bytes: u64,
    /// Why a name could not be read.
    failure: Mutex<Option<io::Error>>,
}

enum ListText {
    Held(Vec<u8>),
    File(FileReader),
}

/// Some names that follow each other.
#[derive(Debug, Clone, Copy)]
struct NameGroup {
    /// The place of the first name.
    first: u32,
    /// Where the line of the first name starts, and the number of the line.
    start: u64,
    line: u64,
}

/// A line of the list.
struct Line<'t> {
    text: &'t str,
    start: u64,
    number: u64,
}

impl LongList {
    /// Reads the list at `path`: UTF-8, with lines that end in LF or CRLF. White space around a name
    /// is no part of it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no list, or a name is too long.
    pub fn read(path: &Path) -> Result<LongList> {
        let file = open_file(path)?;
        let size = file.metadata().map_err(Error::io(path, "read"))?.len();
        let file = FileReader::from(file);
        let text = match size > MOST_HELD && !is_packed(&file).map_err(Error::io(path, "read"))? {
            true => ListText::File(file),
            false => ListText::Held(read_bounded(path, "a compressed list", MOST_MIB)?),
        };
        let mut list =
            LongList { path: path.to_path_buf(), text, groups: Vec::new(), len: 0, bytes: 0, failure: Mutex::default() };
        list.find_groups()?;
        if list.len == 0 {
            return Err(Problem::new(path, "the list is empty, expected one image name per line").into());
        }
        Ok(list)
    }

    fn find_groups(&mut self) -> Result<()> {
        let (mut groups, mut len): (Vec<NameGroup>, u32) = (Vec::new(), 0);
        let bytes = self.each_line(&mut |line| {
            let fits = |group: &NameGroup| len - group.first < GROUP_NAMES && line.start - group.start < GROUP_BYTES;
            if !groups.last().is_some_and(fits) {
                groups.push(NameGroup { first: len, start: line.start, line: line.number });
            }
            len = place(len as usize + 1, &self.path)?;
            Ok(())
        })?;
        (self.groups, self.len, self.bytes) = (groups, len, bytes);
        Ok(())
    }

    /// Calls `take` with each line that has a name, without white space around it. Returns the size
    /// of the text.
    fn each_line(&self, take: &mut dyn FnMut(Line<'_>) -> Result<()>) -> Result<u64> {
        let mut reader: Box<dyn BufRead + '_> = match &self.text {
            ListText::Held(text) => Box::new(text.as_slice()),
            ListText::File(file) => Box::new(BufReader::with_capacity(1 << 17, RangeReader::new(file, 0..u64::MAX))),
        };
        let (mut bytes, mut start, mut number) = (Vec::new(), 0, 0);
        loop {
            bytes.clear();
            let read = read_line(&mut *reader, &mut bytes).map_err(Error::io(&self.path, "read"))? as u64;
            if read == 0 {
                return Ok(start);
            }
            number += 1;
            let here = |problem: Problem| problem.at(format!("line {number}"));
            if read > LONGEST_LINE {
                let what = format!("the line has more than {LONGEST_LINE} bytes, expected one image name per line");
                return Err(here(Problem::new(&self.path, what)).into());
            }
            let not_utf8 = |_| here(Problem::new(&self.path, "not UTF-8; expected one image name per line"));
            let text = std::str::from_utf8(without_mark(&bytes, start)).map_err(not_utf8)?.trim();
            if let Some(what) = too_long(text) {
                return Err(here(Problem::new(&self.path, what)).into());
            }
            if !text.is_empty() {
                take(Line { text, start, number })?;
            }
            start += read;
        }
    }

    /// The number of names.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Calls `take` with each name.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn each(&self, take: &mut dyn FnMut(&str)) -> Result<()> {
        let mut take = |line: Line<'_>| {
            take(line.text);
            Ok(())
        };
        self.each_line(&mut take).map(drop)
    }

    /// Calls `take` with the name at a place. Returns `None` if it cannot be read:
    /// [`LongList::check_read`] then returns the reason.
    pub fn with_name<T>(&self, place: u32, take: impl FnOnce(ListedName<'_>) -> T) -> Option<T> {
        let next = self.group_after(place);
        let group = self.groups.get(next.checked_sub(1)?)?;
        let end = self.groups.get(next).map_or(self.bytes, |next| next.start);
        let len = (end - group.start).min(GROUP_BYTES + LONGEST_LINE) as usize;
        let index = (place - group.first) as usize;
        match &self.text {
            ListText::Held(text) => take_name(text.get(group.start as usize..)?.get(..len)?, *group, index, take),
            ListText::File(file) => {
                let mut bytes = vec![0; len];
                let read = file.read_exact_at(&mut bytes, group.start);
                read.map_err(|error| *lock(&self.failure) = Some(error)).ok()?;
                take_name(&bytes, *group, index, take)
            }
        }
    }

    /// Checks that all names could be read.
    ///
    /// # Errors
    ///
    /// A name could not be read.
    pub fn check_read(&self) -> Result<()> {
        lock(&self.failure).take().map_or(Ok(()), |error| Err(Error::io(&self.path, "read")(error)))
    }

    /// The number of the first group that begins behind a place.
    fn group_after(&self, place: u32) -> usize {
        // No group is larger than these, and most are not smaller.
        let full = (place / GROUP_NAMES) as usize;
        let groups = self.groups.get(full..).unwrap_or_default();
        match groups.get(1) {
            Some(second) if second.first > place => full + 1,
            _ => full + groups.partition_point(|group| group.first <= place),
        }
    }

    /// A problem with a name of the list.
    pub fn problem(&self, listed: ListedName<'_>, what: impl Into<Cow<'static, str>>) -> Problem {
        listed_problem(&self.path, listed, what)
    }
}

/// Calls `take` with the name `index` of a group, whose bytes `bytes` begins with.
fn take_name<T>(bytes: &[u8], group: NameGroup, index: usize, take: impl FnOnce(ListedName<'_>) -> T) -> Option<T> {
    let bytes = without_mark(bytes, group.start);
    let lines = (group.line..).zip(bytes.split(|&byte| byte == b'\n'));
    let (line, bytes) = lines.filter(|(_, bytes)| !is_blank(bytes)).nth(index)?;
    Some(take(ListedName { name: std::str::from_utf8(bytes).ok()?.trim(), line }))
}

/// Whether a line has no name.
fn is_blank(line: &[u8]) -> bool {
    // Nearly every name begins with such a character.
    let begins_name = line.first().is_some_and(u8::is_ascii_graphic);
    !begins_name && std::str::from_utf8(line).is_ok_and(|line| line.trim().is_empty())
}

/// Reads a line with its end, but no more than [`LONGEST_LINE`] bytes and one.
fn read_line(reader: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<usize> {
    io::Read::take(reader, LONGEST_LINE + 1).read_until(b'\n', bytes)
}

/// A line without the byte order mark at the start of the file.
fn without_mark(line: &[u8], start: u64) -> &[u8] {
    if start == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<LongList, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let path = format!("{}: ", file.path().display());
        LongList::read(file.path()).map_err(|error| error.to_string().replace(&path, ""))
    }

    fn names(list: &LongList) -> Vec<(String, u64)> {
        let name = |place| list.with_name(place, |listed| (listed.name.to_owned(), listed.line)).unwrap();
        assert_eq!(list.with_name(list.len(), |_| ()), None);
        (0..list.len()).map(name).collect()
    }

    #[test]
    fn names_are_found_by_place_in_memory_and_on_the_disk() {
        let short: Vec<String> = ["", "a", " b\u{3000}", "", "é c", "d"].map(String::from).to_vec();
        let long =
            (0..400_usize).map(|n| if n % 7 == 0 { " ".repeat(n) } else { format!("img {n} {}", "é".repeat(n * n / 100)) });
        let gap = ["x".to_owned(), "\n".repeat(70_000), "y".to_owned()];
        for lines in [short, long.collect(), gap.to_vec()] {
            for end in ["\n", "\r\n"] {
                let text = format!("\u{feff}{}", lines.join(end));
                let list = read(text.as_bytes()).unwrap();
                assert_eq!(matches!(list.text, ListText::File(_)), text.len() as u64 > MOST_HELD);
                let text = text.trim_start_matches('\u{feff}');
                let lines = (1..).zip(text.lines()).map(|(number, line)| (line.trim().to_owned(), number));
                let expected: Vec<(String, u64)> = lines.filter(|(name, _)| !name.is_empty()).collect();
                assert_eq!(names(&list), expected);
                let mut all = Vec::new();
                list.each(&mut |name| all.push(name.to_owned())).unwrap();
                assert!(all.iter().eq(expected.iter().map(|(name, _)| name)));
            }
        }
    }

    #[test]
    fn a_list_that_was_cut_off_is_an_error_at_the_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name\n".repeat(400)).unwrap();
        let list = LongList::read(file.path()).unwrap();
        std::fs::write(file.path(), "name\n").unwrap();
        list.check_read().unwrap();
        assert_eq!(list.with_name(399, |_| ()), None);
        let expected = format!("{}: cannot read: failed to fill whole buffer", file.path().display());
        assert_eq!(list.check_read().unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_file_that_is_no_list_is_refused() {
        let error = |text: &[u8]| read(text).err().unwrap();
        assert_eq!(error(b"a\nb\n\xff"), "line 3: not UTF-8; expected one image name per line");
        assert_eq!(error(b" \n\n"), "the list is empty, expected one image name per line");
        let long = ["a\n", &"b".repeat(5000)].concat();
        assert_eq!(error(long.as_bytes()), "line 2: the image's name has 5000 bytes, expected at most 4096");
        let endless = " ".repeat(LONGEST_LINE as usize + 1);
        let expected = "line 1: the line has more than 65536 bytes, expected one image name per line";
        assert_eq!(error(endless.as_bytes()), expected);
    }
}
