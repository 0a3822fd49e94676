//! Members that are not deflated, and members that are read as a stream. Both are rare, so the
//! `zip` crate unpacks them.
//!
//! The crate does not get the archive, because it would list it again in 300 bytes per member. It
//! gets the one member after a local header that is made for it. The output grows with the unpacked
//! bytes, whatever size the member claims.

use std::io::{self, BufReader, Read};

use super::entry::ZipEntry;

/// The methods that the `zip` crate unpacks, with their numbers.
const READ: [(u16, &str); 5] = [(9, "deflate64"), (12, "bzip2"), (14, "lzma"), (93, "zstd"), (95, "xz")];
/// The names of methods that cannot be read.
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

/// Whether [`inflate`] can unpack a method.
pub fn is_read(method: u16) -> bool {
    READ.iter().any(|(number, _)| *number == method)
}

/// The name of a method.
pub fn name(method: u16) -> String {
    let known = READ.iter().chain(&KNOWN).find(|(number, _)| *number == method);
    known.map_or_else(|| format!("method {method}"), |(_, name)| format!("{name} (method {method})"))
}

/// Unpacks a member into `out` and returns its bytes. Their number is the claimed one.
pub fn inflate<'o>(entry: &ZipEntry, packed: &[u8], out: &'o mut Vec<u8>) -> Result<&'o [u8], String> {
    out.clear();
    // The stream stores an error and ends with it.
    stream(entry, packed, &mut |stream| drop(stream.read_to_end(out)))?;
    Ok(out)
}

/// Passes the bytes of a member on as a stream, then checks the rest of it. Damage is reported
/// before an error of the reader. Large deflated and stored members are also read this way.
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

/// The number of bytes that are read from the file at once.
const BUFFER: usize = 128 << 10;

fn broken(entry: &ZipEntry, error: &dyn std::fmt::Display) -> String {
    format!("damaged: cannot be unpacked from {}: {error}", name(entry.method))
}

/// Checks the size and the CRC of a stream.
struct Checked<'e, R> {
    member: R,
    entry: &'e ZipEntry,
    read: u64,
    crc: crc32fast::Hasher,
    flaw: Option<String>,
}

impl<R: Read> Checked<'_, R> {
    /// The fault of the member after `read` more bytes or an error.
    fn flaw(&mut self, read: &io::Result<usize>) -> Option<String> {
        let (claimed, expected) = (u64::from(self.entry.size), self.entry.crc);
        if self.read > claimed {
            return Some(format!("damaged: inflates to more than the {claimed} bytes expected"));
        }
        if matches!(read, Ok(1..)) {
            return None;
        }
        if self.read == claimed {
            // The crate also finds a wrong CRC, but its message differs.
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

/// A local header without a name, with the method, sizes and CRC of the member.
fn local_header(entry: &ZipEntry) -> io::Cursor<Vec<u8>> {
    // Bits 1 and 2 belong to the method: for LZMA, they show whether there is an end mark. The
    // other bits do not matter here.
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
