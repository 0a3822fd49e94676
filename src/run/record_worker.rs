//! Encodes the images of streams. One thread reads the streams and cuts them into batches of
//! records, the others encode these.

use std::borrow::Cow;
use std::mem::take;
use std::sync::atomic::Ordering;

use count_vectorizer::Numbering;
use keyword_files::json::Malformed;
use keyword_files::records::{Record, Records};
use nonmax::NonMaxU32;

use super::image_encoder::ImageEncoder;
use super::worker::{ImageProblem, MOST_WORDS, RecordBatch, Shared, Worker};
use crate::dataset::fields::RecordFields;
use crate::dataset::gathering::{FoundImages, Gathering, Key};
use crate::dataset::samples::{FirstKeywords, SampleName};
use crate::dataset::split_source::Stream;
use crate::error::{Error, Problem, Result};
use crate::inputs::list_file::LONGEST_NAME;
use crate::parallel::lock;
use crate::word_store::{Batch, Tally};

/// Reads all streams of a split, one after the other.
pub(super) fn read_streams(shared: &Shared<'_>) {
    let _stop = shared.records.stop_on_panic();
    let progress = shared.reading.progress;
    let keys = shared.source.fields.keys_to_read();
    let mut before = 0;
    for (stream, Stream { file, .. }) in shared.source.streams.iter().enumerate() {
        let mut is_wanted = true;
        let mut push = |records: Records| {
            let weight = records.weight();
            let batch = RecordBatch { records, stream, before };
            is_wanted = !progress.is_cancelled() && shared.records.push(batch, weight);
            is_wanted
        };
        match file.read(shared.reading.limits, &keys, &mut push) {
            Ok(rows) => before += rows,
            Err(error) => return shared.fail(error.into()),
        }
        shared.rows.store(before, Ordering::Relaxed);
        if !is_wanted {
            if progress.is_cancelled() {
                shared.fail(Error::Interrupted);
            }
            return;
        }
    }
    shared.records.close();
}

/// What a thread has encoded of a batch and not handed over.
#[derive(Default)]
struct EncodedRecords {
    batch: Batch,
    found: FoundImages,
    problems: Vec<ImageProblem>,
}

/// The image of a record.
struct RecordImage<'a> {
    key: Key,
    record: Record<'a>,
    /// The name of the member or of the image. It is empty if the image has none.
    name: Cow<'a, str>,
    /// Whether the name is the number of its line or row.
    is_numbered: bool,
    /// The JSON text, or the problem of the image.
    text: Result<&'a [u8], Problem>,
}

/// A stream, and the images that are wanted.
#[derive(Clone, Copy)]
struct StreamImages<'a> {
    stream: &'a Stream,
    gathering: &'a Gathering,
}

