//! What the threads that read a split share.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use count_vectorizer::Analyzer;
use keyword_files::archive::Limits;
use keyword_files::archive::sections::Section;
use keyword_files::json::KeywordField;
use keyword_files::records::Records;

use crate::dataset::split::Wanted;
use crate::dataset::split_source::SplitSource;
use crate::error::{Error, Problem, Result};
use crate::parallel::{Queue, lock};
use crate::problems::ProblemList;
use crate::progress::Progress;
use crate::times::Stopwatch;
use crate::word_store::{Batch, OrderedImages, PlacedWords, Tally};

/// A thread hands over its words when it has this many.
pub(super) const MOST_WORDS: usize = 1 << 20;

/// The settings of reading.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub analyzer: &'a Analyzer,
    pub binary: bool,
    /// Whether the images are part of a larger set.
    pub is_part: bool,
    pub jobs: usize,
    pub limits: Limits,
    /// The folder for words that do not fit into memory.
    pub scratch: &'a Path,
    pub progress: &'a dyn Progress,
    pub stopwatch: Stopwatch,
}

/// Members of one archive.
pub(super) struct MemberBatch {
    pub section: Section,
    /// The number of the zip or folder in the split.
    pub archive: usize,
}

/// Images that a thread encodes together.
pub(super) enum InputBatch {
    Records(RecordBatch),
    Members(MemberBatch),
}

impl InputBatch {
    /// The number of images.
    pub fn len(&self) -> usize {
        match self {
            InputBatch::Records(batch) => batch.records.len(),
            InputBatch::Members(batch) => batch.section.members.len(),
        }
    }

    /// The memory that the batch takes, about.
    fn weight(&self) -> usize {
        const MEMBER_BYTES: usize = 100;
        match self {
            InputBatch::Records(batch) => batch.records.weight(),
            InputBatch::Members(_) => self.len().saturating_mul(MEMBER_BYTES),
        }
    }
}

/// Records of one stream.
pub(super) struct RecordBatch {
    pub records: Records,
    /// The number of the stream in the split.
    pub stream: usize,
    /// The number of lines or rows in the streams before.
    pub before: u64,
}

/// What the threads that read a split share.
pub(super) struct Shared<'a> {
    pub reading: Reading<'a>,
    pub source: &'a SplitSource,
    pub wanted: &'a Wanted,
    /// The field of the keywords in the texts that are encoded.
    pub keyword_field: KeywordField,
    pub batches: Queue<InputBatch>,
    /// The records without a value in the field of the keywords.
    pub missing_field: Mutex<MissingField>,
    /// The words of images that are known.
    pub words: Mutex<PlacedWords>,
    /// The images that are found.
    pub images: Mutex<OrderedImages>,
    pub problems: Mutex<ProblemList>,
    pub next_chunk: AtomicUsize,
    pub failure: Mutex<Option<Error>>,
    /// The number of lines and rows of the streams that were read.
    pub rows: AtomicU64,
    pub names_seen: NamesSeen,
}

/// Which kinds of names the records had so far.
#[derive(Default)]
pub(super) struct NamesSeen {
    text: AtomicBool,
    number: AtomicBool,
}

impl NamesSeen {
    /// Adds the name of a record, which may be the number of its line or row.
    pub fn add(&self, is_number: bool) {
        let seen = if is_number { &self.number } else { &self.text };
        // Nearly always it is set already, and a load does not slow the other threads down.
        if !seen.load(Ordering::Relaxed) {
            seen.store(true, Ordering::Relaxed);
        }
    }
}

/// What the images of the records of a split are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordNames {
    /// All have names of their own.
    Texts,
    /// All have the numbers of their lines or rows.
    Numbers,
    Mixed,
}

impl RecordNames {
    pub(super) fn of(seen: &NamesSeen) -> RecordNames {
        match (seen.text.load(Ordering::Relaxed), seen.number.load(Ordering::Relaxed)) {
            (_, false) => RecordNames::Texts,
            (false, true) => RecordNames::Numbers,
            (true, true) => RecordNames::Mixed,
        }
    }
}

