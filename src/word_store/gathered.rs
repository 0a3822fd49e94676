//! The documents that a store hands to the writer.

use super::heads::Head;
use super::page::HeadPage;

/// The words of one image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    /// The place of the image in the split.
    pub place: usize,
    /// The thread whose word numbers these are.
    pub thread: usize,
    pub words: &'a [u32],
    /// The name of an image in a stream, otherwise empty.
    pub name: &'a str,
    /// A second name, for people.
    pub display_name: Option<&'a str>,
}

/// The words of some images, for the writer.
#[derive(Debug, Default)]
pub(crate) struct GatheredWords {
    pub(super) words: Vec<u32>,
    text: String,
    documents: Vec<Bounds>,
    /// Bytes of the temporary file.
    pub(super) read: Vec<u8>,
    /// The page of images that was read last.
    pub(super) page: HeadPage,
}

/// Where the parts of a document end. They start at the end of the document before.
#[derive(Debug)]
struct Bounds {
    place: usize,
    thread: usize,
    words: usize,
    name: usize,
    display_name: Option<usize>,
}

impl GatheredWords {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.text.clear();
        self.documents.clear();
    }

    /// Ends the document of an image. Its words are the last ones.
    pub(super) fn end_document(&mut self, head: Head<'_>, thread: u32) {
        self.text.push_str(head.name);
        let name = self.text.len();
        let display_name = head.display_name.map(|display_name| {
            self.text.push_str(display_name);
            self.text.len()
        });
        let (place, words) = (head.place, self.words.len());
        self.documents.push(Bounds { place, thread: thread as usize, words, name, display_name });
    }

    /// The documents in the order of their images.
    pub fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        let (mut start, mut text) = (0, 0);
        self.documents.iter().map(move |bounds| {
            let words = self.words.get(start..bounds.words).unwrap_or_default();
            start = bounds.words;
            let mut part = |end: usize| {
                let part = self.text.get(text..end).unwrap_or_default();
                text = end;
                part
            };
            let name = part(bounds.name);
            let display_name = bounds.display_name.map(part);
            Document { place: bounds.place, thread: bounds.thread, words, name, display_name }
        })
    }
}
