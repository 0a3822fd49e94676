//! Images in another order than that in which they were read.
//!
//! The heads are sorted with temporary files, so that an image takes no memory of its own. The words
//! stay where they are.

use std::ops::Range;
use std::path::Path;

use super::bytes::{BLOCK, ByteStore};
use super::gathered::GatheredWords;
use super::head_row::{HeadRow, push_sortable};
use super::heads::{Head, RecordKey, StoredImage, push_number, take_number};
use super::image_batch::StoredBatch;
use super::ordered::OrderedImages;
use super::page::{HeadPage, Location};
use super::pages::{self, Pages};
use crate::error::Result;
use crate::row_sorter::RowSorter;

/// A page ends after this many images or bytes.
const PAGE_IMAGES: u32 = if cfg!(test) { 4 } else { 512 };
const PAGE_BYTES: usize = BLOCK / 16;

/// The images of [`OrderedImages`] in another order.
#[derive(Debug)]
pub(crate) struct ArrangedImages {
    /// The images as they were read.
    read: OrderedImages,
    pages: Vec<ArrangedPage>,
    /// The number of images with a name.
    named: usize,
}

#[derive(Debug)]
struct ArrangedPage {
    /// The place of its first image.
    place: usize,
    piece: usize,
    len: usize,
}

/// An image of the list, which may not have been found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedImage<'a> {
    pub place: usize,
    /// Its place in the list.
    pub listed: u32,
    /// Where it was found.
    pub key: Option<RecordKey>,
    pub name: &'a str,
}

/// The names of a list by place.
pub(crate) trait ListedNames {
    fn name_at(&self, listed: u32) -> String;

    /// The number of names.
    fn len(&self) -> u32;
}

/// What is before the stored image in the head of an arranged image.
struct ArrangedHead<'a> {
    /// `None` if the image is only in the list.
    location: Option<Location>,
    image: StoredImage<'a>,
}

impl<'a> ArrangedHead<'a> {
    fn push(&self, bytes: &mut Vec<u8>) {
        push_number(self.location.map_or(0, |location| u64::from(location.batch) + 1), bytes);
        push_number(self.location.map_or(0, |location| location.start as u64), bytes);
        self.image.push(0, bytes);
    }

    fn take(bytes: &mut &'a [u8]) -> Option<Self> {
        let batch = take_number(bytes)?.checked_sub(1);
        let start = take_number(bytes)? as usize;
        let location = batch.map(|batch| Location { batch: batch as u32, start });
        Some(ArrangedHead { location, image: StoredImage::take(bytes, 0)? })
    }
}

impl OrderedImages {
    /// The images in the byte order of the names of their members, input by input. Lines and rows
    /// stay in their order.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be read or written.
    pub fn arrange_by_member(self, scratch: &Path) -> Result<ArrangedImages> {
        let rows = self.sort_by(scratch, |batch, image, key| {
            key.extend(batch.first.input.to_be_bytes());
            push_sortable(image.second_name.filter(|_| batch.has_members).unwrap_or_default(), key);
            key.extend(image.number.to_be_bytes());
        })?;
        let mut arranging = Arranging::new(self);
        let mut rows = rows.sorted()?;
        while let Some(row) = rows.next_row()? {
            arranging.push(row.head())?;
        }
        arranging.finish()
    }

