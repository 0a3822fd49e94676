//! A list of image names as what chooses and orders the images of a set.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::near_names::NameForms;
use crate::error::{Problem, Result};
use crate::inputs::list_file::ListedName;
use crate::inputs::long_list::LongList;
use crate::policy::Duplicates;
use crate::word_store::ListedNames;

/// The names of a list with their places in it. A name takes 7 to 13 bytes, and its text if the list
/// is short.
pub(crate) struct ListIndex {
    list: LongList,
    forms: NameForms,
    /// The first place of each name, by the hash of the name.
    first: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The first place of a name that is listed again, and the other: sorted by both, and by the
    /// other.
    again: Vec<(u32, u32)>,
    again_by_place: Vec<(u32, u32)>,
}

impl ListIndex {
    pub fn new(list: LongList) -> Result<ListIndex> {
        let (hasher, mut forms) = (DefaultHashBuilder::default(), NameForms::default());
        let (mut first, mut again) = (HashTable::with_capacity(list.len() as usize), Vec::new());
        let mut place = 0;
        list.each(&mut |name| {
            forms.add(name);
            let hash = hasher.hash_one(name);
            match first.find(hash, |&place| is_name(&list, place, name)) {
                Some(&first) => again.push((first, place)),
                None => drop(first.insert_unique(hash, place, |&place| {
                    list.with_name(place, |listed| hasher.hash_one(listed.name)).unwrap_or_default()
                })),
            }
            place += 1;
        })?;
        list.check_read()?;
        let again_by_place = again.clone();
        again.sort_unstable();
        Ok(ListIndex { list, forms, first, hasher, again, again_by_place })
    }

    /// Checks that all names could be read.
    ///
    /// # Errors
    ///
    /// A name could not be read.
    pub fn check_read(&self) -> Result<()> {
        self.list.check_read()
    }

    /// A problem with the name at a place.
    pub fn problem(&self, place: u32, what: String) -> Option<Problem> {
        self.list.with_name(place, |listed| self.list.problem(listed, what))
    }

    /// The places at which the name at `first` is listed again.
    pub fn further_places(&self, first: u32) -> impl Iterator<Item = u32> {
        let start = self.again.partition_point(|&(again, _)| again < first);
        let again = self.again.get(start..).unwrap_or_default().iter().take_while(move |&&(again, _)| again == first);
        again.map(|&(_, place)| place)
    }

    /// The places of listed names that are nearly the name of an image, which is not listed.
    pub fn places_near(&self, name: &str) -> Vec<u32> {
        self.forms.variants(name).iter().filter_map(|variant| self.first_place(variant)).collect()
    }

    /// The first place of a name.
    pub fn first_place(&self, name: &str) -> Option<u32> {
        self.first.find(self.hasher.hash_one(name), |&place| is_name(&self.list, place, name)).copied()
    }

    /// The problem of a listed name for which no image was found. `explain` makes the problem if
    /// the name is in no input.
    pub fn problem_at(
        &self,
        place: u32,
        duplicates: Duplicates,
        explain: impl FnOnce(ListedName<'_>, &LongList) -> Problem,
    ) -> Option<Problem> {
        let first = self.again_by_place.binary_search_by_key(&place, |&(_, again)| again).ok();
        let first = first.and_then(|at| self.again_by_place.get(at));
        if let Some(&(first, _)) = first.filter(|_| duplicates == Duplicates::Refuse) {
            let line = self.list.with_name(first, |listed| listed.line)?;
            let what = format!("the image is already listed on line {line}; --duplicates allow encodes it twice");
            return self.problem(place, what);
        }
        self.list.with_name(place, |listed| explain(listed, &self.list))
    }
}

fn is_name(list: &LongList, place: u32, name: &str) -> bool {
    list.with_name(place, |listed| listed.name == name).unwrap_or_default()
}

impl ListedNames for ListIndex {
    fn name_at(&self, listed: u32) -> String {
        self.list.with_name(listed, |listed| listed.name.to_owned()).unwrap_or_default()
    }

    fn len(&self) -> u32 {
        self.list.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "\n b \r\na\n\n\nb\nc\nb").unwrap();
        let list = ListIndex::new(LongList::read(file.path()).unwrap()).unwrap();
        assert_eq!(["b", "a", "c", "d"].map(|name| list.first_place(name)), [Some(0), Some(1), Some(3), None]);
        assert_eq!([0, 1, 3].map(|first| list.further_places(first).collect::<Vec<u32>>()), [vec![2, 4], vec![], vec![]]);
    }
}
