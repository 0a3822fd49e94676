//! Small files that are compressed: gzip, zstd and zlib are unpacked, other formats are named.

use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::shell::quoted;

/// How a small file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackedFile {
    Gzip,
    Zstd,
    Zlib,
    Other(Unpacker),
}

/// A compression that this program cannot unpack, and the command that can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unpacker {
    name: &'static str,
    command: &'static str,
}

impl Unpacker {
    /// The problem with a file of this compression.
    pub fn problem(self, path: &Path) -> Problem {
        let hint = format!("unpack it with {} {}", self.command, quoted(&path.to_string_lossy()));
        Problem::new(path, format!("the file is compressed with {}", self.name)).hint(hint)
    }
}

impl PackedFile {
    /// How a file is compressed. A text in UTF-8 is not.
    pub fn of(bytes: &[u8]) -> Option<PackedFile> {
        let other = |name, command| Some(PackedFile::Other(Unpacker { name, command }));
        match bytes {
            [0x1f, 0x8b, ..] => Some(PackedFile::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(PackedFile::Zstd),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => other("bzip2", "bunzip2 -k"),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => other("xz", "xz -dk"),
            [0x5d, 0, 0, ..] => other("lzma", "xz -dk --format=lzma"),
            [0x04, 0x22, 0x4d, 0x18, ..] => other("lz4", "lz4 -d"),
            [b'P', b'K', 3, 4, ..] => other("zip", "unzip"),
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if std::str::from_utf8(bytes).is_err() => Some(PackedFile::Zlib),
            _ => None,
        }
    }

    /// Unpacks at most `most` bytes and one more.
    ///
    /// # Errors
    ///
    /// The stream is damaged, or this program cannot unpack it.
    pub fn unpack(self, path: &Path, packed: &[u8], most: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut read = |reader: &mut dyn Read| reader.take(most + 1).read_to_end(&mut bytes);
        let read = match self {
            PackedFile::Gzip => read(&mut flate2::bufread::MultiGzDecoder::new(packed)),
            PackedFile::Zlib => read(&mut flate2::bufread::ZlibDecoder::new(packed)),
            PackedFile::Zstd => zstd::stream::read::Decoder::with_buffer(packed).and_then(|mut reader| read(&mut reader)),
            PackedFile::Other(unpacker) => return Err(unpacker.problem(path).into()),
        };
        read.map(drop).map_err(|error| self.damaged(path, &error))?;
        Ok(bytes)
    }

    fn damaged(self, path: &Path, error: &io::Error) -> Error {
        let name = match self {
            PackedFile::Gzip => "gzip",
            PackedFile::Zstd => "zstd",
            PackedFile::Zlib => "zlib",
            PackedFile::Other(unpacker) => unpacker.name,
        };
        let what = format!("the {name} stream is damaged or cut short: {error}");
        Problem::new(path, what).hint("copy or download it again").into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain_file::read_bounded;
    use std::io::Write;

    fn read(content: &[u8]) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map");
        std::fs::write(&path, content).unwrap();
        let start = folder.path().join("").display().to_string();
        read_bounded(&path, "a map", 1).map_err(|error| error.to_string().replace(&start, "DIR/"))
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    }

    fn zlib(content: &[u8], level: u32) -> Vec<u8> {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        packed.write_all(content).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn compressed_content_is_unpacked() {
        let content: Vec<u8> = (0..9000_u32).flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_le_bytes()).collect();
        assert_eq!(read(&content).unwrap(), content);
        assert_eq!(read(&gzip(&content)).unwrap(), content);
        assert_eq!(read(&[gzip(b"ab"), gzip(b"cd")].concat()).unwrap(), b"abcd");
        assert_eq!(read(&zstd::encode_all(content.as_slice(), 1).unwrap()).unwrap(), content);
        for level in [0, 3, 6, 9] {
            assert_eq!(read(&zlib(&content, level)).unwrap(), content, "level {level}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored_and_text_that_looks_packed_is_kept() {
        assert_eq!(read(b"\xef\xbb\xbfcat\n").unwrap(), b"cat\n");
        assert_eq!(read(&gzip(b"\xef\xbb\xbfcat\n")).unwrap(), b"cat\n");
        assert_eq!(read(b"x^2\nBZh9\n").unwrap(), b"x^2\nBZh9\n");
    }

    #[test]
    fn content_that_is_too_large_or_damaged_is_refused() {
        let large = "DIR/map: expected a map of at most 1 MiB, but the file is larger";
        assert_eq!(read(&gzip(&vec![0; 50 << 20])).unwrap_err(), large);
        assert_eq!(read(&vec![0; (1 << 20) + 1]).unwrap_err(), large);
        let cut = gzip(b"some words that are cut");
        let message = read(&cut[..cut.len() - 9]).unwrap_err();
        assert!(message.starts_with("DIR/map: the gzip stream is damaged or cut short: "), "{message}");
    }

    #[test]
    fn other_compressions_are_named_with_the_command_that_unpacks_them() {
        let xz = b"\xfd7zXZ\0\0\x04";
        assert_eq!(read(xz).unwrap_err(), "DIR/map: the file is compressed with xz; unpack it with xz -dk DIR/map");
        let bzip2 = b"BZh91AY&SY\0";
        assert_eq!(read(bzip2).unwrap_err(), "DIR/map: the file is compressed with bzip2; unpack it with bunzip2 -k DIR/map");
    }
}
