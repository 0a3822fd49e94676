//! What the zip reader and the folder reader have in common: limits, the content of a member, time
//! measurement, and which names are those of keyword files.

use std::io::Read;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::error::{Problem, Result};

/// Size limits for the members of an archive.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most bytes that one member may have, packed or unpacked. Values above
    /// [`Limits::LARGEST`] count as that value.
    pub max_member_size: u64,
}

impl Limits {
    /// The largest possible `max_member_size`. Sizes are stored in 4 bytes, where the largest value
    /// means "too large".
    pub const LARGEST: u64 = u32::MAX as u64 - 1;

    /// [`Archive::with_content`](crate::archive::Archive::with_content) streams members larger than
    /// this.
    pub const WHOLE: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

    /// The effective `max_member_size`.
    pub fn member(self) -> u64 {
        self.max_member_size.min(Self::LARGEST)
    }

    /// The problem with a member of `size` bytes, which exceeds the limit. `verb` is "holds",
    /// "claims" or the like.
    pub(crate) fn over(self, problem: impl FnOnce(String) -> Problem, verb: &str, size: u64) -> Problem {
        let least = if size > Self::LARGEST { "at least " } else { "" };
        let problem = problem(format!("{verb} {least}{size} bytes, expected at most {}", self.member()));
        if self.member() == Self::LARGEST { problem } else { problem.hint("if it is a keyword file, raise --max-member-size") }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_member_size: 64 << 20 }
    }
}

/// Only one thread at a time reads a member larger than this, because many of them would fill the
/// memory. Buffers that have grown larger are freed after the member.
pub(super) const LARGE: usize = 4 << 20;

/// The content of a member.
pub enum Content<'a> {
    /// All bytes of the member.
    Whole(&'a [u8]),
    /// A stream of the bytes, because the member is large.
    Stream(&'a mut dyn Read),
}

/// A callback that receives the content of a member.
pub(super) type TakeContent<'t> = dyn FnMut(Content<'_>) + 't;

/// A callback that receives a member's index in the list of wanted members, and its bytes or the
/// problem with it.
pub(super) type Visit<'v> = dyn FnMut(usize, Result<&[u8], Problem>) + 'v;

/// The time that a reader spent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ReadTimes {
    /// Nanoseconds for reading from the file. 0 unless measured.
    pub read_nanos: u64,
    /// Nanoseconds for unpacking and checking. 0 unless measured.
    pub inflate_nanos: u64,
    /// Bytes read from the file.
    pub bytes_read: u64,
    /// Unpacked bytes of the members.
    pub bytes_inflated: u64,
}

/// Fills [`ReadTimes`].
#[derive(Default)]
pub(super) struct Meter {
    timed: bool,
    times: ReadTimes,
}

impl Meter {
    /// A meter that reads the clock only if `timed`.
    pub fn new(timed: bool) -> Meter {
        Meter { timed, times: ReadTimes::default() }
    }

    pub fn times(&self) -> ReadTimes {
        self.times
    }

    pub fn start(&self) -> Option<Instant> {
        self.timed.then(Instant::now)
    }

    /// Counts `bytes` read from the file since `since`.
    pub fn read(&mut self, since: Option<Instant>, bytes: usize) {
        self.times.read_nanos += nanos(since);
        self.times.bytes_read += bytes as u64;
    }

    /// Counts `bytes` unpacked since `since`.
    pub fn inflated(&mut self, since: Option<Instant>, bytes: usize) {
        self.times.inflate_nanos += nanos(since);
        self.times.bytes_inflated += bytes as u64;
    }
}

/// Locks a mutex, also after another thread has panicked while it held the lock.
pub(super) fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nanos(since: Option<Instant>) -> u64 {
    since.map_or(0, |start| u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
}

/// Whether the name is that of a possible keyword file: no folder, and no file that macOS adds to
/// archives.
pub fn is_keyword_file(name: &[u8]) -> bool {
    let file = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    !file.is_empty() && file != b".DS_Store" && !file.starts_with(b"._") && !name.starts_with(b"__MACOSX/")
}

/// Whether the name is that of an image's keyword file: `KEY.json` in any folder. Names with a `..`
/// part are refused, because they lead out of the archive's folder.
pub fn is_image_member(name: &[u8]) -> bool {
    let stem = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default().strip_suffix(b".json");
    let is_inside = || name.split(|&byte| byte == b'/').all(|part| part != b"..");
    stem.is_some_and(|stem| !stem.is_empty()) && is_keyword_file(name) && is_inside()
}
