//! `shards learn`: adds up the counts of all parts and decides everything that concerns the whole
//! set.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use keyword_files::npy::sha256;
use serde_json::{Value, json};

use super::advice::COUNT_AGAIN;
use super::counted_parts::CountedParts;
use super::duplicates::{AllImages, ComparedNames};
use super::merge::{FAN_IN, MergeContext, MergedLists, add_up};
use super::part::{IMAGES, PartCounts, PartNames, SAMPLES, TERMS};
use super::partial_sums::term_files;
use super::plan::{OpenPlan, PARTS, PlanCounts, PlanForms, STATISTICS, ShardPlan, WORDS};
use super::record::{line, read_record, record_bytes};
use super::samples::{PartSample, SetSamples};
use super::selected_words::{Corpus, SelectedWords, write_given};
use super::term::{Term, TermSource};
use super::term_file::TermFile;
use super::terms::TermReader;
use crate::dataset::collection::Collection;
use crate::error::{Error, Problem, Result};
use crate::files::digest;
use crate::files::folder::sync_folder;
use crate::files::lock::Lock;
use crate::files::manifest::Input;
use crate::files::names;
use crate::files::new_folder::{NewFolder, remove_abandoned};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::statistics::{Fate, Statistics};
use crate::input_kind::InputKind;
use crate::inputs::vocabulary_file::read_vocabulary_up_to;
use crate::parallel::in_parallel;
use crate::policy::Duplicates;
use crate::progress::Progress;
use crate::run::undivided_lists;
use crate::run::word_reports::dropped;
use crate::settings::Settings;

/// The most groups of parts that are merged at the same time. Each has [`FAN_IN`] open files.
const MOST_JOBS: usize = 4;

/// The largest vocabulary that is given, in MiB. Some hundred million words.
const MOST_VOCABULARY_MIB: u64 = 4096;

/// Learns the words of a set whose parts are counted, and writes a plan for the other steps.
///
/// See [the module](crate::shards) for an example.
#[derive(Debug, Clone, Default)]
pub struct Learn {
    /// The folder of the parts.
    pub folder: PathBuf,
    /// The name of the set, which is part of the names of the outputs.
    pub name: String,
    /// The number of parts. If it is not given, the part with the largest number is the last.
    pub parts: Option<u64>,
    /// Another folder of parts, from which the words are learned instead.
    pub fit: Option<PathBuf>,
    /// Sums that [`Merge`](super::Merge) wrote for some of the parts from which the words are
    /// learned. They are read instead of the terms of these parts.
    pub sums: Vec<PathBuf>,
}

/// The result of [`Learn::run`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LearnedPlan {
    /// The path of the plan.
    pub plan: PathBuf,
    /// The folder of its other files.
    pub folder: PathBuf,
    /// Whether the plan was written. It is not written if it is there already.
    pub done: bool,
    /// The number of parts.
    pub parts: u64,
    /// The number of images, including skipped ones.
    pub images: u64,
    /// The number of words.
    pub vocabulary_size: u64,
    /// The number of rows of pairs.
    pub rows: u64,
}

