//! Files in place of others: pointers of Git LFS, and the parts of a split zip.

use std::path::Path;

use super::recognize::MAGIC;
use crate::archive::{is_end_of_split_zip, split_zip_problem};
use crate::error::Result;
use crate::git_lfs::pointer_problem;
use crate::records::opening::Opened;

/// Refuses pointers to other files, such as those of Git LFS: their content is missing.
pub(super) fn refuse_stand_ins(path: &Path, name: &str, opened: &mut Opened) -> Result<()> {
    let magic = opened.bytes.peek(MAGIC);
    if let Some(problem) = pointer_problem(path, magic) {
        return Err(problem.into());
    }
    let is_first_part = magic.starts_with(b"PK\x07\x08");
    let is_other_part = name.rsplit_once('.').is_some_and(|(_, ending)| is_split_ending(ending));
    // The last part has the ending of a whole zip.
    let is_last_part = || name.ends_with(".zip") && opened.digest.is_none() && is_end_of_split_zip(path);
    if is_first_part || is_other_part || is_last_part() {
        return Err(split_zip_problem(path).into());
    }
    Ok(())
}

/// Whether a name ends as those of parts do: `.z01`.
fn is_split_ending(ending: &str) -> bool {
    let digits = ending.strip_prefix('z').filter(|digits| digits.len() >= 2);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}