    /// The images in the order of a list, with those that are only in the list. Calls `take` with
    /// each image.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be read or written.
    pub fn arrange_by_list(
        self,
        scratch: &Path,
        list: &dyn ListedNames,
        take: &mut dyn FnMut(ListedImage<'_>),
    ) -> Result<ArrangedImages> {
        let rows = self.sort_by(scratch, |batch, image, key| {
            key.extend(image.listed.unwrap_or(u32::MAX).to_be_bytes());
            key.extend(batch.first.input.to_be_bytes());
            key.extend(image.number.to_be_bytes());
        })?;
        let mut arranging = Arranging::new(self);
        let mut rows = rows.sorted()?;
        let mut next = 0;
        while let Some(row) = rows.next_row()? {
            let Some(head) = ArrangedHead::take(&mut row.head()) else { continue };
            let listed = head.image.listed.unwrap_or(u32::MAX);
            (next..listed.min(list.len())).try_for_each(|missing| arranging.push_missing(missing, list, take))?;
            next = listed.saturating_add(1);
            let key = head.location.and_then(|location| arranging.read.key_of(location.batch, head.image.number));
            take(ListedImage { place: arranging.place, listed, key, name: head.image.name });
            arranging.push(row.head())?;
        }
        (next..list.len()).try_for_each(|missing| arranging.push_missing(missing, list, take))?;
        arranging.finish()
    }

    /// The heads of all images with the keys that `push_key` makes. The second names of members are
    /// left out.
    fn sort_by(
        &self,
        scratch: &Path,
        push_key: impl Fn(&StoredBatch, StoredImage<'_>, &mut Vec<u8>),
    ) -> Result<RowSorter<HeadRow>> {
        let (mut rows, mut buffer) = (RowSorter::new(scratch), Vec::new());
        let mut bytes = Vec::new();
        for (batch, number) in self.batches().iter().zip(0..) {
            let mut start = 0;
            for image in self.images_of(batch, &mut buffer)? {
                bytes.clear();
                push_key(batch, image, &mut bytes);
                let key = bytes.len() as u32;
                let location = Some(Location { batch: number, start });
                start += image.words.unwrap_or(0) as usize;
                let image = StoredImage { second_name: image.second_name.filter(|_| !batch.has_members), ..image };
                ArrangedHead { location, image }.push(&mut bytes);
                rows.push(HeadRow::new(bytes.as_slice().into(), key))?;
            }
        }
        Ok(rows)
    }
}

/// Images that are being arranged.
struct Arranging {
    read: OrderedImages,
    pages: Vec<ArrangedPage>,
    /// The page that has begun, and the number of its images.
    page: Vec<u8>,
    images: u32,
    /// The place of the next image.
    place: usize,
}

impl Arranging {
    fn new(read: OrderedImages) -> Self {
        Arranging { read, pages: Vec::new(), page: Vec::new(), images: 0, place: 0 }
    }

    fn push(&mut self, head: &[u8]) -> Result<()> {
        self.page.extend_from_slice(head);
        self.place += 1;
        self.images += 1;
        if self.images >= PAGE_IMAGES || self.page.len() >= PAGE_BYTES { self.end_page() } else { Ok(()) }
    }

    /// Adds an image that is only in the list.
    fn push_missing(&mut self, listed: u32, list: &dyn ListedNames, take: &mut dyn FnMut(ListedImage<'_>)) -> Result<()> {
        let name = &list.name_at(listed);
        take(ListedImage { place: self.place, listed, key: None, name });
        let mut head = Vec::new();
        let image = StoredImage { number: 0, listed: Some(listed), name, second_name: None, words: None };
        ArrangedHead { location: None, image }.push(&mut head);
        self.push(&head)
    }

    fn end_page(&mut self) -> Result<()> {
        let piece = self.read.add_piece(&self.page)?;
        let place = self.place - self.images as usize;
        self.pages.push(ArrangedPage { place, piece, len: self.page.len() });
        self.page.clear();
        self.images = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<ArrangedImages> {
        if self.images > 0 {
            self.end_page()?;
        }
        Ok(ArrangedImages { read: self.read, pages: self.pages, named: self.place })
    }
}

impl ArrangedImages {
    /// The images as they were read, for the counts of those that were found.
    pub fn read(&self) -> &OrderedImages {
        &self.read
    }

    /// The number of images, including skipped ones and those without a name.
    pub fn len(&self) -> usize {
        self.named + self.read.nameless()
    }

    /// The number of images with a name.
    pub fn named(&self) -> usize {
        self.named
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

impl Pages for ArrangedImages {
    fn page_of(&self, place: usize) -> Option<usize> {
        let page = self.pages.partition_point(|page| page.place <= place).checked_sub(1)?;
        Some(page).filter(|_| place < self.named)
    }

    fn fill(&self, number: usize, _words: bool, page: &mut HeadPage) -> Result<()> {
        let Some(arranged) = self.pages.get(number) else { return Ok(()) };
        page.restart(arranged.place);
        let mut buffer = std::mem::take(&mut page.read);
        let mut bytes = self.bytes().read(arranged.piece, 0..arranged.len, &mut buffer)?;
        while let Some(ArrangedHead { location, image }) = ArrangedHead::take(&mut bytes) {
            let key = location.and_then(|location| self.read.key_of(location.batch, image.number));
            page.push(image, key, location.unwrap_or(Location { batch: u32::MAX, start: 0 }));
        }
        page.read = buffer;
        Ok(())
    }

    fn batch(&self, number: u32) -> Option<&StoredBatch> {
        self.read.batch(number)
    }

    fn bytes(&self) -> &ByteStore {
        self.read.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::gathered::Document;
    use super::super::image_batch::ImageBatch;
    use super::*;

    /// An image of the tests: its input, number, place in the list, name, member, and words unless it
    /// was skipped.
    type TestImage = (u32, u64, Option<u32>, &'static str, &'static str, Option<Vec<u32>>);

    /// Adds each image as a batch of its own, with its number modulo 3 as thread.
    fn ordered(folder: &Path, images: &[TestImage]) -> OrderedImages {
        let mut ordered = OrderedImages::new(folder);
        for (input, number, listed, name, member, words) in images {
            let mut batch = ImageBatch::default();
            batch.has_members = !member.is_empty();
            let second_name = Some(*member).filter(|member| !member.is_empty());
            let words = words.as_deref();
            let count = words.map(|words| words.len() as u32);
            batch.push(*input, StoredImage { number: *number, listed: *listed, name, second_name, words: count });
            batch.words.extend_from_slice(words.unwrap_or_default());
            ordered.add((number % 3) as usize, batch.pack()).unwrap();
        }
        ordered.sort();
        ordered
    }

    /// The images with their places, threads and words.
    fn shown(images: &ArrangedImages, range: Range<usize>) -> Vec<String> {
        let mut gathered = GatheredWords::default();
        images.gather(range, &(0..usize::MAX), &mut gathered).unwrap();
        let document = |Document { place, thread, words, name, .. }: Document<'_>| format!("{place} {name} {thread} {words:?}");
        gathered.documents().map(document).collect()
    }

    #[test]
    fn members_are_in_the_byte_order_of_their_names_input_by_input() {
        let folder = tempfile::tempdir().unwrap();
        let images = [
            (0, 1, None, "line", "", Some(vec![1])),
            (0, 2, None, "a line", "", Some(vec![2])),
            (1, 0, None, "z", "b/z.json", Some(vec![3])),
            (1, 1, None, "same", "a.json", None),
            (1, 2, None, "same", "a.json", Some(vec![4, 5])),
            (1, 3, None, "nul", "a\0.json", Some(vec![6])),
            (1, 4, None, "short", "a", Some(vec![70_000])),
            (2, 0, None, "first", "a", Some(vec![])),
        ];
        let ordered = ordered(folder.path(), &images);
        assert!(!ordered.are_members_in_order().unwrap());
        let arranged = ordered.arrange_by_member(folder.path()).unwrap();
        let all = [
            "0 line 1 [1]",
            "1 a line 2 [2]",
            "2 short 1 [70000]",
            "3 nul 0 [6]",
            "5 same 2 [4, 5]",
            "6 z 0 [3]",
            "7 first 0 []",
        ];
        assert_eq!(shown(&arranged, 0..9), all);
        assert_eq!(shown(&arranged, 4..6), all[4..5], "in the middle of a page");
        assert_eq!((arranged.len(), arranged.named(), arranged.read().encoded()), (8, 8, 7));
    }

    struct Names(Vec<&'static str>);

    impl ListedNames for Names {
        fn name_at(&self, listed: u32) -> String {
            self.0[listed as usize].to_owned()
        }

        fn len(&self) -> u32 {
            self.0.len() as u32
        }
    }

    #[test]
    fn listed_images_are_in_the_order_of_the_list_with_those_that_are_missing() {
        let folder = tempfile::tempdir().unwrap();
        let images = [
            (0, 0, Some(3), "d", "", Some(vec![1])),
            (0, 1, Some(1), "b", "m", Some(vec![2])),
            (1, 7, Some(1), "b", "", Some(vec![3])),
        ];
        let list = Names(vec!["a", "b", "c", "d", "e"]);
        let mut taken = Vec::new();
        let mut take = |image: ListedImage<'_>| {
            let key = image.key.map(|key| (key.input, key.number));
            taken.push((image.place, image.listed, key, image.name.to_owned()));
        };
        let arranged = ordered(folder.path(), &images).arrange_by_list(folder.path(), &list, &mut take).unwrap();
        let expected = [
            (0, 0, None, "a"),
            (1, 1, Some((0, 1)), "b"),
            (2, 1, Some((1, 7)), "b"),
            (3, 2, None, "c"),
            (4, 3, Some((0, 0)), "d"),
            (5, 4, None, "e"),
        ];
        assert_eq!(taken, expected.map(|(place, listed, key, name)| (place, listed, key, name.to_owned())));
        assert_eq!(shown(&arranged, 0..6), ["1 b 1 [2]", "2 b 1 [3]", "4 d 0 [1]"]);
        let mut heads = Vec::new();
        let add = |head: Head<'_>| {
            heads.push((head.name.to_owned(), head.key.is_some(), head.words));
            Ok(())
        };
        arranged.each_head(3..6, add).unwrap();
        assert_eq!(heads, [("c".into(), false, None), ("d".into(), true, Some(1)), ("e".into(), false, None)]);
        assert_eq!((arranged.len(), arranged.named(), arranged.read().encoded()), (6, 6, 3));
    }

    #[test]
    fn an_empty_set_has_no_pages() {
        let folder = tempfile::tempdir().unwrap();
        let arranged = ordered(folder.path(), &[]).arrange_by_member(folder.path()).unwrap();
        assert_eq!((arranged.len(), shown(&arranged, 0..3)), (0, Vec::new()));
    }
}
