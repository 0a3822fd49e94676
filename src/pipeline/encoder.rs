//! One thread's way from keyword files to word numbers.

use super::keyword_map::{KeywordMap, LongKeyword, ShortKeyword};
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
            stopwatch,
            times: Times::default(),
        }
    }

    /// Adds a keyword file to the chunk; a malformed one leaves no word behind.
    pub fn add(&mut self, json: &[u8]) -> Result<Tally, Malformed> {
        let mut clock = self.stopwatch.start();
        self.restart();
        read_keywords(json, self.field, self)?;
        self.times.parse += lap(&mut clock, json.len() as u64);
        self.document = Tally::default();
        let start = self.words.len();
        self.look_up();
        self.numbering.document(self.words.get(start..).unwrap_or_default());
        self.times.words += lap(&mut clock, 0);
        Ok(self.document)
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
        let mut long = pending.long.as_slice();
        for keyword in &pending.keywords {
            let unknown = match keyword {
                Waiting::Short(keyword) => {
                    let known = self.map.extend_short(keyword, &mut self.words);
                    known.unwrap_or_else(|| self.analyze_short(keyword))
                }
                Waiting::Long(len) => {
                    let (keyword, rest) = long.split_at_checked(*len).unwrap_or_default();
                    long = rest;
                    self.long(keyword)
                }
            };
            self.document.unknown += u64::from(unknown);
        }
        self.document.keywords = pending.keywords.len() as u64;
        self.pending = pending;
    }

    #[cold]
    fn analyze_short(&mut self, keyword: &ShortKeyword) -> u32 {
        let first = self.words.len();
        let unknown = keyword.with_text(|text| self.analyze(text));
        self.map.insert_short(keyword, self.words.get(first..).unwrap_or_default(), unknown);
        unknown
    }

    fn long(&mut self, text: &[u8]) -> u32 {
        let Some(keyword) = LongKeyword::new(text) else { return self.analyze(text) };
        if let Some(unknown) = self.map.extend_long(&keyword, &mut self.words) {
            return unknown;
        }
        let first = self.words.len();
        let unknown = self.analyze(text);
        self.map.insert_long(&keyword, self.words.get(first..).unwrap_or_default(), unknown);
        unknown
    }

    /// Takes a keyword apart and numbers its words; says how many have no number.
    fn analyze(&mut self, keyword: &[u8]) -> u32 {
        let mut unknown = 0;
        let (numbering, words) = (&mut self.numbering, &mut self.words);
        let mut number = |word: &str| match numbering.number(word) {
            Some(number) => words.push(number),
            None => unknown += 1,
        };
        // A lone surrogate becomes U+FFFD, which like it is no word character, has no case and is not ignored beside a sigma.
        let text = String::from_utf8_lossy(keyword);
        self.analyzer.each_word(&text, &mut self.lowered, &mut number);
        unknown
    }
}

/// The keywords of the document that is being read. They are looked up together: so the processor waits for memory once for many.
#[derive(Debug, Default)]
struct Pending {
    keywords: Vec<Waiting>,
    /// The text of the long ones.
    long: Vec<u8>,
}

#[derive(Debug)]
enum Waiting {
    Short(ShortKeyword),
    /// Of so many bytes.
    Long(usize),
}

impl<N: Numbering> KeywordSink for Encoder<'_, N> {
    fn restart(&mut self) {
        self.pending.keywords.clear();
        self.pending.long.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.pending.keywords.push(match ShortKeyword::new(keyword) {
            Some(keyword) => Waiting::Short(keyword),
            None => {
                self.pending.long.extend_from_slice(keyword);
                Waiting::Long(keyword.len())
            }
        });
    }
}
