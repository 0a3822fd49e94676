//! MSCOCO: `dataset.json` lists the images with their splits. One archive contains it and the
//! keyword files.

use std::borrow::Cow;
use std::path::PathBuf;

use keyword_files::archive::{Archive, Content};
use keyword_files::json::{CocoImage, ImageSink, read_coco_images, stream_coco_images};
use serde_json::Map;

use super::files::{InputFile, Root, Rules, find_member, open_archive};
use super::image::{ADD_IT, Image, find_repeats};
use super::plan::{DataSet, Located, Part, Plan};
use super::split::OpenSplit;
use crate::error::{Problem, Result};
use crate::files::names::MatrixNames;
use crate::input_kind::InputKind;
use crate::inputs::list_file::place;
use crate::policy::Duplicates;
use crate::problems::ProblemList;

/// The folder of the files in the archive, and the name of the archive without `.zip`.
const STEM: &str = "keywords_coco";
/// The advice for a `dataset.json` of another format.
const KARPATHY: &str = "Karpathy's dataset.json has images: [{filename, imgid, split}]";

/// A part of MSCOCO that has keywords.
///
/// ```
/// assert_eq!(amc_keywords::CocoSplit::Train.name(), "train");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CocoSplit {
    /// 82,783 images.
    Train,
    /// 5,000 images.
    Test,
}

impl CocoSplit {
    /// `train` or `test`, as in `dataset.json`.
    ///
    /// ```
    /// assert_eq!(amc_keywords::CocoSplit::Test.name(), "test");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            CocoSplit::Train => "train",
            CocoSplit::Test => "test",
        }
    }
}

/// MSCOCO: `keyword/keywords_coco.zip`, which contains `dataset.json`.
///
/// ```no_run
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let summary = Mscoco { root: "data".into(), ..Mscoco::default() }.run(&Settings::default(), &Silent)?;
/// println!("{} images", summary.counts.splits[0].images);
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mscoco {
    /// The folder that contains `keyword/`.
    pub root: PathBuf,
    /// The output folder. The default is `ROOT/mscoco`.
    pub out: Option<PathBuf>,
    /// The splits that are encoded into one matrix. The vocabulary is learned from them.
    pub splits: Vec<CocoSplit>,
}

impl Default for Mscoco {
    fn default() -> Self {
        Mscoco { root: PathBuf::new(), out: None, splits: vec![CocoSplit::Train, CocoSplit::Test] }
    }
}

impl Mscoco {
    /// The splits without repeats.
    fn distinct_splits(&self) -> Vec<CocoSplit> {
        let mut splits: Vec<CocoSplit> = Vec::new();
        for split in &self.splits {
            if !splits.contains(split) {
                splits.push(*split);
            }
        }
        splits
    }
}

impl Mscoco {
    /// The subcommand that encodes this data set.
    pub(crate) const COMMAND: &'static str = "mscoco";
}

impl DataSet for Mscoco {
    type Sources = InputFile;

    fn command(&self) -> &'static str {
        Mscoco::COMMAND
    }

    fn name(&self) -> Result<Cow<'_, str>> {
        Ok("coco".into())
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Root(&self.root).join("mscoco"))
    }

    fn locate(&self, _learns: bool) -> Result<Located<InputFile>> {
        let file = Root(&self.root).archive(STEM)?;
        Ok(Located { files: vec![file.clone()], sources: file })
    }

    fn open(&self, file: InputFile, rules: Rules<'_>) -> Result<Plan> {
        let names = MatrixNames::new("coco", rules.min_df);
        let split = open(file, &self.distinct_splits(), rules)?;
        Ok(Plan {
            vocabulary_name: "coco".into(),
            vectorizer_name: "coco_keyword".into(),
            parts: vec![Part { split, names: Some(names) }],
            notes: Vec::new(),
            options: Map::new(),
        })
    }
}

/// Finds the images of the splits, in the order of `dataset.json`, and their keyword files.
fn open(file: InputFile, splits: &[CocoSplit], rules: Rules<'_>) -> Result<OpenSplit> {
    let archive = open_archive(&file, rules)?;
    let dataset = find_member(&archive, STEM, ["dataset.json"]).ok_or_else(|| {
        let what = "no such member, expected the list of images in Karpathy's form";
        Problem::new(archive.path(), what).in_member(format!("{STEM}/dataset.json"))
    })?;
    let mut listing = DatasetListing::new(&archive, dataset, splits, rules);
    listing.read()?;
    let DatasetListing { images, problems, .. } = listing;
    let name = splits.iter().map(|split| split.name()).collect::<Vec<_>>().join("+");
    let kind = if file.kind == InputKind::Folder { "the folder " } else { "" };
    let notes = vec![format!("{name}: read from {kind}{}", file.name)];
    Ok(OpenSplit { problems, notes, ..OpenSplit::of_archive(name, archive, images, vec![file], rules) })
}

