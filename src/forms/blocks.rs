//! Cuts the list of images into pieces, and processes the pieces on several threads in order.

use std::ops::Range;

use super::content::WordBuffer;
use super::form::FormContext;
use super::row_block::BLOCK_ROWS;
use crate::error::Result;
use crate::parallel::in_order;
use crate::word_store::WordStore;

/// The most images of a block.
const BLOCK_IMAGES: usize = 1 << 14;

/// Some adjacent images of the list, and the range of words that is used of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowPiece {
    pub images: Range<usize>,
    pub words: Range<usize>,
}

/// Cuts the list into pieces of about [`BLOCK_ROWS`] rows. An image of very many words is cut as
/// well, so a block stays small however many words a malicious keyword file has.
///
/// # Errors
///
/// The temporary file of the store cannot be read.
pub(super) fn row_pieces(store: &WordStore) -> Result<Vec<RowPiece>> {
    let (mut pieces, mut start, mut rows) = (Vec::new(), 0, 0);
    each_len(store, |image, len| {
        if len > 2 * BLOCK_ROWS {
            if start < image {
                pieces.push(RowPiece { images: start..image, words: 0..usize::MAX });
            }
            let cuts = (0..len).step_by(BLOCK_ROWS).map(|cut| cut..cut + BLOCK_ROWS);
            pieces.extend(cuts.map(|words| RowPiece { images: image..image + 1, words }));
            (start, rows) = (image + 1, 0);
            return;
        }
        rows += len;
        let is_full = rows >= BLOCK_ROWS || image + 1 - start >= BLOCK_IMAGES;
        if is_full {
            pieces.push(RowPiece { images: start..image + 1, words: 0..usize::MAX });
            (start, rows) = (image + 1, 0);
        }
    })?;
    let end = store.images();
    pieces.extend((start < end).then_some(RowPiece { images: start..end, words: 0..usize::MAX }));
    Ok(pieces)
}

/// Calls `take` with the place and the number of words of each image. An image that was skipped has
/// none.
fn each_len(store: &WordStore, mut take: impl FnMut(usize, usize)) -> Result<()> {
    store.each_head(0..store.images(), |head| {
        take(head.place, head.words.unwrap_or(0) as usize);
        Ok(())
    })
}

/// The size of pieces of whole images.
#[derive(Debug, Clone, Copy)]
pub(super) struct PieceSize {
    /// A piece ends after the image that reaches this number of words.
    pub words: usize,
    pub most_images: usize,
}

impl PieceSize {
    /// The words of a block of pairs.
    pub const OF_ROWS: PieceSize = PieceSize { words: BLOCK_ROWS, most_images: BLOCK_IMAGES };
}

/// Cuts the list into pieces of whole images.
///
/// # Errors
///
/// The temporary file of the store cannot be read.
pub(super) fn image_pieces(store: &WordStore, size: PieceSize) -> Result<Vec<Range<usize>>> {
    Ok(PieceCutter::new(size).cut(store)?.into_iter().map(|piece| piece.images).collect())
}

/// Cuts several lists, one after the other, as if they were one.
#[derive(Debug)]
pub(super) struct PieceCutter {
    size: PieceSize,
    /// The size of the piece that has begun.
    words: usize,
    images: usize,
}

/// Some adjacent images of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImagePiece {
    pub images: Range<usize>,
    /// Whether the piece is complete. The last piece of a list goes on in the next list if it is
    /// not.
    pub is_complete: bool,
}

impl PieceCutter {
    pub fn new(size: PieceSize) -> PieceCutter {
        PieceCutter { size, words: 0, images: 0 }
    }

    /// Cuts the next list.
    ///
    /// # Errors
    ///
    /// The temporary file of the store cannot be read.
    pub fn cut(&mut self, store: &WordStore) -> Result<Vec<ImagePiece>> {
        let (mut pieces, mut start) = (Vec::new(), 0);
        each_len(store, |image, len| {
            self.words = self.words.saturating_add(len);
            self.images += 1;
            if self.words >= self.size.words || self.images >= self.size.most_images {
                pieces.push(ImagePiece { images: start..image + 1, is_complete: true });
                start = image + 1;
                (self.words, self.images) = (0, 0);
            }
        })?;
        let end = store.images();
        pieces.extend((start < end).then_some(ImagePiece { images: start..end, is_complete: false }));
        Ok(pieces)
    }
}

/// Calls `make` for each piece on all threads, and `take` with the results in order.
///
/// # Errors
///
/// The first error in the order of the pieces, or [`Error::Interrupted`] if the run is cancelled.
pub(super) fn for_each_piece<P: Sync, R: Send>(
    context: FormContext<'_>,
    pieces: &[P],
    make: impl Fn(&mut WordBuffer, &P) -> Result<R> + Sync,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let make = |buffer: &mut WordBuffer, place: usize| pieces.get(place).map(|piece| make(buffer, piece)).transpose();
    in_order(context.jobs, pieces.len(), WordBuffer::default, make, |result| {
        context.progress.stop_if_cancelled()?;
        result.map_or(Ok(()), &mut take)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word_store::{Batch, PlacedWords};

    #[test]
    fn only_an_image_of_very_many_words_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = PlacedWords::new(5, folder.path());
        let many = 2 * BLOCK_ROWS + 1;
        let documents_of = [(0, 3), (1, many as u32), (2, 5), (3, 2 * BLOCK_ROWS as u32)];
        let words = vec![0; 8 + many + 2 * BLOCK_ROWS];
        documents.add(0, Batch { words, documents: documents_of.to_vec(), ..Batch::default() }.pack()).unwrap();
        let piece = |images, words| RowPiece { images, words };
        let all = 0..usize::MAX;
        let expected = [
            piece(0..1, all.clone()),
            piece(1..2, 0..BLOCK_ROWS),
            piece(1..2, BLOCK_ROWS..2 * BLOCK_ROWS),
            piece(1..2, 2 * BLOCK_ROWS..3 * BLOCK_ROWS),
            piece(2..4, all.clone()),
            piece(4..5, all),
        ];
        assert_eq!(row_pieces(&WordStore::Placed(documents)).unwrap(), expected);
    }

    #[test]
    fn pieces_of_whole_images_cut_no_image() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = PlacedWords::new(6, folder.path());
        let documents_of = [(0, 3), (1, 9), (2, 1), (3, 1), (4, 0), (5, 1)];
        documents.add(0, Batch { words: vec![0; 15], documents: documents_of.to_vec(), ..Batch::default() }.pack()).unwrap();
        let documents = WordStore::Placed(documents);
        let pieces = |words, most_images| image_pieces(&documents, PieceSize { words, most_images }).unwrap();
        assert_eq!((pieces(4, 3), pieces(100, 5)), (vec![0..2, 2..5, 5..6], vec![0..5, 5..6]));
        let mut cutter = PieceCutter::new(PieceSize { words: 4, most_images: 3 });
        let mut cut = || {
            let pieces = cutter.cut(&documents).unwrap().into_iter();
            pieces.map(|piece| (piece.images, piece.is_complete)).collect::<Vec<_>>()
        };
        assert_eq!(cut(), [(0..2, true), (2..5, true), (5..6, false)]);
        assert_eq!(cut(), [(0..1, true), (1..2, true), (2..5, true), (5..6, false)], "the second list goes on");
        let empty = WordStore::Placed(PlacedWords::new(0, folder.path()));
        assert!(image_pieces(&empty, PieceSize::OF_ROWS).unwrap().is_empty());
    }
}
