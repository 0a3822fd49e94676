//! The checksums of the inputs, taken on a thread of their own while the work goes on; those of a folder's files as they are read.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    file: InputFile,
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

/// The thread that hashes files, and the folders, which wait until their files have been read. Dropped before the end, it stops soon.
pub(super) struct InputDigests<'scope> {
    thread: ScopedJoinHandle<'scope, Result<Vec<(usize, Input)>>>,
    folders: Vec<(usize, InputFile, FolderFiles)>,
    stop: StopOnDrop,
}

impl<'scope> InputDigests<'scope> {
    pub(super) fn begin(scope: &'scope Scope<'scope, '_>, inputs: Vec<InputSource>, progress: &'scope dyn Progress) -> Self {
        let stop = StopOnDrop::default();
        let watch = Watch { progress, stop: Arc::clone(&stop.0) };
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for (place, InputSource { file, folder }) in inputs.into_iter().enumerate() {
            match folder {
                Some(folder) => folders.push((place, file, folder)),
                None => files.push((place, file)),
            }
        }
        let digest = move |(place, file): (usize, InputFile)| {
            let digest = digest::of_file(&file.path, &watch)?;
            Ok((place, Input { path: file.name, kind: file.kind, bytes: digest.bytes, files: None, sha256: digest.sha256 }))
        };
        let thread = scope.spawn(move || files.into_iter().map(digest).collect());
        InputDigests { thread, folders, stop }
    }

    /// All inputs in their order, when everything has been read.
    pub(super) fn finish(self, jobs: usize, progress: &dyn Progress) -> Result<Vec<Input>> {
        let mut inputs = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        drop(self.stop);
        for (place, InputFile { kind, path, name }, files) in self.folders {
            let known = |FileDigest { bytes, sha256 }| (bytes, sha256);
            let files: Vec<(&str, Option<RawDigest>)> = files.iter().map(|(name, digest)| (name, digest.map(known))).collect();
            let count = files.len() as u64;
            let Digest { bytes, sha256 } = digest::of_folder(&path, files, jobs, progress)?;
            inputs.push((place, Input { path: name, kind, bytes, files: Some(count), sha256 }));
        }
        inputs.sort_unstable_by_key(|(place, _)| *place);
        Ok(inputs.into_iter().map(|(_, input)| input).collect())
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
