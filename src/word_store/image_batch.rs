//! A batch of images of one input, which a thread hands to the store.

use super::batch::Width;
use super::heads::{RecordKey, StoredImage};
use super::tally::Tally;

/// Consecutive images of one input, in its order.
#[derive(Debug, Default)]
pub(crate) struct ImageBatch {
    heads: Vec<u8>,
    first: Option<RecordKey>,
    last: u64,
    images: u32,
    encoded: u32,
    has_second_names: bool,
    /// Whether images have the name of a member instead of a second name.
    pub has_members: bool,
    /// The number of images without a name. They are only counted.
    pub nameless: usize,
    pub words: Vec<u32>,
    pub tally: Tally,
}

/// A batch in compact form.
#[derive(Debug)]
pub(crate) struct PackedImages {
    /// The key of the first image. `None` if no image has a name.
    pub(super) first: Option<RecordKey>,
    pub(super) images: u32,
    pub(super) encoded: u32,
    pub(super) has_display_names: bool,
    pub(super) has_members: bool,
    pub(super) nameless: usize,
    pub(super) tally: Tally,
    pub(super) width: Width,
    pub(super) words: usize,
    /// The number of bytes of the heads. The words follow them.
    pub(super) heads: usize,
    pub(super) bytes: Vec<u8>,
}

/// A packed batch in the store.
#[derive(Debug)]
pub(super) struct StoredBatch {
    pub first: RecordKey,
    /// Whether the second names are those of members.
    pub has_members: bool,
    /// The place of its first image.
    pub place: usize,
    pub images: u32,
    /// The thread that read it.
    pub thread: u32,
    pub width: Width,
    /// The number of its piece of bytes, of the bytes of its heads, and of its words.
    pub piece: usize,
    pub heads: usize,
    pub words: usize,
}

impl ImageBatch {
    /// Adds the next image of the input with this number.
    pub fn push(&mut self, input: u32, image: StoredImage<'_>) {
        let number = image.number;
        let before = if self.first.is_none() { number } else { self.last };
        self.first.get_or_insert(RecordKey { input, number });
        self.last = number;
        self.images += 1;
        self.encoded += u32::from(image.words.is_some());
        self.has_second_names |= image.second_name.is_some();
        image.push(before, &mut self.heads);
    }

    /// Packs the words. Threads do this without holding a lock.
    pub fn pack(self) -> PackedImages {
        let ImageBatch {
            heads: mut bytes, first, images, encoded, has_second_names, has_members, nameless, words, tally, ..
        } = self;
        let (width, heads) = (Width::of(&words), bytes.len());
        width.pack(&words, &mut bytes);
        let (words, has_display_names) = (words.len(), has_second_names && !has_members);
        PackedImages { first, images, encoded, has_display_names, has_members, nameless, tally, width, words, heads, bytes }
    }
}
