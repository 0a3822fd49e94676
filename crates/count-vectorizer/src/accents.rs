//! `strip_accents`: removes accents as scikit-learn does with Unicode 16.0.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::options::StripAccents;
use crate::python::unassigned::{for_each_assigned_part, is_unassigned};

/// Appends `text` without its accents to `out`.
pub fn push_stripped(text: &str, how: StripAccents, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        return;
    }
    match how {
        StripAccents::Ascii => {
            for part in text.split(is_unassigned) {
                out.extend(part.nfkd().filter(char::is_ascii));
            }
        }
        StripAccents::Unicode => for_each_assigned_part(text, out, |part, out| {
            out.extend(part.nfkd().filter(|&c| canonical_combining_class(c) == 0));
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str, how: StripAccents) -> String {
        let mut out = String::new();
        push_stripped(text, how, &mut out);
        out
    }

    #[test]
    fn characters_without_ascii_form_are_removed_by_ascii_and_kept_by_unicode() {
        let text = "crème ½ ﬁ Ångström 日 ø e\u{301} \u{a8}";
        assert_eq!(stripped(text, StripAccents::Unicode), "creme 1⁄2 fi Angstrom 日 ø e  ");
        assert_eq!(stripped(text, StripAccents::Ascii), "creme 12 fi Angstrom   e  ");
    }

    #[test]
    fn code_points_that_unicode_16_does_not_assign_have_no_accent() {
        let planes = ('\0'..'\u{20000}').chain(('\u{20000}'..=char::MAX).step_by(97));
        for c in planes.filter(|&c| is_unassigned(c)) {
            let text = format!("e\u{301}{c}\u{345}\u{301}é");
            assert_eq!(stripped(&text, StripAccents::Unicode), format!("e{c}e"), "U+{:X}", c as u32);
            assert_eq!(stripped(&text, StripAccents::Ascii), "ee", "U+{:X}", c as u32);
        }
    }
}
