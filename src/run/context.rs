//! What stays the same during a run: the settings and everything that was read because of them.

use std::path::{Path, PathBuf};

use count_vectorizer::{Analyzer, Vocabulary};

use super::unmatched_words;
use super::worker::Reading;
use crate::dataset::files::{InputFile, Rules};
use crate::dataset::plan::{DataSet, Plan};
use crate::dataset::split::LikelyImages;
use crate::error::{Result, shown_path};
use crate::files::folder::free_space;
use crate::files::output_file::OutputSet;
use crate::forms::FormContext;
use crate::input_kind::InputKind;
use crate::inputs::vocabulary_file::read_vocabulary;
use crate::progress::Progress;
use crate::settings::{Settings, StopWordList};
use crate::times::Stopwatch;

/// The settings of a run, checked, and what they name, read.
pub(crate) struct Context<'a> {
    /// The name of the data set in the names of the outputs.
    pub set: String,
    pub out: PathBuf,
    pub settings: &'a Settings,
    pub progress: &'a dyn Progress,
    pub analyzer: Analyzer,
    /// The vocabulary if it is given.
    pub vocabulary: Option<Vocabulary>,
    pub stopwatch: Stopwatch,
    /// Whether the images are part of a larger set.
    pub is_part: bool,
}

impl<'a> Context<'a> {
    /// Checks the settings and reads the files that they name. Nothing is written.
    pub fn new(set: &impl DataSet, settings: &'a Settings, progress: &'a dyn Progress) -> Result<Context<'a>> {
        let name = set.name()?.into_owned();
        settings.emit.check(settings.layout)?;
        let analyzer = Analyzer::with_options(&settings.analyzer, settings.stop_words.load()?)?;
        if let Some(warning) = settings.analyzer.unused() {
            progress.warn(warning);
        }
        let vocabulary = settings.vocabulary.as_deref().map(read_vocabulary).transpose()?;
        unmatched_words::warnings(settings, &analyzer, vocabulary.as_ref()).iter().for_each(|warning| progress.warn(warning));
        let stopwatch = Stopwatch { is_on: settings.timed };
        Ok(Context { set: name, out: set.out(), settings, progress, analyzer, vocabulary, stopwatch, is_part: false })
    }

    /// The same for a part of a larger set.
    pub fn of_part(set: &impl DataSet, settings: &'a Settings, progress: &'a dyn Progress) -> Result<Context<'a>> {
        Ok(Context { is_part: true, ..Context::new(set, settings, progress)? })
    }

    pub fn learns(&self) -> bool {
        self.vocabulary.is_none()
    }

    /// What opening the data set depends on.
    pub fn rules(&self) -> Rules<'a> {
        Rules {
            limits: self.settings.limits(),
            duplicates: self.settings.duplicates,
            on_error: self.settings.on_error,
            jobs: self.settings.jobs.get(),
            learns: self.learns(),
            is_part: self.is_part,
            min_df: self.settings.frequency.min,
            progress: self.progress,
        }
    }

    /// The files of words that the settings name.
    pub fn word_files(&self) -> Vec<InputFile> {
        let stop_words = match &self.settings.stop_words {
            StopWordList::File(path) => Some((InputKind::StopWords, path.as_path())),
            _ => None,
        };
        let vocabulary = self.settings.vocabulary.as_deref().map(|path: &Path| (InputKind::Vocabulary, path));
        stop_words.into_iter().chain(vocabulary).map(|(kind, path)| InputFile::named(kind, path)).collect()
    }

    pub fn reading(&'a self, files: &'a dyn OutputSet) -> Reading<'a> {
        Reading {
            analyzer: &self.analyzer,
            binary: self.settings.binary,
            is_part: self.is_part,
            jobs: self.settings.jobs.get(),
            limits: self.settings.limits(),
            scratch: files.scratch(),
            progress: self.progress,
            stopwatch: self.stopwatch,
        }
    }

    pub fn form_context(&'a self, files: &'a dyn OutputSet) -> FormContext<'a> {
        FormContext {
            files,
            dtype: self.settings.emit.dtype,
            jobs: self.settings.jobs.get(),
            progress: self.progress,
            stopwatch: self.stopwatch,
        }
    }

    /// Warns if the disk has less space than the outputs are likely to need.
    pub fn warn_about_space(&self, plan: &Plan) {
        let encoded = plan.parts.iter().filter(|part| part.names.is_some()).map(|part| &part.split);
        let Settings { layout, emit, .. } = self.settings;
        let size = |LikelyImages { count, json_bytes }| emit.likely_size(*layout, count, json_bytes);
        let likely = encoded.map(|split| size(split.likely_images())).sum::<u64>();
        let Some(free) = free_space(&self.out).filter(|&free| free < likely) else { return };
        let folder = shown_path(&self.out);
        let what = format!("only {free} bytes are free, and the outputs are likely to need {likely} or more");
        self.progress.warn(&format!("{folder}: {what}"));
    }
}
