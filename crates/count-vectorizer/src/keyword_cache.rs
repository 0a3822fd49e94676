//! The cache from whole keywords to the numbers of their terms.
//!
//! Keywords repeat: 99 of 100 are in the cache and need no analysis. The cache is exact, because
//! the terms of a document are the terms of one keyword after the other (see
//! [`Analyzer`](crate::Analyzer)). It is bounded: a full cache is cleared, so input without repeats
//! costs time but no memory.
//!
//! Its speed depends on how much memory the lookups touch. The index takes 2 bytes per keyword and
//! stays in the processor's cache. The entries contain their text and numbers. They are in the
//! order in which keywords were first seen, so common keywords are close together. The index is
//! asked for all keywords of a document before the first entry is read, so that the waits for
//! memory overlap. This takes 2 % off a whole run.

use hashbrown::HashTable;

/// The greatest number of keywords of each kind, which a `u16` can number.
const MOST: usize = 1 << 16;
/// The end of the numbers that can be cached. The four bits above contain counts.
const NUMBERS_END: u32 = 1 << 28;

/// A bounded map from keywords to the numbers of their terms. It takes at most 15 MiB, and mostly
/// less than 2.
#[derive(Debug, Default)]
pub struct KeywordCache {
    /// Keywords of up to 22 bytes. An entry takes 32 bytes.
    short: Entries<3, 2>,
    /// Keywords of up to 46 bytes. An entry takes 64 bytes.
    long: Entries<6, 4>,
}

/// A keyword as lookup key.
#[derive(Debug, Clone, Copy)]
pub struct Hashed<const WORDS: usize> {
    key: Key<WORDS>,
    hash: u64,
}

/// A keyword of up to 22 bytes.
pub type ShortKeyword = Hashed<3>;
/// A keyword of up to 46 bytes.
pub type LongKeyword = Hashed<6>;

impl<const WORDS: usize> Hashed<WORDS> {
    /// Returns the lookup key of a keyword, or `None` if the keyword is too long.
    pub fn new(keyword: &[u8]) -> Option<Self> {
        let key = Key::new(keyword)?;
        Some(Hashed { key, hash: key.hash() })
    }

    /// Calls `with` with the text of the keyword.
    pub fn with_text<T>(&self, with: impl FnOnce(&[u8]) -> T) -> T {
        let bytes = self.key.0.map(u64::to_le_bytes);
        let flat = bytes.as_flattened();
        let len = usize::from(flat.last().copied().unwrap_or(1)) - 1;
        with(flat.get(..len).unwrap_or_default())
    }
}

impl ShortKeyword {
    /// Returns the lookup key of the first `len` bytes of `text`, or `None` if `text` has less than
    /// 24 bytes. The 24 bytes are loaded as a whole, and those after the keyword are masked out.
    #[inline]
    pub fn at(text: &[u8], len: usize) -> Option<Self> {
        let masks = MASKS.get(len)?;
        let [a, b, c] = text.first_chunk::<24>()?.as_chunks::<8>().0 else { return None };
        let [a, b, c] = [a, b, c].map(|bytes| u64::from_le_bytes(*bytes));
        let key = Key([a & masks[0], b & masks[1], c & masks[2] | (len as u64 + 1) << 56]);
        Some(Hashed { key, hash: key.hash() })
    }
}

/// For each length up to 22, the bits of the keyword in three words.
const MASKS: [[u64; 3]; 23] = masks();

#[allow(clippy::indexing_slicing)]
const fn masks() -> [[u64; 3]; 23] {
    let mut masks = [[0; 3]; 23];
    let mut byte = 0;
    while byte < 22 * 23 {
        let (len, at) = (byte / 22, byte % 22);
        if at < len {
            masks[len][at / 8] |= 0xff << (8 * (at % 8));
        }
        byte += 1;
    }
    masks
}

/// The likely place of a keyword in the cache. For a cached keyword, it is nearly always right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guess(u16);

impl KeywordCache {
    /// Returns the likely place of a short keyword. This reads only the index, so that the
    /// processor can wait for many answers at once.
    #[inline]
    pub fn guess(&self, keyword: &ShortKeyword) -> Guess {
        self.short.guess(keyword)
    }

    /// Writes the numbers of a short keyword's terms to `room`. Returns how many terms have a
    /// number, and how many have none. Returns `None` if the keyword is not at the guess, or if it
    /// has more than two terms with a number. Nearly all keywords have at most two.
    #[inline]
    pub fn short(&self, keyword: &ShortKeyword, Guess(place): Guess, room: &mut [u32; 2]) -> Option<(u32, u32)> {
        let entry = self.short.entries.get(usize::from(place)).filter(|entry| entry.key == keyword.key)?;
        *room = entry.numbers.map(|number| number % NUMBERS_END);
        Some(entry.counts()).filter(|(count, _)| *count <= 2)
    }

    /// Appends the numbers of a short keyword's terms to `words`. Returns how many terms have no
    /// number, or `None` if the keyword is not in the cache.
    #[inline]
    pub fn extend_short(&self, keyword: &ShortKeyword, words: &mut Vec<u32>) -> Option<u32> {
        self.short.extend(keyword, words)
    }

    /// [`extend_short`](Self::extend_short) for a longer keyword.
    pub fn extend_long(&self, keyword: &LongKeyword, words: &mut Vec<u32>) -> Option<u32> {
        self.long.extend(keyword, words)
    }

    /// Adds a short keyword that is not in the cache, unless it has too many terms.
    pub fn insert_short(&mut self, keyword: &ShortKeyword, numbers: &[u32], unknown: u32) {
        self.short.insert(keyword, numbers, unknown);
    }

