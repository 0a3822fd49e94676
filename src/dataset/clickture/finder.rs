//! Finds the ids and the keyword files of the images of Clickture.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyword_files::archive::Archive;

use crate::dataset::files::{Rules, find_member};
use crate::dataset::image::{ADD_IT, Image, find_repeats, is_number};
use crate::error::{Problem, Problems, Result};
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::{ListFile, ListPart, ListedName, place};
use crate::parallel::in_parallel;
use crate::policy::Duplicates;
use crate::problems::ProblemList;

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

/// The names of the files of a split.
pub(super) struct FileNames {
    /// The name of the archive without its extension, which is also that of the folder in it.
    pub stem: String,
    pub list: String,
    pub map: &'static str,
}

/// The ids of the id map.
pub(super) struct KnownIds<'a> {
    pub map: Option<&'a IdMap>,
    /// Whether the last part of a name in the id map is a whole number. Without such a name, a
    /// listed number need not be looked up.
    pub maps_numbers: bool,
}

/// Finds the ids and the keyword files of images.
pub(super) struct Finder<'a> {
    names: FileNames,
    /// The folder of the keyword files in the archive, with `/`.
    folder: String,
    pub archive: Archive,
    ids: KnownIds<'a>,
    jobs: usize,
    /// The largest number of problems that all threads together keep: a problem takes as much
    /// memory as ten lines of a list.
    most_problems: usize,
    kept_problems: AtomicUsize,
}

impl<'a> Finder<'a> {
    pub fn new(names: FileNames, archive: Archive, ids: KnownIds<'a>, rules: Rules<'_>) -> Self {
        Finder {
            folder: format!("{}/", names.stem),
            names,
            archive,
            ids,
            jobs: rules.jobs,
            most_problems: ProblemList::most(rules.on_error),
            kept_problems: AtomicUsize::new(0),
        }
    }

    pub fn images_of_list(&self, list: &ListFile, duplicates: Duplicates, problems: &mut ProblemList) -> Result<Vec<Image>> {
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
        let is_known = id <= Image::LARGEST_ID && self.ids.map.is_none_or(|map| map.contains_id(id));
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
        let member = find_member(&self.archive, &self.names.stem, names.into_iter().chain([padded.as_str()]));
        let missing = || {
            let file = if is_own_id { format!("{}.json", listed.name) } else { padded.clone() };
            let what = format!("no such member, but {} lists it on line {}", self.names.list, listed.line);
            BadImage { id: Some(id), problem: self.missing(&file, what) }
        };
        Ok(Image::of_member(id, Some(member.ok_or_else(missing)?)))
    }

    pub fn images_of_map(&self, map: &IdMap, problems: &mut ProblemList) -> Vec<Image> {
        let mut images = Vec::with_capacity(map.len());
        for id in map.ids() {
            let file = format!("{id:08}.json");
            let member = find_member(&self.archive, &self.names.stem, [file.as_str()]);
            if member.is_none() {
                let name = map.name_of(id).unwrap_or_default();
                let list = &self.names.list;
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
        let map = self.ids.map.filter(|_| self.ids.maps_numbers)?;
        map.id_of(name).or_else(|| map.id_of(last_part(name)))
    }

    /// Returns the id of an image, or what is wrong with its name.
    fn id(&self, name: &str) -> Result<u64, Cow<'static, str>> {
        let last = last_part(name);
        let map_name = self.names.map;
        if let Some(id) = self.mapped_number(name) {
            return Ok(id);
        }
        if !is_number(last) {
            let Some(map) = self.ids.map else {
                return Err(format!("not a number, and there is no id map {map_name} that contains the name").into());
            };
            let id = map.id_of(name).or_else(|| map.id_of(last));
            return id.ok_or_else(|| format!("not a number, and not in the id map {map_name}").into());
        }
        let id = last.parse().ok().filter(|&id| id <= Image::LARGEST_ID);
        let id = id.ok_or_else(|| format!("an image id is at most {}", Image::LARGEST_ID))?;
        match self.ids.map {
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
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
