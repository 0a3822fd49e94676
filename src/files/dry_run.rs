//! The output set of a run that writes nothing. Outputs are only counted and hashed.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::files::output_file::{OutputFile, OutputSet};

/// Replaces the file set of a folder that must not change.
#[derive(Debug)]
pub(crate) struct DryRun {
    folder: PathBuf,
    scratch: PathBuf,
}

impl DryRun {
    /// Data that does not fit into memory goes to the system's folder for temporary files.
    pub(crate) fn of(folder: &Path) -> DryRun {
        DryRun { folder: folder.to_path_buf(), scratch: std::env::temp_dir() }
    }
}

impl OutputSet for DryRun {
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
    use crate::files::array_file::ArrayFile;
    use crate::files::output_file::write_whole;
    use keyword_files::npy::header::Dtype;

    #[test]
    fn the_manifest_lists_the_same_size_and_hash_as_for_a_written_output_and_no_file_appears() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out");
        let dry_run = DryRun::of(&folder);
        let whole = write_whole(&dry_run, "v.json", b"abc").unwrap();
        assert_eq!((whole.name.as_str(), whole.bytes), ("v.json", 3));
        assert_eq!(whole.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let mut array = ArrayFile::create(&dry_run, "x.npy", Dtype::Uint8, &[3]).unwrap();
        array.write_block(vec![1, 2, 3]).unwrap();
        let array = array.finish().unwrap().output;
        assert_eq!((array.bytes, array.shape), (131, Some(vec![3])));
        assert!(!folder.exists());
    }
}
