use super::*;
use proptest::prelude::*;

fn tokens(pattern: &str, text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let pattern = TokenPattern::new(pattern).unwrap();
    pattern.each_token(text, WorkLimit::ByLength, |token| tokens.push(token.to_owned())).unwrap();
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
    assert_eq!(tokens(r"(?:#|@)(\w+)|x", "#one @two x"), ["one", "two", ""]);
    assert_eq!(tokens(r"\d+", "1٣𝟘 ² 4"), ["1٣𝟘", "4"]);
    assert_eq!(tokens(r"a+?|b", "aab"), ["a", "a", "b"]);
}

#[test]
fn boundaries_are_those_of_python() {
    assert_eq!(tokens(r"\bx", "e\u{301}x ½x x"), ["x", "x"]);
    assert_eq!(tokens(r"\w+\B", "ab\u{301} ab½"), ["a", "ab"]);
    assert_eq!(tokens(r"(?a)\b\w+\b", "né a½"), ["n", "a"]);
}

#[test]
fn ends_of_lines_and_empty_matches_are_those_of_python() {
    assert_eq!(tokens(r"\w+$", "one\ntwo\n"), ["two"]);
    assert_eq!(tokens(r"(?m)\w+$", "one\ntwo\n"), ["one", "two"]);
    assert_eq!(tokens(r"\w+\Z", "one\ntwo\n"), Vec::<String>::new());
    assert_eq!(tokens(r"(?m)^.", "ab\ncd"), ["a", "c"]);
    assert_eq!(tokens(r"\w*", "ab c"), ["ab", "", "c", ""]);
    assert_eq!(tokens(r"a??", "aa"), ["", "a", "", "a", ""]);
    assert_eq!(tokens(r"\b|:+", "a::b"), ["", "", "::", "", ""]);
    assert_eq!((tokens(r"\B", ""), tokens(r"\B", "-")), (vec![], vec![String::new(); 2]));
}

