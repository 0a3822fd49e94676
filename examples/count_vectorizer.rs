//! Counts the words of documents of one's own, a line each, and shows those that stand in most of them:
//!
//! ```text
//! cargo run --example count_vectorizer -- 10 < README.md
//! ```

#![allow(clippy::indexing_slicing)]

use std::error::Error;
use std::io;

use amc_keywords::{CountVectorizer, Limit, StopWords};

/// The words that stand in most documents, with their numbers of documents.
fn commonest(documents: &[String], most: usize) -> Result<Vec<(u32, String)>, Box<dyn Error>> {
    let builder = CountVectorizer::builder().stop_words(StopWords::english()).min_df(Limit::Count(2)).binary(true);
    let mut vectorizer = builder.build()?;
    let counts = vectorizer.fit_transform(documents)?;

    let mut totals = vec![0; vectorizer.vocabulary().len()];
    for row in 0..documents.len() {
        for &id in counts.row(row).map_or(&[][..], |(ids, _)| ids) {
            totals[id as usize] += 1;
        }
    }
    let mut words: Vec<(u32, String)> = totals.into_iter().zip(vectorizer.get_feature_names_out().map(String::from)).collect();
    words.sort_by_key(|(total, _)| std::cmp::Reverse(*total));
    words.truncate(most);
    Ok(words)
}

fn main() -> Result<(), Box<dyn Error>> {
    let most = std::env::args().nth(1).map_or(Ok(10), |number| number.parse())?;
    let documents = io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
    for (total, word) in commonest(&documents, most)? {
        println!("{total:6}  {word}");
    }
    Ok(())
}
