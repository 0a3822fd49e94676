//! One run of the tool: open, read, learn, write, commit.

mod api;
mod archive_worker;
pub(crate) mod context;
mod extraction;
mod found_images;
mod grouping;
pub(crate) mod image_encoder;
mod image_numbers;
mod input_hashes;
mod input_worker;
pub(crate) mod lost_words;
mod member_worker;
pub(crate) mod outputs;
pub(crate) mod read;
mod record_image;
pub(crate) mod summary;
pub(crate) mod undivided_lists;
mod unmatched_words;
pub(crate) mod unnamed_images;
pub(crate) mod unread_confidences;
pub(crate) mod vectorizer_parameters;
pub(crate) mod word_reports;
pub(crate) mod worker;

use std::thread;

use count_vectorizer::{CorpusCounts, TermCounts, Vocabulary};

use self::context::Context;
use self::extraction::extract_archives;
use self::input_hashes::InputHashes;
use self::lost_words::{KEEP_LETTERS, drops_letters};
use self::outputs::{Outputs, Product};
use self::read::{ReadPart, read};
use self::summary::Summary;
use self::word_reports::WordReports;
use crate::check::against_run::{FreshRun, compare};
use crate::check::result::FolderCheck;
use crate::check::stale::warn_about_left_behind;
use crate::dataset::clickture::Clickture;
use crate::dataset::mscoco::Mscoco;
use crate::dataset::plan::{DataSet, Part, Plan};
use crate::dataset::split::Split;
use crate::error::{Error, Problem, Result};
use crate::files::dry_run::DryRun;
use crate::files::manifest::{Input, Manifest};
use crate::files::names;
use crate::files::output_file::OutputSet;
use crate::files::set::FileSet;
use crate::forms::{MatrixContent, MatrixWords, WordIds};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::times::lap;

/// Runs a data set: writes its files, all or none.
fn run(set: &impl DataSet, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
    let context = Context::new(set, settings, progress)?;
    let (files, recovery) = FileSet::begin(&context.out, &context.set)?;
    if let Some(warning) = recovery.warning() {
        progress.warn(warning);
    }
    let manifest_name = names::manifest(&context.set);
    let previous = Manifest::read(&context.out.join(&manifest_name)).ok();
    if let Some(previous) = &previous {
        let hint = match set.command() {
            Mscoco::COMMAND | Clickture::COMMAND => "choose another folder with --out",
            _ => "choose another name with --name, or another folder with --out",
        };
        previous.refuse_other_command(&context.out.join(&manifest_name), set.command(), hint)?;
    }
    let mut product = write_outputs(set, &context, &files, Extraction::AsAsked)?;
    let mut clock = context.stopwatch.start();
    progress.begin("writing the files to the disk", 0);
    files.commit(&manifest_name, progress)?;
    progress.end();
    product.times.commit = lap(&mut clock, 0);
    warn_about_left_behind(&context.out, &context.set, previous.as_ref(), &product.manifest, progress);
    Ok(Summary::new(context.out, manifest_name, product))
}

/// Makes the same outputs without writing them, and compares them with the files in the output
/// folder.
fn check(set: &impl DataSet, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
    let context = Context::new(set, settings, progress)?;
    let product = write_outputs(set, &context, &DryRun::of(&context.out), Extraction::Never)?;
    progress.begin("comparing the files", 0);
    let fresh = FreshRun { folder: &context.out, set: &context.set, manifest: &product.manifest };
    let check = compare(fresh, settings.jobs.get(), progress);
    progress.end();
    check
}

/// Whether keyword files are extracted next to their archives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extraction {
    AsAsked,
    Never,
}

/// Opens the data set, reads the keywords, learns the vocabulary, and writes all outputs. The
/// manifest is the last. Nothing is committed.
fn write_outputs(set: &impl DataSet, context: &Context<'_>, files: &dyn OutputSet, extraction: Extraction) -> Result<Product> {
    thread::scope(|scope| {
        let mut hashes = InputHashes::start(scope, context.progress);
        let mut clock = context.stopwatch.start();
        let mut plan = open(set, context, &mut hashes)?;
        let find = lap(&mut clock, 0);
        if extraction == Extraction::AsAsked {
            context.warn_about_space(&plan);
            extract_archives(&mut plan, context)?;
        }
        hashes.add_sources(&plan);
        let mut outputs = Outputs::start(files, context, &mut plan)?;
        outputs.times.find = find;
        let mut parts = std::mem::take(&mut plan.parts).into_iter();
        let first = if context.learns() { parts.next() } else { None };
        let learned = first.map_or_else(|| Ok(Vocabulary::default()), |part| learn(part, &mut outputs))?;
        let vocabulary = context.vocabulary.as_ref().unwrap_or(&learned);
        parts.try_for_each(|part| encode(part, vocabulary, &mut outputs))?;
        outputs.finish(plan, vocabulary, hashes)
    })
}

