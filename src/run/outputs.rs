//! Everything that a run writes: matrices, vocabulary, skipped list, statistics, manifest.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use count_vectorizer::{CorpusCounts, FittedVocabulary, Vocabulary};
use keyword_files::archive::Archive;

use super::context::Context;
use super::image_numbers::ImageNumbers;
use super::input_hashes::InputHashes;
use super::lost_words::{LostWords, drops_letters};
use super::unread_confidences::{self, next_step};
use super::vectorizer_parameters::parameters;
use super::word_reports::{WordReports, learning};
use super::{undivided_lists, unnamed_images};
use crate::dataset::files::InputFile;
use crate::dataset::image::stem;
use crate::dataset::plan::Plan;
use crate::dataset::split::{Split, SplitImages};
use crate::error::{Error, Problem, Result};
use crate::files::manifest::{Counts, Manifest, SIZE_LIMIT, SplitCounts};
use crate::files::names::{self, TwoFormats};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::skipped::{SkippedFile, SkippedImage};
use crate::files::statistics::{Learning, SplitSamples, Statistics};
use crate::files::vectorizer::write_vectorizer;
use crate::files::vocabulary::{Names, write_names};
use crate::forms::layout::Layout;
use crate::forms::{Extent, MatrixContent, write_matrix};
use crate::input_kind::InputKind;
use crate::inputs::{id_map, vocabulary_file};
use crate::policy::OnError;
use crate::progress::Progress;
use crate::settings::Settings;
use crate::times::Times;
use crate::word_store::WordStore;

/// The outputs of a run while they are written.
pub(super) struct Outputs<'a> {
    pub files: &'a dyn OutputSet,
    pub context: &'a Context<'a>,
    pub times: Times,
    lines: Vec<Output>,
    splits: Vec<SplitCounts>,
    /// The list of skipped images if images may be skipped.
    skipped: Option<SkippedFile>,
    different_words_dropped: Option<u64>,
    learning: Option<Learning>,
    samples: Vec<SplitSamples>,
    /// Lines for the summary.
    notes: Vec<String>,
}

/// The result of a run in addition to its files.
pub(super) struct Product {
    pub manifest: Manifest,
    pub different_words_dropped: Option<u64>,
    pub notes: Vec<String>,
    pub times: Times,
}

impl<'a> Outputs<'a> {
    pub fn start(files: &'a dyn OutputSet, context: &'a Context<'a>, plan: &mut Plan) -> Result<Self> {
        let skipped = match context.settings.on_error {
            OnError::Skip => Some(SkippedFile::create(files, &names::skipped(&context.set))?),
            OnError::Stop => None,
        };
        let mut notes = std::mem::take(&mut plan.notes);
        notes.extend(plan.parts.iter_mut().flat_map(|part| std::mem::take(&mut part.split.notes)));
        let encoded = plan.parts.iter().filter(|part| part.names.is_some());
        notes.extend(encoded.filter_map(|part| unnamed_images::note(&part.split.source, "from 0")));
        Ok(Outputs {
            files,
            context,
            times: Times::default(),
            lines: Vec::new(),
            splits: Vec::new(),
            skipped,
            different_words_dropped: None,
            learning: None,
            samples: Vec::new(),
            notes,
        })
    }

    /// Records what was learned from a split.
    pub fn learned(&mut self, split: &str, counts: &CorpusCounts, fit: &FittedVocabulary) {
        self.different_words_dropped = Some(fit.dropped_terms);
        self.learning = Some(learning(split, counts, self.context.settings.selection(), &fit.vocabulary));
    }

    /// Adds the sample images of a split if it is encoded. No keyword file is read after that.
    pub fn add_samples(&mut self, reports: WordReports<'_>, split: &mut Split, is_encoded: bool) {
        if is_encoded {
            let samples = reports.samples(&self.context.analyzer, split);
            let warning = undivided_lists::warning(&samples, &split.source.fields);
            warning.iter().for_each(|warning| self.context.progress.warn(warning));
            self.samples.push(samples);
        }
        split.source.archives.iter_mut().for_each(Archive::forget_places);
    }

