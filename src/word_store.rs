//! Keeps the words of the images of a split between reading, in the order of the archive, and
//! writing, in the order of the list.

use std::fs::File;
use std::io::Write;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

pub(crate) use self::batch::Batch;
use self::batch::{PackedBatch, Width};
pub(crate) use self::tally::Tally;
use crate::error::{Error, Result, no_room};
use keyword_files::plain_file::read_exact_at;

mod batch;
mod tally;

/// The size of the blocks of words. The system takes back memory of this size as soon as it is
/// freed.
const BLOCK: usize = 32 << 20;
/// The bound of the memory for words and images. Further words go to a temporary file next to the
/// outputs.
const MOST_HELD: usize = 88 << 20;
/// The memory per image: its entry, its name and its place.
const IMAGE_BYTES: usize = 80;
/// The lower and upper bound of the memory for words.
const WORD_BYTES: RangeInclusive<usize> = 16 << 20..=2 * BLOCK;

/// The word numbers of each image of a split, by the place of the image in the list.
#[derive(Debug)]
pub(crate) struct WordStore {
    places: Vec<Place>,
    chunks: Vec<Chunk>,
    blocks: Vec<Vec<u8>>,
    spill: Option<Spill>,
    folder: PathBuf,
    /// The counts of all documents.
    pub tally: Tally,
}

/// The location of the words of an image.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: u32,
    start: u32,
    len: u32,
}

impl Place {
    /// An image that was skipped or is not read yet.
    const NONE: Place = Place { chunk: u32::MAX, start: 0, len: 0 };
}

/// Documents that one thread read together.
#[derive(Debug)]
struct Chunk {
    thread: u32,
    width: Width,
    bytes: Bytes,
}

#[derive(Debug, Clone, Copy)]
enum Bytes {
    /// In a block, from the byte `start` on.
    Held { block: u32, start: u32 },
    /// In the temporary file, from this byte on.
    Spilled(u64),
}

#[derive(Debug)]
struct Spill {
    file: File,
    bytes: u64,
}

/// The memory left for words after [`IMAGE_BYTES`] per image.
fn most_words(images: usize) -> usize {
    MOST_HELD.saturating_sub(images.saturating_mul(IMAGE_BYTES)).clamp(*WORD_BYTES.start(), *WORD_BYTES.end())
}

/// The words of one image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    /// The thread whose word numbers these are.
    pub thread: usize,
    pub words: &'a [u32],
}

impl WordStore {
    /// A store for `images` documents. Words that do not fit into memory go to a file without a
    /// name in `folder`.
    pub fn new(images: usize, folder: &Path) -> Self {
        WordStore {
            places: vec![Place::NONE; images],
            chunks: Vec::new(),
            blocks: Vec::new(),
            spill: None,
            folder: folder.to_path_buf(),
            tally: Tally::default(),
        }
    }

    /// Adds documents that a thread has read.
    ///
    /// # Errors
    ///
    /// There are too many documents, or the temporary file cannot be written.
    pub fn add(&mut self, thread: usize, batch: PackedBatch) -> Result<()> {
        let chunk = u32::try_from(self.chunks.len()).map_err(|_| Error::Refused("too many images for one run".into()))?;
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
        let bytes = self.keep(&batch.bytes)?;
        self.chunks.push(Chunk { thread: thread as u32, width: batch.width, bytes });
        Ok(())
    }

    /// Reorders the images. `order` gives the old place of each image. Images without an old place
    /// are treated as skipped.
    pub fn arrange(&mut self, order: impl Iterator<Item = Option<u32>>) {
        let place = |was: Option<u32>| was.and_then(|was| self.places.get(was as usize)).copied();
        self.places = order.map(|was| place(was).unwrap_or(Place::NONE)).collect();
    }

