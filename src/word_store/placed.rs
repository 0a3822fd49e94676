//! The words of images whose places are known before they are read.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use super::batch::{PackedBatch, Width};
use super::bytes::{BLOCK, ByteStore};
use super::gathered::GatheredWords;
use super::heads::Head;
use super::tally::Tally;
use crate::error::{Error, Result};

/// The bound of the memory for words and images. Further words go to a temporary file next to the
/// outputs.
const MOST_HELD: usize = 88 << 20;
/// The memory per image: its entry, its name and its place.
const IMAGE_BYTES: usize = 80;
/// The lower and upper bound of the memory for words.
const WORD_BYTES: RangeInclusive<usize> = 16 << 20..=2 * BLOCK;

/// The word numbers of each image of a split, by the place of the image in the list.
#[derive(Debug)]
pub(crate) struct PlacedWords {
    places: Vec<Place>,
    chunks: Vec<DocumentChunk>,
    /// The words of each chunk.
    bytes: ByteStore,
    /// The counts of all documents.
    pub tally: Tally,
}

/// The location of the words of an image.
#[derive(Debug, Clone, Copy)]
struct Place {
    pub chunk: u32,
    pub start: u32,
    pub len: u32,
}

impl Place {
    /// An image that was skipped or is not read yet.
    pub const NONE: Place = Place { chunk: u32::MAX, start: 0, len: 0 };
}

/// Documents that one thread read together.
#[derive(Debug, Clone, Copy)]
struct DocumentChunk {
    pub thread: u32,
    pub width: Width,
    /// The byte of its piece at which the words start.
    pub start: usize,
}

/// The memory left for words after [`IMAGE_BYTES`] per image.
fn most_words(images: usize) -> usize {
    MOST_HELD.saturating_sub(images.saturating_mul(IMAGE_BYTES)).clamp(*WORD_BYTES.start(), *WORD_BYTES.end())
}

impl PlacedWords {
    /// A store for `images` documents. Words that do not fit into memory go to a file without a
    /// name in `folder`.
    pub fn new(images: usize, folder: &Path) -> Self {
        let (places, bytes) = (vec![Place::NONE; images], ByteStore::new(folder));
        PlacedWords { places, chunks: Vec::new(), bytes, tally: Tally::default() }
    }

    /// Adds documents that a thread has read.
    ///
    /// # Errors
    ///
    /// There are too many documents, or the temporary file cannot be written.
    pub fn add(&mut self, thread: usize, batch: PackedBatch) -> Result<()> {
        let chunk = u32::try_from(self.chunks.len())
            .map_err(|_| Error::Refused("too many images for one run; encode them in parts with amc-keywords shards".into()))?;
        let mut start = 0;
        let images = batch.documents.iter().map(|(image, _)| *image as usize + 1).max().unwrap_or(0);
        if images > self.places.len() {
            self.places.resize(images, Place::NONE);
        }
        for (image, len) in batch.documents {
            if let Some(place) = self.places.get_mut(image as usize) {
                *place = Place { chunk, start, len };
            }
            start += len;
        }
        self.tally += batch.tally;
        self.bytes.add(&batch.bytes, most_words(self.places.len()))?;
        self.chunks.push(DocumentChunk { thread: thread as u32, width: batch.width, start: 0 });
        Ok(())
    }

    /// Reorders the images. `order` gives the old place of each image. Images that no thread has
    /// read are treated as skipped.
    pub fn arrange(&mut self, order: impl Iterator<Item = u32>) {
        self.places = order.map(|was| self.places.get(was as usize).copied().unwrap_or(Place::NONE)).collect();
    }

    /// The number of words of all documents.
    pub fn words(&self) -> u64 {
        self.places.iter().map(|place| u64::from(place.len)).sum()
    }

    /// The number of images, including skipped ones.
    pub fn images(&self) -> usize {
        self.places.len()
    }

    /// The number of images that were encoded.
    pub fn encoded(&self) -> usize {
        self.places.iter().filter(|place| self.is_encoded(**place)).count()
    }

    fn is_encoded(&self, place: Place) -> bool {
        (place.chunk as usize) < self.chunks.len()
    }

