//! Some images of a split with their keywords, for a person to look at.

use std::collections::BTreeMap;

use super::{Image, Key, Split};
use keyword_files::keyword_file::{KeywordField, KeywordSink, read_keywords};

/// So many images of a split at most.
const IMAGES: usize = 16;
/// So many keywords of an image at most, and so many characters of a keyword: a hostile file must not make the sample large.
const KEYWORDS: usize = 200;
const CHARACTERS: usize = 200;

/// An image with its first keywords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub id: u64,
    /// What it is called, as [`Split::image_name`] has it.
    pub name: String,
    pub keywords: Vec<SampleKeyword>,
    /// How many more keywords it has.
    pub further: u64,
}

/// A keyword of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SampleKeyword {
    pub text: String,
    /// Whether it was longer; what is left may end inside a word.
    pub is_cut: bool,
}

impl Split {
    /// Images from all over the set: from evenly spaced places of the list, or, of files that are read from their beginning to their
    /// end, as [`RecordSamples`] has it. Always the same ones, in the order of the list; those that cannot be read are passed over.
    pub fn samples(&self) -> Vec<Sample> {
        let mut of_archives = Vec::new();
        for place in places(self.images.len()) {
            let image = self.images.get(place).filter(|image| image.member != Image::NO_MEMBER);
            let Some((image, archive)) = image.and_then(|image| Some((image, self.archive_of(image)?))) else { continue };
            archive.reader(false).read_each(&[image.member], &mut |_, bytes| {
                let first = bytes.ok().and_then(|bytes| FirstKeywords::read(bytes, &self.fields.keywords));
                of_archives.extend(first.map(|first| (place, first)));
            });
        }
        let mut all: Vec<(usize, &FirstKeywords)> = of_archives.iter().map(|(place, first)| (*place, first)).collect();
        all.extend(self.first_records.iter().map(|(place, first)| (*place as usize, first)));
        all.sort_unstable_by_key(|(place, _)| *place);
        all.into_iter().take(IMAGES).filter_map(|(place, first)| self.sample(place, first.clone())).collect()
    }

    fn sample(&self, place: usize, first: FirstKeywords) -> Option<Sample> {
        let FirstKeywords { keywords, further } = first;
        Some(Sample { id: self.images.get(place)?.id, name: self.image_name(place).into_owned(), keywords, further })
    }
}

/// Of records, whose text is gone when all are known, those become samples whose keys are mixed up to the smallest numbers: of any set
/// of keys the same ones, in whatever order they come, from all over the set.
#[derive(Debug, Default)]
pub(crate) struct RecordSamples {
    /// By mixed key: the place, and the keywords.
    smallest: BTreeMap<u64, (u32, FirstKeywords)>,
}

impl RecordSamples {
    /// Takes the record at `place`, if its key is among the smallest so far; `read` gives its keywords.
    pub fn offer(&mut self, key: Key, place: u32, read: impl FnOnce() -> Option<FirstKeywords>) {
        let mixed = mix(key);
        if self.smallest.len() < IMAGES || self.smallest.last_key_value().is_some_and(|(largest, _)| mixed < *largest) {
            self.smallest.extend(read().map(|first| (mixed, (place, first))));
            self.cut();
        }
    }

    /// Takes those of `other`, whose places count on from `first`.
    pub fn append(&mut self, other: &RecordSamples, first: u32) {
        self.smallest.extend(other.smallest.iter().map(|(mixed, (place, sample))| (*mixed, (first + place, sample.clone()))));
        self.cut();
    }

    fn cut(&mut self) {
        while self.smallest.len() > IMAGES {
            self.smallest.pop_last();
        }
    }

    /// Places and keywords.
    pub fn iter(&self) -> impl Iterator<Item = &(u32, FirstKeywords)> {
        self.smallest.values()
    }
}

/// The finisher of SplitMix64, which gives different keys different numbers.
fn mix(key: Key) -> u64 {
    let mut mixed = (u64::from(key.input) << 48 ^ u64::from(key.listed) << 24 ^ key.number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// Evenly spaced places of a list, from its first on.
fn places(images: usize) -> impl Iterator<Item = usize> {
    let count = images.min(IMAGES);
    // Never more than the list is long, so the product of two numbers that fit into 4 bytes and 4 bits.
    (0..count).map(move |i| (i as u64 * images as u64 / count as u64) as usize)
}

/// Keeps the first keywords of a document, cut short, and counts the others.
#[derive(Debug, Default, Clone)]
pub(crate) struct FirstKeywords {
    keywords: Vec<SampleKeyword>,
    further: u64,
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
        // Four bytes a character at most, and one character more than is kept, so that what is cut off is never half a character.
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
        assert_eq!(places(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(places(0).count(), 0);
        let of_many: Vec<usize> = places(79_665).collect();
        assert_eq!((of_many.len(), &of_many[..3], of_many[15]), (16, &[0, 4979, 9958][..], 74_685));
    }

    #[test]
    fn records_are_picked_from_all_over_in_whatever_order_they_come() {
        let key = |number| Key { listed: 0, input: 0, number };
        let picked = |numbers: &mut dyn Iterator<Item = u64>| {
            let mut samples = RecordSamples::default();
            numbers.for_each(|number| samples.offer(key(number), number as u32, || Some(FirstKeywords::default())));
            samples.iter().map(|(place, _)| *place).collect::<Vec<_>>()
        };
        let all = picked(&mut (0..10_000));
        assert_eq!(all, picked(&mut (0..10_000).rev()));
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert!(sorted.len() == 16 && sorted[3] < 5_000 && sorted[12] > 5_000, "{sorted:?}");
        let (mut joined, mut behind) = (RecordSamples::default(), RecordSamples::default());
        (0..6_000).for_each(|n| joined.offer(key(n), n as u32, || Some(FirstKeywords::default())));
        (6_000..10_000).for_each(|n| behind.offer(key(n), n as u32 - 6_000, || Some(FirstKeywords::default())));
        joined.append(&behind, 6_000);
        assert_eq!(joined.iter().map(|(place, _)| *place).collect::<Vec<_>>(), all);
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
