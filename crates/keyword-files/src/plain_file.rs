//! Files that are read as a whole, and so may not be of any size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Problem, Result};

/// Opens the file at `path`; pipes, devices and folders are refused. Asked before it is opened: to open a pipe waits for its writer.
pub fn open_file(path: &Path) -> Result<File> {
    if !std::fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    File::open(path).map_err(Error::io(path, "read"))
}

/// The bytes of the file at `path`, which is `what` ("an id map") and has `mib` MiB at most.
pub fn read_bounded(path: &Path, what: &str, mib: u64) -> Result<Vec<u8>> {
    let most = mib << 20;
    let larger = || Problem::new(path, format!("expected {what} of at most {mib} MiB, but the file is larger"));
    let file = open_file(path)?;
    let claimed = file.metadata().map_err(Error::io(path, "read"))?.len();
    if claimed > most {
        return Err(larger().into());
    }
    // What claims to be smaller may still go on.
    let mut bytes = Vec::with_capacity(claimed as usize);
    file.take(most + 1).read_to_end(&mut bytes).map_err(Error::io(path, "read"))?;
    if bytes.len() as u64 > most {
        return Err(larger().into());
    }
    Ok(bytes)
}

/// Fills `buffer` with the bytes from `offset` on.
#[cfg(unix)]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Fills `buffer` with the bytes from `offset` on.
#[cfg(windows)]
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(read..).unwrap_or_default();
        offset += read as u64;
    }
    Ok(())
}
