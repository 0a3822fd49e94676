//! The result of a check of a folder, and the check of one file.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::files::digest;
use crate::files::output_line::Output;
use crate::parallel::in_parallel;
use crate::progress::Progress;
use keyword_files::npy::header::npy_header;

/// The result of [`verify`](crate::verify), [`Clickture::check`](crate::Clickture::check) or
/// [`Mscoco::check`](crate::Mscoco::check).
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent, verify};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-folder-check-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
/// let check = verify(&out, 1, &Silent)?;
/// assert_eq!((check.folder.as_path(), check.files.len()), (out.as_path(), 5));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FolderCheck {
    /// The folder.
    pub folder: PathBuf,
    /// The checked files: each manifest, followed by the outputs of its set.
    pub files: Vec<FileCheck>,
}

impl FolderCheck {
    /// Whether every file is fine.
    ///
    /// ```
    /// use amc_keywords::{Mscoco, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-is-fine-{}", std::process::id()));
    /// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
    /// assert!(!mscoco.check(&Settings::default(), &Silent)?.is_fine());
    /// mscoco.run(&Settings::default(), &Silent)?;
    /// assert!(mscoco.check(&Settings::default(), &Silent)?.is_fine());
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    pub fn is_fine(&self) -> bool {
        self.faults().next().is_none()
    }

    /// The files that are not fine.
    ///
    /// ```
    /// use amc_keywords::{Mscoco, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-faults-{}", std::process::id()));
    /// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
    /// mscoco.run(&Settings::default(), &Silent)?;
    /// std::fs::remove_file(out.join("vocabulary_coco_sk_6.pkl")).unwrap();
    /// let check = mscoco.check(&Settings::default(), &Silent)?;
    /// let names: Vec<&str> = check.faults().map(|file| file.name.as_str()).collect();
    /// assert_eq!(names, ["vocabulary_coco_sk_6.pkl"]);
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    pub fn faults(&self) -> impl Iterator<Item = &FileCheck> {
        self.files.iter().filter(|file| file.state != FileState::Fine)
    }
}

/// The result for one file of a folder.
///
/// ```
/// use amc_keywords::{FileState, Mscoco, Settings, Silent, verify};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-file-check-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
/// let check = verify(&out, 1, &Silent)?;
/// let first = &check.files[0];
/// assert_eq!((first.name.as_str(), &first.state), ("manifest_coco.json", &FileState::Fine));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileCheck {
    /// The name of the file in the folder.
    pub name: String,
    /// The state of the file.
    #[serde(flatten)]
    pub state: FileState,
}

impl FileCheck {
    pub(super) fn new(name: &str, state: FileState) -> FileCheck {
        FileCheck { name: name.to_owned(), state }
    }
}

/// The state of a checked file. In JSON, `"state"` is a lower-case word, and a file that differs
/// also has `"how"`.
///
/// ```
/// use amc_keywords::{FileState, Mscoco, Settings, Silent, verify};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-file-state-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
/// std::fs::remove_file(out.join("vocabulary_coco_sk_6.pkl")).unwrap();
/// assert_eq!(verify(&out, 1, &Silent)?.files[3].state, FileState::Missing);
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "how", rename_all = "lowercase")]
pub enum FileState {
    /// The file has the expected bytes.
    Fine,
    /// The file does not exist.
    Missing,
    /// The file has other bytes. The text describes the difference.
    Differs(String),
    /// A run was stopped while it renamed the files of this manifest. The next run finishes it.
    Unfinished,
    /// An earlier run left the file. A run with these options does not write it.
    Stale,
}

/// Compares `outputs` of a manifest with the files in `folder` on `jobs` threads. The results have
/// the order of `outputs`.
pub(super) fn check_all(folder: &Path, outputs: &[Output], jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    // The largest files come first. Otherwise one thread could start the largest file last.
    let mut order: Vec<(usize, &Output)> = outputs.iter().enumerate().collect();
    order.sort_by_key(|(_, output)| Reverse(output.bytes));
    let states = in_parallel(&order, jobs, |(_, output)| check_file(folder, output, progress));
    let mut checked = Vec::new();
    for ((place, output), state) in order.iter().zip(states) {
        checked.push((*place, FileCheck::new(&output.name, state?)));
    }
    checked.sort_by_key(|(place, _)| *place);
    Ok(checked.into_iter().map(|(_, file)| file).collect())
}

/// Compares one output with its file.
pub(super) fn check_file(folder: &Path, output: &Output, progress: &dyn Progress) -> Result<FileState> {
    let path = folder.join(&output.name);
    let found = match fs::metadata(&path) {
        Ok(found) => found,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(FileState::Missing),
        Err(source) => return Err(Error::io(path, "read")(source)),
    };
    if !found.is_file() {
        return Ok(FileState::Differs("expected a file".into()));
    }
    if found.len() != output.bytes {
        let (expected, found) = (output.bytes, found.len());
        return Ok(FileState::Differs(format!("expected {expected} bytes, found {found}")));
    }
    if let Some(what) = check_header(&path, output).map_err(Error::io(&path, "read"))? {
        return Ok(FileState::Differs(what));
    }
    let sha256 = digest::of_file(&path, progress)?.sha256;
    if sha256 == output.sha256 {
        return Ok(FileState::Fine);
    }
    Ok(FileState::Differs(format!("expected sha256 {}, found {sha256}", output.sha256)))
}

/// The difference between the array header of the file and the manifest.
fn check_header(path: &Path, output: &Output) -> io::Result<Option<String>> {
    let (Some(dtype), Some(shape)) = (output.dtype, &output.shape) else { return Ok(None) };
    let expected = npy_header(dtype.descr(), shape);
    let mut found = Vec::new();
    File::open(path)?.take(expected.len() as u64).read_to_end(&mut found)?;
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    let (axes, descr) = (axes.join(", "), dtype.descr());
    let what = || format!("expected an array header of shape ({axes}) and dtype '{descr}'");
    Ok((found != expected).then(what))
}
