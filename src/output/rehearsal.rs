//! A run that leaves nothing: its outputs are counted and hashed, and go nowhere.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::output::output_file::{OutputFile, OutputSet};

/// Stands in for the file set of a folder that must stay as it is.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    folder: PathBuf,
    scratch: PathBuf,
}

impl Rehearsal {
    /// What does not fit into memory goes to the system's folder for temporary files.
    pub(crate) fn of(folder: &Path) -> Rehearsal {
        Rehearsal { folder: folder.to_path_buf(), scratch: std::env::temp_dir() }
    }
}

impl OutputSet for Rehearsal {
    fn create(&self, name: &str, bytes: u64) -> Result<OutputFile> {
        Ok(OutputFile::over(io::sink(), &self.folder, name, bytes))
    }

    fn create_growing(&self, name: &str) -> Result<OutputFile> {
        Ok(OutputFile::over(io::sink(), &self.folder, name, None))
    }

    fn scratch(&self) -> &Path {
        &self.scratch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::npy::{Dtype, NpyWriter};
    use crate::output::output_file::write_whole;

    #[test]
    fn the_manifest_says_of_a_rehearsed_output_what_it_says_of_a_written_one_and_nothing_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out");
        let rehearsal = Rehearsal::of(&folder);
        let whole = write_whole(&rehearsal, "v.json", b"abc").unwrap();
        assert_eq!((whole.name.as_str(), whole.bytes), ("v.json", 3));
        assert_eq!(whole.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut array = NpyWriter::create(&rehearsal, "x.npy", Dtype::Uint8, &[3]).unwrap();
        array.write_block(vec![1, 2, 3]).unwrap();
        let (array, _) = array.finish().unwrap();
        assert_eq!((array.bytes, array.shape), (131, Some(vec![3])));
        assert!(!folder.exists());
    }
}
