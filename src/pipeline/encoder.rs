//! One thread's way from keyword files to word numbers.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::keyword_map::{KeywordMap, Lookup};
use super::times::{Stopwatch, Times, lap};
use crate::input::json::Malformed;
use crate::input::keyword_file::{KeywordSink, read_keywords};
use crate::text::analyzer::Analyzer;
use crate::vocabulary::Numbering;

/// Encodes documents one after the other; the words of a chunk of them lie in one row.
pub(crate) struct Encoder<'a, N> {
    analyzer: &'a Analyzer,
    field: &'a [String],
    numbering: N,
    map: KeywordMap,
    lowered: String,
    words: Vec<u32>,
    document: Tally,
    pending: Pending,
    /// Where a word counts once a document: its words that have no number.
    unknown_once: Option<HashSet<Box<str>>>,
    stopwatch: Stopwatch,
    times: Times,
}

/// What was counted in a document, or in many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Keywords.
    pub keywords: u64,
    /// Words that have no number.
    pub unknown: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.keywords += other.keywords;
        self.unknown += other.unknown;
    }
}

impl<'a, N: Numbering> Encoder<'a, N> {
    /// An encoder of keyword files whose keywords stand at `field`.
    pub fn new(analyzer: &'a Analyzer, field: &'a [String], numbering: N, stopwatch: Stopwatch) -> Self {
        Encoder {
            analyzer,
            field,
            numbering,
            map: KeywordMap::default(),
            lowered: String::new(),
            words: Vec::new(),
            document: Tally::default(),
            pending: Pending::default(),
            unknown_once: None,
            stopwatch,
            times: Times::default(),
        }
    }

    /// With `binary`, a word counts once a document, at its first place.
    pub fn binary(self, binary: bool) -> Self {
        Encoder { unknown_once: binary.then(HashSet::new), ..self }
    }

    /// Adds a keyword file to the chunk; a malformed one leaves no word behind.
    pub fn add(&mut self, json: &[u8]) -> Result<Tally, Malformed> {
        let mut clock = self.stopwatch.start();
        self.restart();
        read_keywords(json, self.field, self)?;
        self.times.parse += lap(&mut clock, json.len() as u64);
        self.number_document();
        self.times.words += lap(&mut clock, self.pending.text.len() as u64);
        Ok(self.document)
    }

    /// Adds a document whose keywords `each` hands on.
    pub fn add_keywords(&mut self, each: impl FnOnce(&mut dyn FnMut(&str))) {
        self.restart();
        each(&mut |keyword| self.keyword(keyword.as_bytes()));
        self.number_document();
    }

    fn number_document(&mut self) {
        self.document = Tally::default();
        let start = self.words.len();
        if self.analyzer.is_per_keyword() {
            self.look_up();
        } else {
            self.look_up_joined();
        }
        if let Some(unknown) = &mut self.unknown_once {
            *unknown = HashSet::new();
            let all = self.words.split_off(start.min(self.words.len()));
            let mut seen = HashSet::with_capacity(all.len());
            self.words.extend(all.into_iter().filter(|&word| seen.insert(word)));
        }
        self.numbering.document(self.words.get(start..).unwrap_or_default());
    }

    /// How many words the chunk has so far.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The words of the chunk; a new chunk begins.
    pub fn take(&mut self) -> Vec<u32> {
        let room = self.words.len();
        std::mem::replace(&mut self.words, Vec::with_capacity(room))
    }

    /// What the thread's documents were numbered with, and where its time went.
    pub fn finish(self) -> (N, Times) {
        (self.numbering, self.times)
    }

    /// Numbers the words of the keywords of a whole document.
    fn look_up(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let mut text = pending.text.as_slice();
        for &(lookup, len) in &pending.keywords {
            let (keyword, rest) = text.split_at_checked(len).unwrap_or_default();
            text = rest;
            match lookup.as_ref().and_then(|lookup| self.map.get(lookup)) {
                Some(known) => {
                    self.words.extend(known.numbers());
                    self.document.unknown += u64::from(known.unknown);
                }
                None => self.analyze(keyword, lookup.as_ref()),
            }
        }
        self.document.keywords = pending.keywords.len() as u64;
        self.pending = pending;
    }

    /// Numbers the words of the keywords joined by a space, where a word may come from two of them.
    fn look_up_joined(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let mut joined = Vec::with_capacity(pending.text.len() + pending.keywords.len());
        let mut text = pending.text.as_slice();
        for &(_, len) in &pending.keywords {
            let (keyword, rest) = text.split_at_checked(len).unwrap_or_default();
            text = rest;
            joined.extend_from_slice(keyword);
            joined.push(b' ');
        }
        joined.pop();
        self.analyze(&joined, None);
        self.document.keywords = pending.keywords.len() as u64;
        self.pending = pending;
    }

    /// Takes a keyword apart that is not in the map, and remembers it.
    fn analyze(&mut self, keyword: &[u8], lookup: Option<&Lookup>) {
        let first = self.words.len();
        let mut unknown: u64 = 0;
        let (numbering, words, unknown_once) = (&mut self.numbering, &mut self.words, &mut self.unknown_once);
        let mut number = |word: &str| match numbering.number(word) {
            Some(number) => words.push(number),
            None => unknown += u64::from(unknown_once.as_mut().is_none_or(|known| known.insert(word.into()))),
        };
        self.analyzer.each_word(&text_of(keyword), &mut self.lowered, &mut number);
        self.document.unknown += unknown;
        // What is unknown, and whether it came before in the document, the map does not know.
        let is_complete = unknown == 0 || self.unknown_once.is_none();
        if let (Some(lookup), Ok(unknown), true) = (lookup, u32::try_from(unknown), is_complete) {
            self.map.insert(lookup, self.words.get(first..).unwrap_or_default(), unknown);
        }
    }
}

/// A keyword's text. A lone surrogate becomes one U+FFFD, which like it is no word character, has no case, no accent, and is not
/// ignored beside a sigma.
fn text_of(keyword: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(keyword) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(keyword.len());
    for chunk in keyword.utf8_chunks() {
        text.push_str(chunk.valid());
        // A surrogate comes in three pieces, of which only the first is no continuation byte.
        if chunk.invalid().first().is_some_and(|byte| !(0x80..0xc0).contains(byte)) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(text)
}

/// The keywords of the document that is being read.
#[derive(Debug, Default)]
struct Pending {
    /// Each keyword, ready to be looked up, and the bytes of its text.
    keywords: Vec<(Option<Lookup>, usize)>,
    text: Vec<u8>,
}

impl<N: Numbering> KeywordSink for Encoder<'_, N> {
    fn restart(&mut self) {
        self.pending.keywords.clear();
        self.pending.text.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.pending.keywords.push((KeywordMap::lookup(keyword), keyword.len()));
        self.pending.text.extend_from_slice(keyword);
    }
}