impl Learn {
    /// Adds up the counts and writes the plan. Of the settings, those that [`Count`](super::Count)
    /// used have no effect.
    ///
    /// # Errors
    ///
    /// A part is missing or cannot be combined with the others, an image occurs twice, no word is
    /// left for the vocabulary, or the system refuses to read or write.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<LearnedPlan> {
        Collection::check_name(&self.name)?;
        settings.emit.check(settings.layout)?;
        progress.begin("reading the records of the parts", 0);
        let parts = CountedParts::read(&self.folder, self.parts, progress)?;
        let fit = self.fit.as_deref().map(|folder| CountedParts::read(folder, None, progress)).transpose()?;
        if let (Some(fit), Some(folder)) = (&fit, &self.fit) {
            fit.first.check(folder, &parts.first.options, "count both sets with the same options")?;
        }
        parts.check(&self.folder, settings.vocabulary.is_some())?;
        parts.warning_about_confidences(&self.name).iter().for_each(|warning| progress.warn(warning));
        let inputs = self.inputs(settings, progress)?;
        let planning = Planning { learn: self, settings, progress, parts, fit, inputs };
        let plan = planning.write();
        progress.end();
        plan
    }

    /// The file of the vocabulary.
    fn inputs(&self, settings: &Settings, progress: &dyn Progress) -> Result<Vec<Input>> {
        let Some(path) = &settings.vocabulary else { return Ok(Vec::new()) };
        let digest = digest::of_file(path, progress)?;
        let path = keyword_files::source::file_name(path);
        Ok(vec![Input { path, kind: InputKind::Vocabulary, bytes: digest.bytes, files: None, sha256: digest.sha256 }])
    }
}

/// Everything that a plan depends on.
struct Planning<'a> {
    learn: &'a Learn,
    settings: &'a Settings,
    progress: &'a dyn Progress,
    parts: CountedParts,
    fit: Option<CountedParts>,
    inputs: Vec<Input>,
}

