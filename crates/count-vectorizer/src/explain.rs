//! The pieces of a text, for reports to people: terms, stop words and single characters.

use crate::analyzer::{Analyzer, TermKind, phrase};
use crate::error::TooManySteps;
use crate::pattern::WorkLimit;
use crate::python::word_chars::is_word_char;

/// The role of a piece of text for an [`Analyzer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// A term.
    Word,
    /// A stop word, which is left out.
    StopWord,
    /// A single word character, which is left out.
    OneLetter,
}

impl Analyzer {
    /// Calls `piece` with each term of `text`, and with the stop words and single characters
    /// between them. Text that a token pattern does not match is not included. N-grams come alone.
    ///
    /// This is slower than [`each_word`](Self::each_word), which only gives the terms.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, PieceKind, StopWords};
    ///
    /// let mut pieces = Vec::new();
    /// let analyzer = Analyzer::new(StopWords::english());
    /// analyzer.explain("the T-shirt", |piece, kind| pieces.push((piece.to_owned(), kind)))?;
    /// let kinds = [PieceKind::StopWord, PieceKind::OneLetter, PieceKind::Word];
    /// let texts = ["the", "t", "shirt"].map(String::from);
    /// assert!(pieces.into_iter().eq(texts.into_iter().zip(kinds)));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The token pattern needs too many steps. The pieces so far are then only a part.
    pub fn explain(&self, text: &str, mut piece: impl FnMut(&str, PieceKind)) -> Result<(), TooManySteps> {
        let mut lowered = String::new();
        let is_unigram = !self.makes_ngrams();
        let kind_of = |token: &str| match self.stop_words().contains(token) {
            true => PieceKind::StopWord,
            false => PieceKind::Word,
        };
        match self.term_kind() {
            None | Some(TermKind::Words) if is_unigram => {
                self.preprocess(text, &mut lowered);
                for run in lowered.split(|c: char| !is_word_char(c)).filter(|run| !run.is_empty()) {
                    let is_short = run.chars().nth(1).is_none();
                    piece(run, if is_short { PieceKind::OneLetter } else { kind_of(run) });
                }
            }
            Some(TermKind::Matches(pattern)) if is_unigram => {
                self.preprocess(text, &mut lowered);
                let token = |token: &str| piece(token, kind_of(token));
                pattern.each_token(&lowered, WorkLimit::ByLength, token)?;
            }
            Some(TermKind::Phrase) => {
                self.preprocess(text, &mut lowered);
                let phrase = phrase(&lowered);
                if !phrase.is_empty() {
                    piece(&phrase, kind_of(&phrase));
                }
            }
            _ => self.each_word(text, &mut lowered, |word| piece(word, PieceKind::Word))?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{AnalyzerKind, AnalyzerOptions};
    use crate::stop_words::StopWords;

    fn explained(options: &AnalyzerOptions, text: &str) -> Vec<(String, PieceKind)> {
        let analyzer = Analyzer::with_options(options, StopWords::english()).unwrap();
        let mut pieces = Vec::new();
        analyzer.explain(text, |piece, kind| pieces.push((piece.to_owned(), kind))).unwrap();
        let words = pieces.iter().filter(|(_, kind)| *kind == PieceKind::Word);
        let words: Vec<_> = words.map(|(word, _)| word.clone()).collect();
        assert_eq!(words, analyzer.words(text), "{options:?}");
        pieces
    }

    #[test]
    fn stop_words_and_single_letters_come_between_the_words() {
        let expected =
            [("the", PieceKind::StopWord), ("t", PieceKind::OneLetter), ("shirt", PieceKind::Word), ("café", PieceKind::Word)];
        assert_eq!(explained(&AnalyzerOptions::default(), "The T-shirt, CAFÉ"), expected.map(|(word, kind)| (word.into(), kind)));
    }

    #[test]
    fn all_options_explain_the_words_that_they_make() {
        let usual = AnalyzerOptions::default;
        let ways = [
            AnalyzerOptions { lowercase: false, ..usual() },
            AnalyzerOptions { ngram_range: (1, 2), ..usual() },
            AnalyzerOptions { token_pattern: r"[a-z]+".into(), ..usual() },
            AnalyzerOptions { phrases: true, ..usual() },
            AnalyzerOptions { analyzer: AnalyzerKind::Char, ngram_range: (1, 3), ..usual() },
            AnalyzerOptions { analyzer: AnalyzerKind::CharWb, ngram_range: (2, 3), ..usual() },
        ];
        let pieces = ways.map(|way| explained(&way, "The T-shirt of  a friend").len());
        assert_eq!(pieces, [6, 3, 6, 1, 66, 43]);
    }
}
