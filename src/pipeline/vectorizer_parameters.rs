//! The settings of a run as the parameters of scikit-learn's `CountVectorizer`.

use super::settings::{Settings, StopWordList};
use crate::output::vectorizer_file::Value;
use count_vectorizer::StripAccents;
use count_vectorizer::StopWords;
use count_vectorizer::Limit;

/// All parameters under scikit-learn's names, and whether the vocabulary was given. `stop_words` are those of the settings' file.
///
/// None where scikit-learn cannot do what the settings ask for: it has no phrases.
pub(super) fn parameters(settings: &Settings, stop_words: &StopWords) -> Option<Vec<(&'static str, Value)>> {
    let text = |text: &str| Value::Text(text.to_owned());
    let limit = |limit: Limit| match limit {
        Limit::Count(count) => Value::Int(count),
        Limit::Share(share) => Value::Float(share),
    };
    let Settings { analyzer, frequency, max_features, .. } = settings;
    let (least, most) = analyzer.ngram_range;
    let all = vec![
        ("input", text("content")),
        ("encoding", text("utf-8")),
        ("decode_error", text("strict")),
        ("strip_accents", analyzer.strip_accents.map_or(Value::None, |how: StripAccents| text(how.name()))),
        ("preprocessor", Value::None),
        ("tokenizer", Value::None),
        ("analyzer", text(analyzer.analyzer.name())),
        ("lowercase", Value::Bool(analyzer.lowercase)),
        ("token_pattern", text(&analyzer.token_pattern)),
        (
            "stop_words",
            match settings.stop_words {
                StopWordList::English => text("english"),
                StopWordList::None => Value::None,
                StopWordList::File(_) => Value::List(stop_words.sorted().into_iter().map(str::to_owned).collect()),
            },
        ),
        ("max_df", limit(frequency.max)),
        ("min_df", limit(frequency.min)),
        ("max_features", max_features.map_or(Value::None, |most| Value::Int(most.get() as u64))),
        ("ngram_range", Value::Pair(least as u64, most as u64)),
        ("vocabulary", Value::None),
        ("binary", Value::Bool(settings.binary)),
        ("dtype", Value::Global("numpy", "int64")),
        ("fixed_vocabulary_", Value::Bool(settings.vocabulary.is_some())),
    ];
    (!analyzer.phrases).then_some(all)
}
