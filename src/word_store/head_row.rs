//! The heads of images while they are sorted.

use std::io::{self, Read, Write};

use crate::row_sorter::Row;

/// The head of an image behind what it is sorted by. No key is the start of another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeadRow {
    /// The first bytes, which often decide.
    start: u128,
    bytes: Box<[u8]>,
    /// The number of bytes of the key.
    key: u32,
}

impl HeadRow {
    pub fn new(bytes: Box<[u8]>, key: u32) -> Self {
        let mut start = [0; 16];
        start.iter_mut().zip(&bytes).for_each(|(to, from)| *to = *from);
        let start = u128::from_be_bytes(start);
        HeadRow { start, bytes, key }
    }

    pub fn head(&self) -> &[u8] {
        self.bytes.get(self.key as usize..).unwrap_or_default()
    }
}

impl Row for HeadRow {
    fn memory(&self) -> usize {
        // The allocator rounds up.
        size_of::<Self>() + self.bytes.len() + 16
    }

    fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        let lens = u64::from(self.key) << 32 | self.bytes.len() as u64;
        file.write_all(&lens.to_le_bytes())?;
        file.write_all(&self.bytes)
    }

    fn read(file: &mut dyn Read) -> io::Result<Self> {
        let mut lens = [0; 8];
        file.read_exact(&mut lens)?;
        let lens = u64::from_le_bytes(lens);
        let mut bytes = vec![0; lens as u32 as usize].into_boxed_slice();
        file.read_exact(&mut bytes)?;
        Ok(HeadRow::new(bytes, (lens >> 32) as u32))
    }
}

/// Appends a text so that longer keys are in the order of its bytes.
pub(super) fn push_sortable(text: &str, key: &mut Vec<u8>) {
    for &byte in text.as_bytes() {
        key.push(byte);
        key.extend((byte == 0).then_some(u8::MAX));
    }
    key.extend([0, 0]);
}
