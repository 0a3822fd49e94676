//! Images that are found while files are read, in any order, and their order in the set.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use count_vectorizer::StringTable;
use keyword_files::archive::NameList;
use nonmax::NonMaxU32;

use super::image::{ADD_IT, Image, Repeat, find_repeats, whole_number};
use super::image_list::ListIndex;
use super::near_names::NearNames;
use super::record_fields::RecordFields;
use super::repeats::{ALLOW, GROUP, ShownImage, refuse};
use super::samples::{FirstKeywords, PlacedSample, SampleKey, SampleKeywords, SampleName, SampleReservoir};
use super::split_source::{ImageList, SplitSource, Stream};
use crate::error::{Error, Problem, Problems, Result};
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::{ListFile, ListedName};
use crate::policy::Duplicates;
use crate::problems::ProblemList;

/// The wanted images, and the images that were found.
pub(crate) struct Gathering {
    pub list: Option<ListIndex>,
    pub map: Option<NamedIdMap>,
    pub duplicates: Duplicates,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    /// Whether the images are part of a larger set. They are then always numbered.
    pub is_part: bool,
    /// The images of archives. They are also the first of `found`.
    pub archive_images: Vec<Image>,
    pub found: Mutex<FoundImages>,
}

/// An id map and its file name.
pub(crate) struct NamedIdMap {
    pub ids: IdMap,
    pub file: String,
}

/// What determines the place of an image in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its place in the list, 0 if there is no list. `None` if it has no name.
    pub listed: Option<NonMaxU32>,
    /// The number of its file among the inputs.
    pub input: u32,
    /// The number of its record, or of its member in the order of the names.
    pub number: u64,
}

impl Key {
    fn sample_key(self, name: SampleName<'_>) -> SampleKey {
        let listed = self.listed.map_or(u32::MAX, |place| place.get());
        SampleKey { hash: name.hash(), listed, input: self.input, number: self.number }
    }

    /// Whether the key of a sample is that of this image.
    fn is_of(self, sample: SampleKey) -> bool {
        let listed = self.listed.map_or(u32::MAX, |place| place.get());
        (listed, self.input, self.number) == (sample.listed, sample.input, sample.number)
    }
}

/// The largest size of the names of images that are put into order in memory, in bytes.
pub(crate) const MOST_NAMES: usize = 1 << 30;

const TOO_MANY: &str = "more than 4,294,967,294 images, or 1 GiB of their names, cannot be put into order in one run; encode \
                        them in parts with amc-keywords shards";

/// Images in the order in which they were found, with the names of their members or of themselves.
#[derive(Default)]
pub(crate) struct FoundImages {
    keys: Vec<Key>,
    names: NameList,
    /// Second names, for people. The list ends with the last image that has one.
    display_names: NameList,
    samples: SampleReservoir,
    /// Names that are not listed and nearly are.
    near: NearNames,
}

impl FoundImages {
    /// Adds an image.
    ///
    /// # Errors
    ///
    /// There are too many images, or their names are too long.
    pub fn push(&mut self, key: Key, name: &str) -> Result<()> {
        let are_too_many = self.keys.len() >= u32::MAX as usize || self.names.text_len() + name.len() > MOST_NAMES;
        if are_too_many || !self.names.push(name.as_bytes()) {
            return Err(Error::Refused(TOO_MANY.into()));
        }
        self.keys.push(key);
        Ok(())
    }

    /// Gives the last image a second name.
    ///
    /// # Errors
    ///
    /// All names together are too long.
    pub fn name_last_for_display(&mut self, name: &str) -> Result<()> {
        let others = (self.display_names.len() + 1..self.keys.len()).map(|_| "");
        let are_added = others.chain([name]).all(|name| self.display_names.push(name.as_bytes()));
        if are_added { Ok(()) } else { Err(Error::Refused(TOO_MANY.into())) }
    }

    /// Adds all images of another, and returns the place of the first.
    pub fn append(&mut self, other: FoundImages) -> Result<u32> {
        let first = self.keys.len() as u32;
        for (place, key) in (0..).zip(&other.keys) {
            self.push(*key, other.name(place))?;
            other.display_name(place).map_or(Ok(()), |name| self.name_last_for_display(name))?;
        }
        self.samples.append(other.samples);
        self.near.append(&other.near);
        Ok(first)
    }

