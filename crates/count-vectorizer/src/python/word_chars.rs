//! Python's `\w`: a letter or a number in any script, or `_`.
//!
//! CPython's `re` calls a character a word character if `str.isalnum()` is true of it or it is `_`, which is exactly the general
//! categories L* and N*. Neither `char::is_alphanumeric` (1,442 code points differ) nor the `\w` of Rust's regex crate (3,444
//! differ) is the same. The table holds Unicode 16.0, the version of Python 3.14; it differs from what Python 3.11 (14.0), 3.12
//! (15.0) and 3.13 (15.1) know only at code points that those versions do not assign.

use std::cmp::Ordering;

mod table;

/// The Unicode version of the table, and so of the tool's words.
///
/// ```
/// assert_eq!(count_vectorizer::UNICODE_VERSION, "16.0.0");
/// ```
pub const UNICODE_VERSION: &str = "16.0.0";

/// Whether `c` belongs to a word, as Python's `(?u)\w` says.
pub fn is_word_char(c: char) -> bool {
    if c.is_ascii() { is_word_byte(c as u8) } else { is_in_table(c as u32) }
}

/// [`is_word_char`] for a byte of ASCII text.
pub fn is_word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The word characters of ASCII.
pub const ASCII_RANGES: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

/// All word characters, as ranges of code points in order.
pub fn ranges() -> impl Iterator<Item = (u32, u32)> {
    ASCII_RANGES.iter().chain(table::RANGES).copied()
}

fn is_in_table(code_point: u32) -> bool {
    ranges_hold(table::RANGES, code_point)
}

/// Whether one of the ranges, which are in order, holds the code point.
pub(super) fn ranges_hold(ranges: &[(u32, u32)], code_point: u32) -> bool {
    let order = |&(first, last): &(u32, u32)| {
        if last < code_point {
            Ordering::Less
        } else if first > code_point {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    };
    ranges.binary_search_by(order).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{Class, HirKind};

    /// The ranges that regex-syntax, which carries Unicode 16.0, gives for `[\p{L}\p{N}_]`.
    fn ranges_of(pattern: &str) -> Vec<(u32, u32)> {
        let hir = regex_syntax::parse(pattern).unwrap();
        let HirKind::Class(Class::Unicode(class)) = hir.kind() else { panic!("{pattern} is not a class") };
        class.iter().map(|range| (range.start() as u32, range.end() as u32)).collect()
    }

    fn count_in(ranges: &[(u32, u32)]) -> u32 {
        ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Set `UPDATE_WORD_CHARS` to write the table anew after regex-syntax has moved to another Unicode version.
    #[test]
    fn the_table_is_letters_numbers_and_underscore_of_unicode_16() {
        let expected: Vec<_> = ranges_of(r"[\p{L}\p{N}_]").into_iter().filter(|&(first, _)| first > 0x7f).collect();
        if std::env::var_os("UPDATE_WORD_CHARS").is_some() {
            let mut text = String::from(
                "//! Made by a test of the module above: code points past ASCII whose general category is L* or N*.\n\n",
            );
            text.push_str("#[rustfmt::skip]\npub(super) static RANGES: &[(u32, u32)] = &[\n");
            for line in expected.chunks(8) {
                let cells: Vec<String> = line.iter().map(|(first, last)| format!("({first:#x}, {last:#x})")).collect();
                text.push_str(&format!("    {},\n", cells.join(", ")));
            }
            text.push_str("];\n");
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/python/word_chars/table.rs"), text).unwrap();
        }
        assert_eq!(table::RANGES, expected);
        for c in '\0'..='\u{7f}' {
            assert_eq!(is_word_char(c), c.is_ascii_alphanumeric() || c == '_');
        }
    }

    #[test]
    fn older_pythons_differ_only_where_they_assign_no_letter() {
        let ours = count_in(&ranges_of(r"[\p{L}\p{N}_]"));
        for (python, unicode, fewer) in [("3.11", "14.0", 9_392), ("3.12", "15.0", 5_004), ("3.13", "15.1", 4_382)] {
            let older = count_in(&ranges_of(&format!(r"[[\p{{L}}\p{{N}}_]&&\p{{age:{unicode}}}]")));
            assert_eq!(ours - older, fewer, "Python {python}");
        }
    }

    #[test]
    fn lower_casing_makes_a_word_character_of_newer_letters_alone() {
        let made: Vec<char> =
            ('\u{80}'..=char::MAX).filter(|&c| !is_word_char(c) && c.to_lowercase().any(is_word_char)).collect();
        assert!(made.iter().all(|c| crate::python::unassigned::is_unassigned(*c)), "{made:?}");
    }
}
