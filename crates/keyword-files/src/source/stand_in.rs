//! Files that stand for others: pointers of Git LFS, and the parts of a split zip.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::file_name::file_name;
use super::recognize::MAGIC;
use crate::error::{Problem, Result};
use crate::git_lfs::pointer_problem;
use crate::records::opening::Opened;

/// Refuses pointers to other files, such as those of Git LFS: their content is missing.
pub(super) fn refuse_stand_ins(path: &Path, name: &str, opened: &mut Opened) -> Result<()> {
    let magic = opened.bytes.peek(MAGIC);
    if let Some(problem) = pointer_problem(path, magic) {
        return Err(problem.into());
    }
    let stem = name.rsplit_once('.').filter(|(_, ending)| is_split_ending(ending)).map(|(stem, _)| stem);
    let is_first_part = magic.starts_with(b"PK\x07\x08");
    let is_last_part = name.ends_with(".zip") && opened.digest.is_none() && ends_as_split_zip(path);
    if stem.is_none() && !is_first_part && !is_last_part {
        return Ok(());
    }
    let stem = stem.unwrap_or_else(|| name.strip_suffix(".zip").unwrap_or(name));
    // The name with its letter case.
    let whole = file_name(path);
    let zip = format!("{}.zip", whole.get(..stem.len()).unwrap_or(stem));
    let zip = path.with_file_name(zip);
    let zip = zip.to_string_lossy();
    let hint = format!("join it with zip -s 0 '{zip}' --out joined.zip");
    Err(Problem::new(path, "is part of a split zip").hint(hint).into())
}

/// Whether a name ends as those of parts do: `.z01`.
fn is_split_ending(ending: &str) -> bool {
    let digits = ending.strip_prefix('z').filter(|digits| digits.len() >= 2);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the end of a zip says that the zip has several parts.
fn ends_as_split_zip(path: &Path) -> bool {
    /// The end record and the longest comment.
    const MOST: u64 = 22 + 0xffff;
    let tail = || {
        let mut file = fs::File::open(path).ok()?;
        let size = file.seek(SeekFrom::End(0)).ok()?;
        file.seek(SeekFrom::Start(size.saturating_sub(MOST))).ok()?;
        let mut tail = Vec::new();
        file.take(MOST).read_to_end(&mut tail).ok()?;
        Some(tail)
    };
    let disk_number = tail().and_then(|tail| {
        let start = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
        tail.get(start + 4..start + 6)?.try_into().ok().map(u16::from_le_bytes)
    });
    // The largest number means that it is found elsewhere.
    disk_number.is_some_and(|number| number != 0 && number != u16::MAX)
}
