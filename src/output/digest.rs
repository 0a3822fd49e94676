//! SHA-256 of files and folders.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Problem, Result};
use crate::parallel::in_parallel;
use crate::progress::Progress;

/// Small enough to be hashed from the processor's cache, large enough that the calls cost nothing.
const BLOCK: usize = 128 << 10;

/// The size and the SHA-256 of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How many bytes there are.
    pub(crate) bytes: u64,
    /// Their SHA-256 as 64 lower-case hexadecimal digits.
    pub(crate) sha256: String,
}

/// Hashes bytes as they go by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hasher {
    state: Sha256,
    bytes: u64,
}

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::new(self.bytes, &self.state.finalize())
    }

    fn finish_raw(self) -> RawDigest {
        (self.bytes, self.state.finalize().into())
    }
}

impl Digest {
    /// Of so many bytes, with the SHA-256 as it is computed.
    pub(crate) fn new(bytes: u64, sha256: &[u8]) -> Digest {
        Digest { bytes, sha256: hex(sha256).map(char::from).collect() }
    }
}

/// The lower-case hexadecimal digits of some bytes.
fn hex(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 15)])
}

/// The size and the SHA-256 of a file, as it is computed.
pub(crate) type RawDigest = (u64, [u8; 32]);

/// Hashes `bytes`.
pub(crate) fn of_bytes(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.finish()
}

/// Hashes what `reader` still gives of the file at `path`, which is said to have `size` bytes.
fn of_reader(mut reader: impl Read, (path, size): (&Path, u64), progress: &dyn Progress) -> Result<Hasher> {
    let mut hasher = Hasher::default();
    // No more than there is to read: of a folder's files each is small.
    let mut block = vec![0; usize::try_from(size).map_or(BLOCK, |size| size.clamp(1, BLOCK))];
    loop {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        match reader.read(&mut block) {
            Ok(0) => return Ok(hasher),
            Ok(n) => hasher.update(block.get(..n).unwrap_or_default()),
            Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::io(path, "read")(source)),
        }
    }
}

/// Hashes the file at `path`; pipes, devices and folders are refused.
pub(crate) fn of_file(path: &Path, progress: &dyn Progress) -> Result<Digest> {
    hashed(path, progress).map(Hasher::finish)
}

fn raw_of_file(path: &Path, progress: &dyn Progress) -> Result<RawDigest> {
    hashed(path, progress).map(Hasher::finish_raw)
}

fn hashed(path: &Path, progress: &dyn Progress) -> Result<Hasher> {
    // Asked before the file is opened: to open a pipe waits for its writer.
    let found = std::fs::metadata(path).map_err(Error::io(path, "read"))?;
    if !found.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    of_reader(File::open(path).map_err(Error::io(path, "read"))?, (path, found.len()), progress)
}

/// Hashes a folder's files of the given names (relative to it, with `/`), on `jobs` threads, those whose digest is not known yet.
///
/// The digest does not depend on the order of `files`: it is the SHA-256 of what `sha256sum` prints for them in byte order of
/// the names, one `HEX  NAME` a line. The size is that of the files together.
pub(crate) fn of_folder(
    folder: &Path,
    mut files: Vec<(&str, Option<RawDigest>)>,
    jobs: usize,
    progress: &dyn Progress,
) -> Result<Digest> {
    files.sort_unstable_by_key(|(name, _)| *name);
    let unknown: Vec<&str> = files.iter().filter(|(_, known)| known.is_none()).map(|(name, _)| *name).collect();
    let mut read = in_parallel(&unknown, jobs, |name| raw_of_file(&folder.join(name), progress)).into_iter();
    let (mut lines, mut line, mut total) = (Hasher::default(), Vec::new(), 0_u64);
    for (name, known) in files {
        let Some((bytes, sha256)) = known.map_or_else(|| read.next().transpose(), |known| Ok(Some(known)))? else { break };
        line.clear();
        line.extend(hex(&sha256));
        line.extend([b"  ", name.as_bytes(), b"\n"].concat());
        lines.update(&line);
        total = total.saturating_add(bytes);
    }
    Ok(Digest { bytes: total, ..lines.finish() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_digest_of_abc_is_that_of_the_standard() {
        assert_eq!(of_bytes(b"abc"), Digest { bytes: 3, sha256: ABC.into() });
        assert_eq!(of_reader(&b"abc"[..], (Path::new("x"), 2), &Silent).unwrap().finish(), of_bytes(b"abc"));
    }

    #[test]
    fn a_reader_of_many_blocks_gives_the_digest_of_the_whole() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 17).map(|i| (i % 251) as u8).collect();
        assert_eq!(of_reader(&bytes[..], (Path::new("x"), u64::MAX), &Silent).unwrap().finish(), of_bytes(&bytes));
    }

    #[test]
    fn a_folder_is_hashed_as_sha256sum_lists_it_in_any_order_and_on_any_number_of_threads() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("b/c.json"), "").unwrap();
        std::fs::write(dir.path().join("a.json"), "abc").unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let list = format!("{ABC}  a.json\n{empty}  b/c.json\n");
        let expected = Digest { bytes: 3, sha256: of_bytes(list.as_bytes()).sha256 };
        for names in [["a.json", "b/c.json"], ["b/c.json", "a.json"]] {
            for jobs in [1, 2, 7] {
                let files = names.map(|name| (name, None)).to_vec();
                assert_eq!(of_folder(dir.path(), files, jobs, &Silent).unwrap(), expected);
                let abc = || raw_of_file(&dir.path().join("a.json"), &Silent).unwrap();
                let known = names.map(|name| (name, (name == "a.json").then(abc))).to_vec();
                assert_eq!(of_folder(dir.path(), known, jobs, &Silent).unwrap(), expected);
            }
        }
    }

    #[test]
    fn a_folder_in_place_of_a_file_and_a_missing_file_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display();
        assert_eq!(of_file(dir.path(), &Silent).unwrap_err().to_string(), format!("{at}: expected a file"));
        let missing = of_file(&dir.path().join("x"), &Silent).unwrap_err();
        assert_eq!(missing.to_string(), format!("{at}/x: cannot read: No such file or directory (os error 2)"));
    }

    #[test]
    fn hashing_stops_when_it_is_cancelled() {
        struct Cancelled;
        impl Progress for Cancelled {
            fn is_cancelled(&self) -> bool {
                true
            }
        }
        let endless = of_reader(io::repeat(1), (Path::new("x"), 0), &Cancelled);
        assert!(matches!(endless, Err(Error::Interrupted)));
    }
}
