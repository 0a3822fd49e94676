//! Counts the words of documents, one per line, and prints those that most documents contain:
//!
//! ```text
//! cargo run -p count-vectorizer --example count_vectorizer -- 10 < README.md
//! ```

use std::cmp::Reverse;
use std::error::Error;
use std::io;

use count_vectorizer::{CountVectorizer, Limit, StopWords};

/// Returns the words that most documents contain, with their document frequencies.
fn most_common(documents: &[String], most: usize) -> Result<Vec<(u32, String)>, count_vectorizer::Error> {
    // With `binary`, a word has one count per document.
    let mut vectorizer =
        CountVectorizer::builder().stop_words(StopWords::english()).min_df(Limit::Count(2)).binary(true).build()?;
    let counts = vectorizer.fit_transform(documents)?;

    let names = vectorizer.get_feature_names_out().map(String::from);
    let mut words: Vec<(u32, String)> = names.map(|name| (0, name)).collect();
    for (ids, _) in counts.rows() {
        for &id in ids {
            if let Some((documents, _)) = words.get_mut(id as usize) {
                *documents += 1;
            }
        }
    }
    words.sort_by_key(|(documents, _)| Reverse(*documents));
    words.truncate(most);
    Ok(words)
}

fn main() -> Result<(), Box<dyn Error>> {
    let most = std::env::args().nth(1).map_or(Ok(10), |number| number.parse())?;
    let documents = io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
    for (documents, word) in most_common(&documents, most)? {
        println!("{documents:6}  {word}");
    }
    Ok(())
}