    /// Offers the image that was added last as a sample. `read` returns its keywords.
    pub fn offer_sample(&mut self, key: Key, name: SampleName<'_>, read: impl FnOnce() -> Option<FirstKeywords>) {
        self.samples.offer(key.sample_key(name), || read().map(SampleKeywords::Known));
    }

    /// Offers the image that was added last as a sample. Its keywords are read later.
    pub fn offer_unread_sample(&mut self, key: Key, name: &str) {
        self.samples.offer(key.sample_key(SampleName::Text(name)), || Some(SampleKeywords::InArchive));
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    fn key(&self, place: u32) -> Option<&Key> {
        self.keys.get(place as usize)
    }

    fn name(&self, place: u32) -> &str {
        std::str::from_utf8(self.names.bytes(place)).unwrap_or_default()
    }

    fn display_name(&self, place: u32) -> Option<&str> {
        std::str::from_utf8(self.display_names.bytes(place)).ok().filter(|name| !name.is_empty())
    }
}

/// An image of the set.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// The place at which it was found. `None` if it is only in the list.
    found: Option<u32>,
    /// Its place in the list, 0 if there is no list. `None` if it has no name.
    listed: Option<NonMaxU32>,
}

/// The images of a set in their final order.
pub(crate) struct SettledImages {
    pub list: ImageList,
    /// For each image, the place at which it was found.
    pub found_at: Vec<Option<u32>>,
}

impl Gathering {
    /// Calls `each` with each place of the list that has this name, or with 0 if there is no list.
    pub fn each_place(&self, name: &str, mut each: impl FnMut(u32) -> Result<()>) -> Result<()> {
        match &self.list {
            Some(list) => list.places_of(name, self.duplicates).try_for_each(each),
            None => each(0),
        }
    }

    /// Keeps the name of an image in `found` if it is not listed and a similar name is.
    pub fn note_near_name(&self, name: &str, found: &mut FoundImages) {
        let places = self.list.as_ref().map(|list| list.places_near(name));
        places.into_iter().flatten().for_each(|place| found.near.add(place, name));
    }

    /// The name of an image in a stream, given the name of its record.
    pub fn image_name<'n>(&self, fields: &RecordFields, stream: &Stream, name: &'n str) -> Cow<'n, str> {
        let image = stream.file.image_name(name);
        if !stream.file.has_members() {
            return Cow::Borrowed(image);
        }
        // A name without a match has a problem already.
        fields.image_name(image).unwrap_or(Cow::Borrowed(image))
    }

    /// Adds images that were found.
    pub fn add_found(&mut self, images: FoundImages) -> Result<()> {
        self.found.get_mut().unwrap_or_else(PoisonError::into_inner).append(images).map(drop)
    }

    /// Whether an image of this name can have an id.
    pub fn has_id(&self, name: &str) -> bool {
        self.map.as_ref().is_none_or(|map| map.ids.id_of(name).is_some())
    }

    /// Puts the images that were found into the order of the set and gives them ids.
    ///
    /// # Errors
    ///
    /// No image was found, or two images have the same name or number.
    pub fn settle(mut self, source: &SplitSource, problems: &mut ProblemList) -> Result<SettledImages> {
        let mut found = std::mem::take(self.found.get_mut().unwrap_or_else(PoisonError::into_inner));
        if found.len() == 0 && self.list.is_none() && !self.may_be_empty {
            return Err(no_image(source).into());
        }
        let samples = std::mem::take(&mut found.samples);
        let settling = Settling { source, gathering: &self, found: &found };
        let placed = settling.place_images();
        let mut list = settling.give_ids(&placed, problems);
        settling.refuse_repeated(&placed, &list.images)?;
        list.samples = Some(settling.samples(&placed, &list, samples));
        Ok(SettledImages { list, found_at: placed.iter().map(|image| image.found).collect() })
    }
}

pub(super) fn no_image(source: &SplitSource) -> Problem {
    let all = if source.inputs.len() > 1 { " nor in the other inputs" } else { "" };
    let problem = Problem::new(source.first_path(), format!("there is no image in it{all}"));
    let has_members = !source.archives.is_empty() || source.streams.iter().any(|stream| stream.file.has_members());
    if has_members {
        return problem.hint_inspect();
    }
    problem.hint("an image is a member or file KEY.json, a line with a JSON object, or a row")
}

/// The inputs of settling the images of a split.
struct Settling<'a> {
    source: &'a SplitSource,
    gathering: &'a Gathering,
    found: &'a FoundImages,
}

