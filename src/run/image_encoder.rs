//! Reads the JSON of an image and encodes its keywords, on one thread.

use count_vectorizer::{Analyzer, Encoder, Numbering};
use keyword_files::json::{Flaw, KeywordField, KeywordSink, Malformed, TextPlace, read_keywords};

use crate::error::Error;
use crate::times::{Stopwatch, Times, lap};
use crate::word_store::Tally;

/// An encoder of images: a word encoder that reads keywords from JSON and measures its time.
pub(crate) struct ImageEncoder<'a, N> {
    words: Encoder<'a, N>,
    /// The keywords of the image that were left out for their confidence.
    unsure: u64,
    has_confidence: bool,
    /// Whether the image has no field of keywords.
    has_no_field: bool,
    stopwatch: Stopwatch,
    times: Times,
}

impl<'a, N: Numbering> ImageEncoder<'a, N> {
    pub fn new(analyzer: &'a Analyzer, numbering: N, stopwatch: Stopwatch) -> Self {
        ImageEncoder {
            words: Encoder::new(analyzer, numbering),
            unsure: 0,
            has_confidence: false,
            has_no_field: false,
            stopwatch,
            times: Times::default(),
        }
    }

    /// With `binary`, a word counts once per image, at its first place.
    pub fn binary(self, binary: bool) -> Self {
        ImageEncoder { words: self.words.binary(binary), ..self }
    }

    /// Encodes the keywords at `field` of a JSON text. A malformed text adds no word.
    pub fn add(&mut self, json: &[u8], field: &KeywordField) -> Result<Tally, Malformed> {
        let mut clock = self.stopwatch.start();
        self.restart();
        read_keywords(json, field, self)?;
        let refused = |error: count_vectorizer::Error| {
            let why = Error::from(error).to_string();
            Malformed::new(TextPlace::Field(field.path.to_string()), Flaw::Refused(why))
        };
        self.words.check_ngrams().map_err(|error| refused(error.into()))?;
        self.times.parse += lap(&mut clock, json.len() as u64);
        let counts = self.words.end_document().map_err(|error| refused(error.into()))?;
        self.times.words += lap(&mut clock, 0);
        Ok(Tally {
            keywords: counts.keywords,
            unknown: counts.unknown,
            unsure: self.unsure,
            with_confidence: self.has_confidence.into(),
            without_field: self.has_no_field.into(),
        })
    }

    /// The number of words since the last [`take`](Self::take).
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Takes the words of all images since the last call.
    pub fn take(&mut self) -> Vec<u32> {
        self.words.take()
    }

    /// Returns the numbering with its counts, and the time that was spent.
    pub fn finish(self) -> (N, Times) {
        (self.words.into_numbering(), self.times)
    }
}

impl<N: Numbering> KeywordSink for ImageEncoder<'_, N> {
    fn restart(&mut self) {
        self.words.restart_document();
        self.unsure = 0;
        self.has_confidence = false;
        self.has_no_field = false;
    }

    fn unsure(&mut self) {
        self.unsure += 1;
    }

    fn has_confidence(&mut self) {
        self.has_confidence = true;
    }

    fn no_field(&mut self) {
        self.has_no_field = true;
    }

    #[inline]
    fn keyword_at(&mut self, text: &[u8], len: usize) {
        self.words.keyword_at(text, len);
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.words.keyword(keyword);
    }
}
