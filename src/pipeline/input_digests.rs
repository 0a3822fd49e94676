//! The checksums of the inputs, taken on a thread of their own while the work goes on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

use super::run::Plan;
use super::settings::{Settings, StopWordList};
use crate::dataset::InputFile;
use crate::error::Result;
use crate::input::archive::Archive;
use crate::input_kind::InputKind;
use crate::output::digest;
use crate::output::manifest::Input;
use crate::progress::Progress;

/// A file that is read; of a folder, also the files in it.
pub(super) struct InputSource {
    file: InputFile,
    members: Vec<String>,
}

/// Every file that a run reads, with what it takes to hash it.
pub(super) fn inputs(plan: &Plan, settings: &Settings) -> Vec<InputSource> {
    let mut inputs = Vec::new();
    for part in &plan.parts {
        for file in &part.split.inputs {
            let archive = part.split.archives.iter().find(|archive| archive.path() == file.path);
            let members = archive.filter(|_| file.kind == InputKind::Folder).map(Archive::files_of_folder).unwrap_or_default();
            inputs.push(InputSource { file: file.clone(), members });
        }
    }
    let outside = |kind, path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        InputSource { file: InputFile { kind, path: path.to_path_buf(), name }, members: Vec::new() }
    };
    if let StopWordList::File(path) = &settings.stop_words {
        inputs.push(outside(InputKind::StopWords, path));
    }
    inputs.extend(settings.vocabulary.as_deref().map(|path| outside(InputKind::Vocabulary, path)));
    inputs
}

/// The thread that hashes. Dropped before the end, it stops soon.
pub(super) struct InputDigests<'scope> {
    thread: ScopedJoinHandle<'scope, Result<Vec<Input>>>,
    stop: StopOnDrop,
}

impl<'scope> InputDigests<'scope> {
    pub(super) fn begin(scope: &'scope Scope<'scope, '_>, inputs: Vec<InputSource>, progress: &'scope dyn Progress) -> Self {
        let stop = StopOnDrop::default();
        let watch = Watch { progress, stop: Arc::clone(&stop.0) };
        let thread = scope.spawn(move || inputs.into_iter().map(|input| digest(input, &watch)).collect());
        InputDigests { thread, stop }
    }

    pub(super) fn finish(self) -> Result<Vec<Input>> {
        let inputs = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        drop(self.stop);
        inputs
    }
}

fn digest(source: InputSource, progress: &dyn Progress) -> Result<Input> {
    let InputSource { file: InputFile { kind, path, name }, members } = source;
    let is_folder = kind == InputKind::Folder;
    let digest = if is_folder { digest::of_folder(&path, &members, 1, progress)? } else { digest::of_file(&path, progress)? };
    let files = is_folder.then_some(members.len() as u64);
    Ok(Input { path: name, kind, bytes: digest.bytes, files, sha256: digest.sha256 })
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
