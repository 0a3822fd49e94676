//! The target for words.

use std::collections::HashMap;

use count_vectorizer::{Analyzer, Encoder, Numbering, StopWords};

use crate::model;

/// Finds the words of documents. The encoder, the analyzer and the model find the same words. A
/// line is a keyword, and an empty line ends a document.
pub fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let keywords = |document: &str| document.split('\n').map(str::to_owned).collect();
    let documents: Vec<Vec<String>> = text.split("\n\n").map(keywords).collect();
    for stop_words in [StopWords::none(), StopWords::english()] {
        let expected: Vec<Vec<String>> = documents.iter().map(|keywords| model::words(keywords, &stop_words)).collect();
        let analyzer = Analyzer::new(stop_words);
        // The second time, the encoder's cache contains the keywords.
        let twice: Vec<Vec<String>> = [&documents[..], &documents[..]].concat();
        assert_eq!(encoded(&twice, &analyzer), [&expected[..], &expected[..]].concat());
        let joined: Vec<Vec<String>> = documents.iter().map(|keywords| analyzer.words(&keywords.join(" "))).collect();
        assert_eq!(joined, expected);
    }
}

/// The words of all documents. One encoder numbers them, and the numbers become words again.
fn encoded(documents: &[Vec<String>], analyzer: &Analyzer) -> Vec<Vec<String>> {
    let mut encoder = Encoder::new(analyzer, Numbers::default());
    for document in documents {
        document.iter().for_each(|keyword| encoder.keyword(keyword.as_bytes()));
        let counts = encoder.end_document().expect("few steps");
        assert_eq!((counts.keywords, counts.unknown), (document.len() as u64, 0));
    }
    let numbers = encoder.take();
    let Numbers { words, lengths, .. } = encoder.into_numbering();
    let mut numbers = numbers.into_iter().map(|number| words[number as usize].clone());
    lengths.iter().map(|&length| numbers.by_ref().take(length).collect()).collect()
}

/// Numbers all words in the order in which they come.
#[derive(Default)]
struct Numbers {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The number of words of each document.
    lengths: Vec<usize>,
}

impl Numbering for Numbers {
    fn number(&mut self, word: &str) -> Option<u32> {
        let next = self.words.len() as u32;
        let number = *self.numbers.entry(word.to_owned()).or_insert(next);
        if number == next {
            self.words.push(word.to_owned());
        }
        Some(number)
    }

    fn document(&mut self, words: &[u32]) {
        self.lengths.push(words.len());
    }
}
