//! `(?i)`: which characters Python's `re` takes for the same letter.
//!
//! Python compares lower-case characters one by one. In addition, some lower-case letters are
//! equal because they have the same capital letter, such as `s` and `ſ`.

use std::sync::LazyLock;

use super::class::Class;
use crate::python::unassigned::is_unassigned;

/// How letters are compared without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folding {
    /// `(?ai)`: only ASCII letters have a case.
    Ascii,
    Unicode,
}

/// A character that has another lower-case character.
#[derive(Debug, Clone, Copy)]
struct Cased {
    upper: u32,
    lower: u32,
}

static UNICODE: LazyLock<Vec<Cased>> = LazyLock::new(|| {
    let all = '\0'..LAST_CASED;
    all.map(|c| Cased { upper: c.into(), lower: unicode_lower(c).into() }).filter(|cased| cased.upper != cased.lower).collect()
});

static ASCII: LazyLock<Vec<Cased>> =
    LazyLock::new(|| ('A'..='Z').map(|c| Cased { upper: c.into(), lower: c.to_ascii_lowercase().into() }).collect());

/// No character from here on has a case.
const LAST_CASED: char = '\u{20000}';

/// Lower-case characters that have the same upper-case character.
const SAME_UPPER: &[&[u32]] = &[
    &[0x69, 0x131],
    &[0x73, 0x17f],
    &[0xb5, 0x3bc],
    &[0x345, 0x3b9, 0x1fbe],
    &[0x390, 0x1fd3],
    &[0x3b0, 0x1fe3],
    &[0x3b2, 0x3d0],
    &[0x3b5, 0x3f5],
    &[0x3b8, 0x3d1],
    &[0x3ba, 0x3f0],
    &[0x3c0, 0x3d6],
    &[0x3c1, 0x3f1],
    &[0x3c2, 0x3c3],
    &[0x3c6, 0x3d5],
    &[0x432, 0x1c80],
    &[0x434, 0x1c81],
    &[0x43e, 0x1c82],
    &[0x441, 0x1c83],
    &[0x442, 0x1c84, 0x1c85],
    &[0x44a, 0x1c86],
    &[0x463, 0x1c87],
    &[0x1c88, 0xa64b],
    &[0x1e61, 0x1e9b],
    &[0xfb05, 0xfb06],
];

impl Folding {
    /// All characters that are equal to one of `class`.
    pub fn fold(self, class: &Class) -> Class {
        let (cased, same_upper) = match self {
            Folding::Ascii => (&*ASCII, [].as_slice()),
            Folding::Unicode => (&*UNICODE, SAME_UPPER),
        };
        let lower = cased.iter().filter(|cased| class.has(cased.upper)).map(|cased| cased.lower);
        let mut folded = class.with(lower);
        let groups = same_upper.iter().filter(|group| group.iter().any(|&c| folded.has(c)));
        folded = folded.with(groups.flat_map(|group| group.iter().copied()));
        let upper = cased.iter().filter(|cased| folded.has(cased.lower)).map(|cased| cased.upper);
        folded.with(upper)
    }

    /// Whether a backreference takes `a` and `b` for equal. Python compares only lower case there.
    pub fn equal(self, a: char, b: char) -> bool {
        match self {
            Folding::Ascii => a.eq_ignore_ascii_case(&b),
            Folding::Unicode => unicode_lower(a) == unicode_lower(b),
        }
    }
}

/// The one lower-case character of `c`. Only `İ` has two, of which Python takes the first.
fn unicode_lower(c: char) -> char {
    let lower = c.to_lowercase().next().unwrap_or(c);
    if is_unassigned(c) || is_unassigned(lower) { c } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_after_the_last_cased_one_has_a_case() {
        assert!((LAST_CASED..=char::MAX).all(|c| unicode_lower(c) == c));
    }

    #[test]
    fn lower_case_is_final_and_keeps_a_character_in_its_category() {
        for letter in ['d', 's', 'w'] {
            let class = Class::named(letter, false).unwrap();
            for cased in UNICODE.iter() {
                assert_eq!(class.has(cased.upper), class.has(cased.lower), "\\{letter} {cased:?}");
            }
        }
        let lower = |c: u32| char::from_u32(c).map(|c| u32::from(unicode_lower(c)));
        assert!(UNICODE.iter().all(|cased| lower(cased.lower) == Some(cased.lower)));
    }

    #[test]
    fn letters_with_the_same_capital_are_equal() {
        let folded = |c: char, folding: Folding| {
            let class = folding.fold(&Class::one(c.into()));
            ('\0'..=char::MAX).filter(|&c| class.contains(c)).collect::<String>()
        };
        assert_eq!(folded('s', Folding::Unicode), "Ssſ");
        assert_eq!(folded('K', Folding::Unicode), "Kk\u{212a}");
        assert_eq!(folded('i', Folding::Unicode), "Iiİı");
        assert_eq!(folded('ß', Folding::Unicode), "ßẞ");
        assert_eq!(folded('Σ', Folding::Unicode), "Σςσ");
        assert_eq!(folded('S', Folding::Ascii), "Ss");
        assert_eq!(folded('é', Folding::Ascii), "é");
    }
}
