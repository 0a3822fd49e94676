//! `shards finish`: checks the encoded parts and writes what belongs to the whole set.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use count_vectorizer::{AnalyzerKind, AnalyzerOptions, DocumentFrequency, Selection, StopWords, StripAccents};
use keyword_files::plain_file::read_bounded;
use serde_json::Value;

use super::advice::{COUNT_AGAIN, LEARN_AGAIN};
use super::concat::EncodedParts;
use super::count::{SkippedLine, missing_part};
use super::encode::EncodedRecord;
use super::numbered_names::{ImageNames, Words};
use super::part::{CountedPart, PartCounts, SKIPPED};
use super::plan::{OpenPlan, PARTS, PlanPart, STATISTICS};
use super::record::read_lines;
use crate::check::stale::left_behind;
use crate::error::{Error, Problem, Result, shown_path};
use crate::files::folder::names_in;
use crate::files::lock::Lock;
use crate::files::manifest::{Counts, Input, Manifest, Parts, SplitCounts};
use crate::files::names::{self, TwoFormats, is_folder_of_plan};
use crate::files::new_folder::remove_abandoned;
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::output_stream::OutputStream;
use crate::files::parts_list::ListedPart;
use crate::files::set::FileSet;
use crate::files::skipped::{SkippedFile, SkippedImage};
use crate::files::statistics::Statistics;
use crate::files::vectorizer::write_vectorizer;
use crate::files::vocabulary::{Names, write_names};
use crate::forms::FormContext;
use crate::forms::layout::Layout;
use crate::inputs::{id_map, vocabulary_file};
use crate::progress::Progress;
use crate::run::lost_words::LostWords;
use crate::run::outputs::warn_if_too_large;
use crate::run::summary::Summary;
use crate::run::vectorizer_parameters::parameters;
use crate::settings::{Settings, StopWordList};
use crate::times::{Stopwatch, Times};

/// Finishes a set whose parts are encoded.
///
/// See [the module](crate::shards) for an example.
#[derive(Debug, Clone, Default)]
pub struct Finish {
    /// The folder of the parts.
    pub folder: PathBuf,
    /// The name of the set. The only plan in the folder is used if it is not given.
    pub name: Option<String>,
    /// Whether the files of the parts are also joined to the files of a single run.
    pub concat: bool,
}

/// The result of [`Finish::run`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedSet {
    /// What was written, as for a single run.
    pub summary: Summary,
    /// Whether files were written. They are not written if they are there already.
    pub done: bool,
    /// The number of parts.
    pub parts: u64,
}

