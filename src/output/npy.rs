//! NumPy's `.npy` files, version 1.0, C order, byte for byte what `numpy.save` writes.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Problem, Result};
use crate::output::digest::Hasher;
use crate::output::manifest::Output;
use crate::output::staged_file::StagedFile;

/// The type of an array's elements; little-endian where that matters.
///
/// ```
/// assert_eq!((amc_keywords::Dtype::Int64.descr(), amc_keywords::Dtype::Int64.size()), ("<i8", 8));
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
    pub fn descr(self) -> &'static str {
        match self {
            Dtype::Int64 => "<i8",
            Dtype::Int32 => "<i4",
            Dtype::Int8 => "|i1",
            Dtype::Uint8 => "|u1",
        }
    }

    /// The bytes of one element.
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

/// Writes an array block by block, on a thread of its own.
///
/// A checksum has to begin with the header, and the header with the number of rows. If that is known beforehand, or guessed
/// right, the blocks are hashed as they go by; otherwise the file is read back once it is whole, while the disk takes it in.
#[derive(Debug)]
pub(crate) struct NpyWriter {
    dtype: Dtype,
    columns: Option<u64>,
    expected_rows: Option<u64>,
    worker: Option<Worker>,
}

#[derive(Debug)]
struct Worker {
    blocks: SyncSender<Vec<u8>>,
    spent: Receiver<Vec<u8>>,
    thread: JoinHandle<Result<Streamed>>,
}

/// What the thread hands back: the file, where rows were expected the hash of all that it wrote, and how long it worked.
type Streamed = (StagedFile, Option<Hasher>, Duration);

/// How many blocks may wait for the thread.
const WAITING: usize = 4;

impl NpyWriter {
    /// Begins an array of shape `(rows, columns)`, or `(rows,)` without `columns`. `rows` is a promise or a guess that saves
    /// the second reading; it need not be right.
    ///
    /// # Errors
    ///
    /// No thread can be had. What goes wrong in writing comes from [`NpyWriter::write_block`] or [`NpyWriter::finish`].
    pub(crate) fn create(file: StagedFile, dtype: Dtype, columns: Option<u64>, rows: Option<u64>) -> Result<NpyWriter> {
        let mut writer = NpyWriter { dtype, columns, expected_rows: rows, worker: None };
        writer.worker = Some(writer.start(file)?);
        Ok(writer)
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

    /// Writes what waits and the header, and gives the file's line of the manifest.
    ///
    /// # Errors
    ///
    /// A block could not be written, the file cannot be read back, or the last row is not whole.
    pub(crate) fn finish(self) -> Result<Output> {
        self.finish_timed().map(|(output, _)| output)
    }

    /// [`NpyWriter::finish`], and the time that hashing and writing took.
    pub(crate) fn finish_timed(mut self) -> Result<(Output, Duration)> {
        let (mut file, hasher, busy) = self.stop()?;
        let rows = self.whole_rows(&file)?;
        let shape = self.shape(rows);
        let digest = match hasher {
            Some(hasher) if self.expected_rows == Some(rows) => hasher.finish(),
            _ => {
                file.patch(0, &npy_header(self.dtype.descr(), &shape))?;
                file.sync_and_digest()?
            }
        };
        let (bytes, sha256) = (digest.bytes, digest.sha256);
        Ok((Output { name: file.into_name(), shape: Some(shape), dtype: Some(self.dtype), bytes, sha256 }, busy))
    }

    fn start(&self, mut file: StagedFile) -> Result<Worker> {
        let shape = self.shape(self.expected_rows.unwrap_or(0));
        let header = npy_header(self.dtype.descr(), &shape);
        let mut hasher = None;
        if self.expected_rows.is_some() {
            hasher = Some(Hasher::default());
            file.expect_bytes(npy_size(self.dtype, &shape).unwrap_or(u64::MAX));
        }
        let path = file.path().to_path_buf();
        let (blocks, inbox) = sync_channel(WAITING);
        let (outbox, spent) = channel();
        let work = move || stream(file, hasher, &header, &inbox, &outbox);
        let thread = thread::Builder::new().name("npy".into()).spawn(work);
        let thread = thread.map_err(Error::io(path, "start a thread to write"))?;
        Ok(Worker { blocks, spent, thread })
    }

    /// Waits for the thread to write what it was given.
    fn stop(&mut self) -> Result<Streamed> {
        let Some(Worker { blocks, thread, .. }) = self.worker.take() else {
            return Err(used_after_error());
        };
        drop(blocks);
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn shape(&self, rows: u64) -> Vec<u64> {
        [Some(rows), self.columns].into_iter().flatten().collect()
    }

    fn whole_rows(&self, file: &StagedFile) -> Result<u64> {
        let header = npy_header(self.dtype.descr(), &self.shape(0)).len() as u64;
        let data = file.written().saturating_sub(header);
        let row = self.dtype.size().saturating_mul(self.columns.unwrap_or(1));
        match data.checked_rem(row) {
            Some(0) => Ok(data.checked_div(row).unwrap_or(0)),
            _ => Err(Problem::new(file.path(), format!("the data end inside a row: {data} bytes in rows of {row}")).into()),
        }
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

/// One thread hashes a block and writes it while it is still in the processor's cache; two were no faster.
fn stream(
    mut file: StagedFile,
    mut hasher: Option<Hasher>,
    header: &[u8],
    inbox: &Receiver<Vec<u8>>,
    outbox: &Sender<Vec<u8>>,
) -> Result<Streamed> {
    let mut take = |bytes: &[u8]| {
        if let Some(hasher) = &mut hasher {
            hasher.update(bytes);
        }
        file.append(bytes)
    };
    take(header)?;
    let mut busy = Duration::ZERO;
    for mut block in inbox {
        let begun = Instant::now();
        take(&block)?;
        busy += begun.elapsed();
        block.clear();
        // Nobody asks for it any more once the writer is being finished.
        let _ = outbox.send(block);
    }
    Ok((file, hasher, busy))
}

#[cfg(test)]
mod tests;
