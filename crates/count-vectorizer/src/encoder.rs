//! Converts keywords to term numbers, one document after the other, on one thread.

use std::borrow::Cow;

use hashbrown::HashSet;

use crate::analyzer::Analyzer;
use crate::error::{TooManyNgrams, TooManySteps};
use crate::keyword_cache::{Guess, KeywordCache, LongKeyword, ShortKeyword};
use crate::numbering::Numbering;

/// Buffers that are larger than this many elements are freed after the document.
const LARGEST_KEPT_BUFFER: usize = 4 << 20;
/// The word buffer grows by this many words at a time.
const ROOM: usize = 256;
/// Up to this many keywords of a document get a lookup key, which takes 32 bytes.
const MOST_WAITING: usize = 1 << 16;

/// Converts documents to the numbers of their terms. A document is a sequence of keywords, which
/// have the meaning of [`Document::each_keyword`](crate::Document::each_keyword).
///
/// Terms get their numbers from a [`Numbering`]. With a `&`[`Vocabulary`](crate::Vocabulary), these
/// are the ids of a known vocabulary. With [`TermCounts`](crate::TermCounts), they are provisional
/// numbers, and the documents are counted to learn a vocabulary.
///
/// The numbers of consecutive documents are collected in one vector until [`take`](Self::take) is
/// called. An encoder remembers up to 131,072 keywords with their numbers, so that most keywords
/// need no analysis. This takes at most 15 MiB.
///
/// ```
/// use count_vectorizer::{Analyzer, Encoder, StopWords, Vocabulary};
///
/// let vocabulary = Vocabulary::from_words(["adult", "dog"]);
/// let analyzer = Analyzer::new(StopWords::english());
/// let mut encoder = Encoder::new(&analyzer, &vocabulary);
/// encoder.keyword(b"young adult");
/// encoder.keyword(b"dog");
/// assert_eq!(encoder.end_document()?.unknown, 1);
/// assert_eq!(encoder.take(), [0, 1]);
/// # Ok::<(), count_vectorizer::TooManySteps>(())
/// ```
pub struct Encoder<'a, N> {
    analyzer: &'a Analyzer,
    numbering: N,
    cache: KeywordCache,
    lowered: String,
    words: Vec<u32>,
    document: DocumentCounts,
    pending: Pending,
    /// With `binary`: the terms of the document that have no number.
    unknown_once: Option<HashSet<Box<str>>>,
}

/// The counts of one document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DocumentCounts {
    /// The number of keywords.
    pub keywords: u64,
    /// The number of terms without a number.
    pub unknown: u64,
}

impl<'a, N: Numbering> Encoder<'a, N> {
    /// Returns an encoder without documents.
    pub fn new(analyzer: &'a Analyzer, numbering: N) -> Self {
        Encoder {
            analyzer,
            numbering,
            cache: KeywordCache::default(),
            lowered: String::new(),
            words: Vec::new(),
            document: DocumentCounts::default(),
            pending: Pending::default(),
            unknown_once: None,
        }
    }

    /// Sets whether a term is counted at most once per document, at its first place.
    pub fn binary(self, binary: bool) -> Self {
        Encoder { unknown_once: binary.then(HashSet::new), ..self }
    }

    /// Forgets the keywords of the current document.
    #[inline]
    pub fn restart_document(&mut self) {
        self.pending.keywords.clear();
        self.pending.more.clear();
        self.pending.long.clear();
    }

    /// Adds a keyword to the current document. It should be UTF-8. A surrogate code point in the
    /// form of UTF-8 (WTF-8) becomes one U+FFFD.
    #[inline]
    pub fn keyword(&mut self, keyword: &[u8]) {
        if self.pending.keywords.len() >= MOST_WAITING {
            self.pending.more.push(keyword.len() as u32);
            self.pending.long.extend_from_slice(keyword);
            return;
        }
        self.pending.keywords.push(match ShortKeyword::new(keyword) {
            Some(keyword) => Waiting::Short(keyword),
            None => {
                self.pending.long.extend_from_slice(keyword);
                Waiting::Long(keyword.len())
            }
        });
    }

    /// Adds the first `len` bytes of `text` as a keyword. This is faster than
    /// [`keyword`](Self::keyword) if more text follows. Less than `len` bytes are an empty keyword.
    #[inline]
    pub fn keyword_at(&mut self, text: &[u8], len: usize) {
        match ShortKeyword::at(text, len) {
            Some(keyword) if self.pending.keywords.len() < MOST_WAITING => {
                self.pending.keywords.push(Waiting::Short(keyword));
            }
            _ => self.keyword(text.get(..len).unwrap_or_default()),
        }
    }

