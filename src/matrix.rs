//! Documents and a vocabulary make rows; rows make ranges. Pure: no files.

use crate::error::{Error, Result};

/// Bytes of one row of the pairs: two little-endian int64.
pub(crate) const ROW_BYTES: usize = 16;

/// What the main file of an output holds.
///
/// ```
/// assert_eq!(amc_keywords::Layout::default().name(), "documented");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// The pairs `[img_id, word_id]`, int64, N x 2, as the release's README says.
    #[default]
    Documented,
    /// The ranges `[first row, last row]` of each image id, which the release's scripts really saved, and beside them the pairs.
    Script,
}

impl Layout {
    /// As on the command line.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Layout::Script.name(), "script");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Layout::Documented => "documented",
            Layout::Script => "script",
        }
    }
}

/// Puts the rows `[id, word]` of one image where `rows` begins, a row a word as far as there is room.
pub(crate) fn put_pairs(id: u64, words: &[u32], rows: &mut [u8]) {
    put(words, rows, |word| (u128::from(id) | u128::from(word) << 64).to_le_bytes());
}

/// [`put_pairs`] with elements of four bytes, which `id` and the words must fit into.
pub(crate) fn put_pairs_int32(id: u64, words: &[u32], rows: &mut [u8]) {
    put(words, rows, |word| (id & 0xffff_ffff | u64::from(word) << 32).to_le_bytes());
}

fn put<const N: usize>(words: &[u32], rows: &mut [u8], row: impl Fn(u32) -> [u8; N]) {
    rows.as_chunks_mut().0.iter_mut().zip(words).for_each(|(place, &word)| *place = row(word));
}

/// The walk of the release's scripts over the rows: whenever the image id changes, the rows since the last change are the range of
/// the id before. It starts from id 0, so that row 0 reads `[0, -1]` when the first image with a word is not id 0, and an id whose
/// rows do not stand together keeps the last of its ranges.
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
    /// Id, first row, last row, in the order of the walk; the last one is still growing.
    walked: Vec<[i64; 3]>,
    rows: i64,
}

impl Ranges {
    /// A file may have so many rows for each image of the run, and a million beside: ids are numbers of images, not telephone numbers.
    const MOST_ROWS_PER_IMAGE: u64 = 100;

    /// The next image of the matrix has `count` rows.
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
        if self.walked.is_empty() {
            self.walked.push([0, 0, -1]);
        }
        let first = self.rows;
        self.rows += i64::from(count);
        match self.walked.last_mut() {
            Some(last) if last[0] == id => last[2] = self.rows - 1,
            _ => self.walked.push([id, first, self.rows - 1]),
        }
    }

    /// The rows `[first row, last row]` of the ids from 0 to the largest one with a word, `[-1, -1]` where an id has none.
    ///
    /// Ids that lie so far apart that nearly all rows would be empty are an error.
    ///
    /// ```
    /// let mut ranges = amc_keywords::Ranges::default();
    /// ranges.push(4_000_000_000, 1);
    /// assert!(ranges.rows().is_err());
    /// ```
    pub fn rows(mut self) -> Result<impl ExactSizeIterator<Item = [i64; 2]>> {
        let images = self.walked.len().saturating_sub(1) as u64;
        let largest = self.walked.iter().map(|&[id, ..]| id).max();
        let count = largest.map_or(0, |id| id as u64 + 1);
        if count > images.saturating_mul(Self::MOST_ROWS_PER_IMAGE) + 1_000_000 {
            return Err(Error::Refused(format!(
                "ranges have a row for every id up to the largest: {count} rows, of which {images} would not be empty; leave --emit \
                 ranges or --layout script out, or number the images from 0"
            )));
        }
        // Stable: of two ranges of one id the later one counts.
        self.walked.sort_by_key(|&[id, ..]| id);
        let mut walked = self.walked.into_iter().peekable();
        let row = move |id: u64| {
            let mut range = [-1, -1];
            while let Some([_, first, last]) = walked.next_if(|&[of, ..]| of as u64 == id) {
                range = [first, last];
            }
            range
        };
        Ok((0..usize::try_from(count).unwrap_or(usize::MAX)).map(|id| id as u64).map(row))
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
    fn pairs_are_two_little_endian_int64_a_word() {
        let mut rows = [1; 3 * ROW_BYTES];
        put_pairs(258, &[7, 65536], &mut rows);
        put_pairs(1, &[], &mut rows);
        let numbers: Vec<i64> = rows.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
        let untouched = i64::from_le_bytes([1; 8]);
        assert_eq!(numbers, [258, 7, 258, 65536, untouched, untouched]);
    }

    #[test]
    fn pairs_may_be_int32() {
        let mut rows = [0; ROW_BYTES];
        put_pairs_int32(0x7fff_ffff, &[7, 65536], &mut rows);
        let numbers: Vec<i32> = rows.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
        assert_eq!(numbers, [i32::MAX, 7, i32::MAX, 65536]);
    }

    #[test]
    fn the_first_row_reads_0_and_minus_1_when_id_0_has_no_word() {
        assert_eq!(ranges(&[(2, 3), (0, 0), (1, 1)]), [[0, -1], [3, 3], [0, 2]]);
        assert_eq!(ranges(&[(2, 3), (0, 2)]), [[3, 4], [-1, -1], [0, 2]]);
        assert_eq!(ranges(&[(0, 2), (1, 1)]), [[0, 1], [2, 2]]);
    }

    #[test]
    fn an_image_listed_twice_keeps_its_last_range_or_one_that_goes_through() {
        assert_eq!(ranges(&[(1, 2), (0, 1), (1, 3)]), [[2, 2], [3, 5]]);
        assert_eq!(ranges(&[(1, 2), (1, 3)]), [[0, -1], [0, 4]]);
        assert_eq!(ranges(&[(1, 2), (5, 0), (1, 3)])[1], [0, 4]);
    }

    #[test]
    fn no_word_at_all_is_no_row() {
        assert!(ranges(&[(4, 0)]).is_empty());
    }

    #[test]
    fn ids_that_lie_too_far_apart_are_refused() {
        let mut ranges = Ranges::default();
        ranges.push(1 << 53, 1);
        assert_eq!(
            ranges.rows().err().unwrap().to_string(),
            "ranges have a row for every id up to the largest: 9007199254740993 rows, of which 1 would not be empty; leave --emit \
             ranges or --layout script out, or number the images from 0"
        );
    }
}
