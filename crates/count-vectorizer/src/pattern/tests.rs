use super::*;
use proptest::prelude::*;

fn tokens(pattern: &str, text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    TokenPattern::new(pattern).unwrap().each_token(text, |token| tokens.push(token.to_owned()));
    tokens
}

fn refusal(pattern: &str) -> String {
    TokenPattern::new(pattern).unwrap_err().to_string()
}

#[test]
fn common_patterns_find_what_python_finds() {
    assert_eq!(tokens(r"[a-z]{3,}", "a the cat-fish ab"), ["the", "cat", "fish"]);
    assert_eq!(tokens(r"(?u)\b\w+\b", "a é ½ x\u{301}y"), ["a", "é", "½", "x", "y"]);
    assert_eq!(tokens(r"\S+", "t-shirt\u{1f}c++ \u{a0}é"), ["t-shirt", "c++", "é"]);
    assert_eq!(tokens(r"[^,]+", "young adult, woman"), ["young adult", " woman"]);
    assert_eq!(tokens(r"(?:#|@)(\w+)|x", "#one @two x"), ["one", "two", ""], "a group that took no part is empty");
    assert_eq!(tokens(r"\d+", "1٣𝟘 ² 4"), ["1٣𝟘", "4"]);
    assert_eq!(tokens(r"a+?|b", "aab"), ["a", "a", "b"]);
}

#[test]
fn boundaries_are_python_s_where_the_regex_crate_s_are_others() {
    // To the regex crate a combining mark is a word character, and ½ is none.
    assert_eq!(tokens(r"\bx", "e\u{301}x ½x x"), ["x", "x"]);
    assert_eq!(tokens(r"\w+\B", "ab\u{301} ab½"), ["a", "ab"]);
    assert_eq!(tokens(r"(?a)\b\w+\b", "né a½"), ["n", "a"]);
}

#[test]
fn ends_of_lines_and_empty_matches_are_python_s() {
    assert_eq!(tokens(r"\w+$", "one\ntwo\n"), ["two"]);
    assert_eq!(tokens(r"(?m)\w+$", "one\ntwo\n"), ["one", "two"]);
    assert_eq!(tokens(r"\w+\Z", "one\ntwo\n"), Vec::<String>::new());
    assert_eq!(tokens(r"(?m)^.", "ab\ncd"), ["a", "c"]);
    assert_eq!(tokens(r"\w*", "ab c"), ["ab", "", "c", ""]);
    assert_eq!(tokens(r"a??", "aa"), ["", "a", "", "a", ""]);
    assert_eq!(tokens(r"\b|:+", "a::b"), ["", "", "::", "", ""]);
    assert_eq!((tokens(r"\B", ""), tokens(r"\B", "-")), (vec![], vec![String::new(); 2]));
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (pattern, what) in [
        (r"\w+(?=s)", "looking ahead ('(?=…)', '(?!…)') is not supported"),
        (r"(?<!x)\w+", "looking behind ('(?<=…)', '(?<!…)') is not supported"),
        (r"(\w)\1", r"going back to a group ('\1') is not supported"),
        (r"(?P<a>\w)(?P=a)", "going back to a group ('(?P=…)') is not supported"),
        (r"(?i)[a-z]+", "ignoring case ('(?i)') is not supported; documents are lower-cased before they are matched"),
        (r"(?i:a)", "ignoring case ('(?i)') is not supported; documents are lower-cased before they are matched"),
        (r"(?x) a", "verbose patterns ('(?x)') are not supported"),
        (r"\w++", "possessive quantifiers ('*+', '++', '?+') are not supported"),
        (r"(?>a)", "atomic groups ('(?>…)') are not supported"),
        (r"(a)?(?(1)b|c)", "conditional groups ('(?(…)…)') are not supported"),
        (r"\N{DIGIT ONE}", r"names of characters ('\N{…}') are not supported; write \uXXXX"),
        (r"(?:a*)+", "a repeated group that can match nothing is not supported"),
        (r"a{1000}{2}", "multiple repeat"),
        (r"(?:a{1000}){1000}", "the pattern has more than 20000 steps; use smaller numbers in its {…}"),
    ] {
        assert_eq!(refusal(pattern), format!("token_pattern '{pattern}': {what}"));
    }
    assert!(refusal(&"(".repeat(200_000)).ends_with(": groups lie deeper than 100 in each other"));
}