impl Finish {
    /// Checks the parts and writes the files of the set. The manifest is the last. Of the settings,
    /// only those of the run have an effect.
    ///
    /// # Errors
    ///
    /// There is no plan, a part is missing or damaged, or the system refuses to read or write.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<FinishedSet> {
        let plan = OpenPlan::read(&self.folder, self.name.as_deref())?;
        let parts: Vec<PlanPart> = read_lines(&plan.path(PARTS), LEARN_AGAIN)?;
        progress.begin("checking the parts", parts.len() as u64);
        let set = SetParts::read(&plan, &parts, progress)?;
        progress.end();
        let manifest_name = names::manifest(&plan.plan.name);
        let (files, recovery) = FileSet::begin_patiently(&self.folder, &plan.plan.name, progress)?;
        recovery.warning().into_iter().for_each(|warning| progress.warn(warning));
        let previous = Manifest::read(&self.folder.join(&manifest_name)).ok();
        refuse_other_command(&self.folder.join(&manifest_name), previous.as_ref())?;
        if let Some(written) = previous.as_ref().filter(|manifest| self.is_written(&plan, manifest)) {
            drop(files);
            self.remove_old(&plan, progress)?;
            return Ok(self.finished(&plan, written.clone(), manifest_name, false));
        }
        let context = FormContext {
            files: &files,
            dtype: plan.plan.forms.emit().dtype,
            jobs: settings.jobs.get(),
            progress,
            stopwatch: Stopwatch::default(),
        };
        let mut writer = SetWriter { plan: &plan, parts: &parts, set: &set, context, outputs: Vec::new() };
        let manifest = writer.write(self.concat, settings)?;
        progress.begin("writing the files to the disk", 0);
        files.commit(&manifest_name, progress)?;
        progress.end();
        let stale = left_behind(&self.folder, &plan.plan.name, previous.as_ref(), &manifest);
        if !stale.is_empty() {
            let what = "an earlier run left files that no manifest lists; delete them if you do \
                        not need them";
            progress.warn(&format!("{}: {what}: {}", shown_path(&self.folder), stale.join(", ")));
        }
        self.remove_old(&plan, progress)?;
        Ok(self.finished(&plan, manifest, manifest_name, true))
    }

    /// Whether the manifest is that of this plan and lists the wanted files, and all files are there.
    fn is_written(&self, plan: &OpenPlan, manifest: &Manifest) -> bool {
        let is_plan = manifest.parts.as_ref().is_some_and(|parts| parts.folder == plan.matrix_folder());
        let size = |output: &Output| fs::metadata(self.folder.join(&output.name)).ok().map(|found| found.len());
        let joined = super::concat::joined_names(plan);
        let lists = |name: &String| manifest.outputs.iter().any(|output| output.name == *name);
        is_plan
            && (!self.concat || joined.iter().all(lists))
            && manifest.outputs.iter().all(|output| size(output) == Some(output.bytes))
    }

    /// Removes the files of earlier plans, and what stopped runs left.
    fn remove_old(&self, plan: &OpenPlan, progress: &dyn Progress) -> Result<()> {
        let name = &plan.plan.name;
        let _lock = Lock::wait(&self.folder, &format!("plan-{name}"), progress)?;
        remove_abandoned(&self.folder.join(names::PARTS), "")?;
        remove_abandoned(&self.folder.join(plan.matrix_folder()), "")?;
        // Another run may have made a newer plan.
        let newest = OpenPlan::read(&self.folder, Some(name)).unwrap_or_else(|_| plan.clone());
        let kept = [plan, &newest].map(|plan| [plan.matrix_folder(), names::plan_folder(name, &plan.plan.hash)]);
        let is_old = |folder: &str| is_folder_of_plan(folder, name) && !kept.as_flattened().iter().any(|kept| kept == folder);
        for old in names_in(&self.folder, is_old)? {
            let path = self.folder.join(old);
            fs::remove_dir_all(&path).map_err(Error::io(&path, "remove"))?;
        }
        Ok(())
    }

    fn finished(&self, plan: &OpenPlan, manifest: Manifest, name: String, done: bool) -> FinishedSet {
        let Manifest { outputs, counts, .. } = manifest;
        let summary = Summary {
            out: self.folder.clone(),
            manifest: name,
            counts,
            different_words_dropped: plan.plan.counts.different_words_dropped,
            outputs,
            notes: Vec::new(),
            times: Times::default(),
        };
        FinishedSet { summary, done, parts: plan.plan.counts.parts }
    }
}

/// Refuses to replace the manifest of a run without parts: its other files would be left without a
/// manifest.
fn refuse_other_command(manifest: &Path, previous: Option<&Manifest>) -> Result<()> {
    match previous.map(Manifest::command).filter(|command| *command != "shards") {
        None => Ok(()),
        Some(earlier) => {
            let what = format!("was written by amc-keywords {earlier}, and amc-keywords shards would replace it");
            Err(Problem::new(manifest, what).hint("choose another name with shards learn --name").into())
        }
    }
}

/// What the records of all parts say.
struct SetParts {
    encoded: Vec<EncodedRecord>,
    inputs: Vec<Vec<Input>>,
    /// The number of skipped images of each part.
    skipped: Vec<u64>,
    totals: PartCounts,
}

/// The most missing parts that a message names.
const NAMED_PARTS: usize = 10;

