//! The images of inputs in the order in which they were read, with their names and words.

use std::ops::Range;
use std::path::Path;

use super::bytes::{BLOCK, ByteStore};
use super::gathered::GatheredWords;
use super::heads::{Head, RecordKey, StoredImage, StoredImages};
use super::image_batch::{PackedImages, StoredBatch};
use super::page::{HeadPage, Location};
use super::pages::{self, Pages};
use super::tally::Tally;
use crate::error::{Error, Result};

/// The memory for names and words. Further ones go to a temporary file next to the outputs.
const MOST_HELD: usize = 2 * BLOCK;
/// A batch with more bytes of words is not held as a whole while it is read back.
const MOST_PAGE: usize = 4 << 20;

/// The images of inputs. Their order is that of the inputs, and of the records in each.
///
/// An image takes no memory of its own: a batch of images has one entry here, and its names and
/// words are in one piece of bytes. Images without a name cannot be encoded. They come after all
/// others and are only counted.
#[derive(Debug)]
pub(crate) struct OrderedImages {
    batches: Vec<StoredBatch>,
    bytes: ByteStore,
    named: usize,
    nameless: usize,
    encoded: usize,
    words: u64,
    has_display_names: bool,
    has_members: bool,
    /// The counts of all documents.
    pub tally: Tally,
}

impl OrderedImages {
    /// A store without images. What does not fit into memory goes to a file without a name in
    /// `folder`.
    pub fn new(folder: &Path) -> Self {
        OrderedImages {
            batches: Vec::new(),
            bytes: ByteStore::new(folder),
            named: 0,
            nameless: 0,
            encoded: 0,
            words: 0,
            has_display_names: false,
            has_members: false,
            tally: Tally::default(),
        }
    }

    /// Adds images that a thread has read.
    ///
    /// # Errors
    ///
    /// There are too many images, or the temporary file cannot be written.
    pub fn add(&mut self, thread: usize, batch: PackedImages) -> Result<()> {
        let PackedImages { first, images, encoded, has_display_names, has_members, nameless, tally, width, words, heads, bytes } =
            batch;
        self.tally += tally;
        self.nameless += nameless;
        self.named += images as usize;
        self.encoded += encoded as usize;
        self.words += words as u64;
        self.has_display_names |= has_display_names;
        self.has_members |= has_members;
        if self.len() >= u32::MAX as usize {
            return Err(Error::Refused(TOO_MANY.into()));
        }
        let Some(first) = first else { return Ok(()) };
        let piece = self.add_piece(&bytes)?;
        let thread = thread as u32;
        self.batches.push(StoredBatch { first, has_members, place: 0, images, thread, width, piece, heads, words });
        Ok(())
    }

    /// Adds bytes and returns the number of their piece.
    pub(super) fn add_piece(&mut self, bytes: &[u8]) -> Result<usize> {
        self.bytes.add(bytes, MOST_HELD)
    }

    /// Puts the images into order. Images have no places before.
    pub fn sort(&mut self) {
        self.batches.sort_unstable_by_key(|batch| batch.first);
        let mut place = 0;
        for batch in &mut self.batches {
            batch.place = place;
            place += batch.images as usize;
        }
    }

    /// The number of images, including skipped ones and those without a name.
    pub fn len(&self) -> usize {
        self.named + self.nameless
    }

    /// The number of images with a name.
    pub fn named(&self) -> usize {
        self.named
    }

    /// The number of images without a name.
    pub fn nameless(&self) -> usize {
        self.nameless
    }

    /// The number of images that were encoded.
    pub fn encoded(&self) -> usize {
        self.encoded
    }

    /// The number of words of all documents.
    pub fn words(&self) -> u64 {
        self.words
    }

    /// Whether an image has a second name, and none is a member.
    pub fn has_display_names(&self) -> bool {
        self.has_display_names && !self.has_members
    }

    /// Whether the images are in the byte order of the names of their members, input by input.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn are_members_in_order(&self) -> Result<bool> {
        let (mut buffer, mut last_input, mut last) = (Vec::new(), None, String::new());
        for batch in self.batches.iter().filter(|batch| batch.has_members) {
            for member in self.images_of(batch, &mut buffer)?.filter_map(|image| image.second_name) {
                if last_input == Some(batch.first.input) && last.as_str() > member {
                    return Ok(false);
                }
                last_input = Some(batch.first.input);
                last.clear();
                last.push_str(member);
            }
        }
        Ok(true)
    }

    pub(super) fn batches(&self) -> &[StoredBatch] {
        &self.batches
    }

    /// Where an image of a batch was found.
    pub(super) fn key_of(&self, batch: u32, number: u64) -> Option<RecordKey> {
        Some(RecordKey { input: self.batch(batch)?.first.input, number })
    }

    /// The images of a batch. Their second names may be those of members.
    pub(super) fn images_of<'a>(
        &'a self,
        batch: &StoredBatch,
        buffer: &'a mut Vec<u8>,
    ) -> Result<impl Iterator<Item = StoredImage<'a>>> {
        Ok(StoredImages::new(self.bytes.read(batch.piece, 0..batch.heads, buffer)?, batch.first.number))
    }

    /// Calls `take` for each of the images that have a name.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file cannot be read.
    pub fn each_head(&self, images: Range<usize>, take: impl FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        pages::each_head(self, images, take)
    }

    /// Replaces the content of `gathered` by the range `words` of the words of each image.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn gather(&self, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        pages::gather(self, images, words, gathered)
    }
}

/// A page is a batch.
impl Pages for OrderedImages {
    fn page_of(&self, place: usize) -> Option<usize> {
        let number = self.batches.partition_point(|batch| batch.place <= place).checked_sub(1)?;
        Some(number).filter(|_| place < self.named)
    }

