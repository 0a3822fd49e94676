//! The checksums of the inputs. A thread of its own hashes files during the run; the files of a
//! folder are hashed as they are read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::SystemTime;

use keyword_files::archive::{Archive, FileDigest, FolderFiles};
use keyword_files::records::{StreamDigest, is_stream};

use crate::dataset::files::InputFile;
use crate::dataset::plan::Plan;
use crate::error::{Problem, Result};
use crate::files::digest;
use crate::files::manifest::Input;
use crate::input_kind::InputKind;
use crate::progress::Progress;
use keyword_files::npy::sha256::{Digest, RawDigest};

/// The inputs of a run, and the background thread that hashes them. Dropping the handle stops the
/// thread early.
pub(super) struct InputHashes<'scope> {
    inputs: Vec<HashedInput>,
    queue: Sender<StampedFile>,
    thread: ScopedJoinHandle<'scope, Result<FileHashes>>,
    stop: StopOnDrop,
}

/// An input, and what knows its digest.
struct HashedInput {
    file: InputFile,
    digest: DigestSource,
}

/// Where the digest of an input comes from.
enum DigestSource {
    /// The background thread.
    File,
    /// The files of a folder, which are hashed as they are read.
    Folder(FolderFiles),
    /// A pipe or standard input, which is hashed as it is read.
    Stream(StreamDigest),
}

/// A file, and its stamp when the run began to read it.
struct StampedFile {
    path: PathBuf,
    stamp: Option<Stamp>,
}

/// Digests of files by their paths.
type FileHashes = HashMap<PathBuf, StampedDigest>;

/// The digest of a file, and its stamp when the run began to read it.
#[derive(Clone)]
struct StampedDigest {
    digest: Digest,
    stamp: Option<Stamp>,
}

/// What changes if a file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
}

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        let metadata = fs::metadata(path).ok()?;
        Some(Stamp { bytes: metadata.len(), modified: metadata.modified().ok()? })
    }
}

impl<'scope> InputHashes<'scope> {
    pub fn start(scope: &'scope Scope<'scope, '_>, progress: &'scope dyn Progress) -> Self {
        let stop = StopOnDrop::default();
        let watch = Watch { progress, stop: Arc::clone(&stop.0) };
        let (queue, files) = channel::<StampedFile>();
        let thread = scope.spawn(move || {
            let mut hashes = FileHashes::new();
            for StampedFile { path, stamp } in files {
                if let Entry::Vacant(unknown) = hashes.entry(path) {
                    let digest = digest::of_file(unknown.key(), &watch)?;
                    unknown.insert(StampedDigest { digest, stamp });
                }
            }
            Ok(hashes)
        });
        InputHashes { inputs: Vec::new(), queue, thread, stop }
    }

    /// Adds an input and begins to hash it. The files of a folder are hashed as they are read.
    pub fn add(&mut self, file: InputFile) {
        if file.kind != InputKind::Folder && !is_stream(&file.path) {
            // Sending fails if a file could not be hashed. `finish` returns that error.
            let _ = self.queue.send(StampedFile { path: file.path.clone(), stamp: Stamp::of(&file.path) });
        }
        self.inputs.push(HashedInput { file, digest: DigestSource::File });
    }

    /// Connects folders and pipes with what reads them.
    pub fn add_sources(&mut self, plan: &Plan) {
        let sources = || plan.parts.iter().map(|part| &part.split.source);
        for input in &mut self.inputs {
            let path = input.file.path.as_path();
            if input.file.kind == InputKind::Folder {
                let archives = sources().flat_map(|source| &source.archives).filter(|archive| archive.path() == path);
                let members = sources().flat_map(|source| &source.members).filter(|input| input.sections.path() == path);
                let members = members.map(|input| input.sections.files_of_folder());
                let files = archives.map(Archive::files_of_folder).chain(members).next().flatten();
                input.digest = files.map_or(DigestSource::File, DigestSource::Folder);
            } else if is_stream(path) {
                let mut streams = sources().flat_map(|source| &source.streams);
                let stream = streams.find(|stream| stream.file.path() == path);
                let digest = stream.and_then(|stream| stream.file.stream_digest());
                input.digest = digest.map_or(DigestSource::File, DigestSource::Stream);
            }
        }
    }

    pub fn files(&self) -> Vec<InputFile> {
        self.inputs.iter().map(|input| input.file.clone()).collect()
    }

    /// Returns the lines of the manifest for all inputs. Everything must have been read.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or has changed since it was added: what was encoded is then not what
    /// was hashed.
    pub fn finish(self, jobs: usize, progress: &dyn Progress) -> Result<Vec<Input>> {
        let InputHashes { inputs, queue, thread, stop } = self;
        drop(queue);
        let hashes = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        drop(stop);
        inputs.into_iter().map(|input| input.line(&hashes, jobs, progress)).collect()
    }
}

impl HashedInput {
    /// The line of the manifest.
    fn line(self, hashes: &FileHashes, jobs: usize, progress: &dyn Progress) -> Result<Input> {
        let HashedInput { file: InputFile { kind, path, name }, digest } = self;
        let (digest, files) = match digest {
            DigestSource::File => (digest_of_file(&path, hashes, progress)?, None),
            DigestSource::Stream(stream) => {
                let (bytes, sha256) = stream.get().ok_or_else(|| Problem::new(&path, "was not read to its end"))?;
                (Digest::new(*bytes, sha256), None)
            }
            DigestSource::Folder(files) => {
                let raw = |FileDigest { bytes, sha256 }| (bytes, sha256);
                let files: Vec<(&str, Option<RawDigest>)> = files.iter().map(|(name, digest)| (name, digest.map(raw))).collect();
                let count = files.len() as u64;
                (digest::of_folder(&path, files, jobs, progress)?, Some(count))
            }
        };
        Ok(Input { path: name, kind, bytes: digest.bytes, files, sha256: digest.sha256 })
    }
}

fn digest_of_file(path: &Path, hashes: &FileHashes, progress: &dyn Progress) -> Result<Digest> {
    let Some(StampedDigest { digest, stamp }) = hashes.get(path).cloned() else {
        return digest::of_file(path, progress);
    };
    if stamp != Stamp::of(path) {
        let problem = Problem::new(path, "changed while it was read");
        return Err(problem.hint("run again when no program writes to it").into());
    }
    Ok(digest)
}

#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stops the thread if the run is cancelled or has ended with an error.
struct Watch<'a> {
    progress: &'a dyn Progress,
    stop: Arc<AtomicBool>,
}

impl Progress for Watch<'_> {
    fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.progress.is_cancelled()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.jsonl");
        fs::write(&path, "{}").unwrap();
        let file = InputFile { kind: InputKind::Lines, path: path.clone(), name: "k.jsonl".into() };
        let hashed = |change: &dyn Fn()| {
            std::thread::scope(|scope| {
                let mut hashes = InputHashes::start(scope, &Silent);
                hashes.add(file.clone());
                change();
                hashes.finish(1, &Silent)
            })
        };
        assert_eq!(hashed(&|| ()).unwrap()[0].bytes, 2);
        let message = hashed(&|| fs::write(&path, "{}\n{}\n").unwrap()).unwrap_err().to_string();
        let expected = "changed while it was read; run again when no program writes to it";
        assert_eq!(message, format!("{}: {expected}", path.display()));
    }
}
