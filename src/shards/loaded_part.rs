//! A counted part in memory, with the image ids and word ids of a plan.

use std::path::Path;

use count_vectorizer::StringTable;
use keyword_files::archive::NameList;
use nonmax::NonMaxU32;

use super::advice::COUNT_AGAIN;
use super::images::{ImageColumns, PartImage, each_image};
use super::part::{CountedPart, IMAGES, TERMS, missing_part};
use super::plan::{OpenPlan, PlanPart, WORDS};
use super::term::{Term, TermSource};
use super::term_file::TermFile;
use super::terms::TermReader;
use crate::dataset::files::InputFile;
use crate::dataset::image::{Image, whole_number};
use crate::dataset::record_fields::RecordFields;
use crate::dataset::split::{Split, SplitImages};
use crate::dataset::split_source::{ImageList, SplitSource};
use crate::error::{Error, Problem, Result};
use crate::files::names::MatrixNames;
use crate::forms::{MatrixContent, MatrixWords, PartWords, WordIds};
use crate::input_kind::InputKind;
use crate::policy::OnError;
use crate::problems::ProblemList;
use crate::progress::Progress;
use crate::word_store::{Batch, PlacedWords, WordStore};

/// Words are handed to the store in batches of about this number.
const BATCH_WORDS: usize = 1 << 18;

/// A part that is ready to be written.
pub(super) struct LoadedPart {
    split: Split,
    store: WordStore,
    words: PartWords,
    rows: u64,
}

/// What is loaded, and how.
#[derive(Clone, Copy)]
pub(super) struct Loading<'a> {
    pub plan: &'a OpenPlan,
    /// The folder for words that do not fit into memory.
    pub scratch: &'a Path,
    pub progress: &'a dyn Progress,
}

impl Loading<'_> {
    /// Loads a part.
    ///
    /// # Errors
    ///
    /// The part was counted again since the plan was made, or a file cannot be read or is damaged.
    pub fn load(self, line: &PlanPart) -> Result<LoadedPart> {
        let out = &self.plan.out;
        let part = CountedPart::read(out, line.part)?.ok_or_else(|| missing_part(out, line.part))?;
        if part.sha256 != line.record {
            let problem = Problem::new(&part.folder, "was counted again after the plan was made");
            return Err(problem.hint(super::advice::LEARN_AGAIN).into());
        }
        part.check_file(TERMS, self.progress)?;
        part.check_file(IMAGES, self.progress)?;
        let (words, rows) = self.join_words(&part, line)?;
        let source = SplitSource {
            name: self.plan.plan.name.clone(),
            archives: Vec::new(),
            members: Vec::new(),
            streams: Vec::new(),
            fields: RecordFields::default(),
            inputs: vec![InputFile::named(InputKind::Parquet, &part.path(IMAGES))],
        };
        let images = self.read_images(&part, line, words.ids.len())?;
        let list = ImageList { images: images.images, names: Some(images.names) };
        let problems = ProblemList::new(OnError::Stop);
        let split = Split { source, images: SplitImages::Listed(list), samples: None, problems };
        Ok(LoadedPart { split, store: WordStore::Placed(images.store), words, rows })
    }

    /// Finds the word id of each term by reading both sorted lists side by side.
    fn join_words(self, part: &CountedPart, line: &PlanPart) -> Result<(PartWords, u64)> {
        let mut terms = TermReader::open(&part.path(TERMS))?;
        let mut words = TermFile::open(&self.plan.path(WORDS))?;
        let needs_texts = self.plan.plan.forms.emit().parquet;
        let mut joined = PartWords { vocabulary_size: self.plan.plan.counts.vocabulary_size, ..PartWords::default() };
        let (mut term, mut word) = (Term::default(), Term::default());
        let mut has_word = words.read(&mut word)?;
        let mut rows = 0;
        while terms.read(&mut term)? {
            while has_word && word.text < term.text {
                has_word = words.read(&mut word)?;
            }
            let is_kept = has_word && word.text == term.text;
            let id = if is_kept { u32::try_from(word.id()).ok().and_then(NonMaxU32::new) } else { None };
            rows = if id.is_some() { term.occurrences().saturating_add(rows) } else { rows };
            joined.ids.push(id);
            if needs_texts {
                joined.terms.push(std::str::from_utf8(&term.text).unwrap_or_default());
            }
        }
        if rows != line.rows {
            let what = format!("has {rows} words of the vocabulary, expected {}", line.rows);
            return Err(Problem::new(part.path(TERMS), what).hint(super::advice::LEARN_AGAIN).into());
        }
        Ok((joined, rows))
    }

    fn read_images(self, part: &CountedPart, line: &PlanPart, terms: usize) -> Result<LoadedImages> {
        let names_are_ids = self.plan.plan.names_are_ids;
        let path = part.path(IMAGES);
        let mut numbered = StringTable::default();
        let mut loaded = LoadedImages {
            images: Vec::new(),
            names: NameList::default(),
            store: PlacedWords::new(0, self.scratch),
            batch: Batch::default(),
        };
        each_image(&path, ImageColumns::All, &mut |PartImage { name, display_name, words }| {
            // Images without a name were skipped, and are the last of a set.
            let Some(name) = name else { return Ok(()) };
            let name = line.name(name);
            let id = match names_are_ids {
                true => whole_number(&name),
                false => Some(line.first_id.saturating_add(u64::from(numbered.insert(&name).0))),
            };
            let shown = display_name.unwrap_or(&name);
            loaded.add(id, shown, words.map(|words| NumberedWords { words, terms }), &path)?;
            self.progress.stop_if_cancelled()
        })?;
        loaded.hand_over()?;
        // The last images have a place even if they were skipped.
        loaded.store.arrange(0..loaded.images.len() as u32);
        Ok(loaded)
    }
}

/// The words of an image as numbers of the terms of its part.
struct NumberedWords<'a> {
    words: &'a [i32],
    /// The number of terms.
    terms: usize,
}

/// Images while they are read.
struct LoadedImages {
    images: Vec<Image>,
    names: NameList,
    store: PlacedWords,
    /// Words that are not in the store yet.
    batch: Batch,
}

impl LoadedImages {
    fn add(&mut self, id: Option<u64>, name: &str, words: Option<NumberedWords<'_>>, path: &Path) -> Result<()> {
        let place = self.images.len() as u32;
        self.images.push(Image::new(id, None));
        if !self.names.push(name.as_bytes()) {
            return Err(Error::Refused("more than 4 GiB of names in one part; count smaller parts".into()));
        }
        let Some(NumberedWords { words, terms }) = words else { return Ok(()) };
        for &word in words {
            let number = u32::try_from(word).ok().filter(|number| (*number as usize) < terms);
            let damaged = || Problem::new(path, format!("expected a number below {terms}, found {word}")).hint(COUNT_AGAIN);
            self.batch.words.push(number.ok_or_else(damaged)?);
        }
        self.batch.documents.push((place, words.len() as u32));
        if self.batch.words.len() >= BATCH_WORDS { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<()> {
        self.store.add(0, std::mem::take(&mut self.batch).pack())
    }
}

impl LoadedPart {
    /// The part as the content of a matrix.
    pub fn content<'a>(&'a self, names: &'a MatrixNames) -> MatrixContent<'a> {
        MatrixContent {
            split: &self.split,
            names,
            store: &self.store,
            ids: WordIds::ByThread(std::slice::from_ref(&self.words.ids)),
            rows: self.rows,
            words: MatrixWords::Part(&self.words),
        }
    }
}
