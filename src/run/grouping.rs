//! `--group`: records with the same id become one image before they are encoded.
//!
//! Document frequencies count images, and n-grams may join the keywords of two records. So the
//! keywords of an image must be together before it is encoded. The keywords of all records are
//! appended to a spool, which is in memory as long as it is small. Then the images are collected
//! from the spool in the order of their first records, as many at a time as fit into memory. If the
//! records of an image are near each other, as in most tables, the spool is read once.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use count_vectorizer::StringTable;
use keyword_files::json::{FieldPath, KeywordField, KeywordForm, KeywordSink, read_keywords};
use keyword_files::records::{Cutter, Position, Record, Records, push_json_string};
use tempfile::SpooledTempFile;

use super::record_image::name_of;
use super::worker::{InputBatch, RecordBatch, Shared};
use crate::error::{Error, Problem, Result};
use crate::word_store::Tally;

/// The largest size of the ids, in bytes.
const MOST_NAMES: usize = 1 << 30;
/// A larger spool is a file.
const MOST_IN_MEMORY: usize = 32 << 20;
/// The keywords that are collected from the spool at a time.
const WINDOW_BYTES: u64 = 16 << 20;
const WINDOW_IMAGES: usize = 1 << 16;

/// The field of an image that was grouped: its record is the list of its keywords.
pub(super) fn grouped_field() -> KeywordField {
    let form = KeywordForm::Values { least_score: None };
    KeywordField { path: FieldPath::Usual, form, confidence: None, separator: None, labels: None }
}

/// Reads all streams of a split and hands their images on.
pub(super) fn read_grouped_streams(shared: &Shared<'_>) {
    let _stop = shared.batches.stop_on_panic();
    let mut groups = Groups::new(shared);
    match groups.read_all().and_then(|()| groups.hand_on()) {
        Ok(()) => shared.batches.close(),
        Err(error) => shared.fail(error),
    }
}

/// The images so far.
struct Groups<'a> {
    shared: &'a Shared<'a>,
    /// Ids and the numbers of their images.
    ids: StringTable,
    image_of_id: Vec<u32>,
    id_bytes: usize,
    images: Vec<GroupedImage>,
    spool: SpooledTempFile,
    spool_len: u64,
    keywords: KeywordList,
}

/// An image, and where its keywords are in the spool.
struct GroupedImage {
    stream: usize,
    /// The position of its first record.
    position: Position,
    /// The first and the last byte of its entries in the spool.
    start: u64,
    end: u64,
    /// The size of its keywords.
    bytes: u64,
    /// Whether one of its records has the field.
    has_field: bool,
    /// The number of its id. Without an id, it has a problem.
    id: Option<u32>,
    problem: Option<Box<Problem>>,
}

/// The head of an entry of the spool, before its keywords.
struct EntryHead {
    image: u32,
    bytes: u32,
}

impl EntryHead {
    const BYTES: u64 = 8;

    fn to_bytes(&self) -> [u8; 8] {
        (u64::from(self.image) << 32 | u64::from(self.bytes)).to_le_bytes()
    }

    fn from_bytes(bytes: [u8; 8]) -> EntryHead {
        let packed = u64::from_le_bytes(bytes);
        EntryHead { image: (packed >> 32) as u32, bytes: packed as u32 }
    }
}

impl<'a> Groups<'a> {
    fn new(shared: &'a Shared<'a>) -> Self {
        Groups {
            shared,
            ids: StringTable::default(),
            image_of_id: Vec::new(),
            id_bytes: 0,
            images: Vec::new(),
            spool: SpooledTempFile::new_in(MOST_IN_MEMORY, shared.reading.scratch),
            spool_len: 0,
            keywords: KeywordList::default(),
        }
    }

    fn read_all(&mut self) -> Result<()> {
        let source = self.shared.source;
        let keys = source.fields.keys_to_read();
        let mut before = 0;
        for (number, stream) in source.streams.iter().enumerate() {
            let mut outcome = Ok(());
            let rows = stream.file.read(self.shared.reading.limits, &keys, &mut |records: Records| {
                outcome = records.iter().try_for_each(|record| self.add(number, record, before));
                outcome.is_ok()
            })?;
            outcome?;
            before += rows;
        }
        let KeywordList { unsure, with_confidence, .. } = self.keywords;
        self.shared.add_tally(Tally { unsure, with_confidence, ..Tally::default() });
        Ok(())
    }

