//! Refuses an image that occurs twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use keyword_files::npy::sha256;

use super::images::{ImageColumns, each_image};
use super::merge::MergeContext;
use super::plan::PlanPart;
use crate::dataset::image::whole_number;
use crate::dataset::repeats::refuse;
use crate::error::{Problem, Problems, Result, shown};
use crate::files::names;
use crate::parallel::{in_parallel, lock};
use crate::policy::Duplicates;
use crate::row_sorter::RowSorter;

/// The images of all parts.
pub(super) struct AllImages<'a> {
    pub parts: &'a [PlanPart],
    /// The images file of each part.
    pub files: Vec<PathBuf>,
    pub names: ComparedNames,
    /// Whether the names are ids.
    pub are_ids: bool,
    pub duplicates: Duplicates,
}

/// The names that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ComparedNames {
    /// Those that the ids depend on.
    Own,
    /// Those for people.
    Display,
}

/// Groups of images that are looked at by name. Groups that are not real cannot fill them:
/// see [`hash`].
const MOST_GROUPS: usize = 1000;

/// The first bytes of the SHA-256 of a name. Names are untrusted. With a hash that is easy to
/// invert, made names could hide images that occur twice.
fn hash(name: &str) -> u64 {
    let digest = sha256::of_bytes(name.as_bytes()).sha256;
    digest.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// Images with the same id, or with the same hash of their names, in order.
type EqualImages = Vec<ImagePlace>;

/// An image: the place of its part, and its place in the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ImagePlace {
    part: usize,
    place: u64,
}

