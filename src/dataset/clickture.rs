//! Clickture: a list, an id map and an archive for each of Dev and Lite.

mod finder;

use std::borrow::Cow;
use std::path::PathBuf;
use std::thread;

use serde_json::Map;

use self::finder::{FileNames, Finder, KnownIds, last_part};
use super::files::{InputFile, Root, Rules, open_archive};
use super::image::is_number;
use super::plan::{DataSet, Located, Part, Plan};
use super::split::OpenSplit;
use crate::error::{Problem, Result};
use crate::files::names::MatrixNames;
use crate::input_kind::InputKind;
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::ListFile;
use crate::problems::ProblemList;

/// A part of Clickture.
///
/// ```
/// assert_eq!(amc_keywords::ClicktureSplit::Dev.name(), "dev");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClicktureSplit {
    /// 79,665 images. The vocabulary is learned from them.
    Dev,
    /// 1,000,000 images.
    Lite,
}

impl ClicktureSplit {
    /// `dev` or `lite`, as in file names.
    ///
    /// ```
    /// assert_eq!(amc_keywords::ClicktureSplit::Lite.name(), "lite");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            ClicktureSplit::Dev => "dev",
            ClicktureSplit::Lite => "lite",
        }
    }

    fn stem(self) -> String {
        format!("keywords_{}", self.name())
    }

    fn list_name(self) -> String {
        format!("clickture/clickture-{}.lst", self.name())
    }

    fn map_name(self) -> &'static str {
        match self {
            ClicktureSplit::Dev => "clickture/img_id_map_dev.pkl",
            ClicktureSplit::Lite => "clickture/img_id_map.pkl",
        }
    }

    fn archive(self, root: Root<'_>) -> Result<InputFile> {
        root.archive(&self.stem())
    }

    fn list(self, root: Root<'_>) -> Option<InputFile> {
        root.input_if_any(InputKind::List, &self.list_name())
    }

    fn map(self, root: Root<'_>) -> Option<InputFile> {
        root.input_if_any(InputKind::IdMap, self.map_name())
    }
}

/// Clickture: `keyword/keywords_{dev,lite}.zip`, `clickture/clickture-{dev,lite}.lst`,
/// `clickture/img_id_map{_dev,}.pkl`.
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
    /// The folder that contains `keyword/` and `clickture/`.
    pub root: PathBuf,
    /// The output folder. The default is `ROOT/clickture`.
    pub out: Option<PathBuf>,
    /// The splits that are encoded. The default is Dev, and Lite if its files exist.
    pub splits: Option<Vec<ClicktureSplit>>,
}

/// The splits that a run encodes.
pub(crate) struct WantedSplits {
    splits: Vec<ClicktureSplit>,
    note: Option<String>,
}

impl WantedSplits {
    /// The splits that are read. Dev is first: the vocabulary is learned from it even if only Lite
    /// is encoded.
    fn read_splits(&self, learns: bool) -> impl Iterator<Item = ClicktureSplit> {
        let is_read = move |split: &ClicktureSplit| self.splits.contains(split) || (learns && *split == ClicktureSplit::Dev);
        [ClicktureSplit::Dev, ClicktureSplit::Lite].into_iter().filter(is_read)
    }
}

impl Clickture {
    /// The subcommand that encodes this data set.
    pub(crate) const COMMAND: &'static str = "clickture";
}

impl DataSet for Clickture {
    type Sources = WantedSplits;

    fn command(&self) -> &'static str {
        Clickture::COMMAND
    }

    fn name(&self) -> Result<Cow<'_, str>> {
        Ok("clickture".into())
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Root(&self.root).join("clickture"))
    }

    fn locate(&self, learns: bool) -> Result<Located<WantedSplits>> {
        let root = Root(&self.root);
        let wanted = match &self.splits {
            Some(splits) => WantedSplits { splits: splits.clone(), note: None },
            None => existing_splits(root)?,
        };
        let mut files = Vec::new();
        for split in wanted.read_splits(learns) {
            files.push(split.archive(root)?);
            files.extend(split.list(root));
            files.extend(split.map(root));
        }
        Ok(Located { files, sources: wanted })
    }

    fn open(&self, wanted: WantedSplits, rules: Rules<'_>) -> Result<Plan> {
        let part = |split: ClicktureSplit| {
            let names = || MatrixNames::new(&format!("clickture_{}", split.name()), rules.min_df).sparse();
            let names = wanted.splits.contains(&split).then(names);
            Ok(Part { split: open(Root(&self.root), split, rules)?, names })
        };
        let parts: Result<Vec<Part>> = wanted.read_splits(rules.learns).map(part).collect();
        Ok(Plan {
            vocabulary_name: "clickture_dev".to_owned(),
            vectorizer_name: "clickture_dev".to_owned(),
            parts: parts?,
            notes: wanted.note.into_iter().collect(),
            options: Map::new(),
        })
    }
}