    fn add(&mut self, stream: usize, record: Record<'_>, before: u64) -> Result<()> {
        self.shared.reading.progress.stop_if_cancelled()?;
        let source = self.shared.source;
        let Some(open) = source.streams.get(stream) else { return Ok(()) };
        let id = match name_of(&source.fields, open, record, before) {
            Ok(id) => id,
            Err(problem) => return self.add_image(stream, record.position, Err(problem)).map(drop),
        };
        let (number, is_new) = self.ids.insert(&id);
        if is_new {
            self.id_bytes += id.len();
            let image = self.add_image(stream, record.position, Ok(number))?;
            self.image_of_id.push(image);
        }
        let Some(&image) = self.image_of_id.get(number as usize) else { return Ok(()) };
        self.keywords.restart();
        let outcome = record.text.map_err(Problem::clone).and_then(|text| {
            read_keywords(text, &source.fields.keywords, &mut self.keywords).map_err(|malformed| {
                let problem = |what, place: String| open.file.problem(&record, what, Some(&place));
                source.fields.problem(malformed, text, problem)
            })
        });
        self.spool_keywords(image, outcome)
    }

    /// Adds an image with an id or with a problem, and returns its number.
    fn add_image(&mut self, stream: usize, position: Position, id: Result<u32, Problem>) -> Result<u32> {
        let number = u32::try_from(self.images.len()).ok().filter(|_| self.id_bytes <= MOST_NAMES);
        let Some(number) = number else {
            return Err(Error::Refused(
                "--group merges at most 4,294,967,294 images with 1 GiB of names; encode them in parts with amc-keywords shards"
                    .into(),
            ));
        };
        let (id, problem) = match id {
            Ok(id) => (Some(id), None),
            Err(problem) => (None, Some(Box::new(problem))),
        };
        let (start, end) = (self.spool_len, self.spool_len);
        self.images.push(GroupedImage { stream, position, start, end, bytes: 0, has_field: false, id, problem });
        Ok(number)
    }

    /// Appends the keywords of a record to the spool, or gives its problem to the image.
    fn spool_keywords(&mut self, number: u32, outcome: Result<(), Problem>) -> Result<()> {
        let Some(image) = self.images.get_mut(number as usize) else { return Ok(()) };
        let most = self.shared.reading.limits.member();
        let outcome = outcome.and_then(|()| match image.bytes + self.keywords.json.len() as u64 > most {
            false => Ok(()),
            true => {
                let path = self.shared.source.first_path();
                let what = format!("the image has more than {most} bytes of keywords");
                let problem = Problem::new(path, what).in_member(self.ids.get(image.id.unwrap_or(0)).unwrap_or_default());
                Err(problem.hint("if they are its keywords, raise --max-member-size"))
            }
        });
        if let Err(problem) = outcome {
            image.problem.get_or_insert_with(|| Box::new(problem));
            return Ok(());
        }
        image.has_field |= self.keywords.has_field;
        self.keywords.unsure += self.keywords.unsure_here;
        self.keywords.with_confidence += u64::from(self.keywords.has_confidence);
        let json = &self.keywords.json;
        if json.is_empty() {
            return Ok(());
        }
        let head = EntryHead { image: number, bytes: json.len() as u32 };
        if image.bytes == 0 {
            image.start = self.spool_len;
        }
        let written = self.spool.write_all(&head.to_bytes()).and_then(|()| self.spool.write_all(json));
        written.map_err(Error::io(self.shared.reading.scratch, "write a temporary file in"))?;
        self.spool_len += EntryHead::BYTES + json.len() as u64;
        image.bytes += json.len() as u64;
        image.end = self.spool_len;
        Ok(())
    }

    /// Hands the images on in the order of their first records.
    fn hand_on(&mut self) -> Result<()> {
        let images = std::mem::take(&mut self.images);
        let mut start = 0;
        while start < images.len() {
            let stream = images.get(start).map_or(0, |image| image.stream);
            let (mut end, mut bytes) = (start, 0);
            while let Some(image) = images.get(end).filter(|image| image.stream == stream) {
                if end > start && (bytes + image.bytes > WINDOW_BYTES || end - start >= WINDOW_IMAGES) {
                    break;
                }
                bytes += image.bytes;
                end += 1;
            }
            let window = images.get(start..end).unwrap_or_default();
            let keywords = self.collect(start, window)?;
            if !self.push(stream, window, &keywords) {
                return self.shared.reading.progress.stop_if_cancelled();
            }
            start = end;
        }
        Ok(())
    }