    /// Writes the matrices of a part, and the names that were numbered.
    pub fn write_matrix(&mut self, content: MatrixContent<'_>) -> Result<()> {
        let (split, store, words, tally) = (content.split, content.store, content.store.words(), content.store.tally());
        let Settings { layout, emit, .. } = self.context.settings;
        emit.check_ids(*layout, &content)?;
        let report = write_matrix(&content, *layout, emit, Extent::Whole, self.context.form_context(self.files))?;
        self.times += report.times;
        self.notes.extend(report.notes);
        self.lines.extend(report.outputs);
        let name = &split.source.name;
        if tally.unsure > 0 {
            let unsure = tally.unsure;
            self.notes.push(format!("{name}: keywords below --min-confidence, which are not counted: {unsure}"));
        }
        let needs_confidence = split.source.fields.keywords.needs_confidence();
        let warning = unread_confidences::warning(name, needs_confidence, tally, next_step(&split.source));
        warning.iter().for_each(|warning| self.context.progress.warn(warning));
        if tally.without_field > 0 {
            let (field, without) = (&split.source.fields.keywords.path, tally.without_field);
            self.notes.push(format!("{name}: images without a value in the field '{field}', and so without keywords: {without}"));
        }
        if report.counts.rows == 0 {
            let what = match report.counts.images {
                0 => "there is no image in the inputs, so the outputs are empty",
                _ => "no image contains a word of the vocabulary, so the matrix is empty",
            };
            self.context.progress.warn(&format!("{name}: {what}"));
        }
        if let Some(skipped) = &mut self.skipped {
            skipped.add(name, split.problems.iter().map(|problem| skipped_image(split, problem)))?;
        }
        self.splits.push(SplitCounts {
            split: name.clone(),
            images: report.counts.images,
            images_without_a_word: report.counts.images_without_a_word,
            skipped: split.problems.total(),
            keywords: tally.keywords,
            words_kept: report.counts.rows,
            words_dropped: words + tally.unknown - report.counts.rows,
            rows: report.counts.rows,
        });
        self.write_id_map(split, store)
    }

    /// Writes the names that were numbered, if names are not ids.
    fn write_id_map(&mut self, split: &Split, store: &WordStore) -> Result<()> {
        let Some(names) = ImageNumbers::of(split, store) else { return Ok(()) };
        let file = names::id_map(&self.context.set);
        self.notes.extend(names.note(&split.source.name, &file.json()));
        self.context.progress.begin("writing the id map", 0);
        self.write_names(&file, &names, id_map::MAX_FILE)?;
        self.context.progress.end();
        Ok(())
    }

    /// Writes what belongs to the whole run. The manifest is the last file.
    pub fn finish(mut self, mut plan: Plan, vocabulary: &Vocabulary, hashes: InputHashes<'_>) -> Result<Product> {
        let context = self.context;
        self.write_vocabulary(&plan, vocabulary)?;
        if let Some(skipped) = self.skipped.take() {
            self.lines.push(skipped.finish()?);
        }
        self.warn_about_lost_words(vocabulary);
        let statistics = Statistics::new(self.learning.take(), std::mem::take(&mut self.samples));
        self.write(&names::statistics(&context.set), &statistics.to_json())?;

        let counts = Counts { vocabulary_size: vocabulary.len() as u64, splits: std::mem::take(&mut self.splits) };
        let split_names: Vec<&str> = counts.splits.iter().map(|split| split.split.as_str()).collect();
        let mut options = context.settings.for_manifest(&context.set, &split_names);
        options.append(&mut plan.options);
        context.progress.begin("computing the checksums of the inputs", 0);
        let files = hashes.files();
        let inputs = hashes.finish(context.settings.jobs.get(), context.progress)?;
        context.progress.end();
        refuse_to_replace_inputs(&context.out, &self.lines, &files)?;
        let manifest = Manifest::new(options, inputs, std::mem::take(&mut self.lines), counts);
        let json = manifest.to_json();
        if json.len() as u64 > SIZE_LIMIT {
            let mib = SIZE_LIMIT >> 20;
            return Err(Error::Refused(format!(
                "the manifest would have more than {mib} MiB because of its many inputs; name a folder that contains them, or encode \
                 them in parts with amc-keywords shards"
            )));
        }
        write_whole(self.files, &names::manifest(&context.set), &json)?;
        let Outputs { different_words_dropped, notes, times, .. } = self;
        Ok(Product { manifest, different_words_dropped, notes, times })
    }

