//! Reading files from their beginning to their end: one thread cuts them into batches of records, the others encode these.

use std::borrow::Cow;
use std::mem::take;
use std::sync::PoisonError;

use super::documents::Batch;
use crate::pipeline::encoder::ImageEncoder;
use super::read::{MOST_WORDS, Reading, Shared, Worker};
use crate::dataset::fields::RecordFields;
use crate::dataset::{FirstKeywords, Found, Gathering, Key, Split, Stream, stem};
use crate::error::{Error, Problem, Result};
use crate::inputs::list_file::LONGEST_NAME;
use keyword_files::record_file::{Record, Records};
use count_vectorizer::Numbering;

/// Records and where they come from.
pub(super) struct Batched {
    records: Records,
    stream: usize,
    /// How many lines or rows the files before have.
    before: u64,
}

/// What a batch gives so far.
#[derive(Default)]
struct Encoded {
    batch: Batch,
    found: Found,
    problems: Vec<(u64, Problem)>,
}

/// An image that a record stands for.
struct Named<'a> {
    key: Key,
    name: Cow<'a, str>,
    /// The JSON text, or what is wrong with the image.
    text: Result<&'a [u8], Problem>,
}

impl Reading<'_> {
    /// Reads all streams of a split, one after the other.
    pub(super) fn read_streams(&self, split: &Split, shared: &Shared) {
        let _stop = shared.records.stop_on_panic();
        let keys = split.fields.top_keys();
        let mut before = 0;
        for (stream, Stream { file, .. }) in split.streams.iter().enumerate() {
            let mut is_wanted = true;
            let mut push = |records: Records| {
                let weight = records.weight();
                is_wanted = !self.progress.is_cancelled() && shared.records.push(Batched { records, stream, before }, weight);
                is_wanted
            };
            match file.read(self.limits, &keys, &mut push) {
                Ok(rows) => before += rows,
                Err(error) => return shared.fail(error.into()),
            }
            if !is_wanted {
                if self.progress.is_cancelled() {
                    shared.fail(Error::Interrupted);
                }
                return;
            }
        }
        shared.records.close();
    }
}

impl Worker<'_> {
    /// Encodes the wanted records of a batch and hands their words over.
    pub(super) fn batch<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, batched: &Batched) -> Result<()> {
        let (Some(gathering), Some(stream)) = (&self.split.gathering, self.split.streams.get(batched.stream)) else {
            return Ok(());
        };
        if self.reading.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut encoded = Encoded::default();
        for record in batched.records.iter() {
            self.record(encoder, (gathering, stream), self.named(stream, record, batched.before), &mut encoded)?;
            if encoder.len() >= MOST_WORDS {
                self.hand_over_found(encoder, gathering, take(&mut encoded))?;
            }
        }
        self.reading.progress.advance(batched.records.len() as u64);
        self.hand_over_found(encoder, gathering, encoded)
    }

    /// The record's image.
    fn named<'r>(&self, stream: &Stream, record: Record<'r>, before: u64) -> Named<'r> {
        let mut key = Key { listed: 0, input: stream.input, number: record.number };
        let text = record.text.map_err(Problem::clone);
        let name = match (record.member, &self.split.fields.id, record.text) {
            (Some(member), _, _) => Ok(Cow::Borrowed(member)),
            (None, None, _) => Ok(Cow::Owned((before + record.number).to_string())),
            (None, Some(_), Err(problem)) => Err(problem.clone()),
            (None, Some(path), Ok(text)) => self.split.fields.id_in(text, path).map(Cow::Owned).map_err(|malformed| {
                let hint = RecordFields::hint_for_id(&malformed);
                stream.file.problem(&record, malformed.what, Some(&malformed.place)).hint(hint)
            }),
        };
        let image_of = |name: &str| if stream.file.has_members() { stem(name).len() } else { name.len() };
        let name = name.and_then(|name| match image_of(&name) {
            ..=LONGEST_NAME => Ok(name),
            len => {
                let what = format!("the image's name has {len} bytes, expected {LONGEST_NAME} at most");
                Err(stream.file.problem(&record, what, None))
            }
        });
        match name {
            Ok(name) => Named { key, name, text },
            Err(problem) => {
                key.listed = Key::NAMELESS;
                Named { key, name: Cow::Borrowed(""), text: Err(problem) }
            }
        }
    }

    /// Encodes the record once for each place of the list at which its image stands.
    fn record<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        (gathering, stream): (&Gathering, &Stream),
        named: Named<'_>,
        encoded: &mut Encoded,
    ) -> Result<()> {
        let Named { key, name, text } = named;
        if key.listed == Key::NAMELESS {
            encoded.problems.extend(text.err().map(|problem| (order_of(key), problem)));
            return encoded.found.push(key, &name);
        }
        let image = if stream.file.has_members() { stem(&name) } else { &name };
        let has_id = gathering.has_id(image);
        gathering.each_place(image, |listed| {
            let key = Key { listed, ..key };
            let at = encoded.found.len() as u32;
            encoded.found.push(key, &name)?;
            // Without an id it cannot be encoded; that is told when all images are known.
            if has_id {
                let length = encoder.len();
                let added = text.clone().and_then(|text| {
                    encoder.add(text, &self.split.fields.keywords).map_err(|malformed| {
                        let member = stream.file.has_members().then_some(&*name);
                        let record = Record { number: key.number, member, text: Ok(text) };
                        let problem = |what: String, place: String| stream.file.problem(&record, what, Some(&place));
                        self.split.fields.problem(malformed, text, problem)
                    })
                });
                match added {
                    Ok(tally) => {
                        self.sample(key, (at, &text), encoded);
                        encoded.batch.documents.push((at, (encoder.len() - length) as u32));
                        encoded.batch.tally += tally;
                    }
                    Err(problem) => encoded.problems.push((order_of(key), problem)),
                }
            }
            Ok(())
        })
    }

    fn sample(&self, key: Key, (at, text): (u32, &Result<&[u8], Problem>), encoded: &mut Encoded) {
        if let Ok(text) = text {
            encoded.found.samples.offer(key, at, || FirstKeywords::read(text, &self.split.fields.keywords));
        }
    }

    fn hand_over_found<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, gathering: &Gathering, encoded: Encoded) -> Result<()> {
        let Encoded { mut batch, found, problems } = encoded;
        let first = gathering.found.lock().unwrap_or_else(PoisonError::into_inner).append(&found)?;
        batch.documents.iter_mut().for_each(|(place, _)| *place += first);
        batch.words = encoder.take();
        self.add_problems(problems);
        self.hand_over(batch)
    }
}

/// Problems of records stand in the order of the inputs, and of the records in them.
fn order_of(key: Key) -> u64 {
    (u64::from(key.input) + 1) << 40 | key.number
}
