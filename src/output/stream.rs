//! An output that is written and hashed block by block, each on a thread of its own.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::output::digest::{Digest, Hasher};
use crate::output::output_file::OutputFile;

/// Writes blocks of bytes on a thread, which hands them to another that hashes them.
#[derive(Debug)]
pub(super) struct Stream {
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    blocks: SyncSender<Vec<u8>>,
    spent: Receiver<Vec<u8>>,
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

impl Stream {
    /// Begins with `header`.
    ///
    /// # Errors
    ///
    /// No thread can be had.
    pub fn over(file: OutputFile, header: Vec<u8>) -> Result<Stream> {
        let path = file.path().to_path_buf();
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, spent) = channel();
        let work = move || stream(file, &header, &inbox, &outbox);
        let thread = thread::Builder::new().name("output".into()).spawn(work);
        let thread = thread.map_err(Error::io(path, "start a thread to write"))?;
        Ok(Stream { worker: Some(Worker { blocks, spent, thread }) })
    }

    /// Takes a block and gives back an empty one to fill. Blocks of about 1 MiB are best.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn write_block(&mut self, block: Vec<u8>) -> Result<Vec<u8>> {
        match &self.worker {
            Some(worker) if worker.blocks.send(block).is_ok() => Ok(worker.spent.try_recv().unwrap_or_default()),
            // While there is somebody to send blocks, only an error ends the thread.
            _ => Err(self.stop().err().unwrap_or_else(used_after_error)),
        }
    }

    /// Writes what waits.
    ///
    /// # Errors
    ///
    /// A block could not be written.
    pub fn finish(mut self) -> Result<Streamed> {
        self.stop()
    }

    /// Waits for the thread to write what it was given.
    fn stop(&mut self) -> Result<Streamed> {
        let Some(Worker { blocks, thread, .. }) = self.worker.take() else {
            return Err(used_after_error());
        };
        drop(blocks);
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn used_after_error() -> Error {
    Error::Refused("an output was written to after an error".into())
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.worker.is_some() {
            let _ = self.stop();
        }
    }
}

/// Writes the blocks, and hashes them on one more thread meanwhile.
fn stream(mut file: OutputFile, header: &[u8], inbox: &Receiver<Vec<u8>>, outbox: &Sender<Vec<u8>>) -> Result<Streamed> {
    let (to_hash, written) = sync_channel::<Vec<u8>>(WAITING);
    let mut hasher = Hasher::default();
    hasher.update(header);
    thread::scope(|scope| {
        let hashing = scope.spawn(move || {
            let mut busy = Duration::ZERO;
            for mut block in written {
                let begun = Instant::now();
                hasher.update(&block);
                busy += begun.elapsed();
                block.clear();
                // Nobody asks for it any more once the writer is being finished.
                let _ = outbox.send(block);
            }
            (hasher, busy)
        });
        file.append(header)?;
        let mut busy = Duration::ZERO;
        for block in inbox {
            let begun = Instant::now();
            file.append(&block)?;
            busy += begun.elapsed();
            let _ = to_hash.send(block);
        }
        drop(to_hash);
        let (hasher, hashing) = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(Streamed { file, digest: hasher.finish(), busy: busy + hashing })
    })
}
