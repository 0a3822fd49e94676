//! The layouts of the outputs: as documented, or as the release's scripts write them.

/// The content of the main file.
///
/// ```
/// assert_eq!(amc_keywords::Layout::default().name(), "documented");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// The pairs `[img_id, word_id]`, int64, N x 2, as the release's README says.
    #[default]
    Documented,
    /// The ranges `[first row, last row]` of each image id, which the release's scripts saved. A
    /// second file contains the pairs.
    Script,
}

impl Layout {
    /// The name on the command line.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Layout::Script.name(), "script");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Layout::Documented => "documented",
            Layout::Script => "script",
        }
    }
}
