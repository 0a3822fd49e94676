//! The images of streams in input order, with their names and words.

use std::iter::repeat_n;
use std::ops::Range;
use std::path::Path;

use super::batch::Width;
use super::bytes::{BLOCK, ByteStore};
use super::gathered::GatheredWords;
use super::heads::{Head, Heads, Page, PageImage};
use super::image_batch::{PackedImages, RecordKey};
use super::image_names::ImageNames;
use super::placed::{Chunk as Piece, Place, PlacedWords};
use super::tally::Tally;
use crate::error::{Error, Result};

/// The memory for names and words. Further ones go to a temporary file next to the outputs.
const MOST_HELD: usize = 2 * BLOCK;
/// A batch with more bytes of words is not held as a whole while it is read back.
const MOST_PAGE: usize = 4 << 20;

/// The images of streams. Their order is that of the inputs, and of the records in each.
///
/// An image takes no memory of its own: a batch of images has one entry here, and its names and
/// words are in one piece of bytes. Images without a name cannot be encoded. They come after all
/// others and are only counted.
#[derive(Debug)]
pub(crate) struct OrderedImages {
    chunks: Vec<Chunk>,
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

/// Images that one thread read together.
#[derive(Debug)]
struct Chunk {
    first: RecordKey,
    /// Whether the second names are those of members.
    has_members: bool,
    /// The place of its first image.
    place: usize,
    images: u32,
    thread: u32,
    width: Width,
    /// The number of its piece of bytes, of the bytes of its heads, and of its words.
    piece: usize,
    heads: usize,
    words: usize,
}

impl OrderedImages {
    /// A store without images. What does not fit into memory goes to a file without a name in
    /// `folder`.
    pub fn new(folder: &Path) -> Self {
        OrderedImages {
            chunks: Vec::new(),
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
        let piece = self.chunks.len();
        self.bytes.add(&bytes, MOST_HELD)?;
        self.chunks.push(Chunk { first, has_members, place: 0, images, thread: thread as u32, width, piece, heads, words });
        Ok(())
    }

    /// Puts the images into order. Images have no places before.
    pub fn sort(&mut self) {
        self.chunks.sort_unstable_by_key(|chunk| chunk.first);
        let mut place = 0;
        for chunk in &mut self.chunks {
            chunk.place = place;
            place += chunk.images as usize;
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

    /// The number of the input of the image at `place`.
    pub fn input_of(&self, place: usize) -> Option<u32> {
        Some(self.chunks.get(self.chunk_of(place)?)?.first.input)
    }

    /// Calls `take` with the image of a record if it has one.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn find<T>(&self, key: RecordKey, take: impl FnOnce(Head<'_>) -> T) -> Result<Option<T>> {
        let Some(before) = self.chunks.partition_point(|chunk| chunk.first <= key).checked_sub(1) else { return Ok(None) };
        let Some(chunk) = self.chunks.get(before).filter(|chunk| chunk.first.input == key.input) else { return Ok(None) };
        let mut buffer = Vec::new();
        let mut heads = self.heads(chunk, &mut buffer)?;
        Ok(heads.find(|head| head.number == key.number).map(take))
    }

    /// Calls `take` for each of the images that have a name.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file cannot be read.
    pub fn each_head(&self, images: Range<usize>, mut take: impl FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        let Some(first) = self.chunk_of(images.start) else { return Ok(()) };
        let mut buffer = Vec::new();
        for chunk in self.chunks.iter().skip(first).take_while(|chunk| chunk.place < images.end) {
            let heads = self.heads(chunk, &mut buffer)?;
            heads.filter(|head| images.contains(&head.place)).try_for_each(&mut take)?;
        }
        Ok(())
    }

    fn heads<'a>(&'a self, chunk: &Chunk, buffer: &'a mut Vec<u8>) -> Result<impl Iterator<Item = Head<'a>>> {
        Ok(chunk.heads_in(self.bytes.read(chunk.piece, 0..chunk.heads, buffer)?))
    }

    /// The number of the chunk with the image at `place`.
    fn chunk_of(&self, place: usize) -> Option<usize> {
        let number = self.chunks.partition_point(|chunk| chunk.place <= place).checked_sub(1)?;
        self.chunks.get(number).filter(|chunk| place - chunk.place < chunk.images as usize).map(|_| number)
    }

    /// Replaces the content of `gathered` by the range `words` of the words of each image.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn gather(&self, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
        gathered.clear();
        let mut page = std::mem::take(&mut gathered.page);
        let mut place = images.start;
        while place < images.end
            && let Some(chunk) = self.turn_to(place, &mut page)?
        {
            let end = images.end.min(chunk.place + chunk.images as usize);
            for place in place..end {
                if let Some(image) = page.image(place - chunk.place, place) {
                    self.add_words(chunk, &page.words, image, words, gathered)?;
                }
            }
            place = end;
        }
        gathered.page = page;
        Ok(())
    }

    /// Fills the page with the chunk of the image at `place`, unless it has it already.
    fn turn_to(&self, place: usize, page: &mut Page) -> Result<Option<&Chunk>> {
        let is_in = |chunk: &&Chunk| place.checked_sub(chunk.place).is_some_and(|index| index < chunk.images as usize);
        if let Some(chunk) = page.chunk.and_then(|number| self.chunks.get(number)).filter(is_in) {
            return Ok(Some(chunk));
        }
        let Some((number, chunk)) = self.chunk_of(place).and_then(|number| Some((number, self.chunks.get(number)?))) else {
            return Ok(None);
        };
        let mut buffer = Vec::new();
        let words = chunk.words * chunk.width.bytes();
        let held = if words <= MOST_PAGE { words } else { 0 };
        let bytes = self.bytes.read(chunk.piece, 0..chunk.heads + held, &mut buffer)?;
        let (heads, words) = bytes.split_at_checked(chunk.heads).unwrap_or_default();
        page.fill(number, chunk.heads_in(heads));
        page.words.clear();
        page.words.extend_from_slice(words);
        Ok(Some(chunk))
    }

    /// Adds the words of an image, unless it was skipped. `held` has the packed words of the chunk,
    /// or nothing.
    fn add_words(
        &self,
        chunk: &Chunk,
        held: &[u8],
        PageImage { head, start }: PageImage<'_>,
        words: &Range<usize>,
        gathered: &mut GatheredWords,
    ) -> Result<()> {
        let Some(len) = head.words.map(|len| len as usize) else { return Ok(()) };
        let width = chunk.width.bytes();
        let range = width * (start + words.start.min(len))..width * (start + words.end.min(len));
        let bytes = match held.is_empty() {
            false => held.get(range).unwrap_or_default(),
            true => self.bytes.read(chunk.piece, chunk.heads + range.start..chunk.heads + range.end, &mut gathered.read)?,
        };
        chunk.width.unpack(bytes, &mut gathered.words);
        gathered.end_document(head, chunk.thread);
        Ok(())
    }
}

impl OrderedImages {
    /// The images in the byte order of the names of their members, as places in the present order.
    /// `None` if this is the present order.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn order_of_members(&self) -> Result<Option<Vec<u32>>> {
        if !self.has_members || self.are_members_in_order()? {
            return Ok(None);
        }
        let (mut names, mut order) = (ImageNames::default(), (0..self.named as u32).collect::<Vec<u32>>());
        self.each_member(|_, name| names.push(name, None))?;
        for chunks in self.chunks.chunk_by(|a, b| a.first.input == b.first.input) {
            let (start, images) =
                (chunks.first().map_or(0, |chunk| chunk.place), chunks.iter().map(|chunk| chunk.images as usize));
            let images = order.get_mut(start..start + images.sum::<usize>()).unwrap_or_default();
            images.sort_by(|a, b| names.name(*a).cmp(names.name(*b)));
        }
        Ok(Some(order))
    }

