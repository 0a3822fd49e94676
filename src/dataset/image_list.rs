//! A list of image names as what chooses and orders the images of a set.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::image::place;
use super::near_names::NameForms;
use crate::error::{Problem, Result};
use crate::inputs::list_file::{ListFile, ListedName};
use crate::policy::Duplicates;
use crate::word_store::ListedNames;

/// The names of a list with their places in it. A name takes its text and about 15 bytes.
pub(crate) struct ListIndex {
    file: ListFile,
    forms: NameForms,
    /// The byte of the file at which the name of each place starts.
    starts: Vec<u32>,
    /// The first place of each name, by the hash of the name.
    first: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The first place of a name that is listed again, and the other: sorted by both, and by the
    /// other.
    again: Vec<(u32, u32)>,
    again_by_place: Vec<(u32, u32)>,
    /// For each blank line, the place of the next name.
    blank_lines: Vec<u32>,
}

impl ListIndex {
    pub fn new(file: ListFile) -> Result<ListIndex> {
        let count = file.names().count();
        place(count, file.path())?;
        let (hasher, mut forms) = (DefaultHashBuilder::default(), NameForms::default());
        let (mut starts, mut first, mut again) = (Vec::with_capacity(count), HashTable::with_capacity(count), Vec::new());
        let mut blank_lines = Vec::new();
        for (place, listed) in (0..).zip(file.names()) {
            forms.add(listed.name);
            let named_lines = u64::from(place) + blank_lines.len() as u64 + 1;
            blank_lines.extend((named_lines..listed.line).map(|_| place));
            starts.push(file.start_of(listed.name));
            let name_at = |place: &u32| starts.get(*place as usize).map_or("", |&start| file.name_from(start));
            let hash = hasher.hash_one(listed.name);
            match first.find(hash, |place| name_at(place) == listed.name) {
                Some(&first) => again.push((first, place)),
                None => drop(first.insert_unique(hash, place, |place| hasher.hash_one(name_at(place)))),
            }
        }
        let again_by_place = again.clone();
        again.sort_unstable();
        Ok(ListIndex { file, forms, starts, first, hasher, again, again_by_place, blank_lines })
    }

    /// A problem with the name at a place.
    pub fn problem(&self, place: u32, what: String) -> Option<Problem> {
        Some(self.file.problem(self.listed(place)?, what))
    }

    /// The places of an image.
    pub fn places_of<'s>(&'s self, name: &str, duplicates: Duplicates) -> impl Iterator<Item = u32> + use<'s> {
        let first = self.first_place(name);
        let start = self.again.partition_point(|&(again, _)| Some(again) < first);
        let again = self.again.get(start..).unwrap_or_default().iter().take_while(move |&&(again, _)| Some(again) == first);
        let again = again.filter(move |_| duplicates == Duplicates::Allow);
        first.into_iter().chain(again.map(|&(_, place)| place))
    }

    /// The places of listed names that are nearly the name of an image, which is not listed.
    pub fn places_near(&self, name: &str) -> Vec<u32> {
        self.forms.variants(name).iter().filter_map(|variant| self.first_place(variant)).collect()
    }

    fn first_place(&self, name: &str) -> Option<u32> {
        self.first.find(self.hasher.hash_one(name), |&place| self.name(place) == Some(name)).copied()
    }

    fn listed(&self, place: u32) -> Option<ListedName<'_>> {
        let blank_lines = self.blank_lines.partition_point(|&next| next <= place);
        Some(ListedName { name: self.name(place)?, line: u64::from(place) + blank_lines as u64 + 1 })
    }

    /// The name at a place.
    fn name(&self, place: u32) -> Option<&str> {
        self.starts.get(place as usize).map(|&start| self.file.name_from(start))
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
        let first = self.again_by_place.binary_search_by_key(&place, |&(_, again)| again).ok();
        let first = first.and_then(|at| self.again_by_place.get(at));
        if let Some(&(first, _)) = first.filter(|_| duplicates == Duplicates::Refuse) {
            let before = self.listed(first)?;
            let what = format!("the image is already listed on line {}; --duplicates allow encodes it twice", before.line);
            return Some(self.file.problem(listed, what));
        }
        Some(explain(listed, &self.file))
    }
}

impl ListedNames for ListIndex {
    fn name_at(&self, listed: u32) -> &str {
        self.name(listed).unwrap_or_default()
    }

    fn len(&self) -> u32 {
        self.starts.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn names_are_found_by_place_and_places_by_name() {
        let file = ListFile::parse(Path::new("a.lst"), b"\n b \r\na\n\n\nb\nc\nb".to_vec()).unwrap();
        let list = ListIndex::new(file).unwrap();
        let listed = (0..6).map(|place| list.listed(place).map(|listed| (listed.name, listed.line)));
        let expected = [Some(("b", 2)), Some(("a", 3)), Some(("b", 6)), Some(("c", 7)), Some(("b", 8)), None];
        assert_eq!(listed.collect::<Vec<_>>(), expected);
        let places = |name, duplicates| list.places_of(name, duplicates).collect::<Vec<u32>>();
        assert_eq!(["b", "c", "d"].map(|name| places(name, Duplicates::Allow)), [vec![0, 2, 4], vec![3], vec![]]);
        assert_eq!(places("b", Duplicates::Refuse), [0]);
    }
}
