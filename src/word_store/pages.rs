//! Images by place: their heads are read page by page, and their words image by image.

use std::ops::Range;

use super::bytes::ByteStore;
use super::gathered::GatheredWords;
use super::heads::Head;
use super::image_batch::StoredBatch;
use super::page::{HeadPage, PageImage};
use crate::error::Result;

/// A store whose images are on pages.
pub(super) trait Pages {
    /// The number of the page with the image at `place`.
    fn page_of(&self, place: usize) -> Option<usize>;

    /// Replaces the content of `page` by that of the page with this number. With `words`, a page that
    /// is a batch also gets its words.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    fn fill(&self, number: usize, words: bool, page: &mut HeadPage) -> Result<()>;

    /// A batch as it was read, which has the words of its images.
    fn batch(&self, number: u32) -> Option<&StoredBatch>;

    fn bytes(&self) -> &ByteStore;
}

/// Fills the page with that of the image at `place`, unless it has it already. Returns whether there
/// is such an image.
fn turn_to(pages: &impl Pages, place: usize, words: bool, page: &mut HeadPage) -> Result<bool> {
    if !page.has(place) {
        let Some(number) = pages.page_of(place) else { return Ok(false) };
        pages.fill(number, words, page)?;
    }
    Ok(page.has(place))
}

/// Calls `take` for each of the images that have a name.
pub(super) fn each_head(pages: &impl Pages, images: Range<usize>, mut take: impl FnMut(Head<'_>) -> Result<()>) -> Result<()> {
    let (mut page, mut place) = (HeadPage::default(), images.start);
    while place < images.end && turn_to(pages, place, false, &mut page)? {
        let end = page.end().min(images.end);
        (place..end).filter_map(|place| page.image(place)).try_for_each(|image| take(image.head))?;
        place = end;
    }
    Ok(())
}

/// Replaces the content of `gathered` by the range `words` of the words of each image.
pub(super) fn gather(pages: &impl Pages, images: Range<usize>, words: &Range<usize>, gathered: &mut GatheredWords) -> Result<()> {
    gathered.clear();
    let mut page = std::mem::take(&mut gathered.page);
    let mut place = images.start;
    while place < images.end && turn_to(pages, place, true, &mut page)? {
        let end = page.end().min(images.end);
        for image in (place..end).filter_map(|place| page.image(place)) {
            add_words(pages, &page.words, image, words, gathered)?;
        }
        place = end;
    }
    gathered.page = page;
    Ok(())
}

/// Adds the words of an image, unless it was skipped. `held` has the packed words of its batch, or
/// nothing.
fn add_words(
    pages: &impl Pages,
    held: &[u8],
    PageImage { head, location }: PageImage<'_>,
    words: &Range<usize>,
    gathered: &mut GatheredWords,
) -> Result<()> {
    let Some((len, batch)) = head.words.zip(pages.batch(location.batch)) else { return Ok(()) };
    let (len, width) = (len as usize, batch.width.bytes());
    let range = width * (location.start + words.start.min(len))..width * (location.start + words.end.min(len));
    let bytes = match held.is_empty() {
        false => held.get(range).unwrap_or_default(),
        true => pages.bytes().read(batch.piece, batch.heads + range.start..batch.heads + range.end, &mut gathered.read)?,
    };
    batch.width.unpack(bytes, &mut gathered.words);
    gathered.end_document(head, batch.thread);
    Ok(())
}
