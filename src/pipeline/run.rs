//! One run from its splits to a committed set of files.

use std::path::{Path, PathBuf};
use std::thread;

use super::documents::EncodedDocuments;
use super::read::{Read, Reading};
use super::settings::{Settings, StopWordList};
use super::times::{Stopwatch, Times, lap};
use super::write::{Encoded, Ids, MatrixNames, Writing, write};
use crate::dataset::{InputFile, Rules, Split};
use crate::error::{Error, Problem, Result, shown_path};
use crate::input::archive::{Archive, Limits};
use crate::input::extract::extract;
use crate::input::vocabulary_file::read_vocabulary;
use crate::output::digest;
use crate::output::file_set::{FileSet, free_space};
use crate::output::manifest::{Counts, Input, InputKind, Manifest, Output, SplitCounts};
use crate::output::skipped_file::skipped_tsv;
use crate::output::vocabulary_file::{vocabulary_json, vocabulary_pickle};
use crate::problems::OnError;
use crate::progress::Progress;
use crate::text::analyzer::Analyzer;
use crate::vocabulary::{Vocabulary, WordCounts, learn};

/// Everything that sets one data set's run apart from another's.
pub(crate) struct Plan {
    /// Names the vocabulary's files: `clickture_dev`, `coco`.
    pub vocabulary_name: &'static str,
    /// The vocabulary is learnt from the first of them, unless it is given.
    pub parts: Vec<Part>,
    /// Things that a reader of the summary should know.
    pub notes: Vec<String>,
}

/// A split and what becomes of it.
pub(crate) struct Part {
    pub split: Split,
    /// Where its rows go; nowhere if the vocabulary is learnt from it and no more.
    pub names: Option<MatrixNames>,
}

/// What a run read, learnt and wrote.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The folder of the outputs.
    pub out: PathBuf,
    /// The manifest's name in it.
    pub manifest: String,
    /// What was counted.
    pub counts: Counts,
    /// How many different words of the documents were dropped; none where the vocabulary was given.
    pub different_words_dropped: Option<u64>,
    /// The files that were written.
    pub outputs: Vec<Output>,
    /// Things that a reader should know, such as from where a split was read.
    pub notes: Vec<String>,
    /// Where the time went, if it was measured.
    pub times: Times,
}

/// Checks that the outputs can be written, opens the data set, and carries its plan out.
pub(crate) fn run(
    (set, out): (&'static str, &Path),
    settings: &Settings,
    progress: &dyn Progress,
    open: impl FnOnce(Rules) -> Result<Plan>,
) -> Result<Summary> {
    let analyzer = Analyzer::with_options(&settings.analyzer, settings.stop_words.load()?)?;
    if let Some(warning) = settings.analyzer.unused() {
        progress.warn(warning);
    }
    let known = settings.vocabulary.as_deref().map(read_vocabulary).transpose()?;
    let (files, recovery) = FileSet::begin(out, set)?;
    if let Some(warning) = recovery.warning() {
        progress.warn(warning);
    }
    let limits = Limits { max_member_size: settings.max_member_size };
    let stopwatch = Stopwatch { is_on: settings.timed };
    let mut clock = stopwatch.start();
    let plan = open(Rules { limits, duplicates: settings.duplicates, on_error: settings.on_error })?;
    let field = ["tagging", "keywords"].map(String::from).to_vec();
    let run = Run { set, out, settings, progress, analyzer, field, files, stopwatch };
    let mut results = Results::default();
    results.times.find = lap(&mut clock, 0);
    run.carry_out(plan, known, results)
}

/// What stays the same while the parts of a run go by.
struct Run<'a> {
    /// Names the manifest and the lock: `clickture`, `coco`.
    set: &'static str,
    out: &'a Path,
    settings: &'a Settings,
    progress: &'a dyn Progress,
    analyzer: Analyzer,
    field: Vec<String>,
    files: FileSet,
    stopwatch: Stopwatch,
}

/// What the parts leave for the summary and the manifest.
#[derive(Default)]
struct Results {
    outputs: Vec<Output>,
    splits: Vec<SplitCounts>,
    /// A line for each image that was left out: split, file, reason.
    skipped: Vec<[String; 3]>,
    different_words_dropped: Option<u64>,
    times: Times,
}

