//! An output that is a NumPy array.

use super::output_file::{FileReport, OutputFile, OutputSet};
use super::output_line::Output;
use crate::error::Result;
use keyword_files::npy::array::begin_array;
use keyword_files::npy::hashing_writer::{Block, HashingWriter};
use keyword_files::npy::header::{Dtype, npy_size};

/// An array of an [`OutputSet`], written block by block.
pub(crate) struct ArrayFile<B: Block = Vec<u8>> {
    dtype: Dtype,
    shape: Vec<u64>,
    writer: HashingWriter<OutputFile, B>,
}

impl<B: Block> ArrayFile<B> {
    /// Starts the output `name`, an array of exactly this shape.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread. Errors of the disk come from
    /// [`ArrayFile::write_block`] or [`ArrayFile::finish`].
    pub fn create(set: &dyn OutputSet, name: &str, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        let size = npy_size(dtype, shape).unwrap_or(u64::MAX);
        ArrayFile::over(set.create(name, size)?, dtype, shape)
    }

    fn over(file: OutputFile, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        let refused = file.no_thread();
        let writer = begin_array(file, dtype, shape).map_err(refused)?;
        Ok(ArrayFile { dtype, shape: shape.to_vec(), writer })
    }

    /// Takes a block of elements in C order, little-endian, and returns an empty block to fill. A
    /// block may end inside a row. Blocks of about 1 MiB are best.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn write_block(&mut self, block: B) -> Result<B> {
        self.writer.write_block(block)
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    ///
    /// A block could not be written, or the blocks do not have the size of the shape.
    pub fn finish(self) -> Result<FileReport> {
        let FileReport { output, thread_time } = FileReport::new(self.writer.finish()?)?;
        let output = Output { shape: Some(self.shape), dtype: Some(self.dtype), ..output };
        Ok(FileReport { output, thread_time })
    }
}

#[cfg(test)]
mod tests;
