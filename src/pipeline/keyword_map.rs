//! From a whole keyword to its word numbers, remembered: keywords repeat, and 99 of 100 need not be taken apart again.
//!
//! Exact, because the words of a document are the words of its keywords one after the other (see [`Analyzer`](crate::Analyzer)).
//! Bounded: when it is full it starts anew, so that an archive without repeats costs time and no memory.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// How much text and how many keywords are remembered.
const MOST_TEXT: usize = 2 << 20;
const MOST_KEYWORDS: usize = 1 << 16;
/// A longer keyword is taken apart each time.
const LONGEST: usize = 255;

/// What is known of one keyword.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Numbered<'a> {
    /// The numbers of its words, in order.
    pub numbers: &'a [u32],
    /// How many of its words have no number.
    pub unknown: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    text_start: u32,
    numbers_start: u32,
    text_len: u8,
    numbers_len: u8,
    unknown: u8,
}

/// A bounded map from keywords to the numbers of their words.
#[derive(Debug, Default)]
pub(crate) struct KeywordMap {
    index: HashTable<Entry>,
    hasher: DefaultHashBuilder,
    text: Vec<u8>,
    numbers: Vec<u32>,
}

impl KeywordMap {
    /// What is known of `keyword`.
    pub fn get(&self, keyword: &[u8]) -> Option<Numbered<'_>> {
        if keyword.len() > LONGEST {
            return None;
        }
        let hash = self.hasher.hash_one(keyword);
        let entry = self.index.find(hash, |entry| entry.text(&self.text) == Some(keyword))?;
        let start = entry.numbers_start as usize;
        let numbers = self.numbers.get(start..start + usize::from(entry.numbers_len))?;
        Some(Numbered { numbers, unknown: u32::from(entry.unknown) })
    }

    /// Remembers a keyword that [`get`](Self::get) does not know.
    pub fn insert(&mut self, keyword: &[u8], numbered: Numbered<'_>) {
        if self.index.len() >= MOST_KEYWORDS || self.text.len() + keyword.len() > MOST_TEXT {
            self.index.clear();
            self.text.clear();
            self.numbers.clear();
        }
        let Some(entry) = self.entry(keyword, numbered) else { return };
        self.text.extend_from_slice(keyword);
        self.numbers.extend_from_slice(numbered.numbers);
        let (text, hasher) = (&self.text, &self.hasher);
        self.index.insert_unique(hasher.hash_one(keyword), entry, |other| hasher.hash_one(other.text(text).unwrap_or_default()));
    }

    /// The entry that the keyword would get, unless it is too long to be remembered.
    fn entry(&self, keyword: &[u8], numbered: Numbered<'_>) -> Option<Entry> {
        Some(Entry {
            text_start: u32::try_from(self.text.len()).ok()?,
            numbers_start: u32::try_from(self.numbers.len()).ok()?,
            text_len: u8::try_from(keyword.len()).ok()?,
            numbers_len: u8::try_from(numbered.numbers.len()).ok()?,
            unknown: u8::try_from(numbered.unknown).ok()?,
        })
    }
}

impl Entry {
    fn text<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        let start = self.text_start as usize;
        text.get(start..start + usize::from(self.text_len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_is_known_and_nothing_else() {
        let mut map = KeywordMap::default();
        map.insert(b"young adult", Numbered { numbers: &[7, 3], unknown: 0 });
        map.insert(b"", Numbered::default());
        map.insert(b"the x-ray", Numbered { numbers: &[9], unknown: 2 });
        assert_eq!(map.get(b"young adult").unwrap().numbers, [7, 3]);
        assert_eq!(map.get(b"").unwrap(), Numbered::default());
        assert_eq!(map.get(b"the x-ray").unwrap(), Numbered { numbers: &[9], unknown: 2 });
        assert_eq!(map.get(b"young"), None);
    }

    #[test]
    fn a_billion_different_keywords_take_no_more_memory_than_a_few_thousand() {
        let mut map = KeywordMap::default();
        for i in 0..300_000_u32 {
            map.insert(format!("keyword number {i:032}").as_bytes(), Numbered { numbers: &[i], unknown: 0 });
        }
        assert!(map.index.len() <= MOST_KEYWORDS && map.text.len() <= MOST_TEXT && map.numbers.len() <= MOST_KEYWORDS);
        assert_eq!(map.get(format!("keyword number {:032}", 299_999).as_bytes()).unwrap().numbers, [299_999]);
    }

    #[test]
    fn a_keyword_too_long_is_not_remembered() {
        let mut map = KeywordMap::default();
        let long = vec![b'a'; LONGEST + 1];
        map.insert(&long, Numbered { numbers: &[1], unknown: 0 });
        assert_eq!(map.get(&long), None);
    }
}