    /// Appends bytes to the last block. If the memory is used up, the block first goes to the
    /// temporary file.
    fn keep(&mut self, bytes: &[u8]) -> Result<Bytes> {
        let most = most_words(self.places.len());
        if bytes.len() > BLOCK.min(most) {
            return self.spill(bytes).map(Bytes::Spilled);
        }
        let held: usize = self.blocks.iter().map(Vec::len).sum();
        if held + bytes.len() > most {
            self.spill_last_block()?;
        }
        if self.blocks.last().is_none_or(|block| block.len() + bytes.len() > BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(block) = self.blocks.last_mut() else { return Ok(Bytes::Spilled(0)) };
        let start = block.len() as u32;
        block.extend_from_slice(bytes);
        Ok(Bytes::Held { block: number, start })
    }

    fn spill_last_block(&mut self) -> Result<()> {
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(mut bytes) = self.blocks.pop() else { return Ok(()) };
        let first = self.spill(&bytes)?;
        for chunk in &mut self.chunks {
            if let Bytes::Held { block, start } = chunk.bytes
                && block == number
            {
                chunk.bytes = Bytes::Spilled(first + u64::from(start));
            }
        }
        bytes.clear();
        self.blocks.push(bytes);
        Ok(())
    }

    /// Appends bytes to the temporary file and returns their position.
    fn spill(&mut self, bytes: &[u8]) -> Result<u64> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => {
                let file = tempfile::tempfile_in(&self.folder).map_err(Error::io(&self.folder, "make a temporary file in"))?;
                none.insert(Spill { file, bytes: 0 })
            }
        };
        let first = spill.bytes;
        let needs = format!("it needs {} more bytes at least", bytes.len());
        let written = spill.file.write_all(bytes).map_err(|source| no_room(source, &needs));
        written.map_err(Error::io(&self.folder, "write a temporary file in"))?;
        spill.bytes += bytes.len() as u64;
        Ok(first)
    }

    /// The number of words of all documents.
    pub fn words(&self) -> u64 {
        self.places.iter().map(|place| u64::from(place.len)).sum()
    }

    /// The number of images, including skipped ones.
    pub fn images(&self) -> usize {
        self.places.len()
    }

    /// Whether the image was encoded.
    pub fn has(&self, image: usize) -> bool {
        self.places.get(image).is_some_and(|place| (place.chunk as usize) < self.chunks.len())
    }

    /// The number of words of the image.
    pub fn len_of(&self, image: usize) -> usize {
        self.places.get(image).map_or(0, |place| place.len as usize)
    }

    /// Replaces the content of `gathered` by the range `words` of the words of each image.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn gather(&self, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        gathered.words.clear();
        gathered.documents.clear();
        for place in images {
            if let Some(thread) = self.add_words(place, words, gathered)? {
                gathered.documents.push(Bounds { place, thread, end: gathered.words.len() });
            }
        }
        Ok(())
    }

    /// Adds the words of an image and returns the thread whose numbers they are, or `None` if the
    /// image was skipped.
    fn add_words(
        &self,
        image: usize,
        words: &Range<usize>,
        GatheredWords { read, words: to, .. }: &mut GatheredWords,
    ) -> Result<Option<usize>> {
        let Some(place) = self.places.get(image) else { return Ok(None) };
        let Some(chunk) = self.chunks.get(place.chunk as usize) else { return Ok(None) };
        let width = chunk.width.bytes();
        let first = words.start.min(place.len as usize);
        let (start, len) = (width * (place.start as usize + first), width * (words.end.min(place.len as usize) - first));
        let bytes = match (chunk.bytes, &self.spill) {
            (Bytes::Held { block, start: chunk }, _) => {
                let start = chunk as usize + start;
                self.blocks.get(block as usize).and_then(|block| block.get(start..start + len)).unwrap_or_default()
            }
            (Bytes::Spilled(first), Some(spill)) => {
                read.resize(len, 0);
                read_exact_at(&spill.file, read, first + start as u64)
                    .map_err(Error::io(&self.folder, "read a temporary file in"))?;
                read
            }
            (Bytes::Spilled(_), None) => &[],
        };
        chunk.width.unpack(bytes, to);
        Ok(Some(chunk.thread as usize))
    }
}

/// The words of some images, for the writer.
#[derive(Debug, Default)]
pub(crate) struct GatheredWords {
    words: Vec<u32>,
    documents: Vec<Bounds>,
    /// Bytes of the temporary file.
    read: Vec<u8>,
}

#[derive(Debug)]
struct Bounds {
    place: usize,
    thread: usize,
    /// The end of its words. They start at the end of the document before.
    end: usize,
}

