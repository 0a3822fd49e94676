//! The checksums of the inputs, taken on a thread of their own while the work goes on; those of a folder's files as they are read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::run::Plan;
use super::settings::{Settings, StopWordList};
use crate::dataset::InputFile;
use crate::error::Result;
use crate::input::archive::Archive;
use crate::input::folder::{FileDigest, FolderFiles};
use crate::input_kind::InputKind;
use crate::output::digest::{self, Digest, RawDigest};
use crate::output::manifest::Input;
use crate::progress::Progress;

/// A file that is read; of a folder, also the files in it.
pub(super) struct InputSource {
    pub(super) file: InputFile,
    folder: Option<FolderFiles>,
}

/// Every file that a run reads, with what it takes to hash it.
pub(super) fn inputs(plan: &Plan, settings: &Settings) -> Vec<InputSource> {
    let mut inputs = Vec::new();
    for part in &plan.parts {
        for file in &part.split.inputs {
            let archive = part.split.archives.iter().find(|archive| archive.path() == file.path);
            let folder = archive.filter(|_| file.kind == InputKind::Folder).and_then(Archive::files_of_folder);
            inputs.push(InputSource { file: file.clone(), folder });
        }
    }
    let outside = |kind, path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        InputSource { file: InputFile { kind, path: path.to_path_buf(), name }, folder: None }
    };
    if let StopWordList::File(path) = &settings.stop_words {
        inputs.push(outside(InputKind::StopWords, path));
    }
    inputs.extend(settings.vocabulary.as_deref().map(|path| outside(InputKind::Vocabulary, path)));
    inputs
}

/// The thread that hashes files, from when they are heard of. Dropped before the end, it stops soon.
pub(super) struct InputDigests<'scope> {
    heard: Sender<PathBuf>,
    thread: ScopedJoinHandle<'scope, Result<HashMap<PathBuf, Digest>>>,
    stop: StopOnDrop,
}

impl<'scope> InputDigests<'scope> {
    pub(super) fn begin(scope: &'scope Scope<'scope, '_>, progress: &'scope dyn Progress) -> Self {
        let stop = StopOnDrop::default();
        let watch = Watch { progress, stop: Arc::clone(&stop.0) };
        let (heard, files) = channel::<PathBuf>();
        let thread = scope.spawn(move || {
            let mut digests = HashMap::new();
            for path in files {
                if let Entry::Vacant(unknown) = digests.entry(path) {
                    let digest = digest::of_file(unknown.key(), &watch)?;
                    unknown.insert(digest);
                }
            }
            Ok(digests)
        });
        InputDigests { heard, thread, stop }
    }

    /// Begins with a file, if that has not been done. Folders wait: their files are hashed as they are read.
    pub(super) fn hear(&self, file: &InputFile) {
        if file.kind != InputKind::Folder {
            // Nobody listens once a file could not be hashed, which is told at the end.
            let _ = self.heard.send(file.path.clone());
        }
    }

    /// All `inputs`, each of which was heard of, when everything has been read.
    pub(super) fn finish(self, inputs: Vec<InputSource>, jobs: usize, progress: &dyn Progress) -> Result<Vec<Input>> {
        drop(self.heard);
        let files = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        drop(self.stop);
        let input = |InputSource { file: InputFile { kind, path, name }, folder }| {
            let (digest, count) = match folder {
                None => (files.get(&path).cloned().map_or_else(|| digest::of_file(&path, progress), Ok)?, None),
                Some(files) => {
                    let known = |FileDigest { bytes, sha256 }| (bytes, sha256);
                    let files: Vec<(&str, Option<RawDigest>)> =
                        files.iter().map(|(name, digest)| (name, digest.map(known))).collect();
                    let count = files.len() as u64;
                    (digest::of_folder(&path, files, jobs, progress)?, Some(count))
                }
            };
            Ok(Input { path: name, kind, bytes: digest.bytes, files: count, sha256: digest.sha256 })
        };
        inputs.into_iter().map(input).collect()
    }
}

#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stops where the run is cancelled, and where it has ended with an error.
struct Watch<'a> {
    progress: &'a dyn Progress,
    stop: Arc<AtomicBool>,
}

impl Progress for Watch<'_> {
    fn is_cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.progress.is_cancelled()
    }
}
