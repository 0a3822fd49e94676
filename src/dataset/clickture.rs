//! Clickture: a list, an id map and an archive for each of Dev and Lite.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use keyword_files::archive::Archive;
use serde_json::Map;

use super::files::{InputFile, Root, Rules, find_member, open_archive};
use super::image::{ADD_IT, Image, find_repeats, is_number};
use super::plan::{DataSet, Located, Part, Plan};
use super::split::OpenSplit;
use crate::error::{Problem, Problems, Result};
use crate::files::names::MatrixNames;
use crate::input_kind::InputKind;
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::{ListFile, ListPart, ListedName, place};
use crate::parallel::in_parallel;
use crate::policy::Duplicates;
use crate::problems::ProblemList;

/// A part of Clickture.
///
/// ```
/// assert_eq!(amc_keywords::ClicktureSplit::Dev.name(), "dev");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClicktureSplit {
    /// 79,665 images; the vocabulary is learnt from them.
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
    let finder = Finder { maps_numbers, ..Finder::new(split, archive, map.as_ref(), rules) };
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

/// The size of the part of a list in which a thread looks up names.
const PART_BYTES: usize = 64 << 10;

/// The images of some lines of a list.
#[derive(Default)]
struct ImagesOfPart {
    images: Vec<Image>,
    problems: Vec<PlacedProblem>,
    /// The number of images with a problem that is not in `problems`.
    more_problems: u64,
}

/// A problem, and the place of its image in the part.
struct PlacedProblem {
    place: usize,
    problem: Problem,
}

/// An image that cannot be encoded.
struct BadImage {
    id: Option<u64>,
    problem: Problem,
}

impl ImagesOfPart {
    /// Keeps a problem of the next image, or counts it if very many are kept already.
    fn add_problem(&mut self, problem: Problem, finder: &Finder<'_>) {
        // The first problems of every part are kept, and so the first of the whole list are.
        let is_first = self.problems.len() < Problems::SHOWN;
        if is_first || finder.kept_problems.fetch_add(1, Ordering::Relaxed) < finder.most_problems {
            self.problems.push(PlacedProblem { place: self.images.len(), problem });
        } else {
            self.more_problems += 1;
        }
    }
}

/// Finds the ids and the keyword files of images.
struct Finder<'a> {
    split: ClicktureSplit,
    stem: String,
    /// The folder of the keyword files in the archive, with `/`.
    folder: String,
    archive: Archive,
    map: Option<&'a IdMap>,
    /// Whether the last part of a name in the id map is a whole number. Without such a name, a
    /// listed number need not be looked up.
    maps_numbers: bool,
    jobs: usize,
    /// The largest number of problems that all threads together keep: a problem takes as much
    /// memory as ten lines of a list.
    most_problems: usize,
    kept_problems: AtomicUsize,
}

impl<'a> Finder<'a> {
    fn new(split: ClicktureSplit, archive: Archive, map: Option<&'a IdMap>, rules: Rules<'_>) -> Self {
        Finder {
            split,
            stem: split.stem(),
            folder: format!("{}/", split.stem()),
            archive,
            map,
            maps_numbers: false,
            jobs: rules.jobs,
            most_problems: ProblemList::most(rules.on_error),
            kept_problems: AtomicUsize::new(0),
        }
    }

    fn images_of_list(&self, list: &ListFile, duplicates: Duplicates, problems: &mut ProblemList) -> Result<Vec<Image>> {
        let parts = in_parallel(&list.parts(PART_BYTES), self.jobs, |part| self.images_of_part(list, *part));
        let mut images = Vec::with_capacity(parts.iter().map(|part| part.images.len()).sum());
        for part in parts {
            for bad in part.problems {
                problems.add(place(images.len() + bad.place, list.path())?, bad.problem);
            }
            problems.add_more(part.more_problems);
            images.extend(part.images);
        }
        place(images.len(), list.path())?;
        if duplicates == Duplicates::Refuse {
            self.refuse_repeated(list, &mut images, problems);
        }
        Ok(images)
    }

    fn images_of_part(&self, list: &ListFile, part: ListPart<'_>) -> ImagesOfPart {
        let mut found = ImagesOfPart::default();
        for listed in part.names() {
            let image = match self.image_of_id(listed.name) {
                Some(image) => image,
                None => self.image(list, listed).unwrap_or_else(|bad| {
                    let BadImage { id, problem } = *bad;
                    found.add_problem(problem, self);
                    Image::new(id, None)
                }),
            };
            found.images.push(image);
        }
        found
    }

