//! The checksums of the inputs, taken on a thread of their own while the work goes on; those of a folder's files as they are read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::SystemTime;

use super::run::Plan;
use super::settings::{Settings, StopWordList};
use crate::dataset::InputFile;
use crate::error::{Problem, Result};
use keyword_files::archive::Archive;
use keyword_files::folder::{FileDigest, FolderFiles};
use keyword_files::source::file_name;
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
    let outside = |kind, path: &Path| InputSource {
        file: InputFile { kind, path: path.to_path_buf(), name: file_name(path) },
        folder: None,
    };
    if let StopWordList::File(path) = &settings.stop_words {
        inputs.push(outside(InputKind::StopWords, path));
    }
    inputs.extend(settings.vocabulary.as_deref().map(|path| outside(InputKind::Vocabulary, path)));
    inputs
}

/// The thread that hashes files, from when they are heard of. Dropped before the end, it stops soon.
pub(super) struct InputDigests<'scope> {
    heard: Sender<(PathBuf, Option<Stamp>)>,
    thread: ScopedJoinHandle<'scope, Result<Digests>>,
    stop: StopOnDrop,
}

impl<'scope> InputDigests<'scope> {
    pub(super) fn begin(scope: &'scope Scope<'scope, '_>, progress: &'scope dyn Progress) -> Self {
        let stop = StopOnDrop::default();
        let watch = Watch { progress, stop: Arc::clone(&stop.0) };
        let (heard, files) = channel::<(PathBuf, Option<Stamp>)>();
        let thread = scope.spawn(move || {
            let mut digests = HashMap::new();
            for (path, stamp) in files {
                if let Entry::Vacant(unknown) = digests.entry(path) {
                    let digest = digest::of_file(unknown.key(), &watch)?;
                    unknown.insert((digest, stamp));
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
            let _ = self.heard.send((file.path.clone(), stamp(&file.path)));
        }
    }

    /// All `inputs`, each of which was heard of, when everything has been read.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or has changed since it was heard of: what was encoded is then not what was hashed.
    pub(super) fn finish(self, inputs: Vec<InputSource>, jobs: usize, progress: &dyn Progress) -> Result<Vec<Input>> {
        drop(self.heard);
        let files = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        drop(self.stop);
        let input = |InputSource { file: InputFile { kind, path, name }, folder }| {
            let (digest, count) = match folder {
                None => {
                    let known = files.get(&path).cloned();
                    if known.as_ref().is_some_and(|(_, heard)| *heard != stamp(&path)) {
                        let problem = Problem::new(&path, "changed while it was read");
                        return Err(problem.hint("run again when nothing writes it any more").into());
                    }
                    (known.map_or_else(|| digest::of_file(&path, progress), |(digest, _)| Ok(digest))?, None)
                }
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

/// The digests of files, and what they were like when they were heard of.
type Digests = HashMap<PathBuf, (Digest, Option<Stamp>)>;

/// What changes when a file does: its size and the time of its last change.
type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    #[test]
    fn a_file_that_changes_after_it_was_heard_of_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k.jsonl");
        fs::write(&path, "{}").unwrap();
        let file = InputFile { kind: InputKind::Lines, path: path.clone(), name: "k.jsonl".into() };
        let hashed = |change: &dyn Fn()| {
            std::thread::scope(|scope| {
                let digests = InputDigests::begin(scope, &Silent);
                digests.hear(&file);
                change();
                digests.finish(vec![InputSource { file: file.clone(), folder: None }], 1, &Silent)
            })
        };
        assert_eq!(hashed(&|| ()).unwrap()[0].bytes, 2);
        let message = hashed(&|| fs::write(&path, "{}\n{}\n").unwrap()).unwrap_err().to_string();
        let expected = "changed while it was read; run again when nothing writes it any more";
        assert_eq!(message, format!("{}: {expected}", path.display()));
    }
}
