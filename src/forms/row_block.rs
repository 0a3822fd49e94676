//! Rows of pairs in compact form: the words, and one id per image. This is a quarter of the bytes
//! of the rows. Making the rows twice, for the file and for its checksum, is faster than handing
//! all their bytes from thread to thread.

use super::row_counts::{ImageRows, RowTarget};
use keyword_files::npy::hashing_writer::Block;
use keyword_files::npy::header::Dtype;

/// The bytes of a row of two int64.
const ROW_BYTES: usize = 16;

/// The number of rows of a block, which then has 1 MiB.
pub(super) const BLOCK_ROWS: usize = (1 << 20) / ROW_BYTES;

/// Rows `[id, word]`, image by image.
#[derive(Debug, Default)]
pub(crate) struct RowBlock {
    /// [`Dtype::Int64`] or [`Dtype::Int32`]. All ids fit into it.
    pub dtype: Dtype,
    words: Vec<u32>,
    images: Vec<ImageRows>,
}

/// The size of the pieces in which rows are made: small enough for the processor's cache, and large
/// enough for efficient writes.
const PIECE: usize = 256 << 10;

impl RowBlock {
    /// Adds the rows of an image.
    pub fn add(&mut self, image: u64, words: impl Iterator<Item = u32>) {
        let before = self.words.len();
        self.words.extend(words);
        let rows = (self.words.len() - before) as u32;
        self.images.push(ImageRows { image, rows });
    }

    /// The number of rows of each image.
    pub fn images(&self) -> &[ImageRows] {
        &self.images
    }

    /// The number of bytes of the rows.
    pub fn bytes(&self) -> usize {
        self.words.len() * self.row_bytes()
    }

    fn row_bytes(&self) -> usize {
        2 * self.dtype.size() as usize
    }
}

impl RowTarget for RowBlock {
    fn add(&mut self, image: u64, words: impl Iterator<Item = u32>) {
        self.add(image, words);
    }
}

impl Block for RowBlock {
    fn each_piece<E>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let (mut piece, mut filled) = ([0; PIECE], 0);
        let mut words = self.words.as_slice();
        for &ImageRows { image, rows: count } in &self.images {
            let mut left = count as usize;
            while left > 0 {
                let now = left.min((PIECE - filled) / self.row_bytes());
                let (these, behind) = words.split_at_checked(now).unwrap_or_default();
                let rows = piece.get_mut(filled..).unwrap_or_default();
                match self.dtype {
                    Dtype::Int32 => put_pairs_int32(image, these, rows),
                    _ => put_pairs(image, these, rows),
                }
                (words, left) = (behind, left - now);
                filled += now * self.row_bytes();
                if filled == PIECE {
                    take(&piece)?;
                    filled = 0;
                }
            }
        }
        take(piece.get(..filled).unwrap_or_default())
    }

    fn clear(&mut self) {
        self.words.clear();
        self.images.clear();
    }
}

/// Writes the rows `[id, word]` of one image to the start of `rows`, as far as there is room.
fn put_pairs(id: u64, words: &[u32], rows: &mut [u8]) {
    put(words, rows, |word| (u128::from(id) | u128::from(word) << 64).to_le_bytes());
}

/// [`put_pairs`] with elements of four bytes. `id` and the words must fit into them.
fn put_pairs_int32(id: u64, words: &[u32], rows: &mut [u8]) {
    put(words, rows, |word| (id & 0xffff_ffff | u64::from(word) << 32).to_le_bytes());
}

fn put<const N: usize>(words: &[u32], rows: &mut [u8], row: impl Fn(u32) -> [u8; N]) {
    let places = rows.as_chunks_mut().0.iter_mut();
    places.zip(words).for_each(|(place, &word)| *place = row(word));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(block: &RowBlock) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        block
            .each_piece(|piece| {
                pieces.push(piece.to_vec());
                Ok::<_, ()>(())
            })
            .unwrap();
        pieces
    }

    #[test]
    fn the_pieces_give_the_rows_wherever_they_are_cut() {
        let images = [(7, 3), (1 << 31, 0), (9, 40_000), (2, 1), (4, 9_148), (5, 100)];
        let block = |dtype| {
            let mut block = RowBlock { dtype, ..RowBlock::default() };
            images.iter().for_each(|&(id, count)| block.add(id, 0..count));
            block
        };
        let rows = || images.iter().flat_map(|&(id, count)| (0..count).map(move |word| [id, u64::from(word)]));
        let int64: Vec<u8> = rows().flatten().flat_map(u64::to_le_bytes).collect();
        let int32: Vec<u8> = rows().flatten().flat_map(|number| (number as u32).to_le_bytes()).collect();
        for (dtype, expected, cut) in [(Dtype::Int64, int64, [4, 3]), (Dtype::Int32, int32, [2, 1])] {
            let block = block(dtype);
            let found = pieces(&block);
            assert_eq!(found.concat(), expected);
            assert_eq!([found.len(), found.iter().filter(|piece| piece.len() == PIECE).count()], cut);
            assert_eq!((block.bytes(), block.images().len()), (expected.len(), 6));
        }
    }

    #[test]
    fn a_new_block_and_a_cleared_block_are_empty() {
        let mut block = RowBlock::default();
        assert!(pieces(&block).concat().is_empty());
        block.add(1, 0..5);
        block.clear();
        assert_eq!((pieces(&block).concat().len(), block.images().len(), block.bytes()), (0, 0, 0));
    }

    #[test]
    fn a_row_has_two_little_endian_int64() {
        let mut rows = [1; 3 * ROW_BYTES];
        put_pairs(258, &[7, 65536], &mut rows);
        put_pairs(1, &[], &mut rows);
        let numbers = rows.as_chunks::<8>().0.iter();
        let numbers: Vec<i64> = numbers.map(|bytes| i64::from_le_bytes(*bytes)).collect();
        let untouched = i64::from_le_bytes([1; 8]);
        assert_eq!(numbers, [258, 7, 258, 65536, untouched, untouched]);
    }

    #[test]
    fn a_row_may_have_two_int32() {
        let mut rows = [0; ROW_BYTES];
        put_pairs_int32(0x7fff_ffff, &[7, 65536], &mut rows);
        let numbers = rows.as_chunks::<4>().0.iter();
        let numbers: Vec<i32> = numbers.map(|bytes| i32::from_le_bytes(*bytes)).collect();
        assert_eq!(numbers, [i32::MAX, 7, i32::MAX, 65536]);
    }
}