impl Run<'_> {
    fn carry_out(self, mut plan: Plan, known: Option<Vocabulary>, mut results: Results) -> Result<Summary> {
        self.warn_of_space(&plan);
        if self.settings.extract {
            self.extract(&mut plan)?;
        }
        let digests = InputDigests::begin(self.inputs(&plan));
        let notes = plan.parts.iter_mut().flat_map(|part| std::mem::take(&mut part.split.notes));
        let notes: Vec<String> = std::mem::take(&mut plan.notes).into_iter().chain(notes).collect();

        let mut parts = plan.parts.into_iter();
        let vocabulary = match known {
            Some(vocabulary) => vocabulary,
            None => match parts.next() {
                Some(part) => self.learn(part, &mut results)?,
                None => Vocabulary::default(),
            },
        };
        for part in parts {
            self.encode(part, &vocabulary, &mut results)?;
        }

        let stem = format!("vocabulary_{}_sk_{}", plan.vocabulary_name, self.settings.frequency.min);
        results.outputs.push(self.write_whole(&format!("{stem}.json"), &vocabulary_json(&vocabulary)?)?);
        results.outputs.push(self.write_whole(&format!("{stem}.pkl"), &vocabulary_pickle(&vocabulary)?)?);
        if self.settings.on_error == OnError::Skip {
            results.outputs.push(self.write_whole(&format!("skipped_{}.tsv", self.set), &skipped_tsv(&results.skipped))?);
        }
        if self.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let counts = Counts { vocabulary_size: vocabulary.len() as u64, splits: results.splits };
        let split_names: Vec<&str> = counts.splits.iter().map(|split| split.split.as_str()).collect();
        let options = self.settings.for_manifest(self.set, &split_names);
        let manifest = Manifest::new(options, digests.finish()?, results.outputs.clone(), counts.clone());
        let manifest_name = format!("manifest_{}.json", self.set);
        self.write_whole(&manifest_name, &manifest.to_json())?;
        let mut clock = self.stopwatch.start();
        self.files.commit(&manifest_name)?;
        results.times.commit = lap(&mut clock, 0);
        Ok(Summary {
            out: self.out.to_path_buf(),
            manifest: manifest_name,
            counts,
            different_words_dropped: results.different_words_dropped,
            outputs: results.outputs,
            notes,
            times: results.times,
        })
    }

    /// Learns the vocabulary from a part, and writes the part's matrix if it has one.
    fn learn(&self, mut part: Part, results: &mut Results) -> Result<Vocabulary> {
        let Read { documents, numberings, times } = self.reading().read(&mut part.split, WordCounts::default)?;
        part.split.problems.check()?;
        results.times += times;
        let mut clock = self.stopwatch.start();
        let learnt = learn(numberings, self.settings.selection()).map_err(|error| in_archive(error, &part.split.archive))?;
        results.times.learn += lap(&mut clock, 0);
        results.different_words_dropped = Some(learnt.dropped);
        self.write(&part, &documents, (Ids::Learnt(&learnt.ids), learnt.rows), results)?;
        Ok(learnt.vocabulary)
    }

    /// Encodes a part with a vocabulary that is known.
    fn encode(&self, mut part: Part, vocabulary: &Vocabulary, results: &mut Results) -> Result<()> {
        if part.names.is_none() {
            return Ok(());
        }
        let Read { documents, times, .. } = self.reading().read(&mut part.split, || vocabulary)?;
        part.split.problems.check()?;
        results.times += times;
        let rows = documents.words();
        self.write(&part, &documents, (Ids::Known, rows), results)
    }

    fn write(&self, part: &Part, documents: &EncodedDocuments, (ids, rows): (Ids<'_>, u64), results: &mut Results) -> Result<()> {
        let Part { split, names: Some(names) } = part else { return Ok(()) };
        let encoded = Encoded { name: &split.name, images: &split.images, documents, ids, rows };
        let (layout, jobs) = (self.settings.layout, self.settings.jobs.get());
        let writing = Writing { layout, jobs, progress: self.progress, stopwatch: self.stopwatch };
        let written = write(encoded, names, &self.files, writing)?;
        results.times += written.times;
        results.skipped.extend(
            split
                .problems
                .iter()
                .map(|problem| [split.name.clone(), problem.member().unwrap_or_default().to_owned(), problem.reason()]),
        );
        results.splits.push(SplitCounts {
            split: split.name.clone(),
            images: written.images,
            images_without_a_word: written.images_without_a_word,
            skipped: split.problems.total(),
            keywords: documents.tally.keywords,
            words_kept: written.rows,
            words_dropped: documents.words() + documents.tally.unknown - written.rows,
            rows: written.rows,
        });
        results.outputs.extend(written.outputs);
        Ok(())
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            analyzer: &self.analyzer,
            field: &self.field,
            binary: self.settings.binary,
            jobs: self.settings.jobs.get(),
            scratch: self.out,
            progress: self.progress,
            stopwatch: self.stopwatch,
        }
    }

    fn write_whole(&self, name: &str, bytes: &[u8]) -> Result<Output> {
        self.files.create(name)?.write_whole(bytes)
    }

    fn extract(&self, plan: &mut Plan) -> Result<()> {
        for part in &mut plan.parts {
            let archive = &part.split.archive;
            let Some(folder) = archive.path().parent().filter(|_| archive.is_zip()) else { continue };
            let members: Vec<u32> = (0..archive.len() as u32).collect();
            let done = extract(archive, &members, folder, self.settings.jobs, self.progress)?;
            part.split.notes.push(format!(
                "{}: {} keyword files extracted below {}, {} were there already",
                part.split.name,
                done.written,
                shown_path(folder),
                done.left
            ));
        }
        Ok(())
    }

    /// Warns if the outputs can hardly fit: a row of 16 bytes comes from about 12 bytes of JSON, and from 32 at the most that was seen.
    fn warn_of_space(&self, plan: &Plan) {
        let matrices = plan.parts.iter().filter(|part| part.names.is_some());
        let least = matrices.map(|part| part.split.archive.total_size() / 2).sum::<u64>();
        let Some(free) = free_space(self.out).filter(|&free| free < least) else { return };
        let folder = shown_path(self.out);
        self.progress.warn(&format!("{folder}: only {free} bytes are free, and the outputs need {least} bytes or more"));
    }

    /// Every file that is read, with what it takes to hash it.
    fn inputs(&self, plan: &Plan) -> Vec<InputSource> {
        let mut inputs = Vec::new();
        for part in &plan.parts {
            for file in &part.split.inputs {
                let members = if file.kind == InputKind::Folder { part.split.archive.files_of_folder() } else { Vec::new() };
                inputs.push(InputSource { file: file.clone(), members });
            }
        }
        let outside = |kind, path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            InputSource { file: InputFile { kind, path: path.clone(), name }, members: Vec::new() }
        };
        if let StopWordList::File(path) = &self.settings.stop_words {
            inputs.push(outside(InputKind::StopWords, path));
        }
        inputs.extend(self.settings.vocabulary.iter().map(|path| outside(InputKind::Vocabulary, path)));
        inputs
    }
}

/// An empty vocabulary is the archive's fault.
fn in_archive(error: Error, archive: &Archive) -> Error {
    match error {
        Error::EmptyVocabulary(what) => Problem::new(archive.path(), what).into(),
        other => other,
    }
}

/// A file that is read; of a folder, also the files in it.
struct InputSource {
    file: InputFile,
    members: Vec<String>,
}

/// The checksums of the inputs, taken on a thread of their own while the work goes on.
struct InputDigests(thread::JoinHandle<Result<Vec<Input>>>);

impl InputDigests {
    fn begin(inputs: Vec<InputSource>) -> Self {
        InputDigests(thread::spawn(move || inputs.into_iter().map(Self::digest).collect()))
    }

    fn digest(source: InputSource) -> Result<Input> {
        let InputSource { file: InputFile { kind, path, name }, members } = source;
        let is_folder = kind == InputKind::Folder;
        let digest = if is_folder { digest::of_folder(&path, &members, 1)? } else { digest::of_file(&path)? };
        let files = is_folder.then_some(members.len() as u64);
        Ok(Input { path: name, kind, bytes: digest.bytes, files, sha256: digest.sha256 })
    }

    fn finish(self) -> Result<Vec<Input>> {
        self.0.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