impl GatheredWords {
    /// Each document with the place of its image.
    pub fn documents(&self) -> impl Iterator<Item = (usize, Document<'_>)> {
        let mut start = 0;
        self.documents.iter().map(move |&Bounds { place, thread, end }| {
            let words = self.words.get(start..end).unwrap_or_default();
            start = end;
            (place, Document { thread, words })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(words: &[u32], documents: &[(u32, u32)]) -> PackedBatch {
        Batch {
            words: words.to_vec(),
            documents: documents.to_vec(),
            tally: Tally { keywords: 1, unknown: 2, unsure: 3, without_field: 0 },
        }
        .pack()
    }

    /// The thread and a range of the words of each image that was not skipped.
    fn words_of(documents: &WordStore, images: Range<usize>, words: Range<usize>) -> Vec<Option<(usize, Vec<u32>)>> {
        let (mut gathered, mut found) = (GatheredWords::default(), vec![None; images.len()]);
        documents.gather(images.clone(), &words, &mut gathered).unwrap();
        for (place, Document { thread, words }) in gathered.documents() {
            found[place - images.start] = Some((thread, words.to_vec()));
        }
        found
    }

    fn all(documents: &WordStore) -> Vec<Option<(usize, Vec<u32>)>> {
        words_of(documents, 0..documents.images(), 0..usize::MAX)
    }

    #[test]
    fn documents_are_read_by_their_place_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = WordStore::new(5, folder.path());
        documents.add(1, batch(&[10, 11, 12], &[(3, 2), (0, 1)])).unwrap();
        documents.add(0, batch(&[20], &[(4, 0), (1, 1)])).unwrap();
        let expected = vec![Some((1, vec![12])), Some((0, vec![20])), None, Some((1, vec![10, 11])), Some((0, vec![]))];
        assert_eq!(all(&documents), expected);
        documents.spill_last_block().unwrap();
        assert_eq!(all(&documents), expected);
        documents.add(2, batch(&[30, 31], &[(2, 2)])).unwrap();
        assert_eq!(all(&documents)[2], Some((2, vec![30, 31])));
        let piece = |words| words_of(&documents, 3..4, words);
        assert_eq!([0..1, 1..9, 2..3].map(piece), [vec![10], vec![11], vec![]].map(|words| [Some((1, words))]));
        assert_eq!(documents.tally, Tally { keywords: 3, unknown: 6, unsure: 9, without_field: 0 });
        assert_eq!(documents.blocks, [[30, 0, 31, 0]], "words in the file are not kept in memory");
    }

    #[test]
    fn more_images_leave_less_memory_for_words() {
        let some = (88 << 20) - 600_000 * 80;
        assert_eq!([0, 300_000, 600_000, 1_000_000, usize::MAX].map(most_words), [64 << 20, 64 << 20, some, 16 << 20, 16 << 20]);
    }

    #[test]
    fn words_that_do_not_fit_into_memory_go_to_the_file_and_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = WordStore::new(6, folder.path());
        let half = BLOCK / 4 + 1;
        for image in 0..5 {
            documents.add(0, batch(&vec![image; half], &[(image, half as u32)])).unwrap();
        }
        documents.add(0, batch(&vec![5; BLOCK / 2 + 1], &[(5, BLOCK as u32 / 2 + 1)])).unwrap();
        let spilled = documents.chunks.iter().filter(|chunk| matches!(chunk.bytes, Bytes::Spilled(_))).count();
        let held: usize = documents.blocks.iter().map(Vec::len).sum();
        assert_eq!((spilled, held), (3, 3 * 2 * half));
        let last = words_of(&documents, 0..6, half - 1..half);
        assert_eq!(last, (0..6).map(|image| Some((0, vec![image]))).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_of_more_than_16_bits_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = WordStore::new(3, folder.path());
        let (largest, larger) = (u32::from(u16::MAX), u32::from(u16::MAX) + 1);
        documents.add(0, batch(&[1, larger, u32::MAX], &[(0, 1), (1, 2)])).unwrap();
        documents.add(0, batch(&[largest, 0], &[(2, 2)])).unwrap();
        assert_eq!(documents.chunks.iter().map(|chunk| chunk.width).collect::<Vec<_>>(), [Width::Four, Width::Two]);
        let expected = [Some((0, vec![1])), Some((0, vec![larger, u32::MAX])), Some((0, vec![largest, 0]))];
        assert_eq!(all(&documents), expected);
        documents.spill_last_block().unwrap();
        assert_eq!(all(&documents), expected);
    }

    #[test]
    fn documents_are_reordered() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = WordStore::new(0, folder.path());
        documents.add(0, batch(&[10, 11], &[(2, 1), (0, 1)])).unwrap();
        documents.arrange([Some(2), None, Some(0), Some(1), Some(2)].into_iter());
        let (first, second) = (Some((0, vec![11])), Some((0, vec![10])));
        assert_eq!(all(&documents), [second.clone(), None, first, None, second]);
    }
}
