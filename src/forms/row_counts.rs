//! The numbers of images and rows of a split, counted while the rows are made.

use super::id_ranges::Ranges;

/// The number of rows of an image, or of a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageRows {
    pub image: u64,
    pub rows: u32,
}

/// Takes the rows of images.
pub(super) trait RowTarget {
    fn add(&mut self, image: u64, words: impl Iterator<Item = u32>);
}

/// The counts of a split.
#[derive(Debug, Default)]
pub(crate) struct RowCounts {
    pub images: u64,
    pub images_without_a_word: u64,
    pub rows: u64,
    /// The ranges, if a form needs them.
    pub ranges: Option<Ranges>,
    rows_of_last: u64,
}

impl RowCounts {
    /// Counts the next image, or further rows of the last image if `is_continued`.
    pub(super) fn add(&mut self, image: ImageRows, is_continued: bool) {
        let rows = u64::from(image.rows);
        self.rows += rows;
        let before = if is_continued { self.rows_of_last } else { 0 };
        self.rows_of_last = before + rows;
        match is_continued {
            false => {
                self.images += 1;
                self.images_without_a_word += u64::from(rows == 0);
            }
            true => self.images_without_a_word -= u64::from(before == 0 && rows > 0),
        }
        if let Some(ranges) = &mut self.ranges {
            ranges.push(image.image, image.rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_in_parts_is_counted_once() {
        let mut counts = RowCounts::default();
        let parts = [(0, false), (0, false), (0, true), (4, true), (3, true), (5, false), (0, true)];
        for (rows, is_continued) in parts.into_iter().chain([(0, false), (0, true)]) {
            counts.add(ImageRows { image: 1, rows }, is_continued);
        }
        assert_eq!((counts.images, counts.images_without_a_word, counts.rows), (4, 2, 12));
    }
}
