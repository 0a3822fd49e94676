//! Files that appear only when they are complete.

use std::io::Write;
use std::path::{Path, PathBuf};

use keyword_files::error::{Error, Result};
use tempfile::{Builder, NamedTempFile};

/// Writes files under other names, puts them on the disk and renames them when all are complete.
/// If a write fails, earlier files of these names stay as they were.
pub fn write_files(files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    let staged = files.iter().map(|(path, content)| stage(path, content).map_err(Error::io(path, "write")));
    let staged: Vec<NamedTempFile> = staged.collect::<Result<_>>()?;
    for (file, (path, _)) in staged.into_iter().zip(files) {
        file.persist(path).map_err(|error| Error::io(path, "write")(error.error))?;
    }
    Ok(())
}

fn stage(path: &Path, content: &[u8]) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}