    fn are_members_in_order(&self) -> Result<bool> {
        let (mut last_input, mut last, mut are_in_order) = (None, String::new(), true);
        self.each_member(|input, name| {
            are_in_order &= last_input != Some(input) || last.as_str() <= name;
            last_input = Some(input);
            last.clear();
            last.push_str(name);
            Ok(())
        })?;
        Ok(are_in_order)
    }

    /// Calls `take` with the input and the member of each image. A line or row has an empty member.
    fn each_member(&self, mut take: impl FnMut(u32, &str) -> Result<()>) -> Result<()> {
        let mut buffer = Vec::new();
        for chunk in &self.chunks {
            let bytes = self.bytes.read(chunk.piece, 0..chunk.heads, &mut buffer)?;
            for head in Heads::new(bytes, chunk.place, chunk.first.number) {
                take(chunk.first.input, head.display_name.filter(|_| chunk.has_members).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// The same images with a place each. `order` has the present place of each image with a name.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn arranged(self, order: Vec<u32>, names: ImageNames) -> Result<PlacedWords> {
        let (mut places, mut buffer) = (Vec::with_capacity(self.named), Vec::new());
        let mut pieces: Vec<Option<Piece>> = vec![None; self.chunks.len()];
        for chunk in &self.chunks {
            let mut start = 0;
            for head in self.heads(chunk, &mut buffer)? {
                let place = head.words.map(|len| Place { chunk: chunk.piece as u32, start, len });
                places.push(place.unwrap_or(Place::NONE));
                start += head.words.unwrap_or(0);
            }
            let piece = Piece { thread: chunk.thread, width: chunk.width, start: chunk.heads };
            pieces.get_mut(chunk.piece).into_iter().for_each(|to| *to = Some(piece));
        }
        let chunks = pieces.into_iter().flatten().collect();
        let mut words = PlacedWords { places, names: None, chunks, bytes: self.bytes, tally: self.tally };
        words.arrange(order.into_iter().chain(repeat_n(u32::MAX, self.nameless)));
        words.set_names(names);
        Ok(words)
    }
}

impl Chunk {
    /// The images of the chunk. The names of members are not for people.
    fn heads_in<'a>(&self, heads: &'a [u8]) -> impl Iterator<Item = Head<'a>> {
        let has_members = self.has_members;
        let heads = Heads::new(heads, self.place, self.first.number);
        heads.map(move |head| Head { display_name: head.display_name.filter(|_| !has_members), ..head })
    }
}

const TOO_MANY: &str = "more than 4,294,967,294 images are too many for one run; encode them in parts with amc-keywords shards";

#[cfg(test)]
mod tests {
    use super::super::gathered::Document;
    use super::super::image_batch::{ImageBatch, NewImage};
    use super::*;

