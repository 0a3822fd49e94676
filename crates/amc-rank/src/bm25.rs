//! BM25, the usual ranking of documents by the words that they share with a query.

use crate::images::Images;

const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;

/// The frequencies that BM25 needs. The documents are the keywords of all images of a set.
#[derive(Debug, Clone)]
pub struct Bm25 {
    /// The weight of each word of the set.
    weights: Vec<f64>,
    mean_length: f64,
}

impl Bm25 {
    /// Counts the words of all images.
    pub fn new(images: &Images) -> Bm25 {
        let mut frequencies: Vec<u32> = Vec::new();
        let mut length = 0;
        for image in 0..images.len() {
            let mut words = images.words(image).to_vec();
            length += words.len();
            words.sort_unstable();
            words.dedup();
            for word in words {
                let word = word as usize;
                if word >= frequencies.len() {
                    frequencies.resize(word + 1, 0);
                }
                frequencies.get_mut(word).into_iter().for_each(|count| *count += 1);
            }
        }
        let count = images.len() as f64;
        let weight = |&df: &u32| (1.0 + (count - f64::from(df) + 0.5) / (f64::from(df) + 0.5)).ln();
        Bm25 { weights: frequencies.iter().map(weight).collect(), mean_length: length as f64 / count.max(1.0) }
    }

    /// The score of an image with these keywords. A word that occurs twice in the query counts
    /// twice.
    pub fn score(&self, query: &[u32], words: &[u32]) -> f64 {
        let length = 1.0 - LENGTH + LENGTH * words.len() as f64 / self.mean_length;
        let score = |term: &u32| {
            let count = words.iter().filter(|word| *word == term).count() as f64;
            let weight = self.weights.get(*term as usize).copied().unwrap_or(0.0);
            weight * count * (SATURATION + 1.0) / (count + SATURATION * length)
        };
        query.iter().map(score).sum()
    }
}
