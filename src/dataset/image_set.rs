//! The images of a user's own set. They are known when the inputs have been read, and are put into
//! order then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::image::ADD_IT;
use super::image_ids::{IdOptions, ImageIds, NamedIdMap};
use super::image_list::ListIndex;
use super::near_names::NearNames;
use super::samples::{FirstKeywords, PlacedSample, SampleKey, SampleReservoir};
use super::split_source::SplitSource;
use crate::error::{Problem, Result};
use crate::inputs::list_file::ListedName;
use crate::inputs::long_list::LongList;
use crate::policy::Duplicates;
use crate::problems::ProblemList;
use crate::word_store::{ListedImage, OrderedImages, RecordKey, WordStore};

/// What the images of a set should be like, and what is found of them on the way.
pub(crate) struct ImageSet {
    /// The wanted images, in order. Without it, all images are wanted.
    pub list: Option<ListIndex>,
    pub options: IdOptions,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    pub samples: Mutex<SampleReservoir>,
    /// Names that are not listed and nearly are.
    pub near: Mutex<NearNames>,
}

/// The place of a wanted image in its set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SetPlace {
    /// It depends on the order of the inputs.
    InOrder,
    /// Its first place in the list.
    Listed(u32),
}

/// The images in order, after reading.
pub(crate) struct SettledImages {
    pub ids: ImageIds,
    pub words: WordStore,
    pub samples: Vec<PlacedSample>,
}

impl ImageSet {
    /// The place of an image. `None` if the image is not wanted.
    pub fn find(&self, name: &str) -> Option<SetPlace> {
        match &self.list {
            Some(list) => list.first_place(name).map(SetPlace::Listed),
            None => Some(SetPlace::InOrder),
        }
    }

    /// All places of an image in the list, or one `None` if there is no list.
    pub fn all_places(&self, place: SetPlace) -> impl Iterator<Item = Option<u32>> {
        let first = match place {
            SetPlace::InOrder => None,
            SetPlace::Listed(first) => Some(first),
        };
        let is_allowed = self.options.duplicates == Duplicates::Allow;
        let again = first.zip(self.list.as_ref().filter(|_| is_allowed)).map(|(first, list)| list.further_places(first));
        [first].into_iter().chain(again.into_iter().flatten().map(Some))
    }

    /// Keeps the name of an image that is not listed in `near` if a similar name is listed.
    pub fn note_near_name(&self, name: &str, near: &mut NearNames) {
        let places = self.list.as_ref().map(|list| list.places_near(name));
        places.into_iter().flatten().for_each(|place| near.add(place, name));
    }

    /// Puts the images into order and gives them ids.
    ///
    /// # Errors
    ///
    /// There is no image, two images have the same name or number, or a temporary file cannot be
    /// read or written.
    pub fn settle(
        self,
        source: &SplitSource,
        mut images: OrderedImages,
        scratch: &Path,
        problems: &mut ProblemList,
    ) -> Result<SettledImages> {
        let ImageSet { list, options, may_be_empty, samples, near, .. } = self;
        if images.len() == 0 && list.is_none() && !may_be_empty {
            return Err(no_image(source).into());
        }
        images.sort();
        let words = match list {
            Some(list) => {
                let near = near.into_inner().unwrap_or_else(PoisonError::into_inner);
                let explaining = Explaining { source, list: &list, near: &near, options: &options };
                let mut take = |image: ListedImage<'_>| {
                    let problem = explaining.problem(image);
                    problem.into_iter().for_each(|problem| problems.add(AFTER_READING | image.place as u64, problem));
                };
                let words = WordStore::Arranged(images.arrange_by_list(scratch, &list, &mut take)?);
                list.check_read()?;
                words
            }
            None => {
                let words = match images.are_members_in_order()? {
                    true => WordStore::Ordered(images),
                    false => WordStore::Arranged(images.arrange_by_member(scratch)?),
                };
                options.map.as_ref().map_or(Ok(()), |map| add_unmapped(map, source, &words, problems))?;
                words
            }
        };
        let ids = ImageIds::of(source, &words, scratch, options)?;
        let samples = placed_samples(samples.into_inner().unwrap_or_else(PoisonError::into_inner), &words, &ids)?;
        Ok(SettledImages { ids, words, samples })
    }
}