#[test]
fn what_python_refuses_is_refused() {
    for (pattern, what) in [
        ("(a)(b)", "More than 1 capturing group in token pattern. Only a single group should be captured."),
        ("(", "missing ), unterminated subpattern"),
        (")", "unbalanced parenthesis"),
        ("[a", "unterminated character set"),
        ("[]", "unterminated character set"),
        ("*a", "nothing to repeat before '*'"),
        ("a|{2}", "nothing to repeat before '{'"),
        (r"\b+", r"nothing to repeat: '^', '$', '\b' and the like take no character"),
        ("a**", "multiple repeat"),
        ("a{3,2}", "min repeat greater than max repeat"),
        ("[z-a]", "bad character range: it ends before it begins"),
        (r"[a-\d]", r"bad character range: a class such as \w has no place in it"),
        (r"\q", r"bad escape '\q'"),
        ("a\\", "bad escape (end of pattern)"),
        (r"\x4", r"incomplete escape '\x': expected 2 hexadecimal digits"),
        (r"\U00110000", r"bad escape '\U00110000': there is no such character"),
        (r"[\400]", "octal escape value outside of range 0-0o377"),
        ("a(?u)", "global flags not at the start of the expression"),
        ("(?", "unexpected end of pattern"),
        ("(?z)", "unknown flag 'z'"),
        ("(?P<1>a)", "bad character in group name '1'"),
    ] {
        assert_eq!(refusal(pattern), format!("token_pattern '{pattern}': {what}"));
    }
}

#[test]
fn odd_but_right_patterns_mean_what_they_mean_to_python() {
    assert_eq!(tokens(r"[]x]+", "a]x["), ["]x"]);
    assert_eq!(tokens(r"[^]x]+", "a]x["), ["a", "["]);
    assert_eq!(tokens(r"[a\-z-]+", "a-z b"), ["a-z"]);
    assert_eq!(tokens(r"a{,2}b|{", "aaab{"), ["aab", "{"]);
    assert_eq!(tokens(r"a{x}", "a{x} aa"), ["a{x}"]);
    assert_eq!(tokens(r"\x41\u0042\U00000043\104\055[\b]", "ABCD-\u{8}"), ["ABCD-\u{8}"]);
    assert_eq!(tokens(r"(?s:a.)b(?#no)c", "a\nbc"), ["a\nbc"]);
    assert_eq!(tokens(r"(?P<word>\w)é", "aé b"), ["a"]);
    assert!(tokens(r"[^\s\S]", "any").is_empty() && tokens(r"\ud800", "any").is_empty());
}

/// The regex crate's answer, where that is Python's too, is a check on the machine.
fn by_machine(pattern: &TokenPattern, text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    TokenPattern { regex: None, ..pattern.clone() }.each_token(text, |token| tokens.push(token.to_owned()));
    tokens
}

const PATTERNS: [&str; 12] = [
    r"\b\w\w+\b",
    r"\w+",
    r"\b[a-z]+?\b",
    r"[^,]+",
    r"\S+",
    r"(?:a|ab)(?:c|bcd)?",
    r"(\w)-|\w",
    r"(?m)^\w+$",
    r"\A\w|\w\Z",
    r"\B\w\B",
    r"a{2,3}?b?",
    r"(?:(a)|b)+c?",
];

proptest! {
    #[test]
    fn the_machine_and_the_regex_crate_agree(text in "[abc,\\-\\né½\u{301} ]{0,30}", which in 0..PATTERNS.len()) {
        let pattern = TokenPattern::new(PATTERNS[which]).unwrap();
        prop_assert!(pattern.regex.is_some());
        let mut tokens = Vec::new();
        pattern.each_token(&text, |token| tokens.push(token.to_owned()));
        prop_assert_eq!(tokens, by_machine(&pattern, &text), "{}", PATTERNS[which]);
    }

    #[test]
    fn no_pattern_brings_the_parser_down(pattern in "[ab(){}\\[\\]|*+?^$.\\\\dwbxu0-9:<>=!,#P\\-é]{0,24}") {
        if let Ok(pattern) = TokenPattern::new(&pattern) {
            pattern.each_token("ab 1é\n", |_| {});
        }
    }
}
