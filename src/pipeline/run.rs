//! A plan carried out: each part is read, the vocabulary learnt from the first, each matrix written, the manifest last.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::documents::EncodedDocuments;
use super::input_digests::{InputDigests, InputSource, inputs};
use super::job::Job;
use super::read::{Read, Reading};
use super::settings::Settings;
use super::statistics::{Words, learning};
use super::times::{Times, lap};
use super::vectorizer_parameters::parameters;
use super::write::{Encoded, Ids, MatrixNames, Writing, write};
use crate::dataset::{Image, InputFile, Split, whole_number};
use crate::error::{Error, Problem, Result, shown};
use keyword_files::archive::Archive;
use crate::inputs::id_map;
use crate::inputs::vocabulary_file::{self, read_vocabulary};
use crate::input_kind::InputKind;
use crate::matrix::Layout;
use crate::output::manifest::{Counts, Manifest, Output, SIZE_LIMIT, SplitCounts, manifest_name};
use crate::output::output_file::{OutputSet, write_whole};
use crate::output::skipped_file::SkippedFile;
use crate::output::statistics::{Learning, SplitSamples, Statistics, statistics_name};
use crate::output::vectorizer_file::vectorizer_pickle;
use crate::output::vocabulary_file::{numbered_json, numbered_pickle, vocabulary_json, vocabulary_pickle};
use crate::problems::OnError;
use count_vectorizer::Analyzer;
use count_vectorizer::{Counted, Vocabulary, WordCounts};

/// Everything that sets one data set's run apart from another's.
pub(crate) struct Plan {
    /// Names the vocabulary's files: `clickture_dev`, `coco`.
    pub vocabulary_name: String,
    /// Names the fitted vectorizer of the layout of the release's scripts: `clickture_dev`, `coco_keyword`.
    pub vectorizer_name: String,
    /// The vocabulary is learnt from the first of them, unless it is given.
    pub parts: Vec<Part>,
    /// Things that a reader of the summary should know.
    pub notes: Vec<String>,
    /// Options that the outputs depend on beside the settings.
    pub options: Map<String, Value>,
}

/// A split and what becomes of it.
pub(crate) struct Part {
    pub split: Split,
    /// Where its rows go; nowhere if the vocabulary is learnt from it and no more.
    pub names: Option<MatrixNames>,
}

/// What stays the same while the parts of a run go by.
pub(super) struct Run<'a> {
    job: Job<'a>,
    analyzer: Analyzer,
    /// The vocabulary, where it is not learnt.
    known: Option<Vocabulary>,
}

/// What a run leaves beside its files.
pub(super) struct Made {
    pub manifest: Manifest,
    pub different_words_dropped: Option<u64>,
    pub notes: Vec<String>,
    pub times: Times,
}

/// What the parts leave for the summary and the manifest.
#[derive(Default)]
struct Results {
    outputs: Vec<Output>,
    splits: Vec<SplitCounts>,
    /// The images that were left out, if any may be.
    skipped: Option<SkippedFile>,
    different_words_dropped: Option<u64>,
    learnt: Option<Learning>,
    samples: Vec<SplitSamples>,
    /// What is worth a line, beside what the plan says.
    notes: Vec<String>,
    times: Times,
}

