//! Clickture: a list, an id map and an archive for each of Dev and Lite.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{
    ADD_OR_SKIP, Duplicates, Image, InputFile, Root, Rules, Split, UNKNOWN_ID, find_member, is_number, open_archive, place,
    repeated,
};
use crate::error::{Problem, Problems, Result};
use keyword_files::archive::Archive;
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::{ListFile, ListPart, ListedName};
use crate::input_kind::InputKind;
use crate::parallel::in_parallel;
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
}

/// Where no splits are asked for: Dev and Lite, or Dev alone if nothing of Lite is there, which the note says.
pub(crate) fn splits_that_are_there(root: Root<'_>) -> Result<(Vec<ClicktureSplit>, Option<String>)> {
    let (dev, lite) = (ClicktureSplit::Dev, ClicktureSplit::Lite);
    let has_archive = root.find_archive(&lite.stem()).is_some();
    let has_list = root.join(&lite.list_name()).is_file();
    let map = root.join(lite.map_name());
    let has_map = map.is_file();
    if !has_archive && !has_list && !has_map {
        return Ok((vec![dev], Some("no Lite archive, list or id map: Dev alone is encoded".to_owned())));
    }
    if has_archive && has_list && !has_map {
        let what = format!("no such file, though Lite's archive and {} are there", lite.list_name());
        let hint = "add it, or say --splits dev,lite to do without it, or --splits dev to leave Lite out";
        return Err(Problem::new(map, what).hint(hint).into());
    }
    Ok((vec![dev, lite], None))
}

/// Finds the images of a split and their keyword files.
pub(crate) fn open(root: Root<'_>, split: ClicktureSplit, rules: Rules<'_>) -> Result<Split> {
    let archive_file = root.archive(&split.stem())?;
    let list_file = Some(root.input(InputKind::List, &split.list_name())).filter(|list| list.path.is_file());
    let map_file = Some(root.input(InputKind::IdMap, split.map_name())).filter(|map| map.path.is_file());
    [Some(&archive_file), list_file.as_ref(), map_file.as_ref()].into_iter().flatten().for_each(rules.hear);
    let (archive, lists) = thread::scope(|scope| {
        let archive = scope.spawn(|| open_archive(&archive_file, rules));
        let list = list_file.as_ref().map(|list| ListFile::read(&list.path)).transpose();
        let lists =
            list.and_then(|list| Ok((list, map_file.as_ref().map(|map| IdMap::read(&map.path, rules.progress)).transpose()?)));
        (archive.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), lists)
    });
    let (archive, (list, mut map)) = (archive?, lists?);
    if let (Some(list), Some(map)) = (&list, &mut map)
        && list.names().all(|listed| is_number(last_part(listed.name)))
    {
        map.forget_names();
    }
    let (list_name, map_name) = (split.list_name(), split.map_name());
    let keeping = Keeping { most: ProblemList::most(rules.on_error), kept: AtomicUsize::new(0) };
    let finder = Finder { stem: split.stem(), archive, map: map.as_ref(), list_name, map_name, jobs: rules.jobs, keeping };

    let mut notes = vec![match archive_file.kind {
        InputKind::Folder => format!("{}: read from the folder {}", split.name(), archive_file.name),
        _ => format!("{}: read from {}", split.name(), archive_file.name),
    }];
    let mut problems = ProblemList::new(rules.on_error);
    let images = match (&list, &map) {
        (Some(list), _) => finder.images_of_list(list, rules.duplicates, &mut problems)?,
        (None, Some(map)) => {
            notes.push(format!("{}: no {}, so the images are the id map's, in id order", split.name(), split.list_name()));
            finder.images_of_map(map, &mut problems)
        }
        (None, None) => {
            let what = format!("no such list, and no id map {} either", split.map_name());
            let hint = "put one of them there, or name the folder that holds clickture/ with --root";
            return Err(Problem::new(root.join(&split.list_name()), what).hint(hint).into());
        }
    };
    let inputs: Vec<InputFile> = [Some(archive_file), list_file, map_file].into_iter().flatten().collect();
    let mut archive = finder.archive;
    archive.forget_names();
    Ok(Split { notes, inputs, ..Split::of_archive(split.name().to_owned(), archive, images, problems) })
}

/// A thread looks up the names in so many bytes of a list at a time.
const PART_BYTES: usize = 64 << 10;

/// The images of some lines of a list, and what is wrong with those at some places among them.
#[derive(Default)]
struct FoundInPart {
    images: Vec<Image>,
    problems: Vec<(usize, Problem)>,
    /// Problems that were not kept.
    more: u64,
}

/// Of very many problems only so many are kept, by all threads together: a problem takes as much room as ten lines of a list.
struct Keeping {
    most: usize,
    kept: AtomicUsize,
}

impl FoundInPart {
    fn add(&mut self, problem: Problem, keeping: &Keeping) {
        // The first of every part are kept, so that the first of the whole list are.
        if self.problems.len() < Problems::SHOWN || keeping.kept.fetch_add(1, Ordering::Relaxed) < keeping.most {
            self.problems.push((self.images.len(), problem));
        } else {
            self.more += 1;
        }
    }
}

/// Finds the id and the keyword file of an image.
struct Finder<'a> {
    stem: String,
    archive: Archive,
    map: Option<&'a IdMap>,
    /// The names of the list and of the map, for messages.
    list_name: String,
    map_name: &'static str,
    jobs: usize,
    keeping: Keeping,
}

