//! A file whose content goes to the disk while it is being written, so that the commit waits less.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;

/// The file is synced after each 16 MiB.
const STEP: u64 = 16 << 20;

/// The first error of a background sync. The kernel reports a write-back error only once, so the
/// sync at the commit could miss it.
#[derive(Debug, Clone, Default)]
pub(super) struct SyncError(Arc<OnceLock<(io::ErrorKind, String)>>);

impl SyncError {
    fn set(&self, error: &io::Error) {
        let _ = self.0.set((error.kind(), error.to_string()));
    }

    /// # Errors
    ///
    /// The error, if there is one.
    pub(super) fn check(&self) -> io::Result<()> {
        self.0.get().map_or(Ok(()), |(kind, message)| Err(io::Error::new(*kind, message.clone())))
    }
}

/// A file that is synced by a thread while it is being written.
#[derive(Debug)]
pub(super) struct SyncedFile {
    file: File,
    /// The number of bytes since the last request for a sync.
    unsynced: u64,
    error: SyncError,
    /// Sends requests to the thread. Dropping it ends the thread.
    requests: Option<SyncSender<()>>,
}

impl SyncedFile {
    /// Background syncs of `file` report their first error to `error`.
    pub fn new(file: File, error: SyncError) -> Self {
        SyncedFile { file, unsynced: 0, error, requests: None }
    }

    /// Requests a sync. Never waits: a request is dropped while a sync is running and another one
    /// is waiting.
    fn request_sync(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        if let Some(requests) = &self.requests {
            let _ = requests.try_send(());
            return Ok(());
        }
        let (requests, inbox) = sync_channel(1);
        let (file, first_error) = (self.file.try_clone()?, self.error.clone());
        let sync = move || {
            for () in inbox {
                if let Err(error) = file.sync_data() {
                    first_error.set(&error);
                }
            }
        };
        // Without a thread the file is only synced at the commit.
        if thread::Builder::new().name("sync".into()).spawn(sync).is_ok() {
            let _ = requests.try_send(());
            self.requests = Some(requests);
        }
        Ok(())
    }
}

impl Write for SyncedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.error.check()?;
        let written = self.file.write(bytes)?;
        self.unsynced = self.unsynced.saturating_add(written as u64);
        if self.unsynced >= STEP {
            self.request_sync()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};

    #[test]
    fn the_file_contains_everything_that_was_written() {
        let mut file = tempfile::tempfile().unwrap();
        let mut synced = SyncedFile::new(file.try_clone().unwrap(), SyncError::default());
        let block: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
        for _ in 0..40 {
            synced.write_all(&block).unwrap();
        }
        assert!(synced.requests.is_some(), "a sync was requested");
        drop(synced);
        let mut found = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut found).unwrap();
        assert!(found == block.repeat(40));
    }

    #[test]
    fn an_error_of_a_background_sync_is_returned_by_the_next_write() {
        let error = SyncError::default();
        let mut synced = SyncedFile::new(tempfile::tempfile().unwrap(), error.clone());
        synced.write_all(b"a").unwrap();
        error.set(&io::Error::new(io::ErrorKind::StorageFull, "the disk is full"));
        assert_eq!(synced.write(b"b").unwrap_err().to_string(), "the disk is full");
        assert_eq!(error.check().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
