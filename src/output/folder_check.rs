//! What a check of a folder's files found, whatever it held them against.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::output::digest;
use crate::output::manifest::Output;
use crate::output::npy::npy_header;
use crate::parallel::in_parallel;
use crate::progress::Progress;

/// What [`verify`](crate::verify), [`Clickture::check`](crate::Clickture::check) or [`Mscoco::check`](crate::Mscoco::check)
/// found in a folder. See [`verify`](crate::verify) for an example.
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
    /// The files that were looked at: each manifest, and behind it the outputs of its set.
    pub files: Vec<FileCheck>,
}

impl FolderCheck {
    /// Whether every file is as it should be.
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

    /// The files that are not as they should be.
    ///
    /// ```
    /// use amc_keywords::{Mscoco, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-faults-{}", std::process::id()));
    /// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
    /// mscoco.run(&Settings::default(), &Silent)?;
    /// std::fs::remove_file(out.join("vocabulary_coco_sk_6.pkl")).unwrap();
    /// let check = mscoco.check(&Settings::default(), &Silent)?;
    /// assert_eq!(check.faults().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["vocabulary_coco_sk_6.pkl"]);
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    pub fn faults(&self) -> impl Iterator<Item = &FileCheck> {
        self.files.iter().filter(|file| file.state != FileState::Fine)
    }
}

/// One file of a folder that was checked.
///
/// ```
/// use amc_keywords::{FileState, Mscoco, Settings, Silent, verify};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-file-check-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
/// let check = verify(&out, 1, &Silent)?;
/// assert_eq!((check.files[0].name.as_str(), &check.files[0].state), ("manifest_coco.json", &FileState::Fine));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileCheck {
    /// Its name in the folder.
    pub name: String,
    /// How it is.
    #[serde(flatten)]
    pub state: FileState,
}

impl FileCheck {
    pub(super) fn new(name: &str, state: FileState) -> FileCheck {
        FileCheck { name: name.to_owned(), state }
    }
}

/// How a file is that was checked. In JSON: `"state"`, a lower-case word, and of a file that differs `"how"`.
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
    /// As it should be.
    Fine,
    /// Not there.
    Missing,
    /// Not as it should be: this is how.
    Differs(String),
    /// The manifest of a set that a run was stopped in putting in place: the next run finishes that.
    Unfinished,
    /// Left by an earlier run; a run with these options would not write it.
    Stale,
}

/// Compares outputs, as a manifest tells of them, with the files in `folder`, on `jobs` threads. In the order of `outputs`.
pub(super) fn check_all(folder: &Path, outputs: &[Output], jobs: usize, progress: &dyn Progress) -> Result<Vec<FileCheck>> {
    // The largest first, so that no thread ends up with it while the others have nothing left.
    let mut order: Vec<(usize, &Output)> = outputs.iter().enumerate().collect();
    order.sort_by_key(|(_, output)| Reverse(output.bytes));
    let states = in_parallel(&order, jobs, |(_, output)| check(folder, output, progress));
    let mut checked = Vec::new();
    for ((place, output), state) in order.iter().zip(states) {
        checked.push((*place, FileCheck::new(&output.name, state?)));
    }
    checked.sort_by_key(|(place, _)| *place);
    Ok(checked.into_iter().map(|(_, file)| file).collect())
}

/// How one output is.
pub(super) fn check(folder: &Path, output: &Output, progress: &dyn Progress) -> Result<FileState> {
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
        return Ok(FileState::Differs(format!("expected {} bytes, found {}", output.bytes, found.len())));
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

/// Whether the header of an array says another shape or type of element than the manifest.
fn check_header(path: &Path, output: &Output) -> io::Result<Option<String>> {
    let (Some(dtype), Some(shape)) = (output.dtype, &output.shape) else { return Ok(None) };
    let expected = npy_header(dtype.descr(), shape);
    let mut found = Vec::new();
    File::open(path)?.take(expected.len() as u64).read_to_end(&mut found)?;
    let axes: Vec<String> = shape.iter().map(u64::to_string).collect();
    let what = || format!("expected an array header of shape ({}) and dtype '{}'", axes.join(", "), dtype.descr());
    Ok((found != expected).then(what))
}
