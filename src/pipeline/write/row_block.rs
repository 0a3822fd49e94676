//! The rows of some images without the ids that they repeat: a quarter of the bytes. What is handed from one thread to another costs
//! more than making the rows twice, for the file and for its checksum.

use crate::error::Result;
use crate::matrix::{put_pairs, put_pairs_int32};
use crate::output::npy::Dtype;
use crate::output::stream::Block;

/// Rows `[id, word]`, image after image.
#[derive(Debug, Default)]
pub(crate) struct RowBlock {
    /// [`Dtype::Int64`] or [`Dtype::Int32`], into which all ids fit.
    pub dtype: Dtype,
    words: Vec<u32>,
    counts: Vec<(u64, u32)>,
}

/// Rows are made in so many bytes: few enough for a processor's cache, many enough that the file system takes them in large pieces.
const PIECE: usize = 256 << 10;

impl RowBlock {
    /// Adds the rows of an image.
    pub fn add(&mut self, id: u64, words: impl Iterator<Item = u32>) {
        let before = self.words.len();
        self.words.extend(words);
        self.counts.push((id, (self.words.len() - before) as u32));
    }

    /// The id and the number of rows of each image.
    pub fn counts(&self) -> &[(u64, u32)] {
        &self.counts
    }

    /// How many bytes the rows have.
    pub fn bytes(&self) -> usize {
        self.words.len() * self.row_bytes()
    }

    fn row_bytes(&self) -> usize {
        2 * self.dtype.size() as usize
    }
}

impl Block for RowBlock {
    fn each_piece(&self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (mut piece, mut filled) = ([0; PIECE], 0);
        let mut words = self.words.as_slice();
        for &(id, count) in &self.counts {
            let mut left = count as usize;
            while left > 0 {
                let now = left.min((PIECE - filled) / self.row_bytes());
                let (these, behind) = words.split_at_checked(now).unwrap_or_default();
                let rows = piece.get_mut(filled..).unwrap_or_default();
                match self.dtype {
                    Dtype::Int32 => put_pairs_int32(id, these, rows),
                    _ => put_pairs(id, these, rows),
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
        self.counts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(block: &RowBlock) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        block
            .each_piece(&mut |piece| {
                pieces.push(piece.to_vec());
                Ok(())
            })
            .unwrap();
        pieces
    }

    #[test]
    fn the_pieces_make_the_rows_wherever_they_are_cut() {
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
            assert_eq!((block.bytes(), block.counts().len()), (expected.len(), 6));
        }
    }

    #[test]
    fn an_empty_block_is_empty_and_so_is_one_that_was_cleared() {
        let mut block = RowBlock::default();
        assert!(pieces(&block).concat().is_empty());
        block.add(1, 0..5);
        block.clear();
        assert_eq!((pieces(&block).concat().len(), block.counts().len(), block.bytes()), (0, 0, 0));
    }
}
