//! The list cut up, so that several threads can work on it in little memory.

use std::ops::Range;

use crate::matrix::ROW_BYTES;
use crate::pipeline::documents::EncodedDocuments;

/// About so many rows make a block: 1 MiB.
pub(super) const BLOCK_ROWS: usize = (1 << 20) / ROW_BYTES;
pub(super) const BLOCK_IMAGES: usize = 1 << 14;

/// What a block is made of: some images that stand together in the list and, of each, these of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub images: Range<usize>,
    pub words: Range<usize>,
}

/// Cuts the list into pieces of about equal rows. An image of very many is cut up itself: however many words a hostile keyword file
/// has, a block stays small.
pub(super) fn pieces(documents: &EncodedDocuments) -> Vec<Piece> {
    let (mut pieces, mut start, mut rows) = (Vec::new(), 0, 0);
    for image in 0..documents.images() {
        let len = documents.len_of(image);
        if len > 2 * BLOCK_ROWS {
            if start < image {
                pieces.push(Piece { images: start..image, words: 0..usize::MAX });
            }
            let cuts = (0..len).step_by(BLOCK_ROWS);
            pieces.extend(cuts.map(|cut| Piece { images: image..image + 1, words: cut..cut + BLOCK_ROWS }));
            (start, rows) = (image + 1, 0);
            continue;
        }
        rows += len;
        if rows >= BLOCK_ROWS || image + 1 - start >= BLOCK_IMAGES || image + 1 == documents.images() {
            pieces.push(Piece { images: start..image + 1, words: 0..usize::MAX });
            (start, rows) = (image + 1, 0);
        }
    }
    pieces
}

/// Cuts the list into pieces of about so many words, and of so many images at most. No image is cut up.
pub(super) fn whole_images(documents: &EncodedDocuments, words: usize, images: usize) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut seen) = (Vec::new(), 0, 0);
    for image in 0..documents.images() {
        seen += documents.len_of(image);
        if seen >= words || image + 1 - start >= images || image + 1 == documents.images() {
            pieces.push(start..image + 1);
            (start, seen) = (image + 1, 0);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::documents::Batch;

    #[test]
    fn an_image_of_very_many_words_is_cut_up_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(5, folder.path());
        let many = 2 * BLOCK_ROWS + 1;
        let documents_of = [(0, 3), (1, many as u32), (2, 5), (3, 2 * BLOCK_ROWS as u32)];
        let words = vec![0; 8 + many + 2 * BLOCK_ROWS];
        documents.add(0, Batch { words, documents: documents_of.to_vec(), ..Batch::default() }.pack()).unwrap();
        let piece = |images, words| Piece { images, words };
        let all = 0..usize::MAX;
        let expected = [
            piece(0..1, all.clone()),
            piece(1..2, 0..BLOCK_ROWS),
            piece(1..2, BLOCK_ROWS..2 * BLOCK_ROWS),
            piece(1..2, 2 * BLOCK_ROWS..3 * BLOCK_ROWS),
            piece(2..4, all.clone()),
            piece(4..5, all),
        ];
        assert_eq!(pieces(&documents), expected);
    }

    #[test]
    fn whole_images_are_never_cut_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(6, folder.path());
        let documents_of = [(0, 3), (1, 9), (2, 1), (3, 1), (4, 0), (5, 1)];
        documents.add(0, Batch { words: vec![0; 15], documents: documents_of.to_vec(), ..Batch::default() }.pack()).unwrap();
        assert_eq!(whole_images(&documents, 4, 3), [0..2, 2..5, 5..6]);
        assert_eq!(whole_images(&documents, 100, 5), [0..5, 5..6]);
        assert!(whole_images(&EncodedDocuments::new(0, folder.path()), 4, 3).is_empty());
    }
}
