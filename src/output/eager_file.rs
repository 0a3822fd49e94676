//! A file that begins its way to the disk while it is still being written, so that little is left to wait for at the end.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;

/// After so many bytes the disk is asked to take them in.
const STEP: u64 = 16 << 20;

/// What the disk has refused, as far as is known.
pub(super) type Refused = Arc<OnceLock<(io::ErrorKind, String)>>;

/// A file whose contents go to the disk as they come, on a thread of its own once there are enough of them.
#[derive(Debug)]
pub(super) struct EagerFile {
    file: File,
    unasked: u64,
    refused: Refused,
    /// Asks the thread; it ends when this goes.
    disk: Option<SyncSender<()>>,
}

impl EagerFile {
    /// `refused` hears of errors: a system tells each of them once, and the last sync of the file would not be told.
    pub fn new(file: File, refused: Refused) -> Self {
        EagerFile { file, unasked: 0, refused, disk: None }
    }

    /// Never waits: while the disk is still busy with what came before, it is asked again later.
    fn ask(&mut self) -> io::Result<()> {
        self.unasked = 0;
        if let Some(disk) = &self.disk {
            let _ = disk.try_send(());
            return Ok(());
        }
        let (disk, asked) = sync_channel(1);
        let (file, refused) = (self.file.try_clone()?, Arc::clone(&self.refused));
        let sync = move || {
            for () in asked {
                if let Err(error) = file.sync_data() {
                    let _ = refused.set((error.kind(), error.to_string()));
                }
            }
        };
        // Without a thread the file is synced at the end alone.
        if thread::Builder::new().name("sync".into()).spawn(sync).is_ok() {
            let _ = disk.try_send(());
            self.disk = Some(disk);
        }
        Ok(())
    }
}

/// The error that the disk has answered with, if it has.
pub(super) fn refusal(refused: &Refused) -> io::Result<()> {
    refused.get().map_or(Ok(()), |(kind, message)| Err(io::Error::new(*kind, message.clone())))
}

impl Write for EagerFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        refusal(&self.refused)?;
        let written = self.file.write(bytes)?;
        self.unasked = self.unasked.saturating_add(written as u64);
        if self.unasked >= STEP {
            self.ask()?;
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
    fn everything_that_was_written_is_there_in_order() {
        let mut file = tempfile::tempfile().unwrap();
        let mut eager = EagerFile::new(file.try_clone().unwrap(), Refused::default());
        let block: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
        for _ in 0..40 {
            eager.write_all(&block).unwrap();
        }
        assert!(eager.disk.is_some(), "the disk was asked");
        drop(eager);
        let mut found = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut found).unwrap();
        assert!(found == block.repeat(40));
    }

    #[test]
    fn what_the_disk_refuses_is_told_at_the_next_write() {
        let refused = Refused::default();
        let mut eager = EagerFile::new(tempfile::tempfile().unwrap(), Arc::clone(&refused));
        eager.write_all(b"a").unwrap();
        refused.set((io::ErrorKind::StorageFull, "the disk is full".into())).unwrap();
        assert_eq!(eager.write(b"b").unwrap_err().to_string(), "the disk is full");
        assert_eq!(refusal(&refused).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
