//! SHA-256 of bytes that arrive piece by piece.

use sha2::{Digest as _, Sha256};

/// The number of bytes of a file and their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The number of bytes.
    pub bytes: u64,
    /// 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The number of bytes of a file and their SHA-256 as 32 bytes, which takes a third of the memory
/// of a [`Digest`].
pub type RawDigest = (u64, [u8; 32]);

/// Computes a [`Digest`].
#[derive(Debug, Clone, Default)]
pub struct Hasher {
    state: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }

    /// The digest of all bytes.
    pub fn finish(self) -> Digest {
        Digest::new(self.bytes, &self.state.finalize())
    }

    /// The same as [`RawDigest`].
    pub fn finish_raw(self) -> RawDigest {
        (self.bytes, self.state.finalize().into())
    }
}

impl Digest {
    /// The digest of `bytes` bytes that have the hash `sha256`.
    pub fn new(bytes: u64, sha256: &[u8]) -> Digest {
        Digest { bytes, sha256: hex(sha256).map(char::from).collect() }
    }
}

/// The lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 15)])
}

/// The digest of `bytes`.
pub fn of_bytes(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.finish()
}
