//! Python's `str.lower()` with Unicode 16.0.

use super::unassigned::for_each_assigned_part;

/// Appends `text` in lower case to `out`.
pub fn push_lower(text: &str, out: &mut String) {
    // Whole parts are lowered at once, because the lower case of a capital sigma depends on its
    // neighbors.
    for_each_assigned_part(text, out, |part, out| {
        if part.is_ascii() {
            let start = out.len();
            out.push_str(part);
            if let Some(added) = out.get_mut(start..) {
                added.make_ascii_lowercase();
            }
        } else {
            out.push_str(&part.to_lowercase());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::unassigned::is_unassigned;

    fn lower(text: &str) -> String {
        let mut out = String::new();
        push_lower(text, &mut out);
        out
    }

    #[test]
    fn the_lower_case_of_a_capital_sigma_depends_on_its_neighbors() {
        assert_eq!(lower("ΟΔΟΣ ΣΣ ΑΣ,ΑΣΑ İ"), "οδος σς ας,ασα i\u{307}");
    }

    #[test]
    fn code_points_that_unicode_16_does_not_assign_are_kept_and_end_a_word() {
        let planes = ('\0'..'\u{20000}').chain(('\u{20000}'..=char::MAX).step_by(97));
        for c in planes.filter(|&c| is_unassigned(c)) {
            let text = format!("ΑΣ{c}Α{c}Σ{c}Σ");
            assert_eq!(lower(&text), format!("ας{c}α{c}σ{c}σ"), "U+{:X}", c as u32);
        }
    }
}
