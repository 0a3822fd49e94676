//! Distinct strings, numbered in the order in which they came: one arena for the text, one index by hash.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Distinct strings and their numbers, which count up from 0. About 14 bytes a string beside its text.
#[derive(Debug, Clone, Default)]
pub struct StringTable {
    text: String,
    /// Where each string ends in `text`; it starts where the one before it ends.
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl StringTable {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string with this number.
    pub fn get(&self, number: u32) -> Option<&str> {
        slice(&self.text, &self.ends, number)
    }

    /// The number of `string`, if it is here.
    pub fn find(&self, string: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(string);
        self.index.find(hash, |&number| slice(&self.text, &self.ends, number) == Some(string)).copied()
    }

    /// The number of `string`, which is added if it is not here; and whether it was added.
    pub fn insert(&mut self, string: &str) -> (u32, bool) {
        let StringTable { text, ends, index, hasher } = self;
        let hash = hasher.hash_one(string);
        if let Some(&number) = index.find(hash, |&number| slice(text, ends, number) == Some(string)) {
            return (number, false);
        }
        // 2^32 different strings of two letters do not fit into any memory this could run in.
        let number = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        text.push_str(string);
        ends.push(text.len());
        index.insert_unique(hash, number, |&other| hasher.hash_one(slice(text, ends, other).unwrap_or_default()));
        (number, true)
    }

    /// The strings in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone + '_ {
        (0..self.ends.len()).map(|number| slice(&self.text, &self.ends, number as u32).unwrap_or_default())
    }
}

fn slice<'a>(text: &'a str, ends: &[usize], number: u32) -> Option<&'a str> {
    let number = number as usize;
    let start = if number == 0 { 0 } else { *ends.get(number - 1)? };
    text.get(start..*ends.get(number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_share_a_number_and_numbers_count_up() {
        let mut table = StringTable::default();
        let numbers: Vec<_> = ["dog", "cat", "dog", "", "caté", ""].iter().map(|s| table.insert(s)).collect();
        assert_eq!(numbers, [(0, true), (1, true), (0, false), (2, true), (3, true), (2, false)]);
        assert_eq!(table.iter().collect::<Vec<_>>(), ["dog", "cat", "", "caté"]);
        assert_eq!((table.find("cat"), table.find("ca"), table.get(3), table.get(4)), (Some(1), None, Some("caté"), None));
    }
}
