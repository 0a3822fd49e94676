//! NumPy's `.npz` files: a zip of stored `.npy` files, byte for byte as `numpy.savez` writes it.
//!
//! A zip states the size and the checksum of each array before the array. So both must be known
//! before the first element is written.

use std::io::{self, Read, Seek, SeekFrom};

use crc32fast::Hasher as Crc;

use super::hashing_writer::{HashedFile, HashingWriter, Sink};
use super::header::{NpyHeader, npy_header};

/// Python's `zipfile` writes larger sizes and offsets with 8 bytes into the directory.
const ZIP64_LIMIT: u64 = (1 << 31) - 1;

/// Replaces a number that is written with 8 bytes in another field.
const ELSEWHERE: u32 = u32::MAX;

/// The first version of the zip format with sizes of 8 bytes.
const ZIP64_VERSION: u16 = 45;

/// 1 January 1980, the earliest date of a zip. Python writes it if no date is given.
const NO_DATE: u16 = 1 << 5 | 1;

/// The elements of an array: their number of bytes and their checksum.
#[derive(Debug, Clone, Default)]
pub struct Elements {
    /// The number of bytes.
    pub bytes: u64,
    crc: Crc,
}

impl Elements {
    /// Appends bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }

    /// Appends the elements `next`.
    pub fn combine(&mut self, next: &Elements) {
        self.crc.combine(&next.crc);
        self.bytes = self.bytes.saturating_add(next.bytes);
    }
}

/// One array of the file: its header, and the size and checksum of the whole array.
#[derive(Debug, Clone)]
pub struct NpzMember {
    name: String,
    header: Vec<u8>,
    /// The size of the header and the elements together.
    bytes: u64,
    crc: u32,
}

impl NpzMember {
    /// The array `name` with these elements.
    pub fn new(name: &str, descr: &str, shape: &[u64], elements: &Elements) -> NpzMember {
        let header = npy_header(descr, shape);
        let mut all = Elements::default();
        all.update(&header);
        all.combine(elements);
        let Elements { bytes, crc } = all;
        NpzMember { name: format!("{name}.npy"), header, bytes, crc: crc.finalize() }
    }

    /// The local header. Its sizes always have 8 bytes.
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

    /// The entry of the directory for a member at the byte `offset`.
    fn directory_entry(&self, offset: u64) -> Vec<u8> {
        let is_long = |number: u64| number > ZIP64_LIMIT;
        let short = |number: u64| if is_long(number) { ELSEWHERE } else { number as u32 };
        let long = [self.bytes, self.bytes, offset].into_iter().filter(|&number| is_long(number));
        let long: Vec<u64> = long.collect();
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

    /// Appends version, flags, method (stored), time and date.
    fn push_common(&self, out: &mut Vec<u8>) {
        push_u16s(out, &[ZIP64_VERSION, 0, 0, 0, NO_DATE]);
    }

    /// The number of bytes that the member occupies before the directory.
    fn whole(&self) -> u64 {
        (self.local_header().len() as u64).saturating_add(self.bytes)
    }
}

/// The directory of members that follow one another from the start, and the end of the archive.
fn directory(members: &[NpzMember]) -> Vec<u8> {
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
pub struct NpzWriter<S: Sink> {
    writer: HashingWriter<S>,
    members: Vec<NpzMember>,
    /// The number of members whose header is written.
    begun: usize,
}

impl<S: Sink> NpzWriter<S> {
    /// Starts a file of exactly these arrays. It will have [`npz_size`] bytes.
    ///
    /// # Errors
    ///
    /// The system provides no thread.
    pub fn new(sink: S, members: Vec<NpzMember>) -> io::Result<NpzWriter<S>> {
        Ok(NpzWriter { writer: HashingWriter::new(sink, Vec::new())?, members, begun: 0 })
    }

    /// Starts the next array. Its elements follow.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn begin_member(&mut self) -> Result<(), S::Error> {
        let Some(member) = self.members.get(self.begun) else { return Ok(()) };
        self.begun += 1;
        self.writer.write_block([member.local_header().as_slice(), &member.header].concat())?;
        Ok(())
    }

    /// Takes little-endian elements of the current array and returns an empty block to fill.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub fn write_block(&mut self, block: Vec<u8>) -> Result<Vec<u8>, S::Error> {
        self.writer.write_block(block)
    }

    /// Writes the directory and waits until everything is written.
    ///
    /// # Errors
    ///
    /// A block could not be written.
    pub fn finish(mut self) -> Result<HashedFile<S>, S::Error> {
        self.writer.write_block(directory(&self.members))?;
        self.writer.finish()
    }
}

