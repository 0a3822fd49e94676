//! Images that are found while files are read, in any order, and their order in the set.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use nonmax::NonMaxU32;

use super::image::{ADD_IT, KeywordFile};
use super::image_ids::{IdOptions, ImageIds};
use super::image_list::ListIndex;
use super::named_images::NamedImages;
use super::near_names::NearNames;
use super::samples::{FirstKeywords, PlacedSample, SampleKey, SampleKeywords, SampleName, SampleReservoir};
use super::split_source::SplitSource;
use crate::error::{Problem, Result};
use crate::inputs::list_file::{ListFile, ListedName};
use crate::problems::ProblemList;
use crate::word_store::{Head, ImageNames};

/// The wanted images, and the images that were found.
pub(crate) struct Gathering {
    pub list: Option<ListIndex>,
    pub options: IdOptions,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    /// The keyword files of the images of archives. These images are also the first of `found`.
    pub archive_files: Vec<Option<KeywordFile>>,
    pub found: Mutex<FoundImages>,
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
        SampleKey { hash: name.hash(), listed: place_in_list(self.listed), input: self.input, number: self.number }
    }
}

/// A place in the list as a number that puts images without a name behind all others.
fn place_in_list(listed: Option<NonMaxU32>) -> u32 {
    listed.map_or(u32::MAX, |place| place.get())
}

/// Images in the order in which they were found.
#[derive(Default)]
pub(crate) struct FoundImages {
    runs: Vec<Run>,
    images: Vec<FoundImage>,
    /// The names of their members or of themselves. They are empty if the list has the names.
    names: ImageNames,
    samples: SampleReservoir,
    /// Names that are not listed and nearly are.
    near: NearNames,
}

/// Images of one input that were found in its order.
#[derive(Debug, Clone, Copy)]
struct Run {
    /// The place of the first image.
    first: u32,
    /// `None` if the images are only in the list.
    input: Option<u32>,
    /// The number of the first image in its input.
    number: u64,
}

/// An image of a run.
#[derive(Debug, Clone, Copy)]
struct FoundImage {
    /// Its place in the list, 0 if there is no list. `None` if it has no name.
    listed: Option<NonMaxU32>,
    /// The distance of its number to that of the first image of the run.
    distance: u32,
}

impl FoundImages {
    /// Adds an image.
    ///
    /// # Errors
    ///
    /// There are too many images, or their names are too long.
    pub fn push(&mut self, key: Key, name: &str, display_name: Option<&str>) -> Result<()> {
        self.names.push(name, display_name)?;
        let distance = self.distance(key).unwrap_or_else(|| {
            self.runs.push(Run { first: self.images.len() as u32, input: Some(key.input), number: key.number });
            0
        });
        self.images.push(FoundImage { listed: key.listed, distance });
        Ok(())
    }

    /// The distance of an image that belongs to the last run.
    fn distance(&self, key: Key) -> Option<u32> {
        let run = self.runs.last().filter(|run| run.input == Some(key.input))?;
        let distance = u32::try_from(key.number.checked_sub(run.number)?).ok()?;
        Some(distance).filter(|distance| self.images.last().is_none_or(|last| last.distance <= *distance))
    }

    /// Adds all images of another, and returns the place of the first.
    pub fn append(&mut self, other: FoundImages) -> Result<u32> {
        let first = self.images.len() as u32;
        for place in 0..other.images.len() as u32 {
            self.names.push(other.names.name(place), other.names.display_name(place))?;
        }
        self.images.extend(other.images);
        // Runs of two threads are not joined: a run of a third may belong between them.
        self.runs.extend(other.runs.into_iter().map(|run| Run { first: run.first + first, ..run }));
        self.samples.append(other.samples);
        self.near.append(&other.near);
        Ok(first)
    }

    /// Adds the images that are only in the list.
    fn add_missing(&mut self, list: &ListIndex) -> Result<()> {
        let mut is_found = vec![false; list.len()];
        for place in self.images.iter().filter_map(|image| image.listed) {
            is_found.get_mut(place.get() as usize).into_iter().for_each(|is_found| *is_found = true);
        }
        self.runs.push(Run { first: self.images.len() as u32, input: None, number: 0 });
        for (place, _) in (0..).zip(is_found).filter(|(_, is_found)| !is_found) {
            self.names.push("", None)?;
            self.images.push(FoundImage { listed: NonMaxU32::new(place), distance: place });
        }
        Ok(())
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
        self.images.len()
    }

    fn listed(&self, place: u32) -> Option<u32> {
        self.images.get(place as usize)?.listed.map(|listed| listed.get())
    }

    fn run_of(&self, place: u32) -> Option<&Run> {
        self.runs.get(self.runs.partition_point(|run| run.first <= place).checked_sub(1)?)
    }

    fn number(&self, place: u32) -> Option<u64> {
        Some(self.run_of(place)?.number + u64::from(self.images.get(place as usize)?.distance))
    }

    /// The input of an image. `None` if it is only in the list.
    fn input(&self, place: u32) -> Option<u32> {
        self.run_of(place)?.input
    }

