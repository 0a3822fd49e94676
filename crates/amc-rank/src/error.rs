//! What can go wrong.

use std::io;
use std::path::{Path, PathBuf};

/// An error with one line of text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused to read or write.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system reported.
        source: io::Error,
    },
    /// A file is wrong.
    #[error("{}: {what}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong in it, and what to do.
        what: String,
    },
    /// Something else is wrong.
    #[error("{0}")]
    Refused(String),
}

/// The result of what can go wrong.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Adds the file and the action to an error of the system.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { path: path.to_path_buf(), action, source }
    }

    /// A file that is wrong.
    pub(crate) fn file(path: &Path, what: impl Into<String>) -> Error {
        Error::File { path: path.to_path_buf(), what: what.into() }
    }
}
