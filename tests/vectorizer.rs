//! The library's `CountVectorizer` compared with scikit-learn's results in a golden file, which
//! `tests/golden/make_vectorizer.py` creates.

use std::num::NonZeroUsize;

use crate::util::golden;
use amc_keywords::{AnalyzerKind, CountVectorizer, CountVectorizerBuilder, Limit, StopWords, StripAccents};
use serde_json::{Value, json};

fn limit(value: &Value) -> Limit {
    value.as_u64().map_or_else(|| Limit::Share(value.as_f64().unwrap()), Limit::Count)
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|string| string.as_str().unwrap()).collect()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// Sets the parameter that scikit-learn calls `name`.
fn with(builder: CountVectorizerBuilder, name: &str, value: &Value) -> CountVectorizerBuilder {
    match (name, value.as_str()) {
        ("lowercase", _) => builder.lowercase(value.as_bool().unwrap()),
        ("strip_accents", Some("ascii")) => builder.strip_accents(StripAccents::Ascii),
        ("strip_accents", Some("unicode")) => builder.strip_accents(StripAccents::Unicode),
        ("analyzer", Some("char")) => builder.analyzer(AnalyzerKind::Char),
        ("analyzer", Some("char_wb")) => builder.analyzer(AnalyzerKind::CharWb),
        ("ngram_range", _) => builder.ngram_range(number(&value[0]), number(&value[1])),
        ("token_pattern", Some(pattern)) => builder.token_pattern(pattern),
        ("stop_words", Some("english")) => builder.stop_words(StopWords::english()),
        ("stop_words", None) => builder.stop_words(strings(value).into_iter().collect()),
        ("min_df", _) => builder.min_df(limit(value)),
        ("max_df", _) => builder.max_df(limit(value)),
        ("max_features", _) => builder.max_features(NonZeroUsize::new(number(value))),
        ("binary", _) => builder.binary(value.as_bool().unwrap()),
        ("phrases", _) => builder.phrases(value.as_bool().unwrap()),
        _ => panic!("{name}={value} is no known parameter"),
    }
}

#[test]
fn hundreds_of_combinations_give_the_vocabulary_and_matrix_of_scikit_learn() {
    let (mut matrices, mut refusals) = (0, 0);
    for line in golden("vectorizer.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let parameters = case["parameters"].as_object().unwrap();
        let builder = parameters.iter().fold(CountVectorizer::builder(), |builder, (name, value)| with(builder, name, value));
        let mut vectorizer = builder.jobs(NonZeroUsize::new(2).unwrap()).build().unwrap();
        let documents: Vec<Vec<&str>> = case["documents"].as_array().unwrap().iter().map(strings).collect();
        let counts = match (vectorizer.fit_transform(&documents), case["refusal"].as_str()) {
            (Ok(counts), None) => counts,
            (Err(error), Some(refusal)) => {
                let message = refusal.split(". Try").next().unwrap();
                assert!(error.to_string().starts_with(message), "{line}\n{error}");
                refusals += 1;
                continue;
            }
            (counts, _) => panic!("{line}\n{counts:?}"),
        };
        assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), strings(&case["words"]), "{line}");
        let rows: Vec<Value> = counts.rows().map(|(ids, counts)| json!(ids.iter().zip(counts).collect::<Vec<_>>())).collect();
        assert_eq!(Value::from(rows), case["rows"], "{line}");
        assert_eq!(vectorizer.transform(&documents).unwrap(), counts, "{line}");
        matrices += 1;
    }
    assert!(matrices > 300 && refusals > 5, "{matrices} matrices, {refusals} refusals");
}