impl Planning<'_> {
    fn write(mut self) -> Result<LearnedPlan> {
        let Learn { folder: out, name, .. } = self.learn;
        let mut plan = self.plan();
        let (path, folder) = (out.join(names::plan(name)), names::plan_folder(name, &plan.hash));
        let _lock = Lock::wait(out, &format!("plan-{name}"), self.progress)?;
        if let Some(plan) = self.written(&plan.hash) {
            return Ok(learned_plan(&plan, false));
        }
        remove_abandoned(out, "plan_")?;
        remove_abandoned(&out.join(names::PARTS), "")?;
        // The files of a plan without its record: a run was stopped before it wrote the record.
        let _ = fs::remove_dir_all(out.join(&folder));
        let mut folder = NewFolder::begin(out, &folder)?;
        self.refuse_repeated(&plan, &folder)?;
        plan.has_file_names = self.has_file_names(&plan, &folder)?;
        self.progress.begin("adding up the words", 0);
        let statistics = self.write_words(&mut plan, &folder)?;
        self.number_rows(&mut plan, &folder)?;
        let lines: Vec<u8> = self.parts.parts.iter().flat_map(line).collect();
        plan.files.push(write_whole(&folder, PARTS, &lines)?);
        plan.files.push(write_whole(&folder, STATISTICS, &statistics.to_json())?);
        folder.commit(self.progress)?;
        write_atomically(&path, &record_bytes(&plan))?;
        Ok(learned_plan(&OpenPlan { plan, out: out.clone() }, true))
    }

    /// The plan without its files and what they say.
    fn plan(&self) -> ShardPlan {
        let Planning { learn, settings, parts, .. } = self;
        let (format, tool, unicode) = ShardPlan::versions();
        let mut options = settings.for_manifest(&learn.name, &[&learn.name]);
        options.extend(parts.first.options.clone());
        let name_of = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        options.insert("list".into(), Value::Null);
        options.insert("id_map".into(), Value::Null);
        options.insert("fit".into(), json!(learn.fit.iter().filter_map(name_of).collect::<Vec<_>>()));
        let PartCounts { images, documents, names, .. } = parts.totals;
        let counts = PlanCounts { parts: parts.parts.len() as u64, images, documents, names, ..PlanCounts::default() };
        let plan = ShardPlan {
            format,
            tool,
            unicode,
            name: learn.name.clone(),
            hash: String::new(),
            options,
            stop_words: parts.first.stop_words.clone(),
            forms: PlanForms::new(settings.layout, &settings.emit),
            min_df: settings.frequency.min.to_string(),
            names_are_ids: parts.names.are_numbers,
            has_file_names: false,
            drops_letters: parts.names.drops_letters,
            counts,
            inputs: self.inputs.clone(),
            files: Vec::new(),
        };
        let mut hashed = record_bytes(&plan);
        let records = parts.parts.iter().chain(self.fit.iter().flat_map(|fit| &fit.parts));
        records.for_each(|part| hashed.extend_from_slice(part.record.as_bytes()));
        let hash: String = sha256::of_bytes(&hashed).sha256.chars().take(names::HASH_DIGITS).collect();
        ShardPlan { hash, ..plan }
    }

    /// The plan in the folder if it is this one.
    fn written(&self, hash: &str) -> Option<OpenPlan> {
        let plan = OpenPlan::read(&self.learn.folder, Some(&self.learn.name)).ok()?;
        (plan.plan.hash == hash).then_some(plan)
    }

    fn context<'c>(&'c self, folder: &'c NewFolder) -> MergeContext<'c> {
        MergeContext { scratch: folder.scratch(), jobs: self.settings.jobs.get().min(MOST_JOBS), progress: self.progress }
    }

    fn refuse_repeated(&self, plan: &ShardPlan, folder: &NewFolder) -> Result<()> {
        self.progress.begin("comparing the names of the images", 0);
        let images = AllImages {
            parts: &self.parts.parts,
            files: self.parts.files(IMAGES),
            names: ComparedNames::Own,
            are_ids: plan.names_are_ids,
            duplicates: if self.parts.allows_duplicates() { Duplicates::Allow } else { Duplicates::Refuse },
        };
        images.refuse_repeated(self.context(folder))
    }

    /// Whether each image has an id and a name for people that no other image has. A single run
    /// finds out only for images in input order.
    fn has_file_names(&self, plan: &ShardPlan, folder: &NewFolder) -> Result<bool> {
        let PartNames { are_in_order, have_display_names, .. } = self.parts.names;
        if !plan.names_are_ids || !are_in_order || !have_display_names {
            return Ok(false);
        }
        let are_distinct = |names: ComparedNames| {
            let (parts, files, are_ids) = (&self.parts.parts, self.parts.files(IMAGES), names == ComparedNames::Own);
            AllImages { parts, files, names, are_ids, duplicates: Duplicates::Refuse }.are_distinct(self.context(folder))
        };
        Ok(are_distinct(ComparedNames::Display)? && are_distinct(ComparedNames::Own)?)
    }

    /// Selects the words, writes them, and returns the statistics.
    fn write_words(&self, plan: &mut ShardPlan, folder: &NewFolder) -> Result<Statistics> {
        let name = &self.learn.name;
        let mut samples = SetSamples::default();
        for (place, path) in self.parts.files(SAMPLES).iter().enumerate() {
            samples.add(place, read_record::<Vec<PartSample>>(path, COUNT_AGAIN)?.0);
        }
        let selection = self.settings.selection();
        let selected = match (&self.settings.vocabulary, &self.fit) {
            (Some(path), _) => {
                let mut fates = samples.words(Fate::Unknown);
                let selected = write_given(&read_vocabulary_up_to(path, MOST_VOCABULARY_MIB)?, &mut fates, folder)?;
                (selected, fates)
            }
            (None, Some(fit)) => {
                let mut fates = samples.words(Fate::Unknown);
                let selected = self.learn_words(fit, &format!("{name}, fit"), &mut fates, folder)?;
                // Of words that were counted in another set, only the kept ones are known.
                fates.values_mut().filter(|fate| **fate != Fate::Kept).for_each(|fate| *fate = Fate::Unknown);
                (selected, fates)
            }
            (None, None) => {
                let mut fates = samples.words(dropped(0, plan.counts.documents, selection.frequency));
                (self.learn_words(&self.parts, name, &mut fates, folder)?, fates)
            }
        };
        let (SelectedWords { files, size, different_words_dropped, learning }, fates) = selected;
        plan.files.extend(files);
        plan.counts.vocabulary_size = size;
        plan.counts.different_words_dropped = different_words_dropped;
        let samples = samples.images(name, &self.parts.parts, &fates, plan.names_are_ids);
        if !self.parts.is_given("labels") {
            let warning = undivided_lists::warning_and(&samples, "count the parts again with");
            warning.iter().for_each(|warning| self.progress.warn(warning));
        }
        Ok(Statistics::new(learning, vec![samples]))
    }

    fn learn_words(
        &self,
        parts: &CountedParts,
        split: &str,
        fates: &mut super::samples::WordFates,
        folder: &NewFolder,
    ) -> Result<SelectedWords> {
        let context = self.context(folder);
        let mut sums = add_up(&term_files(parts, &self.learn.sums, context)?, context)?;
        let corpus = Corpus { split, documents: parts.totals.documents, selection: self.settings.selection() };
        corpus.select(&mut sums, fates, folder).map_err(|error| match error {
            Error::EmptyVocabulary(what) => Problem::new(&self.learn.folder, what).into(),
            Error::NoWords(what) => {
                let problem = Problem::new(&self.learn.folder, what);
                match parts.names.drops_letters {
                    true => problem.hint(crate::run::lost_words::KEEP_LETTERS).into(),
                    false => problem.into(),
                }
            }
            other => other,
        })
    }

    /// Finds the number of rows of each part: the occurrences of the words that were selected.
    fn number_rows(&mut self, plan: &mut ShardPlan, folder: &NewFolder) -> Result<()> {
        let files = self.parts.files(TERMS);
        let groups: Vec<&[PathBuf]> = files.chunks(FAN_IN).collect();
        let words = folder.scratch().join(WORDS);
        let count = |group: &&[PathBuf]| rows_of(group, &words, self.progress);
        let rows = in_parallel(&groups, self.context(folder).jobs, count).into_iter().collect::<Result<Vec<_>>>()?;
        let mut first_row = 0_u64;
        for (part, rows) in self.parts.parts.iter_mut().zip(rows.into_iter().flatten()) {
            (part.rows, part.first_row) = (rows, first_row);
            first_row = first_row.saturating_add(rows);
        }
        plan.counts.rows = first_row;
        Ok(())
    }
}

