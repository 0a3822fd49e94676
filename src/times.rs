//! Where a run's time went.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use keyword_files::archive::ReadTimes;

/// The time that one kind of work took, and the bytes that it went through.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-work-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let settings = Settings { timed: true, ..Settings::default() };
/// let write = mscoco.run(&settings, &Silent)?.times.write;
/// println!("{} bytes in {:?}", write.bytes, write.thread_time);
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Added up over the threads.
    pub thread_time: Duration,
    /// Bytes of input, or of output where the work is writing.
    pub bytes: u64,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Work) {
        self.thread_time += other.thread_time;
        self.bytes += other.bytes;
    }
}

/// Where a run's time went, measured when [`Settings::timed`](crate::Settings::timed) asks for it.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-times-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let settings = Settings { timed: true, ..Settings::default() };
/// for (name, work) in mscoco.run(&settings, &Silent)?.times.iter() {
///     println!("{name}: {:?}", work.thread_time);
/// }
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// Finding the images: lists, id maps, archive directories, `dataset.json`; on one thread.
    pub find: Work,
    /// Reading packed keyword files from the disk.
    pub read: Work,
    /// Inflating and checking them.
    pub inflate: Work,
    /// Parsing their JSON.
    pub parse: Work,
    /// Turning keywords into word numbers, and counting those.
    pub words: Work,
    /// Adding up the counts and numbering the vocabulary; on one thread.
    pub learn: Work,
    /// Bringing the words into the order of the list, as ids; the bytes are those of the rows.
    pub rows: Work,
    /// Making the rows, hashing the outputs and handing them to the system.
    pub write: Work,
    /// Waiting for the disk to have them, and renaming.
    pub commit: Work,
}

impl Times {
    /// The kinds of work by name.
    ///
    /// ```
    /// let names: Vec<&str> = amc_keywords::Times::default().iter().map(|(name, _)| name).collect();
    /// assert_eq!(names[..3], ["find", "read", "inflate"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Work)> {
        [
            ("find", self.find),
            ("read", self.read),
            ("inflate", self.inflate),
            ("parse", self.parse),
            ("words", self.words),
            ("learn", self.learn),
            ("rows", self.rows),
            ("write", self.write),
            ("commit", self.commit),
        ]
        .into_iter()
    }

    pub(crate) fn add_reader(&mut self, times: ReadTimes) {
        self.read += Work { thread_time: Duration::from_nanos(times.read_nanos), bytes: times.bytes_read };
        self.inflate += Work { thread_time: Duration::from_nanos(times.inflate_nanos), bytes: times.bytes_inflated };
    }
}

impl AddAssign for Times {
    fn add_assign(&mut self, other: Times) {
        self.find += other.find;
        self.read += other.read;
        self.inflate += other.inflate;
        self.parse += other.parse;
        self.words += other.words;
        self.learn += other.learn;
        self.rows += other.rows;
        self.write += other.write;
        self.commit += other.commit;
    }
}

/// Measures only when it is asked to: the clock costs a few nanoseconds each time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stopwatch {
    pub is_on: bool,
}

impl Stopwatch {
    pub fn start(self) -> Option<Instant> {
        self.is_on.then(Instant::now)
    }
}

/// The work done since `start`, which is now.
pub(crate) fn lap(start: &mut Option<Instant>, bytes: u64) -> Work {
    let Some(start) = start else { return Work { thread_time: Duration::ZERO, bytes } };
    let now = Instant::now();
    let thread_time = now - *start;
    *start = now;
    Work { thread_time, bytes }
}
