//! BM25, the usual ranking of documents by the words that they share with a query.

use std::collections::{BTreeSet, HashMap};

use crate::images::Images;

const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;

/// The frequencies that BM25 needs. The documents are the keywords of all images of a set.
#[derive(Debug, Clone)]
pub struct Bm25 {
    documents: f64,
    mean_length: f64,
    /// The number of documents that contain each word.
    frequencies: HashMap<u32, f64>,
}

impl Bm25 {
    /// Counts the words of all images.
    pub fn new(images: &Images) -> Bm25 {
        let documents = images.all().len() as f64;
        let length: usize = images.all().iter().map(|image| image.words.len()).sum();
        let mut frequencies = HashMap::new();
        for word in images.all().iter().flat_map(|image| image.words.iter().collect::<BTreeSet<_>>()) {
            *frequencies.entry(*word).or_default() += 1.0;
        }
        Bm25 { documents, mean_length: length as f64 / documents, frequencies }
    }

    /// The score of an image with these keywords. A word that occurs twice in the query counts
    /// twice.
    pub fn score(&self, query: &[u32], words: &[u32]) -> f64 {
        let length = 1.0 - LENGTH + LENGTH * words.len() as f64 / self.mean_length;
        let score = |term: &u32| {
            let count = words.iter().filter(|word| *word == term).count() as f64;
            let documents = self.frequencies.get(term).copied().unwrap_or(0.0);
            let weight = (1.0 + (self.documents - documents + 0.5) / (documents + 0.5)).ln();
            weight * count * (SATURATION + 1.0) / (count + SATURATION * length)
        };
        query.iter().map(score).sum()
    }
}