/// The occurrences of the words in each of some files of terms.
fn rows_of(files: &[PathBuf], words: &Path, progress: &dyn Progress) -> Result<Vec<u64>> {
    let sources = files.iter().map(|path| TermReader::open(path)).collect::<Result<Vec<_>>>()?;
    let (mut merge, mut words) = (MergedLists::new(sources)?, TermFile::open(words)?);
    let mut rows = vec![0_u64; files.len()];
    let (mut term, mut word) = (Term::default(), Term::default());
    let mut has_word = words.read(&mut word)?;
    let mut entries = 0_u64;
    while let Some(source) = merge.next_entry(&mut term)? {
        while has_word && word.text < term.text {
            has_word = words.read(&mut word)?;
        }
        if !has_word {
            break;
        }
        if word.text == term.text
            && let Some(rows) = rows.get_mut(source)
        {
            *rows = rows.saturating_add(term.occurrences());
        }
        entries += 1;
        if entries.is_multiple_of(1 << 16) && progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
    }
    Ok(rows)
}

fn learned_plan(plan: &OpenPlan, done: bool) -> LearnedPlan {
    let PlanCounts { parts, images, vocabulary_size, rows, .. } = plan.plan.counts;
    let folder = plan.out.join(names::plan_folder(&plan.plan.name, &plan.plan.hash));
    LearnedPlan { plan: plan.out.join(names::plan(&plan.plan.name)), folder, done, parts, images, vocabulary_size, rows }
}

/// Replaces a file. The caller holds the lock of the file.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unnamed = path.with_file_name(format!(".amc-keywords-{name}.new"));
    let write = || {
        let mut file = File::create(&unnamed)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unnamed, path)?;
        sync_folder(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
    };
    write().map_err(Error::io(path, "write"))
}
