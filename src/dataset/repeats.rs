//! Images that have the same name or number as an image before them.

use std::hash::BuildHasher;
use std::path::PathBuf;

use count_vectorizer::StringTable;
use hashbrown::DefaultHashBuilder;

use super::image::Repeat;
use crate::error::{Problem, Problems, Result, shown_path};
use crate::word_store::{Head, WordStore};

/// The memory for names that are compared with each other, and for each name in addition to its
/// bytes.
const TABLE_BYTES: usize = 32 << 20;
const NAME_BYTES: usize = 32;
/// The most passes over the images. So the time stays in proportion to the number of images.
const MOST_PASSES: u64 = 16;

/// Finds the images whose key occurs before, in order. `bytes` is the size of all names.
///
/// The names wait on the disk. A pass over them compares those with the same hash modulo the
/// number of passes, so that only a part of the names is in memory.
///
/// # Errors
///
/// The temporary file cannot be read.
pub(super) fn find_repeated_keys(
    images: &WordStore,
    bytes: usize,
    key: impl for<'h> Fn(Head<'h>) -> Option<&'h str>,
) -> Result<Vec<Repeat>> {
    let memory = bytes.saturating_add(images.named().saturating_mul(NAME_BYTES));
    find_in_passes(images, (memory.div_ceil(TABLE_BYTES) as u64).clamp(1, MOST_PASSES), key)
}

fn find_in_passes(images: &WordStore, passes: u64, key: impl for<'h> Fn(Head<'h>) -> Option<&'h str>) -> Result<Vec<Repeat>> {
    let (hasher, mut repeats) = (DefaultHashBuilder::default(), Vec::new());
    for pass in 0..passes {
        let (mut keys, mut first_places) = (StringTable::default(), Vec::new());
        images.each_head(0..images.named(), |head| {
            let Some(key) = key(head).filter(|key| passes == 1 || hasher.hash_one(key) % passes == pass) else {
                return Ok(());
            };
            let place = head.place as u32;
            match keys.insert(key) {
                (_, true) => first_places.push(place),
                (number, false) => {
                    let first = first_places.get(number as usize).copied().unwrap_or(place);
                    repeats.push(Repeat { place, first });
                }
            }
            Ok(())
        })?;
    }
    repeats.sort_unstable();
    Ok(repeats)
}

/// An image as messages about repeated names show it.
#[derive(Debug, Clone)]
pub(super) struct ShownImage {
    pub path: PathBuf,
    pub name: String,
    /// The line or row of its record, if it has one.
    pub line: Option<String>,
}

impl ShownImage {
    /// The problem that an image has the name or number of the image `first`.
    pub fn repeats(self, first: &ShownImage, id: u64) -> Problem {
        let file = shown_path(&first.path);
        let place = first.line.as_ref().map_or_else(|| format!("in {file}"), |line| format!("at {line} of {file}"));
        let what = match self.name == first.name {
            true => format!("the name is already used {place}"),
            false => format!("its number {id} is already used by '{}' {place}", first.name),
        };
        let problem = Problem::new(self.path, what).in_member(self.name);
        self.line.into_iter().fold(problem, Problem::at)
    }
}

/// The error that images have the same name or number, unless there are none. `first` are the first
/// problems of `total`.
///
/// # Errors
///
/// There is a problem.
pub(crate) fn refuse(first: Vec<Problem>, total: u64, hint: &'static str) -> Result<()> {
    match (first.as_slice(), total) {
        ([], _) => Ok(()),
        ([one], 1) => Err(one.clone().hint(hint).into()),
        _ => Err(Problems::new(first, total).hint(hint).into()),
    }
}

pub(super) const ALLOW: &str = "--duplicates allow encodes each";

/// The hint if two records have the same name.
pub(super) const GROUP: &str = "--group joins them into one image, --duplicates allow encodes each";

/// The hint if two members of an input have the same name.
pub(super) const PATHS: &str = "--names path adds the folders to the names, --duplicates allow encodes each";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word_store::{ImageBatch, OrderedImages, StoredImage};

    #[test]
    fn repeated_names_are_found_in_any_number_of_passes() {
        let names: Vec<String> = (0..3000_u32).map(|number| format!("{}", number % 1000 * (number / 2000 + 1))).collect();
        let mut expected = Vec::new();
        let mut seen = std::collections::HashMap::new();
        for (name, place) in names.iter().zip(0..) {
            let first = *seen.entry(name).or_insert(place);
            expected.extend((first < place).then_some(Repeat { place, first }));
        }
        let folder = tempfile::tempdir().unwrap();
        let mut images = OrderedImages::new(folder.path());
        for (part, number) in names.chunks(700).zip((0..).step_by(700)) {
            let mut batch = ImageBatch::default();
            for (name, number) in part.iter().zip(number..) {
                batch.push(0, StoredImage { number, listed: None, name, second_name: None, words: Some(0) });
            }
            images.add(0, batch.pack()).unwrap();
        }
        images.sort();
        let images = WordStore::Ordered(images);
        assert!(expected.len() > 1000);
        for passes in [1, 2, 16] {
            assert_eq!(find_in_passes(&images, passes, |head| Some(head.name)).unwrap(), expected);
        }
        let short: Vec<Repeat> = expected.into_iter().filter(|repeat| names[repeat.place as usize].len() < 3).collect();
        assert_eq!(find_in_passes(&images, 3, |head| Some(head.name).filter(|name| name.len() < 3)).unwrap(), short);
    }
}
