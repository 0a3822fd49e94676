//! The bytes of zips, to be spoilt: tests/ uses them too.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// A zip under construction.
pub struct TestZip(pub Vec<u8>);

impl TestZip {
    /// A zip of these members, in this order, packed with `method`.
    pub fn packed(method: CompressionMethod, members: &[(&str, &[u8])]) -> TestZip {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            writer.write_all(bytes).unwrap();
        }
        TestZip(writer.finish().unwrap().into_inner())
    }

    /// A zip of these members, in this order, deflated.
    pub fn of(members: &[(&str, &[u8])]) -> TestZip {
        TestZip::packed(CompressionMethod::Deflated, members)
    }

    /// Where the `n`th central record is.
    pub fn central(&self, n: usize) -> usize {
        self.find(b"PK\x01\x02", n)
    }

    /// Where the `n`th local header is.
    pub fn local(&self, n: usize) -> usize {
        self.find(b"PK\x03\x04", n)
    }

    /// Where the end of the central directory is.
    pub fn end(&self) -> usize {
        self.find(b"PK\x05\x06", 0)
    }

    fn find(&self, mark: &[u8], n: usize) -> usize {
        (0..self.0.len()).filter(|&at| self.0[at..].starts_with(mark)).nth(n).unwrap()
    }

    /// Writes bytes over what is there.
    pub fn put(mut self, at: usize, bytes: &[u8]) -> TestZip {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Gives every member and record called `from` a name of the same length.
    pub fn renamed(mut self, from: &[u8], to: &[u8]) -> TestZip {
        assert_eq!(from.len(), to.len());
        for at in 0..self.0.len() {
            if self.0[at..].starts_with(from) {
                self.0[at..at + to.len()].copy_from_slice(to);
            }
        }
        self
    }
}
