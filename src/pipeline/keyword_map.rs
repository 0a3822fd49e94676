//! From a whole keyword to its word numbers, remembered: keywords repeat, and 99 of 100 need not be taken apart again.
//!
//! Exact, because the words of a document are the words of its keywords one after the other (see [`Analyzer`](crate::Analyzer)).
//! Of fixed size: a keyword that comes may take the place of another, so that an archive without repeats costs time and no
//! memory. An entry holds text and numbers whole, so that a look-up waits for one cache line, where a hash map of strings waits
//! for four one after the other; and since a document's keywords are looked up together, the processor waits for many lines at once.

/// The numbers of a keyword's words lie below this; the four bits above hold counts.
const NUMBERS_END: u32 = 1 << 28;
/// An entry stands at its place or at one of the next.
const PROBES: usize = 4;

/// A map of fixed size (2.5 MiB) from keywords to the numbers of their words.
#[derive(Debug)]
pub(crate) struct KeywordMap {
    short: Short,
    long: Long,
}

/// Keywords of up to 22 bytes and two words, 32 bytes an entry.
type Short = Entries<3, 2>;
/// Keywords of up to 46 bytes and four words, 64 bytes an entry.
type Long = Entries<6, 4>;

/// A keyword made ready to be looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lookup {
    Short(Key<3>),
    Long(Key<6>),
}

/// What is known of one keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbered<'a> {
    /// The numbers of its words, in order; the bits above [`NUMBERS_END`] are to be cut off.
    packed: &'a [u32],
    /// How many of its words have no number.
    pub unknown: u32,
}

impl Numbered<'_> {
    /// The numbers of its words, in order.
    pub fn numbers(self) -> impl ExactSizeIterator<Item = u32> {
        self.packed.iter().map(|packed| packed % NUMBERS_END)
    }
}

impl Default for KeywordMap {
    fn default() -> Self {
        KeywordMap { short: Entries::new(1 << 16), long: Entries::new(1 << 13) }
    }
}

impl KeywordMap {
    /// Makes a keyword ready to be looked up, unless it is too long to be remembered.
    pub fn lookup(keyword: &[u8]) -> Option<Lookup> {
        Key::of(keyword).map(Lookup::Short).or_else(|| Key::of(keyword).map(Lookup::Long))
    }

    /// What is known of a keyword.
    pub fn get(&self, lookup: &Lookup) -> Option<Numbered<'_>> {
        match lookup {
            Lookup::Short(key) => self.short.get(key),
            Lookup::Long(key) => self.long.get(key),
        }
    }

    /// Remembers a keyword that [`get`](Self::get) does not know, if it has not too many words.
    pub fn insert(&mut self, lookup: &Lookup, numbers: &[u32], unknown: u32) {
        if unknown < 16 && numbers.iter().all(|&number| number < NUMBERS_END) {
            match lookup {
                Lookup::Short(key) => self.short.insert(key, numbers, unknown),
                Lookup::Long(key) => self.long.insert(key, numbers, unknown),
            };
        }
    }
}

/// A keyword's text, padded with zeros; the last byte is its length and one, so that no key is all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Key<WORDS> {
    fn of(keyword: &[u8]) -> Option<Self> {
        if keyword.len() + 2 > 8 * WORDS {
            return None;
        }
        let mut key = [0; WORDS];
        let (whole, rest) = keyword.as_chunks::<8>();
        for (word, bytes) in key.iter_mut().zip(whole) {
            *word = u64::from_le_bytes(*bytes);
        }
        // A byte at a time: to copy the rest and load it as one would make the processor wait for the copy.
        let rest = rest.iter().rev().fold(0, |rest, &byte| rest << 8 | u64::from(byte));
        if let Some(word) = key.get_mut(whole.len()) {
            *word = rest;
        }
        *key.last_mut()? |= (keyword.len() as u64 + 1) << 56;
        Some(Key(key))
    }

    /// Chosen keywords that fall into one place can only make the map forget, which costs what taking them apart costs.
    fn place(&self) -> usize {
        let mixed = self.0.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |mixed, &word| {
            let product = (mixed ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93);
            product ^ product >> 32
        });
        mixed as usize
    }
}

#[derive(Debug)]
struct Entries<const WORDS: usize, const NUMBERS: usize> {
    entries: Vec<Entry<WORDS, NUMBERS>>,
    /// Which of the full places is given up next.
    next: usize,
}

/// Aligned so that it lies in one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Entry<const WORDS: usize, const NUMBERS: usize> {
    key: Key<WORDS>,
    /// The numbers; in the high bits of the first, how many there are; in those of the second, how many words are unknown.
    numbers: [u32; NUMBERS],
}

impl<const WORDS: usize, const NUMBERS: usize> Entries<WORDS, NUMBERS> {
    const EMPTY: Key<WORDS> = Key([0; WORDS]);

    /// Room for `count` entries, a power of two.
    fn new(count: usize) -> Self {
        let empty = Entry { key: Self::EMPTY, numbers: [0; NUMBERS] };
        Entries { entries: vec![empty; count + PROBES - 1], next: 0 }
    }

