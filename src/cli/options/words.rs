//! The options that decide how keywords become words.

use amc_keywords::{Analyzer, AnalyzerKind, AnalyzerOptions, StopWords, StripAccents};
use clap::Args;

use crate::cli::choice::choice;

/// How documents become words, with scikit-learn's names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Words (how keywords become words)")]
pub struct WordOptions {
    /// Convert keywords to lower case [default]
    #[arg(long, hide_short_help = true, overrides_with = "no_lowercase")]
    lowercase: bool,
    /// Keep capital letters
    #[arg(long, hide_short_help = true)]
    no_lowercase: bool,
    /// Remove accents: ascii, unicode or none
    ///
    /// ascii replaces characters by their ASCII form and removes those without one. unicode removes
    /// combining marks.
    #[arg(long, hide_short_help = true, hide_possible_values = true, value_name = "HOW", default_value = "none", value_parser = choice(Accents::ALL))]
    strip_accents: Accents,
    /// Combine MIN to MAX consecutive words into one term
    #[arg(long, value_name = "MIN,MAX", default_value = "1,1", value_parser = ngram_range)]
    ngram_range: (usize, usize),
    /// Build terms from words, characters, or characters within words
    #[arg(long, hide_short_help = true, value_name = "KIND", default_value = "word", value_parser = choice([AnalyzerKind::Word, AnalyzerKind::Char, AnalyzerKind::CharWb].map(|kind| (kind.name(), kind))))]
    analyzer: AnalyzerKind,
    /// Find words with this Python regular expression
    ///
    /// The syntax is that of Python 3.11. Groups nested more than 100 deep and patterns of more than
    /// 20,000 steps are refused.
    #[arg(long, hide_short_help = true, value_name = "REGEX", allow_hyphen_values = true, default_value = AnalyzerOptions::DEFAULT_TOKEN_PATTERN, value_parser = token_pattern)]
    token_pattern: String,
    /// Keep each keyword whole, as one term
    #[arg(long)]
    phrases: bool,
}

impl WordOptions {
    /// Refuses options that `--phrases` would ignore. Their default values are allowed.
    pub fn check(&self) -> Result<(), String> {
        let default = AnalyzerOptions::default();
        let changed = [
            ("--ngram-range <MIN,MAX>", self.ngram_range != default.ngram_range),
            ("--analyzer <KIND>", self.analyzer != default.analyzer),
            ("--token-pattern <REGEX>", self.token_pattern != default.token_pattern),
        ];
        match changed.iter().find(|(_, is_changed)| self.phrases && *is_changed) {
            Some((option, _)) => Err(format!("the argument '--phrases' cannot be used with '{option}'")),
            None => Ok(()),
        }
    }

    pub fn options(&self) -> AnalyzerOptions {
        AnalyzerOptions {
            lowercase: !self.no_lowercase,
            strip_accents: self.strip_accents.0,
            analyzer: self.analyzer,
            ngram_range: self.ngram_range,
            token_pattern: self.token_pattern.clone(),
            phrases: self.phrases,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Accents(Option<StripAccents>);

impl Accents {
    const ALL: [(&'static str, Accents); 3] = [
        ("ascii", Accents(Some(StripAccents::Ascii))),
        ("unicode", Accents(Some(StripAccents::Unicode))),
        ("none", Accents(None)),
    ];
}

fn ngram_range(text: &str) -> Result<(usize, usize), String> {
    let wrong = || "expected two numbers, the smaller first, such as 1,2".to_owned();
    let (least, most) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.parse().map_err(|_| wrong());
    let range = (number(least)?, number(most)?);
    if range.0 <= range.1 { Ok(range) } else { Err(wrong()) }
}

fn token_pattern(text: &str) -> Result<String, String> {
    let options = AnalyzerOptions { token_pattern: text.to_owned(), ..AnalyzerOptions::default() };
    Analyzer::with_options(&options, StopWords::none()).map_err(|error| match error {
        // The message does not repeat the pattern, because clap shows it.
        count_vectorizer::Error::TokenPattern { reason, .. } => reason,
        other => other.to_string(),
    })?;
    Ok(options.token_pattern)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_ngram_range_is_two_numbers_in_order() {
        assert_eq!(["1,1", "2,3", "0,1"].map(ngram_range), [Ok((1, 1)), Ok((2, 3)), Ok((0, 1))]);
        for text in ["", "1", "2,1", "1,2,3", "1, 2", "a,b", "(1,2)", "-1,2", "1,99999999999999999999"] {
            assert_eq!(ngram_range(text).unwrap_err(), "expected two numbers, the smaller first, such as 1,2", "{text}");
        }
    }
}
