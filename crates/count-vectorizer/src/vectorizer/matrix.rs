//! Counts of words in documents, as a sparse matrix by rows.

use std::num::NonZeroUsize;
use std::thread;

use ndarray::Array2;

use super::counting::Block;
use crate::csr::WordCount;
use crate::error::{Error, Result};
use crate::vocabulary::Learnt;

/// How often the words of a vocabulary stand in documents: a row a document, a column a word, in compressed sparse rows (CSR).
///
/// It is what scikit-learn's `transform` gives with sorted indices: the columns of each row go up, and no count is 0.
///
/// ```
/// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
/// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
/// assert_eq!(counts.shape(), (3, 3)); // three documents; cat, dog, no
/// assert_eq!((counts.indptr(), counts.indices(), counts.data()), (&[0, 2, 3, 4][..], &[0, 1, 2, 0][..], &[1, 2, 1, 1][..]));
/// assert_eq!(counts.rows().map(|(ids, _)| ids.len()).collect::<Vec<_>>(), [2, 1, 1]);
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
    /// Puts the blocks together; `ids` are the columns of each thread's word numbers, where those are provisional.
    pub(super) fn new(mut blocks: Vec<Block>, ids: Option<&[Vec<u32>]>, columns: usize, jobs: NonZeroUsize) -> Self {
        if let Some(ids) = ids {
            let share = blocks.len().div_ceil(jobs.get()).max(1);
            thread::scope(|scope| {
                for blocks in blocks.chunks_mut(share) {
                    scope.spawn(move || blocks.iter_mut().for_each(|block| renumber(block, ids.get(block.thread))));
                }
            });
        }
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

    /// How many documents, and how many words.
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

    /// Where each row begins in [`indices`](Self::indices) and [`data`](Self::data), and where the last one ends: one more than
    /// there are rows.
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

    /// The columns of the counts, which are word ids.
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

    /// The counts.
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

    /// How many counts there are: `nnz`.
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

    /// Whether no document has a word.
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

    /// The word ids of a document, going up, and how often each stands in it; none past the last document.
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

    /// All rows in the order of the documents.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat dog dog", "no", "cat"])?;
    /// assert_eq!(counts.rows().map(|(_, counts)| counts.iter().sum()).collect::<Vec<u32>>(), [3, 1, 1]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[u32], &[u32])> + '_ {
        (0..self.shape().0).map(|document| self.row(document).unwrap_or_default())
    }

    /// The same with its zeros.
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
    /// [`Error::Refused`] if there are more elements than memory could ever hold.
    pub fn to_dense(&self) -> Result<Array2<u32>> {
        let (rows, columns) = self.shape();
        let bytes = rows.checked_mul(columns).and_then(|elements| elements.checked_mul(size_of::<u32>()));
        if bytes.and_then(|bytes| isize::try_from(bytes).ok()).is_none() {
            return Err(Error::Refused(format!(
                "{rows} documents x {columns} words do not fit into memory; stay with the sparse rows"
            )));
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

/// Turns a thread's numbers into columns, leaves out words that have none, and puts each document's columns in order.
fn renumber(block: &mut Block, ids: Option<&Vec<u32>>) {
    let id_of = |number: u32| ids.and_then(|ids| ids.get(number as usize)).copied().filter(|&id| id != Learnt::DROPPED);
    let mut kept: Vec<WordCount> = Vec::with_capacity(block.counts.len());
    let mut counts = block.counts.drain(..);
    for len in &mut block.documents {
        let start = kept.len();
        kept.extend(counts.by_ref().take(*len).filter_map(|WordCount { word, count }| {
            Some(WordCount { word: id_of(word)?, count })
        }));
        *len = kept.len() - start;
        if let Some(document) = kept.get_mut(start..) {
            document.sort_unstable();
        }
    }
    drop(counts);
    block.counts = kept;
}
