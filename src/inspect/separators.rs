//! The separator of keywords in strings.

/// The separator that divides strings into keywords. There is none if the strings are texts.
pub(crate) fn guess_separator(values: &[String], is_named_tags: bool) -> Option<&'static str> {
    let values: Vec<&str> = values.iter().map(|value| value.trim()).filter(|v| !v.is_empty()).collect();
    if values.is_empty() {
        return None;
    }
    let share = |is_so: &dyn Fn(&str) -> bool| values.iter().filter(|value| is_so(value)).count() as f64 / values.len() as f64;
    if share(&|value| value.contains('\n')) > 0.2 {
        return Some("\n");
    }
    let ends_as_sentence = share(&|value| value.ends_with(['.', '!', '?'])) > 0.2;
    for (separator, least) in [("|", 0.2), (";", 0.2), (",", 0.3)] {
        let least = if is_named_tags { 0.05 } else { least };
        let pieces = || values.iter().flat_map(|value| value.split(separator));
        let words = pieces().map(|piece| piece.split_whitespace().count()).sum::<usize>();
        let are_short = words <= 3 * pieces().count();
        let is_divided = |value: &str| value.split(separator).filter(|piece| !piece.trim().is_empty()).count() > 1;
        if share(&is_divided) > least && are_short && !ends_as_sentence {
            return Some(separator);
        }
    }
    let has_grammar = |value: &str| value.split_whitespace().any(|word| GRAMMAR.contains(&word));
    let words = values.iter().map(|value| value.split_whitespace().count()).sum::<usize>();
    let are_tags = is_named_tags && words >= 3 * values.len() && share(&has_grammar) < 0.1;
    (are_tags && !ends_as_sentence).then_some(" ")
}

/// Words of sentences that are no tags.
const GRAMMAR: [&str; 10] = ["a", "the", "of", "with", "and", "A", "The", "is", "on", "in"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_divided_and_sentences_are_not() {
        for (values, is_named_tags, separator) in [
            (["dog, red ball", "cat"], false, Some(",")),
            (["dog; cat", "sea; São Paulo"], false, Some(";")),
            (["dog|cat", ""], false, Some("|")),
            (["&#xEA01;", "&#xEA02;"], false, None),
            (["dog\r\ncat", "sea\n"], false, Some("\n")),
            (["dog cat sea", "1girl solo long_hair"], true, Some(" ")),
            (["dog cat sea", "1girl solo long_hair"], false, None),
            (["a dog with a ball", "the sea of red"], true, None),
            (["A dog, a cat and a bird.", "One, two."], false, None),
            (["a tall man in a long red coat, walking", "two small dogs on a green field, running"], false, None),
            (["young adult", "dog"], true, None),
            (["", " "], true, None),
        ] {
            let values = values.map(String::from);
            assert_eq!(guess_separator(&values, is_named_tags), separator, "{values:?}");
        }
    }
}
