//! Encodes the images of streams that stay in input order.

use std::mem::take;

use count_vectorizer::Numbering;

use super::image_encoder::ImageEncoder;
use super::record_image::{EncodedText, RecordImage, order_of};
use super::worker::{ImageProblem, MOST_WORDS, Worker};
use crate::dataset::samples::{FirstKeywords, SampleKey, SampleKeywords, SampleReservoir};
use crate::dataset::split_source::Stream;
use crate::dataset::stream_set::StreamSet;
use crate::error::Result;
use crate::parallel::lock;
use crate::word_store::{ImageBatch, NewImage};

/// A stream, and the set of its images.
#[derive(Clone, Copy)]
pub(super) struct OrderedStream<'a> {
    pub stream: &'a Stream,
    pub set: &'a StreamSet,
}

/// What a thread has encoded of a batch and not handed over.
#[derive(Default)]
struct EncodedImages {
    batch: ImageBatch,
    samples: SampleReservoir,
    problems: Vec<ImageProblem>,
}

impl Worker<'_> {
    /// Encodes consecutive images of a stream.
    pub fn encode_in_order<'r, N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        stream: OrderedStream<'_>,
        images: impl Iterator<Item = RecordImage<'r>>,
    ) -> Result<()> {
        let mut encoded = EncodedImages::default();
        for image in images {
            self.encode_next(encoder, stream, &image, &mut encoded);
            if encoder.len() >= MOST_WORDS {
                self.hand_over_images(encoder, stream, take(&mut encoded))?;
            }
        }
        self.hand_over_images(encoder, stream, encoded)
    }

    fn encode_next<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        OrderedStream { stream, set }: OrderedStream<'_>,
        image: &RecordImage<'_>,
        encoded: &mut EncodedImages,
    ) {
        let (key, order) = (image.key, order_of(image.key));
        let Some(record_name) = image.name.as_deref() else {
            let problem = image.text.as_ref().err().cloned();
            encoded.problems.extend(problem.map(|problem| ImageProblem { order, problem }));
            encoded.batch.nameless += 1;
            return;
        };
        let name = stream.image_name(&self.shared.source.fields, record_name);
        let second_name = if stream.file.has_members() { Some(record_name) } else { image.record.display_name };
        let mut new = NewImage { key, name: &name, second_name, words: None };
        // The problem of an image without an id is reported when all images are known.
        if set.options.has_id(&name) {
            match self.encode_text(encoder, stream, image) {
                Ok(EncodedText { text, words, tally }) => {
                    let hash = image.sample_name(&name).hash();
                    let key = SampleKey { hash, listed: 0, input: key.input, number: key.number };
                    let read = || FirstKeywords::read(text, &self.shared.keyword_field);
                    encoded.samples.offer(key, || read().map(SampleKeywords::Known));
                    encoded.batch.tally += tally;
                    new.words = Some(words);
                }
                Err(problem) => encoded.problems.push(ImageProblem { order, problem: problem.of_image(&*name) }),
            }
        }
        encoded.batch.push(new);
    }

    fn hand_over_images<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        OrderedStream { stream, set }: OrderedStream<'_>,
        encoded: EncodedImages,
    ) -> Result<()> {
        let EncodedImages { mut batch, samples, problems } = encoded;
        batch.words = encoder.take();
        batch.has_members = stream.file.has_members();
        let batch = batch.pack();
        self.add_problems(problems);
        lock(&set.samples).append(samples);
        lock(&self.shared.images).add(self.thread, batch)
    }
}