    /// Calls `take` for each of the images.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn each_head(&self, images: Range<usize>, take: impl FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        images.map_while(|image| self.head(image)).try_for_each(take)
    }

    fn head(&self, place: usize) -> Option<Head<'_>> {
        let found = *self.places.get(place)?;
        let words = self.is_encoded(found).then_some(found.len);
        Some(Head { place, key: None, name: "", display_name: None, words })
    }

    /// Replaces the content of `gathered` by the range `words` of the words of each image.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn gather(&self, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        gathered.clear();
        for place in images {
            if let Some(head) = self.head(place) {
                self.add_words(head, words, gathered)?;
            }
        }
        Ok(())
    }

    /// Adds the words of an image, unless it was skipped.
    fn add_words(&self, head: Head<'_>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        let Some(place) = self.places.get(head.place) else { return Ok(()) };
        let Some(chunk) = self.chunks.get(place.chunk as usize) else { return Ok(()) };
        let width = chunk.width.bytes();
        let first = words.start.min(place.len as usize);
        let (start, len) = (width * (place.start as usize + first), width * (words.end.min(place.len as usize) - first));
        let start = chunk.start + start;
        let bytes = self.bytes.read(place.chunk as usize, start..start + len, &mut gathered.read)?;
        chunk.width.unpack(bytes, &mut gathered.words);
        gathered.end_document(head, chunk.thread);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch::Batch;
    use super::super::gathered::Document;
    use super::*;

    fn batch(words: &[u32], documents: &[(u32, u32)]) -> PackedBatch {
        Batch {
            words: words.to_vec(),
            documents: documents.to_vec(),
            tally: Tally { keywords: 1, unknown: 2, unsure: 3, with_confidence: 4, without_field: 0 },
        }
        .pack()
    }

    /// The thread and a range of the words of each image that was not skipped.
    fn words_of(documents: &PlacedWords, images: Range<usize>, words: Range<usize>) -> Vec<Option<(usize, Vec<u32>)>> {
        let (mut gathered, mut found) = (GatheredWords::default(), vec![None; images.len()]);
        documents.gather(images.clone(), &words, &mut gathered).unwrap();
        for Document { place, thread, words, .. } in gathered.documents() {
            found[place - images.start] = Some((thread, words.to_vec()));
        }
        found
    }

    fn all(documents: &PlacedWords) -> Vec<Option<(usize, Vec<u32>)>> {
        words_of(documents, 0..documents.images(), 0..usize::MAX)
    }

    #[test]
    fn documents_are_read_by_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = PlacedWords::new(5, folder.path());
        documents.add(1, batch(&[10, 11, 12], &[(3, 2), (0, 1)])).unwrap();
        documents.add(0, batch(&[20], &[(4, 0), (1, 1)])).unwrap();
        let expected = vec![Some((1, vec![12])), Some((0, vec![20])), None, Some((1, vec![10, 11])), Some((0, vec![]))];
        assert_eq!(all(&documents), expected);
        documents.add(2, batch(&[30, 31], &[(2, 2)])).unwrap();
        assert_eq!(all(&documents)[2], Some((2, vec![30, 31])));
        let piece = |words| words_of(&documents, 3..4, words);
        assert_eq!([0..1, 1..9, 2..3].map(piece), [vec![10], vec![11], vec![]].map(|words| [Some((1, words))]));
        assert_eq!(documents.tally, Tally { keywords: 3, unknown: 6, unsure: 9, with_confidence: 12, without_field: 0 });
        assert_eq!((documents.images(), documents.encoded(), documents.words()), (5, 5, 6));
    }

    #[test]
    fn more_images_leave_less_memory_for_words() {
        let some = (88 << 20) - 600_000 * 80;
        assert_eq!([0, 300_000, 600_000, 1_000_000, usize::MAX].map(most_words), [64 << 20, 64 << 20, some, 16 << 20, 16 << 20]);
    }

    #[test]
    fn numbers_of_more_than_16_bits_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = PlacedWords::new(3, folder.path());
        let (largest, larger) = (u32::from(u16::MAX), u32::from(u16::MAX) + 1);
        documents.add(0, batch(&[1, larger, u32::MAX], &[(0, 1), (1, 2)])).unwrap();
        documents.add(0, batch(&[largest, 0], &[(2, 2)])).unwrap();
        assert_eq!(documents.chunks.iter().map(|chunk| chunk.width).collect::<Vec<_>>(), [Width::Four, Width::Two]);
        let expected = [Some((0, vec![1])), Some((0, vec![larger, u32::MAX])), Some((0, vec![largest, 0]))];
        assert_eq!(all(&documents), expected);
    }

    #[test]
    fn documents_are_reordered() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = PlacedWords::new(0, folder.path());
        documents.add(0, batch(&[10, 11], &[(2, 1), (0, 1)])).unwrap();
        documents.arrange([2, 9, 0, 1, 2].into_iter());
        let (first, second) = (Some((0, vec![11])), Some((0, vec![10])));
        assert_eq!(all(&documents), [second.clone(), None, first, None, second]);
    }
}