impl AllImages<'_> {
    /// Refuses an image that occurs twice. If duplicates are allowed, an image may occur twice in
    /// one part, and numbered images must not occur in two parts.
    ///
    /// # Errors
    ///
    /// The first images that occur twice, with both parts.
    pub fn refuse_repeated(&self, context: MergeContext<'_>) -> Result<()> {
        if self.duplicates == Duplicates::Allow && self.are_ids {
            return Ok(());
        }
        let (mut groups, total) = self.find_groups(context)?;
        if groups.is_empty() {
            return Ok(());
        }
        let groups_found = groups.len();
        let names = self.names_of(&groups)?;
        let name = |image: &ImagePlace| names.get(image).map(String::as_str).unwrap_or_default();
        if !self.are_ids {
            groups = groups.iter().flat_map(|group| by_name(group, &name)).collect();
        }
        let mut repeats: Vec<(ImagePlace, ImagePlace)> = Vec::new();
        for group in &groups {
            let Some((first, others)) = group.split_first() else { continue };
            let is_refused = |image: &&ImagePlace| self.duplicates == Duplicates::Refuse || image.part != first.part;
            repeats.extend(others.iter().filter(is_refused).map(|image| (*image, *first)));
        }
        repeats.sort_unstable();
        let problem = |(image, first): &(ImagePlace, ImagePlace)| self.problem(*image, *first, (name(image), name(first)));
        let shown: Vec<Problem> = repeats.iter().take(Problems::SHOWN).map(problem).collect();
        let are_all_known = groups_found < MOST_GROUPS;
        let total = if are_all_known { repeats.len() as u64 } else { total };
        let are_in_one_part = repeats.iter().all(|(image, first)| image.part == first.part);
        let hint = match self.are_ids || are_in_one_part {
            true => "remove one of them, or count all parts with --duplicates allow",
            false => "images are numbered by name; remove one of them, or count both shards as one part with --duplicates allow",
        };
        refuse(shown, total, hint)
    }

    /// Whether no image occurs twice.
    ///
    /// # Errors
    ///
    /// A part cannot be read.
    pub fn are_distinct(&self, context: MergeContext<'_>) -> Result<bool> {
        Ok(self.find_groups(context)?.0.is_empty())
    }

    /// The first groups, and the number of images in all groups that are not the first of theirs.
    fn find_groups(&self, context: MergeContext<'_>) -> Result<(Vec<EqualImages>, u64)> {
        let sorter = Mutex::new(RowSorter::new(context.scratch));
        let places: Vec<usize> = (0..self.parts.len()).collect();
        let add = |part: &usize| {
            context.progress.stop_if_cancelled()?;
            let mut keys = Vec::new();
            self.each_name(*part, &mut |place, name| {
                let number = || whole_number(name).unwrap_or(u64::MAX);
                let key = if self.are_ids { number() } else { hash(name) };
                keys.push([key, *part as u64, place]);
            })?;
            let mut sorter = lock(&sorter);
            keys.into_iter().try_for_each(|key| sorter.push(key))
        };
        in_parallel(&places, context.jobs, add).into_iter().collect::<Result<()>>()?;
        let sorter = sorter.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut sorted = sorter.sorted()?;
        let (mut groups, mut total): (Vec<EqualImages>, u64) = (Vec::new(), 0);
        let mut last: Option<(u64, ImagePlace)> = None;
        let mut is_group = false;
        while let Some([key, part, place]) = sorted.next_row()? {
            let image = ImagePlace { part: part as usize, place };
            // In one part, images may occur twice if that is allowed.
            let is_refused = |before: ImagePlace| self.duplicates == Duplicates::Refuse || before.part != image.part;
            match last.filter(|(last, before)| *last == key && is_refused(*before)) {
                Some((_, before)) => {
                    total += 1;
                    if !is_group && groups.len() < MOST_GROUPS {
                        groups.push(vec![before]);
                    }
                    is_group = true;
                    if let Some(group) = groups.last_mut().filter(|group| group.contains(&before) && group.len() < MOST_GROUPS) {
                        group.push(image);
                    }
                }
                None => is_group = false,
            }
            last = Some((key, image));
        }
        Ok((groups, total))
    }

    /// Hands the place and the name of each image with a name to `visit`.
    fn each_name(&self, part: usize, visit: &mut dyn FnMut(u64, &str)) -> Result<()> {
        let (Some(of), Some(file)) = (self.parts.get(part), self.files.get(part)) else { return Ok(()) };
        let mut place = 0;
        each_image(file, ImageColumns::Names, &mut |image| {
            let display_name = image.display_name.filter(|_| self.names == ComparedNames::Display);
            if let Some(name) = image.name {
                visit(place, display_name.unwrap_or(&of.name(name)));
            }
            place += 1;
            Ok(())
        })
    }

    /// The names of the images of some groups.
    fn names_of(&self, groups: &[EqualImages]) -> Result<BTreeMap<ImagePlace, String>> {
        let mut wanted: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
        for image in groups.iter().flatten() {
            wanted.entry(image.part).or_default().insert(image.place);
        }
        let mut names = BTreeMap::new();
        for (part, places) in wanted {
            self.each_name(part, &mut |place, name| {
                if places.contains(&place) {
                    names.insert(ImagePlace { part, place }, name.to_owned());
                }
            })?;
        }
        Ok(names)
    }

    fn problem(&self, image: ImagePlace, first: ImagePlace, (name, first_name): (&str, &str)) -> Problem {
        let part = |image: ImagePlace| self.parts.get(image.part).map_or(0, |part| part.part);
        let file = self.files.get(image.part).and_then(|file| file.parent()).unwrap_or(std::path::Path::new(""));
        let place = format!("part {}", names::part(part(first)));
        let what = match name == first_name {
            true => format!("an image of that name is in {place} too"),
            false => format!("has the same number as '{}' in {place}", shown(first_name)),
        };
        Problem::new(file, what).in_member(name)
    }
}

/// The images of a group that really have the same name.
fn by_name<'n>(group: &EqualImages, name: &impl Fn(&ImagePlace) -> &'n str) -> Vec<EqualImages> {
    let mut groups: BTreeMap<&str, EqualImages> = BTreeMap::new();
    for image in group {
        groups.entry(name(image)).or_default().push(*image);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}
