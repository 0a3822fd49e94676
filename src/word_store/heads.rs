//! The compact form of the names of images, and of the numbers of their words.
//!
//! An image has five numbers of variable length (the distance of its record from the record before,
//! 0 or its place in the list plus 1, the length of its name, 0 or the length of its second name
//! plus 1, 0 or the number of its words plus 1), and both names.

/// What determines the place of an image among those of all inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordKey {
    /// The number of its file among the inputs.
    pub input: u32,
    /// The number of its record, or of its member in the order in which members are read.
    pub number: u64,
}

/// What a store knows of an image without reading its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    /// The place of the image in the split.
    pub place: usize,
    /// Where it was found. `None` if it is only in the list, or if the store does not know it.
    pub key: Option<RecordKey>,
    /// The name of the image, empty if the split has the names.
    pub name: &'a str,
    /// A second name, for people.
    pub display_name: Option<&'a str>,
    /// The number of its words. `None` if it was skipped.
    pub words: Option<u32>,
}

/// An image in compact form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredImage<'a> {
    /// The number of its record.
    pub number: u64,
    /// Its place in the list, if there is one.
    pub listed: Option<u32>,
    pub name: &'a str,
    /// A second name, for people. If the input has members, it is the name of the member.
    pub second_name: Option<&'a str>,
    /// The number of its words. `None` if it was skipped.
    pub words: Option<u32>,
}

impl<'a> StoredImage<'a> {
    /// Appends the image. `before` is the number of the record before it.
    pub fn push(self, before: u64, bytes: &mut Vec<u8>) {
        push_number(self.number.saturating_sub(before), bytes);
        push_number(self.listed.map_or(0, |place| u64::from(place) + 1), bytes);
        push_number(self.name.len() as u64, bytes);
        push_number(self.second_name.map_or(0, |name| name.len() as u64 + 1), bytes);
        push_number(self.words.map_or(0, |words| u64::from(words) + 1), bytes);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(self.second_name.unwrap_or_default().as_bytes());
    }

    /// Takes the first image of `bytes`. `before` is the number of the record before it.
    pub fn take(bytes: &mut &'a [u8], before: u64) -> Option<Self> {
        let number = before.wrapping_add(take_number(bytes)?);
        let listed = take_number(bytes)?.checked_sub(1).map(|place| place as u32);
        let name = take_number(bytes)? as usize;
        let second_name = take_number(bytes)?.checked_sub(1);
        let words = take_number(bytes)?.checked_sub(1).map(|words| words as u32);
        let name = take_text(bytes, name)?;
        let second_name = second_name.and_then(|len| take_text(bytes, len as usize));
        Some(StoredImage { number, listed, name, second_name, words })
    }
}

/// Appends a number as groups of seven bits. All bytes but the last have the highest bit.
pub(super) fn push_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number that [`push_number`] appended.
#[inline]
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    match bytes.split_first() {
        // Nearly every number.
        Some((&byte, rest)) if byte < 0x80 => {
            *bytes = rest;
            Some(byte.into())
        }
        _ => take_long_number(bytes),
    }
}

fn take_long_number(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
}

fn take_text<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a str> {
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

/// The images of a batch, one after the other.
pub(super) struct StoredImages<'a> {
    bytes: &'a [u8],
    /// The number of the record before.
    number: u64,
}

impl<'a> StoredImages<'a> {
    /// The images in `bytes`. The record of the first has this number.
    pub fn new(bytes: &'a [u8], number: u64) -> Self {
        StoredImages { bytes, number }
    }
}

impl<'a> Iterator for StoredImages<'a> {
    type Item = StoredImage<'a>;

    fn next(&mut self) -> Option<StoredImage<'a>> {
        let image = StoredImage::take(&mut self.bytes, self.number)?;
        self.number = image.number;
        Some(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_come_back() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX) + 1, u64::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| push_number(*number, &mut bytes));
        let mut left = bytes.as_slice();
        assert_eq!(numbers.map(|_| take_number(&mut left).unwrap()), numbers);
        assert_eq!((left.len(), take_number(&mut left)), (0, None));
        assert_eq!(take_number(&mut [0xff; 12].as_slice()), None, "no number has as many bytes");
    }

    #[test]
    fn images_come_back_one_after_the_other() {
        let image = |number, listed, name, second_name, words| StoredImage { number, listed, name, second_name, words };
        let images = [
            image(7, None, "a", None, Some(2)),
            image(8, Some(0), "", Some("b.jpg"), None),
            image(300, Some(u32::MAX - 1), "é", Some(""), Some(0)),
            image(301, None, "long", None, Some(1 << 20)),
        ];
        let mut bytes = Vec::new();
        images.into_iter().zip([7, 7, 8, 300]).for_each(|(image, before)| image.push(before, &mut bytes));
        assert_eq!(StoredImages::new(&bytes, 7).collect::<Vec<_>>(), images);
    }
}
