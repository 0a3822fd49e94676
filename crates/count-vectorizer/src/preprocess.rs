//! Before the words: lower case and accents, in that order, as Python's `str.lower()` and `unicodedata` do it with Unicode 16.0.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::options::StripAccents;
use crate::python::unassigned::is_unassigned;

/// Appends `text` to `out` in lower case.
pub fn push_lower(text: &str, out: &mut String) {
    // The whole text at once: how a capital sigma is lowered depends on its neighbours.
    for_each_known(text, out, |known, out| {
        if known.is_ascii() {
            let start = out.len();
            out.push_str(known);
            if let Some(added) = out.get_mut(start..) {
                added.make_ascii_lowercase();
            }
        } else {
            out.push_str(&known.to_lowercase());
        }
    });
}

/// Appends `text` to `out` without its accents.
pub fn push_stripped(text: &str, how: StripAccents, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        return;
    }
    match how {
        StripAccents::Ascii => {
            let known = |known: &str, out: &mut String| out.extend(known.nfkd().filter(char::is_ascii));
            text.split(is_unassigned).for_each(|part| known(part, out));
        }
        StripAccents::Unicode => for_each_known(text, out, |known, out| {
            out.extend(known.nfkd().filter(|&c| canonical_combining_class(c) == 0));
        }),
    }
}

/// Hands the stretches of `text` between code points that Unicode 16.0 does not assign to `known`, and puts those in between out as
/// they are. To Unicode 16.0 they are neither cased nor ignorable nor combining, so that nothing reaches across them.
fn for_each_known(text: &str, out: &mut String, mut known: impl FnMut(&str, &mut String)) {
    let mut rest = text;
    while let Some((at, unassigned)) = rest.char_indices().find(|&(_, c)| is_unassigned(c)) {
        let (before, after) = rest.split_at(at);
        known(before, out);
        out.push(unassigned);
        rest = after.strip_prefix(unassigned).unwrap_or_default();
    }
    known(rest, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(text: &str) -> String {
        let mut out = String::new();
        push_lower(text, &mut out);
        out
    }

    fn stripped(text: &str, how: StripAccents) -> String {
        let mut out = String::new();
        push_stripped(text, how, &mut out);
        out
    }

    #[test]
    fn a_capital_sigma_is_lowered_by_its_place() {
        assert_eq!(lower("ΟΔΟΣ ΣΣ ΑΣ,ΑΣΑ İ"), "οδος σς ας,ασα i\u{307}");
    }

    #[test]
    fn accents_go_and_what_has_no_ascii_form_stays_or_goes() {
        let text = "crème ½ ﬁ Ångström 日 ø e\u{301} \u{a8}";
        assert_eq!(stripped(text, StripAccents::Unicode), "creme 1⁄2 fi Angstrom 日 ø e  ");
        assert_eq!(stripped(text, StripAccents::Ascii), "creme 12 fi Angstrom   e  ");
    }

    #[test]
    fn code_points_that_unicode_16_does_not_assign_are_as_nothing() {
        let planes = ('\0'..'\u{20000}').chain(('\u{20000}'..=char::MAX).step_by(97));
        for c in planes.filter(|&c| is_unassigned(c)) {
            let text = format!("ΑΣ{c}Α{c}Σ{c}Σ");
            assert_eq!(lower(&text), format!("ας{c}α{c}σ{c}σ"), "U+{:X}", c as u32);
            let text = format!("e\u{301}{c}\u{345}\u{301}é");
            assert_eq!(stripped(&text, StripAccents::Unicode), format!("e{c}e"), "U+{:X}", c as u32);
            assert_eq!(stripped(&text, StripAccents::Ascii), "ee", "U+{:X}", c as u32);
        }
    }
}
