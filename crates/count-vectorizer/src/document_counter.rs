//! Counts documents on several threads. Each thread takes blocks of documents from one iterator.

use std::sync::Mutex;
use std::thread;

use crate::analyzer::Analyzer;
use crate::csr::{WordCount, count_words};
use crate::document::Document;
use crate::encoder::Encoder;
use crate::error::{Result, TooManySteps};
use crate::numbering::Numbering;

/// The number of documents that a thread takes at a time.
const BLOCK: usize = 256;

/// Counts the terms of documents.
pub(crate) struct DocumentCounter<'a> {
    pub analyzer: &'a Analyzer,
    pub binary: bool,
    pub jobs: usize,
}

/// The remaining documents, and the number of the next block.
pub(crate) struct DocumentQueue<I>(Mutex<(I, usize)>);

impl<I: Iterator<Item: Document>> DocumentQueue<I> {
    pub fn new(documents: I) -> Self {
        DocumentQueue(Mutex::new((documents, 0)))
    }

    /// Takes the next documents with the number of their block. Returns `None` at the end, and
    /// after the iterator has panicked.
    fn next(&self) -> Option<(usize, Vec<I::Item>)> {
        let mut left = self.0.lock().ok()?;
        let documents: Vec<I::Item> = left.0.by_ref().take(BLOCK).collect();
        let number = left.1;
        left.1 += 1;
        (!documents.is_empty()).then_some((number, documents))
    }
}

/// The counts of consecutive documents.
#[derive(Debug)]
pub(crate) struct Block {
    number: usize,
    /// The thread that numbered the terms.
    pub thread: usize,
    /// The counts of all documents. Those of a document are in the order of the term numbers.
    pub counts: Vec<WordCount>,
    /// For each document, the number of its elements in `counts`.
    pub documents: Vec<usize>,
}

/// The reason why a document could not be counted.
struct Failure {
    /// The number of the block of the document.
    block: usize,
    reason: TooManySteps,
}

impl DocumentCounter<'_> {
    /// Counts documents. The blocks are in the order of the documents, and the numberings in the
    /// order of the threads.
    pub fn all<I, N>(&self, documents: DocumentQueue<I>, numbering: impl Fn() -> N + Sync) -> Result<(Vec<Block>, Vec<N>)>
    where
        I: Iterator<Item: Document> + Send,
        N: Numbering,
    {
        let (mut blocks, mut numberings) = (Vec::new(), Vec::new());
        for (blocks_of_thread, numbering) in self.threads(&documents, &numbering, true)? {
            blocks.extend(blocks_of_thread);
            numberings.push(numbering);
        }
        blocks.sort_unstable_by_key(|block| block.number);
        Ok((blocks, numberings))
    }

    /// [`all`](Self::all) without the counts of each document.
    pub fn only_words<I, N>(&self, documents: DocumentQueue<I>, numbering: impl Fn() -> N + Sync) -> Result<Vec<N>>
    where
        I: Iterator<Item: Document> + Send,
        N: Numbering,
    {
        let threads = self.threads(&documents, &numbering, false)?;
        Ok(threads.into_iter().map(|(_, numbering)| numbering).collect())
    }

    fn threads<I, N>(
        &self,
        documents: &DocumentQueue<I>,
        numbering: &(impl Fn() -> N + Sync),
        keep: bool,
    ) -> Result<Vec<(Vec<Block>, N)>>
    where
        I: Iterator<Item: Document> + Send,
        N: Numbering,
    {
        thread::scope(|scope| {
            let count = |thread| move || self.count(thread, documents, numbering(), keep);
            let workers: Vec<_> = (0..self.jobs).map(|thread| scope.spawn(count(thread))).collect();
            let ends = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            let (mut counted, mut failures) = (Vec::new(), Vec::new());
            for end in ends {
                match end {
                    Ok(thread) => counted.push(thread),
                    Err(failure) => failures.push(failure),
                }
            }
            // The first failure in the documents is the same for any number of threads.
            match failures.into_iter().min_by_key(|failure| failure.block) {
                Some(failure) => Err(failure.reason.into()),
                None => Ok(counted),
            }
        })
    }

    /// Takes block after block until none is left or a document fails.
    fn count<I, N>(
        &self,
        thread: usize,
        documents: &DocumentQueue<I>,
        numbering: N,
        keep: bool,
    ) -> Result<(Vec<Block>, N), Failure>
    where
        I: Iterator<Item: Document>,
        N: Numbering,
    {
        let mut encoder = Encoder::new(self.analyzer, numbering).binary(self.binary);
        let mut blocks = Vec::new();
        while let Some((number, documents)) = documents.next() {
            let room = Vec::with_capacity(documents.len());
            let mut block = Block { number, thread, counts: Vec::new(), documents: room };
            for document in documents {
                document.each_keyword(&mut |keyword| encoder.keyword(keyword.as_bytes()));
                encoder.end_document().map_err(|reason| Failure { block: number, reason })?;
                let mut words = encoder.take();
                if keep {
                    let before = block.counts.len();
                    block.counts.extend(count_words(&mut words));
                    block.documents.push(block.counts.len() - before);
                }
            }
            if keep {
                block.counts.shrink_to_fit();
                blocks.push(block);
            }
        }
        Ok((blocks, encoder.into_numbering()))
    }
}
