//! Images that have the same name or number as an image before them.

use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use count_vectorizer::StringTable;
use hashbrown::DefaultHashBuilder;

use super::image::Repeat;
use crate::error::{Problem, Problems, Result, shown_path};
use crate::row_sorter::RowSorter;
use crate::word_store::{Head, WordStore};

/// The memory for names that are compared with each other, and for each name in addition to its
/// bytes.
const TABLE_BYTES: usize = 32 << 20;
const NAME_BYTES: usize = 32;
/// The most passes over the images. So the time stays in proportion to the number of images.
const MOST_PASSES: u64 = 16;

/// Finds the images whose key occurs before, in order.
///
/// The names wait on the disk. The hashes of their keys are sorted, so that only keys whose hash
/// occurs twice are compared. `scratch` is the folder of temporary files.
///
/// # Errors
///
/// A temporary file cannot be written or read.
pub(super) fn find_repeated_keys(
    images: &WordStore,
    scratch: &Path,
    key: impl for<'h> Fn(Head<'h>) -> Option<&'h str>,
) -> Result<Vec<Repeat>> {
    let comparison = Comparison { images, hasher: DefaultHashBuilder::default(), key };
    let (repeated, bytes) = comparison.repeated_hashes(RowSorter::new(scratch))?;
    let passes = (bytes.div_ceil(TABLE_BYTES) as u64).min(MOST_PASSES);
    comparison.compare(&repeated, passes)
}

/// Images whose keys are compared.
struct Comparison<'a, K> {
    images: &'a WordStore,
    hasher: DefaultHashBuilder,
    key: K,
}

impl<K: for<'h> Fn(Head<'h>) -> Option<&'h str>> Comparison<'_, K> {
    /// Calls `take` with each key, its hash and its place.
    fn each_key(&self, mut take: impl FnMut(&str, u64, u32) -> Result<()>) -> Result<()> {
        self.images.each_head(0..self.images.named(), |head| {
            let key = (self.key)(head);
            key.map_or(Ok(()), |key| take(key, self.hasher.hash_one(key), head.place as u32))
        })
    }

    /// The hashes that occur more than once, in order, and an estimate of the memory for their keys.
    fn repeated_hashes(&self, mut hashes: RowSorter<u64>) -> Result<(Vec<u64>, usize)> {
        let (mut bytes, mut count) = (0, 0);
        self.each_key(|key, hash, _| {
            bytes += key.len() + NAME_BYTES;
            count += 1;
            hashes.push(hash)
        })?;
        let (mut hashes, mut last, mut repeated) = (hashes.sorted()?, None, Vec::new());
        while let Some(hash) = hashes.next_row()? {
            if last == Some(hash) && repeated.last() != last.as_ref() {
                repeated.push(hash);
            }
            last = Some(hash);
        }
        let bytes = (bytes / count.max(1)).saturating_mul(repeated.len());
        Ok((repeated, bytes))
    }

    /// The images whose key occurs before. A pass over the images compares the keys that have the
    /// same hash modulo the number of passes, so that only a part of them is in memory.
    fn compare(&self, repeated: &[u64], passes: u64) -> Result<Vec<Repeat>> {
        let mut repeats = Vec::new();
        for pass in 0..passes {
            let (mut keys, mut first_places) = (StringTable::default(), Vec::new());
            self.each_key(|key, hash, place| {
                if hash % passes != pass || repeated.binary_search(&hash).is_err() {
                    return Ok(());
                }
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
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::word_store::{ImageBatch, OrderedImages, StoredImage};

    fn name_of(head: Head<'_>) -> Option<&str> {
        Some(head.name)
    }

    #[test]
    fn repeated_names_are_found_in_any_number_of_passes() {
        let names: Vec<String> = (0..3000_u32).map(|number| format!("{}", number % 1000 * (number / 2000 + 1))).collect();
        let mut expected = Vec::new();
        let mut seen = HashMap::new();
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
        assert_eq!(find_repeated_keys(&images, folder.path(), name_of).unwrap(), expected);
        let (images, hasher) = (&images, DefaultHashBuilder::default());
        let comparison = Comparison { images, hasher, key: name_of };
        let (repeated, bytes) = comparison.repeated_hashes(RowSorter::new(folder.path())).unwrap();
        let different: HashSet<&str> = expected.iter().map(|repeat| names[repeat.place as usize].as_str()).collect();
        assert_eq!(repeated.len(), different.len());
        assert!((34..=36).contains(&(bytes / repeated.len())), "{bytes}");
        for passes in [1, 2, 16] {
            assert_eq!(comparison.compare(&repeated, passes).unwrap(), expected);
        }
        let short: Vec<Repeat> = expected.into_iter().filter(|repeat| names[repeat.place as usize].len() < 3).collect();
        assert_eq!(find_repeated_keys(images, folder.path(), |head| name_of(head).filter(|name| name.len() < 3)).unwrap(), short);
    }
}
