//! Pointers of Git LFS, which are in the place of files that were not downloaded.

use std::path::Path;

use crate::error::Problem;

/// The problem with a file that begins with `head`, if it is a pointer.
pub(crate) fn pointer_problem(path: &Path, head: &[u8]) -> Option<Problem> {
    let is_pointer = head.starts_with(b"version https://git-lfs.github.com/spec/");
    is_pointer.then(|| Problem::new(path, "is a Git LFS pointer").hint("run git lfs pull"))
}
