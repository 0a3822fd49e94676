//! Members that are packed with anything but deflate: rare, so the `zip` crate inflates them.
//!
//! The crate is not given the archive, which it would list a second time in 300 bytes a member, but the one member behind a
//! local header made for it. The output grows as bytes come out, whatever the member claims.

use std::io::{self, Read};

use super::zip_archive::ZipEntry;

/// The methods that the `zip` crate reads for us, with their numbers.
const READ: [(u16, &str); 5] = [(9, "deflate64"), (12, "bzip2"), (14, "lzma"), (93, "zstd"), (95, "xz")];
/// Methods that nothing here reads but people may know by name.
const KNOWN: [(u16, &str); 9] = [
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
pub(crate) fn is_read(method: u16) -> bool {
    READ.iter().any(|(number, _)| *number == method)
}

/// What people call a method.
pub(crate) fn name(method: u16) -> String {
    let known = READ.iter().chain(&KNOWN).find(|(number, _)| *number == method);
    known.map_or_else(|| format!("method {method}"), |(_, name)| format!("{name} (method {method})"))
}

/// Inflates a member into `out`, whose bytes it returns: exactly as many as the member claims.
pub(crate) fn inflate<'o>(entry: &ZipEntry, packed: &[u8], out: &'o mut Vec<u8>) -> Result<&'o [u8], String> {
    let header = local_header(entry);
    let mut stream = header.chain(packed);
    let broken = |error: &dyn std::fmt::Display| format!("damaged: cannot be unpacked from {}: {error}", name(entry.method));
    let member = zip::read::read_zipfile_from_stream(&mut stream).map_err(|error| broken(&error))?;
    let mut member = member.ok_or_else(|| broken(&"no member"))?;

    out.clear();
    let claimed = u64::from(entry.size);
    let read = (&mut member).take(claimed).read_to_end(out).map_err(|error| broken(&error))?;
    if (read as u64) < claimed {
        return Err(format!("damaged: inflates to {read} bytes, expected {claimed}"));
    }
    if crc32fast::hash(out) != entry.crc {
        // The caller says so; the crate would find the same, in its own words.
        return Ok(out);
    }
    match member.read(&mut [0]) {
        Ok(0) => Ok(out),
        Ok(_) => Err(format!("damaged: inflates to more than the {claimed} bytes expected")),
        Err(error) => Err(broken(&error)),
    }
}

/// A local header for a nameless member of the same method, sizes and CRC.
fn local_header(entry: &ZipEntry) -> io::Cursor<Vec<u8>> {
    // Bits 1 and 2 belong to the method (lzma: whether an end marker is there); the others are about what is not kept here.
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
