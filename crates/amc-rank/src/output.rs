//! Files that appear only when they are complete.

use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// What can fail while a file is written.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Writes a file under another name, puts it on the disk and renames it. If anything fails, an
/// earlier file of that name stays as it was.
pub(crate) fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut std::fs::File>) -> std::result::Result<(), Failure>,
) -> Result<()> {
    stage(path, write)?.persist(path).map_err(|error| error.error).map_err(Error::io(path, "write"))?;
    Ok(())
}

/// Writes several files. None gets its name before all are complete.
pub(crate) fn write_all(files: &[(std::path::PathBuf, String)]) -> Result<()> {
    let staged = files.iter().map(|(path, text)| stage(path, |file| Ok(file.write_all(text.as_bytes())?)));
    let staged: Vec<NamedTempFile> = staged.collect::<Result<_>>()?;
    for (file, (path, _)) in staged.into_iter().zip(files) {
        file.persist(path).map_err(|error| error.error).map_err(Error::io(path, "write"))?;
    }
    Ok(())
}

fn stage(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut std::fs::File>) -> std::result::Result<(), Failure>,
) -> Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(Error::io(path, "write"))?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    write(&mut buffer).map_err(|error| Error::file(path, format!("cannot write: {error}")))?;
    buffer.flush().map_err(Error::io(path, "write"))?;
    drop(buffer);
    file.as_file().sync_all().map_err(Error::io(path, "write"))?;
    Ok(file)
}
