//! Pieces of bytes in memory, and in a temporary file if there are many.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use keyword_files::plain_file::{FileReader, ReaderAt};

use crate::error::{Error, Result, no_room};

/// The size of the blocks in memory. The system takes back memory of this size as soon as it is
/// freed.
pub(super) const BLOCK: usize = 32 << 20;

/// Pieces of bytes by number, in the order in which they were added.
#[derive(Debug)]
pub(super) struct ByteStore {
    pieces: Vec<PieceLocation>,
    blocks: Vec<Vec<u8>>,
    spill: Option<Spill>,
    folder: PathBuf,
}

/// Where a piece is.
#[derive(Debug, Clone, Copy)]
enum PieceLocation {
    /// In a block, from the byte `start` on.
    Held { block: u32, start: u32 },
    /// In the temporary file, from this byte on.
    Spilled(u64),
}

#[derive(Debug)]
struct Spill {
    file: File,
    /// Reads the file at any position.
    reader: FileReader,
    bytes: u64,
}

impl ByteStore {
    /// A store without pieces. Those that do not fit into memory go to a file without a name in
    /// `folder`.
    pub fn new(folder: &Path) -> Self {
        ByteStore { pieces: Vec::new(), blocks: Vec::new(), spill: None, folder: folder.to_path_buf() }
    }

    /// Adds a piece and returns its number. If more than `most` bytes are in memory, the last block
    /// first goes to the temporary file.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be written.
    pub fn add(&mut self, bytes: &[u8], most: usize) -> Result<usize> {
        let location = self.keep(bytes, most)?;
        self.pieces.push(location);
        Ok(self.pieces.len() - 1)
    }

    fn keep(&mut self, bytes: &[u8], most: usize) -> Result<PieceLocation> {
        if bytes.len() > BLOCK.min(most) {
            return self.spill(bytes).map(PieceLocation::Spilled);
        }
        let held: usize = self.blocks.iter().map(Vec::len).sum();
        if held + bytes.len() > most {
            self.spill_last_block()?;
        }
        if self.blocks.last().is_none_or(|block| block.len() + bytes.len() > BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(block) = self.blocks.last_mut() else { return Ok(PieceLocation::Spilled(0)) };
        let start = block.len() as u32;
        block.extend_from_slice(bytes);
        Ok(PieceLocation::Held { block: number, start })
    }

    fn spill_last_block(&mut self) -> Result<()> {
        let number = self.blocks.len().saturating_sub(1) as u32;
        let Some(mut bytes) = self.blocks.pop() else { return Ok(()) };
        let first = self.spill(&bytes)?;
        for piece in &mut self.pieces {
            if let PieceLocation::Held { block, start } = *piece
                && block == number
            {
                *piece = PieceLocation::Spilled(first + u64::from(start));
            }
        }
        bytes.clear();
        self.blocks.push(bytes);
        Ok(())
    }

    /// Appends bytes to the temporary file and returns their position.
    fn spill(&mut self, bytes: &[u8]) -> Result<u64> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            none => {
                let made = tempfile::tempfile_in(&self.folder).and_then(|file| Ok((file.try_clone()?, file)));
                let (reader, file) = made.map_err(Error::io(&self.folder, "make a temporary file in"))?;
                none.insert(Spill { file, reader: reader.into(), bytes: 0 })
            }
        };
        let first = spill.bytes;
        let needs = format!("it needs {} more bytes at least", bytes.len());
        let written = spill.file.write_all(bytes).map_err(|source| no_room(source, &needs));
        written.map_err(Error::io(&self.folder, "write a temporary file in"))?;
        spill.bytes += bytes.len() as u64;
        Ok(first)
    }

    /// The bytes `range` of a piece. Those of the temporary file are read into `buffer`.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn read<'a>(&'a self, piece: usize, range: Range<usize>, buffer: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        match (self.pieces.get(piece), &self.spill) {
            (Some(PieceLocation::Held { block, start }), _) => {
                let start = *start as usize;
                let block = self.blocks.get(*block as usize);
                Ok(block.and_then(|block| block.get(start + range.start..start + range.end)).unwrap_or_default())
            }
            (Some(PieceLocation::Spilled(first)), Some(spill)) => {
                buffer.resize(range.len(), 0);
                let read = spill.reader.read_exact_at(buffer, first + range.start as u64);
                read.map_err(Error::io(&self.folder, "read a temporary file in"))?;
                Ok(buffer)
            }
            (Some(PieceLocation::Spilled(_)), None) | (None, _) => Ok(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(store: &ByteStore, number: usize, range: Range<usize>) -> Vec<u8> {
        store.read(number, range, &mut Vec::new()).unwrap().to_vec()
    }

    #[test]
    fn pieces_are_read_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = ByteStore::new(folder.path());
        store.add(b"first", 9).unwrap();
        store.add(b"next", 9).unwrap();
        assert_eq!((piece(&store, 0, 0..5), piece(&store, 1, 1..3)), (b"first".to_vec(), b"ex".to_vec()));
        store.add(b"!", 9).unwrap();
        assert_eq!((&store.blocks, store.spill.as_ref().unwrap().bytes), (&vec![b"!".to_vec()], 9), "no byte is kept twice");
        store.add(b"more than fits", 9).unwrap();
        let pieces = [(0, 0..5), (1, 1..3), (2, 0..1), (3, 5..9)].map(|(number, range)| piece(&store, number, range));
        assert_eq!(pieces, [&b"first"[..], b"ex", b"!", b"than"]);
        assert_eq!((store.blocks.len(), piece(&store, 4, 0..1)), (1, Vec::new()), "there is no such piece");
    }

    #[test]
    fn only_what_does_not_fit_into_memory_goes_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = ByteStore::new(folder.path());
        let half = vec![1; BLOCK / 2 + 1];
        (0..5).for_each(|number| assert_eq!(store.add(&half, 2 * BLOCK).unwrap(), number));
        store.add(&vec![2; BLOCK + 1], 2 * BLOCK).unwrap();
        let spilled = store.pieces.iter().filter(|piece| matches!(piece, PieceLocation::Spilled(_))).count();
        let held: usize = store.blocks.iter().map(Vec::len).sum();
        assert_eq!((spilled, held), (3, 3 * half.len()));
        assert_eq!((piece(&store, 2, 0..2), piece(&store, 5, BLOCK..BLOCK + 1)), (vec![1, 1], vec![2]));
    }
}
