//! The words of keywords and queries.

use std::collections::HashMap;

use count_vectorizer::Analyzer;

/// The words that a model knows. The words of the set come first, with their ids; words that only
/// occur in queries follow.
#[derive(Debug, Clone)]
pub struct WordTable {
    analyzer: Analyzer,
    /// The words in the order of their rows.
    pub words: Vec<String>,
    rows: HashMap<String, u32>,
}

impl WordTable {
    /// A table of these words.
    pub fn new(analyzer: Analyzer, words: Vec<String>) -> WordTable {
        let rows = words.iter().cloned().zip(0..).collect();
        WordTable { analyzer, words, rows }
    }

    /// The rows of the known words of a query, in its order.
    pub fn known(&self, query: &str) -> Vec<u32> {
        self.analyzer.words(query).iter().filter_map(|word| self.rows.get(word).copied()).collect()
    }

    /// The rows of all words of a query. Words that are not known yet are added.
    pub fn learn(&mut self, query: &str) -> Vec<u32> {
        let mut add = |word: &String| {
            self.words.push(word.clone());
            self.words.len() as u32 - 1
        };
        let words = self.analyzer.words(query).into_iter();
        words.map(|word| *self.rows.entry(word).or_insert_with_key(&mut add)).collect()
    }

    /// The word in a row.
    pub fn word(&self, row: u32) -> &str {
        self.words.get(row as usize).map_or("", String::as_str)
    }
}