    /// The places where the key may stand.
    fn places(&self, key: &Key<WORDS>) -> std::ops::Range<usize> {
        let first = key.place() & (self.entries.len() - PROBES);
        first..first + PROBES
    }

    fn get(&self, key: &Key<WORDS>) -> Option<Numbered<'_>> {
        let entry = self.entries.get(self.places(key))?.iter().find(|entry| entry.key == *key)?;
        let numbers = entry.numbers.as_slice();
        let [first, second, ..] = numbers else { return None };
        Some(Numbered { packed: numbers.get(..(first / NUMBERS_END) as usize)?, unknown: second / NUMBERS_END })
    }

    fn insert(&mut self, key: &Key<WORDS>, numbers: &[u32], unknown: u32) -> Option<()> {
        let mut packed = [0; NUMBERS];
        packed.get_mut(..numbers.len())?.copy_from_slice(numbers);
        let [first, second, ..] = packed.as_mut_slice() else { return None };
        *first += numbers.len() as u32 * NUMBERS_END;
        *second += unknown * NUMBERS_END;
        let places = self.places(key);
        let entries = self.entries.get_mut(places)?;
        let free = entries.iter().position(|entry| entry.key == Self::EMPTY);
        self.next = (self.next + 1) % PROBES;
        *entries.get_mut(free.unwrap_or(self.next))? = Entry { key: *key, numbers: packed };
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn get(map: &KeywordMap, keyword: &str) -> Option<(Vec<u32>, u32)> {
        map.get(&KeywordMap::lookup(keyword.as_bytes())?).map(|known| (known.numbers().collect(), known.unknown))
    }

    fn insert(map: &mut KeywordMap, keyword: &str, numbers: &[u32], unknown: u32) {
        if let Some(lookup) = KeywordMap::lookup(keyword.as_bytes()) {
            map.insert(&lookup, numbers, unknown);
        }
    }

    #[test]
    fn what_was_inserted_is_known_and_nothing_else() {
        let mut map = KeywordMap::default();
        let long = "universal religious imagery of all kinds";
        let known: [(&str, &[u32], u32); 5] = [
            ("young adult", &[7, NUMBERS_END - 1], 0),
            ("", &[], 0),
            ("the x-ray", &[9], 15),
            ("one two red roses in a vase", &[1, 2, 3], 1),
            (long, &[4, 5, 6, NUMBERS_END - 1], 15),
        ];
        for (keyword, numbers, unknown) in known {
            insert(&mut map, keyword, numbers, unknown);
        }
        for (keyword, numbers, unknown) in known {
            assert_eq!(get(&map, keyword), Some((numbers.to_vec(), unknown)), "{keyword}");
        }
        assert_eq!((get(&map, "young adult\0"), get(&map, "young")), (None, None));
    }

    #[test]
    fn what_does_not_fit_is_not_remembered() {
        let mut map = KeywordMap::default();
        let longest = "a".repeat(46);
        insert(&mut map, &longest, &[1], 0);
        insert(&mut map, &"a".repeat(47), &[1], 0);
        insert(&mut map, "five", &[1, 2, 3], 0);
        insert(&mut map, "large", &[NUMBERS_END], 0);
        insert(&mut map, "unknown", &[], 16);
        assert!(get(&map, &longest).is_some());
        for keyword in ["a".repeat(47).as_str(), "five", "large", "unknown"] {
            assert_eq!(get(&map, keyword), None, "{keyword}");
        }
    }

    #[test]
    fn a_billion_different_keywords_take_no_more_memory_than_a_few_thousand() {
        let mut map = KeywordMap::default();
        for i in 0..300_000_u32 {
            insert(&mut map, &format!("keyword {i}"), &[i], 0);
        }
        assert_eq!((map.short.entries.len(), map.long.entries.len()), ((1 << 16) + 3, (1 << 13) + 3));
        assert_eq!(get(&map, "keyword 299999"), Some((vec![299_999], 0)));
    }

    #[test]
    fn ordinary_keywords_find_room() {
        let mut map = KeywordMap::default();
        let keywords: Vec<String> = (0..30_000).map(|i| format!("keyword {i}")).collect();
        keywords.iter().for_each(|keyword| insert(&mut map, keyword, &[1], 0));
        let known = keywords.iter().filter(|keyword| get(&map, keyword).is_some()).count();
        assert!(known > 29_000, "{known} of 30000");
    }

    proptest! {
        #[test]
        fn the_map_never_answers_with_another_keywords_numbers(keywords in proptest::collection::vec("[ab\0é]{0,30}", 1..200)) {
            let mut map = KeywordMap::default();
            let numbers: HashMap<&str, u32> = keywords.iter().map(String::as_str).zip(0..).collect();
            for (keyword, &number) in &numbers {
                insert(&mut map, keyword, &[number], number % 16);
            }
            for (keyword, &number) in &numbers {
                if let Some(known) = get(&map, keyword) {
                    prop_assert_eq!(known, (vec![number], number % 16));
                }
            }
        }
    }
}
