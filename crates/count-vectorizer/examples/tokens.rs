//! Prints the tokens of token patterns, for comparison with other implementations.
//!
//! Each line of standard input is an object such as `{"pattern": "\\w+", "texts": ["a b", "c"]}`.
//! The answer is one line such as `{"tokens": [["a", "b"], ["c"]]}`, or `{"error": "…"}`.

use std::io::{BufRead, BufWriter, Write};

use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = match tokens(&serde_json::from_str(&line?)?) {
            Ok(tokens) => json!({ "tokens": tokens }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// The tokens of each text of a question.
fn tokens(question: &Value) -> Result<Vec<Vec<String>>, Box<dyn std::error::Error>> {
    let pattern = question["pattern"].as_str().ok_or("no pattern")?;
    let options = AnalyzerOptions { token_pattern: pattern.into(), lowercase: false, ..AnalyzerOptions::default() };
    let analyzer = Analyzer::with_options(&options, StopWords::none())?;
    let texts = question["texts"].as_array().ok_or("no texts")?;
    let tokens_of = |text: &Value| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let mut tokens = Vec::new();
        let text = text.as_str().ok_or("a text is not a string")?;
        analyzer.each_word(text, &mut String::new(), |token| tokens.push(token.to_owned()))?;
        Ok(tokens)
    };
    texts.iter().map(tokens_of).collect()
}
