//! The words of keywords and queries.

use std::collections::HashMap;

use count_vectorizer::Analyzer;

/// The words that a model knows. The words of the set come first, with their ids; words that only
/// occur in queries follow.
#[derive(Debug, Clone)]
pub struct WordTable {
    analyzer: Analyzer,
    words: Vec<String>,
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
        self.analyzer.words(query).into_iter().filter_map(|word| self.row(word)).collect()
    }

    fn row(&mut self, word: String) -> Option<u32> {
        if let Some(&row) = self.rows.get(&word) {
            return Some(row);
        }
        let row = u32::try_from(self.words.len()).ok()?;
        self.words.push(word.clone());
        self.rows.insert(word, row);
        Some(row)
    }

    /// All words in the order of their rows.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The word in a row.
    pub fn word(&self, row: u32) -> &str {
        self.words.get(row as usize).map_or("", String::as_str)
    }
}
