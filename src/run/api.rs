//! The public methods that run a data set.

use super::summary::Summary;
use super::{check, run};
use crate::check::result::FolderCheck;
use crate::dataset::clickture::Clickture;
use crate::dataset::collection::Collection;
use crate::dataset::mscoco::Mscoco;
use crate::error::Result;
use crate::progress::Progress;
use crate::settings::Settings;

impl Clickture {
    /// Learns the vocabulary from Dev, unless the settings give one, and writes each split's
    /// matrix.
    ///
    /// ```
    /// use amc_keywords::{Clickture, Layout, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-run-{}", std::process::id()));
    /// let clickture = Clickture { root: "sample".into(), out: Some(out.clone()), ..Clickture::default() };
    /// let settings = Settings { layout: Layout::Script, ..Settings::default() };
    /// let summary = clickture.run(&settings, &Silent)?;
    /// assert_eq!(summary.counts.splits.iter().map(|split| split.images).collect::<Vec<_>>(), [200, 300]);
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An input is missing or malformed, no word is left for the vocabulary, the system refuses to
    /// read or write, or `progress` asks to stop. No output was changed then, unless the
    /// message says otherwise.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        run(self, settings, progress)
    }

    /// Makes the same outputs without writing or extracting anything, and compares them with the
    /// files in the output folder. Data that does not fit into memory goes to the system's
    /// folder for temporary files.
    ///
    /// ```no_run
    /// use amc_keywords::{Clickture, Settings, Silent};
    ///
    /// let check = Clickture { root: "data".into(), ..Clickture::default() }.check(&Settings::default(), &Silent)?;
    /// for file in check.faults() {
    ///     println!("{}: {:?}", file.name, file.state);
    /// }
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        check(self, settings, progress)
    }
}

impl Mscoco {
    /// Learns the vocabulary from the splits, unless the settings give one, and writes their
    /// matrix.
    ///
    /// # Errors
    ///
    /// Those of [`Clickture::run`]. A split has no image.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        run(self, settings, progress)
    }

    /// Makes the same outputs without writing anything, and compares them; see
    /// [`Clickture::check`].
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        check(self, settings, progress)
    }
}

impl Collection {
    /// Learns the vocabulary, unless the settings give one, and writes the matrix.
    ///
    /// # Errors
    ///
    /// Those of [`Clickture::run`]. The name cannot be part of a file name, or some fields exclude
    /// each other. Two images have the same name, unless duplicates are allowed.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        run(self, settings, progress)
    }

    /// Makes the same outputs without writing anything, and compares them; see
    /// [`Clickture::check`].
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        check(self, settings, progress)
    }
}
