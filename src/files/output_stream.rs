//! An output as a stream of bytes, for writers that take one.

use std::io::{self, Write};

use super::output_file::{FileReport, OutputFile, OutputSet};
use super::output_line::Output;
use crate::error::{Error, Result};
use keyword_files::npy::hashing_writer::HashingWriter;

/// Bytes are handed on in blocks of this size.
const BLOCK: usize = 256 << 10;

/// An output that is written and hashed while its bytes are made.
pub(crate) struct OutputStream {
    writer: HashingWriter<OutputFile>,
    block: Vec<u8>,
    /// The reason why a write failed.
    error: Option<Error>,
}

impl OutputStream {
    /// Starts the output `name`.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread.
    pub fn create(set: &dyn OutputSet, name: &str) -> Result<OutputStream> {
        let file = set.create_growing(name)?;
        let no_thread = file.no_thread();
        Ok(OutputStream { writer: HashingWriter::new(file, Vec::new()).map_err(no_thread)?, block: Vec::new(), error: None })
    }

    /// The reason for an error that a writer returned.
    pub fn reason(&mut self, error: impl std::fmt::Display) -> Error {
        self.error.take().unwrap_or_else(|| Error::Refused(format!("an output cannot be written: {error}")))
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    ///
    /// The bytes could not be written.
    pub fn finish(mut self) -> Result<Output> {
        self.writer.write_block(std::mem::take(&mut self.block))?;
        Ok(FileReport::new(self.writer.finish()?)?.output)
    }
}

impl Write for OutputStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.block.extend_from_slice(bytes);
        if self.block.len() >= BLOCK {
            match self.writer.write_block(std::mem::take(&mut self.block)) {
                Ok(spare) => self.block = spare,
                Err(error) => {
                    let shown = error.to_string();
                    self.error = Some(error);
                    return Err(io::Error::other(shown));
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