    /// Collects the keywords of the images `first..` from the spool.
    fn collect(&mut self, first: usize, window: &[GroupedImage]) -> Result<Vec<Vec<u8>>> {
        let unread = |error: io::Error| Error::io(self.shared.reading.scratch, "read a temporary file in")(error);
        let mut keywords = vec![Vec::new(); window.len()];
        let with_keywords = || window.iter().filter(|image| image.bytes > 0);
        let start = with_keywords().map(|image| image.start).min().unwrap_or(0);
        let end = with_keywords().map(|image| image.end).max().unwrap_or(0);
        self.spool.seek(SeekFrom::Start(start)).map_err(unread)?;
        let mut entries = BufReader::with_capacity(1 << 17, &mut self.spool);
        let mut at = start;
        while at < end {
            let mut head = [0; EntryHead::BYTES as usize];
            entries.read_exact(&mut head).map_err(unread)?;
            let EntryHead { image, bytes } = EntryHead::from_bytes(head);
            at += EntryHead::BYTES + u64::from(bytes);
            let place = (image as usize).checked_sub(first);
            match place.and_then(|place| keywords.get_mut(place)) {
                Some(keywords) => {
                    if !keywords.is_empty() {
                        keywords.push(b',');
                    }
                    entries.by_ref().take(bytes.into()).read_to_end(keywords).map_err(unread)?;
                }
                None => entries.seek_relative(bytes.into()).map_err(unread)?,
            }
        }
        Ok(keywords)
    }

    /// Pushes images as records with their ids as names. Returns `false` if no more are wanted.
    fn push(&self, stream: usize, images: &[GroupedImage], keywords: &[Vec<u8>]) -> bool {
        let mut is_wanted = true;
        let mut take = |records: Records| {
            let batch = InputBatch::Records(RecordBatch { records, stream, before: 0 });
            is_wanted = self.shared.push(batch).is_ok();
            is_wanted
        };
        let mut cutter = Cutter::new(&mut take);
        for (image, keywords) in images.iter().zip(keywords) {
            if let Some(id) = image.id.and_then(|id| self.ids.get(id)) {
                cutter.name(id);
            }
            let start = cutter.len();
            let is_wanted = match &image.problem {
                Some(problem) => cutter.flawed(image.position, start, Problem::clone(problem)),
                None => {
                    let text = cutter.text();
                    match image.has_field {
                        true => [b"[", keywords.as_slice(), b"]"].into_iter().for_each(|part| text.extend_from_slice(part)),
                        false => text.extend_from_slice(b"null"),
                    }
                    cutter.record(image.position)
                }
            };
            if !is_wanted {
                return false;
            }
        }
        cutter.finish();
        is_wanted
    }
}

/// The keywords of a record as JSON strings, joined by commas.
struct KeywordList {
    json: Vec<u8>,
    has_field: bool,
    /// The number of keywords of all records that were left out because of their confidence.
    unsure: u64,
    /// Those of the current record.
    unsure_here: u64,
    /// The number of records with a confidence.
    with_confidence: u64,
    /// Whether the current record is one of them.
    has_confidence: bool,
}

impl Default for KeywordList {
    fn default() -> Self {
        KeywordList { json: Vec::new(), has_field: true, unsure: 0, unsure_here: 0, with_confidence: 0, has_confidence: false }
    }
}

impl KeywordSink for KeywordList {
    fn restart(&mut self) {
        self.json.clear();
        self.has_field = true;
        self.unsure_here = 0;
        self.has_confidence = false;
    }

    fn keyword(&mut self, keyword: &[u8]) {
        if !self.json.is_empty() {
            self.json.push(b',');
        }
        push_json_string(keyword, &mut self.json);
    }

    fn unsure(&mut self) {
        self.unsure_here += 1;
    }

    fn has_confidence(&mut self) {
        self.has_confidence = true;
    }

    fn no_field(&mut self) {
        self.has_field = false;
    }
}