    /// The place of the image with the key of a sample.
    fn find(&self, key: SampleKey) -> Option<u32> {
        let runs = self.runs_in_order().into_iter().filter(|(run, _)| run.input == Some(key.input));
        runs.into_iter().find_map(|(run, places)| {
            let distance = u32::try_from(key.number.checked_sub(run.number)?).ok()?;
            let images = self.images.get(places.start as usize..places.end as usize)?;
            let start = images.partition_point(|image| image.distance < distance);
            let mut same = images.iter().skip(start).take_while(|image| image.distance == distance);
            let index = same.position(|image| place_in_list(image.listed) == key.listed)?;
            Some(places.start + (start + index) as u32)
        })
    }

    /// The runs with the places of their images, in the order of the inputs.
    fn runs_in_order(&self) -> Vec<(Run, Range<u32>)> {
        let ends = self.runs.iter().skip(1).map(|run| run.first).chain([self.images.len() as u32]);
        let mut runs: Vec<(Run, Range<u32>)> = self.runs.iter().zip(ends).map(|(run, end)| (*run, run.first..end)).collect();
        runs.sort_unstable_by_key(|(run, _)| (run.input, run.number, run.first));
        runs
    }
}

/// The images of a set in their final order.
pub(crate) struct SettledImages {
    pub images: OrderedSet,
    /// For each image, the place at which it was found.
    pub found_at: Vec<u32>,
}

/// Images with names in the order of the output.
pub(crate) struct OrderedSet {
    pub ids: ImageIds,
    pub names: ImageNames,
    /// The keyword files of the images. Images after the last are in no archive.
    pub files: Vec<Option<KeywordFile>>,
    pub samples: Vec<PlacedSample>,
}

impl Gathering {
    /// Calls `each` with each place of the list that has this name, or with 0 if there is no list.
    pub fn each_place(&self, name: &str, mut each: impl FnMut(u32) -> Result<()>) -> Result<()> {
        match &self.list {
            Some(list) => list.places_of(name, self.options.duplicates).try_for_each(each),
            None => each(0),
        }
    }

    /// The name to keep while files are read. It is empty if the list has the name.
    pub fn kept_name<'n>(&self, name: &'n str) -> &'n str {
        if self.list.is_some() { "" } else { name }
    }

    /// Keeps the name of an image in `found` if it is not listed and a similar name is.
    pub fn note_near_name(&self, name: &str, found: &mut FoundImages) {
        let places = self.list.as_ref().map(|list| list.places_near(name));
        places.into_iter().flatten().for_each(|place| found.near.add(place, name));
    }

    /// Takes the images that were found so far.
    pub fn take_found(&mut self) -> FoundImages {
        std::mem::take(self.found.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the images that were found into the order of the set and gives them ids.
    ///
    /// # Errors
    ///
    /// No image was found, or two images have the same name or number.
    pub fn settle(mut self, source: &SplitSource, problems: &mut ProblemList) -> Result<SettledImages> {
        let mut found = self.take_found();
        if found.len() == 0 && self.list.is_none() && !self.may_be_empty {
            return Err(no_image(source).into());
        }
        self.list.as_ref().map_or(Ok(()), |list| found.add_missing(list))?;
        let settling = Settling { source, gathering: &self };
        let found_at = settling.order(&found);
        let names = settling.names(&mut found, &found_at, problems)?;
        let mut files = std::mem::take(&mut self.archive_files);
        if !source.archives.is_empty() {
            files.resize(found_at.len(), None);
            if !found_at.is_sorted() {
                files = found_at.iter().map(|&at| files.get(at as usize).copied().flatten()).collect();
            }
        }
        let samples = std::mem::take(&mut found.samples);
        let images = FoundInOrder { found: &found, found_at: &found_at, names: &names };
        let ids = ImageIds::of(source, &images, self.options)?;
        let samples = images.samples(&ids, samples);
        Ok(SettledImages { images: OrderedSet { ids, names, files, samples }, found_at })
    }
}

pub(super) fn no_image(source: &SplitSource) -> Problem {
    let all = if source.inputs.len() > 1 { " nor in the other inputs" } else { "" };
    let problem = Problem::new(source.first_path(), format!("there is no image in it{all}"));
    if source.has_members() {
        return problem.hint_inspect();
    }
    problem.hint("an image is a member or file KEY.json, a line with a JSON object, or a row")
}

/// Problems that are found after reading come after those that were found while reading.
pub(super) const AFTER_READING: u64 = 1 << 63;

/// The inputs of settling the images of a split.
struct Settling<'a> {
    source: &'a SplitSource,
    gathering: &'a Gathering,
}

