//! Images that are found while files are read, in any order, and what puts them into the order of the set.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::listed::Listed;
use super::{Duplicates, Image, RecordSamples, Split, UNKNOWN_ID, repeated, stem, whole_number};
use crate::error::{Error, Problem, Problems, Result, shown_path};
use crate::inputs::id_map::IdMap;
use keyword_files::names::NameList;
use count_vectorizer::StringTable;

/// Which images are wanted, and those that were found.
pub(crate) struct Gathering {
    pub list: Option<Listed>,
    pub map: Option<(IdMap, String)>,
    pub duplicates: Duplicates,
    pub found: Mutex<Found>,
}

/// What places an image in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its place in the list, 0 where there is none; [`Key::NAMELESS`] if it has no name.
    pub listed: u32,
    /// The place of its file among the inputs.
    pub input: u32,
    /// The number of its record, or of its member in the order of the names.
    pub number: u64,
}

impl Key {
    pub const NAMELESS: u32 = u32::MAX;
}

/// Bytes of the names of all images together.
const MOST_NAMES: usize = 256 << 20;

/// Images in the order in which they were found, with the names of their members or of themselves.
#[derive(Default)]
pub(crate) struct Found {
    keys: Vec<Key>,
    names: NameList,
    /// Of a few images, their places and their keywords.
    pub samples: RecordSamples,
}

impl Found {
    /// Adds an image.
    pub fn push(&mut self, key: Key, name: &str) -> Result<()> {
        let are_too_many = self.keys.len() >= Image::NO_MEMBER as usize || self.names.text_len() + name.len() > MOST_NAMES;
        if are_too_many || !self.names.push(name.as_bytes()) {
            return Err(Error::Refused(
                "more than 4,294,967,294 images, or 256 MiB of their names, are too many for one run".into(),
            ));
        }
        self.keys.push(key);
        Ok(())
    }

    /// Adds all images of another, and says which place the first of them gets.
    pub fn append(&mut self, other: &Found) -> Result<u32> {
        let first = self.keys.len() as u32;
        for (place, key) in (0..).zip(&other.keys) {
            self.push(*key, std::str::from_utf8(other.names.bytes(place)).unwrap_or_default())?;
        }
        self.samples.append(&other.samples, first);
        Ok(first)
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    fn name(&self, place: u32) -> &str {
        std::str::from_utf8(self.names.bytes(place)).unwrap_or_default()
    }
}

impl Gathering {
    /// Hands on each place of the list at which an image of that name stands; one, 0, where there is no list.
    pub fn each_place(&self, name: &str, mut each: impl FnMut(u32) -> Result<()>) -> Result<()> {
        match &self.list {
            Some(list) => list.places_of(name, self.duplicates).try_for_each(each),
            None => each(0),
        }
    }

    /// Whether an image of this name can have an id.
    pub fn has_id(&self, name: &str) -> bool {
        self.map.as_ref().is_none_or(|(map, _)| map.id_of(name).is_some())
    }
}

/// An image of the set: the place where it was found, if it was, and its place in the list.
type Placed = (Option<u32>, u32);

impl Split {
    /// Puts the images that were found into the order of the set and gives them ids: says, for each, at which place it was found.
    /// None if the images were known before.
    ///
    /// # Errors
    ///
    /// No image was found, or two have one name or number.
    pub fn settle(&mut self) -> Result<Option<Vec<u32>>> {
        let Some(mut gathering) = self.gathering.take() else { return Ok(None) };
        let found = std::mem::take(gathering.found.get_mut().unwrap_or_else(PoisonError::into_inner));
        if found.len() == 0 && gathering.list.is_none() {
            return Err(self.empty().into());
        }
        let placed = self.placed(&found, gathering.list.as_ref());
        let mut settling = Settling { split: self, gathering: &gathering, found: &found, placed: &placed };
        settling.give_ids()?;
        settling.refuse_repeated()?;
        let now_at = |was: u32| (0..).zip(&placed).find_map(|(place, (found, _))| (*found == Some(was)).then_some(place));
        self.first_records = found.samples.iter().filter_map(|(was, sample)| Some((now_at(*was)?, sample.clone()))).collect();
        Ok(Some(placed.iter().map(|(found, _)| found.unwrap_or(u32::MAX)).collect()))
    }