/// A pattern, a text, and what `re.findall` of Python 3.11 returns.
#[rustfmt::skip]
const FOUND_BY_PYTHON: &[(&str, &str, &[&str])] = &[
    (r"\w+(?:-?\w*)*", "t-shirt a--b c", &["t-shirt", "a--b", "c"]),
    ("(?:a*)+", "aab", &["aa", "", ""]),
    ("(?:b||a)+", "ba", &["b", "", "a", ""]),
    ("(?:|a)*", "aa", &["", "a", "", "a", ""]),
    ("(?:|a)*?b", "aab", &["aab"]),
    ("(a|b*)*c", "abbac c", &["", ""]),
    ("(?:a?b??)*?c", "abac", &["abac"]),
    ("(?:(?:a|b*)*,?)*", "ab,,b", &["ab,,b", ""]),
    ("(?:a?){2,3}b", "aab", &["aab"]),
    ("(?:){3}a", "aa", &["a", "a"]),
    ("(?i)[a-z]+", "ABCſK\u{212a}İı", &["ABCſK\u{212a}İı"]),
    ("(?i)straße", "STRASSE Straẞe", &["Straẞe"]),
    ("(?i)σ+", "ΣςσΣ", &["ΣςσΣ"]),
    ("(?ai)[k-s]+", "KSſ\u{212a}", &["KS"]),
    ("(?i:a)b", "AbaB ab", &["Ab", "ab"]),
    ("(?i)a(?-i:b)", "ABAb", &["Ab"]),
    ("(?i)[^s]", "sSſt", &["t"]),
    (r"(?i)(s)\1", "sS sſ", &["s"]),
    (r"(?ai)(é)\1", "éÉéé", &["é"]),
    ("(?x) \\w+ # a word\n -?", "ab- c", &["ab-", "c"]),
    (r"(?x)a\ b[ ]c", "a b c", &["a b c"]),
    ("(?x: a b )c d", "abc d", &["abc d"]),
    ("(?x)a(?-x: )b", "a b", &["a b"]),
    (r"\w+(?=s\b)", "cats dog ads", &["cat", "ad"]),
    (r"(?<![\w-])\w+(?![\w-])", "t-shirt cat é", &["cat", "é"]),
    (r"(?<=#)\w+", "#one two #three", &["one", "three"]),
    ("(?<=a|b)c", "acbcdc", &["c", "c"]),
    (r"(?=(\w+))", "ab", &["ab", "b"]),
    (r"(?!a)\w", "abc", &["b", "c"]),
    (r"(?<!\A)b", "bab", &["b"]),
    (r"\w(?=.*(\d))", "ab1", &["1", "1"]),
    (r"(\w)\1", "aabbc", &["a", "b"]),
    (r"(?P<x>\w)-(?P=x)", "a-a b-c", &["a"]),
    (r"(a)?b\1", "abaab b", &["a"]),
    (r"(?:(a)|b)*\1", "abab", &["a"]),
    ("(?>a+)b|a", "aab aa", &["aab", "a", "a"]),
    ("a++a|b", "aab", &["b"]),
    (r"\w*+-", "ab-c", &["ab-"]),
    ("(?:a|ab){2}+c?", "aababc", &["aa"]),
    ("(?:ab?)?+b", "abb ab", &["abb", "b"]),
    ("(?>a|ab)c", "abc ac", &["ac"]),
    (r"(<)?\w+(?(1)>|!)", "<a> b! <c d", &["<", ""]),
    (r#"(?P<q>")?\w+(?(q)"|)"#, r#""a" b"#, &[r#"""#, ""]),
    ("(a)?(?(1)b)", "ab b", &["a", "", "", ""]),
    ("a(?#note)+", "aa b", &["aa"]),
    ("(?#note)(?s).", "aa b", &["a", "a", " ", "b"]),
    (r"(?#a\)b)c", "c", &["c"]),
    ("(?P<é>a)", "aa", &["a", "a"]),
    ("(?s-i:.)", "\n", &["\n"]),
    (r"(?a)\w+(?u:\w)", "aé é", &["aé"]),
    (r"(?u:\w)(?a:\w)?", "éa", &["éa"]),
    (r"\101|\01", "A \u{1}", &["A", "\u{1}"]),
    ("a{,}b", "aab", &["aab"]),
    ("a{}", "a{}", &["a{}"]),
    ("[a-]", "-a", &["-", "a"]),
    ("[]-a]+", "]^`a", &["]^`a"]),
    (r"\é", "é", &["é"]),
    (r"\N{LATIN SMALL LETTER A}+[\N{DIGIT ONE}-\N{digit three}]", "aa2 a4", &["aa2"]),
    (r"(?ix)\N{LATIN SMALL LETTER E WITH ACUTE} +", "éÉ", &["éÉ"]),
    ("(?m)^a|b$", "a\nab\nb", &["a", "a", "b", "b"]),
];

#[test]
fn every_construct_finds_what_python_finds() {
    for (pattern, text, expected) in FOUND_BY_PYTHON {
        assert_eq!(tokens(pattern, text), *expected, "{pattern}");
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    let too_large = "the pattern has more than 20000 steps; use smaller numbers in its {…}";
    for pattern in ["(?:a{1000}){1000}", "(?:(?:a?){9999}){4294967294}"] {
        assert_eq!(refusal(pattern), format!("token_pattern '{pattern}': {too_large}"));
    }
    assert!(refusal(&"(".repeat(200_000)).ends_with("': groups are nested deeper than 100"));
}

#[test]
fn what_python_refuses_is_refused() {
    let more_than_one = "More than 1 capturing group in token pattern. Only a single group should be captured.";
    let behind = "look-behind requires fixed-width pattern";
    for (pattern, what) in [
        ("(a)(b)", more_than_one),
        ("(", "missing ), unterminated subpattern"),
        (")", "unbalanced parenthesis"),
        ("(?#a", "missing ), unterminated comment"),
        ("[a", "unterminated character set"),
        ("[]", "unterminated character set"),
        ("*a", "nothing to repeat before '*'"),
        ("a|{2}", "nothing to repeat before '{'"),
        (r"\b+", "nothing to repeat before '+'"),
        ("(?#a)+", "nothing to repeat before '+'"),
        ("a**", "multiple repeat"),
        ("a{1000}{2}", "multiple repeat"),
        ("(?x)a+ +", "multiple repeat"),
        ("a{3,2}", "min repeat greater than max repeat"),
        ("a{4294967295}", "the repetition number is too large"),
        ("[z-a]", "bad character range: the first character is greater than the last one"),
        (r"[a-\d]", r"bad character range: a class such as \w cannot be an end of it"),
        (r"\q", r"bad escape \q"),
        (r"[\B]", r"bad escape \B"),
        ("a\\", "bad escape (end of pattern)"),
        (r"\x4", r"incomplete escape \x4"),
        (r"\U00110000", r"bad escape \U00110000"),
        (r"\N", "missing {"),
        (r"\N{", "missing character name"),
        (r"\N{}", "missing character name"),
        (r"\N{DIGIT", "missing }, unterminated name"),
        (r"\N{DIGITONE}", "undefined character name 'DIGITONE'"),
        (r"[\N{KEYCAP DIGIT ONE}]", "undefined character name 'KEYCAP DIGIT ONE'"),
        (r"[\400]", r"octal escape value \400 outside of range 0-0o377"),
        ("a(?u)", "global flags not at the start of the expression"),
        ("a|(?i)b", "global flags not at the start of the expression"),
        ("(?", "unexpected end of pattern"),
        ("(?z)", "unknown extension ?z"),
        ("(?iz)", "unknown flag 'z'"),
        ("(?i", "missing -, : or )"),
        ("(?i-:a)", "missing flag"),
        ("(?s-i)", "missing :"),
        ("(?L)a", "bad inline flags: cannot use 'L' flag with a str pattern"),
        ("(?au)a", "bad inline flags: flags 'a', 'u' and 'L' are incompatible"),
        ("(?a)(?u)a", "ASCII and UNICODE flags are incompatible"),
        ("(?s-s:a)", "bad inline flags: flag turned on and off"),
        ("(?-a:a)", "bad inline flags: cannot turn off flags 'a', 'u' and 'L'"),
        ("(?P<1>a)", "bad character in group name '1'"),
        ("(?P<>a)", "missing group name"),
        ("(?P<a", "missing >, unterminated name"),
        ("(?P<a>b)(?P<a>c)", "redefinition of group name 'a'"),
        ("(?P>a)", "unknown extension ?P>"),
        ("(?<a>b)", "unknown extension ?<a"),
        ("(?P=a)", "unknown group name 'a'"),
        (r"\1", "invalid group reference 1"),
        (r"(a\1)", "cannot refer to an open group"),
        (r"(?<=(a)\1)", "cannot refer to group defined in the same lookbehind subpattern"),
        ("(?<=a+)b", behind),
        ("(?<=a|bc)", behind),
        ("(?(0)a)", "bad group number"),
        ("(?(1)a)", "invalid group reference 1"),
        ("(?(x)a)", "unknown group name 'x'"),
        ("(?(-1)a)", "bad character in group name '-1'"),
        ("(a)(?(1)b|c|d)", "conditional backref with more than two branches"),
    ] {
        assert_eq!(refusal(pattern), format!("token_pattern '{pattern}': {what}"));
    }
}

#[test]
fn unusual_spellings_mean_what_they_mean_to_python() {
    assert_eq!(tokens(r"[]x]+", "a]x["), ["]x"]);
    assert_eq!(tokens(r"[^]x]+", "a]x["), ["a", "["]);
    assert_eq!(tokens(r"[a\-z-]+", "a-z b"), ["a-z"]);
    assert_eq!(tokens(r"a{,2}b|{", "aaab{"), ["aab", "{"]);
    assert_eq!(tokens(r"a{x}", "a{x} aa"), ["a{x}"]);
    assert_eq!(tokens(r"\x41\u0042\U00000043\104\055[\b]", "ABCD-\u{8}"), ["ABCD-\u{8}"]);
    assert!(tokens(r"[^\s\S]", "any").is_empty() && tokens(r"\ud800", "any").is_empty());
}

#[test]
fn a_hostile_pattern_ends_with_an_error() {
    let text = "a".repeat(1000);
    for pattern in [r"(?:a|a)*(?!a)b", r"(a|aa)+\1b"] {
        let pattern = TokenPattern::new(pattern).unwrap();
        let outcome = pattern.each_token(&text, WorkLimit::ByLength, |_| {});
        assert_eq!(
            outcome.unwrap_err().to_string(),
            "the token pattern took more than 10100000 steps on 1000 bytes of text; use one with \
             fewer nested repeats"
        );
    }
}

#[test]
fn a_hostile_text_takes_linear_time_where_nothing_looks_around() {
    let text = "a".repeat(1000);
    for pattern in [r"(?:a|a)*b", r"(?:a*)*b", r"(?:a|aa)+$b", r"(?:a?){30}a{30}b"] {
        assert_eq!(tokens(pattern, &text), Vec::<String>::new(), "{pattern}");
    }
}

#[test]
fn a_pattern_that_cannot_see_a_space_stays_in_its_keyword() {
    let stays = |pattern: &str| TokenPattern::new(pattern).unwrap().stays_in_keyword();
    for pattern in [r"(?<![\w-])\w+", r"\w+(?=s)", r"(\w)\1", r"(?>\w+)", r"(a)?b(?(1)b|c)", "(?i)k"] {
        assert!(stays(pattern), "{pattern}");
    }
    for pattern in [r"\w+(?=[^a])", r"\w+(?!.)", r"\w+(?=$)", r"(?<= )\w", r"(?=a)", r"(a?)\1"] {
        assert!(!stays(pattern), "{pattern}");
    }
}

/// Patterns that both matchers understand, with repeats of everything.
fn linear_patterns() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec!["a", "b", "[ab]", r"\b", "^", "$", r"\w", "", "(?:)"]);
    let pattern = leaf.prop_map(str::to_owned).prop_recursive(5, 24, 3, |inner| {
        let quantifiers = vec!["", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}"];
        let parts = proptest::collection::vec(inner, 1..4);
        (parts, any::<bool>(), proptest::sample::select(quantifiers)).prop_map(|(parts, is_either, quantifier)| {
            format!("(?:{}){quantifier}", parts.join(if is_either { "|" } else { "" }))
        })
    });
    (pattern.clone(), pattern).prop_map(|(group, rest)| format!("({group}){rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_matchers_find_the_same(pattern in linear_patterns(), text in "[ab ]{0,9}") {
        let compiled = TokenPattern::new(&pattern).unwrap();
        prop_assert!(compiled.program.is_linear);
        let (mut backtracked, mut linear) = (Vec::new(), Vec::new());
        let mut search = backtrack::BacktrackSearch::new(&compiled.program, &text, Some(10_000));
        // Some patterns are too much for this matcher.
        let find = |from, must_advance| search.find(from, must_advance);
        prop_assume!(each_match(find, |found| backtracked.push(found)).is_ok());
        let mut search = linear::LinearSearch::new(&compiled.program, &text);
        let find = |from, must_advance| Ok::<_, ()>(search.find(from, must_advance));
        each_match(find, |found| linear.push(found)).unwrap();
        prop_assert_eq!(backtracked, linear, "{}", pattern);
    }

    #[test]
    fn no_pattern_makes_the_parser_panic(
        pattern in "[ab(){}\\[\\]|*+?^$.\\\\dwbxu0-9:<>=!,#P\\-éims ]{0,24}",
    ) {
        if let Ok(pattern) = TokenPattern::new(&pattern) {
            let _ = pattern.each_token("ab 1é\n", WorkLimit::ByLength, |_| {});
        }
    }
}