impl SetParts {
    fn read(plan: &OpenPlan, parts: &[PlanPart], progress: &dyn Progress) -> Result<SetParts> {
        let mut set = SetParts { encoded: Vec::new(), inputs: Vec::new(), skipped: Vec::new(), totals: PartCounts::default() };
        let mut missing: Vec<u64> = Vec::new();
        for line in parts {
            if progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            progress.advance(1);
            let counted = CountedPart::read(&plan.out, line.part)?.ok_or_else(|| missing_part(&plan.out, line.part))?;
            if counted.sha256 != line.record {
                let problem = Problem::new(&counted.folder, "was counted again after the plan was made");
                return Err(problem.hint(LEARN_AGAIN).into());
            }
            let Some(encoded) = EncodedRecord::read(plan, line.part)? else {
                missing.push(line.part);
                continue;
            };
            if (encoded.rows, encoded.images) != (line.rows, line.lines) {
                let what = format!(
                    "has {} rows of {} images, expected {} rows of {}",
                    encoded.rows, encoded.images, line.rows, line.lines
                );
                return Err(Problem::new(plan.encoded_part(line.part), what).hint(super::advice::ENCODE_AGAIN).into());
            }
            set.encoded.push(encoded);
            set.skipped.push(counted.record.counts.skipped);
            set.totals.add(counted.record.counts);
            set.inputs.push(counted.record.inputs);
        }
        if missing.is_empty() {
            return Ok(set);
        }
        let shown: Vec<String> = missing.iter().take(NAMED_PARTS).map(u64::to_string).collect();
        let more = if missing.len() > NAMED_PARTS { ", …" } else { "" };
        let what = format!("{} of {} parts are not encoded: {}{more}", missing.len(), parts.len(), shown.join(", "));
        Err(Problem::new(plan.out.join(plan.matrix_folder()), what).hint("encode them with amc-keywords shards encode").into())
    }
}

/// Writes the files of a set.
struct SetWriter<'a> {
    plan: &'a OpenPlan,
    parts: &'a [PlanPart],
    set: &'a SetParts,
    context: FormContext<'a>,
    outputs: Vec<Output>,
}

