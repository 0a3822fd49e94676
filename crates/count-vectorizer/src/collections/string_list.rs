//! Strings by number, one after the other in one buffer.

/// Strings and their numbers, which count up from 0.
///
/// A string takes its text and 8 bytes.
///
/// ```
/// use count_vectorizer::StringList;
///
/// let mut list = StringList::default();
/// assert_eq!((list.push("dog"), list.push("cat"), list.push("dog")), (0, 1, 2));
/// assert_eq!((list.get(1), list.get(3)), (Some("cat"), None));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StringList {
    text: String,
    /// Where each string ends in `text`. It starts where the string before it ends.
    ends: Vec<usize>,
}

impl StringList {
    /// Returns the number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there is no string.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a string and returns its number.
    pub fn push(&mut self, string: &str) -> u32 {
        // 2^32 strings take more memory than any file that is read here may fill.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(string);
        self.ends.push(self.text.len());
        number
    }

    /// Returns the string with this number.
    pub fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let start = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.text.get(start..*self.ends.get(number)?)
    }

    /// Returns the strings in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone + '_ {
        (0..self.ends.len()).map(|number| self.get(number as u32).unwrap_or_default())
    }
}