/// An array in a file that [`NpzWriter`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpzArray {
    /// The name of the array.
    pub name: String,
    /// The type of its elements, such as `'<i8'`.
    pub descr: String,
    /// The place of the first element in the file, and the number of bytes of all elements.
    pub start: u64,
    /// The number of bytes of all elements.
    pub bytes: u64,
}

/// Finds the arrays in a file that [`NpzWriter`] wrote.
///
/// # Errors
///
/// The file cannot be read, or is another kind of zip.
pub fn npz_arrays(file: &mut (impl Read + Seek)) -> io::Result<Vec<NpzArray>> {
    let mut arrays = Vec::new();
    let mut member = file.seek(SeekFrom::Start(0))?;
    loop {
        let mut head = [0; 30];
        file.read_exact(&mut head)?;
        if head.starts_with(b"PK\x01\x02") {
            return Ok(arrays);
        }
        let [.., name_len, _, extra_len, _] = head;
        let (mut name, mut extra) = (vec![0; name_len.into()], vec![0; extra_len.into()]);
        file.read_exact(&mut name)?;
        file.read_exact(&mut extra)?;
        let size = extra.get(4..12).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes);
        let name = std::str::from_utf8(&name).ok().and_then(|name| name.strip_suffix(".npy"));
        let (true, Some(size), Some(name)) = (head.starts_with(b"PK\x03\x04"), size, name) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "expected a zip of arrays"));
        };
        let start = member + head.len() as u64 + u64::from(name_len) + u64::from(extra_len);
        let header = NpyHeader::read(file).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        let bytes = size.saturating_sub(header.length);
        arrays.push(NpzArray { name: name.to_owned(), descr: header.descr, start: start + header.length, bytes });
        member = start.saturating_add(size);
        file.seek(SeekFrom::Start(member))?;
    }
}

/// The size of the file of these arrays.
pub fn npz_size(members: &[NpzMember]) -> u64 {
    let whole = members.iter().map(NpzMember::whole).fold(0, u64::saturating_add);
    whole.saturating_add(directory(members).len() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::super::hashing_writer::WriterClosed;
    use super::super::sha256;
    use super::*;

    impl Sink for Vec<u8> {
        type Error = WriterClosed;

        fn append(&mut self, bytes: &[u8]) -> Result<(), WriterClosed> {
            self.extend_from_slice(bytes);
            Ok(())
        }
    }

    struct Array {
        name: &'static str,
        descr: &'static str,
        shape: &'static [u64],
        elements: Vec<u8>,
    }

    impl Array {
        fn member(&self) -> NpzMember {
            let mut elements = Elements::default();
            elements.update(&self.elements);
            NpzMember::new(self.name, self.descr, self.shape, &elements)
        }
    }

    /// The arrays of tests/golden/small.npz.
    fn small() -> [Array; 5] {
        let int32 = |numbers: &[i32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let int64 = |numbers: &[i64]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let array = |name, descr, shape, elements| Array { name, descr, shape, elements };
        [
            array("indices", "<i4", &[3], int32(&[0, 2, 1])),
            array("indptr", "<i4", &[3], int32(&[0, 2, 3])),
            array("format", "|S3", &[], b"csr".to_vec()),
            array("shape", "<i8", &[2], int64(&[2, 3])),
            array("data", "<i8", &[3], int64(&[1, 1, 4])),
        ]
    }

    #[test]
    fn the_file_equals_that_of_numpy_savez_byte_for_byte() {
        let arrays = small();
        let members: Vec<NpzMember> = arrays.iter().map(Array::member).collect();
        let size = npz_size(&members);
        let mut writer = NpzWriter::new(Vec::new(), members).unwrap();
        for array in &arrays {
            writer.begin_member().unwrap();
            for block in array.elements.chunks(5) {
                writer.write_block(block.to_vec()).unwrap();
            }
        }
        let HashedFile { sink, digest, .. } = writer.finish().unwrap();
        let expected = include_bytes!("../../../../tests/golden/small.npz");
        assert_eq!((sink.as_slice(), size), (expected.as_slice(), 1305));
        assert_eq!(digest, sha256::of_bytes(expected));
    }

    #[test]
    fn the_directory_of_arrays_of_any_size_is_that_of_python_s_zipfile() {
        let golden = include_str!("../../../../tests/golden/npz_directories.tsv");
        for line in golden.lines().skip(1) {
            let (sizes, hex) = line.split_once('\t').unwrap();
            let sizes = sizes.split(',').map(|size| size.parse().unwrap());
            let member = |(n, bytes): (u32, u64)| {
                let (name, header) = (format!("a{n}.npy"), Vec::new());
                NpzMember { name, header, bytes, crc: 7 + n }
            };
            let members: Vec<NpzMember> = (0..).zip(sizes).map(member).collect();
            let digits: String = directory(&members).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digits, hex, "{line}");
        }
    }
}