    fn empty(&self) -> Problem {
        let path = self.inputs.first().map(|input| input.path.clone()).unwrap_or_default();
        let all = if self.inputs.len() > 1 { " nor in the other inputs" } else { "" };
        let problem = Problem::new(path, format!("there is no image in it{all}"));
        problem.hint("an image is a member or file KEY.json, a line that holds a JSON object, or a row")
    }

    /// Whether the images of an input are called as members of an archive are.
    fn has_members(&self, input: u32) -> bool {
        self.streams.iter().find(|stream| stream.input == input).is_none_or(|stream| stream.file.has_members())
    }

    /// The images in order. Of a list, each place has one at least, found or not.
    fn placed(&self, found: &Found, list: Option<&Listed>) -> Vec<Placed> {
        let by_name: Vec<bool> = (0..self.inputs.len() as u32).map(|input| self.has_members(input)).collect();
        let sorted_by_name = |key: &Key| list.is_none() && by_name.get(key.input as usize) == Some(&true);
        let mut order: Vec<(Key, u32)> = found.keys.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|(a, at), (b, bt)| {
            let names = || if sorted_by_name(a) { found.name(*at).cmp(found.name(*bt)) } else { Ordering::Equal };
            let files = (a.listed, a.input).cmp(&(b.listed, b.input));
            files.then_with(names).then(a.number.cmp(&b.number)).then(at.cmp(bt))
        });
        let mut placed = Vec::with_capacity(order.len());
        let mut next = 0;
        for (key, at) in order {
            if list.is_some() && key.listed != Key::NAMELESS {
                placed.extend((next..key.listed).map(|listed| (None, listed)));
                next = next.max(key.listed + 1);
            }
            placed.push((Some(at), key.listed));
        }
        placed.extend((next..list.map_or(0, |list| list.len() as u32)).map(|listed| (None, listed)));
        placed
    }
}

/// What it takes to give the images of a split their ids.
struct Settling<'a> {
    split: &'a mut Split,
    gathering: &'a Gathering,
    found: &'a Found,
    placed: &'a [Placed],
}

/// Problems that are found when all is read come behind those that were found while reading.
const BEHIND: u64 = 1 << 63;

