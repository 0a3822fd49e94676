//! Reading: keyword files in the order of the archives, then the records of files that are read from their beginning to their end;
//! word numbers by the image's place in the list.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::documents::{Batch, EncodedDocuments};
use crate::pipeline::encoder::ImageEncoder;
use super::read_records::Batched;
use super::times::{Stopwatch, Times};
use crate::dataset::{Image, Split};
use crate::error::{Error, Problem, Result};
use keyword_files::archive::{Archive, Limits, Reader};
use crate::parallel::Queue;
use crate::problems::ProblemList;
use crate::progress::Progress;
use count_vectorizer::Analyzer;
use count_vectorizer::Numbering;

/// A thread takes so much of the archive at a time: large enough for large reads, small enough that all end together.
const CHUNK_BYTES: u64 = 256 << 10;
const CHUNK_IMAGES: usize = 4096;
/// A thread that has so many words hands them over before its chunk is done.
pub(super) const MOST_WORDS: usize = 1 << 20;
/// So many bytes of records a thread may wait to be encoded.
const WAITING_BYTES: usize = 1 << 20;

/// How documents are read, the same for every split of a run.
pub(crate) struct Reading<'a> {
    pub analyzer: &'a Analyzer,
    /// Whether a word counts once a document.
    pub binary: bool,
    pub jobs: usize,
    pub limits: Limits,
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
            records: Queue::new(self.jobs * WAITING_BYTES),
            failed: Mutex::new(None),
        };
        self.progress.begin(&format!("reading {}", split.name), split.images.len() as u64);
        let workers = if split.streams.is_empty() { self.jobs.min(chunks.len()).max(1) } else { self.jobs };
        let finished: Vec<(N, Times)> = thread::scope(|scope| {
            let split = &*split;
            if !split.streams.is_empty() {
                let thread = thread::Builder::new().name("records".into());
                let started = thread.spawn_scoped(scope, || self.read_streams(split, &shared));
                if let Err(error) = started {
                    shared.fail(Error::io(split.path_of(0), "start a thread to read")(error));
                }
            }
            let workers: Vec<_> = (0..workers)
                .map(|thread| {
                    let encoder = ImageEncoder::new(self.analyzer, numbering(), self.stopwatch).binary(self.binary);
                    let worker = Worker { reading: self, split, shared: &shared, thread };
                    let (order, chunks) = (&order, &chunks);
                    scope.spawn(move || worker.run(encoder, order, chunks))
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        self.progress.end();
        split.problems = unlocked(shared.problems);
        if let Some(error) = unlocked(shared.failed) {
            return Err(error);
        }
        let mut documents = unlocked(shared.documents);
        if let Some(order) = split.settle()? {
            documents.arrange(&order);
        }
        let mut times = Times::default();
        finished.iter().for_each(|(_, thread)| times += *thread);
        let numberings = finished.into_iter().map(|(numbering, _)| numbering).collect();
        Ok(Read { documents, numberings, times })
    }
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The places in the list of the images that have a keyword file, in the order in which the files lie in the archives.
fn archive_order(split: &Split) -> Vec<u32> {
    if let [archive] = split.archives.as_slice()
        && (0..archive.len() as u32).is_sorted_by_key(|member| archive.position(member))
        && let Some(order) = order_of_members(split.images.iter().map(|image| image.member), archive.len())
    {
        return order;
    }
    // Each position is looked up once, not at each comparison.
    let position = |(place, image): (u32, &Image)| {
        let position = split.archive_of(image).map_or(u64::MAX, |archive| archive.position(image.member));
        (image.archive, position, place)
    };
    let with_file = (0..).zip(&split.images).filter(|(_, image)| image.member != Image::NO_MEMBER);
    let mut order: Vec<(u32, u64, u32)> = with_file.map(position).collect();
    order.sort_unstable();
    order.into_iter().map(|(.., place)| place).collect()
}

/// The places of these members, of `count` that there are, in the order of their numbers, without sorting. None where that would not
/// be faster, and where one stands at two places.
fn order_of_members(members: impl ExactSizeIterator<Item = u32>, count: usize) -> Option<Vec<u32>> {
    const NONE: u32 = u32::MAX;
    if count / 4 > members.len() {
        return None;
    }
    let mut places = vec![NONE; count];
    for (place, member) in (0..).zip(members).filter(|(_, member)| *member != Image::NO_MEMBER) {
        let known = std::mem::replace(places.get_mut(member as usize)?, place);
        if known != NONE {
            return None;
        }
    }
    places.retain(|&place| place != NONE);
    Some(places)
}

/// Some keyword files that lie together in an archive.
struct Chunk {
    archive: usize,
    /// Their places in the order.
    places: Range<usize>,
}

/// Cuts the order into pieces of about equal bytes.
fn chunks(split: &Split, order: &[u32]) -> Vec<Chunk> {
    let (mut chunks, mut start, mut bytes, mut archive) = (Vec::new(), 0, 0, 0);
    for (at, place) in order.iter().enumerate() {
        let Some(image) = split.images.get(*place as usize) else { continue };
        let here = image.archive as usize;
        if start < at && (bytes >= CHUNK_BYTES || at - start >= CHUNK_IMAGES || here != archive) {
            chunks.push(Chunk { archive, places: start..at });
            (start, bytes) = (at, 0);
        }
        archive = here;
        bytes += split.archive_of(image).map_or(1, |archive| archive.packed_size(image.member));
    }
    if start < order.len() {
        chunks.push(Chunk { archive, places: start..order.len() });
    }
    chunks
}

pub(super) struct Shared {
    documents: Mutex<EncodedDocuments>,
    problems: Mutex<ProblemList>,
    next: AtomicUsize,
    pub(super) records: Queue<Batched>,
    failed: Mutex<Option<Error>>,
}

impl Shared {
    /// Ends the work of all threads.
    pub(super) fn fail(&self, error: Error) {
        self.records.stop();
        self.next.store(usize::MAX / 2, Ordering::Relaxed);
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

pub(super) struct Worker<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) split: &'a Split,
    shared: &'a Shared,
    thread: usize,
}

impl Worker<'_> {
    /// Takes chunk after chunk and batch after batch until none is left or something has failed.
    fn run<N: Numbering>(&self, mut encoder: ImageEncoder<'_, N>, order: &[u32], chunks: &[Chunk]) -> (N, Times) {
        let _stop = self.shared.records.stop_on_panic();
        let mut times = Times::default();
        let mut reader: Option<(usize, Reader<'_>)> = None;
        while let Some(chunk) = chunks.get(self.shared.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(archive) = self.split.archives.get(chunk.archive) else { continue };
            if let Some((_, done)) = reader.take_if(|(open, _)| *open != chunk.archive) {
                times.add_reader(done.times());
            }
            let (_, reader) = reader.get_or_insert_with(|| (chunk.archive, archive.reader(self.reading.stopwatch.is_on)));
            let places = order.get(chunk.places.clone()).unwrap_or_default();
            if let Err(error) = self.chunk(&mut encoder, (archive, reader), places) {
                self.shared.fail(error);
            }
        }
        let mut batch = |records: Batched| {
            if let Err(error) = self.batch(&mut encoder, &records) {
                self.shared.fail(error);
            }
        };
        while !self.split.streams.is_empty() && self.shared.records.work(&mut batch) {}
        let (numbering, encoded) = encoder.finish();
        times += encoded;
        if let Some((_, reader)) = reader {
            times.add_reader(reader.times());
        }
        (numbering, times)
    }

    /// Reads the keyword files of the images at `places` and hands their words over.
    fn chunk<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        (archive, reader): (&Archive, &mut Reader<'_>),
        places: &[u32],
    ) -> Result<()> {
        if self.reading.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let fields = &self.split.fields;
        let members: Vec<u32> =
            places.iter().filter_map(|&place| self.split.images.get(place as usize)).map(|image| image.member).collect();
        let mut batch = Batch::default();
        let mut problems = Vec::new();
        let mut handed_over = Ok(());
        reader.read_each(&members, &mut |i, bytes| {
            let (Some(&place), Some(&member)) = (places.get(i), members.get(i)) else { return };
            let before = encoder.len();
            let added = bytes.and_then(|bytes| {
                encoder.add(bytes, &fields.keywords).map_err(|malformed| {
                    fields.problem(malformed, bytes, |what, place| {
                        Problem::new(archive.path(), what).in_member(archive.name(member)).at(place)
                    })
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
        self.add_problems(problems);
        self.reading.progress.advance(places.len() as u64);
        self.hand_over(batch)
    }

    pub(super) fn add_problems(&self, problems: Vec<(impl Into<u64>, Problem)>) {
        if !problems.is_empty() {
            let mut list = self.shared.problems.lock().unwrap_or_else(PoisonError::into_inner);
            problems.into_iter().for_each(|(place, problem)| list.add(place, problem));
        }
    }

    pub(super) fn hand_over(&self, batch: Batch) -> Result<()> {
        let batch = batch.pack();
        self.shared.documents.lock().unwrap_or_else(PoisonError::into_inner).add(self.thread, batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_stand_at_one_place_each_need_no_sorting() {
        let order = |members: &[u32], count| order_of_members(members.iter().copied(), count);
        assert_eq!(order(&[3, 0, Image::NO_MEMBER, 2], 5), Some(vec![1, 3, 0]));
        assert_eq!(order(&[], 3), Some(vec![]));
        assert_eq!(order(&[3, 0, 3], 5), None, "twice");
        assert_eq!(order(&[1, 0], 12), None, "a long way for a few");
        assert_eq!(order(&[5], 5), None, "no such member");
    }
}
