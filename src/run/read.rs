//! Reads the keywords of a split and encodes them, on several threads.

use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Mutex, PoisonError};
use std::thread;

use count_vectorizer::Numbering;

use super::archive_worker::ArchivePlan;
use super::grouping::{grouped_field, read_grouped_streams};
use super::image_encoder::ImageEncoder;
use super::input_worker::read_inputs;
use super::worker::{MissingField, NamesSeen, Reading, RecordNames, RecordWithoutField, Shared, Worker};
use crate::dataset::image_set::SettledImages;
use crate::dataset::samples::PlacedSample;
use crate::dataset::split::{OpenSplit, Split, SplitImages, Wanted};
use crate::dataset::split_source::SplitSource;
use crate::error::{Problem, Result, shown};
use crate::inspect::suggest_fields;
use crate::parallel::Queue;
use crate::times::Times;
use crate::word_store::{OrderedImages, PlacedWords, WordStore};

/// The largest size of the records that wait for each thread.
const WAITING_BYTES: usize = 1 << 20;

/// A split whose keywords have been read.
pub(crate) struct ReadPart<N> {
    pub split: Split,
    /// The number of lines and rows of all streams.
    pub rows: u64,
    /// What the images of the records are called.
    pub names: RecordNames,
    /// The word numbers of each image.
    pub words: WordStore,
    /// What each thread numbered the words with.
    pub numberings: Vec<N>,
    pub times: Times,
}

/// Reads all images of a split and encodes their words with one numbering per thread.
///
/// # Errors
///
/// A file cannot be read, images have problems and may not be skipped, or the run is cancelled.
pub(crate) fn read<N: Numbering>(open: OpenSplit, reading: Reading<'_>, numbering: impl Fn() -> N + Sync) -> Result<ReadPart<N>> {
    let archives = ArchivePlan::new(&open);
    let images = open.known_images();
    let OpenSplit { source, wanted, problems, .. } = open;
    let shared = Shared {
        reading,
        source: &source,
        keyword_field: if source.fields.group { grouped_field() } else { source.fields.keywords.clone() },
        missing_field: Mutex::default(),
        wanted: &wanted,
        words: Mutex::new(PlacedWords::new(wanted.known(), reading.scratch)),
        images: Mutex::new(OrderedImages::new(reading.scratch)),
        problems: Mutex::new(problems),
        next_chunk: AtomicUsize::new(0),
        batches: Queue::new(reading.jobs * WAITING_BYTES),
        failure: Mutex::new(None),
        rows: AtomicU64::new(0),
        names_seen: NamesSeen::default(),
    };
    reading.progress.begin(&format!("reading {}", source.name), images);
    let finished = run_workers(&shared, &archives, &numbering);
    reading.progress.end();
    let Shared { words, images, problems, failure, missing_field, rows, names_seen, .. } = shared;
    if let Some(error) = unlock(failure) {
        return Err(error);
    }
    let mut problems = unlock(problems);
    let ImagesInOrder { images, words, samples } = match wanted {
        Wanted::Known(list) => {
            ImagesInOrder { images: SplitImages::Listed(list), words: WordStore::Placed(unlock(words)), samples: None }
        }
        Wanted::ToFind(set) => {
            reading.progress.begin(&format!("sorting {}", source.name), 0);
            let SettledImages { ids, words, samples } = set.settle(&source, unlock(images), reading.scratch, &mut problems)?;
            reading.progress.end();
            ImagesInOrder { images: SplitImages::Named(ids), words, samples: Some(samples) }
        }
    };
    let mut split = Split { source, images, samples, problems };
    // Of a larger set, other images may be left, and other records may have the field.
    let images = if reading.is_part { usize::MAX } else { split.len() };
    split.problems.check(images)?;
    if let Some(warning) = check_field(&split, &words, unlock(missing_field), reading.is_part)? {
        reading.progress.warn(&warning);
    }
    let (rows, names) = (rows.into_inner(), RecordNames::of(&names_seen));
    let mut part = ReadPart { split, rows, names, words, numberings: Vec::new(), times: Times::default() };
    for worker in finished {
        part.times += worker.times;
        part.numberings.push(worker.numbering);
    }
    Ok(part)
}

/// The images of a split in the order of the output.
struct ImagesInOrder {
    images: SplitImages,
    words: WordStore,
    samples: Option<Vec<PlacedSample>>,
}

