//! The receiver of the keywords of a document.

/// Receives the keywords of one document.
pub trait KeywordSink {
    /// Discards the keywords so far, because the text is read again from its beginning.
    fn restart(&mut self);

    /// Takes the next keyword. It is UTF-8, except that a lone surrogate is encoded in three bytes
    /// as if it were a character.
    fn keyword(&mut self, keyword: &[u8]);

    /// Counts a keyword that is left out because of its confidence.
    fn unsure(&mut self) {}

    /// Notes that the record has a confidence, of one of its keywords or of the whole record.
    fn has_confidence(&mut self) {}

    /// Notes that the record has no such field, or null in it, and so no keywords.
    fn no_field(&mut self) {}

    /// Takes the next keyword, the first `len` bytes of `text`. The bytes behind it have no
    /// meaning, but may be loaded together with it.
    fn keyword_at(&mut self, text: &[u8], len: usize) {
        self.keyword(text.get(..len).unwrap_or_default());
    }
}