impl SetWriter<'_> {
    /// Writes all files and returns the manifest, which is the last.
    fn write(&mut self, concat: bool, settings: &Settings) -> Result<Manifest> {
        let (plan, progress) = (&self.plan.plan, self.context.progress);
        progress.begin("writing the files of the set", 0);
        let encoded = EncodedParts {
            plan: self.plan,
            parts: self.parts,
            records: &self.set.encoded,
            names: self.plan.names(),
            context: self.context,
        };
        let matrix = if concat { encoded.join()? } else { encoded.ranges()?.into_iter().collect() };
        self.outputs.extend(matrix);
        if plan.has_file_names || !plan.names_are_ids && plan.counts.images > 0 {
            let may_repeat = self.option("duplicates") == Some("allow");
            let names = ImageNames { plan: self.plan, parts: self.parts, may_repeat };
            self.write_names(&names::id_map(&plan.name), &names, id_map::MAX_FILE)?;
        }
        let words = Words(self.plan);
        self.write_names(&names::vocabulary(&plan.name, &plan.min_df), &words, vocabulary_file::MAX_FILE)?;
        self.write_vectorizer(&words, settings)?;
        if self.option("on_error") == Some("skip") {
            self.write_skipped()?;
        }
        let split = self.split_counts();
        self.write_statistics(&split)?;
        self.write_parts()?;
        self.write_manifest(split)
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.plan.plan.options.get(name).and_then(Value::as_str)
    }

    fn files(&self) -> &dyn OutputSet {
        self.context.files
    }

    /// Writes names and their numbers as JSON and as a pickle.
    fn write_names(&mut self, file: &TwoFormats, names: &dyn Names, mib: u64) -> Result<()> {
        let [json, pickle] = write_names(self.files(), file, names)?;
        warn_if_too_large(self.context.progress, &file.json(), json.bytes, mib);
        self.outputs.extend([json, pickle]);
        Ok(())
    }

    /// Writes the fitted vectorizer with layout `script`.
    fn write_vectorizer(&mut self, words: &dyn Names, settings: &Settings) -> Result<()> {
        let plan = &self.plan.plan;
        if plan.forms.layout() != Layout::Script {
            return Ok(());
        }
        let settings = plan.settings(settings)?;
        let stop_words: StopWords = plan.stop_words.iter().flatten().map(String::as_str).collect();
        let Some(parameters) = parameters(&settings, &stop_words) else { return Ok(()) };
        let mut pickle = OutputStream::create(self.files(), &names::vectorizer(&plan.name, &plan.min_df))?;
        write_vectorizer(&parameters, words, &mut pickle).map_err(|error| pickle.reason(error))?;
        self.outputs.push(pickle.finish()?);
        Ok(())
    }

    /// Writes the list of skipped images in the order of a single run: that of the archives, then
    /// that of the streams, then that of names which could not be read.
    fn write_skipped(&mut self) -> Result<()> {
        let name = &self.plan.plan.name;
        let mut file = SkippedFile::create(self.files(), &names::skipped(name))?;
        for kind in 0..ProblemKind::COUNT {
            for (part, _) in self.parts.iter().zip(&self.set.skipped).filter(|(_, skipped)| **skipped > 0) {
                self.add_skipped(part, kind, &mut file)?;
            }
        }
        self.outputs.push(file.finish()?);
        Ok(())
    }

    fn add_skipped(&self, part: &PlanPart, kind: u32, file: &mut SkippedFile) -> Result<()> {
        let path = self.plan.out.join(names::PARTS).join(names::part(part.part)).join(SKIPPED);
        let lines = BufReader::new(File::open(&path).map_err(Error::io(&path, "read"))?).lines();
        for line in lines {
            let line = line.map_err(Error::io(&path, "read"))?;
            let damaged = |error: serde_json::Error| Problem::new(&path, error.to_string()).hint(COUNT_AGAIN);
            let line: SkippedLine = serde_json::from_str(&line).map_err(damaged)?;
            if ProblemKind::of(line.order) != kind {
                continue;
            }
            let name = if self.plan.plan.has_streams { line.image_among_streams } else { line.image };
            let image = SkippedImage { file: line.file.into(), reason: line.reason.into(), name: name.into() };
            file.add(&self.plan.plan.name, std::iter::once(image))?;
        }
        Ok(())
    }

    fn split_counts(&self) -> SplitCounts {
        let SetParts { encoded, totals, .. } = self.set;
        let rows = self.plan.plan.counts.rows;
        SplitCounts {
            split: self.plan.plan.name.clone(),
            images: encoded.iter().map(|part| part.images).sum(),
            images_without_a_word: encoded.iter().map(|part| part.images_without_a_word).sum(),
            skipped: totals.skipped,
            keywords: totals.keywords,
            words_kept: rows,
            words_dropped: totals.words.saturating_sub(rows),
            rows,
        }
    }

    fn write_statistics(&mut self, split: &SplitCounts) -> Result<()> {
        let plan = &self.plan.plan;
        let path = self.plan.path(STATISTICS);
        let bytes = read_bounded(&path, "statistics", 256)?;
        let statistics = Statistics::from_json(&bytes).map_err(|what| Problem::new(&path, what).hint(LEARN_AGAIN))?;
        let lost = LostWords {
            learning: statistics.learnt.as_ref(),
            selection: plan.selection()?,
            vocabulary_size: plan.counts.vocabulary_size,
            splits: std::slice::from_ref(split),
            drops_letters: plan.drops_letters,
        };
        lost.warnings().iter().for_each(|warning| self.context.progress.warn(warning));
        self.outputs.push(write_whole(self.files(), &names::statistics(&plan.name), &bytes)?);
        Ok(())
    }

    /// Writes the list of the parts.
    fn write_parts(&mut self) -> Result<()> {
        let folder = self.plan.matrix_folder();
        let mut list = OutputStream::create(self.files(), &names::parts_list(&self.plan.plan.name))?;
        for ((part, encoded), inputs) in self.parts.iter().zip(&self.set.encoded).zip(&self.set.inputs) {
            let listed = ListedPart {
                part: part.part,
                folder: format!("{folder}/{}", names::part(part.part)),
                images: part.lines,
                first_line: part.first_line,
                rows: part.rows,
                first_row: part.first_row,
                inputs: inputs.clone(),
                outputs: encoded.outputs.clone(),
            };
            std::io::Write::write_all(&mut list, &listed.line()).map_err(|error| list.reason(error))?;
        }
        self.outputs.push(list.finish()?);
        Ok(())
    }

    fn write_manifest(&mut self, split: SplitCounts) -> Result<Manifest> {
        let plan = &self.plan.plan;
        let counts = Counts { vocabulary_size: plan.counts.vocabulary_size, splits: vec![split] };
        let parts = Parts { count: plan.counts.parts, list: names::parts_list(&plan.name), folder: self.plan.matrix_folder() };
        let outputs = std::mem::take(&mut self.outputs);
        let manifest = Manifest::new(plan.options.clone(), plan.inputs.clone(), outputs, counts);
        let manifest = Manifest { parts: Some(parts), ..manifest };
        write_whole(self.files(), &names::manifest(&plan.name), &manifest.to_json())?;
        Ok(manifest)
    }
}

