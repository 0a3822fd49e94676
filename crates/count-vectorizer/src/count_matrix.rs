//! The sparse matrix of counts.

use std::num::NonZeroUsize;
use std::thread;

use ndarray::Array2;

use nonmax::NonMaxU32;

use crate::csr::WordCount;
use crate::document_counter::Block;
use crate::error::{Error, Result};

/// The number of occurrences of each term in each document, as compressed sparse rows (CSR).
///
/// The shape is documents x terms. The counts and the column numbers are `u32`, and the row offsets
/// are `usize`. The columns of a row are in rising order, and no count is 0. This is the matrix of
/// scikit-learn's `transform` after `sort_indices()`, which has counts of type int64.
///
/// ```
/// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
/// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
/// assert_eq!(counts.shape(), (3, 3)); // three documents; cat, dog, no
/// assert_eq!(counts.indptr(), [0, 2, 3, 4]);
/// assert_eq!(counts.indices(), [0, 1, 2, 0]);
/// assert_eq!(counts.data(), [1, 2, 1, 1]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountMatrix {
    indptr: Vec<usize>,
    indices: Vec<u32>,
    data: Vec<u32>,
    columns: usize,
}

impl CountMatrix {
    /// Joins blocks whose term numbers are columns.
    pub(crate) fn from_blocks(blocks: Vec<Block>, columns: usize) -> Self {
        let documents = blocks.iter().map(|block| block.documents.len()).sum::<usize>();
        let counts = blocks.iter().map(|block| block.counts.len()).sum();
        let mut indptr = Vec::with_capacity(documents + 1);
        let (mut indices, mut data) = (Vec::with_capacity(counts), Vec::with_capacity(counts));
        let mut end = 0;
        indptr.push(end);
        for block in blocks {
            for len in block.documents {
                end += len;
                indptr.push(end);
            }
            indices.extend(block.counts.iter().map(|count| count.word));
            data.extend(block.counts.iter().map(|count| count.count));
        }
        CountMatrix { indptr, indices, data, columns }
    }

    /// Returns the number of documents and the number of terms.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.shape(), (3, 3));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn shape(&self) -> (usize, usize) {
        (self.indptr.len().saturating_sub(1), self.columns)
    }

    /// Returns the start of each row in [`indices`](Self::indices) and [`data`](Self::data), and
    /// the end of the last row. There is one element more than rows.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.indptr(), [0, 2, 3, 4]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn indptr(&self) -> &[usize] {
        &self.indptr
    }

    /// Returns the column of each count, which is a term id.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.indices(), [0, 1, 2, 0]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// Returns the counts.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.data(), [1, 2, 1, 1]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn data(&self) -> &[u32] {
        &self.data
    }

    /// Returns the number of counts: `nnz`.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.len(), 4);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Returns whether no document contains a term.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert!(!counts.is_empty());
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Returns the term ids of a document in rising order, and their counts. Returns `None` past
    /// the last document.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.row(0), Some((&[0, 1][..], &[1, 2][..])));
    /// assert_eq!(counts.row(3), None);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn row(&self, document: usize) -> Option<(&[u32], &[u32])> {
        let range = *self.indptr.get(document)?..*self.indptr.get(document.checked_add(1)?)?;
        Some((self.indices.get(range.clone())?, self.data.get(range)?))
    }

    /// Returns all rows in the order of the documents.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert!(counts.rows().map(|(_, counts)| counts.iter().sum::<u32>()).eq([3, 1, 1]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[u32], &[u32])> + '_ {
        (0..self.shape().0).map(|document| self.row(document).unwrap_or_default())
    }

    /// Returns the matrix with its zeros. The shape is documents x terms.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.to_dense()?, ndarray::arr2(&[[1, 2, 0], [0, 0, 1], [1, 0, 0]]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::TooLargeForMemory`]: the matrix has more bytes than a process can address.
    pub fn to_dense(&self) -> Result<Array2<u32>> {
        let (rows, columns) = self.shape();
        let bytes = rows.checked_mul(columns).and_then(|elements| elements.checked_mul(size_of::<u32>()));
        if bytes.and_then(|bytes| isize::try_from(bytes).ok()).is_none() {
            return Err(Error::TooLargeForMemory { documents: rows, terms: columns });
        }
        let mut dense = Array2::zeros((rows, columns));
        for ((ids, counts), mut row) in self.rows().zip(dense.rows_mut()) {
            for (&id, &count) in ids.iter().zip(counts) {
                if let Some(element) = row.get_mut(id as usize) {
                    *element = count;
                }
            }
        }
        Ok(dense)
    }
}

/// Replaces the provisional numbers of all blocks by term ids. `ids` has the id of each number of
/// each thread.
pub(crate) fn renumber_all(blocks: &mut [Block], ids: &[Vec<Option<NonMaxU32>>], jobs: NonZeroUsize) {
    let share = blocks.len().div_ceil(jobs.get()).max(1);
    thread::scope(|scope| {
        for blocks in blocks.chunks_mut(share) {
            scope.spawn(move || {
                for block in blocks {
                    renumber(block, ids.get(block.thread).map_or(&[], Vec::as_slice));
                }
            });
        }
    });
}

/// Replaces numbers by ids, removes terms without id, and sorts the terms of each document.
fn renumber(block: &mut Block, ids: &[Option<NonMaxU32>]) {
    let id_of = |number: u32| ids.get(number as usize).copied().flatten().map(u32::from);
    let mut kept: Vec<WordCount> = Vec::with_capacity(block.counts.len());
    let mut counts = block.counts.drain(..);
    for len in &mut block.documents {
        let start = kept.len();
        kept.extend(
            counts.by_ref().take(*len).filter_map(|WordCount { word, count }| Some(WordCount { word: id_of(word)?, count })),
        );
        *len = kept.len() - start;
        if let Some(document) = kept.get_mut(start..) {
            document.sort_unstable();
        }
    }
    drop(counts);
    block.counts = kept;
}