impl<'a> Run<'a> {
    /// Reads what the settings name, before anything is written.
    pub fn prepare(job: Job<'a>) -> Result<Run<'a>> {
        job.settings.emit.check(job.settings.layout)?;
        let analyzer = Analyzer::with_options(&job.settings.analyzer, job.settings.stop_words.load()?)?;
        if let Some(warning) = job.settings.analyzer.unused() {
            job.progress.warn(warning);
        }
        let known = job.settings.vocabulary.as_deref().map(read_vocabulary).transpose()?;
        Ok(Run { job, analyzer, known })
    }

    /// Carries the plan out. The files are written, the manifest last, and not committed.
    pub fn make(mut self, plan: Plan, files: &dyn OutputSet, digests: InputDigests<'_>) -> Result<Made> {
        let known = self.known.take();
        let Settings { layout, emit, .. } = self.job.settings;
        for part in plan.parts.iter().filter(|part| part.names.is_some()) {
            let can_be_encoded =
                |place| part.split.images.get(place).is_some_and(|image: &Image| image.member != Image::NO_MEMBER);
            emit.check_ids(*layout, &part.split, can_be_encoded)?;
        }
        let inputs = inputs(&plan, self.job.settings);
        inputs.iter().for_each(|input| digests.hear(&input.file));
        self.make_files(plan, (files, known), (inputs, digests))
    }

    fn make_files(
        &self,
        mut plan: Plan,
        (files, known): (&dyn OutputSet, Option<Vocabulary>),
        (inputs, digests): (Vec<InputSource>, InputDigests<'_>),
    ) -> Result<Made> {
        let notes = plan.parts.iter_mut().flat_map(|part| std::mem::take(&mut part.split.notes));
        let mut notes: Vec<String> = std::mem::take(&mut plan.notes).into_iter().chain(notes).collect();

        let Job { set, settings, out, .. } = self.job;
        let read: Vec<InputFile> = inputs.iter().map(|input| input.file.clone()).collect();
        let mut results = Results::default();
        if settings.on_error == OnError::Skip {
            results.skipped = Some(SkippedFile::create(files, &format!("skipped_{set}.tsv"))?);
        }
        let mut parts = plan.parts.into_iter();
        let vocabulary = match known {
            Some(vocabulary) => vocabulary,
            None => match parts.next() {
                Some(part) => self.learn(part, files, &mut results)?,
                None => Vocabulary::default(),
            },
        };
        for part in parts {
            self.encode(part, (&vocabulary, files), &mut results)?;
        }
        let stem = format!("vocabulary_{}_sk_{}", plan.vocabulary_name, settings.frequency.min);
        let json = vocabulary_json(&vocabulary)?;
        self.warn_of_size(&format!("{stem}.json"), &json, vocabulary_file::MAX_FILE);
        results.outputs.push(write_whole(files, &format!("{stem}.json"), &json)?);
        results.outputs.push(write_whole(files, &format!("{stem}.pkl"), &vocabulary_pickle(&vocabulary)?)?);
        let fitted = parameters(settings, self.analyzer.stop_words()).filter(|_| settings.layout == Layout::Script);
        if let Some(fitted) = fitted {
            let name = format!("count_vectorizer_{}_sk_{}.pkl", plan.vectorizer_name, settings.frequency.min);
            results.outputs.push(write_whole(files, &name, &vectorizer_pickle(&fitted, &vocabulary)?)?);
        }
        if let Some(skipped) = results.skipped {
            results.outputs.push(skipped.finish()?);
        }
        let statistics = Statistics::new(results.learnt, results.samples);
        results.outputs.push(write_whole(files, &statistics_name(set), &statistics.to_json())?);
        let counts = Counts { vocabulary_size: vocabulary.len() as u64, splits: results.splits };
        let split_names: Vec<&str> = counts.splits.iter().map(|split| split.split.as_str()).collect();
        let mut options = settings.for_manifest(set, &split_names);
        options.append(&mut plan.options);
        self.job.progress.begin("taking the checksums of the inputs", 0);
        let inputs = digests.finish(inputs, settings.jobs.get(), self.job.progress)?;
        self.job.progress.end();
        refuse_inputs(out, &results.outputs, &read)?;
        notes.append(&mut results.notes);
        let manifest = Manifest::new(options, inputs, results.outputs, counts);
        let json = manifest.to_json();
        if json.len() as u64 > SIZE_LIMIT {
            let mib = SIZE_LIMIT >> 20;
            return Err(Error::Refused(format!(
                "the manifest would have more than {mib} MiB; if that is for its many inputs, name a folder that holds them"
            )));
        }
        write_whole(files, &manifest_name(set), &json)?;
        Ok(Made { manifest, different_words_dropped: results.different_words_dropped, notes, times: results.times })
    }

    /// Learns the vocabulary from a part, and writes the part's matrix if it has one.
    fn learn(&self, mut part: Part, files: &dyn OutputSet, results: &mut Results) -> Result<Vocabulary> {
        let reading = self.reading(files);
        let Read { documents, numberings, times } = reading.read(&mut part.split, WordCounts::default)?;
        part.split.problems.check(part.split.images.len())?;
        results.times += times;
        let mut clock = self.job.stopwatch().start();
        let counted = Counted::add_up(numberings);
        let selection = self.job.settings.selection();
        let learnt = counted.select(selection).map_err(|error| in_input(error.into(), &part.split))?;
        results.different_words_dropped = Some(learnt.dropped);
        results.learnt = Some(learning(&part.split.name, &counted, selection, &learnt.vocabulary));
        let words = Words { vocabulary: &learnt.vocabulary, counted: Some((&counted, selection.frequency)) };
        self.sample(&mut part, words, results);
        drop(counted);
        results.times.learn += lap(&mut clock, 0);
        self.write((&part, &documents), (Ids::Learnt(&learnt.ids), learnt.rows, &learnt.vocabulary), files, results)?;
        Ok(learnt.vocabulary)
    }

    /// Encodes a part with a vocabulary that is known.
    fn encode(&self, mut part: Part, (vocabulary, files): (&Vocabulary, &dyn OutputSet), results: &mut Results) -> Result<()> {
        if part.names.is_none() {
            return Ok(());
        }
        let Read { documents, times, .. } = self.reading(files).read(&mut part.split, || vocabulary)?;
        part.split.problems.check(part.split.images.len())?;
        results.times += times;
        self.sample(&mut part, Words { vocabulary, counted: None }, results);
        let rows = documents.words();
        self.write((&part, &documents), (Ids::Known, rows, vocabulary), files, results)
    }

    /// Reads the sample images, after which no keyword file is read any more.
    fn sample(&self, part: &mut Part, words: Words<'_>, results: &mut Results) {
        if part.names.is_some() {
            results.samples.push(words.samples(&self.analyzer, &part.split));
        }
        part.split.archives.iter_mut().for_each(Archive::forget_places);
    }

    fn write(
        &self,
        (part, documents): (&Part, &EncodedDocuments),
        (ids, rows, vocabulary): (Ids<'_>, u64, &Vocabulary),
        files: &dyn OutputSet,
        results: &mut Results,
    ) -> Result<()> {
        let Part { split, names: Some(names) } = part else { return Ok(()) };
        let Settings { layout, emit, .. } = self.job.settings;
        // Once more: some images are known only when they have been read.
        emit.check_ids(*layout, split, |place| documents.has(place))?;
        let encoded = Encoded { split, documents, ids, rows, vocabulary };
        let written = write(encoded, names, self.writing(files))?;
        results.times += written.times;
        results.notes.extend(written.notes);
        if documents.tally.unsure > 0 {
            let (split, unsure) = (&split.name, documents.tally.unsure);
            results.notes.push(format!("{split}: keywords left out for their confidence, and not counted: {unsure}"));
        }
        if written.rows == 0 {
            let split = &split.name;
            self.job.progress.warn(&format!("{split}: no document holds a word of the vocabulary: the matrix is empty"));
        }
        if let Some(skipped) = &mut results.skipped {
            skipped.add(&split.name, split.problems.iter())?;
        }
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
        if let Some(made) = &split.made_ids {
            results.notes.extend(note_of_made_ids(made.iter(), &split.name));
            let stem = format!("id_map_{}", self.job.set);
            let json = numbered_json(made)?;
            self.warn_of_size(&format!("{stem}.json"), &json, id_map::MAX_FILE);
            results.outputs.push(write_whole(files, &format!("{stem}.json"), &json)?);
            results.outputs.push(write_whole(files, &format!("{stem}.pkl"), &numbered_pickle(made)?)?);
        }
        Ok(())
    }

    /// What is written may be larger than what this program reads.
    fn warn_of_size(&self, name: &str, bytes: &[u8], mib: u64) {
        if bytes.len() as u64 > mib << 20 {
            self.job.progress.warn(&format!("{name}: it has more than {mib} MiB, which show, vocab and report do not read"));
        }
    }

    fn writing<'r>(&'r self, files: &'r dyn OutputSet) -> Writing<'r> {
        let Settings { layout, emit, jobs, .. } = self.job.settings;
        let stopwatch = self.job.stopwatch();
        Writing { files, layout: *layout, emit, jobs: jobs.get(), progress: self.job.progress, stopwatch }
    }

    fn reading<'r>(&'r self, files: &'r dyn OutputSet) -> Reading<'r> {
        Reading {
            analyzer: &self.analyzer,
            binary: self.job.settings.binary,
            jobs: self.job.settings.jobs.get(),
            limits: self.job.limits(),
            scratch: files.scratch(),
            progress: self.job.progress,
            stopwatch: self.job.stopwatch(),
        }
    }
}

/// Names that are numbers and no ids, since some others are none, are worth a line: one odd name is enough.
fn note_of_made_ids<'n>(mut names: impl Iterator<Item = &'n str> + Clone, split: &str) -> Option<String> {
    let has_numbers = names.clone().any(|name| whole_number(name).is_some());
    let odd = names.find(|name| whole_number(name).is_none()).filter(|_| has_numbers).map(shown)?;
    Some(format!(
        "{split}: ids count up from 0 (see the id map), since not all names are whole numbers up to 2^53, such as '{odd}'"
    ))
}

/// No output takes the place of a file that the run read, but for a vocabulary, which it writes as it was.
fn refuse_inputs(out: &Path, outputs: &[Output], inputs: &[InputFile]) -> Result<()> {
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let inputs: Vec<PathBuf> =
        inputs.iter().filter(|input| input.kind != InputKind::Vocabulary).filter_map(|input| whole(&input.path)).collect();
    let paths = outputs.iter().map(|output| out.join(&output.name));
    match paths.into_iter().find(|path| whole(path).is_some_and(|path| inputs.contains(&path))) {
        Some(path) => Err(Problem::new(&path, "is an input of this run, and one of its outputs would take its place")
            .hint("choose another folder with --out")
            .into()),
        None => Ok(()),
    }
}

/// An empty vocabulary is the archive's fault.
fn in_input(error: Error, split: &Split) -> Error {
    match (error, split.inputs.first()) {
        (Error::EmptyVocabulary(what), Some(input)) => Problem::new(&input.path, what).into(),
        (other, _) => other,
    }
}
