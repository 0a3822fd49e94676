//! The encoded documents of a split between reading, in the order of the archive, and writing, in the order of the list.

use std::fs::File;
use std::io::Write;
use std::ops::Range;

use super::encoder::Tally;
use crate::error::{Error, Result, no_room};
use crate::input::positioned::read_exact_at;
use std::path::{Path, PathBuf};

/// Words are held in blocks of so many, 32 MiB: a piece of memory as large as that goes back to the system as soon as it is freed.
const BLOCK_WORDS: usize = 8 << 20;
/// Blocks that are held; more words go to a temporary file beside the output.
const MOST_BLOCKS: usize = 3;
/// Words are made ready for the file so many at a time.
const SPILL_WORDS: usize = 1 << 16;

/// The word numbers of each image of a split, reached by the image's place in the list.
#[derive(Debug)]
pub(crate) struct EncodedDocuments {
    places: Vec<Place>,
    chunks: Vec<Chunk>,
    blocks: Vec<Vec<u32>>,
    spill: Option<Spill>,
    folder: PathBuf,
    /// What was counted in all documents.
    pub tally: Tally,
}

/// Where an image's words are.
#[derive(Debug, Clone, Copy)]
struct Place {
    chunk: u32,
    start: u32,
    len: u32,
}

impl Place {
    /// An image that was left out, or not read yet.
    const NONE: Place = Place { chunk: u32::MAX, start: 0, len: 0 };
}

/// A run of documents that one thread read.
#[derive(Debug)]
struct Chunk {
    thread: u32,
    words: Words,
}

#[derive(Debug, Clone, Copy)]
enum Words {
    /// In this block from this word on.
    Held { block: u32, start: u32 },
    /// In the spill file from this word on.
    Spilled(u64),
}

#[derive(Debug)]
struct Spill {
    file: File,
    words: u64,
}

/// What a thread hands over: its words and, for each document in them, the image's place in the list and the number of words.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub words: Vec<u32>,
    pub documents: Vec<(u32, u32)>,
    pub tally: Tally,
}

/// One document for the writer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    /// The thread whose numbers the words are.
    pub thread: usize,
    pub words: &'a [u32],
}

impl EncodedDocuments {
    /// Room for `images` documents; what does not fit into memory goes to a nameless file in `folder`.
    pub fn new(images: usize, folder: &Path) -> Self {
        EncodedDocuments {
            places: vec![Place::NONE; images],
            chunks: Vec::new(),
            blocks: Vec::new(),
            spill: None,
            folder: folder.to_path_buf(),
            tally: Tally::default(),
        }
    }

    /// Adds what a thread has read.
    pub fn add(&mut self, thread: usize, batch: Batch) -> Result<()> {
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
        let words = self.keep(&batch.words)?;
        self.chunks.push(Chunk { thread: thread as u32, words });
        Ok(())
    }

    /// Puts the images into another order: each `order` says where the image was. Those that were nowhere are as if left out.
    pub fn arrange(&mut self, order: &[u32]) {
        self.places = order.iter().map(|&was| self.places.get(was as usize).copied().unwrap_or(Place::NONE)).collect();
    }

    /// Puts words into the last block, which is emptied into the spill file where no other may be begun.
    fn keep(&mut self, words: &[u32]) -> Result<Words> {
        if words.len() > BLOCK_WORDS {
            return self.spill(words).map(Words::Spilled);
        }
        if self.blocks.last().is_none_or(|block| block.len() + words.len() > BLOCK_WORDS) {
            match self.blocks.len() < MOST_BLOCKS {
                true => self.blocks.push(Vec::with_capacity(BLOCK_WORDS)),
                false => self.spill_last_block()?,
            }
        }
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(block) = self.blocks.last_mut() else { return Ok(Words::Spilled(0)) };
        let start = block.len() as u32;
        block.extend_from_slice(words);
        Ok(Words::Held { block: number, start })
    }

    fn spill_last_block(&mut self) -> Result<()> {
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(mut words) = self.blocks.pop() else { return Ok(()) };
        let first = self.spill(&words)?;
        for chunk in &mut self.chunks {
            if let Words::Held { block, start } = chunk.words
                && block == number
            {
                chunk.words = Words::Spilled(first + u64::from(start));
            }
        }
        words.clear();
        self.blocks.push(words);
        Ok(())
    }

