//! The first keywords of a few images of a split, for a person to look at.

use std::collections::BTreeMap;

use keyword_files::json::{KeywordField, KeywordSink, read_keywords};
use serde::{Deserialize, Serialize};

/// The largest number of images in a sample of a split.
pub(crate) const IMAGES: usize = 16;
/// The largest number of keywords of an image, and of characters of a keyword. They bound the size
/// of a sample.
const KEYWORDS: usize = 200;
const CHARACTERS: usize = 200;

/// An image with its first keywords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageSample {
    pub id: u64,
    pub name: String,
    pub keywords: Vec<SampleKeyword>,
    /// The number of keywords that are not in the sample.
    pub further: u64,
}

/// A keyword of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SampleKeyword {
    pub text: String,
    /// Whether it was shortened. It may then end inside a word.
    pub is_cut: bool,
}

impl ImageSample {
    pub fn new(id: u64, name: String, FirstKeywords { keywords, further }: FirstKeywords) -> ImageSample {
        ImageSample { id, name, keywords, further }
    }
}

/// An image of the sample, and its place in the split.
#[derive(Debug, Clone)]
pub(crate) struct PlacedSample {
    pub place: usize,
    pub key: SampleKey,
    pub id: Option<u64>,
    pub name: String,
    /// A second name, for people.
    pub display_name: Option<String>,
    pub keywords: FirstKeywords,
}

/// What decides whether an image is in the sample. The order of the fields is the order of the
/// keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SampleKey {
    /// The hash of the name. It does not depend on the other inputs.
    pub hash: u64,
    /// Its place in the list, 0 if there is no list.
    pub listed: u32,
    pub input: u32,
    pub number: u64,
}

/// A sample of images: those whose keys are the smallest. The sample does not depend on the order
/// in which images are found, and comes from all parts of the set.
#[derive(Debug, Default)]
pub(crate) struct SampleReservoir {
    smallest: BTreeMap<SampleKey, FirstKeywords>,
    /// Only images below this key are taken.
    bound: Option<SampleKey>,
}

impl SampleReservoir {
    /// A reservoir for images that are appended to this one later. It does not take those that this
    /// one would not keep.
    pub fn for_more(&self) -> SampleReservoir {
        SampleReservoir { smallest: BTreeMap::new(), bound: self.largest() }
    }

    /// The key below which an image is taken. `None` if any is taken.
    fn largest(&self) -> Option<SampleKey> {
        let largest = self.smallest.last_key_value().filter(|_| self.smallest.len() >= IMAGES);
        largest.map(|(key, _)| *key).or(self.bound)
    }

    /// Takes an image if its key is among the smallest so far. `keywords` is called only then.
    pub fn offer(&mut self, key: SampleKey, keywords: impl FnOnce() -> Option<FirstKeywords>) {
        if self.largest().is_none_or(|largest| key < largest) {
            self.smallest.extend(keywords().map(|keywords| (key, keywords)));
            self.shrink();
        }
    }

    /// Takes the images of `other`.
    pub fn append(&mut self, mut other: SampleReservoir) {
        self.smallest.append(&mut other.smallest);
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.smallest.len() > IMAGES {
            self.smallest.pop_last();
        }
    }

    /// Returns the images in the order of their keys.
    pub fn into_images(self) -> impl Iterator<Item = (SampleKey, FirstKeywords)> {
        self.smallest.into_iter()
    }
}

/// What an image is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SampleName<'a> {
    /// Its name.
    Text(&'a str),
    /// The number of its line or row in its file.
    Number(u64),
}

impl SampleName<'_> {
    /// A hash that is the same on every machine.
    pub fn hash(self) -> u64 {
        match self {
            SampleName::Number(number) => mix(number),
            SampleName::Text(name) => {
                let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, fnv))
            }
        }
    }
}

/// The last steps of SplitMix64, which map different numbers to different numbers.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// Evenly spaced places of a list, starting with the first.
pub(super) fn sample_places(images: usize) -> impl Iterator<Item = usize> {
    let count = images.min(IMAGES);
    // The list has at most 2^32 images, so the product fits into 8 bytes.
    (0..count).map(move |i| (i as u64 * images as u64 / count as u64) as usize)
}

/// The first keywords of an image.
#[derive(Debug, Default, Clone)]
pub(crate) struct FirstKeywords {
    pub keywords: Vec<SampleKeyword>,
    pub further: u64,
}

impl FirstKeywords {
    /// Those of an image's JSON, if they can be read.
    pub fn read(text: &[u8], field: &KeywordField) -> Option<FirstKeywords> {
        let mut first = FirstKeywords::default();
        read_keywords(text, field, &mut first).is_ok().then_some(first)
    }
}

impl KeywordSink for FirstKeywords {
    fn restart(&mut self) {
        *self = FirstKeywords::default();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        if self.keywords.len() >= KEYWORDS {
            self.further += 1;
            return;
        }
        // Four bytes a character at most, and one character more than is kept, so that what is cut off is
        // never half a character.
        let start = keyword.get(..4 * (CHARACTERS + 1)).unwrap_or(keyword);
        let mut text = String::from_utf8_lossy(start).into_owned();
        let cut = text.char_indices().nth(CHARACTERS).map(|(at, _)| at);
        if let Some(cut) = cut {
            text.truncate(cut);
        }
        self.keywords.push(SampleKeyword { text, is_cut: cut.is_some() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_evenly_spaced_and_all_of_a_short_list() {
        assert_eq!(sample_places(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(sample_places(0).count(), 0);
        let of_many: Vec<usize> = sample_places(79_665).collect();
        assert_eq!((of_many.len(), &of_many[..3], of_many[15]), (16, &[0, 4979, 9958][..], 74_685));
    }

    #[test]
    fn records_are_picked_from_all_over_in_whatever_order_they_come() {
        let key = |number| SampleKey { hash: SampleName::Number(number).hash(), listed: 0, input: 0, number };
        let found = || Some(FirstKeywords::default());
        let picked = |numbers: &mut dyn Iterator<Item = u64>| {
            let mut samples = SampleReservoir::default();
            numbers.for_each(|number| samples.offer(key(number), found));
            samples.into_images().map(|(key, _)| key.number).collect::<Vec<_>>()
        };
        let all = picked(&mut (0..10_000));
        assert_eq!(all, picked(&mut (0..10_000).rev()));
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert!(sorted.len() == 16 && sorted[3] < 5_000 && sorted[12] > 5_000, "{sorted:?}");
        let mut joined = SampleReservoir::default();
        (0..6_000).for_each(|n| joined.offer(key(n), found));
        let mut behind = joined.for_more();
        (6_000..10_000).for_each(|n| behind.offer(key(n), found));
        joined.append(behind);
        assert_eq!(joined.into_images().map(|(key, _)| key.number).collect::<Vec<_>>(), all);
    }

    #[test]
    fn of_very_many_and_very_long_keywords_little_is_kept() {
        let mut first = FirstKeywords::default();
        first.keyword(b"gone");
        first.restart();
        for _ in 0..200_000 {
            first.keyword("é".repeat(201).as_bytes());
        }
        assert_eq!((first.keywords.len(), first.further), (200, 199_800));
        assert!(first.keywords.iter().all(|keyword| keyword.text == "é".repeat(200) && keyword.is_cut));
        let mut whole = FirstKeywords::default();
        whole.keyword("\u{10000}".repeat(200).as_bytes());
        assert_eq!((whole.keywords[0].text.chars().count(), whole.keywords[0].is_cut), (200, false));
    }
}
