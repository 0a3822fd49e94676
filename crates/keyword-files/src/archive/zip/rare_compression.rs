//! Members that are packed with anything but deflate, and those that come by in a stream: rare, so
//! the `zip` crate inflates them.
//!
//! The crate is not given the archive, which it would list a second time in 300 bytes a member, but
//! the one member behind a local header made for it. The output grows as bytes come out, whatever
//! the member claims.

use std::io::{self, BufReader, Read};

use super::entry::ZipEntry;

/// The methods that the `zip` crate reads for us, with their numbers.
const READ: [(u16, &str); 5] = [(9, "deflate64"), (12, "bzip2"), (14, "lzma"), (93, "zstd"), (95, "xz")];
/// Methods that nothing here reads but people may know by name.
const KNOWN: [(u16, &str); 11] = [
    (0, "stored"),
    (8, "deflate"),
    (1, "shrink"),
    (6, "implode"),
    (10, "PKWARE implode"),
    (19, "LZ77"),
    (94, "MP3"),
    (96, "JPEG"),
    (97, "WavPack"),
    (98, "PPMd"),
    (99, "AES"),
];

/// Whether a method is read by [`inflate`].
pub fn is_read(method: u16) -> bool {
    READ.iter().any(|(number, _)| *number == method)
}

/// What people call a method.
pub fn name(method: u16) -> String {
    let known = READ.iter().chain(&KNOWN).find(|(number, _)| *number == method);
    known.map_or_else(|| format!("method {method}"), |(_, name)| format!("{name} (method {method})"))
}

/// Inflates a member into `out`, whose bytes it returns: exactly as many as the member claims.
pub fn inflate<'o>(entry: &ZipEntry, packed: &[u8], out: &'o mut Vec<u8>) -> Result<&'o [u8], String> {
    out.clear();
    // An error is kept by the stream, which ends with it.
    stream(entry, packed, &mut |stream| drop(stream.read_to_end(out)))?;
    Ok(out)
}

/// Hands the bytes of a member on as a stream, then checks what was not read of it: damage is told
/// before whatever it made of the text. Deflated and stored members come this way too if they are
/// large.
pub fn stream(entry: &ZipEntry, packed: impl Read, read: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
    let mut packed = local_header(entry).chain(BufReader::with_capacity(BUFFER, packed));
    let member = ::zip::read::read_zipfile_from_stream(&mut packed).map_err(|error| broken(entry, &error))?;
    let member = member.ok_or_else(|| broken(entry, &"no member"))?;
    let mut checked = Checked { member, entry, read: 0, crc: crc32fast::Hasher::new(), flaw: None };
    read(&mut checked);
    let rest = io::copy(&mut checked, &mut io::sink());
    match (checked.flaw.take(), rest) {
        (Some(flaw), _) => Err(flaw),
        (None, Err(error)) => Err(broken(entry, &error)),
        (None, Ok(_)) => Ok(()),
    }
}

/// So many bytes are read at once from the file.
const BUFFER: usize = 128 << 10;

fn broken(entry: &ZipEntry, error: &dyn std::fmt::Display) -> String {
    format!("damaged: cannot be unpacked from {}: {error}", name(entry.method))
}

/// Checks the size and the CRC of what passes.
struct Checked<'e, R> {
    member: R,
    entry: &'e ZipEntry,
    read: u64,
    crc: crc32fast::Hasher,
    flaw: Option<String>,
}

impl<R: Read> Checked<'_, R> {
    /// What is wrong with the member, now that it gave `read` bytes more or an error.
    fn flaw(&mut self, read: &io::Result<usize>) -> Option<String> {
        let (claimed, expected) = (u64::from(self.entry.size), self.entry.crc);
        if self.read > claimed {
            return Some(format!("damaged: inflates to more than the {claimed} bytes expected"));
        }
        if matches!(read, Ok(1..)) {
            return None;
        }
        if self.read == claimed {
            // The crate finds a wrong CRC too, in its own words.
            let crc = self.crc.clone().finalize();
            if crc != expected {
                return Some(format!("damaged: its CRC-32 is {crc:08x}, expected {expected:08x}"));
            }
        }
        match read {
            Err(error) => Some(broken(self.entry, error)),
            Ok(_) if self.read < claimed => Some(format!("damaged: inflates to {} bytes, expected {claimed}", self.read)),
            Ok(_) => None,
        }
    }
}

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.flaw.is_some() {
            return if out.is_empty() { Ok(0) } else { Err(io::Error::other("damaged")) };
        }
        let read = self.member.read(out);
        if let Ok(read) = read {
            self.read += read as u64;
            self.crc.update(out.get(..read).unwrap_or_default());
        }
        if matches!(&read, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
            return read;
        }
        self.flaw = self.flaw(&read);
        if self.flaw.is_some() { Err(io::Error::other("damaged")) } else { read }
    }
}

/// A local header for a nameless member of the same method, sizes and CRC.
fn local_header(entry: &ZipEntry) -> io::Cursor<Vec<u8>> {
    // Bits 1 and 2 belong to the method (lzma: whether an end marker is there); the others are about
    // what is not kept here.
    let flags = entry.flags & 0b110;
    let mut header = Vec::with_capacity(31);
    header.extend_from_slice(b"PK\x03\x04");
    for field in [63, flags, entry.method, 0, 0x21] {
        header.extend_from_slice(&u16::to_le_bytes(field));
    }
    for field in [entry.crc, entry.packed, entry.size] {
        header.extend_from_slice(&field.to_le_bytes());
    }
    header.extend_from_slice(&[1, 0, 0, 0, b'm']);
    io::Cursor::new(header)
}