    fn fill(&self, number: usize, words: bool, page: &mut HeadPage) -> Result<()> {
        let Some(batch) = self.batches.get(number) else { return Ok(()) };
        page.restart(batch.place);
        let len = batch.words * batch.width.bytes();
        let held = if words && len <= MOST_PAGE { len } else { 0 };
        let mut buffer = std::mem::take(&mut page.read);
        let bytes = self.bytes.read(batch.piece, 0..batch.heads + held, &mut buffer)?;
        let (heads, words) = bytes.split_at_checked(batch.heads).unwrap_or_default();
        let mut start = 0;
        for image in StoredImages::new(heads, batch.first.number) {
            let key = Some(RecordKey { number: image.number, ..batch.first });
            // The names of members are not for people.
            let image = StoredImage { second_name: image.second_name.filter(|_| !batch.has_members), ..image };
            page.push(image, key, Location { batch: number as u32, start });
            start += image.words.unwrap_or(0) as usize;
        }
        page.words.extend_from_slice(words);
        page.read = buffer;
        Ok(())
    }

    fn batch(&self, number: u32) -> Option<&StoredBatch> {
        self.batches.get(number as usize)
    }

    fn bytes(&self) -> &ByteStore {
        &self.bytes
    }
}

const TOO_MANY: &str = "more than 4,294,967,294 images are too many for one run; encode them in parts with amc-keywords shards";

#[cfg(test)]
mod tests {
    use super::super::gathered::Document;
    use super::super::image_batch::ImageBatch;
    use super::*;

    /// A batch of images with records from `number` on. An image has a name, and words unless it was
    /// skipped.
    fn batch(input: u32, number: u64, images: &[(&str, Option<&[u32]>)]) -> PackedImages {
        let mut batch = ImageBatch::default();
        for (number, (name, words)) in (number..).zip(images) {
            let second_name = (*name == "b").then_some("B!");
            let count = words.map(|words| words.len() as u32);
            batch.push(input, StoredImage { number, listed: None, name, second_name, words: count });
            batch.words.extend_from_slice(words.unwrap_or_default());
        }
        batch.tally = Tally { keywords: images.len() as u64, ..Tally::default() };
        batch.pack()
    }

    fn images() -> (tempfile::TempDir, OrderedImages) {
        let folder = tempfile::tempdir().unwrap();
        let mut images = OrderedImages::new(folder.path());
        images.add(1, batch(1, 0, &[("d", Some(&[70_000, 4]))])).unwrap();
        images.add(0, batch(0, 2, &[("b", Some(&[])), ("c", Some(&[3, 3, 3]))])).unwrap();
        images.add(2, batch(0, 0, &[("a", Some(&[1])), ("skipped", None)])).unwrap();
        let mut nameless = ImageBatch::default();
        nameless.nameless = 2;
        images.add(0, nameless.pack()).unwrap();
        images.sort();
        (folder, images)
    }

    fn shown(document: Document<'_>) -> String {
        let Document { place, thread, words, name, display_name } = document;
        format!("{place} {name} {display_name:?} {thread} {words:?}")
    }

    fn gathered(images: &OrderedImages, range: Range<usize>, words: Range<usize>) -> Vec<String> {
        let mut gathered = GatheredWords::default();
        images.gather(range, &words, &mut gathered).unwrap();
        gathered.documents().map(shown).collect()
    }

    #[test]
    fn images_are_in_the_order_of_the_inputs_and_records() {
        let (_folder, images) = images();
        let all = ["0 a None 2 [1]", "2 b Some(\"B!\") 0 []", "3 c None 0 [3, 3, 3]", "4 d None 1 [70000, 4]"];
        assert_eq!(gathered(&images, 0..7, 0..usize::MAX), all);
        assert_eq!(gathered(&images, 3..4, 1..2), ["3 c None 0 [3]"]);
        assert_eq!(gathered(&images, 4..5, 1..9), ["4 d None 1 [4]"]);
        assert_eq!((images.len(), images.named(), images.encoded(), images.words()), (7, 5, 4, 6));
        assert_eq!((images.tally.keywords, images.nameless()), (5, 2));
    }

    #[test]
    fn heads_are_read_without_the_words() {
        let (_folder, images) = images();
        let mut heads = Vec::new();
        let add = |head: Head<'_>| {
            let RecordKey { input, number } = head.key.unwrap();
            heads.push((head.place, input, number, head.name.to_owned(), head.words));
            Ok(())
        };
        images.each_head(1..5, add).unwrap();
        let expected = [(1, 0, 1, "skipped", None), (2, 0, 2, "b", Some(0)), (3, 0, 3, "c", Some(3)), (4, 1, 0, "d", Some(2))];
        let expected = expected.map(|(place, input, number, name, words)| (place, input, number, name.to_owned(), words));
        assert_eq!(heads, expected);
    }

    #[test]
    fn a_batch_of_very_many_words_is_read_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let mut images = OrderedImages::new(folder.path());
        let many: Vec<u32> = (0..MOST_PAGE as u32).collect();
        images.add(0, batch(0, 0, &[("a", Some(&[7])), ("b", Some(&many)), ("c", Some(&[8]))])).unwrap();
        images.sort();
        let mut buffer = GatheredWords::default();
        images.gather(0..3, &(0..3), &mut buffer).unwrap();
        assert!(buffer.page.words.is_empty());
        let words: Vec<&[u32]> = buffer.documents().map(|document| document.words).collect();
        assert_eq!(words, [&[7][..], &[0, 1, 2], &[8]]);
        assert_eq!(gathered(&images, 1..2, many.len() - 1..usize::MAX), [format!("1 b Some(\"B!\") 0 [{}]", many.len() - 1)]);
    }
}
