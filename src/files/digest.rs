//! SHA-256 of files and folders.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::parallel::in_parallel;
use crate::progress::Progress;
use keyword_files::npy::sha256::hex;
pub(crate) use keyword_files::npy::sha256::{Digest, Hasher, RawDigest};

/// Fits into the processor's cache, and is large enough that the cost of the calls vanishes.
const BLOCK: usize = 128 << 10;

/// A file that is open for reading.
struct OpenFile<'a, R> {
    reader: R,
    path: &'a Path,
    /// The size that the file system reports. It decides the size of the buffer only.
    size: u64,
}

/// Hashes the rest of a file.
fn hash_rest<R: Read>(file: OpenFile<'_, R>, progress: &dyn Progress) -> Result<Hasher> {
    let OpenFile { mut reader, path, size } = file;
    let mut hasher = Hasher::default();
    // Files in a folder are small, so a small buffer suffices for them.
    let mut block = vec![0; usize::try_from(size).map_or(BLOCK, |size| size.clamp(1, BLOCK))];
    loop {
        progress.stop_if_cancelled()?;
        match reader.read(&mut block) {
            Ok(0) => return Ok(hasher),
            Ok(n) => hasher.update(block.get(..n).unwrap_or_default()),
            Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::io(path, "read")(source)),
        }
    }
}

/// Hashes the file at `path`. Pipes, devices and folders are refused.
pub(crate) fn of_file(path: &Path, progress: &dyn Progress) -> Result<Digest> {
    hash_file(path, progress).map(Hasher::finish)
}

fn raw_of_file(path: &Path, progress: &dyn Progress) -> Result<RawDigest> {
    hash_file(path, progress).map(Hasher::finish_raw)
}

fn hash_file(path: &Path, progress: &dyn Progress) -> Result<Hasher> {
    // Checked before the file is opened: opening a pipe waits for its writer.
    let found = std::fs::metadata(path).map_err(Error::io(path, "read"))?;
    if !found.is_file() {
        return Err(Problem::new(path, "expected a file").into());
    }
    let reader = File::open(path).map_err(Error::io(path, "read"))?;
    hash_rest(OpenFile { reader, path, size: found.len() }, progress)
}

/// Hashes the named files of `folder` on `jobs` threads. Files whose digest is known are not read.
/// Names are relative to the folder and use `/`.
///
/// The digest does not depend on the order of `files`. It is the SHA-256 of the lines `HEX  NAME`
/// that `sha256sum` prints for the files in byte order of their names. The size is the sum of the
/// sizes of the files.
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
        let Some((bytes, sha256)) = known.map_or_else(|| read.next().transpose(), |known| Ok(Some(known)))? else {
            break;
        };
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
    use keyword_files::npy::sha256::of_bytes;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_digest_of_abc_is_that_of_the_standard() {
        assert_eq!(of_bytes(b"abc"), Digest { bytes: 3, sha256: ABC.into() });
        let file = OpenFile { reader: &b"abc"[..], path: Path::new("x"), size: 2 };
        assert_eq!(hash_rest(file, &Silent).unwrap().finish(), of_bytes(b"abc"));
    }

    #[test]
    fn a_file_of_many_blocks_has_the_digest_of_its_whole_content() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 17).map(|i| (i % 251) as u8).collect();
        let file = OpenFile { reader: &bytes[..], path: Path::new("x"), size: u64::MAX };
        assert_eq!(hash_rest(file, &Silent).unwrap().finish(), of_bytes(&bytes));
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
        let folder = format!("{}: expected a file", dir.path().display());
        assert_eq!(of_file(dir.path(), &Silent).unwrap_err().to_string(), folder);
        let missing = dir.path().join("x");
        let expected = format!("{}: cannot read: {}", missing.display(), File::open(&missing).unwrap_err());
        assert_eq!(of_file(&missing, &Silent).unwrap_err().to_string(), expected);
    }

    #[test]
    fn hashing_stops_when_it_is_cancelled() {
        struct Cancelled;
        impl Progress for Cancelled {
            fn is_cancelled(&self) -> bool {
                true
            }
        }
        let endless = OpenFile { reader: io::repeat(1), path: Path::new("x"), size: 0 };
        assert!(matches!(hash_rest(endless, &Cancelled), Err(Error::Interrupted)));
    }
}
