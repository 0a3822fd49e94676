//! The images of streams that stay in input order: they are known when the streams have been read.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::gathering::{AFTER_READING, NamedIdMap, no_image};
use super::image::{ADD_IT, DenseIds, Repeat, whole_number};
use super::repeats::{ALLOW, GROUP, ShownImage, find_repeated_keys, refuse};
use super::samples::{PlacedSample, SampleReservoir};
use super::split_source::SplitSource;
use crate::error::{Problem, Problems, Result};
use crate::policy::Duplicates;
use crate::problems::ProblemList;
use crate::word_store::{Head, OrderedImages, RecordKey};

/// What the images of streams in input order should be like.
pub(crate) struct StreamSet {
    pub map: Option<NamedIdMap>,
    pub duplicates: Duplicates,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    /// Whether the images are part of a larger set. They are then always numbered.
    pub is_part: bool,
    pub samples: Mutex<SampleReservoir>,
}

/// The ids of the images of streams in input order. Their names are in the store of the words.
pub(crate) struct StreamIds {
    rule: IdRule,
    /// Whether the ids are whole numbers, and all images have different names for people.
    has_file_names: bool,
    /// The number of images with a name, and of all images.
    named: usize,
    len: usize,
}

/// How a name becomes an id.
enum IdRule {
    Map(NamedIdMap),
    WholeNumber,
    Numbered(NumberedImages),
}

/// Images that are numbered 0, 1, 2, … in their order. Equal names have the same number.
struct NumberedImages {
    /// The images whose name occurs before, in order.
    repeats: Vec<Repeat>,
    /// Whether all names are whole numbers.
    are_numbers: bool,
    /// The first name that is no whole number, if another name is one.
    odd_name: Option<String>,
}

/// The images of streams after reading.
pub(crate) struct SettledStreams {
    pub ids: StreamIds,
    pub samples: Vec<PlacedSample>,
}

impl StreamSet {
    /// Whether an image of this name can have an id.
    pub fn has_id(&self, name: &str) -> bool {
        self.map.as_ref().is_none_or(|map| map.ids.id_of(name).is_some())
    }

    /// Puts the images into order and gives them ids.
    ///
    /// # Errors
    ///
    /// There is no image, two images have the same name or number, or the temporary file cannot be
    /// read.
    pub fn settle(self, source: &SplitSource, images: &mut OrderedImages, problems: &mut ProblemList) -> Result<SettledStreams> {
        let StreamSet { map, duplicates, may_be_empty, is_part, samples } = self;
        if images.len() == 0 && !may_be_empty {
            return Err(no_image(source).into());
        }
        images.sort();
        let settling = Settling { source, images };
        let rule = match map {
            Some(map) => settling.ids_of_map(map, duplicates, problems)?,
            None => settling.ids_of_names(duplicates, is_part)?,
        };
        let ids = StreamIds { has_file_names: settling.has_file_names(&rule)?, rule, named: images.named(), len: images.len() };
        let samples = settling.samples(&ids, samples.into_inner().unwrap_or_else(PoisonError::into_inner))?;
        Ok(SettledStreams { ids, samples })
    }
}

impl StreamIds {
    /// The number of images.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The id of the image at `place`, which has this name.
    pub fn id(&self, place: usize, name: &str) -> Option<u64> {
        match &self.rule {
            IdRule::Map(map) => map.ids.id_of(name),
            IdRule::WholeNumber => whole_number(name),
            IdRule::Numbered(numbered) => Some(numbered.id(place as u32)),
        }
    }

    /// Whether all names are whole numbers that can be ids.
    pub fn are_numbers(&self) -> bool {
        match &self.rule {
            IdRule::Map(_) => false,
            IdRule::WholeNumber => true,
            IdRule::Numbered(numbered) => numbered.are_numbers,
        }
    }

    /// The number of names in the id map. `None` if it would only map whole numbers to themselves.
    pub fn len_of_map(&self) -> Option<usize> {
        match &self.rule {
            IdRule::Numbered(numbered) => Some(self.named.saturating_sub(numbered.repeats.len())),
            _ => self.has_file_names.then_some(self.named),
        }
    }

    /// The first name that is no whole number, if images are numbered although another name is one.
    pub fn odd_name(&self) -> Option<&str> {
        match &self.rule {
            IdRule::Numbered(numbered) => numbered.odd_name.as_deref(),
            _ => None,
        }
    }