/// Problems that are found after reading come after those that were found while reading.
pub(super) const AFTER_READING: u64 = 1 << 63;

impl Settling<'_> {
    fn stream(&self, input: u32) -> Option<&Stream> {
        let streams = &self.source.streams;
        streams.get(streams.binary_search_by_key(&input, |stream| stream.input).ok()?)
    }

    /// Returns the images in order. With a list, each place of the list has at least one image,
    /// found or not.
    fn place_images(&self) -> Vec<Placed> {
        let list = self.gathering.list.as_ref();
        let by_name: Vec<bool> = (0..self.source.inputs.len() as u32)
            .map(|input| self.stream(input).is_some_and(|stream| stream.file.has_members()))
            .collect();
        let is_sorted_by_name = |key: &Key| list.is_none() && by_name.get(key.input as usize) == Some(&true);
        let listed = |key: &Key| key.listed.map_or(u32::MAX, |place| place.get());
        let mut order: Vec<(Key, u32)> = self.found.keys.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|(a, at), (b, bt)| {
            let names = || if is_sorted_by_name(a) { self.found.name(*at).cmp(self.found.name(*bt)) } else { Ordering::Equal };
            let files = (listed(a), a.input).cmp(&(listed(b), b.input));
            files.then_with(names).then(a.number.cmp(&b.number)).then(at.cmp(bt))
        });
        let mut placed = Vec::with_capacity(order.len());
        let mut next = 0;
        let not_found = |place: u32| Placed { found: None, listed: NonMaxU32::new(place) };
        for (key, at) in order {
            if let (Some(_), Some(place)) = (list, key.listed) {
                placed.extend((next..place.get()).map(not_found));
                next = next.max(place.get() + 1);
            }
            placed.push(Placed { found: Some(at), listed: key.listed });
        }
        placed.extend((next..list.map_or(0, |list| list.len() as u32)).map(not_found));
        placed
    }

    /// The name of an image. `None` if it has none.
    fn name(&self, image: Placed) -> Option<Cow<'_, str>> {
        let listed = image.listed?;
        match image.found {
            Some(at) => {
                let name = self.found.name(at);
                let stream = self.stream(self.found.key(at)?.input);
                Some(match stream {
                    Some(stream) => self.gathering.image_name(&self.source.fields, stream, name),
                    None => Cow::Borrowed(name),
                })
            }
            None => self.gathering.list.as_ref()?.name_at(listed.get()).map(Cow::Borrowed),
        }
    }

    fn give_ids(&self, placed: &[Placed], problems: &mut ProblemList) -> ImageList {
        let mut names_of_all = placed.iter().filter_map(|&image| self.name(image));
        let are_numbers = !self.gathering.is_part && names_of_all.all(|name| whole_number(&name).is_some());
        let mut numbered = StringTable::default();
        let (mut images, mut names) = (Vec::with_capacity(placed.len()), NameList::default());
        let first_problem = if self.source.streams.is_empty() { 0 } else { AFTER_READING };
        for (place, &image) in (0_u64..).zip(placed) {
            let name = self.name(image);
            let id = name.as_deref().and_then(|name| match &self.gathering.map {
                Some(map) => map.ids.id_of(name),
                None if are_numbers => whole_number(name),
                None => Some(u64::from(numbered.insert(name).0)),
            });
            let problem = self.problem(image, name.is_none() || id.is_some());
            let file = image.found.and_then(|at| self.gathering.archive_images.get(at as usize)?.file());
            images.push(Image::new(id, file.filter(|_| problem.is_none())));
            problem.into_iter().for_each(|problem| problems.add(first_problem | place, problem));
            let shown = image.found.and_then(|at| self.found.display_name(at));
            names.push(shown.or(name.as_deref()).unwrap_or_default().as_bytes());
        }
        let has_numbered_names = self.gathering.map.is_none() && !are_numbers;
        let numbered_names = has_numbered_names.then_some(numbered);
        ImageList { images, names: Some(names), numbered_names, samples: None }
    }

    /// The problem of an image that is listed but missing, listed again, or not in the id map.
    fn problem(&self, image: Placed, has_id: bool) -> Option<Problem> {
        let list = self.gathering.list.as_ref().zip(image.listed);
        match (image.found, list, &self.gathering.map) {
            (None, Some((list, place)), _) => {
                let are_numbered =
                    self.source.fields.id.is_none() && self.source.streams.iter().any(|stream| !stream.file.has_members());
                let explain = |listed: ListedName<'_>, file: &ListFile| {
                    let missing = || file.problem(listed, "no image of that name is in the inputs");
                    match self.found.near.difference(place.get(), listed.name) {
                        Some(difference) => file.problem(listed, difference.what()).hint(difference.hint()),
                        None if are_numbered => missing().hint(NAME_THE_ID),
                        None => missing().hint_or_skip(ADD_IT),
                    }
                };
                list.problem_at(place.get(), self.gathering.duplicates, explain)
            }
            (Some(_), Some((list, place)), Some(map)) if !has_id => {
                list.problem(place.get(), map.lacks_name()).map(|problem| problem.hint_or_skip(ADD_IT))
            }
            (Some(at), None, Some(map)) if !has_id => {
                let problem = Problem::new(self.path_of(at)?, map.lacks_name()).in_member(self.name(image)?);
                Some(problem.hint_or_skip(ADD_IT))
            }
            _ => None,
        }
    }

    fn path_of(&self, at: u32) -> Option<&Path> {
        let key = self.found.key(at)?;
        self.source.inputs.get(key.input as usize).map(|input| input.path.as_path())
    }

    fn line_or_row(&self, at: u32) -> Option<String> {
        let key = self.found.key(at)?;
        self.stream(key.input)?.file.line_or_row(key.number)
    }

    /// Refuses two images with the same name or number: they cannot be told apart.
    fn refuse_repeated(&self, placed: &[Placed], images: &[Image]) -> Result<()> {
        if self.gathering.duplicates == Duplicates::Allow {
            return Ok(());
        }
        let mut problems = find_repeats(images).into_iter().filter_map(|repeat| self.repeat_problem(placed, images, repeat));
        let first: Vec<Problem> = problems.by_ref().take(Problems::SHOWN).collect();
        let total = (first.len() + problems.count()) as u64;
        refuse(first, total, self.advice_for_repeats(placed, images))
    }

    /// What to do if images have the same name or number, judged by the first two of them.
    fn advice_for_repeats(&self, placed: &[Placed], images: &[Image]) -> &'static str {
        let both = find_repeats(images).into_iter().next().and_then(|repeat| {
            let place = |place: u32| placed.get(place as usize).copied();
            Some((place(repeat.place)?, place(repeat.first)?))
        });
        let Some((a, b)) = both else { return ALLOW };
        let key = |image: Placed| self.found.key(image.found?);
        let is_same_input = key(a).map(|key| key.input) == key(b).map(|key| key.input);
        let has_members = |key: &Key| self.stream(key.input).is_none_or(|stream| stream.file.has_members());
        match key(a) {
            _ if self.name(a) != self.name(b) => ALLOW,
            Some(key) if !has_members(key) && self.source.fields.id.is_some() => GROUP,
            Some(key) if has_members(key) && is_same_input => {
                "--names path adds the folders to the names, --duplicates allow encodes each"
            }
            _ => ALLOW,
        }
    }

    fn repeat_problem(&self, placed: &[Placed], images: &[Image], repeat: Repeat) -> Option<Problem> {
        let image = |place: u32| {
            let image = *placed.get(place as usize)?;
            let at = image.found?;
            let name = self.name(image)?.into_owned();
            Some(ShownImage { path: self.path_of(at)?.into(), name, line: self.line_or_row(at) })
        };
        let id = images.get(repeat.place as usize)?.id()?;
        Some(image(repeat.place)?.repeats(&image(repeat.first)?, id))
    }

    fn samples(&self, placed: &[Placed], list: &ImageList, samples: SampleReservoir) -> Vec<PlacedSample> {
        let has_key = |image: &Placed, key| image.found.and_then(|at| self.found.key(at)).is_some_and(|found| found.is_of(key));
        let sample = |(key, keywords)| {
            let place = placed.iter().position(|image| has_key(image, key))?;
            let image = *placed.get(place)?;
            let display_name = image.found.and_then(|at| self.found.display_name(at)).map(str::to_owned);
            let (id, name) = (list.images.get(place)?.id(), self.name(image)?.into_owned());
            Some(PlacedSample { place, key, id, name, display_name, keywords })
        };
        samples.into_images().filter_map(sample).collect()
    }
}

impl NamedIdMap {
    pub(super) fn lacks_name(&self) -> String {
        format!("not in the id map {}", self.file)
    }
}

const NAME_THE_ID: &str = "lines and rows are named by their number; set the field of their names \
                           with --id-field";
