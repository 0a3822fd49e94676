//! The words of a matrix or of a vocabulary file, and what two such lists gained and lost.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::file_names::is_other_form;
use super::frequencies::Frequencies;
use super::matrix_file::MatrixFile;
use crate::error::{Error, Problem, Result};
use crate::inputs::vocabulary_file::read_vocabulary;
use crate::progress::Progress;
use count_vectorizer::Vocabulary;

/// Words with their ids and, where they were read with a matrix, their frequencies.
///
/// ```
/// use amc_keywords::{Clickture, ClicktureSplit, Settings, Silent, WordList};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-words-{}", std::process::id()));
/// let splits = Some(vec![ClicktureSplit::Dev]);
/// Clickture { root: "sample".into(), out: Some(out.clone()), splits }.run(&Settings::default(), &Silent)?;
///
/// let alone = WordList::read(&out.join("vocabulary_clickture_dev_sk_6.json"), None, &Silent)?;
/// assert_eq!((alone.vocabulary.len(), alone.images), (164, None));
/// let counted = WordList::read(&out, None, &Silent)?;
/// assert_eq!((counted.vocabulary.len(), counted.images), (164, Some(200)));
/// assert!(alone.changes(&counted).is_empty());
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WordList {
    /// The words.
    pub vocabulary: Vocabulary,
    /// How often they stand in the matrix, if there is one.
    pub frequencies: Option<Frequencies>,
    /// How many images the matrix is of; if no manifest says it, how many of them have a word.
    pub images: Option<u64>,
}

/// What a list says of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordEntry {
    /// Its id.
    pub id: u32,
    /// In how many images it stands.
    pub document: Option<u64>,
    /// How often it stands.
    pub term: Option<u64>,
}

/// A word of which two lists say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordChange<'a> {
    /// The word.
    pub word: &'a str,
    /// What the first list says.
    pub before: Option<WordEntry>,
    /// What the second list says.
    pub after: Option<WordEntry>,
}

/// How one list of words became another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WordChanges<'a> {
    /// The words of the second list alone, those of most images first.
    pub gained: Vec<WordChange<'a>>,
    /// The words of the first list alone, those of most images first.
    pub lost: Vec<WordChange<'a>>,
    /// The words of both whose id or frequency changed, the greatest change of the number of images first.
    pub changed: Vec<WordChange<'a>>,
    /// How many words both lists have.
    pub kept: u64,
}

impl WordChanges<'_> {
    /// Whether the lists say the same.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty() && self.changed.is_empty()
    }
}

impl WordList {
    /// Reads the words of `path`: a matrix (see [`MatrixFile::open`]), or a vocabulary, JSON or pickle. `vocabulary` is the matrix's,
    /// if it cannot be found from it.
    ///
    /// # Errors
    ///
    /// Those of [`MatrixFile::open`] and [`Frequencies::count`], a matrix without a vocabulary, a file that is neither.
    pub fn read(path: &Path, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<WordList> {
        if !is_matrix(path)? {
            return Ok(WordList { vocabulary: read_vocabulary(path)?, frequencies: None, images: None });
        }
        let matrix = MatrixFile::open(path, vocabulary, progress)?;
        let images = matrix.split.as_ref().map(|split| split.images);
        let Some(vocabulary) = matrix.vocabulary else { return Err(without_vocabulary(matrix.pairs.path())) };
        let frequencies = Frequencies::count(matrix.pairs, vocabulary.len(), progress)?;
        Ok(WordList { vocabulary, images: images.or(Some(frequencies.images)), frequencies: Some(frequencies) })
    }

    /// What the list says of the word with this id.
    pub fn entry(&self, id: u32) -> WordEntry {
        let of = |all: fn(&Frequencies) -> &Vec<u64>| self.frequencies.as_ref().and_then(|f| all(f).get(id as usize).copied());
        WordEntry { id, document: of(|f| &f.document), term: of(|f| &f.term) }
    }

    /// How this list became the list `after`. Frequencies are compared if both have them.
    pub fn changes<'a>(&'a self, after: &'a WordList) -> WordChanges<'a> {
        let mut changes = WordChanges::default();
        for (id, word) in (0..).zip(self.vocabulary.words()) {
            let before = self.entry(id);
            let Some(other) = after.vocabulary.id(word).map(|id| after.entry(id)) else {
                changes.lost.push(WordChange { word, before: Some(before), after: None });
                continue;
            };
            changes.kept += 1;
            if before.differs(other) {
                changes.changed.push(WordChange { word, before: Some(before), after: Some(other) });
            }
        }
        for (id, word) in (0..).zip(after.vocabulary.words()) {
            if self.vocabulary.id(word).is_none() {
                changes.gained.push(WordChange { word, before: None, after: Some(after.entry(id)) });
            }
        }
        for words in [&mut changes.gained, &mut changes.lost, &mut changes.changed] {
            words.sort_unstable_by_key(|change| (Reverse(change.size()), change.word));
        }
        changes
    }
}

impl WordEntry {
    /// Whether another list says something else; what it does not say is no difference.
    fn differs(self, other: WordEntry) -> bool {
        let differ = |a: Option<u64>, b: Option<u64>| a.zip(b).is_some_and(|(a, b)| a != b);
        self.id != other.id || differ(self.document, other.document) || differ(self.term, other.term)
    }
}

impl WordChange<'_> {
    /// By how many images the word's document frequency changed.
    fn size(&self) -> u64 {
        let document = |entry: Option<WordEntry>| entry.and_then(|entry| entry.document).unwrap_or(0);
        document(self.before).abs_diff(document(self.after))
    }
}

/// Whether words are to be counted there, and not only read.
fn is_matrix(path: &Path) -> Result<bool> {
    let found = fs::metadata(path).map_err(Error::io(path, "read"))?;
    if !found.is_dir() && !found.is_file() {
        // It is read twice, and a device need not end.
        return Err(Problem::new(path, "expected a file or a folder").into());
    }
    if found.is_dir() || path.file_name().and_then(|name| name.to_str()).is_some_and(is_other_form) {
        return Ok(true);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(6).read_to_end(&mut start));
    read.map_err(Error::io(path, "read"))?;
    Ok(start == b"\x93NUMPY" || path.extension().is_some_and(|extension| extension == "npy"))
}

/// What to say of a matrix whose words are not known.
pub(super) fn without_vocabulary(matrix: &Path) -> Error {
    let what = "its vocabulary is not known: no manifest lists it, and no vocabulary_….json of its name is beside it";
    Problem::new(matrix, what).hint("name the vocabulary with --vocabulary").into()
}
