//! The ids of images that have names: whole numbers, those of an id map, or their own order.

use std::path::Path;

use keyword_files::records::MemberNames;

use super::image::{Repeat, whole_number};
use super::repeats::{ALLOW, GROUP, PATHS, ShownImage, find_repeated_keys, refuse};
use super::split_source::SplitSource;
use crate::error::{Problems, Result};
use crate::inputs::id_map::IdMap;
use crate::policy::Duplicates;
use crate::word_store::{Head, RecordKey, WordStore};

/// What the ids of images depend on, in addition to their names.
pub(crate) struct IdOptions {
    pub map: Option<NamedIdMap>,
    pub duplicates: Duplicates,
    /// Whether the images are part of a larger set. They are then always numbered.
    pub is_part: bool,
}

impl IdOptions {
    /// Whether an image of this name can have an id.
    pub fn has_id(&self, name: &str) -> bool {
        self.map.as_ref().is_none_or(|map| map.ids.id_of(name).is_some())
    }
}

/// An id map and its file name.
pub(crate) struct NamedIdMap {
    pub ids: IdMap,
    pub file: String,
}

impl NamedIdMap {
    pub(super) fn lacks_name(&self) -> String {
        format!("not in the id map {}", self.file)
    }
}

/// The ids of images whose names are in the store of the words.
pub(crate) struct ImageIds {
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

impl ImageIds {
    /// The ids of images.
    ///
    /// # Errors
    ///
    /// Two images have the same name or number, or a temporary file cannot be written or read.
    pub(super) fn of(source: &SplitSource, images: &WordStore, scratch: &Path, options: IdOptions) -> Result<ImageIds> {
        let naming = Naming { source, images, scratch, survey: Survey::of(images)?, duplicates: options.duplicates };
        let rule = match options.map {
            Some(map) => naming.ids_of_map(map)?,
            None => naming.ids_of_names(options.is_part)?,
        };
        let has_file_names = naming.has_file_names(&rule)?;
        Ok(ImageIds { rule, has_file_names, named: images.named(), len: images.images() })
    }

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
    pub fn each_in_map(&self, store: &WordStore, mut take: impl FnMut(&str, u64) -> Result<()>) -> Result<()> {
        let mut repeats = match &self.rule {
            IdRule::Numbered(numbered) => numbered.repeats.as_slice(),
            _ => &[],
        }
        .iter()
        .map(|repeat| repeat.place as usize)
        .peekable();
        store.each_head(0..self.named, |head| {
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
    fn of(images: &WordStore) -> Result<Survey> {
        let mut survey = Survey::default();
        images.each_head(0..images.named(), |head| {
            survey.add(head.name);
            Ok(())
        })?;
        Ok(survey)
    }

    fn add(&mut self, name: &str) {
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

/// What the ids of images are chosen by.
struct Naming<'a> {
    source: &'a SplitSource,
    images: &'a WordStore,
    /// The folder of temporary files.
    scratch: &'a Path,
    survey: Survey,
    duplicates: Duplicates,
}

impl Naming<'_> {
    fn ids_of_map(&self, map: NamedIdMap) -> Result<IdRule> {
        if self.duplicates == Duplicates::Refuse && self.survey.texts_fall {
            let has_id = |name: &&str| map.ids.id_of(name).is_some();
            self.refuse_repeats(|head| Some(head.name).filter(has_id))?;
        }
        Ok(IdRule::Map(map))
    }

    fn ids_of_names(&self, is_part: bool) -> Result<IdRule> {
        let Survey { has_number, first_text, numbers_fall, texts_fall, .. } = &self.survey;
        let are_numbers = first_text.is_none();
        if are_numbers && !is_part {
            if *numbers_fall && self.duplicates == Duplicates::Refuse {
                self.refuse_repeats(number_text)?;
            }
            return Ok(IdRule::WholeNumber);
        }
        // Numbers that rise are different texts.
        let may_repeat = *texts_fall && (*numbers_fall || !are_numbers);
        let repeats = match may_repeat {
            true => find_repeated_keys(self.images, self.scratch, |head| Some(head.name))?,
            false => Vec::new(),
        };
        if self.duplicates == Duplicates::Refuse && !repeats.is_empty() {
            self.refuse_repeats(|head| Some(head.name))?;
        }
        let odd_name = first_text.clone().filter(|_| *has_number);
        Ok(IdRule::Numbered(NumberedImages { repeats, are_numbers, odd_name }))
    }

    /// Whether each image has an id and a name for people that no other image has.
    fn has_file_names(&self, rule: &IdRule) -> Result<bool> {
        if !self.images.has_display_names() || !matches!(rule, IdRule::WholeNumber) {
            return Ok(false);
        }
        let names = find_repeated_keys(self.images, self.scratch, |head| Some(head.display_name.unwrap_or(head.name)))?;
        let ids_differ = !self.survey.numbers_fall || find_repeated_keys(self.images, self.scratch, number_text)?.is_empty();
        Ok(names.is_empty() && ids_differ)
    }

    /// Refuses images with the same key: they cannot be told apart. An image that is only in the
    /// list has a problem already.
    fn refuse_repeats(&self, key: impl for<'h> Fn(Head<'h>) -> Option<&'h str>) -> Result<()> {
        let repeats = find_repeated_keys(self.images, self.scratch, |head| key(head).filter(|_| head.key.is_some()))?;
        let (mut repeats, mut problems, mut hint) = (repeats.iter(), Vec::new(), ALLOW);
        for repeat in repeats.by_ref().take(Problems::SHOWN) {
            let (Some(image), Some(first)) = (self.image(repeat.place)?, self.image(repeat.first)?) else { continue };
            if problems.is_empty() && image.shown.name == first.shown.name {
                hint = self.hint(image.input, first.input);
            }
            let (image, first) = (image.shown, first.shown);
            let id = whole_number(&image.name).unwrap_or_default();
            problems.push(image.repeats(&first, id));
        }
        let total = problems.len() + repeats.count();
        refuse(problems, total as u64, hint)
    }

    /// What to do about two images with the same name.
    fn hint(&self, input: u32, first: u32) -> &'static str {
        let stream = self.source.stream_of_input(input);
        let has_members = stream.is_none_or(|stream| stream.file.has_members());
        let has_paths = stream.is_some_and(|stream| stream.file.options().names == MemberNames::Path);
        match has_members {
            false if self.source.fields.id.is_some() => GROUP,
            true if input == first && !has_paths => PATHS,
            _ => ALLOW,
        }
    }

    fn image(&self, place: u32) -> Result<Option<RepeatedImage>> {
        let (place, mut image) = (place as usize, None);
        self.images.each_head(place..place + 1, |head| {
            image = head.key.map(|RecordKey { input, number }| {
                let stream = self.source.stream_of_input(input);
                let line = stream.and_then(|stream| stream.file.line_or_row(number));
                let path = self.source.path_of_input(Some(input)).into();
                RepeatedImage { input, shown: ShownImage { path, name: head.name.into(), line } }
            });
            Ok(())
        })?;
        Ok(image)
    }
}

/// An image, and the number of its input.
struct RepeatedImage {
    input: u32,
    shown: ShownImage,
}

/// A number without zeros at its start.
fn number_text(head: Head<'_>) -> Option<&str> {
    Some(head.name.trim_start_matches('0'))
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