impl Worker<'_> {
    /// Encodes batches until no stream has records.
    pub(super) fn encode_records<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>) {
        let mut encode = |batch: RecordBatch| {
            if let Err(error) = self.encode_batch(encoder, &batch) {
                self.shared.fail(error);
            }
        };
        while self.shared.records.work(&mut encode) {}
    }

    fn encode_batch<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, batch: &RecordBatch) -> Result<()> {
        let stream = self.shared.source.streams.get(batch.stream);
        let (Some(stream), Some(gathering)) = (stream, self.shared.gathering) else { return Ok(()) };
        self.stop_if_cancelled()?;
        let images = StreamImages { stream, gathering };
        let mut encoded = EncodedRecords::default();
        for record in batch.records.iter() {
            let image = self.image_of(stream, record, batch.before);
            self.encode_image(encoder, images, image, &mut encoded)?;
            if encoder.len() >= MOST_WORDS {
                self.hand_over_records(encoder, gathering, take(&mut encoded))?;
            }
        }
        self.shared.reading.progress.advance(batch.records.len() as u64);
        self.hand_over_records(encoder, gathering, encoded)
    }

    fn image_of<'r>(&self, stream: &Stream, record: Record<'r>, before: u64) -> RecordImage<'r> {
        let key = |listed| Key { listed: NonMaxU32::new(listed), input: stream.input, number: record.position.number };
        let fields = &self.shared.source.fields;
        let is_numbered = record.name.is_none() && fields.id.is_none();
        self.shared.names_seen.add(is_numbered);
        let name = match (fields.group, record.name, record.text) {
            (false, ..) => name_of(fields, stream, record, before),
            (true, Some(id), _) => Ok(Cow::Borrowed(id)),
            (true, None, Err(problem)) => Err(problem.clone()),
            (true, None, Ok(_)) => Err(stream.file.problem(&record, "the image has no id", None)),
        };
        match name {
            Ok(name) => RecordImage { key: key(0), record, name, is_numbered, text: record.text.map_err(Problem::clone) },
            Err(problem) => RecordImage { key: key(u32::MAX), record, name: Cow::Borrowed(""), is_numbered, text: Err(problem) },
        }
    }

    /// Encodes an image once for each of its places in the list.
    fn encode_image<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        images: StreamImages<'_>,
        image: RecordImage<'_>,
        encoded: &mut EncodedRecords,
    ) -> Result<()> {
        let RecordImage { key, record, name, is_numbered, text } = image;
        let StreamImages { stream, gathering } = images;
        if key.listed.is_none() {
            encoded.problems.extend(text.err().map(|problem| ImageProblem { order: order_of(key), problem }));
            return encoded.found.push(key, &name);
        }
        let image_name = gathering.image_name(&self.shared.source.fields, stream, &name);
        gathering.note_near_name(&image_name, &mut encoded.found);
        let has_id = gathering.has_id(&image_name);
        gathering.each_place(&image_name, |listed| {
            let key = Key { listed: NonMaxU32::new(listed), ..key };
            let place = encoded.found.len() as u32;
            encoded.found.push(key, &name)?;
            if !has_id {
                // Its problem is reported when all images are known.
                return Ok(());
            }
            let before = encoder.len();
            let added = text.clone().and_then(|text| {
                let tally = self.encode_text(encoder, stream, record, text)?;
                if tally.without_field > 0 {
                    let member = || stream.file.has_members().then(|| name.to_string());
                    self.shared.note_missing_field(order_of(key), text, member);
                }
                let fields = &self.shared.keyword_field;
                let sample_name = if is_numbered { SampleName::Number(key.number) } else { SampleName::Text(&image_name) };
                encoded.found.offer_sample(key, sample_name, || FirstKeywords::read(text, fields));
                Ok(tally)
            });
            match added {
                Ok(tally) => {
                    encoded.batch.documents.push((place, (encoder.len() - before) as u32));
                    encoded.batch.tally += tally;
                }
                Err(problem) => {
                    let problem = problem.of_image(&*image_name);
                    encoded.problems.push(ImageProblem { order: order_of(key), problem });
                }
            }
            Ok(())
        })
    }

    fn encode_text<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        stream: &Stream,
        record: Record<'_>,
        text: &[u8],
    ) -> Result<Tally, Problem> {
        let fields = &self.shared.source.fields;
        encoder
            .add(text, &self.shared.keyword_field)
            .map_err(|malformed| fields.problem(malformed, text, |what, place| stream.file.problem(&record, what, Some(&place))))
    }

    fn hand_over_records<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        gathering: &Gathering,
        encoded: EncodedRecords,
    ) -> Result<()> {
        let EncodedRecords { mut batch, found, problems } = encoded;
        let first = lock(&gathering.found).append(&found)?;
        batch.documents.iter_mut().for_each(|(place, _)| *place += first);
        batch.words = encoder.take();
        self.add_problems(problems);
        self.hand_over(batch)
    }
}

/// The problems of records are in the order of the inputs, and of the records in them.
fn order_of(key: Key) -> u64 {
    (u64::from(key.input) + 1) << 40 | key.number
}

/// The name of a record's image, or of its member in a tar.
pub(super) fn name_of<'r>(
    fields: &RecordFields,
    stream: &Stream,
    record: Record<'r>,
    before: u64,
) -> Result<Cow<'r, str>, Problem> {
    let problem = |malformed: Malformed| {
        let place = malformed.place.to_string();
        let problem = stream.file.problem(&record, malformed.to_string(), Some(&place));
        RecordFields::add_hint_for_id(&malformed, problem)
    };
    // A member's name cannot be replaced, since it decides the order.
    let has_members = stream.file.has_members();
    let id_field = fields.id.as_ref().filter(|_| !has_members);
    let name = match (record.name, id_field) {
        (Some(member), None) if has_members => {
            fields.image_name(stream.file.image_name(member)).map_err(problem)?;
            Cow::Borrowed(member)
        }
        (Some(name), None) => fields.image_name(name).map_err(problem)?,
        (None, None) => {
            let number = (before + record.position.number).to_string();
            Cow::Owned(fields.image_name(&number).map_err(problem)?.into_owned())
        }
        (_, Some(path)) => Cow::Owned(fields.id_in(record.text.map_err(Problem::clone)?, path).map_err(problem)?),
    };
    let len = stream.file.image_name(&name).len();
    if len > LONGEST_NAME {
        let what = format!("the image's name has {len} bytes, expected at most {LONGEST_NAME}");
        return Err(stream.file.problem(&record, what, None));
    }
    Ok(name)
}
