//! Counting documents on several threads: each takes some at a time from one iterator.

use std::sync::Mutex;
use std::thread;

use super::Document;
use crate::csr::{WordCount, count_words};
use crate::encoder::Encoder;
use crate::analyzer::{Analyzer, TooManySteps};
use crate::error::{Error, Result};
use crate::vocabulary::Numbering;

/// A thread takes so many documents at a time.
const BLOCK: usize = 256;

/// How documents are counted.
pub(super) struct Counting<'a> {
    pub analyzer: &'a Analyzer,
    pub binary: bool,
    pub jobs: usize,
}

/// The documents that are left, and the number of the next block.
pub(super) struct Documents<I>(Mutex<(I, usize)>);

impl<I: Iterator<Item: Document>> Documents<I> {
    pub fn new(documents: I) -> Self {
        Documents(Mutex::new((documents, 0)))
    }

    /// The next documents and their block's number; none at the end, or after the iterator has panicked.
    fn next(&self) -> Option<(usize, Vec<I::Item>)> {
        let mut left = self.0.lock().ok()?;
        let documents: Vec<I::Item> = left.0.by_ref().take(BLOCK).collect();
        let number = left.1;
        left.1 += 1;
        (!documents.is_empty()).then_some((number, documents))
    }
}

/// The words of some documents that came one after the other.
#[derive(Debug)]
pub(super) struct Block {
    number: usize,
    /// The thread whose numbers the words are.
    pub thread: usize,
    /// The words of all documents, each document's in order of their numbers, and how often they stand there.
    pub counts: Vec<WordCount>,
    /// How many of `counts` each document has.
    pub documents: Vec<usize>,
}

/// Why a document could not be counted.
struct Failure {
    /// The number of its block.
    block: usize,
    reason: TooManySteps,
}

impl Counting<'_> {
    /// Counts documents. The blocks are in the order of the documents, and the numberings in the order
    /// of the threads.
    pub fn all<I, N>(
        &self,
        documents: Documents<I>,
        numbering: impl Fn() -> N + Sync,
    ) -> Result<(Vec<Block>, Vec<N>)>
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

    /// The same without the documents' words.
    pub fn only_words<I, N>(
        &self,
        documents: Documents<I>,
        numbering: impl Fn() -> N + Sync,
    ) -> Result<Vec<N>>
    where
        I: Iterator<Item: Document> + Send,
        N: Numbering,
    {
        let threads = self.threads(&documents, &numbering, false)?;
        Ok(threads.into_iter().map(|(_, numbering)| numbering).collect())
    }

    fn threads<I, N>(
        &self,
        documents: &Documents<I>,
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
            let ends = workers
                .into_iter()
                .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            let (mut counted, mut failures) = (Vec::new(), Vec::new());
            for end in ends {
                match end {
                    Ok(thread) => counted.push(thread),
                    Err(failure) => failures.push(failure),
                }
            }
            // The first failure in the documents is the same for any number of threads.
            match failures.into_iter().min_by_key(|failure| failure.block) {
                Some(failure) => Err(Error::Refused(failure.reason.to_string())),
                None => Ok(counted),
            }
        })
    }

    /// Takes block after block until none is left or a document fails.
    fn count<I, N>(
        &self,
        thread: usize,
        documents: &Documents<I>,
        numbering: N,
        keep: bool,
    ) -> std::result::Result<(Vec<Block>, N), Failure>
    where
        I: Iterator<Item: Document>,
        N: Numbering,
    {
        let mut encoder = Encoder::new(self.analyzer, numbering).binary(self.binary);
        let mut blocks = Vec::new();
        while let Some((number, documents)) = documents.next() {
            let mut block = Block { number, thread, counts: Vec::new(), documents: Vec::with_capacity(documents.len()) };
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