impl Settling<'_> {
    /// The places at which the images were found, in the order of the set. With a list, each place
    /// of the list has at least one image. Images without a name are the last.
    fn order(&self, found: &FoundImages) -> Vec<u32> {
        let mut order = Vec::with_capacity(found.len());
        for runs in found.runs_in_order().chunk_by(|(a, _), (b, _)| a.input == b.input) {
            let start = order.len();
            order.extend(runs.iter().flat_map(|(_, images)| images.clone()));
            let stream = runs.first().and_then(|(run, _)| self.source.stream_of_input(run.input?));
            if self.gathering.list.is_none() && stream.is_some_and(|stream| stream.file.has_members()) {
                let images = order.get_mut(start..).unwrap_or_default();
                images.sort_by(|a, b| found.names.name(*a).cmp(found.names.name(*b)));
            }
        }
        order.sort_by_key(|&at| found.images.get(at as usize).map(|image| place_in_list(image.listed)));
        order
    }

    /// Returns the names of the images in order, and takes those of the images that were found.
    fn names(&self, found: &mut FoundImages, order: &[u32], problems: &mut ProblemList) -> Result<ImageNames> {
        let first_problem = if self.source.streams.is_empty() { 0 } else { AFTER_READING };
        // The members of archives are found in the order of the set.
        let are_final = self.gathering.list.is_none() && self.source.streams.is_empty();
        let mut names = ImageNames::default();
        for (place, &at) in (0_u64..).zip(order) {
            let name = self.name(found, at);
            let problem = self.problem(found, at, name.as_deref());
            problem.into_iter().for_each(|problem| problems.add(first_problem | place, problem));
            let Some(name) = name.filter(|_| !are_final) else { continue };
            names.push(&name, found.names.display_name(at).filter(|shown| *shown != name))?;
        }
        let found_names = std::mem::take(&mut found.names);
        Ok(if are_final { found_names } else { names })
    }

    /// The name of an image. `None` if it has none.
    fn name<'f>(&'f self, found: &'f FoundImages, at: u32) -> Option<Cow<'f, str>> {
        let listed = found.listed(at)?;
        if let Some(list) = &self.gathering.list {
            return list.name_at(listed).map(Cow::Borrowed);
        }
        let name = found.names.name(at);
        Some(match self.source.stream_of_input(found.input(at)?) {
            Some(stream) => stream.image_name(&self.source.fields, name),
            None => Cow::Borrowed(name),
        })
    }

    /// The problem of an image that is listed but missing, listed again, or not in the id map.
    fn problem(&self, found: &FoundImages, at: u32, name: Option<&str>) -> Option<Problem> {
        let listed = self.gathering.list.as_ref().zip(found.listed(at));
        let map = self.gathering.options.map.as_ref();
        let lacking = name.and_then(|name| map.filter(|map| map.ids.id_of(name).is_none()));
        match (found.input(at), listed, lacking) {
            (None, Some((list, place)), _) => {
                let are_numbered =
                    self.source.fields.id.is_none() && self.source.streams.iter().any(|stream| !stream.file.has_members());
                let explain = |listed: ListedName<'_>, file: &ListFile| {
                    let missing = || file.problem(listed, "no image of that name is in the inputs");
                    match found.near.difference(place, listed.name) {
                        Some(difference) => file.problem(listed, difference.what()).hint(difference.hint()),
                        None if are_numbered => missing().hint(NAME_THE_ID),
                        None => missing().hint_or_skip(ADD_IT),
                    }
                };
                list.problem_at(place, self.gathering.options.duplicates, explain)
            }
            (Some(_), Some((list, place)), Some(map)) => {
                list.problem(place, map.lacks_name()).map(|problem| problem.hint_or_skip(ADD_IT))
            }
            (input, None, Some(map)) => {
                let problem = Problem::new(self.source.path_of_input(input), map.lacks_name()).in_member(name?);
                Some(problem.hint_or_skip(ADD_IT).of_image(name?))
            }
            _ => None,
        }
    }
}

/// The images that were found, in the order of the set.
struct FoundInOrder<'a> {
    found: &'a FoundImages,
    found_at: &'a [u32],
    names: &'a ImageNames,
}

impl NamedImages for FoundInOrder<'_> {
    fn len(&self) -> usize {
        self.found_at.len()
    }

    fn named(&self) -> usize {
        self.names.len()
    }

    fn input_of(&self, place: usize) -> Option<u32> {
        self.found.input(*self.found_at.get(place)?)
    }

    fn number_of(&self, place: usize) -> Result<u64> {
        let at = self.found_at.get(place).copied().unwrap_or(u32::MAX);
        Ok(self.found.number(at).unwrap_or(0))
    }

    fn each_head(&self, images: Range<usize>, take: &mut dyn FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        images.map_while(|place| self.names.head(place)).try_for_each(take)
    }
}

impl FoundInOrder<'_> {
    fn samples(&self, ids: &ImageIds, samples: SampleReservoir) -> Vec<PlacedSample> {
        let sample = |(key, keywords): (SampleKey, SampleKeywords)| {
            let at = self.found.find(key)?;
            let place = self.found_at.iter().position(|&found| found == at)?;
            let (name, display_name) = (self.names.name(place as u32), self.names.display_name(place as u32));
            let id = ids.id(place, name);
            let display_name = display_name.map(str::to_owned);
            Some(PlacedSample { place, key, id, name: name.to_owned(), display_name, keywords })
        };
        samples.into_images().filter_map(sample).collect()
    }
}

const NAME_THE_ID: &str = "lines and rows are named by their number; set the field of their names \
                           with --id-field";