    /// Calls `take` with each name of the id map and its id.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file cannot be read.
    pub fn each_in_map(&self, images: &OrderedImages, mut take: impl FnMut(&str, u64) -> Result<()>) -> Result<()> {
        let mut repeats = match &self.rule {
            IdRule::Numbered(numbered) => numbered.repeats.as_slice(),
            _ => &[],
        }
        .iter()
        .map(|repeat| repeat.place as usize)
        .peekable();
        images.each_head(0..self.named, |head| {
            if repeats.next_if_eq(&head.place).is_some() {
                return Ok(());
            }
            let name = if self.has_file_names { head.display_name.unwrap_or(head.name) } else { head.name };
            self.id(head.place, head.name).map_or(Ok(()), |id| take(name, id))
        })
    }
}

impl NumberedImages {
    fn id(&self, place: u32) -> u64 {
        let at = |place: u32| self.repeats.partition_point(|repeat| repeat.place < place);
        let repeats = at(place);
        match self.repeats.get(repeats).filter(|repeat| repeat.place == place) {
            Some(repeat) => u64::from(repeat.first) - at(repeat.first) as u64,
            None => u64::from(place) - repeats as u64,
        }
    }
}

/// What all names have in common.
#[derive(Default)]
struct Survey {
    /// The size of all names.
    bytes: usize,
    has_number: bool,
    /// The first name that is no whole number.
    first_text: Option<String>,
    /// Whether a name is not greater than the one before, as a number and as text. Otherwise no
    /// name is repeated.
    numbers_fall: bool,
    texts_fall: bool,
    last_number: Option<u64>,
    last_text: String,
}

impl Survey {
    fn of(images: &OrderedImages) -> Result<Survey> {
        let mut survey = Survey::default();
        images.each_head(0..images.named(), |head| {
            survey.add(head.name);
            Ok(())
        })?;
        Ok(survey)
    }

    fn add(&mut self, name: &str) {
        self.bytes += name.len();
        let number = whole_number(name);
        self.has_number |= number.is_some();
        if number.is_none() && self.first_text.is_none() {
            self.first_text = Some(name.to_owned());
        }
        self.numbers_fall |= number <= self.last_number;
        self.last_number = number;
        self.texts_fall |= name <= self.last_text.as_str();
        self.last_text.clear();
        self.last_text.push_str(name);
    }
}

/// The inputs of settling the images of streams.
struct Settling<'a> {
    source: &'a SplitSource,
    images: &'a OrderedImages,
}

