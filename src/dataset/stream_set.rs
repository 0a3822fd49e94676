//! The images of streams that stay in input order: they are known when the streams have been read.

use std::sync::{Mutex, PoisonError};

use super::gathering::{AFTER_READING, no_image};
use super::image::ADD_IT;
use super::image_ids::{IdOptions, ImageIds};
use super::samples::{PlacedSample, SampleReservoir};
use super::split_source::SplitSource;
use crate::error::{Problem, Result};
use crate::problems::ProblemList;
use crate::word_store::{OrderedImages, RecordKey};

/// What the images of streams in input order should be like.
pub(crate) struct StreamSet {
    pub options: IdOptions,
    /// Whether a set without images is allowed.
    pub may_be_empty: bool,
    pub samples: Mutex<SampleReservoir>,
}

/// The images of streams after reading.
pub(crate) struct SettledStreams {
    pub ids: ImageIds,
    pub samples: Vec<PlacedSample>,
}

impl StreamSet {
    /// Puts the images into order and gives them ids.
    ///
    /// # Errors
    ///
    /// There is no image, two images have the same name or number, or the temporary file cannot be
    /// read.
    pub fn settle(self, source: &SplitSource, images: &mut OrderedImages, problems: &mut ProblemList) -> Result<SettledStreams> {
        let StreamSet { options, may_be_empty, samples } = self;
        if images.len() == 0 && !may_be_empty {
            return Err(no_image(source).into());
        }
        images.sort();
        if let Some(map) = &options.map {
            images.each_head(0..images.named(), |head| {
                if map.ids.id_of(head.name).is_none() {
                    let path = source.path_of_input(images.input_of(head.place));
                    let problem = Problem::new(path, map.lacks_name()).in_member(head.name);
                    problems.add(AFTER_READING | head.place as u64, problem.hint_or_skip(ADD_IT));
                }
                Ok(())
            })?;
        }
        let ids = ImageIds::of(source, images, options)?;
        let samples = samples.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(SettledStreams { samples: placed_samples(images, &ids, samples)?, ids })
    }
}

fn placed_samples(images: &OrderedImages, ids: &ImageIds, samples: SampleReservoir) -> Result<Vec<PlacedSample>> {
    let mut placed = Vec::new();
    for (key, keywords) in samples.into_images() {
        let sample = images.find(RecordKey { input: key.input, number: key.number }, |head| PlacedSample {
            place: head.place,
            key,
            id: ids.id(head.place, head.name),
            name: head.name.to_owned(),
            display_name: head.display_name.map(str::to_owned),
            keywords,
        })?;
        placed.extend(sample);
    }
    Ok(placed)
}