    /// Adds words to the spill file and says where.
    fn spill(&mut self, words: &[u32]) -> Result<u64> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => {
                let file = tempfile::tempfile_in(&self.folder).map_err(Error::io(&self.folder, "make a temporary file in"))?;
                none.insert(Spill { file, words: 0 })
            }
        };
        let first = spill.words;
        let mut bytes = Vec::new();
        for words in words.chunks(SPILL_WORDS) {
            bytes.clear();
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            let needs = format!("it needs {} more bytes at least", bytes.len());
            let written = spill.file.write_all(&bytes).map_err(|source| no_room(source, &needs));
            written.map_err(Error::io(&self.folder, "write a temporary file in"))?;
            spill.words += words.len() as u64;
        }
        Ok(first)
    }

    /// How many words with a number all documents have.
    pub fn words(&self) -> u64 {
        self.places.iter().map(|place| u64::from(place.len)).sum()
    }

    /// How many images there are, left-out ones included.
    pub fn images(&self) -> usize {
        self.places.len()
    }

    /// Whether the image was encoded, and not left out.
    pub fn has(&self, image: usize) -> bool {
        self.places.get(image).is_some_and(|place| (place.chunk as usize) < self.chunks.len())
    }

    /// How many words the image has.
    pub fn len_of(&self, image: usize) -> usize {
        self.places.get(image).map_or(0, |place| place.len as usize)
    }

    /// Those `words` of the image that there are, or none if it was left out. `room` is where spilled words are read into.
    pub fn document<'a>(&'a self, image: usize, words: &Range<usize>, room: &'a mut Room) -> Result<Option<Document<'a>>> {
        let Some(place) = self.places.get(image) else { return Ok(None) };
        let Some(chunk) = self.chunks.get(place.chunk as usize) else { return Ok(None) };
        let first = words.start.min(place.len as usize);
        let (start, len) = (place.start as usize + first, words.end.min(place.len as usize) - first);
        let words = match (chunk.words, &self.spill) {
            (Words::Held { block, start: chunk }, _) => {
                let start = chunk as usize + start;
                self.blocks.get(block as usize).and_then(|block| block.get(start..start + len)).unwrap_or_default()
            }
            (Words::Spilled(first), Some(spill)) => room
                .read(&spill.file, 4 * (first + start as u64), len)
                .map_err(Error::io(&self.folder, "read a temporary file in"))?,
            (Words::Spilled(_), None) => &[],
        };
        Ok(Some(Document { thread: chunk.thread as usize, words }))
    }
}

/// Room for the words of one spilled document.
#[derive(Debug, Default)]
pub(crate) struct Room {
    bytes: Vec<u8>,
    words: Vec<u32>,
}

impl Room {
    fn read(&mut self, file: &File, offset: u64, len: usize) -> std::io::Result<&[u32]> {
        self.bytes.resize(4 * len, 0);
        read_exact_at(file, &mut self.bytes, offset)?;
        self.words.clear();
        self.words.extend(self.bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        Ok(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(words: &[u32], documents: &[(u32, u32)]) -> Batch {
        Batch { words: words.to_vec(), documents: documents.to_vec(), tally: Tally { keywords: 1, unknown: 2 } }
    }

    fn all(documents: &EncodedDocuments) -> Vec<Option<(usize, Vec<u32>)>> {
        let mut room = Room::default();
        (0..documents.images())
            .map(|image| {
                documents
                    .document(image, &(0..usize::MAX), &mut room)
                    .unwrap()
                    .map(|document| (document.thread, document.words.to_vec()))
            })
            .collect()
    }

    #[test]
    fn documents_come_back_by_their_place_in_the_list_from_memory_and_from_the_spill() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(5, folder.path());
        let mut room = Room::default();
        documents.add(1, batch(&[10, 11, 12], &[(3, 2), (0, 1)])).unwrap();
        documents.add(0, batch(&[20], &[(4, 0), (1, 1)])).unwrap();
        let expected = vec![Some((1, vec![12])), Some((0, vec![20])), None, Some((1, vec![10, 11])), Some((0, vec![]))];
        assert_eq!(all(&documents), expected);
        documents.spill_last_block().unwrap();
        assert_eq!(all(&documents), expected);
        documents.add(2, batch(&[30, 31], &[(2, 2)])).unwrap();
        assert_eq!(all(&documents)[2], Some((2, vec![30, 31])));
        let piece = |words, room: &mut Room| documents.document(3, &words, room).unwrap().map(|document| document.words.to_vec());
        assert_eq!([0..1, 1..9, 2..3].map(|words| piece(words, &mut room)), [vec![10], vec![11], vec![]].map(Some));
        assert_eq!(documents.tally, Tally { keywords: 3, unknown: 6 });
        assert_eq!(documents.blocks, [[30, 31]], "what was spilled is held no more");
    }

    #[test]
    fn beyond_the_blocks_that_may_be_held_words_go_to_the_file_and_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(6, folder.path());
        let half = BLOCK_WORDS / 2 + 1;
        for image in 0..5 {
            documents.add(0, batch(&vec![image; half], &[(image, half as u32)])).unwrap();
        }
        documents.add(0, batch(&vec![5; BLOCK_WORDS + 1], &[(5, BLOCK_WORDS as u32 + 1)])).unwrap();
        assert_eq!((documents.blocks.len(), documents.blocks.iter().map(Vec::len).sum::<usize>()), (MOST_BLOCKS, 3 * half));
        let mut room = Room::default();
        for image in 0..6 {
            let document = documents.document(image, &(half - 1..half), &mut room).unwrap().unwrap();
            assert_eq!(document.words, [image as u32]);
        }
    }

    #[test]
    fn documents_found_on_the_way_are_put_into_another_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(0, folder.path());
        documents.add(0, batch(&[10, 11], &[(2, 1), (0, 1)])).unwrap();
        documents.arrange(&[2, u32::MAX, 0, 1, 2]);
        let (first, second) = (Some((0, vec![11])), Some((0, vec![10])));
        assert_eq!(all(&documents), [second.clone(), None, first, None, second]);
    }
}
