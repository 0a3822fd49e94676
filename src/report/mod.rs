//! One page of HTML about a set of outputs, for a person: charts, the vocabulary, sample images. It needs no network.

mod charts;
mod figures;
pub(crate) mod numbers;
mod page;
mod pictures;
mod plot;
mod samples;
mod vocabulary_table;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use self::figures::Figures;
use self::pictures::Pictures;
use self::samples::Samples;
use crate::error::{Error, Problem, Result};
use crate::progress::Progress;
use crate::readback::written_set::WrittenSet;

/// A report on the outputs in a folder: what was read and written, charts, coverage, the vocabulary, sample images.
///
/// ```
/// use amc_keywords::{Mscoco, Report, Settings, Silent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-report-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
///
/// let pages = Report { folder: out.clone(), ..Report::default() }.pages(&Silent)?;
/// assert_eq!((pages.len(), pages[0].name().as_str()), (1, "report_coco.html"));
/// assert!(pages[0].html.starts_with("<!doctype html>"));
/// pages[0].write(&out.join(pages[0].name()))?;
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The folder that runs wrote into.
    pub folder: PathBuf,
    /// The set that is wanted, such as `clickture`; all that there are if it is not given.
    pub set: Option<String>,
    /// A folder of pictures, in which (or in a folder of which) a sample image's picture has the name of its keyword file, and ends
    /// with `.jpg`, `.jpeg` or `.png`.
    pub images: Option<PathBuf>,
}

impl Report {
    /// Makes the page of each set, in the order of their names. Memory grows with the vocabulary and not with the matrix.
    ///
    /// # Errors
    ///
    /// There is no manifest or no such set, an output is missing or is not as its manifest says, the system refuses to read, or
    /// `progress` asks to stop. A picture that cannot be shown is no error.
    pub fn pages(&self, progress: &dyn Progress) -> Result<Vec<Page>> {
        let sets = WrittenSet::all_in(&self.folder)?;
        if sets.is_empty() {
            let problem = Problem::new(&self.folder, "expected a manifest_….json as each run leaves beside its files");
            return Err(problem.hint("name the folder that a run wrote into").into());
        }
        let names: Vec<&str> = sets.iter().map(WrittenSet::set).collect();
        if let Some(wanted) = self.set.as_deref().filter(|wanted| !names.contains(wanted)) {
            let what = format!("expected a manifest_{wanted}.json");
            return Err(Problem::new(&self.folder, what).hint(format!("the sets here are {}", names.join(", "))).into());
        }
        let pictures = self.images.as_deref().map(Pictures::of_folder).transpose()?;
        let is_wanted = |set: &&WrittenSet| self.set.as_deref().is_none_or(|wanted| set.set() == wanted);
        sets.iter().filter(is_wanted).map(|set| Page::of_set(set, pictures.as_ref(), progress)).collect()
    }
}

/// A page about one set.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page {
    /// The set, such as `clickture`.
    pub set: String,
    /// The page, UTF-8. It loads nothing, and what came from an input is only ever text in it.
    pub html: String,
}

/// How every page begins, and no other file.
const START: &str = "<!doctype html>\n<html lang=\"en\" data-made-by=\"amc-keywords\">";

impl Page {
    fn of_set(set: &WrittenSet, pictures: Option<&Pictures>, progress: &dyn Progress) -> Result<Page> {
        let figures = Figures::of_set(set, progress)?;
        let samples: Vec<Samples> = figures.statistics.splits.iter().map(|split| Samples::of_split(split, pictures)).collect();
        if pictures.is_some() && !samples.iter().any(Samples::has_picture) {
            progress.warn(&format!(
                "{}: no sample image has a picture where it was looked for: NAME.jpg, .jpeg or .png, NAME being the keyword file's",
                set.set()
            ));
        }
        Ok(Page { set: set.set().to_owned(), html: page::html(set, &figures, samples)? })
    }

    /// What its file is called unless someone asks for another name.
    pub fn name(&self) -> String {
        format!("report_{}.html", self.set)
    }

    /// Writes the page as `path`, whole or not at all, over an earlier report.
    ///
    /// # Errors
    ///
    /// The system refuses to write, or the file is there and is no report.
    pub fn write(&self, path: &Path) -> Result<()> {
        refuse_other_file(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = new_file_in(folder).map_err(plain).map_err(Error::io(path, "write"))?;
        file.write_all(self.html.as_bytes()).map_err(plain).map_err(Error::io(path, "write"))?;
        file.persist(path).map_err(|error| Error::io(path, "write")(error.error))?;
        Ok(())
    }
}

/// The system's error without the name of the temporary file, which says nothing to anybody.
fn plain(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said.to_owned()),
        None => error,
    }
}

/// A report may go, and nothing else that a slip of the keyboard names.
fn refuse_other_file(path: &Path) -> Result<()> {
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    let mut start = Vec::new();
    if found.is_file() {
        let file = fs::File::open(path).map_err(Error::io(path, "read"))?;
        file.take(START.len() as u64).read_to_end(&mut start).map_err(Error::io(path, "read"))?;
    }
    if start == START.as_bytes() || (found.is_file() && found.len() == 0) {
        return Ok(());
    }
    Err(Problem::new(path, "something other than a report is there already").hint("choose another name with --out").into())
}

/// A file that gets its name when it is complete, with the permissions that any new file has.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".amc-keywords-report").tempfile_in(folder)
}
