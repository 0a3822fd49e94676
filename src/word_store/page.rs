//! Some images that follow each other, for access by place.

use super::heads::{Head, RecordKey, StoredImage};

/// The heads of some images that follow each other.
#[derive(Debug, Default)]
pub(super) struct HeadPage {
    /// The place of its first image.
    first: usize,
    entries: Vec<PageEntry>,
    text: String,
    /// The packed words of the batch that is this page. It is empty if the page is no batch, or if
    /// the words are very many.
    pub words: Vec<u8>,
    /// Bytes of the temporary file.
    pub read: Vec<u8>,
}

#[derive(Debug)]
struct PageEntry {
    key: Option<RecordKey>,
    location: Location,
    /// The ends of its names. They start at the end of the entry before.
    name: usize,
    display_name: Option<usize>,
    words: Option<u32>,
}

/// Where the words of an image are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Location {
    /// The number of its batch.
    pub batch: u32,
    /// Where its words start among those of the batch.
    pub start: usize,
}

/// The head of an image of a page, and where its words are.
pub(super) struct PageImage<'a> {
    pub head: Head<'a>,
    pub location: Location,
}

impl HeadPage {
    /// Removes all images. The first one that is added is at `first`.
    pub fn restart(&mut self, first: usize) {
        self.first = first;
        self.entries.clear();
        self.text.clear();
        self.words.clear();
    }

    /// Adds the next image. Its second name is for people.
    pub fn push(&mut self, image: StoredImage<'_>, key: Option<RecordKey>, location: Location) {
        self.text.push_str(image.name);
        let name = self.text.len();
        self.text.push_str(image.second_name.unwrap_or_default());
        let display_name = image.second_name.map(|_| self.text.len());
        self.entries.push(PageEntry { key, location, name, display_name, words: image.words });
    }

    /// Whether the image at `place` is on the page.
    pub fn has(&self, place: usize) -> bool {
        (self.first..self.end()).contains(&place)
    }

    /// The place after the last image.
    pub fn end(&self) -> usize {
        self.first + self.entries.len()
    }

    /// The image at a place of the split.
    pub fn image(&self, place: usize) -> Option<PageImage<'_>> {
        let index = place.checked_sub(self.first)?;
        let entry = self.entries.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |before| before.display_name.unwrap_or(before.name));
        let name = self.text.get(start..entry.name)?;
        let display_name = entry.display_name.and_then(|end| self.text.get(entry.name..end));
        let head = Head { place, key: entry.key, name, display_name, words: entry.words };
        Some(PageImage { head, location: entry.location })
    }
}
