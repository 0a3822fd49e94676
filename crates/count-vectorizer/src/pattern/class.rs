//! Sets of characters with the contents that Python's `re` gives them.

use crate::python::white_space;
use crate::python::word_chars;

const LAST: u32 = 0x10_ffff;

/// A set of code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    /// The first and the last code point of each range. The ranges are sorted and do not touch.
    ranges: Vec<(u32, u32)>,
    /// One bit for each ASCII character, because most characters are ASCII.
    ascii: u128,
}

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
        Class::sorted(joined)
    }

    fn sorted(ranges: Vec<(u32, u32)>) -> Self {
        let has = |code_point: u32| ranges.iter().any(|&(first, last)| (first..=last).contains(&code_point));
        let ascii = (0..128).filter(|&c| has(c)).fold(0, |bits, c| bits | 1 << c);
        Class { ranges, ascii }
    }

    pub fn one(code_point: u32) -> Self {
        Class::of(vec![(code_point, code_point)])
    }

    /// `.`: any character, or any but a newline.
    pub fn dot(all: bool) -> Self {
        if all { Class::of(vec![(0, LAST)]) } else { Class::one(u32::from('\n')).complement() }
    }

    /// The set of `\d`, `\s`, `\w` or one of their opposites.
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
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = Some(0);
        for (first, last) in self.ranges {
            if let Some(start) = next.filter(|&start| start < first) {
                ranges.push((start, first - 1));
            }
            next = last.checked_add(1).filter(|&start| start <= LAST);
        }
        ranges.extend(next.map(|start| (start, LAST)));
        Class::sorted(ranges)
    }

    pub fn contains(&self, c: char) -> bool {
        if c.is_ascii() { self.ascii >> u32::from(c) & 1 == 1 } else { self.has(c.into()) }
    }

    /// [`contains`](Self::contains) for a code point, which may be a surrogate.
    pub fn has(&self, code_point: u32) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= code_point);
        let range = after.checked_sub(1).and_then(|at| self.ranges.get(at));
        range.is_some_and(|&(_, last)| code_point <= last)
    }

    /// The set and these code points.
    pub fn with(&self, code_points: impl Iterator<Item = u32>) -> Self {
        let ranges = self.ranges.iter().copied();
        Class::of(ranges.chain(code_points.map(|c| (c, c))).collect())
    }

    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }
}

/// Decimal digits (general category Nd) of Unicode 16.0: the first of a run, and the length of the run in tens.
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
    fn named_classes_are_those_of_unicode_16() {
        let python = [('w', r"[\p{L}\p{N}_]"), ('W', r"[^\p{L}\p{N}_]"), ('s', r"[\s\x1c-\x1f]"), ('D', r"\P{Nd}")];
        for (letter, pattern) in python {
            let class = Class::named(letter, false).unwrap();
            let known = known(pattern);
            let is_known = |c: char| {
                let after = known.ranges().partition_point(|range| range.start() <= c);
                after.checked_sub(1).is_some_and(|at| c <= known.ranges()[at].end())
            };
            let differ: Vec<char> = ('\0'..='\u{20000}').filter(|&c| class.contains(c) != is_known(c)).collect();
            assert!(differ.is_empty(), "\\{letter}: {differ:?}");
        }
    }

    #[test]
    fn a_set_and_its_complement_are_disjoint_and_complete() {
        let class = Class::of(vec![(5, 9), (0, 2), (8, 20), (21, 22), (30, 30)]);
        assert_eq!(class.ranges(), [(0, 2), (5, 22), (30, 30)]);
        let other = class.clone().complement();
        assert_eq!(other.ranges(), [(3, 4), (23, 29), (31, LAST)]);
        assert!(('\0'..'\u{40}').all(|c| class.contains(c) != other.contains(c)));
        assert_eq!(other.complement(), class);
    }
}