/// Records without the field of the keywords, or with null in it.
#[derive(Default)]
pub(super) struct MissingField {
    pub first: Option<RecordWithoutField>,
    /// The number of members.
    pub members: u64,
    /// The number of members whose names are not numbers.
    pub text_names: u64,
    /// The names of the first members, by the numbers that put the records into order.
    pub first_members: BTreeMap<u64, String>,
}

/// How many members without the field are named.
const NAMED_MEMBERS: usize = 3;

/// A record without the field of the keywords.
pub(super) struct RecordWithoutField {
    /// A number that puts the records of a split into order.
    pub order: u64,
    pub text: Vec<u8>,
}

/// The largest text of a record that is kept for a message.
const MOST_KEPT_TEXT: usize = 1 << 20;

impl Shared<'_> {
    /// Keeps the text if it is the first without the field, and the name of its member if it is one
    /// of the first.
    pub fn note_missing_field(&self, order: u64, text: &[u8], member: impl FnOnce() -> Option<String>) {
        let missing = &mut *lock(&self.missing_field);
        if missing.first.as_ref().is_none_or(|first| order < first.order) {
            let text = if text.len() > MOST_KEPT_TEXT { Vec::new() } else { text.to_vec() };
            missing.first = Some(RecordWithoutField { order, text });
        }
        let Some(member) = member() else { return };
        missing.members += 1;
        missing.text_names += u64::from(!is_numbered(&member));
        missing.first_members.insert(order, member);
        if missing.first_members.len() > NAMED_MEMBERS {
            missing.first_members.pop_last();
        }
    }

    /// Returns the number of the next chunk of archive images.
    pub fn next_chunk(&self) -> usize {
        self.next_chunk.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds counts that belong to no image.
    pub fn add_tally(&self, tally: Tally) {
        match self.wanted {
            Wanted::Known(_) => lock(&self.words).tally += tally,
            Wanted::ToFind(_) => lock(&self.images).tally += tally,
        }
    }

    /// Waits for room and hands a batch to the threads that encode.
    ///
    /// # Errors
    ///
    /// The run is cancelled, or a thread has failed.
    pub fn push(&self, batch: InputBatch) -> Result<()> {
        self.reading.progress.stop_if_cancelled()?;
        let weight = batch.weight();
        // The error of the other thread is the first.
        if self.batches.push(batch, weight) { Ok(()) } else { Err(Error::Interrupted) }
    }

    /// Stops all threads. The run returns the first error.
    pub fn fail(&self, error: Error) {
        self.batches.stop();
        self.next_chunk.store(usize::MAX / 2, Ordering::Relaxed);
        lock(&self.failure).get_or_insert(error);
    }
}

/// Whether the file name of a member is a number before its ending.
fn is_numbered(member: &str) -> bool {
    let name = member.rsplit('/').next().unwrap_or_default();
    let key = name.split('.').next().unwrap_or_default();
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// A thread that encodes images.
pub(super) struct Worker<'a> {
    pub shared: &'a Shared<'a>,
    pub thread: usize,
}

impl Worker<'_> {
    pub fn stop_if_cancelled(&self) -> Result<()> {
        self.shared.reading.progress.stop_if_cancelled()
    }

    pub fn add_problems(&self, problems: Vec<ImageProblem>) {
        if !problems.is_empty() {
            let mut list = lock(&self.shared.problems);
            problems.into_iter().for_each(|ImageProblem { order, problem }| list.add(order, problem));
        }
    }

    pub fn hand_over(&self, batch: Batch) -> Result<()> {
        let batch = batch.pack();
        lock(&self.shared.words).add(self.thread, batch)
    }
}

/// A problem of an image.
pub(super) struct ImageProblem {
    /// A number that puts the problems of a split into the order of its images.
    pub order: u64,
    pub problem: Problem,
}
