//! The compact form of the names of the images of a batch, and of the numbers of their words.
//!
//! An image has four numbers of variable length (the distance of its record from the record before,
//! the length of its name, 0 or the length of its second name plus 1, 0 or the number of its words
//! plus 1), and both names.

/// What a store knows of an image without reading its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    /// The place of the image in the split.
    pub place: usize,
    /// The number of its record in its file. It is 0 if the store does not know it.
    pub number: u64,
    /// The name of an image in a stream, otherwise empty.
    pub name: &'a str,
    /// A second name, for people.
    pub display_name: Option<&'a str>,
    /// The number of its words. `None` if it was skipped.
    pub words: Option<u32>,
}

/// Appends the head of an image. `distance` is the number of records between it and the image
/// before.
pub(super) fn push_head(head: Head<'_>, distance: u64, bytes: &mut Vec<u8>) {
    push_number(distance, bytes);
    push_number(head.name.len() as u64, bytes);
    push_number(head.display_name.map_or(0, |name| name.len() as u64 + 1), bytes);
    push_number(head.words.map_or(0, |words| u64::from(words) + 1), bytes);
    bytes.extend_from_slice(head.name.as_bytes());
    bytes.extend_from_slice(head.display_name.unwrap_or_default().as_bytes());
}

/// Appends a number as groups of seven bits. All bytes but the last have the highest bit.
fn push_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
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

/// The heads of a batch, one after the other.
pub(super) struct Heads<'a> {
    bytes: &'a [u8],
    /// The place of the next image.
    place: usize,
    /// The number of the record before.
    number: u64,
}

impl<'a> Heads<'a> {
    /// The heads in `bytes`. The first image is at `place`, and its record has this number.
    pub fn new(bytes: &'a [u8], place: usize, number: u64) -> Self {
        Heads { bytes, place, number }
    }

    fn take(&mut self) -> Option<Head<'a>> {
        let distance = take_number(&mut self.bytes)?;
        let name = take_number(&mut self.bytes)? as usize;
        let display_name = take_number(&mut self.bytes)?.checked_sub(1);
        let words = take_number(&mut self.bytes)?.checked_sub(1);
        let name = self.text(name)?;
        let display_name = display_name.and_then(|len| self.text(len as usize));
        self.number += distance;
        let place = self.place;
        self.place += 1;
        Some(Head { place, number: self.number, name, display_name, words: words.map(|words| words as u32) })
    }

    fn text(&mut self, len: usize) -> Option<&'a str> {
        let (text, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        std::str::from_utf8(text).ok()
    }
}

impl<'a> Iterator for Heads<'a> {
    type Item = Head<'a>;

    fn next(&mut self) -> Option<Head<'a>> {
        self.take()
    }
}

/// The heads of one batch, for access by place.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The number of the batch. `None` if nothing was read.
    pub chunk: Option<usize>,
    entries: Vec<PageEntry>,
    text: String,
    /// The packed words, unless they are very many.
    pub words: Vec<u8>,
}

#[derive(Debug)]
struct PageEntry {
    number: u64,
    /// The ends of its names. They start at the end of the entry before.
    name: usize,
    display_name: Option<usize>,
    /// Where its words start among those of the batch.
    start: usize,
    words: Option<u32>,
}

/// The head of an image of a page, and where its words start in the batch.
pub(super) struct PageImage<'a> {
    pub head: Head<'a>,
    pub start: usize,
}

impl Page {
    /// Replaces the content by the heads of a batch.
    pub fn fill<'h>(&mut self, chunk: usize, heads: impl Iterator<Item = Head<'h>>) {
        self.chunk = Some(chunk);
        self.entries.clear();
        self.text.clear();
        let mut start = 0;
        for Head { number, name, display_name, words, .. } in heads {
            self.text.push_str(name);
            let name = self.text.len();
            self.text.push_str(display_name.unwrap_or_default());
            let display_name = display_name.map(|_| self.text.len());
            self.entries.push(PageEntry { number, name, display_name, start, words });
            start += words.unwrap_or(0) as usize;
        }
    }

    /// The image at `place`, which is the image `index` of the batch.
    pub fn image(&self, index: usize, place: usize) -> Option<PageImage<'_>> {
        let entry = self.entries.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.display_name.unwrap_or(before.name));
        let name = self.text.get(start..entry.name)?;
        let display_name = entry.display_name.and_then(|end| self.text.get(entry.name..end));
        let head = Head { place, number: entry.number, name, display_name, words: entry.words };
        Some(PageImage { head, start: entry.start })
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
    fn heads_come_back_one_after_the_other_and_by_place() {
        let head = |place, number, name, display_name, words| Head { place, number, name, display_name, words };
        let heads = [
            head(5, 7, "a", None, Some(2)),
            head(6, 8, "", Some("b.jpg"), None),
            head(7, 300, "é", Some(""), Some(0)),
            head(8, 301, "long", None, Some(1 << 20)),
        ];
        let mut bytes = Vec::new();
        heads.into_iter().zip([0, 1, 292, 1]).for_each(|(head, distance)| push_head(head, distance, &mut bytes));
        let shown = |head: Head<'_>| format!("{head:?}");
        let expected = heads.map(shown);
        assert_eq!(Heads::new(&bytes, 5, 7).map(shown).collect::<Vec<_>>(), expected);
        let mut page = Page::default();
        page.fill(3, Heads::new(&bytes, 5, 7));
        let image = |index: usize| page.image(index, index + 5).unwrap();
        assert_eq!([0, 1, 2, 3].map(|index| shown(image(index).head)), expected);
        assert_eq!([0, 1, 2, 3].map(|index| image(index).start), [0, 2, 2, 2]);
        assert!(page.image(4, 9).is_none());
    }
}