/// Refuses a split if no record has the field of the keywords, unless it is a part and problems are
/// skipped. Returns a warning then, or if some members do not have it, or have null there.
fn check_field(split: &Split, words: &WordStore, missing: MissingField, is_part: bool) -> Result<Option<String>> {
    let source = &split.source;
    let Some(first) = missing.first.filter(|_| source.fields.are_given) else { return Ok(None) };
    let encoded = words.encoded() as u64;
    if words.tally().without_field >= encoded {
        // The records of other parts may have the field.
        let problem = no_record_has_field(source, &first);
        return match (is_part, split.problems.are_skipped()) {
            (true, true) => Ok(Some(problem.to_string())),
            (true, false) => Err(problem.add_hint("if other parts have it, count this part with --on-error skip").into()),
            (false, _) => Err(problem.into()),
        };
    }
    let MissingField { members, text_names, first_members, .. } = missing;
    if members == 0 {
        return Ok(None);
    }
    let named: Vec<String> = first_members.values().map(|member| format!("'{}'", shown(member))).collect();
    let more = match members.saturating_sub(named.len() as u64) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (name, field) = (&source.name, &source.fields.keywords.path);
    let what = match members {
        1 => format!("1 of {encoded} files has no value in the field '{field}' and counts as an image without keywords"),
        some => format!("{some} of {encoded} files have no value in the field '{field}' and count as images without keywords"),
    };
    let hint = match are_all_text_names(split, words, text_names)? {
        true => "--id-pattern '^[0-9]+$' --on-error skip skips names that are not numbers",
        false => "to skip such files, list the wanted images with --list",
    };
    Ok(Some(format!("{name}: {what}: {}{more}; {hint}", named.join(", "))))
}

/// The error that no record has the field.
fn no_record_has_field(source: &SplitSource, first: &RecordWithoutField) -> Problem {
    let problem = Problem::new(source.first_path(), source.fields.no_record_has_keywords(&first.text));
    match suggest_fields(&first.text) {
        Some(options) => problem.hint(format!("use {options}")),
        None => problem.hint_inspect(),
    }
}

/// Whether `count` is the number of all images with names that are not numbers, and there are some.
fn are_all_text_names(split: &Split, words: &WordStore, count: u64) -> Result<bool> {
    let mut texts = 0;
    if let SplitImages::Named(ids) = &split.images {
        ids.each_in_map(words, |name, _| {
            texts += u64::from(!name.bytes().all(|byte| byte.is_ascii_digit()));
            Ok(())
        })?;
    }
    Ok(texts == count && texts > 0)
}

fn unlock<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The results of a thread.
struct FinishedWorker<N> {
    numbering: N,
    times: Times,
}

fn run_workers<N: Numbering>(
    shared: &Shared<'_>,
    archives: &ArchivePlan,
    numbering: &(impl Fn() -> N + Sync),
) -> Vec<FinishedWorker<N>> {
    let Reading { analyzer, stopwatch, binary, jobs, .. } = shared.reading;
    let workers = match shared.wanted {
        Wanted::Known(_) => jobs.min(archives.chunks()).max(1),
        Wanted::ToFind(_) => jobs,
    };
    thread::scope(|scope| {
        if let Wanted::ToFind(_) = shared.wanted {
            scope.spawn(|| if shared.source.fields.group { read_grouped_streams(shared) } else { read_inputs(shared) });
        }
        let workers: Vec<_> = (0..workers)
            .map(|thread| {
                let encoder = ImageEncoder::new(analyzer, numbering(), stopwatch).binary(binary);
                scope.spawn(move || work(&Worker { shared, thread }, encoder, archives))
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Encodes images until none is left.
fn work<N: Numbering>(worker: &Worker<'_>, mut encoder: ImageEncoder<'_, N>, archives: &ArchivePlan) -> FinishedWorker<N> {
    let _stop = worker.shared.batches.stop_on_panic();
    let mut times = match worker.shared.wanted {
        Wanted::Known(_) => worker.read_archives(&mut encoder, archives),
        Wanted::ToFind(set) => worker.encode_inputs(&mut encoder, set),
    };
    let (numbering, encoder_times) = encoder.finish();
    times += encoder_times;
    FinishedWorker { numbering, times }
}
