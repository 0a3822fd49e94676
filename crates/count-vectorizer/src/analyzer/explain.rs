//! What becomes of each piece of a keyword, for people to look at.

use super::{Analyzer, Other, TooManySteps, WorkLimit, phrase};
use crate::python::word_chars::is_word_char;

/// What an analyzer makes of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// A word.
    Word,
    /// A stop word, which is left out.
    StopWord,
    /// A single word character, which is left out.
    OneLetter,
}

impl Analyzer {
    /// Calls `piece` with each word of `text`, and with what is left out between the words. Text that
    /// a token pattern does not match is not included, and n-grams come without what is left out.
    ///
    /// # Errors
    ///
    /// The token pattern needs too many steps. The pieces so far are only a part then.
    pub fn explain(
        &self,
        text: &str,
        mut piece: impl FnMut(&str, PieceKind),
    ) -> Result<(), TooManySteps> {
        let mut lowered = String::new();
        let is_unigram = !self.makes_ngrams();
        let taken = |token: &str| if self.stop_words.contains(token) { PieceKind::StopWord } else { PieceKind::Word };
        match &self.other {
            None | Some(Other::Words) if is_unigram => {
                self.preprocess(text, &mut lowered);
                for run in lowered.split(|c: char| !is_word_char(c)).filter(|run| !run.is_empty()) {
                    piece(run, if run.chars().nth(1).is_none() { PieceKind::OneLetter } else { taken(run) });
                }
            }
            Some(Other::Matches(pattern)) if is_unigram => {
                self.preprocess(text, &mut lowered);
                pattern.each_token(&lowered, WorkLimit::ByLength, |token| piece(token, taken(token)))?;
            }
            Some(Other::Phrase) => {
                self.preprocess(text, &mut lowered);
                let phrase = phrase(&lowered);
                if !phrase.is_empty() {
                    piece(&phrase, taken(&phrase));
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
        analyzer.explain(text, |piece, taken| pieces.push((piece.to_owned(), taken))).unwrap();
        let words = pieces.iter().filter(|(_, taken)| *taken == PieceKind::Word).map(|(word, _)| word.clone());
        assert_eq!(words.collect::<Vec<_>>(), analyzer.words(text), "{options:?}");
        pieces
    }

    #[test]
    fn stop_words_and_single_letters_are_told_between_the_words() {
        let expected = [("the", PieceKind::StopWord), ("t", PieceKind::OneLetter), ("shirt", PieceKind::Word), ("café", PieceKind::Word)];
        assert_eq!(
            explained(&AnalyzerOptions::default(), "The T-shirt, CAFÉ"),
            expected.map(|(word, taken)| (word.into(), taken))
        );
    }

    #[test]
    fn every_other_way_tells_the_same_words_as_it_makes() {
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