/// The wanted images of `dataset.json`.
struct DatasetListing<'a> {
    archive: &'a Archive,
    /// The number of `dataset.json` in the archive.
    dataset: u32,
    splits: &'a [CocoSplit],
    rules: Rules<'a>,
    images: Vec<Image>,
    /// The place of each image in `dataset.json`.
    listed: Vec<u64>,
    /// The number of images of each split.
    counts: Vec<u64>,
    problems: ProblemList,
}

impl ImageSink for DatasetListing<'_> {
    fn restart(&mut self) {
        self.images.clear();
        self.listed.clear();
        self.counts.fill(0);
        self.problems = ProblemList::new(self.rules.on_error);
    }

    fn image(&mut self, place: u64, image: CocoImage) {
        self.add(place, &image);
    }
}

impl<'a> DatasetListing<'a> {
    fn new(archive: &'a Archive, dataset: u32, splits: &'a [CocoSplit], rules: Rules<'a>) -> Self {
        DatasetListing {
            archive,
            dataset,
            splits,
            rules,
            images: Vec::new(),
            listed: Vec::new(),
            counts: vec![0; splits.len()],
            problems: ProblemList::new(rules.on_error),
        }
    }

    fn read(&mut self) -> Result<()> {
        let archive = self.archive;
        let outcome = archive.with_content(self.dataset, |content| match content {
            Content::Whole(text) => read_coco_images(text, self),
            Content::Stream(text) => stream_coco_images(text, self),
        })?;
        outcome.map_err(|malformed| self.problem(malformed.to_string()).at(malformed.place.to_string()).hint(KARPATHY))?;
        place(self.images.len(), archive.path())?;
        if let Some((split, _)) = self.splits.iter().zip(&self.counts).find(|(_, count)| **count == 0) {
            let problem = self.problem(format!("no image has the split '{}'", split.name()));
            return Err(problem.hint("remove it from --splits, or add such images").into());
        }
        if self.rules.duplicates == Duplicates::Refuse {
            self.refuse_repeated();
        }
        Ok(())
    }

    fn add(&mut self, listed: u64, image: &CocoImage) {
        let mut splits = self.splits.iter().zip(&mut self.counts);
        let Some((split, count)) = splits.find(|(split, _)| split.name() == image.split) else { return };
        *count += 1;
        let member = match self.member(*split, image) {
            Ok(member) => Some(member),
            Err(problem) => {
                self.problems.add(self.images.len() as u32, problem.at(format!("images[{listed}]")));
                None
            }
        };
        self.images.push(Image::of_member(image.imgid, member));
        self.listed.push(listed);
    }

    /// The number of the keyword file of an image.
    fn member(&self, split: CocoSplit, image: &CocoImage) -> Result<u32, Problem> {
        let wrong = |what: String| self.problem(what).hint_or_skip("correct it");
        if image.imgid > Image::LARGEST_ID {
            let most = Image::LARGEST_ID;
            return Err(wrong(format!("the imgid {} is too large, expected at most {most}", image.imgid)));
        }
        let Some((cut, _)) = image.filename.char_indices().rev().nth(3) else {
            return Err(wrong(format!("the filename {:?} is shorter than four characters", image.filename)));
        };
        let file = format!("keyword_{}/{}.json", split.name(), image.filename.get(..cut).unwrap_or_default());
        find_member(self.archive, STEM, [file.as_str()]).ok_or_else(|| {
            let problem = Problem::new(self.archive.path(), "no such member, but dataset.json lists the image");
            problem.hint_or_skip(ADD_IT).in_member(format!("{STEM}/{file}"))
        })
    }

    fn refuse_repeated(&mut self) {
        for repeat in find_repeats(&self.images) {
            let listed = |place: u32| self.listed.get(place as usize).copied().unwrap_or_default();
            let (here, first) = (listed(repeat.place), listed(repeat.first));
            // An image without a file has a problem already and must not be counted again.
            let image = self.images.get_mut(repeat.place as usize).filter(|image| image.file().is_some());
            let Some((image, id)) = image.and_then(|image| image.id().map(|id| (image, id))) else { continue };
            *image = image.without_file();
            let what = format!("the imgid {id} is already in images[{first}]; --duplicates allow encodes it twice");
            let problem = self.problem(what).at(format!("images[{here}]"));
            self.problems.add(repeat.place, problem);
        }
    }

    /// A problem with `dataset.json`.
    fn problem(&self, what: String) -> Problem {
        Problem::new(self.archive.path(), what).in_member(self.archive.name(self.dataset))
    }
}