fn no_image(source: &SplitSource) -> Problem {
    let all = if source.inputs.len() > 1 { " nor in the other inputs" } else { "" };
    let problem = Problem::new(source.first_path(), format!("there is no image in it{all}"));
    if source.has_members() {
        return problem.hint_inspect();
    }
    problem.hint("an image is a member or file KEY.json, a line with a JSON object, or a row")
}

/// Problems that are found after reading come after those that were found while reading.
const AFTER_READING: u64 = 1 << 63;

/// Adds the problems of images that are not in the id map.
fn add_unmapped(map: &NamedIdMap, source: &SplitSource, words: &WordStore, problems: &mut ProblemList) -> Result<()> {
    words.each_head(0..words.named(), |head| {
        if map.ids.id_of(head.name).is_none() {
            let path = source.path_of_input(head.key.map(|key| key.input));
            let problem = Problem::new(path, map.lacks_name()).in_member(head.name);
            problems.add(AFTER_READING | head.place as u64, problem.hint_or_skip(ADD_IT).of_image(head.name));
        }
        Ok(())
    })
}

/// What the problems of listed images depend on.
struct Explaining<'a> {
    source: &'a SplitSource,
    list: &'a ListIndex,
    near: &'a NearNames,
    options: &'a IdOptions,
}

impl Explaining<'_> {
    /// The problem of an image that is listed but missing, listed again, or not in the id map.
    fn problem(&self, image: ListedImage<'_>) -> Option<Problem> {
        let IdOptions { map, duplicates, .. } = self.options;
        if image.key.is_none() {
            return self.list.problem_at(image.listed, *duplicates, |listed, list| self.missing(image, listed, list));
        }
        let map = map.as_ref().filter(|map| map.ids.id_of(image.name).is_none())?;
        self.list.problem(image.listed, map.lacks_name()).map(|problem| problem.hint_or_skip(ADD_IT))
    }

    fn missing(&self, image: ListedImage<'_>, listed: ListedName<'_>, list: &LongList) -> Problem {
        if let Some(difference) = self.near.difference(image.listed, listed.name) {
            return list.problem(listed, difference.what()).hint(difference.hint());
        }
        let problem = list.problem(listed, "no image of that name is in the inputs");
        let pattern = self.source.fields.id_pattern.as_ref();
        if let Some(cut) = pattern.and_then(|pattern| pattern.apply(listed.name).ok()).filter(|cut| cut != listed.name) {
            return problem.hint(format!("list it as '{cut}', its name with --id-pattern"));
        }
        match self.source.fields.id.is_none() && self.source.has_rows() {
            true => problem.hint(NAME_THE_ID),
            false => problem.hint_or_skip(ADD_IT),
        }
    }
}

const NAME_THE_ID: &str = "lines and rows are named by their number, and COCO images by their id; set \
                           the field of their names with --id-field";

/// The samples with their places and ids.
fn placed_samples(samples: SampleReservoir, words: &WordStore, ids: &ImageIds) -> Result<Vec<PlacedSample>> {
    // An image that is listed several times is found in the order of its places in the list.
    let mut wanted: BTreeMap<RecordKey, Vec<(SampleKey, FirstKeywords)>> = BTreeMap::new();
    for (key, keywords) in samples.into_images() {
        wanted.entry(RecordKey { input: key.input, number: key.number }).or_default().push((key, keywords));
    }
    wanted.values_mut().for_each(|samples| samples.sort_by_key(|(key, _)| std::cmp::Reverse(*key)));
    let mut placed = Vec::new();
    words.each_head(0..words.named(), |head| {
        let sample = head.key.and_then(|key| wanted.get_mut(&key)?.pop());
        if let Some((key, keywords)) = sample {
            let (name, display_name) = (head.name.to_owned(), head.display_name.map(str::to_owned));
            placed.push(PlacedSample { place: head.place, key, id: ids.id(head.place, &name), name, display_name, keywords });
        }
        Ok(())
    })?;
    Ok(placed)
}
