use super::*;
use crate::options::StripAccents;
use proptest::prelude::*;

fn words(text: &str) -> Vec<String> {
    Analyzer::new(StopWords::none()).words(text)
}

#[test]
fn a_word_is_a_run_of_two_word_characters_or_more() {
    assert_eq!(words("AT&T's t-shirt 3d hi_res _ __ x"), ["at", "shirt", "3d", "hi_res", "__"]);
    assert_eq!(words("½ ½½ é éé 日 日本"), ["½½", "éé", "日本"]);
    assert!(words("").is_empty());
}

#[test]
fn combining_marks_split_words_and_roman_numerals_do_not() {
    assert_eq!(words("cafe\u{301}s हिन्दी ⅷⅷ"), ["cafe", "ⅷⅷ"]);
}

#[test]
fn the_lower_case_of_a_capital_sigma_depends_on_its_neighbors() {
    assert_eq!(words("ΟΔΟΣ ΣΣ ΑΣ,ΑΣΑ"), ["οδος", "σς", "ας", "ασα"]);
    assert!(words("İİ İx").is_empty(), "the lower case of İ ends with a dot above, which is no word character");
    assert!(words("a\u{a7d2}").is_empty() && words("\u{a7d3}\u{a7d3}").len() == 1);
}

#[test]
fn stop_words_are_compared_after_lowering() {
    let analyzer = Analyzer::new(StopWords::english());
    assert_eq!(analyzer.words("THE Fire and The computer"), ["computer"]);
}

#[test]
fn the_words_of_joined_keywords_are_the_words_of_each_keyword() {
    let keywords = ["ΟΔΟΣ", "Σ", "α", "young adult", "", "İstanbul", "-x"];
    let each: Vec<String> = keywords.iter().flat_map(|keyword| words(keyword)).collect();
    assert_eq!(words(&keywords.join(" ")), each);
}

fn with(change: impl FnOnce(&mut AnalyzerOptions)) -> AnalyzerOptions {
    let mut options = AnalyzerOptions::default();
    change(&mut options);
    options
}

fn terms(options: &AnalyzerOptions, text: &str) -> Vec<String> {
    Analyzer::with_options(options, StopWords::english()).unwrap().words(text)
}

#[test]
fn lower_case_comes_before_accents_and_stop_words_before_bigrams() {
    let options = with(|o| {
        o.strip_accents = Some(StripAccents::Ascii);
        o.ngram_range = (2, 2);
    });
    assert_eq!(terms(&options, "ÉCOLE Thé of Ôs nord"), ["ecole os", "os nord"], "without its accent, thé is the stop word the");
    assert_eq!(terms(&with(|o| o.lowercase = false), "The the CAFÉ"), ["The", "CAFÉ"]);
}

#[test]
fn a_phrase_is_its_whole_keyword() {
    let options = with(|o| {
        o.phrases = true;
        o.strip_accents = Some(StripAccents::Unicode);
    });
    assert_eq!(terms(&options, "\tThe  Young\u{1f}\u{a0}Adulté "), ["the young adulte"]);
    assert_eq!(terms(&options, "C"), ["c"]);
    assert!(terms(&options, " THE ").is_empty() && terms(&options, "\u{301} ").is_empty() && terms(&options, "").is_empty());
}

#[test]
fn stop_words_have_no_effect_on_characters() {
    assert_eq!(terms(&with(|o| (o.analyzer, o.ngram_range) = (AnalyzerKind::CharWb, (5, 5))), "the"), [" the "]);
    assert_eq!(terms(&with(|o| (o.analyzer, o.ngram_range) = (AnalyzerKind::Char, (3, 3))), "the"), ["the"]);
}

#[test]
fn a_least_ngram_length_of_0_adds_empty_terms_except_to_single_words() {
    let range = |range: (usize, usize)| with(|o| o.ngram_range = range);
    assert_eq!(terms(&range((0, 1)), "a red cat"), ["red", "cat"]);
    assert_eq!(terms(&range((0, 2)), "a red cat"), ["", "", "", "red", "cat", "red cat"]);
    assert_eq!(terms(&AnalyzerOptions { token_pattern: r"\w+".into(), ..range((0, 1)) }, "b c"), ["b", "c"]);
    let chars = AnalyzerOptions { analyzer: AnalyzerKind::Char, ..range((0, 1)) };
    assert_eq!(terms(&chars, "ab"), ["", "", "", "a", "b"]);
}

