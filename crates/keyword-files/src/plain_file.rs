//! Files that are read as a whole, and positioned reads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Reads at any position of a file, on every system.
pub use rawzip::{FileReader, RangeReader, ReaderAt};

use crate::error::{Error, Problem, Result};
use crate::packed_file::PackedFile;

/// Opens the file at `path`. Pipes, devices and folders are refused before they are opened, because
/// opening a pipe waits for its writer.
pub fn open_file(path: &Path) -> Result<File> {
    if !std::fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    File::open(path).map_err(Error::io(path, "read"))
}

/// Whether a file is compressed, according to its first bytes.
///
/// # Errors
///
/// The file cannot be read.
pub fn is_packed(file: &FileReader) -> io::Result<bool> {
    let mut head = [0; 512];
    let read = file.read_at(&mut head, 0)?;
    let head = head.get(..read).unwrap_or_default();
    // A character may be cut off at the end.
    let whole = match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to()).unwrap_or_default(),
        _ => head,
    };
    Ok(PackedFile::of(whole).is_some())
}

/// Reads the file at `path`, which is `what` ("an id map") and has at most `mib` MiB. gzip, zstd
/// and zlib are unpacked. A byte order mark at the start is ignored.
///
/// # Errors
///
/// The file cannot be read, is too large before or after unpacking, or is compressed in another
/// way.
pub fn read_bounded(path: &Path, what: &str, mib: u64) -> Result<Vec<u8>> {
    let most = mib << 20;
    let larger = || {
        let what = format!("expected {what} of at most {mib} MiB, but the file is larger");
        Problem::new(path, what)
    };
    let file = open_file(path)?;
    let claimed = file.metadata().map_err(Error::io(path, "read"))?.len();
    if claimed > most {
        return Err(larger().into());
    }
    // The file may grow while it is read.
    let mut bytes = Vec::with_capacity(claimed as usize);
    file.take(most + 1).read_to_end(&mut bytes).map_err(Error::io(path, "read"))?;
    if let Some(packed) = PackedFile::of(&bytes) {
        bytes = packed.unpack(path, &bytes, most)?;
    }
    if bytes.len() as u64 > most {
        return Err(larger().into());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}
