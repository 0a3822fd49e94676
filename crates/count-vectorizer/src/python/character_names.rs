//! Python's names of characters, with Unicode 16.0.

/// Prefixes of names that Python computes. Unlike other names, they are case-sensitive.
const COMPUTED: [&str; 2] = ["HANGUL SYLLABLE ", "CJK UNIFIED IDEOGRAPH-"];

/// The character that Python 3.11's `unicodedata.lookup` finds for a name or an alias.
pub fn lookup(name: &str) -> Option<char> {
    let starts_with = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_computed = COMPUTED.iter().any(starts_with);
    if is_computed && name.contains(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    unicode_names2::character(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_are_those_of_python() {
        for (name, c) in [
            ("DIGIT ONE", '1'),
            ("latin Small letter e with acute", 'é'),
            ("LINE FEED", '\n'),
            ("lf", '\n'),
            ("ZWSP", '\u{200b}'),
            ("HANGUL SYLLABLE GAG", '각'),
            ("CJK UNIFIED IDEOGRAPH-65E5", '日'),
            ("CJK UNIFIED IDEOGRAPH-2A6DF", '\u{2a6df}'),
            ("CJK COMPATIBILITY IDEOGRAPH-F900", '\u{f900}'),
        ] {
            assert_eq!(lookup(name), Some(c), "{name}");
        }
        for name in [
            "",
            "DIGITONE",
            "DIGIT  ONE",
            "DIGIT ONE ",
            "LINEFEED",
            "hangul syllable gag",
            "HANGUL SYLLABLE gag",
            "CJK UNIFIED IDEOGRAPH-65e5",
            "CJK UNIFIED IDEOGRAPH-0041",
            "TANGUT IDEOGRAPH-17000",
            "LATIN SMALL LETTER A WITH MACRON AND GRAVE",
            "ÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉÉ",
        ] {
            assert_eq!(lookup(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_those_of_unicode_16() {
        assert_eq!(lookup("GARAY DIGIT ZERO"), Some('\u{10d40}'));
        assert_eq!(lookup("SAUDI RIYAL SIGN"), None);
    }
}