impl Finder<'_> {
    fn images_of_list(&self, list: &ListFile, duplicates: Duplicates, problems: &mut ProblemList) -> Result<Vec<Image>> {
        let parts = in_parallel(&list.parts(PART_BYTES), self.jobs, |part| self.images_of_part(list, *part));
        let mut images = Vec::with_capacity(parts.iter().map(|found| found.images.len()).sum());
        for found in parts {
            for (at, problem) in found.problems {
                problems.add(place(images.len() + at, list.path())?, problem);
            }
            problems.add_more(found.more);
            images.extend(found.images);
        }
        place(images.len(), list.path())?;
        if duplicates == Duplicates::Refuse {
            self.refuse_repeated(list, &mut images, problems);
        }
        Ok(images)
    }

    fn images_of_part(&self, list: &ListFile, part: ListPart<'_>) -> FoundInPart {
        let mut found = FoundInPart::default();
        let mut file = String::new();
        for listed in part.names() {
            let image = self.image_of_id(listed.name, &mut file).map_or_else(|| self.image(list, listed), Ok);
            let image = image.unwrap_or_else(|wrong| {
                let (id, problem) = *wrong;
                found.add(problem, &self.keeping);
                Image::new(id, Image::NO_MEMBER)
            });
            found.images.push(image);
        }
        found
    }

    /// The image of a name that is an id, whose file stands where most files stand; all other names go through [`Self::image`].
    fn image_of_id(&self, name: &str, file: &mut String) -> Option<Image> {
        let id = Some(name).filter(|name| is_number(name))?.parse().ok()?;
        file.clear();
        file.extend([&self.stem, "/", name, ".json"]);
        let is_known = id <= Image::LARGEST_ID && self.map.is_none_or(|map| map.contains_id(id));
        Some(Image::new(id, self.archive.find(file)?)).filter(|_| is_known)
    }

    /// The image of a name of the list, or its id as far as it is known and what is wrong with it.
    fn image(&self, list: &ListFile, listed: ListedName<'_>) -> Result<Image, Box<(u64, Problem)>> {
        let id = self.id(listed.name).map_err(|what| Box::new((UNKNOWN_ID, list.problem(listed, what))))?;
        let last = last_part(listed.name);
        let padded = format!("{id:08}.json");
        let names = [format!("{}.json", listed.name), format!("{last}.json")];
        let names = if is_number(last) { names.iter().map(String::as_str).collect() } else { Vec::new() };
        let member = find_member(&self.archive, &self.stem, names.into_iter().chain([padded.as_str()]));
        let missing = || {
            let file = if is_number(last) { format!("{}.json", listed.name) } else { padded.clone() };
            let what = format!("no such member, but {} lists it on line {}", self.list_name, listed.line);
            Box::new((id, self.missing(&file, what)))
        };
        Ok(Image::new(id, member.ok_or_else(missing)?))
    }

    fn images_of_map(&self, map: &IdMap, problems: &mut ProblemList) -> Vec<Image> {
        let mut images = Vec::with_capacity(map.len());
        for id in map.ids() {
            let file = format!("{id:08}.json");
            let member = find_member(&self.archive, &self.stem, [file.as_str()]).unwrap_or_else(|| {
                let name = map.name_of(id).unwrap_or_default();
                let what = format!("no such member, but the id map has it as {name:?}");
                problems.add(images.len() as u32, self.missing(&file, what));
                Image::NO_MEMBER
            });
            images.push(Image::new(id, member));
        }
        images
    }

    fn missing(&self, file: &str, what: String) -> Problem {
        Problem::new(self.archive.path(), what).in_member(format!("{}/{file}", self.stem)).hint(ADD_OR_SKIP)
    }

    /// The image id of a name: the number it is, or what the id map says.
    fn id(&self, name: &str) -> Result<u64, Cow<'static, str>> {
        let last = last_part(name);
        let map_name = self.map_name;
        if !is_number(last) {
            let Some(map) = self.map else {
                return Err(format!("not a number, and there is no id map {map_name} to look the name up in").into());
            };
            let id = map.id_of(name).or_else(|| map.id_of(last));
            return id.ok_or_else(|| format!("not a number, and not in the id map {map_name}").into());
        }
        let id = last.parse().ok().filter(|&id| id <= Image::LARGEST_ID);
        let id = id.ok_or_else(|| format!("an image id can be {} at most", Image::LARGEST_ID))?;
        match self.map {
            Some(map) if !map.contains_id(id) => {
                Err(format!("the id {id} is not in the id map {map_name}; is the list another split's?").into())
            }
            _ => Ok(id),
        }
    }

    fn refuse_repeated(&self, list: &ListFile, images: &mut [Image], problems: &mut ProblemList) {
        let known: Vec<Image> = images.iter().copied().filter(|image| image.id != UNKNOWN_ID).collect();
        if repeated(&known).is_empty() {
            return;
        }
        let lines: Vec<ListedName<'_>> = list.names().collect();
        for (again, first) in repeated(images) {
            let (Some(&listed), Some(before)) = (lines.get(again as usize), lines.get(first as usize)) else { continue };
            // Its problem, if it has one already, would be counted again.
            let Some(image) = images.get_mut(again as usize).filter(|image| image.member != Image::NO_MEMBER) else { continue };
            image.member = Image::NO_MEMBER;
            let what =
                format!("the image {} is listed already on line {}; --duplicates allow encodes it twice", image.id, before.line);
            problems.add(again, list.problem(listed, what));
        }
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
