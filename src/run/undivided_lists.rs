//! A warning about keywords that look like lists.

use crate::dataset::record_fields::RecordFields;
use crate::error::shown;
use crate::files::statistics::{Fate, SplitSamples};
use crate::inspect::separators::guess_separator;

/// A keyword and its words.
type WordsOfKeyword = (String, Vec<(String, Fate)>);

/// The warning of a run. Lists of labels were looked up as a whole.
pub(super) fn warning(samples: &SplitSamples, fields: &RecordFields) -> Option<String> {
    let can_be_divided = fields.are_given && fields.keywords.labels.is_none();
    if can_be_divided { warning_and(samples, "use") } else { None }
}

/// A warning if most keywords look like lists, and words would be others if the lists were divided.
/// `how` says with a verb how to give the separator.
pub(crate) fn warning_and(samples: &SplitSamples, how: &str) -> Option<String> {
    let keywords: Vec<&WordsOfKeyword> = samples.images.iter().flat_map(|image| &image.keywords).collect();
    let texts: Vec<String> = keywords.iter().map(|(text, _)| text.clone()).collect();
    let separator = guess_separator(&texts, false)?;
    let lists: Vec<&&WordsOfKeyword> = keywords.iter().filter(|(text, _)| text.trim().contains(separator)).collect();
    let (example, _) = lists.iter().find(|keyword| joins_items(keyword, separator))?;
    if 2 * lists.len() <= texts.len() {
        return None;
    }
    let (name, example, separator) = (&samples.split, shown(example), separator.replace('\n', r"\n"));
    Some(format!("{name}: most keywords look like lists, such as '{example}'; {how} --separator '{separator}' to divide them"))
}

/// Whether a word of the keyword has parts of several items of the list. Usually, separators are in
/// no word.
fn joins_items((_, words): &WordsOfKeyword, separator: &str) -> bool {
    match (separator, words.as_slice()) {
        // With --phrases, a line break became a space.
        ("\n", [(word, _)]) => word.contains(' '),
        _ => words.iter().any(|(word, _)| word.contains(separator)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::statistics::SampleImage;
    use keyword_files::json::KeywordField;

    fn warned(keywords: &[(&str, &[&str])]) -> Option<String> {
        warned_with(&RecordFields { are_given: true, ..RecordFields::default() }, keywords)
    }

    fn warned_with(fields: &RecordFields, keywords: &[(&str, &[&str])]) -> Option<String> {
        let words = |words: &[&str]| words.iter().map(|word| (word.to_string(), Fate::Kept)).collect();
        let keywords = keywords.iter().map(|(text, of_text)| (text.to_string(), words(of_text))).collect();
        let image = SampleImage { id: 1, name: "1".into(), keywords, further_keywords: 0 };
        warning(&SplitSamples { split: "set".into(), images: vec![image] }, fields)
    }

    #[test]
    fn lists_that_become_words_bring_a_warning() {
        let expected = |example: &str, separator: &str| {
            format!("set: most keywords look like lists, such as '{example}'; use --separator '{separator}' to divide them")
        };
        let phrases: &[(&str, &[&str])] = &[("dog, cat", &["dog, cat"]), ("sea, sun", &["sea, sun"]), ("owl", &["owl"])];
        assert_eq!(warned(phrases), Some(expected("dog, cat", ",")));
        assert_eq!(
            warned(&[("dog\ncat", &["dog cat"]), ("sea", &["sea"]), ("a\nb", &["a b"])]),
            Some(expected(r"dog\ncat", r"\n"))
        );
    }

    #[test]
    fn lists_of_a_preset_bring_no_warning() {
        let lists: &[(&str, &[&str])] = &[("dog, cat", &["dog, cat"])];
        assert!(warned(lists).is_some());
        assert_eq!(warned_with(&RecordFields::default(), lists), None);
    }

    #[test]
    fn lists_that_have_another_separator_bring_a_warning() {
        let separated = KeywordField { separator: Some(";".into()), ..KeywordField::default() };
        let fields = RecordFields { are_given: true, keywords: separated, ..RecordFields::default() };
        assert!(warned_with(&fields, &[("dog, cat", &["dog, cat"])]).is_some());
        assert_eq!(warned_with(&fields, &[("dog", &["dog"]), ("cat", &["cat"])]), None);
    }

    #[test]
    fn lists_that_are_divided_into_words_bring_no_warning() {
        assert_eq!(warned(&[("dog, cat", &["dog", "cat"]), ("sea, sun", &["sea", "sun"])]), None);
        assert_eq!(warned(&[("dog\ncat", &["dog", "cat"])]), None);
        assert_eq!(warned(&[("dog, cat", &["dog, cat"]), ("sea", &["sea"]), ("owl", &["owl"])]), None);
    }
}