    /// Finds an image whose name is its id and the stem of its file, as in nearly every list.
    fn image_of_id(&self, name: &str) -> Option<Image> {
        if self.mapped_number(name).is_some() {
            return None;
        }
        let id = Some(name).filter(|name| is_number(name))?.parse().ok()?;
        let is_known = id <= Image::LARGEST_ID && self.map.is_none_or(|map| map.contains_id(id));
        let member = self.archive.find_parts([&self.folder, name, ".json"])?;
        is_known.then(|| Image::of_member(id, Some(member)))
    }

    fn image(&self, list: &ListFile, listed: ListedName<'_>) -> Result<Image, Box<BadImage>> {
        let id = self.id(listed.name).map_err(|what| BadImage { id: None, problem: list.problem(listed, what) })?;
        let last = last_part(listed.name);
        let padded = format!("{id:08}.json");
        let is_own_id = is_number(last) && self.mapped_number(listed.name).is_none();
        let names = [format!("{}.json", listed.name), format!("{last}.json")];
        let names = if is_own_id { names.iter().map(String::as_str).collect() } else { Vec::new() };
        let member = find_member(&self.archive, &self.stem, names.into_iter().chain([padded.as_str()]));
        let missing = || {
            let file = if is_own_id { format!("{}.json", listed.name) } else { padded.clone() };
            let what = format!("no such member, but {} lists it on line {}", self.split.list_name(), listed.line);
            BadImage { id: Some(id), problem: self.missing(&file, what) }
        };
        Ok(Image::of_member(id, Some(member.ok_or_else(missing)?)))
    }

    fn images_of_map(&self, map: &IdMap, problems: &mut ProblemList) -> Vec<Image> {
        let mut images = Vec::with_capacity(map.len());
        for id in map.ids() {
            let file = format!("{id:08}.json");
            let member = find_member(&self.archive, &self.stem, [file.as_str()]);
            if member.is_none() {
                let name = map.name_of(id).unwrap_or_default();
                let list = self.split.list_name();
                let what = format!("no such member, but the id map has it as {name:?}, and {list} does not exist");
                let hint = format!("add {list}, which selects the images");
                problems.add(images.len() as u32, self.missing(&file, what).hint_or_skip(hint));
            }
            images.push(Image::of_member(id, member));
        }
        images
    }

    fn missing(&self, file: &str, what: String) -> Problem {
        Problem::new(self.archive.path(), what).in_member(format!("{}{file}", self.folder)).hint_or_skip(ADD_IT)
    }

    /// The id that the id map gives to a name, if such a name can be a whole number.
    fn mapped_number(&self, name: &str) -> Option<u64> {
        let map = self.map.filter(|_| self.maps_numbers)?;
        map.id_of(name).or_else(|| map.id_of(last_part(name)))
    }

    /// Returns the id of an image, or what is wrong with its name.
    fn id(&self, name: &str) -> Result<u64, Cow<'static, str>> {
        let last = last_part(name);
        let map_name = self.split.map_name();
        if let Some(id) = self.mapped_number(name) {
            return Ok(id);
        }
        if !is_number(last) {
            let Some(map) = self.map else {
                return Err(format!("not a number, and there is no id map {map_name} that contains the name").into());
            };
            let id = map.id_of(name).or_else(|| map.id_of(last));
            return id.ok_or_else(|| format!("not a number, and not in the id map {map_name}").into());
        }
        let id = last.parse().ok().filter(|&id| id <= Image::LARGEST_ID);
        let id = id.ok_or_else(|| format!("an image id is at most {}", Image::LARGEST_ID))?;
        match self.map {
            Some(map) if !map.contains_id(id) => {
                Err(format!("the id {id} is not in the id map {map_name}; use the list and the id map of the same split").into())
            }
            _ => Ok(id),
        }
    }

    fn refuse_repeated(&self, list: &ListFile, images: &mut [Image], problems: &mut ProblemList) {
        let repeats = find_repeats(images);
        if repeats.is_empty() {
            return;
        }
        let lines: Vec<ListedName<'_>> = list.names().collect();
        for repeat in repeats {
            let line = |place: u32| lines.get(place as usize).copied();
            let (Some(listed), Some(first)) = (line(repeat.place), line(repeat.first)) else { continue };
            // An image without a file has a problem already and must not be counted again.
            let image = images.get_mut(repeat.place as usize).filter(|image| image.file().is_some());
            let Some((image, id)) = image.and_then(|image| image.id().map(|id| (image, id))) else { continue };
            *image = image.without_file();
            let what = format!("the image {id} is already listed on line {}; --duplicates allow encodes it twice", first.line);
            problems.add(repeat.place, list.problem(listed, what));
        }
    }
}

/// Returns the part of a name after its folders.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
