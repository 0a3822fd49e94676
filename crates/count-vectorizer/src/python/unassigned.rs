//! Code points that Unicode 16.0 does not assign.
//!
//! To Python 3.14, which has that version, they have no case, no decomposition and no combining class. A standard library or a crate
//! that carries a newer version would make words of them that Python does not have.

use crate::python::word_chars::ranges_hold;

mod table;

/// Whether Unicode 16.0 leaves `c` unassigned.
pub fn is_unassigned(c: char) -> bool {
    match c {
        // Latin, Greek; Han; Hangul: no gap in them.
        '\0'..='\u{377}' | '\u{3400}'..='\u{a48c}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => is_in_table(c as u32),
    }
}

fn is_in_table(code_point: u32) -> bool {
    ranges_hold(table::RANGES, code_point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{Class, HirKind};

    /// Set `UPDATE_UNASSIGNED` to write the table anew after regex-syntax has moved to another Unicode version.
    #[test]
    fn the_table_is_what_unicode_16_does_not_assign() {
        let hir = regex_syntax::parse(r"\p{Cn}").unwrap();
        let HirKind::Class(Class::Unicode(class)) = hir.kind() else { panic!("not a class") };
        let expected: Vec<_> = class.iter().map(|range| (range.start() as u32, range.end() as u32)).collect();
        if std::env::var_os("UPDATE_UNASSIGNED").is_some() {
            let mut text = String::from("//! Made by a test of the module above: code points of the general category Cn.\n\n");
            text.push_str("#[rustfmt::skip]\npub(super) static RANGES: &[(u32, u32)] = &[\n");
            for line in expected.chunks(8) {
                let cells: Vec<String> = line.iter().map(|(first, last)| format!("({first:#x}, {last:#x})")).collect();
                text.push_str(&format!("    {},\n", cells.join(", ")));
            }
            text.push_str("];\n");
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/python/unassigned/table.rs"), text).unwrap();
        }
        assert_eq!(table::RANGES, expected);
        assert!(('\0'..=char::MAX).all(|c| is_unassigned(c) == is_in_table(c as u32)), "the shortcut is right");
    }
}
