//! An HTML page about a set of outputs, with charts, the vocabulary and sample images. It loads
//! nothing from a network.

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

/// A report on the outputs in a folder. It has charts, coverage, the vocabulary, sample images and
/// the files that were read and written.
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
    /// The set, such as `clickture`. The default is all sets in the folder.
    pub set: Option<String>,
    /// A folder of pictures. A picture has the name of the keyword file and ends with `.jpg`,
    /// `.jpeg` or `.png`. It is in the folder or in a folder directly below it.
    pub images: Option<PathBuf>,
}

impl Report {
    /// Makes the page of each set, in the order of their names. The memory grows with the
    /// vocabulary, not with the matrix.
    ///
    /// # Errors
    ///
    /// There is no manifest or no such set, an output is missing or differs from its manifest, the
    /// system refuses to read, or the report is cancelled. A picture that cannot be shown is not an
    /// error.
    pub fn pages(&self, progress: &dyn Progress) -> Result<Vec<Page>> {
        if self.folder.is_file() {
            return Err(Problem::new(&self.folder, "expected a folder").hint("name the folder that a run wrote into").into());
        }
        let sets = WrittenSet::all_in(&self.folder)?;
        if sets.is_empty() {
            let problem = Problem::new(&self.folder, "found no manifest_….json");
            return Err(problem.hint("name the folder that a run wrote into").into());
        }
        let names: Vec<&str> = sets.iter().map(WrittenSet::set).collect();
        if let Some(wanted) = self.set.as_deref().filter(|wanted| !names.contains(wanted)) {
            let what = format!("there is no set {wanted} (found: {})", names.join(", "));
            let first = names.first().copied().unwrap_or_default();
            return Err(Problem::new(&self.folder, what).hint(format!("use --set {first}")).into());
        }
        let pictures = self.images.as_deref().map(Pictures::of_folder).transpose()?;
        let is_wanted = |set: &&WrittenSet| self.set.as_deref().is_none_or(|wanted| set.set() == wanted);
        let images = self.images.as_deref();
        sets.iter().filter(is_wanted).map(|set| Page::of_set(set, images.zip(pictures.as_ref()), progress)).collect()
    }
}

/// A page about one set.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page {
    /// The set, such as `clickture`.
    pub set: String,
    /// The page in UTF-8. It loads nothing. All text from inputs is escaped.
    pub html: String,
}

/// The start of every report. No other file starts like this.
const START: &str = "<!doctype html>\n<html lang=\"en\" data-made-by=\"amc-keywords\">";

impl Page {
    fn of_set(set: &WrittenSet, images: Option<(&Path, &Pictures)>, progress: &dyn Progress) -> Result<Page> {
        let (images, pictures) = images.unzip();
        let figures = Figures::of_set(set, progress)?;
        let samples: Vec<Samples> = figures.statistics.splits.iter().map(|split| Samples::of_split(split, pictures)).collect();
        if pictures.is_some() && !samples.iter().any(Samples::has_picture) {
            progress.warn(&format!(
                "{}: found no picture of a sample image; expected NAME.jpg, NAME.jpeg or NAME.png with the name of the keyword file",
                set.set()
            ));
        }
        Ok(Page { set: set.set().to_owned(), html: page::html(set, &figures, samples, images)? })
    }

    /// The default file name of the page.
    pub fn name(&self) -> String {
        format!("report_{}.html", self.set)
    }

    /// Writes the page to `path` atomically. An earlier report is replaced.
    ///
    /// # Errors
    ///
    /// The system refuses to write, or `path` is a file that is not a report.
    pub fn write(&self, path: &Path) -> Result<()> {
        refuse_other_file(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut file = new_file_in(folder).map_err(Error::io(path, "write"))?;
        // The inner file, because errors of `NamedTempFile` contain the temporary name.
        let written = file.as_file_mut().write_all(self.html.as_bytes());
        written.map_err(Error::io(path, "write"))?;
        file.persist(path).map_err(|error| Error::io(path, "write")(error.error))?;
        Ok(())
    }
}

/// Refuses to replace a file that is neither an earlier report nor empty.
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
    Err(Problem::new(path, "the file exists and is not a report").hint("choose another name with --out").into())
}

/// A temporary file in `folder` with the permissions of any new file.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile<fs::File>> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    tempfile::Builder::new().prefix(".amc-keywords-report").make_in(folder, |path| options.open(path))
}
