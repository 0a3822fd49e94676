//! Encodes the images of a user's own set, in the order in which they are found.

use std::mem::take;

use count_vectorizer::Numbering;
use keyword_files::json::Malformed;

use super::image_encoder::ImageEncoder;
use super::worker::{ImageProblem, MOST_WORDS, Worker};
use crate::dataset::image_set::{ImageSet, SetPlace};
use crate::dataset::near_names::NearNames;
use crate::dataset::samples::{FirstKeywords, SampleKey, SampleName, SampleReservoir};
use crate::error::{Problem, Result};
use crate::parallel::lock;
use crate::word_store::{ImageBatch, RecordKey, StoredImage, Tally};

/// An image that was found in an input.
pub(super) struct FoundImage<'a> {
    pub key: RecordKey,
    /// `None` if it has no name.
    pub name: Option<&'a str>,
    /// `None` if it is not wanted.
    pub place: Option<SetPlace>,
    /// A second name, for people. If the input has members, it is the name of the member.
    pub second_name: Option<&'a str>,
    /// Whether the name is the number of its line or row.
    pub is_numbered: bool,
    /// The JSON text, or the problem of the image.
    pub text: Result<&'a [u8], Problem>,
}

impl FoundImage<'_> {
    /// The key of the image in samples, given its name and its place in the list.
    fn sample_key(&self, name: &str, listed: Option<u32>) -> SampleKey {
        let RecordKey { input, number } = self.key;
        let name = if self.is_numbered { SampleName::Number(number) } else { SampleName::Text(name) };
        SampleKey { hash: name.hash(), listed: listed.unwrap_or(0), input, number }
    }
}

/// What a thread has encoded of an input and not handed over.
pub(super) struct EncodedImages<'a> {
    set: &'a ImageSet,
    has_members: bool,
    batch: ImageBatch,
    samples: SampleReservoir,
    near: NearNames,
    problems: Vec<ImageProblem>,
}

impl<'a> EncodedImages<'a> {
    /// No image of an input yet.
    pub fn new(set: &'a ImageSet, has_members: bool) -> Self {
        EncodedImages {
            set,
            has_members,
            batch: ImageBatch::default(),
            samples: lock(&set.samples).for_more(),
            near: NearNames::default(),
            problems: Vec::new(),
        }
    }

    pub fn set(&self) -> &'a ImageSet {
        self.set
    }

    /// Keeps the name of an image that is not listed for a message, if a similar name is listed.
    pub fn note_unlisted(&mut self, name: &str) {
        self.set.note_near_name(name, &mut self.near);
    }
}

/// The words of an image that an encoder has added.
struct EncodedText<'a> {
    text: &'a [u8],
    /// The number of words.
    words: u32,
    tally: Tally,
}

impl Worker<'_> {
    /// Encodes the next image of an input, once for each of its places in the list. `problem` makes
    /// a problem with the image out of what is wrong in its text.
    pub fn encode_found<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        image: &FoundImage<'_>,
        encoded: &mut EncodedImages<'_>,
        problem: &dyn Fn(Malformed, &[u8]) -> Problem,
    ) -> Result<()> {
        let order = order_of(image.key);
        let Some(name) = image.name else {
            let problem = image.text.as_ref().err().cloned();
            encoded.problems.extend(problem.map(|problem| ImageProblem { order, problem }));
            encoded.batch.nameless += 1;
            return Ok(());
        };
        let Some(place) = image.place else {
            encoded.note_unlisted(name);
            return Ok(());
        };
        // The problem of an image without an id is reported when all images are known.
        let has_id = encoded.set.options.has_id(name);
        for listed in encoded.set.all_places(place) {
            let RecordKey { input, number } = image.key;
            let mut new = StoredImage { number, listed, name, second_name: image.second_name, words: None };
            if has_id {
                match self.encode_text(encoder, image, encoded.has_members, problem) {
                    Ok(EncodedText { text, words, tally }) => {
                        let read = || FirstKeywords::read(text, &self.shared.keyword_field);
                        encoded.samples.offer(image.sample_key(name, listed), read);
                        encoded.batch.tally += tally;
                        new.words = Some(words);
                    }
                    Err(problem) => encoded.problems.push(ImageProblem { order, problem: problem.of_image(name) }),
                }
            }
            encoded.batch.push(input, new);
        }
        if encoder.len() >= MOST_WORDS { self.hand_over_found(encoder, encoded) } else { Ok(()) }
    }

    /// Encodes the JSON text of an image.
    fn encode_text<'t, N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        image: &FoundImage<'t>,
        has_members: bool,
        problem: &dyn Fn(Malformed, &[u8]) -> Problem,
    ) -> Result<EncodedText<'t>, Problem> {
        let text = image.text.clone()?;
        let before = encoder.len();
        let tally = encoder.add(text, &self.shared.keyword_field).map_err(|malformed| problem(malformed, text))?;
        if tally.without_field > 0 {
            let member = || image.second_name.filter(|_| has_members).map(str::to_owned);
            self.shared.note_missing_field(order_of(image.key), text, member);
        }
        Ok(EncodedText { text, words: (encoder.len() - before) as u32, tally })
    }

    /// Hands over the images that were encoded so far.
    pub fn hand_over_found<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        encoded: &mut EncodedImages<'_>,
    ) -> Result<()> {
        let mut batch = take(&mut encoded.batch);
        batch.words = encoder.take();
        batch.has_members = encoded.has_members;
        let batch = batch.pack();
        self.add_problems(take(&mut encoded.problems));
        let mut samples = lock(&encoded.set.samples);
        samples.append(take(&mut encoded.samples));
        encoded.samples = samples.for_more();
        drop(samples);
        lock(&encoded.set.near).append(&take(&mut encoded.near));
        lock(&self.shared.images).add(self.thread, batch)
    }
}

/// The problems of images are in the order of the inputs, and of the records in them.
pub(super) fn order_of(key: RecordKey) -> u64 {
    (u64::from(key.input) + 1) << 40 | key.number
}
