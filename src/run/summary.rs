//! What a run reports to its caller.

use std::path::PathBuf;

use super::outputs::Product;
use crate::files::manifest::{Counts, Manifest};
use crate::files::output_line::Output;
use crate::times::Times;

/// What a run read, learned and wrote.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-summary-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let summary = mscoco.run(&Settings::default(), &Silent)?;
/// assert_eq!((summary.manifest.as_str(), summary.different_words_dropped), ("manifest_coco.json", Some(135)));
/// assert_eq!(summary.out, out);
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The output folder.
    pub out: PathBuf,
    /// The name of the manifest in it.
    pub manifest: String,
    /// The counts of the manifest.
    pub counts: Counts,
    /// The number of different words that are not in the vocabulary. `None` if the vocabulary was
    /// given.
    pub different_words_dropped: Option<u64>,
    /// The files that were written.
    pub outputs: Vec<Output>,
    /// Facts that a reader should know, such as the file from which a split was read.
    pub notes: Vec<String>,
    /// Where the time went, if it was measured.
    pub times: Times,
}

impl Summary {
    pub(super) fn new(out: PathBuf, manifest: String, product: Product) -> Summary {
        let Product { manifest: Manifest { outputs, counts, .. }, different_words_dropped, notes, times } = product;
        Summary { out, manifest, counts, different_words_dropped, outputs, notes, times }
    }
}
