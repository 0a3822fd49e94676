//! The ranges of the rows of each image id.

use crate::error::{Error, Result};

/// Where the rows of one image id start. They end where the next ones start.
#[derive(Debug, Clone, Copy)]
struct Start {
    id: u64,
    first: i64,
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
    /// In the order of the rows. Two neighbours have different ids.
    starts: Vec<Start>,
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
        let ends = self.starts.iter().skip(1).map(|next| next.first).chain([self.rows]);
        let with_rows = self.starts.iter().zip(ends).filter(|(start, end)| start.first < *end);
        with_rows.map(|(start, end)| [start.id, start.first as u64, end as u64 - 1])
    }

    /// The number of ids whose rows are not adjacent.
    pub(crate) fn divided_ids(&self) -> usize {
        if self.starts.is_sorted_by(|a, b| a.id < b.id) {
            return 0;
        }
        let mut ids: Vec<u64> = self.runs().map(|[id, ..]| id).collect();
        ids.sort_unstable();
        let different = ids.chunk_by(|a, b| a == b);
        different.filter(|places| places.len() > 1).count()
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
        if self.starts.is_empty() {
            self.starts.push(Start { id: 0, first: 0 });
        }
        if self.starts.last().is_none_or(|last| last.id != id) {
            self.starts.push(Start { id, first: self.rows });
        }
        self.rows += i64::from(count);
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
    pub fn rows(self) -> Result<impl ExactSizeIterator<Item = [i64; 2]>> {
        let Ranges { starts, rows } = self;
        let images = starts.len().saturating_sub(1) as u64;
        let largest = starts.iter().map(|start| start.id).max();
        let count = largest.map_or(0, |id| id.saturating_add(1));
        Self::check_count(count, images)?;
        // A split has less than 2^32 images. Of several ranges of an id, the last stays the last.
        let id_of = |place: u32| starts.get(place as usize).map(|start| start.id);
        let mut order: Vec<u32> = (0..).take(starts.len()).collect();
        order.sort_unstable_by_key(|&place| (id_of(place), place));
        let mut order = order.into_iter().peekable();
        let row = move |id: u64| {
            let start = |place: usize| starts.get(place).map(|start| start.first);
            let mut row = [-1, -1];
            while let Some(place) = order.next_if(|&place| starts.get(place as usize).is_some_and(|start| start.id == id)) {
                let place = place as usize;
                row = [start(place).unwrap_or(-1), start(place + 1).unwrap_or(rows) - 1];
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
    fn an_id_is_divided_if_rows_of_another_are_between_its_rows() {
        let divided = |images: &[(u64, u32)]| {
            let mut ranges = Ranges::default();
            images.iter().for_each(|&(id, count)| ranges.push(id, count));
            ranges.divided_ids()
        };
        assert_eq!(divided(&[(5, 1), (3, 1), (5, 2), (3, 1), (5, 1), (4, 1), (4, 1)]), 2);
        assert_eq!(divided(&[(2, 1), (1, 0), (2, 1), (0, 3)]), 0);
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
