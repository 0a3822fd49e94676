//! Converts the settings of a run to the parameters of scikit-learn's `CountVectorizer`.

use count_vectorizer::{Limit, StopWords, StripAccents};

use crate::files::vectorizer::Parameter;
use crate::settings::{Settings, StopWordList};

/// All parameters under scikit-learn's names, and whether the vocabulary was given. `stop_words` is
/// the content of the stop-word file, if the settings name one.
///
/// Returns `None` for settings that scikit-learn does not have: phrases.
pub(crate) fn parameters(settings: &Settings, stop_words: &StopWords) -> Option<Vec<(&'static str, Parameter)>> {
    let text = |text: &str| Parameter::Text(text.to_owned());
    let limit = |limit: Limit| match limit {
        Limit::Count(count) => Parameter::Int(count),
        Limit::Share(share) => Parameter::Float(share),
    };
    let Settings { analyzer, frequency, max_features, .. } = settings;
    let (least, most) = analyzer.ngram_range;
    let all = vec![
        ("input", text("content")),
        ("encoding", text("utf-8")),
        ("decode_error", text("strict")),
        ("strip_accents", analyzer.strip_accents.map_or(Parameter::None, |how: StripAccents| text(how.name()))),
        ("preprocessor", Parameter::None),
        ("tokenizer", Parameter::None),
        ("analyzer", text(analyzer.analyzer.name())),
        ("lowercase", Parameter::Bool(analyzer.lowercase)),
        ("token_pattern", text(&analyzer.token_pattern)),
        (
            "stop_words",
            match settings.stop_words {
                StopWordList::English => text("english"),
                StopWordList::None => Parameter::None,
                StopWordList::File(_) => Parameter::List(stop_words.sorted().into_iter().map(str::to_owned).collect()),
            },
        ),
        ("max_df", limit(frequency.max)),
        ("min_df", limit(frequency.min)),
        ("max_features", max_features.map_or(Parameter::None, |most| Parameter::Int(most.get() as u64))),
        ("ngram_range", Parameter::Pair(least as u64, most as u64)),
        ("vocabulary", Parameter::None),
        ("binary", Parameter::Bool(settings.binary)),
        ("dtype", Parameter::Global { module: "numpy", name: "int64" }),
        ("fixed_vocabulary_", Parameter::Bool(settings.vocabulary.is_some())),
    ];
    (!analyzer.phrases).then_some(all)
}
