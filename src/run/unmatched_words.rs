//! Warnings about stop words and vocabulary words that can never match.

use std::path::Path;

use count_vectorizer::{Analyzer, AnalyzerKind, Vocabulary};

use crate::error::{shown, shown_path};
use crate::settings::{Settings, StopWordList};

/// How many words a warning names.
const NAMED: usize = 10;

/// The warnings about the words that the settings give.
pub(super) fn warnings(settings: &Settings, analyzer: &Analyzer, vocabulary: Option<&Vocabulary>) -> Vec<String> {
    let stop_words = match &settings.stop_words {
        StopWordList::File(path) => stop_word_warning(path, settings.analyzer.analyzer, analyzer),
        StopWordList::English | StopWordList::None => None,
    };
    let words = settings.vocabulary.as_deref().zip(vocabulary);
    let words = words.and_then(|(path, vocabulary)| vocabulary_warning(path, analyzer, vocabulary));
    stop_words.into_iter().chain(words).collect()
}

fn stop_word_warning(path: &Path, kind: AnalyzerKind, analyzer: &Analyzer) -> Option<String> {
    let path = shown_path(path);
    if kind != AnalyzerKind::Word {
        let kind = kind.name();
        return Some(format!("{path}: --stop-words has no effect with --analyzer {kind}; remove it"));
    }
    let inconsistent = analyzer.inconsistent_stop_words();
    if inconsistent.is_empty() {
        return None;
    }
    let mut tokens: Vec<&str> = inconsistent.iter().flat_map(|word| word.tokens.iter().map(String::as_str)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let given = named(inconsistent.len(), inconsistent.iter().map(|word| word.word));
    let count = count_of(inconsistent.len(), "stop word");
    let tokens = named(tokens.len(), tokens.iter().copied());
    Some(format!("{path}: {count} can never match: {given}; add the words that they consist of: {tokens}"))
}

fn vocabulary_warning(path: &Path, analyzer: &Analyzer, vocabulary: &Vocabulary) -> Option<String> {
    let unmatched: Vec<&str> = vocabulary.words().filter(|word| analyzer.never_makes(word)).collect();
    if unmatched.is_empty() {
        return None;
    }
    let count = count_of(unmatched.len(), "word");
    let given = named(unmatched.len(), unmatched.iter().copied());
    let hint = "use the same word options as the run that made this vocabulary";
    Some(format!("{}: {count} can never match: {given}; {hint}", shown_path(path)))
}

fn count_of(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The first words in quotes, and how many more there are.
fn named<'w>(count: usize, words: impl Iterator<Item = &'w str>) -> String {
    let named: Vec<String> = words.take(NAMED).map(|word| format!("'{}'", shown(word))).collect();
    let more = match count.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    named.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;
    use count_vectorizer::AnalyzerOptions;

    fn warned(stop_words: &[&str], words: &[&str], kind: AnalyzerKind) -> Vec<String> {
        let options = AnalyzerOptions { analyzer: kind, ..AnalyzerOptions::default() };
        let analyzer = Analyzer::with_options(&options, stop_words.iter().copied().collect()).unwrap();
        let vocabulary = Vocabulary::from_words(words.iter().copied());
        let settings = Settings {
            stop_words: StopWordList::File("stop.txt".into()),
            vocabulary: Some("words.json".into()),
            analyzer: options,
            ..Settings::default()
        };
        warnings(&settings, &analyzer, Some(&vocabulary))
    }

    #[test]
    fn words_that_can_never_match_are_named() {
        let expected = [
            "stop.txt: 2 stop words can never match: 'DOG', 'owl, fox'; add the words that they consist of: 'dog', 'fox', 'owl'",
            "words.json: 1 word can never match: 'red cat'; use the same word options as the run that made this vocabulary",
        ];
        assert_eq!(warned(&["DOG", "owl, fox", "hen"], &["red cat", "cat"], AnalyzerKind::Word), expected);
        assert!(warned(&["hen"], &["cat"], AnalyzerKind::Word).is_empty());
    }

    #[test]
    fn the_first_ten_words_are_named() {
        let words: Vec<String> = (10..22).map(|n| format!("W{n}")).collect();
        let warning = warned(&[], &words.iter().map(String::as_str).collect::<Vec<_>>(), AnalyzerKind::Word).remove(0);
        assert!(warning.starts_with("words.json: 12 words can never match: 'W10', 'W11', "), "{warning}");
        assert!(warning.contains(", 'W19' and 2 more; "), "{warning}");
    }

    #[test]
    fn stop_words_have_no_effect_on_characters() {
        let expected = ["stop.txt: --stop-words has no effect with --analyzer char; remove it"];
        assert_eq!(warned(&["DOG"], &["a"], AnalyzerKind::Char), expected);
    }
}
