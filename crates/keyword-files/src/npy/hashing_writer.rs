//! Writes a file block by block and hashes it at the same time: one thread writes, one hashes.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::sha256::{Digest, Hasher};

/// A file that takes bytes at its end.
pub trait Sink: Send + 'static {
    /// The error of a write.
    type Error: From<WriterClosed> + Send + 'static;

    /// Writes all of `bytes` at the end.
    ///
    /// # Errors
    ///
    /// The bytes could not be written.
    fn append(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// The reason why a [`HashingWriter`] takes no more blocks: an earlier call returned the error of
/// the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriterClosed;

/// A representation of some bytes of a file, ideally about 1 MiB of them.
///
/// Both threads of a [`HashingWriter`] expand a block to its bytes. Expanding a compact block twice
/// is faster than moving the bytes from one processor to another.
pub trait Block: Default + Send + 'static {
    /// Hands the bytes to `take`, piece by piece.
    ///
    /// # Errors
    ///
    /// The error that `take` returns.
    fn each_piece<E>(&self, take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E>;

    /// Removes the content and keeps the memory.
    fn clear(&mut self);
}

impl Block for Vec<u8> {
    fn each_piece<E>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        take(self)
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Hands blocks to a thread that writes them. That thread hands them to another that hashes them.
pub struct HashingWriter<S: Sink, B = Vec<u8>> {
    worker: Option<Worker<S, B>>,
}

struct Worker<S: Sink, B> {
    blocks: SyncSender<B>,
    /// Empty blocks whose memory can be used again.
    spare: Receiver<B>,
    thread: JoinHandle<Result<HashedFile<S>, S::Error>>,
}

/// A file that was written to its end.
#[derive(Debug)]
pub struct HashedFile<S> {
    /// The file.
    pub sink: S,
    /// The digest of its content.
    pub digest: Digest,
    /// The time that the two threads worked.
    pub busy: Duration,
}

/// The number of blocks that may wait for a thread.
const WAITING: usize = 4;

impl<S: Sink, B: Block> HashingWriter<S, B> {
    /// Starts the file with `header`.
    ///
    /// # Errors
    ///
    /// The system provides no thread.
    pub fn new(sink: S, header: Vec<u8>) -> io::Result<Self> {
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, spare) = channel();
        let work = move || write_and_hash(sink, &header, &inbox, &outbox);
        let thread = thread::Builder::new().name("output".into()).spawn(work)?;
        Ok(HashingWriter { worker: Some(Worker { blocks, spare, thread }) })
    }

    /// Takes a block and returns an empty one to fill.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn write_block(&mut self, block: B) -> Result<B, S::Error> {
        match &self.worker {
            Some(worker) if worker.blocks.send(block).is_ok() => Ok(worker.spare.try_recv().unwrap_or_default()),
            // As long as blocks can be sent, only an error ends the thread.
            _ => Err(stop(&mut self.worker).err().unwrap_or_else(|| WriterClosed.into())),
        }
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    ///
    /// A block could not be written.
    pub fn finish(mut self) -> Result<HashedFile<S>, S::Error> {
        stop(&mut self.worker)
    }
}

/// Waits until the thread has written all blocks that it was given.
fn stop<S: Sink, B>(worker: &mut Option<Worker<S, B>>) -> Result<HashedFile<S>, S::Error> {
    let Some(Worker { blocks, thread, .. }) = worker.take() else {
        return Err(WriterClosed.into());
    };
    drop(blocks);
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl<S: Sink, B> Drop for HashingWriter<S, B> {
    fn drop(&mut self) {
        if self.worker.is_some() {
            let _ = stop(&mut self.worker);
        }
    }
}

/// Writes the blocks while a second thread hashes them.
fn write_and_hash<S: Sink, B: Block>(
    mut sink: S,
    header: &[u8],
    inbox: &Receiver<B>,
    outbox: &Sender<B>,
) -> Result<HashedFile<S>, S::Error> {
    let (to_hash, written) = sync_channel::<B>(WAITING);
    let mut hasher = Hasher::default();
    hasher.update(header);
    thread::scope(|scope| {
        let hashing = scope.spawn(move || {
            let mut busy = Duration::ZERO;
            for mut block in written {
                let start = Instant::now();
                block.each_piece(|piece| {
                    hasher.update(piece);
                    Ok::<_, S::Error>(())
                })?;
                busy += start.elapsed();
                block.clear();
                // Fails while the writer is being finished: no block is needed then.
                let _ = outbox.send(block);
            }
            Ok::<_, S::Error>((hasher, busy))
        });
        sink.append(header)?;
        let mut busy = Duration::ZERO;
        for block in inbox {
            let start = Instant::now();
            block.each_piece(|piece| sink.append(piece))?;
            busy += start.elapsed();
            let _ = to_hash.send(block);
        }
        drop(to_hash);
        let (hasher, hashing) = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(HashedFile { sink, digest: hasher.finish(), busy: busy + hashing })
    })
}
