//! The sample images of the parts, and those of them that are the sample of the set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::PlanPart;
use crate::dataset::image::whole_number;
use crate::dataset::samples::{IMAGES, SampleKey};
use crate::files::statistics::{Fate, SampleImage, SplitSamples};

/// A sample image of a part, as `samples.json` contains it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartSample {
    pub key: SampleKey,
    /// The place of the image in the part.
    pub place: u64,
    /// The name that its id depends on.
    pub name: String,
    /// The image with its number in the part. Words that are neither stop words nor single
    /// characters count as kept. `None` if the image cannot be read.
    pub image: Option<SampleImage>,
}

/// The sample of a set while its parts are added.
#[derive(Default)]
pub(super) struct SetSamples {
    /// By the key of the image in the set. The order of the parts is the order of the inputs.
    smallest: BTreeMap<(u64, usize, SampleKey), PartSample>,
}

/// The fate of each word of the samples.
pub(super) type WordFates = BTreeMap<Vec<u8>, Fate>;

impl SetSamples {
    /// Adds the samples of the part at this place.
    pub fn add(&mut self, part: usize, samples: Vec<PartSample>) {
        self.smallest.extend(samples.into_iter().map(|sample| ((sample.key.hash, part, sample.key), sample)));
        while self.smallest.len() > IMAGES {
            self.smallest.pop_last();
        }
    }

    /// All words whose fate is to be found, with the fate of words that are not counted.
    pub fn words(&self, fate: Fate) -> WordFates {
        let images = self.smallest.values().filter_map(|sample| sample.image.as_ref());
        let words = images.flat_map(|image| &image.keywords).flat_map(|(_, words)| words);
        let words = words.filter(|(_, fate)| *fate == Fate::Kept);
        words.map(|(word, _)| (word.as_bytes().to_vec(), fate)).collect()
    }

    /// The sample images in the order of the set.
    pub fn images(self, split: &str, parts: &[PlanPart], fates: &WordFates, names_are_ids: bool) -> SplitSamples {
        let mut samples: Vec<((usize, u64), SampleImage)> = Vec::new();
        for ((_, part, _), PartSample { place, name, image, .. }) in self.smallest {
            let (Some(mut image), Some(of)) = (image, parts.get(part)) else { continue };
            let name_in_set = of.name(&name);
            image.id = if names_are_ids { whole_number(&name_in_set).unwrap_or(0) } else { of.first_id.saturating_add(image.id) };
            if image.name == name {
                image.name = name_in_set.into_owned();
            }
            for (word, fate) in image.keywords.iter_mut().flat_map(|(_, words)| words) {
                if *fate == Fate::Kept {
                    *fate = fates.get(word.as_bytes()).copied().unwrap_or(Fate::Unknown);
                }
            }
            samples.push(((part, place), image));
        }
        samples.sort_by_key(|(place, _)| *place);
        SplitSamples { split: split.to_owned(), images: samples.into_iter().map(|(_, image)| image).collect() }
    }
}