impl Settling<'_> {
    fn ids_of_map(&self, map: NamedIdMap, duplicates: Duplicates, problems: &mut ProblemList) -> Result<IdRule> {
        let mut bytes = 0;
        self.images.each_head(0..self.images.named(), |head| {
            bytes += head.name.len();
            if map.ids.id_of(head.name).is_none() {
                let problem = Problem::new(self.path_of(head.place), map.lacks_name()).in_member(head.name);
                problems.add(AFTER_READING | head.place as u64, problem.hint_or_skip(ADD_IT));
            }
            Ok(())
        })?;
        if duplicates == Duplicates::Refuse {
            let repeats =
                find_repeated_keys(self.images, bytes, |head| Some(head.name).filter(|name| map.ids.id_of(name).is_some()))?;
            self.refuse_repeats(&repeats)?;
        }
        Ok(IdRule::Map(map))
    }

    fn ids_of_names(&self, duplicates: Duplicates, is_part: bool) -> Result<IdRule> {
        let survey = Survey::of(self.images)?;
        let are_numbers = survey.first_text.is_none();
        if are_numbers && !is_part {
            let may_repeat = survey.numbers_fall && !self.are_distinct_and_dense()?;
            if may_repeat && duplicates == Duplicates::Refuse {
                self.refuse_repeats(&self.find_repeated_numbers(survey.bytes)?)?;
            }
            return Ok(IdRule::WholeNumber);
        }
        // Numbers that rise are different texts.
        let may_repeat = survey.texts_fall && (survey.numbers_fall || !are_numbers);
        let repeats = match may_repeat {
            true => find_repeated_keys(self.images, survey.bytes, |head| Some(head.name))?,
            false => Vec::new(),
        };
        if duplicates == Duplicates::Refuse {
            self.refuse_repeats(&repeats)?;
        }
        let odd_name = survey.first_text.filter(|_| survey.has_number);
        Ok(IdRule::Numbered(NumberedImages { repeats, are_numbers, odd_name }))
    }

    fn find_repeated_numbers(&self, bytes: usize) -> Result<Vec<Repeat>> {
        find_repeated_keys(self.images, bytes, |head| Some(head.name.trim_start_matches('0')))
    }

    /// Whether each image has an id and a name for people that no other image has.
    fn has_file_names(&self, rule: &IdRule) -> Result<bool> {
        if !self.images.has_display_names() || !matches!(rule, IdRule::WholeNumber) {
            return Ok(false);
        }
        let names = find_repeated_keys(self.images, 0, |head| Some(head.display_name.unwrap_or(head.name)))?;
        Ok(names.is_empty() && self.find_repeated_numbers(0)?.is_empty())
    }

    fn are_distinct_and_dense(&self) -> Result<bool> {
        let (mut ids, mut are_distinct) = (DenseIds::of(self.images.named()), true);
        self.images.each_head(0..self.images.named(), |head| {
            are_distinct = are_distinct && whole_number(head.name).is_none_or(|id| ids.add(id));
            Ok(())
        })?;
        Ok(are_distinct)
    }

    fn refuse_repeats(&self, repeats: &[Repeat]) -> Result<()> {
        let (mut problems, mut hint) = (Vec::new(), ALLOW);
        for repeat in repeats.iter().take(Problems::SHOWN) {
            let (Some(image), Some(first)) = (self.image(repeat.place)?, self.image(repeat.first)?) else { continue };
            let is_grouped = image.name == first.name && self.source.fields.id.is_some();
            if problems.is_empty() && is_grouped {
                hint = GROUP;
            }
            let id = whole_number(&image.name).unwrap_or_default();
            problems.push(image.repeats(&first, id));
        }
        refuse(problems, repeats.len() as u64, hint)
    }

    fn image(&self, place: u32) -> Result<Option<ShownImage>> {
        let (place, mut image) = (place as usize, None);
        self.images.each_head(place..place + 1, |Head { number, name, .. }| {
            let streams = &self.source.streams;
            let input = self.images.input_of(place);
            let stream = input.and_then(|input| streams.get(streams.binary_search_by_key(&input, |stream| stream.input).ok()?));
            let line = stream.and_then(|stream| stream.file.line_or_row(number));
            image = Some(ShownImage { path: self.path_of(place).into(), name: name.into(), line });
            Ok(())
        })?;
        Ok(image)
    }

    fn path_of(&self, place: usize) -> &Path {
        let input = self.images.input_of(place).and_then(|input| self.source.inputs.get(input as usize));
        input.map_or_else(|| self.source.first_path(), |input| input.path.as_path())
    }

    fn samples(&self, ids: &StreamIds, samples: SampleReservoir) -> Result<Vec<PlacedSample>> {
        let mut placed = Vec::new();
        for (key, keywords) in samples.into_images() {
            let sample = self.images.find(RecordKey { input: key.input, number: key.number }, |head| PlacedSample {
                place: head.place,
                key,
                id: ids.id(head.place, head.name),
                name: head.name.to_owned(),
                display_name: head.display_name.map(str::to_owned),
                keywords,
            })?;
            placed.extend(sample);
        }
        Ok(placed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_share_a_number_and_numbers_have_no_gap() {
        // a b a c b d
        let repeats = vec![Repeat { place: 2, first: 0 }, Repeat { place: 4, first: 1 }];
        let numbered = NumberedImages { repeats, are_numbers: false, odd_name: None };
        assert_eq!((0..6).map(|place| numbered.id(place)).collect::<Vec<_>>(), [0, 1, 0, 2, 1, 3]);
    }

    #[test]
    fn names_that_rise_need_no_comparison() {
        let survey = |names: &[&str]| {
            let mut survey = Survey::default();
            names.iter().for_each(|name| survey.add(name));
            (survey.first_text.clone(), survey.has_number, survey.numbers_fall, survey.texts_fall)
        };
        assert_eq!(survey(&["8", "9", "10"]), (None, true, false, true));
        assert_eq!(survey(&["7", "007"]), (None, true, true, true));
        assert_eq!(survey(&["1", "a", "b"]), (Some("a".into()), true, true, false));
        assert!(survey(&["b", "a"]).3);
        assert!(survey(&["a", "a"]).3);
    }
}
