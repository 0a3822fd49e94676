//! Encodes the images of streams that are chosen by a list or put into order after reading.

use std::mem::take;

use count_vectorizer::Numbering;
use nonmax::NonMaxU32;

use super::image_encoder::ImageEncoder;
use super::record_image::{EncodedText, RecordImage, order_of};
use super::worker::{ImageProblem, MOST_WORDS, Worker};
use crate::dataset::gathering::{FoundImages, Gathering, Key};
use crate::dataset::samples::FirstKeywords;
use crate::dataset::split_source::Stream;
use crate::error::Result;
use crate::parallel::lock;
use crate::word_store::Batch;

/// A stream, and the images that are wanted.
#[derive(Clone, Copy)]
pub(super) struct ListedStream<'a> {
    pub stream: &'a Stream,
    pub gathering: &'a Gathering,
}

/// What a thread has encoded of a batch and not handed over.
#[derive(Default)]
struct EncodedRecords {
    batch: Batch,
    found: FoundImages,
    problems: Vec<ImageProblem>,
}

impl Worker<'_> {
    /// Encodes the wanted images of a stream.
    pub fn encode_listed<'r, N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        stream: ListedStream<'_>,
        images: impl Iterator<Item = RecordImage<'r>>,
    ) -> Result<()> {
        let mut encoded = EncodedRecords::default();
        for image in images {
            self.encode_at_places(encoder, stream, &image, &mut encoded)?;
            if encoder.len() >= MOST_WORDS {
                self.hand_over_records(encoder, stream.gathering, take(&mut encoded))?;
            }
        }
        self.hand_over_records(encoder, stream.gathering, encoded)
    }

    /// Encodes an image once for each of its places in the list.
    fn encode_at_places<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        ListedStream { stream, gathering }: ListedStream<'_>,
        image: &RecordImage<'_>,
        encoded: &mut EncodedRecords,
    ) -> Result<()> {
        let order = order_of(image.key);
        let key = |listed| Key { listed, input: image.key.input, number: image.key.number };
        let Some(name) = image.name.as_deref() else {
            let problem = image.text.as_ref().err().cloned();
            encoded.problems.extend(problem.map(|problem| ImageProblem { order, problem }));
            return encoded.found.push(key(None), "", None);
        };
        let image_name = stream.image_name(&self.shared.source.fields, name);
        gathering.note_near_name(&image_name, &mut encoded.found);
        let has_id = gathering.options.has_id(&image_name);
        gathering.each_place(&image_name, |listed| {
            let key = key(NonMaxU32::new(listed));
            let place = encoded.found.len() as u32;
            encoded.found.push(key, gathering.kept_name(name), image.record.display_name)?;
            if !has_id {
                // Its problem is reported when all images are known.
                return Ok(());
            }
            match self.encode_text(encoder, stream, image) {
                Ok(EncodedText { text, words, tally }) => {
                    let sample_name = image.sample_name(&image_name);
                    encoded.found.offer_sample(key, sample_name, || FirstKeywords::read(text, &self.shared.keyword_field));
                    encoded.batch.documents.push((place, words));
                    encoded.batch.tally += tally;
                }
                Err(problem) => {
                    let problem = problem.of_image(&*image_name);
                    encoded.problems.push(ImageProblem { order, problem });
                }
            }
            Ok(())
        })
    }

    fn hand_over_records<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        gathering: &Gathering,
        encoded: EncodedRecords,
    ) -> Result<()> {
        let EncodedRecords { mut batch, found, problems } = encoded;
        let first = lock(&gathering.found).append(found)?;
        batch.documents.iter_mut().for_each(|(place, _)| *place += first);
        batch.words = encoder.take();
        self.add_problems(problems);
        self.hand_over(batch)
    }
}
