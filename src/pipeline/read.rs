//! Reading: keyword files in the order of the archive, word numbers by the image's place in the list.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::documents::{Batch, EncodedDocuments};
use super::encoder::Encoder;
use super::times::{Stopwatch, Times};
use crate::dataset::{Image, Split};
use crate::error::{Error, Problem, Result};
use crate::input::archive::Reader;
use crate::problems::ProblemList;
use crate::progress::Progress;
use crate::text::analyzer::Analyzer;
use crate::vocabulary::Numbering;

/// A thread takes so much of the archive at a time: large enough for large reads, small enough that all end together.
const CHUNK_BYTES: u64 = 256 << 10;
const CHUNK_IMAGES: usize = 4096;
/// A thread that has so many words hands them over before its chunk is done.
const MOST_WORDS: usize = 1 << 20;

/// How documents are read, the same for every split of a run.
pub(crate) struct Reading<'a> {
    pub analyzer: &'a Analyzer,
    /// Where the keywords stand in a keyword file.
    pub field: &'a [String],
    /// Whether a word counts once a document.
    pub binary: bool,
    pub jobs: usize,
    /// Where to put what does not fit into memory.
    pub scratch: &'a Path,
    pub progress: &'a dyn Progress,
    pub stopwatch: Stopwatch,
}

/// What reading a split leaves.
pub(crate) struct Read<N> {
    pub documents: EncodedDocuments,
    /// Each thread's numbering, by the thread's number.
    pub numberings: Vec<N>,
    pub times: Times,
}

impl Reading<'_> {
    /// Reads all images of `split`. Problems with single images are added to the split's.
    pub fn read<N: Numbering>(&self, split: &mut Split, numbering: impl Fn() -> N + Sync) -> Result<Read<N>> {
        let order = archive_order(split);
        let chunks = chunks(split, &order);
        let shared = Shared {
            documents: Mutex::new(EncodedDocuments::new(split.images.len(), self.scratch)),
            problems: Mutex::new(std::mem::take(&mut split.problems)),
            next: AtomicUsize::new(0),
            failed: Mutex::new(None),
        };
        self.progress.begin(&format!("reading {}", split.name), split.images.len() as u64);
        let finished: Vec<(N, Times)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.min(chunks.len()).max(1))
                .map(|thread| {
                    let encoder = Encoder::new(self.analyzer, self.field, numbering(), self.stopwatch).binary(self.binary);
                    let worker = Worker { reading: self, split, shared: &shared, thread };
                    let (order, chunks) = (&order, &chunks);
                    scope.spawn(move || worker.run(encoder, order, chunks))
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        self.progress.end();
        split.problems = unlocked(shared.problems);
        match unlocked(shared.failed) {
            Some(error) => Err(error),
            None => {
                let mut times = Times::default();
                finished.iter().for_each(|(_, thread)| times += *thread);
                let numberings = finished.into_iter().map(|(numbering, _)| numbering).collect();
                Ok(Read { documents: unlocked(shared.documents), numberings, times })
            }
        }
    }
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The places in the list of the images that have a keyword file, in the order in which the files lie in the archive.
fn archive_order(split: &Split) -> Vec<u32> {
    let position = |place: &u32| {
        let image = split.images.get(*place as usize);
        image.map_or(u64::MAX, |image| split.archive.position(image.member))
    };
    let mut order: Vec<u32> =
        (0..).zip(&split.images).filter(|(_, image)| image.member != Image::NO_MEMBER).map(|(place, _)| place).collect();
    if !order.is_sorted_by_key(position) {
        order.sort_unstable_by_key(|place| (position(place), *place));
    }
    order
}

/// Cuts the order into pieces of about equal bytes.
fn chunks(split: &Split, order: &[u32]) -> Vec<Range<usize>> {
    let (mut chunks, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (end, place) in (1..).zip(order) {
        let member = split.images.get(*place as usize).map_or(Image::NO_MEMBER, |image| image.member);
        bytes += split.archive.packed_size(member);
        if bytes >= CHUNK_BYTES || end - start >= CHUNK_IMAGES {
            chunks.push(start..end);
            (start, bytes) = (end, 0);
        }
    }
    if start < order.len() {
        chunks.push(start..order.len());
    }
    chunks
}

struct Shared {
    documents: Mutex<EncodedDocuments>,
    problems: Mutex<ProblemList>,
    next: AtomicUsize,
    failed: Mutex<Option<Error>>,
}

struct Worker<'a> {
    reading: &'a Reading<'a>,
    split: &'a Split,
    shared: &'a Shared,
    thread: usize,
}

impl Worker<'_> {
    /// Takes chunk after chunk until none is left or something has failed.
    fn run<N: Numbering>(&self, mut encoder: Encoder<'_, N>, order: &[u32], chunks: &[Range<usize>]) -> (N, Times) {
        let mut reader = self.split.archive.reader(self.reading.stopwatch.is_on);
        while let Some(chunk) = chunks.get(self.shared.next.fetch_add(1, Ordering::Relaxed)) {
            let places = order.get(chunk.clone()).unwrap_or_default();
            if let Err(error) = self.chunk(&mut encoder, &mut reader, places) {
                self.shared.next.store(chunks.len(), Ordering::Relaxed);
                self.shared.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
        }
        let (numbering, mut times) = encoder.finish();
        times.add_reader(reader.times());
        (numbering, times)
    }

    /// Reads the keyword files of the images at `places` and hands their words over.
    fn chunk<N: Numbering>(&self, encoder: &mut Encoder<'_, N>, reader: &mut Reader<'_>, places: &[u32]) -> Result<()> {
        if self.reading.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let archive = &self.split.archive;
        let members: Vec<u32> =
            places.iter().filter_map(|&place| self.split.images.get(place as usize)).map(|image| image.member).collect();
        let mut batch = Batch::default();
        let mut problems = Vec::new();
        let mut handed_over = Ok(());
        reader.read_each(&members, &mut |i, bytes| {
            let (Some(&place), Some(&member)) = (places.get(i), members.get(i)) else { return };
            let before = encoder.len();
            let added = bytes.and_then(|bytes| {
                encoder.add(bytes).map_err(|malformed| {
                    let problem =
                        Problem::new(archive.path(), malformed.what).in_member(archive.name(member)).at(malformed.place);
                    problem.hint("write the file anew, or leave such images out with --on-error skip")
                })
            });
            match added {
                Ok(tally) => {
                    batch.documents.push((place, (encoder.len() - before) as u32));
                    batch.tally += tally;
                }
                Err(problem) => problems.push((place, problem)),
            }
            if encoder.len() >= MOST_WORDS && handed_over.is_ok() {
                batch.words = encoder.take();
                handed_over = self.hand_over(std::mem::take(&mut batch));
            }
        });
        handed_over?;
        batch.words = encoder.take();
        if !problems.is_empty() {
            let mut list = self.shared.problems.lock().unwrap_or_else(PoisonError::into_inner);
            problems.into_iter().for_each(|(place, problem)| list.add(place, problem));
        }
        self.reading.progress.advance(places.len() as u64);
        self.hand_over(batch)
    }

    fn hand_over(&self, batch: Batch) -> Result<()> {
        self.shared.documents.lock().unwrap_or_else(PoisonError::into_inner).add(self.thread, batch)
    }
}
