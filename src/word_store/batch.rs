//! The documents that a thread hands to the store, and their compact form.

use super::tally::Tally;

/// The words that a thread has read and, for each document, the place of its image in the list and
/// the number of its words.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub words: Vec<u32>,
    pub documents: Vec<(u32, u32)>,
    pub tally: Tally,
}

/// A batch in compact form.
#[derive(Debug)]
pub(crate) struct PackedBatch {
    pub(super) documents: Vec<(u32, u32)>,
    pub(super) tally: Tally,
    pub(super) width: Width,
    pub(super) bytes: Vec<u8>,
}

impl Batch {
    /// Packs the words. Threads do this without holding a lock.
    pub fn pack(self) -> PackedBatch {
        let Batch { words, documents, tally } = self;
        let (width, mut bytes) = (Width::of(&words), Vec::new());
        width.pack(&words, &mut bytes);
        PackedBatch { documents, tally, width, bytes }
    }
}

/// The bytes of each word of a batch. Two suffice for nearly all batches, and half the memory takes
/// half the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Two,
    Four,
}

impl Width {
    /// The smallest width for some words.
    pub(super) fn of(words: &[u32]) -> Width {
        if words.iter().all(|&word| word <= u32::from(u16::MAX)) { Width::Two } else { Width::Four }
    }

    pub(super) fn bytes(self) -> usize {
        match self {
            Width::Two => 2,
            Width::Four => 4,
        }
    }

    /// Appends the packed words to `bytes`.
    pub(super) fn pack(self, words: &[u32], bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.resize(start + words.len() * self.bytes(), 0);
        let to = bytes.get_mut(start..).unwrap_or_default();
        match self {
            Width::Two => to.as_chunks_mut().0.iter_mut().zip(words).for_each(|(to, word)| *to = (*word as u16).to_le_bytes()),
            Width::Four => to.as_chunks_mut().0.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_le_bytes()),
        }
    }

    /// Appends the words that [`pack`](Self::pack) packed to `words`.
    pub(super) fn unpack(self, bytes: &[u8], words: &mut Vec<u32>) {
        match self {
            Width::Two => words.extend(bytes.as_chunks().0.iter().map(|bytes| u32::from(u16::from_le_bytes(*bytes)))),
            Width::Four => words.extend(bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes))),
        }
    }
}