    /// A batch of images with records from `number` on. An image has a name, and words unless it was
    /// skipped.
    fn batch(input: u32, number: u64, images: &[(&str, Option<&[u32]>)]) -> PackedImages {
        let mut batch = ImageBatch::default();
        for (number, (name, words)) in (number..).zip(images) {
            let key = RecordKey { input, number };
            let display_name = (*name == "b").then_some("B!");
            batch.push(NewImage { key, name, second_name: display_name, words: words.map(|words| words.len() as u32) });
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
        assert_eq!(
            (images.tally.keywords, images.input_of(3), images.input_of(4), images.input_of(5)),
            (5, Some(0), Some(1), None)
        );
    }

    #[test]
    fn heads_are_read_without_the_words() {
        let (_folder, images) = images();
        let mut heads = Vec::new();
        let add = |head: Head<'_>| {
            heads.push((head.place, head.number, head.name.to_owned(), head.words));
            Ok(())
        };
        images.each_head(1..5, add).unwrap();
        let expected = [(1, 1, "skipped", None), (2, 2, "b", Some(0)), (3, 3, "c", Some(3)), (4, 0, "d", Some(2))];
        assert_eq!(heads, expected.map(|(place, number, name, words)| (place, number, name.to_owned(), words)));
        let place = |input, number| images.find(RecordKey { input, number }, |head| head.place).unwrap();
        assert_eq!([place(0, 3), place(1, 0), place(0, 4), place(2, 0)], [Some(3), Some(4), None, None]);
    }

    #[test]
    fn members_are_put_into_the_order_of_their_names() {
        let (_folder, mut images) = images();
        let mut add = |number, members: &[(&str, &str)]| {
            let mut batch = ImageBatch::default();
            (batch.has_members, batch.words) = (true, vec![9]);
            for (number, (name, member)) in (number..).zip(members) {
                let words = (*member == "y").then_some(1);
                batch.push(NewImage { key: RecordKey { input: 2, number }, name, second_name: Some(member), words });
            }
            images.add(3, batch.pack()).unwrap();
            images.sort();
            images.order_of_members().unwrap()
        };
        assert_eq!(add(0, &[("e", "x"), ("f", "y")]), None, "they are in this order already");
        let order = add(2, &[("g", "x"), ("h", "a")]);
        assert_eq!(order, Some(vec![0, 1, 2, 3, 4, 8, 5, 7, 6]));
        let mut names = ImageNames::default();
        ["a", "skipped", "b", "c", "d", "h", "e", "g", "f"].iter().for_each(|name| names.push(name, None).unwrap());
        let words = images.arranged(order.unwrap(), names).unwrap();
        let mut buffer = GatheredWords::default();
        words.gather(0..11, &(0..usize::MAX), &mut buffer).unwrap();
        let all = ["0 a None 2 [1]", "2 b None 0 []", "3 c None 0 [3, 3, 3]", "4 d None 1 [70000, 4]", "8 f None 3 [9]"];
        assert_eq!(buffer.documents().map(shown).collect::<Vec<_>>(), all);
        assert_eq!((words.images(), words.encoded(), words.words()), (11, 5, 7));
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
