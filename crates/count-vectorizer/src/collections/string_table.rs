//! Distinct strings by number, and their numbers by string.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::string_list::StringList;

/// Distinct strings and their numbers, which count up from 0 in the order of insertion.
///
/// A string takes its text and about 14 bytes.
///
/// ```
/// use count_vectorizer::StringTable;
///
/// let mut table = StringTable::default();
/// assert_eq!((table.insert("dog"), table.insert("cat")), ((0, true), (1, true)));
/// assert_eq!(table.insert("dog"), (0, false));
/// assert_eq!((table.find("cat"), table.find("bird")), (Some(1), None));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StringTable {
    strings: StringList,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl StringTable {
    /// Returns the number of strings.
    pub fn len(&self) -> usize {
        self.strings.len()
    }

    /// Returns whether there is no string.
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }

    /// Returns the string with this number.
    pub fn get(&self, number: u32) -> Option<&str> {
        self.strings.get(number)
    }

    /// Returns the number of `string`, if the table contains it.
    pub fn find(&self, string: &str) -> Option<u32> {
        let is_it = |&number: &u32| self.strings.get(number) == Some(string);
        self.index.find(self.hasher.hash_one(string), is_it).copied()
    }

    /// Adds `string` if the table does not contain it. Returns its number, and whether it was
    /// added.
    pub fn insert(&mut self, string: &str) -> (u32, bool) {
        let StringTable { strings, index, hasher } = self;
        let hash = hasher.hash_one(string);
        if let Some(&number) = index.find(hash, |&number| strings.get(number) == Some(string)) {
            return (number, false);
        }
        let number = strings.push(string);
        let hash_of = |&other: &u32| hasher.hash_one(strings.get(other).unwrap_or_default());
        index.insert_unique(hash, number, hash_of);
        (number, true)
    }

    /// Returns the strings in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone + '_ {
        self.strings.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_share_a_number_and_numbers_count_up() {
        let mut table = StringTable::default();
        let strings = ["dog", "cat", "dog", "", "caté", ""];
        let numbers = strings.map(|string| table.insert(string));
        assert_eq!(numbers, [(0, true), (1, true), (0, false), (2, true), (3, true), (2, false)]);
        assert_eq!(table.iter().collect::<Vec<_>>(), ["dog", "cat", "", "caté"]);
        assert_eq!((table.find("cat"), table.find("ca")), (Some(1), None));
        assert_eq!((table.get(3), table.get(4)), (Some("caté"), None));
    }
}
