//! Sets of characters, as Python's `re` has them.

use crate::python::white_space;
use crate::python::word_chars;

const LAST: u32 = 0x10_ffff;

/// A set of code points: ranges in order, apart from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class(Vec<(u32, u32)>);

impl Class {
    pub fn of(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => joined.push((first, last)),
            }
        }
        Class(joined)
    }

    pub fn one(code_point: u32) -> Self {
        Class(vec![(code_point, code_point)])
    }

    /// All but `\n`, or all.
    pub fn dot(all: bool) -> Self {
        if all { Class(vec![(0, LAST)]) } else { Class::one(u32::from('\n')).complement() }
    }

    /// What `\d`, `\s`, `\w` and their opposites stand for.
    pub fn named(letter: char, ascii: bool) -> Option<Self> {
        let ranges = match (letter.to_ascii_lowercase(), ascii) {
            ('d', true) => vec![(0x30, 0x39)],
            ('d', false) => DECIMALS.iter().map(|&(first, tens)| (first, first + 10 * tens - 1)).collect(),
            ('s', true) => vec![(0x9, 0xd), (0x20, 0x20)],
            ('s', false) => white_space::RANGES.to_vec(),
            ('w', true) => word_chars::ASCII_RANGES.to_vec(),
            ('w', false) => word_chars::ranges().collect(),
            _ => return None,
        };
        let class = Class::of(ranges);
        Some(if letter.is_ascii_uppercase() { class.complement() } else { class })
    }

    pub fn complement(self) -> Self {
        let mut ranges = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(0);
        for (first, last) in self.0 {
            if let Some(start) = next.filter(|&start| start < first) {
                ranges.push((start, first - 1));
            }
            next = last.checked_add(1).filter(|&start| start <= LAST);
        }
        ranges.extend(next.map(|start| (start, LAST)));
        Class(ranges)
    }

    pub fn contains(&self, c: char) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= c as u32);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|&(_, last)| c as u32 <= last)
    }

    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// In the regex crate's syntax; surrogates, which no text has, are left out. None of an empty set, which that syntax lacks.
    pub fn to_regex(&self) -> Option<String> {
        let mut text = String::from("[");
        for &(first, last) in &self.0 {
            for (first, last) in [(first, last.min(0xd7ff)), (first.max(0xe000), last)] {
                if first <= last {
                    text.push_str(&format!(r"\x{{{first:x}}}-\x{{{last:x}}}"));
                }
            }
        }
        text.push(']');
        (text.len() > 2).then_some(text)
    }
}

/// Decimal digits (general category Nd) of Unicode 16.0: the first of a run, and how many times ten there are.
#[rustfmt::skip]
const DECIMALS: &[(u32, u32)] = &[
    (0x30, 1), (0x660, 1), (0x6f0, 1), (0x7c0, 1), (0x966, 1), (0x9e6, 1), (0xa66, 1), (0xae6, 1), (0xb66, 1), (0xbe6, 1),
    (0xc66, 1), (0xce6, 1), (0xd66, 1), (0xde6, 1), (0xe50, 1), (0xed0, 1), (0xf20, 1), (0x1040, 1), (0x1090, 1), (0x17e0, 1),
    (0x1810, 1), (0x1946, 1), (0x19d0, 1), (0x1a80, 1), (0x1a90, 1), (0x1b50, 1), (0x1bb0, 1), (0x1c40, 1), (0x1c50, 1), (0xa620, 1),
    (0xa8d0, 1), (0xa900, 1), (0xa9d0, 1), (0xa9f0, 1), (0xaa50, 1), (0xabf0, 1), (0xff10, 1), (0x104a0, 1), (0x10d30, 1), (0x10d40, 1),
    (0x11066, 1), (0x110f0, 1), (0x11136, 1), (0x111d0, 1), (0x112f0, 1), (0x11450, 1), (0x114d0, 1), (0x11650, 1), (0x116c0, 1), (0x116d0, 2),
    (0x11730, 1), (0x118e0, 1), (0x11950, 1), (0x11bf0, 1), (0x11c50, 1), (0x11d50, 1), (0x11da0, 1), (0x11f50, 1), (0x16130, 1), (0x16a60, 1),
    (0x16ac0, 1), (0x16b50, 1), (0x16d70, 1), (0x1ccf0, 1), (0x1d7ce, 5), (0x1e140, 1), (0x1e2f0, 1), (0x1e4f0, 1), (0x1e5f1, 1), (0x1e950, 1),
    (0x1fbf0, 1),
];

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{Class as HirClass, ClassUnicode, HirKind};

    fn known(pattern: &str) -> ClassUnicode {
        let hir = regex_syntax::parse(pattern).unwrap();
        let HirKind::Class(HirClass::Unicode(class)) = hir.kind() else { panic!("{pattern} is not a class") };
        class.clone()
    }

    #[test]
    fn digits_are_those_of_unicode_16() {
        let known: Vec<_> = known(r"\p{Nd}").iter().map(|range| (range.start() as u32, range.end() as u32)).collect();
        assert_eq!(Class::named('d', false).unwrap().ranges(), known);
    }

    #[test]
    fn classes_are_the_same_in_the_regex_crate_s_syntax() {
        for (letter, pattern) in [('w', r"[\p{L}\p{N}_]"), ('W', r"[^\p{L}\p{N}_]"), ('s', r"[\s\x1c-\x1f]"), ('D', r"\P{Nd}")] {
            let mut spelt = known(&Class::named(letter, false).unwrap().to_regex().unwrap());
            spelt.symmetric_difference(&known(pattern));
            assert!(spelt.ranges().is_empty(), "\\{letter}: {spelt:?}");
        }
        assert_eq!(Class::of(vec![(0, LAST)]).complement().to_regex(), None);
        assert_eq!(Class::one(0xd800).to_regex(), None);
    }

    #[test]
    fn a_set_and_its_complement_share_nothing_and_leave_nothing_out() {
        let class = Class::of(vec![(5, 9), (0, 2), (8, 20), (21, 22), (30, 30)]);
        assert_eq!(class.ranges(), [(0, 2), (5, 22), (30, 30)]);
        let other = class.clone().complement();
        assert_eq!(other.ranges(), [(3, 4), (23, 29), (31, LAST)]);
        assert!(('\0'..'\u{40}').all(|c| class.contains(c) != other.contains(c)));
        assert_eq!(other.complement(), class);
    }
}
