//! Writes the files that belong to a whole set, from the plan and the records of its parts.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use count_vectorizer::{AnalyzerOptions, DocumentFrequency, Selection, StopWords};
use keyword_files::plain_file::read_bounded;
use serde::Deserialize;
use serde_json::Value;

use super::advice::{COUNT_AGAIN, LEARN_AGAIN};
use super::concat::EncodedParts;
use super::numbered_names::{PlanNames, PlanWords};
use super::part::SKIPPED;
use super::part_writer::SkippedLine;
use super::plan::{OpenPlan, PlanPart, STATISTICS};
use super::set_parts::SetParts;
use crate::error::{Error, Problem, Result};
use crate::files::manifest::{Counts, Manifest, Parts, SplitCounts};
use crate::files::names::{self, TwoFormats};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::output_stream::OutputStream;
use crate::files::parts_list::ListedPart;
use crate::files::skipped::{SkippedFile, SkippedImage};
use crate::files::statistics::Statistics;
use crate::files::vectorizer::write_vectorizer;
use crate::files::vocabulary::{Names, write_names};
use crate::forms::FormContext;
use crate::forms::layout::Layout;
use crate::inputs::{id_map, vocabulary_file};
use crate::run::lost_words::LostWords;
use crate::run::outputs::warn_if_too_large;
use crate::run::vectorizer_parameters::parameters;
use crate::settings::{Settings, StopWordList};

/// Writes the files of a set.
pub(super) struct SetWriter<'a> {
    pub plan: &'a OpenPlan,
    pub parts: &'a [PlanPart],
    pub set: &'a SetParts,
    pub context: FormContext<'a>,
    pub outputs: Vec<Output>,
}

impl SetWriter<'_> {
    /// Writes all files and returns the manifest, which is the last.
    pub fn write(&mut self, concat: bool, settings: &Settings) -> Result<Manifest> {
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
            let names = PlanNames { plan: self.plan, parts: self.parts, may_repeat };
            self.write_names(&names::id_map(&plan.name), &names, id_map::MAX_FILE)?;
        }
        let words = PlanWords(self.plan);
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
        let outputs = write_names(self.files(), file, names, self.context.jobs)?;
        warn_if_too_large(self.context.progress, &outputs, mib);
        self.outputs.extend(outputs);
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
        let name = names::vectorizer(&plan.name, &plan.min_df);
        self.outputs.push(write_vectorizer(self.files(), &name, &parameters, words)?);
        Ok(())
    }

    /// Writes the list of skipped images in the order of a single run: that of the inputs.
    fn write_skipped(&mut self) -> Result<()> {
        let name = &self.plan.plan.name;
        let mut file = SkippedFile::create(self.files(), &names::skipped(name))?;
        for (part, _) in self.parts.iter().zip(&self.set.skipped).filter(|(_, skipped)| **skipped > 0) {
            self.add_skipped(part, &mut file)?;
        }
        self.outputs.push(file.finish()?);
        Ok(())
    }

    fn add_skipped(&self, part: &PlanPart, file: &mut SkippedFile) -> Result<()> {
        let path = self.plan.out.join(names::PARTS).join(names::part(part.part)).join(SKIPPED);
        let lines = BufReader::new(File::open(&path).map_err(Error::io(&path, "read"))?).lines();
        for line in lines {
            let line = line.map_err(Error::io(&path, "read"))?;
            let damaged = |error: serde_json::Error| Problem::new(&path, error.to_string()).hint(COUNT_AGAIN);
            let line: SkippedLine = serde_json::from_str(&line).map_err(damaged)?;
            let image = SkippedImage { file: line.file.into(), reason: line.reason.into(), name: line.image.into() };
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

impl super::plan::ShardPlan {
    /// The settings of counting and learning, as far as a fitted vectorizer needs them.
    fn settings(&self, settings: &Settings) -> Result<Settings> {
        let text = |name: &str| self.options.get(name).and_then(Value::as_str);
        let flag = |name: &str| self.options.get(name).and_then(Value::as_bool).unwrap_or_default();
        let analyzer = AnalyzerOptions::deserialize(Value::Object(self.options.clone()));
        let analyzer = analyzer.map_err(|error| Error::Refused(format!("the plan has a bad option: {error}; {LEARN_AGAIN}")))?;
        let Selection { frequency, max_features } = self.selection()?;
        Ok(Settings {
            frequency,
            max_features,
            analyzer,
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