    fn warn_about_lost_words(&self, vocabulary: &Vocabulary) {
        let lost = LostWords {
            learning: self.learning.as_ref(),
            selection: self.context.settings.selection(),
            vocabulary_size: vocabulary.len() as u64,
            splits: &self.splits,
            drops_letters: drops_letters(&self.samples, self.context.analyzer.stop_words()),
        };
        lost.warnings().iter().for_each(|warning| self.context.progress.warn(warning));
    }

    fn write_vocabulary(&mut self, plan: &Plan, vocabulary: &Vocabulary) -> Result<()> {
        let settings = self.context.settings;
        let min_df = settings.frequency.min;
        let words = vocabulary.words();
        let name = names::vocabulary(&plan.vocabulary_name, min_df);
        self.write_names(&name, &words, vocabulary_file::MAX_FILE)?;
        let parameters = parameters(settings, self.context.analyzer.stop_words());
        if let Some(parameters) = parameters.filter(|_| settings.layout == Layout::Script) {
            let name = names::vectorizer(&plan.vectorizer_name, min_df);
            self.lines.push(write_vectorizer(self.files, &name, &parameters, &words)?);
        }
        Ok(())
    }

    /// Writes names and their numbers as JSON and as a pickle. Warns if the JSON is larger than the
    /// `mib` MiB that this program reads.
    fn write_names(&mut self, file: &TwoFormats, names: &dyn Names, mib: u64) -> Result<()> {
        let outputs = write_names(self.files, file, names, self.context.settings.jobs.get())?;
        warn_if_too_large(self.context.progress, &outputs, mib);
        self.lines.extend(outputs);
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.lines.push(write_whole(self.files, name, bytes)?);
        Ok(())
    }
}

/// Warns if a JSON file of names has more than the `mib` MiB that this program reads.
pub(crate) fn warn_if_too_large(progress: &dyn Progress, outputs: &[Output], mib: u64) {
    for Output { name, .. } in outputs.iter().filter(|output| output.name.ends_with(".json") && output.bytes > mib << 20) {
        progress.warn(&format!("{name}: it has more than {mib} MiB, which show, vocab and report do not read"));
    }
}

/// An image that was skipped. `order` is its place if the images of the split were known.
pub(crate) fn skipped_image<'p>(split: &'p Split, (order, problem): (u64, &'p Problem)) -> SkippedImage<'p> {
    let place = usize::try_from(order).ok().filter(|_| matches!(split.images, SplitImages::Listed(_)));
    let placed = || place.map(|place| split.shown_name(place, "")).filter(|name| !name.is_empty());
    let of_member = || Cow::Borrowed(problem.member().map(stem).unwrap_or_default());
    let name = problem.image().map(Cow::Borrowed).or_else(placed).unwrap_or_else(of_member);
    SkippedImage::new(name, problem)
}

/// Refuses to overwrite an input. The vocabulary is exempt: it is written back unchanged.
fn refuse_to_replace_inputs(out: &Path, outputs: &[Output], inputs: &[InputFile]) -> Result<()> {
    let resolve = |path: &Path| fs::canonicalize(path).ok();
    let inputs: Vec<PathBuf> =
        inputs.iter().filter(|input| input.kind != InputKind::Vocabulary).filter_map(|input| resolve(&input.path)).collect();
    let mut paths = outputs.iter().map(|output| out.join(&output.name));
    match paths.find(|path| resolve(path).is_some_and(|path| inputs.contains(&path))) {
        Some(path) => Err(Problem::new(&path, "is an input of this run, and an output would replace it")
            .hint("choose another folder with --out")
            .into()),
        None => Ok(()),
    }
}
