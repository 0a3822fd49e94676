//! The ranges of the rows of each image id.

use crate::error::{Error, Result};

/// The rows of one image id.
#[derive(Debug, Clone, Copy)]
struct Range {
    id: i64,
    first: i64,
    last: i64,
}

/// The ranges of the rows of each image id, as the release's scripts compute them.
///
/// The scripts go through the rows. When the image id changes, the rows since the last change are
/// the range of the id before. They start with id 0. So row 0 is `[0, -1]` if the first image with
/// a word has another id. An id whose rows are not adjacent gets its last range.
///
/// ```
/// use amc_keywords::Ranges;
///
/// let mut ranges = Ranges::default();
/// ranges.push(3, 2); // image 3 has two rows
/// ranges.push(1, 4);
/// assert_eq!(ranges.rows().unwrap().collect::<Vec<_>>(), [[0, -1], [2, 5], [-1, -1], [0, 1]]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ranges {
    /// In the order of the rows. The last range may still grow.
    ranges: Vec<Range>,
    /// The number of rows so far.
    rows: i64,
}

impl Ranges {
    /// The most rows of the file per image, apart from one million. Larger ids are refused: nearly
    /// all rows would be empty.
    const MOST_ROWS_PER_IMAGE: u64 = 100;

    /// The rows of each run of adjacent images with one id: the id, the first and the last row. The
    /// scripts' range of id 0 before the first row is left out.
    pub(crate) fn runs(&self) -> impl Iterator<Item = [u64; 3]> {
        let with_rows = self.ranges.iter().filter(|range| range.first <= range.last);
        with_rows.map(|range| [range.id as u64, range.first as u64, range.last as u64])
    }

    /// Adds the next image, which has `count` rows.
    ///
    /// ```
    /// let mut ranges = amc_keywords::Ranges::default();
    /// ranges.push(1, 0); // no word, no row
    /// ranges.push(0, 2);
    /// assert_eq!(ranges.rows()?.collect::<Vec<_>>(), [[0, 1]]);
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    pub fn push(&mut self, id: u64, count: u32) {
        if count == 0 {
            return;
        }
        let id = i64::try_from(id).unwrap_or(i64::MAX);
        if self.ranges.is_empty() {
            self.ranges.push(Range { id: 0, first: 0, last: -1 });
        }
        let first = self.rows;
        self.rows += i64::from(count);
        let last = self.rows - 1;
        match self.ranges.last_mut() {
            Some(range) if range.id == id => range.last = last,
            _ => self.ranges.push(Range { id, first, last }),
        }
    }

    /// The rows `[first row, last row]` of the ids from 0 to the largest id with a word. An id
    /// without a word has `[-1, -1]`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if nearly all rows would be empty because the ids are far apart.
    ///
    /// ```
    /// let mut ranges = amc_keywords::Ranges::default();
    /// ranges.push(4_000_000_000, 1);
    /// assert!(ranges.rows().is_err());
    /// ```
    pub fn rows(mut self) -> Result<impl ExactSizeIterator<Item = [i64; 2]>> {
        let images = self.ranges.len().saturating_sub(1) as u64;
        let largest = self.ranges.iter().map(|range| range.id).max();
        let count = largest.map_or(0, |id| id as u64 + 1);
        Self::check_count(count, images)?;
        // The sort is stable, so the last of several ranges of an id stays the last.
        self.ranges.sort_by_key(|range| range.id);
        let mut ranges = self.ranges.into_iter().peekable();
        let row = move |id: u64| {
            let mut row = [-1, -1];
            while let Some(range) = ranges.next_if(|range| range.id as u64 == id) {
                row = [range.first, range.last];
            }
            row
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok((0..count).map(|id| id as u64).map(row))
    }

    /// Refuses ranges of `count` ids if only `images` of them have rows and nearly all would be
    /// empty.
    pub(crate) fn check_count(count: u64, images: u64) -> Result<()> {
        if count <= images.saturating_mul(Self::MOST_ROWS_PER_IMAGE).saturating_add(1_000_000) {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "ranges need a row for every id up to the largest ({count} rows, {images} of them \
             with words); remove --emit ranges or --layout script, or number the images from 0"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(images: &[(u64, u32)]) -> Vec<[i64; 2]> {
        let mut ranges = Ranges::default();
        images.iter().for_each(|&(id, count)| ranges.push(id, count));
        ranges.rows().unwrap().collect()
    }

    #[test]
    fn the_first_row_is_0_and_minus_1_if_id_0_has_no_word() {
        assert_eq!(ranges(&[(2, 3), (0, 0), (1, 1)]), [[0, -1], [3, 3], [0, 2]]);
        assert_eq!(ranges(&[(2, 3), (0, 2)]), [[3, 4], [-1, -1], [0, 2]]);
        assert_eq!(ranges(&[(0, 2), (1, 1)]), [[0, 1], [2, 2]]);
    }

    #[test]
    fn an_image_listed_twice_has_its_last_range_or_one_range_if_its_rows_are_adjacent() {
        assert_eq!(ranges(&[(1, 2), (0, 1), (1, 3)]), [[2, 2], [3, 5]]);
        assert_eq!(ranges(&[(1, 2), (1, 3)]), [[0, -1], [0, 4]]);
        assert_eq!(ranges(&[(1, 2), (5, 0), (1, 3)])[1], [0, 4]);
    }

    #[test]
    fn without_words_there_are_no_rows() {
        assert!(ranges(&[(4, 0)]).is_empty());
    }

    #[test]
    fn ids_that_are_too_far_apart_are_refused() {
        let mut ranges = Ranges::default();
        ranges.push(1 << 53, 1);
        assert_eq!(
            ranges.rows().err().unwrap().to_string(),
            "ranges need a row for every id up to the largest (9007199254740993 rows, 1 of them \
             with words); remove --emit ranges or --layout script, or number the images from 0"
        );
    }
}
