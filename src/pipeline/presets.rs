//! The two data sets of the release, and anybody's own, as plans: which splits, and what their files are called.

mod collection;

use std::path::PathBuf;

use serde_json::Map;

use super::job::{Job, Summary};
use super::run::{Part, Plan};
use super::settings::Settings;
use super::write::MatrixNames;
use crate::dataset::clickture::{self, ClicktureSplit};
use crate::dataset::mscoco::{self, CocoSplit};
use crate::dataset::{Root, Rules};
use crate::error::Result;
use crate::output::folder_check::FolderCheck;
use crate::progress::Progress;

pub use collection::Collection;

/// Clickture: `keyword/keywords_{dev,lite}.zip`, `clickture/clickture-{dev,lite}.lst`, `clickture/img_id_map{_dev,}.pkl`.
///
/// ```no_run
/// use amc_keywords::{Clickture, Settings, Silent};
///
/// let summary = Clickture { root: "data".into(), ..Clickture::default() }.run(&Settings::default(), &Silent)?;
/// println!("{} words", summary.counts.vocabulary_size);
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Clickture {
    /// The folder that holds `keyword/` and `clickture/`.
    pub root: PathBuf,
    /// Where the outputs go; `ROOT/clickture` if it is not given.
    pub out: Option<PathBuf>,
    /// Which splits are encoded; Dev and what there is of Lite if it is not given.
    pub splits: Option<Vec<ClicktureSplit>>,
}

impl Clickture {
    /// Learns the vocabulary from Dev, unless the settings give one, and writes each split's matrix.
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
    /// An input is missing or is not as it must be, no word is left for the vocabulary, the system refuses to read or write, or
    /// `progress` asks to stop. No output was changed then, unless the message says otherwise.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        let out = self.out();
        Job { set: "clickture", out: &out, settings, progress }.run(|rules| self.plan(settings, rules))
    }

    /// Does the same and writes nothing, not even what the settings say to extract: the files in the folder are compared with
    /// what a run would leave there. What does not fit into memory goes to the system's folder for temporary files.
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
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        let out = self.out();
        Job { set: "clickture", out: &out, settings, progress }.check(|rules| self.plan(settings, rules))
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Root(&self.root).join("clickture"))
    }

    fn plan(&self, settings: &Settings, rules: Rules<'_>) -> Result<Plan> {
        let root = Root(&self.root);
        let (wanted, note) = match &self.splits {
            Some(splits) => (splits.clone(), None),
            None => clickture::splits_that_are_there(root)?,
        };
        let min_df = settings.frequency.min;
        let part = |split: ClicktureSplit| {
            let names = wanted.contains(&split).then(|| MatrixNames {
                main: format!("img_keyword_ind_clickture_{}_sk_{min_df}_sparse.npy", split.name()),
                pairs: format!("img_keyword_rec_clickture_{}_sk_{min_df}.npy", split.name()),
            });
            Ok(Part { split: clickture::open(root, split, rules)?, names })
        };
        let learns = settings.vocabulary.is_none();
        let used = |split: &ClicktureSplit| wanted.contains(split) || (learns && *split == ClicktureSplit::Dev);
        let parts: Result<Vec<Part>> = [ClicktureSplit::Dev, ClicktureSplit::Lite].into_iter().filter(used).map(part).collect();
        let name = "clickture_dev".to_owned();
        Ok(Plan {
            vocabulary_name: name.clone(),
            vectorizer_name: name,
            parts: parts?,
            notes: note.into_iter().collect(),
            options: Map::new(),
        })
    }
}

/// MSCOCO: `keyword/keywords_coco.zip` with `dataset.json` and the keyword files.
///
/// ```
/// use amc_keywords::{CocoSplit, Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-coco-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), splits: vec![CocoSplit::Test] };
/// let summary = mscoco.run(&Settings::default(), &Silent)?;
/// assert_eq!((summary.counts.splits[0].split.as_str(), summary.counts.splits[0].images), ("test", 29));
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mscoco {
    /// The folder that holds `keyword/`.
    pub root: PathBuf,
    /// Where the outputs go; `ROOT/mscoco` if it is not given.
    pub out: Option<PathBuf>,
    /// Which splits are encoded, and the vocabulary learnt from.
    pub splits: Vec<CocoSplit>,
}

impl Default for Mscoco {
    fn default() -> Self {
        Mscoco { root: PathBuf::new(), out: None, splits: vec![CocoSplit::Train, CocoSplit::Test] }
    }
}

impl Mscoco {
    /// Learns the vocabulary from the splits, unless the settings give one, and writes their one matrix.
    ///
    /// ```
    /// use amc_keywords::{Mscoco, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-mscoco-run-{}", std::process::id()));
    /// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
    /// assert_eq!(mscoco.run(&Settings::default(), &Silent)?.counts.vocabulary_size, 125);
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Clickture::run`].
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<Summary> {
        let out = self.out();
        Job { set: "coco", out: &out, settings, progress }.run(|rules| self.plan(settings, rules))
    }

    /// Does the same and writes nothing, see [`Clickture::check`].
    ///
    /// ```
    /// use amc_keywords::{Mscoco, Settings, Silent};
    ///
    /// let out = std::env::temp_dir().join(format!("amc-keywords-mscoco-check-{}", std::process::id()));
    /// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
    /// mscoco.run(&Settings::default(), &Silent)?;
    /// assert!(mscoco.check(&Settings::default(), &Silent)?.is_fine());
    /// # std::fs::remove_dir_all(out).unwrap();
    /// # Ok::<(), amc_keywords::Error>(())
    /// ```
    pub fn check(&self, settings: &Settings, progress: &dyn Progress) -> Result<FolderCheck> {
        let out = self.out();
        Job { set: "coco", out: &out, settings, progress }.check(|rules| self.plan(settings, rules))
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Root(&self.root).join("mscoco"))
    }

    fn plan(&self, settings: &Settings, rules: Rules<'_>) -> Result<Plan> {
        let min_df = settings.frequency.min;
        let names = MatrixNames {
            main: format!("img_keyword_ind_coco_sk_{min_df}.npy"),
            pairs: format!("img_keyword_rec_coco_sk_{min_df}.npy"),
        };
        let mut splits: Vec<CocoSplit> = Vec::new();
        self.splits.iter().for_each(|split| {
            if !splits.contains(split) {
                splits.push(*split)
            }
        });
        let split = mscoco::open(Root(&self.root), &splits, rules)?;
        Ok(Plan {
            vocabulary_name: "coco".into(),
            vectorizer_name: "coco_keyword".into(),
            parts: vec![Part { split, names: Some(names) }],
            notes: Vec::new(),
            options: Map::new(),
        })
    }
}