    /// Checks that the current document does not have too many n-grams.
    ///
    /// # Errors
    ///
    /// The errors of [`Analyzer::check_ngrams`].
    pub fn check_ngrams(&self) -> Result<(), TooManyNgrams> {
        match self.analyzer.makes_ngrams() {
            true => self.analyzer.check_ngrams(self.pending.bytes()),
            false => Ok(()),
        }
    }

    /// Ends the current document and numbers its terms. The next keyword begins a new document.
    ///
    /// # Errors
    ///
    /// The token pattern needs too many steps for the document. The document then adds no term.
    pub fn end_document(&mut self) -> Result<DocumentCounts, TooManySteps> {
        let start = self.words.len();
        let numbered = self.number_document(start);
        if numbered.is_err() {
            self.words.truncate(start);
        }
        if self.pending.long.capacity().max(self.pending.more.capacity()) > LARGEST_KEPT_BUFFER {
            (self.pending, self.lowered) = (Pending::default(), String::new());
        }
        self.restart_document();
        numbered.map(|()| self.document)
    }

    /// Appends the numbers of the terms of the current document, from `start` on.
    fn number_document(&mut self, start: usize) -> Result<(), TooManySteps> {
        self.document = DocumentCounts::default();
        if let Some(unknown) = &mut self.unknown_once {
            *unknown = HashSet::new();
        }
        if self.analyzer.is_per_keyword() {
            self.look_up()?;
        } else {
            self.look_up_joined()?;
        }
        if self.unknown_once.is_some() {
            let all = self.words.split_off(start.min(self.words.len()));
            let mut seen = HashSet::with_capacity(all.len());
            self.words.extend(all.into_iter().filter(|&word| seen.insert(word)));
        }
        self.numbering.document(self.words.get(start..).unwrap_or_default());
        Ok(())
    }

    /// Returns the number of terms since the last [`take`](Self::take).
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether there is no term since the last [`take`](Self::take).
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Takes the numbers of the terms of all documents since the last call, in their order and with
    /// repeats.
    pub fn take(&mut self) -> Vec<u32> {
        let room = self.words.len().min(LARGEST_KEPT_BUFFER);
        std::mem::replace(&mut self.words, Vec::with_capacity(room))
    }

    /// Returns the numbering with everything that it has counted.
    pub fn into_numbering(self) -> N {
        self.numbering
    }

    /// Numbers the terms of the keywords of a document, one keyword after the other.
    fn look_up(&mut self) -> Result<(), TooManySteps> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.guess(&self.cache);
        let mut long = pending.long.as_slice();
        // The end of the words. It is counted here because the processor would wait for the length
        // of the vector.
        let mut end = self.words.len();
        for (keyword, guess) in pending.keywords.iter().zip(&pending.guesses) {
            let room = self.words.get_mut(end..).and_then(|room| room.first_chunk_mut());
            if let (Waiting::Short(keyword), Some(room)) = (keyword, room)
                && let Some((count, unknown)) = self.cache.short(keyword, *guess, room)
            {
                end += count as usize;
                self.document.unknown += u64::from(unknown);
                continue;
            }
            self.words.truncate(end);
            self.document.unknown += match keyword {
                Waiting::Short(keyword) => self.short(keyword)?,
                Waiting::Long(len) => {
                    let (keyword, rest) = long.split_at_checked(*len).unwrap_or_default();
                    long = rest;
                    self.long(keyword)?
                }
            };
            end = self.words.len();
            self.words.resize(end + ROOM, 0);
        }
        self.words.truncate(end);
        for len in &pending.more {
            let (keyword, rest) = long.split_at_checked(*len as usize).unwrap_or_default();
            long = rest;
            self.document.unknown += self.long(keyword)?;
        }
        self.document.keywords = (pending.keywords.len() + pending.more.len()) as u64;
        self.pending = pending;
        Ok(())
    }

    /// Numbers the terms of the keywords joined by spaces, because a term may come from two
    /// keywords.
    fn look_up_joined(&mut self) -> Result<(), TooManySteps> {
        let pending = std::mem::take(&mut self.pending);
        let mut joined = Vec::new();
        pending.each(|keyword| {
            joined.extend_from_slice(keyword);
            joined.push(b' ');
        });
        joined.pop();
        self.document.unknown = self.analyze(&joined)?;
        self.document.keywords = (pending.keywords.len() + pending.more.len()) as u64;
        self.pending = pending;
        Ok(())
    }

    /// Numbers the terms of a short keyword that is not where it was guessed, has more than two
    /// terms, or found no room.
    fn short(&mut self, keyword: &ShortKeyword) -> Result<u64, TooManySteps> {
        if let Some(unknown) = self.cache.extend_short(keyword, &mut self.words) {
            return Ok(u64::from(unknown));
        }
        let first = self.words.len();
        let unknown = keyword.with_text(|text| self.analyze(text))?;
        self.cache.insert_short(keyword, self.words.get(first..).unwrap_or_default(), self.cacheable_unknown(unknown));
        Ok(unknown)
    }

    /// Numbers the terms of a keyword that is not short.
    fn long(&mut self, text: &[u8]) -> Result<u64, TooManySteps> {
        let Some(keyword) = LongKeyword::new(text) else { return self.analyze(text) };
        if let Some(unknown) = self.cache.extend_long(&keyword, &mut self.words) {
            return Ok(u64::from(unknown));
        }
        let first = self.words.len();
        let unknown = self.analyze(text)?;
        self.cache.insert_long(&keyword, self.words.get(first..).unwrap_or_default(), self.cacheable_unknown(unknown));
        Ok(unknown)
    }

    /// Returns the number of unknown terms for the cache, or a number that the cache refuses. With
    /// `binary`, the number depends on the terms before, which the cache cannot know.
    fn cacheable_unknown(&self, unknown: u64) -> u32 {
        let is_counted_once = unknown > 0 && self.unknown_once.is_some();
        if is_counted_once { u32::MAX } else { u32::try_from(unknown).unwrap_or(u32::MAX) }
    }

    /// Analyzes a keyword and numbers its terms. Returns the number of terms without a number.
    fn analyze(&mut self, keyword: &[u8]) -> Result<u64, TooManySteps> {
        let mut unknown = 0;
        let (numbering, words, unknown_once) = (&mut self.numbering, &mut self.words, &mut self.unknown_once);
        let mut number = |word: &str| match numbering.number(word) {
            Some(number) => words.push(number),
            None => unknown += u64::from(unknown_once.as_mut().is_none_or(|known| known.insert(word.into()))),
        };
        self.analyzer.each_word(&text_of(keyword), &mut self.lowered, &mut number)?;
        Ok(unknown)
    }
}