/// Reads the only split of a set without choosing words, and hands it to `write`. Returns the result
/// and the inputs with their checksums.
pub(crate) fn read_split<R>(
    set: &impl DataSet,
    context: &Context<'_>,
    files: &dyn OutputSet,
    write: impl FnOnce(ReadPart<TermCounts>) -> Result<R>,
) -> Result<(R, Vec<Input>)> {
    thread::scope(|scope| {
        let mut hashes = InputHashes::start(scope, context.progress);
        let mut plan = open(set, context, &mut hashes)?;
        hashes.add_sources(&plan);
        let Some(part) = plan.parts.pop() else { return Err(Error::Refused("no input is given".into())) };
        let result = write(read(part.split, context.reading(files), TermCounts::default)?)?;
        Ok((result, hashes.finish(context.settings.jobs.get(), context.progress)?))
    })
}

fn open(set: &impl DataSet, context: &Context<'_>, hashes: &mut InputHashes<'_>) -> Result<Plan> {
    context.progress.begin("finding the images", 0);
    let located = set.locate(context.learns())?;
    located.files.into_iter().chain(context.word_files()).for_each(|file| hashes.add(file));
    let plan = set.open(located.sources, context.rules());
    context.progress.end();
    plan
}

/// Learns the vocabulary from a part, and writes the part's matrices if it has any.
fn learn(part: Part, outputs: &mut Outputs<'_>) -> Result<Vocabulary> {
    let context = outputs.context;
    let ReadPart { mut split, words, numberings, times, .. } =
        read(part.split, context.reading(outputs.files), TermCounts::default)?;
    outputs.times += times;
    let mut clock = context.stopwatch.start();
    let counts = CorpusCounts::add_up(numberings);
    let selection = context.settings.selection();
    let fit = counts.select(selection).map_err(|error| match (Error::from(error), split.source.inputs.first()) {
        // An empty vocabulary is a problem of the input.
        (Error::EmptyVocabulary(what), Some(input)) => Problem::new(&input.path, what).into(),
        (Error::NoWords(what), Some(input)) => no_words(context, &split, Problem::new(&input.path, what)).into(),
        (other, _) => other,
    })?;
    outputs.learned(&split.source.name, &counts, &fit);
    let reports = WordReports { vocabulary: &fit.vocabulary, counts: Some((&counts, selection.frequency)) };
    outputs.add_samples(reports, &mut split, part.names.is_some());
    drop(counts);
    outputs.times.learn += lap(&mut clock, 0);
    if let Some(names) = &part.names {
        let ids = WordIds::ByThread(&fit.ids);
        let vocabulary = MatrixWords::Vocabulary(&fit.vocabulary);
        let encoded = MatrixContent { split: &split, names, store: &words, ids, rows: fit.occurrences, words: vocabulary };
        outputs.write_matrix(encoded)?;
    }
    Ok(fit.vocabulary)
}

/// Adds what to do if there are no words because those of one character are dropped.
fn no_words(context: &Context<'_>, split: &Split, problem: Problem) -> Problem {
    let reports = WordReports { vocabulary: &Vocabulary::default(), counts: None };
    let samples = [reports.samples(&context.analyzer, split)];
    match drops_letters(&samples, context.analyzer.stop_words()) {
        true => problem.hint(KEEP_LETTERS),
        false => problem,
    }
}

/// Encodes a part with a known vocabulary.
fn encode(part: Part, vocabulary: &Vocabulary, outputs: &mut Outputs<'_>) -> Result<()> {
    let Part { split, names: Some(names) } = part else { return Ok(()) };
    let ReadPart { mut split, words, times, .. } = read(split, outputs.context.reading(outputs.files), || vocabulary)?;
    outputs.times += times;
    outputs.add_samples(WordReports { vocabulary, counts: None }, &mut split, true);
    let (rows, ids) = (words.words(), WordIds::Final);
    let vocabulary = MatrixWords::Vocabulary(vocabulary);
    outputs.write_matrix(MatrixContent { split: &split, names: &names, store: &words, ids, rows, words: vocabulary })
}
