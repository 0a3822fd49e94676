//! MSCOCO: `dataset.json` says which images there are, and which split each belongs to; one archive holds it and the keyword files.

use super::{ADD_OR_SKIP, Duplicates, Image, Root, Rules, Split, find_member, open_archive, place, repeated};
use crate::error::{Problem, Result};
use keyword_files::archive::{Archive, Content};
use keyword_files::coco_file::{CocoImage, ImageSink, read_coco_images, stream_coco_images};
use crate::input_kind::InputKind;
use crate::problems::ProblemList;

const STEM: &str = "keywords_coco";
/// The next step where `dataset.json` is something else.
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

/// Finds the images of the splits, in the order of `dataset.json`, and their keyword files.
pub(crate) fn open(root: Root<'_>, splits: &[CocoSplit], rules: Rules<'_>) -> Result<Split> {
    let file = root.archive(STEM)?;
    (rules.hear)(&file);
    let archive = open_archive(&file, rules)?;
    let dataset = find_member(&archive, STEM, ["dataset.json"]).ok_or_else(|| {
        let what = "no such member, expected the list of images in Karpathy's form";
        Problem::new(archive.path(), what).in_member(format!("{STEM}/dataset.json"))
    })?;
    let found = Found::new(&archive, dataset, splits, rules);
    let found = found.read()?;
    let name = splits.iter().map(|split| split.name()).collect::<Vec<_>>().join("+");
    let kind = if file.kind == InputKind::Folder { "the folder " } else { "" };
    let notes = vec![format!("{name}: read from {kind}{}", file.name)];
    let Found { images, problems, .. } = found;
    Ok(Split { notes, inputs: vec![file], ..Split::of_archive(name, archive, images, problems) })
}

/// The images of `dataset.json` that were asked for.
struct Found<'a> {
    archive: &'a Archive,
    dataset: u32,
    splits: &'a [CocoSplit],
    rules: Rules<'a>,
    images: Vec<Image>,
    /// The place of each image in `dataset.json`.
    listed: Vec<u64>,
    /// How many images each split has.
    counts: Vec<u64>,
    problems: ProblemList,
}

impl ImageSink for Found<'_> {
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

impl<'a> Found<'a> {
    fn new(archive: &'a Archive, dataset: u32, splits: &'a [CocoSplit], rules: Rules<'a>) -> Self {
        let problems = ProblemList::new(rules.on_error);
        Found { archive, dataset, splits, rules, images: Vec::new(), listed: Vec::new(), counts: vec![0; splits.len()], problems }
    }

    fn read(mut self) -> Result<Self> {
        let (archive, dataset) = (self.archive, self.dataset);
        let outcome = archive.with_content(dataset, |content| match content {
            Content::Whole(text) => read_coco_images(text, &mut self),
            Content::Stream(text) => stream_coco_images(text, &mut self),
        })?;
        outcome.map_err(|malformed| self.problem(malformed.what).at(malformed.place).hint(KARPATHY))?;
        place(self.images.len(), archive.path())?;
        if let Some((split, _)) = self.splits.iter().zip(&self.counts).find(|(_, count)| **count == 0) {
            let problem = self.problem(format!("no image has the split '{}'", split.name()));
            return Err(problem.hint("leave it out of --splits, or add such images").into());
        }
        if self.rules.duplicates == Duplicates::Refuse {
            self.refuse_repeated();
        }
        Ok(self)
    }

    fn add(&mut self, listed: u64, image: &CocoImage) {
        let Some((split, count)) = self.splits.iter().zip(&mut self.counts).find(|(split, _)| split.name() == image.split) else {
            return;
        };
        *count += 1;
        let member = self.member(*split, image).unwrap_or_else(|problem| {
            let problem = problem.at(format!("images[{listed}]"));
            self.problems.add(self.images.len() as u32, problem);
            Image::NO_MEMBER
        });
        self.images.push(Image::new(image.imgid, member));
        self.listed.push(listed);
    }

    /// The keyword file of an image, or what is wrong.
    fn member(&self, split: CocoSplit, image: &CocoImage) -> Result<u32, Problem> {
        let wrong = |what: String| self.problem(what).hint("correct it, or leave such images out with --on-error skip");
        if image.imgid > Image::LARGEST_ID {
            return Err(wrong(format!("the imgid {} is too large, expected {} at most", image.imgid, Image::LARGEST_ID)));
        }
        let Some((cut, _)) = image.filename.char_indices().rev().nth(3) else {
            return Err(wrong(format!("the filename {:?} is shorter than four characters", image.filename)));
        };
        let file = format!("keyword_{}/{}.json", split.name(), image.filename.get(..cut).unwrap_or_default());
        let member = find_member(self.archive, STEM, [file.as_str()]);
        let missing = || Problem::new(self.archive.path(), "no such member, but dataset.json lists the image").hint(ADD_OR_SKIP);
        member.ok_or_else(|| missing().in_member(format!("{STEM}/{file}")))
    }

    fn refuse_repeated(&mut self) {
        for (again, first) in repeated(&self.images) {
            let listed = |place: u32| self.listed.get(place as usize).copied().unwrap_or_default();
            let (here, before) = (listed(again), listed(first));
            // Its problem, if it has one already, would be counted again.
            let image = self.images.get_mut(again as usize).filter(|image| image.member != Image::NO_MEMBER);
            let Some(image) = image else { continue };
            image.member = Image::NO_MEMBER;
            let what = format!("the imgid {} stands already in images[{before}]; --duplicates allow encodes it twice", image.id);
            let problem = self.problem(what).at(format!("images[{here}]"));
            self.problems.add(again, problem);
        }
    }

    /// A problem with `dataset.json`.
    fn problem(&self, what: String) -> Problem {
        Problem::new(self.archive.path(), what).in_member(self.archive.name(self.dataset))
    }
}