/// Returns Dev and Lite, or only Dev with a note if there is no file of Lite.
fn existing_splits(root: Root<'_>) -> Result<WantedSplits> {
    let (dev, lite) = (ClicktureSplit::Dev, ClicktureSplit::Lite);
    let has_archive = root.find_archive(&lite.stem()).is_some();
    let (has_list, has_map) = (lite.list(root).is_some(), lite.map(root).is_some());
    if !has_archive && !has_list && !has_map {
        let note = "no Lite archive, list or id map, so only Dev is encoded".to_owned();
        return Ok(WantedSplits { splits: vec![dev], note: Some(note) });
    }
    if has_archive && has_list && !has_map {
        let what = format!("no such file, but Lite's archive and {} exist", lite.list_name());
        let hint = "add it, or use --splits dev,lite to run without it, or --splits dev to encode \
                    only Dev";
        return Err(Problem::new(root.join(lite.map_name()), what).hint(hint).into());
    }
    Ok(WantedSplits { splits: vec![dev, lite], note: None })
}

/// Opens the files of a split and finds its images with their keyword files.
fn open(root: Root<'_>, split: ClicktureSplit, rules: Rules<'_>) -> Result<OpenSplit> {
    let archive_file = split.archive(root)?;
    let (list_file, map_file) = (split.list(root), split.map(root));
    let (archive, lists) = thread::scope(|scope| {
        let archive = scope.spawn(|| open_archive(&archive_file, rules));
        let list = list_file.as_ref().map(|list| ListFile::read(&list.path)).transpose();
        let read_map = |map: &InputFile| IdMap::read(&map.path, rules.progress);
        let lists = list.and_then(|list| Ok((list, map_file.as_ref().map(read_map).transpose()?)));
        (archive.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), lists)
    });
    let (archive, (list, mut map)) = (archive?, lists?);
    let maps_numbers = map.as_ref().is_some_and(|map| map.names().any(|name| is_number(last_part(name))));
    if let (Some(list), Some(map), false) = (&list, &mut map, maps_numbers)
        && list.names().all(|listed| is_number(last_part(listed.name)))
    {
        map.forget_names();
    }

    let kind = if archive_file.kind == InputKind::Folder { "the folder " } else { "" };
    let mut notes = vec![format!("{}: read from {kind}{}", split.name(), archive_file.name)];
    let mut problems = ProblemList::new(rules.on_error);
    let names = FileNames { stem: split.stem(), list: split.list_name(), map: split.map_name() };
    let finder = Finder::new(names, archive, KnownIds { map: map.as_ref(), maps_numbers }, rules);
    let images = match (&list, &map) {
        (Some(list), _) => finder.images_of_list(list, rules.duplicates, &mut problems)?,
        (None, Some(map)) => {
            notes.push(format!("{}: no {}, so the images are those of the id map, in id order", split.name(), split.list_name()));
            finder.images_of_map(map, &mut problems)
        }
        (None, None) => {
            let what = format!("no such list, and no id map {} either", split.map_name());
            let hint = "put one of them there, or name the folder that contains clickture/ with \
                        --root";
            return Err(Problem::new(root.join(&split.list_name()), what).hint(hint).into());
        }
    };
    let mut archive = finder.archive;
    archive.forget_names();
    let inputs: Vec<InputFile> = [Some(archive_file), list_file, map_file].into_iter().flatten().collect();
    Ok(OpenSplit { problems, notes, ..OpenSplit::of_archive(split.name().to_owned(), archive, images, inputs, rules) })
}