/// The order of the kinds of problems in a single run, as the high bits of their numbers say.
struct ProblemKind;

impl ProblemKind {
    const COUNT: u32 = 4;

    /// Problems of members of archives have their place. Those of records have their input above
    /// bit 40. Those of names that cannot be read, and those that are found last, have the two
    /// highest bits.
    fn of(order: u64) -> u32 {
        match order.leading_zeros() {
            0 => 3,
            1 => 2,
            2..=23 => 1,
            _ => 0,
        }
    }
}

impl super::plan::Plan {
    /// The settings of counting and learning, as far as a fitted vectorizer needs them.
    fn settings(&self, settings: &Settings) -> Result<Settings> {
        let text = |name: &str| self.options.get(name).and_then(Value::as_str);
        let flag = |name: &str| self.options.get(name).and_then(Value::as_bool).unwrap_or_default();
        let kinds = [AnalyzerKind::Word, AnalyzerKind::Char, AnalyzerKind::CharWb];
        let accents = [StripAccents::Ascii, StripAccents::Unicode];
        let range = self.options.get("ngram_range").and_then(|range| serde_json::from_value(range.clone()).ok());
        let Selection { frequency, max_features } = self.selection()?;
        Ok(Settings {
            frequency,
            max_features,
            analyzer: AnalyzerOptions {
                lowercase: flag("lowercase"),
                strip_accents: accents.into_iter().find(|how| Some(how.name()) == text("strip_accents")),
                analyzer: kinds.into_iter().find(|kind| Some(kind.name()) == text("analyzer")).unwrap_or_default(),
                ngram_range: range.unwrap_or((1, 1)),
                token_pattern: text("token_pattern").unwrap_or_default().to_owned(),
                phrases: flag("phrases"),
            },
            stop_words: match (&self.stop_words, text("stop_words")) {
                (Some(_), name) => StopWordList::File(name.unwrap_or_default().into()),
                (None, Some("none")) => StopWordList::None,
                _ => StopWordList::English,
            },
            binary: flag("binary"),
            vocabulary: text("vocabulary").map(PathBuf::from),
            ..settings.clone()
        })
    }

    /// The rule that selected the words.
    fn selection(&self) -> Result<Selection> {
        let limit = |name: &str| self.options.get(name).and_then(Value::as_str).and_then(|limit| limit.parse().ok());
        let (Some(min), Some(max)) = (limit("min_df"), limit("max_df")) else {
            return Err(Error::Refused(format!("the plan has no limits; {LEARN_AGAIN}")));
        };
        let max_features = self.options.get("max_features").and_then(Value::as_u64);
        let max_features = max_features.and_then(|most| NonZeroUsize::new(usize::try_from(most).ok()?));
        Ok(Selection { frequency: DocumentFrequency { min, max }, max_features })
    }
}
