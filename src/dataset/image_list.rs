//! A list of image names as what chooses and orders the images of a set.

use super::image::place;
use super::near_names::NameForms;
use crate::error::{Problem, Result};
use crate::inputs::list_file::{ListFile, ListedName};
use crate::policy::Duplicates;
use count_vectorizer::StringTable;

/// The names of a list with their places in it.
pub(crate) struct ListIndex {
    file: ListFile,
    names: StringTable,
    forms: NameForms,
    /// The place of each name, by the name's number.
    first: Vec<u32>,
    /// The number of a name that is listed again, and its place: sorted by number, and the same by
    /// place.
    again: Vec<(u32, u32)>,
    again_by_place: Vec<(u32, u32)>,
    /// The line of each place.
    lines: Vec<u64>,
}

impl ListIndex {
    pub fn new(file: ListFile) -> Result<ListIndex> {
        let (mut names, mut first, mut again, mut lines) = (StringTable::default(), Vec::new(), Vec::new(), Vec::new());
        let mut forms = NameForms::default();
        for (at, listed) in file.names().enumerate() {
            let place = place(at, file.path())?;
            forms.add(listed.name);
            match names.insert(listed.name) {
                (_, true) => first.push(place),
                (number, false) => again.push((number, place)),
            }
            lines.push(listed.line);
        }
        let again_by_place = again.clone();
        again.sort_unstable();
        Ok(ListIndex { file, names, forms, first, again, again_by_place, lines })
    }

    /// The number of names, including repeats.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// A problem with the name at a place.
    pub fn problem(&self, place: u32, what: String) -> Option<Problem> {
        Some(self.file.problem(self.listed(place)?, what))
    }

    /// The places of an image.
    pub fn places_of(&self, name: &str, duplicates: Duplicates) -> impl Iterator<Item = u32> + '_ {
        let number = self.names.find(name);
        let first = number.and_then(|number| self.first.get(number as usize)).copied();
        let start = self.again.partition_point(|&(again, _)| Some(again) < number);
        let again = self.again.get(start..).unwrap_or_default().iter().take_while(move |&&(again, _)| Some(again) == number);
        let again = again.filter(move |_| duplicates == Duplicates::Allow && number.is_some());
        first.into_iter().chain(again.map(|&(_, place)| place))
    }

    /// The places of listed names that are nearly the name of an image. None if the name is listed.
    pub fn places_near(&self, name: &str) -> Vec<u32> {
        if self.names.find(name).is_some() {
            return Vec::new();
        }
        let variants = self.forms.variants(name).into_iter();
        let numbers = variants.filter_map(|variant| self.names.find(&variant));
        numbers.filter_map(|number| self.first.get(number as usize).copied()).collect()
    }

    fn listed(&self, place: u32) -> Option<ListedName<'_>> {
        Some(ListedName { name: self.name_at(place)?, line: *self.lines.get(place as usize)? })
    }

    /// The name at a place.
    pub fn name_at(&self, place: u32) -> Option<&str> {
        let number = match self.first.binary_search(&place) {
            Ok(number) => number as u32,
            Err(_) => {
                let at = self.again_by_place.binary_search_by_key(&place, |&(_, again)| again).ok()?;
                self.again_by_place.get(at)?.0
            }
        };
        self.names.get(number)
    }

    /// The problem of a listed name for which no image was found. `explain` makes the problem if
    /// the name is in no input.
    pub fn problem_at(
        &self,
        place: u32,
        duplicates: Duplicates,
        explain: impl FnOnce(ListedName<'_>, &ListFile) -> Problem,
    ) -> Option<Problem> {
        let listed = self.listed(place)?;
        if duplicates == Duplicates::Refuse && self.first.binary_search(&place).is_err() {
            let number = self.names.find(listed.name)?;
            let before = self.listed(*self.first.get(number as usize)?)?;
            let what = format!("the image is already listed on line {}; --duplicates allow encodes it twice", before.line);
            return Some(self.file.problem(listed, what));
        }
        Some(explain(listed, &self.file))
    }
}
