//! NumPy's `.npz` files: a zip of stored `.npy` files, byte for byte what `numpy.savez` writes.
//!
//! Each array's size and checksum stand before it, so both must be known before the first element is written.

use std::time::Duration;

use crc32fast::Hasher as Crc;

use crate::error::{Problem, Result};
use crate::output::digest::Digest;
use crate::output::manifest::Output;
use crate::output::npy::npy_header;
use crate::output::output_file::OutputSet;
use crate::output::stream::{Stream, Streamed};

/// From this size or offset on, Python's `zipfile` writes it with 8 bytes into the directory.
const ZIP64_LIMIT: u64 = (1 << 31) - 1;

/// Stands for a number that has 8 bytes elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// The version of the zip format that knows sizes of 8 bytes.
const ZIP64_VERSION: u16 = 45;

/// 1 January 1980, the first day that a zip knows: what Python writes where no date is given.
const NO_DATE: u16 = 1 << 5 | 1;

/// One array: what stands before its elements, and what is known of them.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    name: String,
    header: Vec<u8>,
    /// Of header and elements.
    bytes: u64,
    crc: u32,
}

impl Member {
    /// The array `name`, whose elements have so many bytes and this checksum.
    pub(crate) fn new(name: &str, descr: &str, shape: &[u64], (bytes, elements): (u64, &Crc)) -> Member {
        let header = npy_header(descr, shape);
        let mut crc = Crc::new();
        crc.update(&header);
        crc.combine(elements);
        let bytes = bytes.saturating_add(header.len() as u64);
        Member { name: format!("{name}.npy"), header, bytes, crc: crc.finalize() }
    }

    /// The local header: its sizes are always 8 bytes long.
    fn local_header(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        self.push_common(&mut out);
        push_u32s(&mut out, &[self.crc, ELSEWHERE, ELSEWHERE]);
        push_u16s(&mut out, &[self.name.len() as u16, 20]);
        out.extend_from_slice(self.name.as_bytes());
        push_u16s(&mut out, &[1, 16]);
        push_u64s(&mut out, &[self.bytes, self.bytes]);
        out
    }

    /// The entry of the directory, for a member that stands at `offset`.
    fn directory_entry(&self, offset: u64) -> Vec<u8> {
        let is_long = |number: u64| number > ZIP64_LIMIT;
        let short = |number: u64| if is_long(number) { ELSEWHERE } else { number as u32 };
        let long: Vec<u64> = [self.bytes, self.bytes, offset].into_iter().filter(|&number| is_long(number)).collect();
        let extra = if long.is_empty() { 0 } else { 4 + 8 * long.len() as u16 };
        let unix = 3 << 8;
        let readable_by_owner = 0o600 << 16;

        let mut out = b"PK\x01\x02".to_vec();
        push_u16s(&mut out, &[ZIP64_VERSION | unix]);
        self.push_common(&mut out);
        push_u32s(&mut out, &[self.crc, short(self.bytes), short(self.bytes)]);
        push_u16s(&mut out, &[self.name.len() as u16, extra, 0, 0, 0]);
        push_u32s(&mut out, &[readable_by_owner, short(offset)]);
        out.extend_from_slice(self.name.as_bytes());
        if extra > 0 {
            push_u16s(&mut out, &[1, extra - 4]);
            push_u64s(&mut out, &long);
        }
        out
    }

    /// Version, flags, method (stored), time, date.
    fn push_common(&self, out: &mut Vec<u8>) {
        push_u16s(out, &[ZIP64_VERSION, 0, 0, 0, NO_DATE]);
    }

    /// How many bytes it takes up in front of the directory.
    fn whole(&self) -> u64 {
        (self.local_header().len() as u64).saturating_add(self.bytes)
    }
}

/// The directory of members that stand one after the other from the beginning, and the end of the archive.
fn directory(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offset = 0_u64;
    for member in members {
        out.extend(member.directory_entry(offset));
        offset = offset.saturating_add(member.whole());
    }
    let (count, size) = (members.len() as u64, out.len() as u64);
    let is_long = offset > ZIP64_LIMIT;
    if is_long {
        let end = offset.saturating_add(size);
        out.extend_from_slice(b"PK\x06\x06");
        push_u64s(&mut out, &[44]);
        push_u16s(&mut out, &[ZIP64_VERSION, ZIP64_VERSION]);
        push_u32s(&mut out, &[0, 0]);
        push_u64s(&mut out, &[count, count, size, offset]);
        out.extend_from_slice(b"PK\x06\x07");
        push_u32s(&mut out, &[0]);
        push_u64s(&mut out, &[end]);
        push_u32s(&mut out, &[1]);
    }
    out.extend_from_slice(b"PK\x05\x06");
    push_u16s(&mut out, &[0, 0, count as u16, count as u16]);
    push_u32s(&mut out, &[size as u32, u32::try_from(offset).unwrap_or(ELSEWHERE)]);
    push_u16s(&mut out, &[0]);
    out
}

fn push_u16s(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn push_u32s(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn push_u64s(out: &mut Vec<u8>, numbers: &[u64]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// Writes the arrays of an `.npz` one after the other, block by block.
#[derive(Debug)]
pub(crate) struct NpzWriter {
    stream: Stream<Vec<u8>>,
    members: Vec<Member>,
    begun: usize,
}

impl NpzWriter {
    /// Begins the output `name`, which holds exactly these arrays.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or no thread can be had.
    pub(crate) fn create(set: &dyn OutputSet, name: &str, members: Vec<Member>) -> Result<NpzWriter> {
        let file = set.create(name, size(&members))?;
        Ok(NpzWriter { stream: Stream::over(file, Vec::new())?, members, begun: 0 })
    }

    /// Begins the next array, whose elements follow.
    pub(crate) fn begin_member(&mut self) -> Result<()> {
        let Some(member) = self.members.get(self.begun) else { return Ok(()) };
        self.begun += 1;
        self.stream.write_block([member.local_header().as_slice(), &member.header].concat())?;
        Ok(())
    }

    /// Takes elements of the array that was begun last, little-endian, and gives back an empty block to fill.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub(crate) fn write_block(&mut self, block: Vec<u8>) -> Result<Vec<u8>> {
        self.stream.write_block(block)
    }

    /// Writes what waits and the directory; the file's line of the manifest, and the time that hashing and writing took.
    ///
    /// # Errors
    ///
    /// A block could not be written, or the blocks were more or fewer than the arrays have room for.
    pub(crate) fn finish(mut self) -> Result<(Output, Duration)> {
        self.stream.write_block(directory(&self.members))?;
        let Streamed { file, digest: Digest { bytes, sha256 }, busy } = self.stream.finish()?;
        let expected = size(&self.members);
        if bytes != expected {
            return Err(Problem::new(file.path(), format!("{bytes} bytes were written of {expected}")).into());
        }
        Ok((Output { name: file.into_name(), shape: None, dtype: None, bytes, sha256 }, busy))
    }
}

fn size(members: &[Member]) -> u64 {
    let whole = members.iter().map(Member::whole).fold(0, u64::saturating_add);
    whole.saturating_add(directory(members).len() as u64)
}

#[cfg(test)]
mod tests;
