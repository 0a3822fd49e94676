//! Some images of a split with their keywords, for a person to look at.

use super::{Image, Key, Split};
use crate::input::keyword_file::{KeywordField, KeywordSink, read_keywords};

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
    /// Images from evenly spaced places of the list, and the first ones of the first file that is read from its beginning to its
    /// end: always the same ones, in the order of the list. Those that cannot be read are passed over.
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

    /// Whether the image of a record is to be a sample. Its text is gone when all are known, and so is told from what is known at once:
    /// its place in the list, or that it is among the first of the first file.
    pub fn samples_record(&self, key: Key) -> bool {
        match self.gathering.as_ref().is_some_and(|gathering| gathering.list.is_some()) {
            true => (key.listed as usize) < IMAGES,
            false => key.number < IMAGES as u64 && self.streams.first().is_some_and(|stream| stream.input == key.input),
        }
    }
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