impl Settling<'_> {
    /// The image's name; none if it has none.
    fn name(&self, (found, listed): Placed) -> Option<&str> {
        if listed == Key::NAMELESS {
            return None;
        }
        match (found, &self.gathering.list) {
            (Some(at), _) => {
                let key = self.found.keys.get(at as usize)?;
                let name = self.found.name(at);
                Some(if self.split.has_members(key.input) { stem(name) } else { name })
            }
            (None, Some(list)) => list.name_at(listed),
            (None, None) => None,
        }
    }

    fn give_ids(&mut self) -> Result<()> {
        let all_are_numbers = self.placed.iter().filter_map(|&placed| self.name(placed)).all(|name| whole_number(name).is_some());
        let mut made = StringTable::default();
        let (mut images, mut names) = (Vec::with_capacity(self.placed.len()), NameList::default());
        let mut problems = std::mem::take(&mut self.split.problems);
        let first = if self.split.streams.is_empty() { 0 } else { BEHIND };
        for (place, &placed) in (0_u64..).zip(self.placed) {
            let known = placed.0.and_then(|at| self.split.images.get(at as usize)).copied();
            let name = self.name(placed);
            let id = match (name, &self.gathering.map) {
                (None, _) => Some(UNKNOWN_ID),
                (Some(name), Some((map, _))) => map.id_of(name),
                (Some(name), None) if all_are_numbers => whole_number(name),
                (Some(name), None) => Some(u64::from(made.insert(name).0)),
            };
            let problem = self.problem(placed, id.is_some());
            let is_read = known.filter(|_| problem.is_none());
            problem.into_iter().for_each(|problem| problems.add(first | place, problem));
            let (member, archive) = is_read.map_or((Image::NO_MEMBER, 0), |image| (image.member, image.archive));
            images.push(Image { id: id.unwrap_or(UNKNOWN_ID), member, archive });
            names.push(name.unwrap_or_default().as_bytes());
        }
        self.split.problems = problems;
        let has_made_ids = self.gathering.map.is_none() && !all_are_numbers;
        self.split.made_ids = has_made_ids.then_some(made);
        (self.split.images, self.split.names) = (images, Some(names));
        Ok(())
    }

    /// What is wrong with an image that is listed and not there, listed again, or not in the id map.
    fn problem(&self, (found, listed): Placed, has_id: bool) -> Option<Problem> {
        let list = self.gathering.list.as_ref().filter(|_| listed != Key::NAMELESS);
        match (found, list, &self.gathering.map) {
            (None, Some(list), _) => {
                let are_numbered = self.split.fields.id.is_none() && self.split.streams.iter().any(|s| !s.file.has_members());
                let absent = if are_numbered { NAME_THE_ID } else { super::ADD_OR_SKIP };
                list.problem_at(listed, self.gathering.duplicates, absent)
            }
            (Some(_), Some(list), Some((_, map))) if !has_id => {
                list.problem(listed, not_in(map)).map(|problem| problem.hint(super::ADD_OR_SKIP))
            }
            (Some(at), None, Some((_, map))) if !has_id => {
                let problem = Problem::new(self.path_of(at)?, not_in(map)).in_member(self.name((found, listed))?);
                Some(problem.hint(super::ADD_OR_SKIP))
            }
            _ => None,
        }
    }

    fn path_of(&self, at: u32) -> Option<&Path> {
        let key = self.found.keys.get(at as usize)?;
        self.split.inputs.get(key.input as usize).map(|input| input.path.as_path())
    }

    fn line_or_row(&self, at: u32) -> Option<String> {
        let key = self.found.keys.get(at as usize)?;
        self.split.streams.iter().find(|stream| stream.input == key.input)?.file.line_or_row(key.number)
    }

    /// Two images of one name, or of one number, cannot be told apart.
    fn refuse_repeated(&self) -> Result<()> {
        if self.gathering.duplicates == Duplicates::Allow {
            return Ok(());
        }
        let place_at = |place: u32| self.placed.get(place as usize).and_then(|&placed| Some((placed.0?, self.name(placed)?)));
        let with_id: Vec<Image> = self.split.images.iter().copied().filter(|image| image.id != UNKNOWN_ID).collect();
        if repeated(&with_id).is_empty() {
            return Ok(());
        }
        let mut problems = repeated(&self.split.images).into_iter().filter_map(|(again, first)| {
            let image = self.split.images.get(again as usize).filter(|image| image.id != UNKNOWN_ID)?;
            let ((at, name), (before, first)) = (place_at(again)?, place_at(first)?);
            let file = shown_path(self.path_of(before)?);
            let place = self.line_or_row(before).map_or_else(|| format!("in {file}"), |line| format!("at {line} of {file}"));
            let what = match name == first {
                true => format!("an image of that name stands already {place}"),
                false => format!("its number {} is that of '{first}' {place} already", image.id),
            };
            let problem = Problem::new(self.path_of(at)?, what).in_member(name);
            Some(self.line_or_row(at).into_iter().fold(problem, Problem::at))
        });
        let first: Vec<Problem> = problems.by_ref().take(Problems::SHOWN).collect();
        let total = (first.len() + problems.count()) as u64;
        const ALLOW: &str = "--duplicates allow encodes them all";
        match (first.as_slice(), total) {
            ([], _) => Ok(()),
            ([one], 1) => Err(one.clone().hint("--duplicates allow encodes both").into()),
            _ => Err(Problems::new(first, total).hint(ALLOW).into()),
        }
    }
}

const NAME_THE_ID: &str = "lines and rows are called by their number: name the field of their names with --id-field";

fn not_in(map: &str) -> String {
    format!("not in the id map {map}")
}