/// Returns the text of a keyword. A lone surrogate becomes one U+FFFD. Like a surrogate, U+FFFD is
/// no word character, has no case and no accent, and is not ignored next to a sigma.
fn text_of(keyword: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(keyword) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(keyword.len());
    for chunk in keyword.utf8_chunks() {
        text.push_str(chunk.valid());
        // A surrogate comes in three pieces. Only the first of them is not a continuation byte.
        if chunk.invalid().first().is_some_and(|byte| !(0x80..0xc0).contains(byte)) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(text)
}

/// The keywords of the current document. They are looked up together, so that the processor waits
/// for memory once for many keywords.
#[derive(Debug, Default)]
struct Pending {
    keywords: Vec<Waiting>,
    /// The likely place of each keyword in the cache.
    guesses: Vec<Guess>,
    /// The lengths of the keywords beyond [`MOST_WAITING`]. They get no lookup key.
    more: Vec<u32>,
    /// The text of the long keywords and of the keywords in `more`.
    long: Vec<u8>,
}

impl Pending {
    /// Asks the cache for the likely places of all keywords.
    fn guess(&mut self, cache: &KeywordCache) {
        self.guesses.clear();
        self.guesses.extend(self.keywords.iter().map(|keyword| match keyword {
            Waiting::Short(keyword) => cache.guess(keyword),
            Waiting::Long(_) => Guess::default(),
        }));
    }

    /// Returns the number of bytes of the keywords joined by spaces.
    fn bytes(&self) -> usize {
        let short = self.keywords.iter().map(|waiting| match waiting {
            Waiting::Short(short) => short.with_text(<[u8]>::len),
            Waiting::Long(_) => 0,
        });
        let spaces = (self.keywords.len() + self.more.len()).saturating_sub(1);
        short.sum::<usize>() + self.long.len() + spaces
    }

    /// Calls `keyword` with the text of each keyword.
    fn each(&self, mut keyword: impl FnMut(&[u8])) {
        let mut long = self.long.as_slice();
        let mut next = |len: usize| {
            let (text, rest) = long.split_at_checked(len).unwrap_or_default();
            long = rest;
            text
        };
        for waiting in &self.keywords {
            match waiting {
                Waiting::Short(short) => short.with_text(&mut keyword),
                Waiting::Long(len) => keyword(next(*len)),
            }
        }
        self.more.iter().for_each(|&len| keyword(next(len as usize)));
    }
}

/// A keyword of the current document.
#[derive(Debug)]
enum Waiting {
    /// A keyword with its lookup key.
    Short(ShortKeyword),
    /// The length of a longer keyword.
    Long(usize),
}
