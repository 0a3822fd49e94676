//! NumPy's `.npy` files, version 1.0, C order, byte for byte what `numpy.save` writes.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Problem, Result};
use crate::output::digest::{Digest, Hasher};
use crate::output::manifest::Output;
use crate::output::output_file::{OutputFile, OutputSet};

/// The type of an array's elements; little-endian where that matters.
///
/// ```
/// use amc_keywords::Dtype;
///
/// assert_eq!((Dtype::Int64.descr(), Dtype::Int64.size()), ("<i8", 8));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Signed, eight bytes.
    Int64,
    /// Signed, four bytes.
    Int32,
    /// Signed, one byte.
    Int8,
    /// Unsigned, one byte.
    Uint8,
}

impl Dtype {
    /// What the header calls it, such as `<i8`.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Dtype::Uint8.descr(), "|u1");
    /// ```
    pub fn descr(self) -> &'static str {
        match self {
            Dtype::Int64 => "<i8",
            Dtype::Int32 => "<i4",
            Dtype::Int8 => "|i1",
            Dtype::Uint8 => "|u1",
        }
    }

    /// The bytes of one element.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Dtype::Int32.size(), 4);
    /// ```
    pub fn size(self) -> u64 {
        match self {
            Dtype::Int64 => 8,
            Dtype::Int32 => 4,
            Dtype::Int8 | Dtype::Uint8 => 1,
        }
    }
}

/// Everything before the data, as `numpy.save` writes it for an array of `shape` in C order.
///
/// NumPy leaves room for the first axis to grow to 21 digits, so the length (128 for one or two axes) does not depend on it.
pub(crate) fn npy_header(descr: &str, shape: &[u64]) -> Vec<u8> {
    const BEFORE_DICT: usize = 10;
    const ALIGN: usize = 64;
    const GROWN_DIGITS: usize = 21;
    let digits: Vec<String> = shape.iter().map(u64::to_string).collect();
    // Python's way to write a tuple of one.
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", digits.join(", "));
    let room = digits.first().map_or(0, |first| GROWN_DIGITS.saturating_sub(first.len()));
    let newline = 1;
    // NumPy pads what is aligned already by a whole 64 bytes.
    let padding = ALIGN - (BEFORE_DICT + dict.len() + room + newline) % ALIGN;
    dict.extend(std::iter::repeat_n(' ', room + padding));
    dict.push('\n');
    // Never cut: arrays here have one or two axes.
    let length = u16::try_from(dict.len()).unwrap_or(u16::MAX);
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), dict.as_bytes()].concat()
}

/// The size of the `.npy` file of an array, if that is a number.
pub(crate) fn npy_size(dtype: Dtype, shape: &[u64]) -> Option<u64> {
    let elements = shape.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis))?;
    elements.checked_mul(dtype.size())?.checked_add(npy_header(dtype.descr(), shape).len() as u64)
}

/// Writes an array block by block, on a thread of its own, which also hashes the blocks as they go by.
#[derive(Debug)]
pub(crate) struct NpyWriter {
    dtype: Dtype,
    shape: Vec<u64>,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    blocks: SyncSender<Vec<u8>>,
    spent: Receiver<Vec<u8>>,
    thread: JoinHandle<Result<Streamed>>,
}

/// What the thread hands back: the file, the hash of all that it wrote, and how long it worked.
type Streamed = (OutputFile, Hasher, Duration);

/// How many blocks may wait for the thread.
const WAITING: usize = 4;

impl NpyWriter {
    /// Begins the output `name`, an array of exactly this shape.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or no thread can be had. What goes wrong in writing comes from [`NpyWriter::write_block`] or
    /// [`NpyWriter::finish`].
    pub(crate) fn create(set: &dyn OutputSet, name: &str, dtype: Dtype, shape: &[u64]) -> Result<NpyWriter> {
        let size = npy_size(dtype, shape).unwrap_or(u64::MAX);
        NpyWriter::over(set.create(name, size)?, dtype, shape)
    }

    fn over(file: OutputFile, dtype: Dtype, shape: &[u64]) -> Result<NpyWriter> {
        let path = file.path().to_path_buf();
        let header = npy_header(dtype.descr(), shape);
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, spent) = channel();
        let work = move || stream(file, &header, &inbox, &outbox);
        let thread = thread::Builder::new().name("npy".into()).spawn(work);
        let thread = thread.map_err(Error::io(path, "start a thread to write"))?;
        Ok(NpyWriter { dtype, shape: shape.to_vec(), worker: Some(Worker { blocks, spent, thread }) })
    }

    /// Takes a block of elements in the machine-independent order of the file (little-endian, row after row; a block may end
    /// inside a row) and gives back an empty one to fill. Blocks of about 1 MiB are best.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub(crate) fn write_block(&mut self, block: Vec<u8>) -> Result<Vec<u8>> {
        match &self.worker {
            Some(worker) if worker.blocks.send(block).is_ok() => Ok(worker.spent.try_recv().unwrap_or_default()),
            // While there is somebody to send blocks, only an error ends the thread.
            _ => Err(self.stop().err().unwrap_or_else(used_after_error)),
        }
    }

    /// Writes what waits, and gives the file's line of the manifest.
    ///
    /// # Errors
    ///
    /// A block could not be written, or the blocks were more or fewer than the shape has room for.
    pub(crate) fn finish(self) -> Result<Output> {
        self.finish_timed().map(|(output, _)| output)
    }

    /// [`NpyWriter::finish`], and the time that hashing and writing took.
    pub(crate) fn finish_timed(mut self) -> Result<(Output, Duration)> {
        let (file, hasher, busy) = self.stop()?;
        let expected = npy_size(self.dtype, &self.shape);
        if expected != Some(file.written()) {
            let what = format!("{} bytes were written of an array of shape {:?}", file.written(), self.shape);
            return Err(Problem::new(file.path(), what).into());
        }
        let Digest { bytes, sha256 } = hasher.finish();
        let shape = std::mem::take(&mut self.shape);
        Ok((Output { name: file.into_name(), shape: Some(shape), dtype: Some(self.dtype), bytes, sha256 }, busy))
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
    Error::Refused("an array was written to after an error".into())
}

impl Drop for NpyWriter {
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
        Ok((file, hasher, busy + hashing))
    })
}

#[cfg(test)]
mod tests;