#[test]
fn contradictory_options_are_refused() {
    let message = |options: &AnalyzerOptions| Analyzer::with_options(options, StopWords::none()).unwrap_err().to_string();
    assert_eq!(
        message(&with(|o| o.ngram_range = (2, 1))),
        "invalid value for ngram_range=(2, 1): lower boundary larger than the upper boundary"
    );
    for options in
        [with(|o| o.analyzer = AnalyzerKind::Char), with(|o| o.ngram_range = (1, 2)), with(|o| o.token_pattern = "a".into())]
    {
        assert_eq!(
            message(&AnalyzerOptions { phrases: true, ..options }),
            "phrases keep each keyword whole, so analyzer, ngram_range and token_pattern must have \
             their defaults"
        );
    }
}

fn any_options() -> impl Strategy<Value = AnalyzerOptions> {
    let patterns = [
        "\\b\\w\\w+\\b",
        "\\b\\w+\\b",
        "\\S+",
        "[^ ,]+",
        "[^,]+",
        "\\w+",
        "\\w*",
        "\\w+$",
        "(?m)^\\w",
        ".",
        "[a-zé]{2,3}",
        "(\\w)\\W?",
        "\\B\\w",
        "(?<![ab])\\w+",
        "\\w+(?=,)",
        "(\\w)\\1",
        "(?i)a+(?!b)",
        "(?>\\w+)b?|,",
        "\\w++",
    ];
    let kinds = prop_oneof![Just(AnalyzerKind::Word), Just(AnalyzerKind::Char), Just(AnalyzerKind::CharWb)];
    let accents = prop_oneof![Just(None), Just(Some(StripAccents::Ascii)), Just(Some(StripAccents::Unicode))];
    (any::<bool>(), accents, kinds, (0..3_usize, 0..2_usize), proptest::sample::select(patterns.to_vec())).prop_map(
        |(lowercase, strip_accents, analyzer, (least, more), pattern)| AnalyzerOptions {
            lowercase,
            strip_accents,
            analyzer,
            ngram_range: (least, least + more),
            token_pattern: pattern.into(),
            phrases: false,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn an_analyzer_that_is_per_keyword_gives_the_words_of_joined_keywords(
        options in any_options(),
        keywords in proptest::collection::vec(
            "[abΣσİ½é\u{301}\u{308}\u{a8}\u{345},_ \\n\\t\u{1f}\u{a0}-]{0,8}",
            0..5,
        ),
    ) {
        let stop_words = ["ab", "aa"].into_iter().collect();
        let analyzer = Analyzer::with_options(&options, stop_words).unwrap();
        if analyzer.is_per_keyword() {
            let each = keywords.iter().flat_map(|keyword| analyzer.words(keyword));
            let each: Vec<String> = each.collect();
            prop_assert_eq!(analyzer.words(&keywords.join(" ")), each);
        }
    }
}

#[test]
fn an_analyzer_is_per_keyword_unless_terms_can_cross_a_space() {
    let is_per_keyword = |options: &AnalyzerOptions| Analyzer::with_options(options, StopWords::none()).unwrap().is_per_keyword();
    for pattern in [r"\b\w+\b", r"\S+", "[^ ,]+", "[a-z]{2,3}", r"(\w)-", r"\B\w", r"(?<!-)\w+"] {
        assert!(is_per_keyword(&with(|o| o.token_pattern = pattern.into())), "{pattern}");
    }
    for pattern in ["[^,]+", ".", r"\w*", r"\w+$", r"\A\w", r"\W", r"\s", "(?m)^a"] {
        assert!(!is_per_keyword(&with(|o| o.token_pattern = pattern.into())), "{pattern}");
    }
    assert!(is_per_keyword(&with(|o| (o.analyzer, o.ngram_range) = (AnalyzerKind::CharWb, (1, 3)))));
    assert!(is_per_keyword(&with(|o| o.strip_accents = Some(StripAccents::Ascii))));
    assert!(!is_per_keyword(&with(|o| o.ngram_range = (1, 2))));
    assert!(!is_per_keyword(&with(|o| o.analyzer = AnalyzerKind::Char)));
}