    /// [`insert_short`](Self::insert_short) for a longer keyword.
    pub fn insert_long(&mut self, keyword: &LongKeyword, numbers: &[u32], unknown: u32) {
        self.long.insert(keyword, numbers, unknown);
    }
}

/// The text of a keyword, padded with zeros. The last byte is the length plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Key<WORDS> {
    fn new(keyword: &[u8]) -> Option<Self> {
        if keyword.len() + 2 > 8 * WORDS {
            return None;
        }
        let mut key = [0; WORDS];
        let (whole, rest) = keyword.as_chunks::<8>();
        for (word, bytes) in key.iter_mut().zip(whole) {
            *word = u64::from_le_bytes(*bytes);
        }
        if let Some(word) = key.get_mut(whole.len()) {
            *word = padded(rest, keyword);
        }
        *key.last_mut()? |= (keyword.len() as u64 + 1) << 56;
        Some(Key(key))
    }

    /// Returns the hash. Keywords that are chosen to have the same hash make the cache slow, but
    /// not wrong. The number of keywords in it is bounded.
    fn hash(&self) -> u64 {
        // The products do not depend on each other.
        let (mut mixed, mut factor) = (0, 0x9e37_79b9_7f4a_7c15_u64);
        for &word in &self.0 {
            mixed ^= word.wrapping_mul(factor).rotate_left(29);
            factor = factor.wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

/// Returns the last bytes of `keyword` as a number. `rest` is these bytes, fewer than 8. They are
/// loaded as a whole where possible, because the processor would wait for a copy of a few bytes.
fn padded(rest: &[u8], keyword: &[u8]) -> u64 {
    if let (Some(last), 1..) = (keyword.last_chunk::<8>(), rest.len()) {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest.len());
    }
    match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (rest.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => rest.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    }
}

#[derive(Debug, Default)]
struct Entries<const WORDS: usize, const NUMBERS: usize> {
    index: HashTable<u16>,
    entries: Vec<Entry<WORDS, NUMBERS>>,
    /// The numbers of keywords with more terms than fit into an entry.
    more: Vec<u32>,
}

/// A keyword with its numbers. An entry of 32 bytes is within one line of the processor's cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Entry<const WORDS: usize, const NUMBERS: usize> {
    key: Key<WORDS>,
    /// The numbers, or the start of the numbers in `Entries::more`. The high bits of the first
    /// element contain the number of numbers. Those of the second contain the number of unknown
    /// terms.
    numbers: [u32; NUMBERS],
}

impl<const WORDS: usize, const NUMBERS: usize> Entry<WORDS, NUMBERS> {
    /// Returns how many terms have a number, and how many have none.
    fn counts(&self) -> (u32, u32) {
        match self.numbers.as_slice() {
            [first, second, ..] => (first / NUMBERS_END, second / NUMBERS_END),
            _ => (0, 0),
        }
    }
}

impl<const WORDS: usize, const NUMBERS: usize> Entries<WORDS, NUMBERS> {
    fn guess(&self, keyword: &Hashed<WORDS>) -> Guess {
        Guess(self.index.find(keyword.hash, |_| true).copied().unwrap_or(0))
    }

    fn find(&self, keyword: &Hashed<WORDS>) -> Option<&Entry<WORDS, NUMBERS>> {
        let is_it = |&place: &u16| self.entries.get(usize::from(place)).is_some_and(|entry| entry.key == keyword.key);
        self.entries.get(usize::from(*self.index.find(keyword.hash, is_it)?))
    }

    fn extend(&self, keyword: &Hashed<WORDS>, words: &mut Vec<u32>) -> Option<u32> {
        let entry = self.find(keyword)?;
        let (count, unknown) = entry.counts();
        let numbers = entry.numbers.map(|number| number % NUMBERS_END);
        let numbers = match count as usize > NUMBERS {
            true => self.more.get(numbers.first().copied()? as usize..)?,
            false => &numbers,
        };
        words.extend_from_slice(numbers.get(..count as usize)?);
        Some(unknown)
    }

    fn insert(&mut self, keyword: &Hashed<WORDS>, numbers: &[u32], unknown: u32) -> Option<()> {
        if self.entries.len() >= MOST {
            self.index.clear();
            self.entries.clear();
            self.more.clear();
        }
        let start = [self.more.len() as u32];
        let has_room = numbers.len() <= NUMBERS;
        let packed = packed(if has_room { numbers } else { &start }, numbers.len(), unknown)?;
        if !has_room {
            self.more.extend_from_slice(numbers);
        }
        let place = u16::try_from(self.entries.len()).ok()?;
        self.entries.push(Entry { key: keyword.key, numbers: packed });
        let entries = &self.entries;
        let hash = |&place: &u16| entries.get(usize::from(place)).map_or(0, |entry| entry.key.hash());
        self.index.insert_unique(keyword.hash, place, hash);
        Some(())
    }
}

/// Returns numbers and counts in the form of an entry, or `None` if they are too large.
fn packed<const NUMBERS: usize>(numbers: &[u32], count: usize, unknown: u32) -> Option<[u32; NUMBERS]> {
    let mut packed = [0; NUMBERS];
    packed.get_mut(..numbers.len())?.copy_from_slice(numbers);
    if count >= 16 || unknown >= 16 || packed.iter().any(|&number| number >= NUMBERS_END) {
        return None;
    }
    let [first, second, ..] = packed.as_mut_slice() else { return None };
    *first += count as u32 * NUMBERS_END;
    *second += unknown * NUMBERS_END;
    Some(packed)
}

#[cfg(test)]
mod tests;
