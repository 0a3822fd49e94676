//! The words of a matrix or of a vocabulary, and the differences between two lists of words.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::frequencies::Frequencies;
use super::matrix::{MatrixFile, without_vocabulary};
use crate::error::{Error, Problem, Result};
use crate::files::names::{is_other_form, is_parts_list};
use crate::inputs::vocabulary_file::read_vocabulary;
use crate::progress::Progress;
use count_vectorizer::Vocabulary;
use keyword_files::npy::header::MAGIC;

/// Words with their ids. If they were read with a matrix, they have frequencies.
///
/// ```
/// use amc_keywords::{Clickture, ClicktureSplit, Settings, Silent, WordList};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-words-{}", std::process::id()));
/// let splits = Some(vec![ClicktureSplit::Dev]);
/// let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), splits };
/// clickture.run(&Settings::default(), &Silent)?;
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
    /// The frequencies of the words in the matrix, if there is one.
    pub frequencies: Option<Frequencies>,
    /// The number of images of the matrix. Without a manifest, the number of images with a word.
    pub images: Option<u64>,
}

/// The id and the frequencies of a word in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordEntry {
    /// The id of the word.
    pub id: u32,
    /// The number of images with the word.
    pub document: Option<u64>,
    /// The number of occurrences of the word.
    pub term: Option<u64>,
}

/// A word that differs between two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordChange<'a> {
    /// The word.
    pub word: &'a str,
    /// The entry of the first list.
    pub before: Option<WordEntry>,
    /// The entry of the second list.
    pub after: Option<WordEntry>,
}

/// The differences between two lists of words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WordChanges<'a> {
    /// Words that are only in the second list, those with the most images first.
    pub gained: Vec<WordChange<'a>>,
    /// Words that are only in the first list, those with the most images first.
    pub lost: Vec<WordChange<'a>>,
    /// Words of both lists whose id or frequency differs, the largest change of the number of
    /// images first.
    pub changed: Vec<WordChange<'a>>,
    /// The number of words that are in both lists.
    pub kept: u64,
}

impl WordChanges<'_> {
    /// Whether the lists are equal.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty() && self.changed.is_empty()
    }
}

impl WordList {
    /// Reads the words of a matrix (see [`MatrixFile::open`]) or of a vocabulary, JSON or pickle.
    /// `vocabulary` names the vocabulary of a matrix whose own cannot be found.
    ///
    /// # Errors
    ///
    /// Those of [`MatrixFile::open`] and [`Frequencies::count`], a matrix without a vocabulary, or
    /// a file that is neither a matrix nor a vocabulary.
    pub fn read(path: &Path, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<WordList> {
        if !is_matrix(path)? {
            return Ok(WordList { vocabulary: read_vocabulary(path)?, frequencies: None, images: None });
        }
        let matrix = MatrixFile::open(path, vocabulary, progress)?;
        let images = matrix.split.as_ref().map(|split| split.images);
        let Some(vocabulary) = matrix.vocabulary else {
            return Err(without_vocabulary(matrix.pairs.path()));
        };
        let frequencies = Frequencies::count(matrix.pairs, vocabulary.len(), progress)?;
        let images = images.or(Some(frequencies.images));
        Ok(WordList { vocabulary, images, frequencies: Some(frequencies) })
    }

    /// The entry of the word with this id.
    pub fn entry(&self, id: u32) -> WordEntry {
        let count = |all: &Vec<u64>| all.get(id as usize).copied();
        let frequencies = self.frequencies.as_ref();
        WordEntry {
            id,
            document: frequencies.and_then(|frequencies| count(&frequencies.document)),
            term: frequencies.and_then(|frequencies| count(&frequencies.term)),
        }
    }

    /// The differences between this list and `after`. Frequencies are compared if both lists have
    /// them.
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
                let after = Some(other);
                changes.changed.push(WordChange { word, before: Some(before), after });
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
    /// Whether two entries differ. A frequency that one of them lacks is no difference.
    fn differs(self, other: WordEntry) -> bool {
        let differ = |a: Option<u64>, b: Option<u64>| a.zip(b).is_some_and(|(a, b)| a != b);
        self.id != other.id || differ(self.document, other.document) || differ(self.term, other.term)
    }
}

impl WordChange<'_> {
    /// The change of the number of images with the word.
    fn size(&self) -> u64 {
        let document = |entry: Option<WordEntry>| entry.and_then(|entry| entry.document).unwrap_or(0);
        document(self.before).abs_diff(document(self.after))
    }
}

/// Whether `path` is a matrix, or a folder of one, and not a vocabulary.
fn is_matrix(path: &Path) -> Result<bool> {
    let found = fs::metadata(path).map_err(Error::io(path, "read"))?;
    if !found.is_dir() && !found.is_file() {
        // The file is read twice, and a device may be endless.
        return Err(Problem::new(path, "expected a file or a folder").into());
    }
    let name = path.file_name().and_then(|name| name.to_str());
    if found.is_dir() || name.is_some_and(|name| is_other_form(name) || is_parts_list(name)) {
        return Ok(true);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.map_err(Error::io(path, "read"))?;
    Ok(start == MAGIC || path.extension().is_some_and(|extension| extension == "npy"))
}
