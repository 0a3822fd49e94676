//! An output that is written and hashed block by block, each on a thread of its own.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::output::digest::{Digest, Hasher};
use crate::output::output_file::OutputFile;

/// What stands for some bytes of an output, about a MiB of them at the best.
///
/// Both threads of a stream ask for the bytes. It pays to make large ones of small ones each time: to hand them from one processor to
/// another costs more.
pub(crate) trait Block: Default + Send + 'static {
    /// Hands the bytes on, piece by piece.
    fn each_piece(&self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()>;

    /// Makes it an empty one, to be filled again.
    fn clear(&mut self);
}

impl Block for Vec<u8> {
    fn each_piece(&self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        take(self)
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Writes blocks on a thread, which hands them to another that hashes them.
#[derive(Debug)]
pub(super) struct Stream<B> {
    worker: Option<Worker<B>>,
}

#[derive(Debug)]
struct Worker<B> {
    blocks: SyncSender<B>,
    spent: Receiver<B>,
    thread: JoinHandle<Result<Streamed>>,
}

/// What was written.
#[derive(Debug)]
pub(super) struct Streamed {
    pub file: OutputFile,
    pub digest: Digest,
    /// How long the threads worked.
    pub busy: Duration,
}

/// How many blocks may wait for the thread.
const WAITING: usize = 4;

impl<B: Block> Stream<B> {
    /// Begins with `header`.
    ///
    /// # Errors
    ///
    /// No thread can be had.
    pub fn over(file: OutputFile, header: Vec<u8>) -> Result<Stream<B>> {
        let path = file.path().to_path_buf();
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, spent) = channel();
        let work = move || stream(file, &header, &inbox, &outbox);
        let thread = thread::Builder::new().name("output".into()).spawn(work);
        let thread = thread.map_err(Error::io(path, "start a thread to write"))?;
        Ok(Stream { worker: Some(Worker { blocks, spent, thread }) })
    }

    /// Takes a block and gives back an empty one to fill.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn write_block(&mut self, block: B) -> Result<B> {
        match &self.worker {
            Some(worker) if worker.blocks.send(block).is_ok() => Ok(worker.spent.try_recv().unwrap_or_default()),
            // While there is somebody to send blocks, only an error ends the thread.
            _ => Err(stop(&mut self.worker).err().unwrap_or_else(used_after_error)),
        }
    }

    /// Writes what waits.
    ///
    /// # Errors
    ///
    /// A block could not be written.
    pub fn finish(mut self) -> Result<Streamed> {
        stop(&mut self.worker)
    }
}

/// Waits for the thread to write what it was given.
fn stop<B>(worker: &mut Option<Worker<B>>) -> Result<Streamed> {
    let Some(Worker { blocks, thread, .. }) = worker.take() else {
        return Err(used_after_error());
    };
    drop(blocks);
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn used_after_error() -> Error {
    Error::Refused("an output was written to after an error".into())
}

impl<B> Drop for Stream<B> {
    fn drop(&mut self) {
        if self.worker.is_some() {
            let _ = stop(&mut self.worker);
        }
    }
}

/// Writes the blocks, and hashes them on one more thread meanwhile.
fn stream<B: Block>(mut file: OutputFile, header: &[u8], inbox: &Receiver<B>, outbox: &Sender<B>) -> Result<Streamed> {
    let (to_hash, written) = sync_channel::<B>(WAITING);
    let mut hasher = Hasher::default();
    hasher.update(header);
    thread::scope(|scope| {
        let hashing = scope.spawn(move || {
            let mut busy = Duration::ZERO;
            for mut block in written {
                let begun = Instant::now();
                block.each_piece(&mut |piece| {
                    hasher.update(piece);
                    Ok(())
                })?;
                busy += begun.elapsed();
                block.clear();
                // Nobody asks for it any more once the writer is being finished.
                let _ = outbox.send(block);
            }
            Ok::<_, Error>((hasher, busy))
        });
        file.append(header)?;
        let mut busy = Duration::ZERO;
        for block in inbox {
            let begun = Instant::now();
            block.each_piece(&mut |piece| file.append(piece))?;
            busy += begun.elapsed();
            let _ = to_hash.send(block);
        }
        drop(to_hash);
        let (hasher, hashing) = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Streamed { file, digest: hasher.finish(), busy: busy + hashing })
    })
}
