//! The words of a plan: selected from the sums of all parts, or given.

use count_vectorizer::{Selection, TermSurvey, Vocabulary};

use super::plan::{WORDS, WORDS_BY_ID};
use super::samples::WordFates;
use super::term::{Term, TermSource};
use super::term_file::{TermFile, TermWriter};
use crate::error::{Error, Result};
use crate::files::output_file::OutputSet;
use crate::files::output_line::Output;
use crate::files::output_stream::OutputStream;
use crate::files::statistics::{Fate, Learning};
use crate::run::word_reports::{CountedWords, dropped};

/// The words of a plan, which are in its files.
#[derive(Default)]
pub(super) struct SelectedWords {
    pub files: Vec<Output>,
    pub size: u64,
    /// The number of different words that were dropped, and what else was counted, if the words
    /// were learned.
    pub different_words_dropped: Option<u64>,
    pub learning: Option<Learning>,
}

/// The documents from which words are learned.
pub(super) struct Corpus<'a> {
    /// Its name in the statistics.
    pub split: &'a str,
    pub documents: u64,
    pub selection: Selection,
}

impl Corpus<'_> {
    /// Selects words from the sums of all terms, and writes them to `files`. The fates of words that
    /// occur are entered in `fates`.
    ///
    /// # Errors
    ///
    /// No word is left, or a file cannot be read or written.
    pub fn select(&self, sums: &mut TermFile, fates: &mut WordFates, files: &dyn OutputSet) -> Result<SelectedWords> {
        let Corpus { split, documents, selection } = *self;
        let mut survey = TermSurvey::new(selection, documents);
        let mut term = Term::default();
        while sums.read(&mut term)? {
            survey.add(term.documents(), term.occurrences());
        }
        let mut filter = survey.finish()?;
        if filter.kept() > u64::from(u32::MAX) - 1 {
            return Err(Error::Refused(
                "more than 4,294,967,294 words do not fit into the vocabulary; use a larger --min-df".into(),
            ));
        }
        sums.rewind()?;
        let mut counted = CountedWords::new(selection, documents);
        let mut words = WordFile::create(files, WORDS)?;
        while sums.read(&mut term)? {
            let is_kept = filter.keeps(term.documents(), term.occurrences());
            let text = std::str::from_utf8(&term.text).unwrap_or_default();
            counted.add(text, term.documents(), || is_kept);
            if let Some(fate) = fates.get_mut(&term.text) {
                let why_not = || dropped(term.documents(), documents, selection.frequency);
                *fate = if is_kept { Fate::Kept } else { why_not() };
            }
            if is_kept {
                words.push(&term.text)?;
            }
        }
        Ok(SelectedWords {
            size: filter.kept(),
            files: vec![words.finish()?],
            different_words_dropped: Some(filter.dropped()),
            learning: Some(counted.learning(split)),
        })
    }
}

/// Writes the words of a given vocabulary to `files`.
///
/// # Errors
///
/// A file cannot be written.
pub(super) fn write_given(vocabulary: &Vocabulary, fates: &mut WordFates, files: &dyn OutputSet) -> Result<SelectedWords> {
    let mut order: Vec<(&str, u64)> = vocabulary.words().zip(0..).collect();
    order.sort_unstable();
    let mut sorted = WordFile::create(files, WORDS)?;
    for (word, id) in &order {
        sorted.push_with_id(word.as_bytes(), *id)?;
    }
    for (word, fate) in fates.iter_mut() {
        let is_known = std::str::from_utf8(word).is_ok_and(|word| vocabulary.id(word).is_some());
        *fate = if is_known { Fate::Kept } else { Fate::Unknown };
    }
    let mut outputs = vec![sorted.finish()?];
    if !order.is_sorted_by_key(|(_, id)| *id) {
        let mut by_id = WordFile::create(files, WORDS_BY_ID)?;
        vocabulary.words().try_for_each(|word| by_id.push(word.as_bytes()))?;
        outputs.push(by_id.finish()?);
    }
    Ok(SelectedWords { size: vocabulary.len() as u64, files: outputs, ..SelectedWords::default() })
}

/// A list of words that is being written.
struct WordFile {
    writer: TermWriter<OutputStream>,
    word: Term,
    next_id: u64,
}

impl WordFile {
    fn create(files: &dyn OutputSet, name: &str) -> Result<WordFile> {
        let writer = TermWriter::new(OutputStream::create(files, name)?);
        Ok(WordFile { writer, word: Term::default(), next_id: 0 })
    }

    /// Adds a word with the next id.
    fn push(&mut self, text: &[u8]) -> Result<()> {
        let id = self.next_id;
        self.next_id += 1;
        self.push_with_id(text, id)
    }

    fn push_with_id(&mut self, text: &[u8], id: u64) -> Result<()> {
        self.word.text.clear();
        self.word.text.extend_from_slice(text);
        self.word.numbers = [id, 0];
        self.writer.write(&self.word).map_err(|error| self.writer.file().reason(error))
    }

    fn finish(self) -> Result<Output> {
        self.writer.finish().map_err(|error| Error::Refused(error.to_string()))?.finish()
    }
}
