//! The image of a record: its name, and its words.

use std::borrow::Cow;

use count_vectorizer::Numbering;
use keyword_files::json::Malformed;
use keyword_files::records::Record;

use super::image_encoder::ImageEncoder;
use super::worker::Worker;
use crate::dataset::record_fields::RecordFields;
use crate::dataset::samples::SampleName;
use crate::dataset::split_source::Stream;
use crate::error::Problem;
use crate::inputs::list_file::LONGEST_NAME;
use crate::word_store::{RecordKey, Tally};

/// The image of a record.
pub(super) struct RecordImage<'a> {
    pub key: RecordKey,
    pub record: Record<'a>,
    /// The name of the member or of the image, if it has one.
    pub name: Option<Cow<'a, str>>,
    /// Whether the name is the number of its line or row.
    pub is_numbered: bool,
    /// The JSON text, or the problem of the image.
    pub text: Result<&'a [u8], Problem>,
}

/// The words of an image that an encoder has added.
pub(super) struct EncodedText<'a> {
    pub text: &'a [u8],
    /// The number of words.
    pub words: u32,
    pub tally: Tally,
}

impl RecordImage<'_> {
    /// What the image is called in samples, given the name of the image.
    pub fn sample_name<'n>(&self, name: &'n str) -> SampleName<'n> {
        if self.is_numbered { SampleName::Number(self.key.number) } else { SampleName::Text(name) }
    }
}

impl Worker<'_> {
    /// The image of a record. `before` is the number of records in the streams before.
    pub fn image_of<'r>(&self, stream: &Stream, record: Record<'r>, before: u64) -> RecordImage<'r> {
        let key = RecordKey { input: stream.input, number: record.position.number };
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
            Ok(name) => RecordImage { key, record, name: Some(name), is_numbered, text: record.text.map_err(Problem::clone) },
            Err(problem) => RecordImage { key, record, name: None, is_numbered, text: Err(problem) },
        }
    }

    /// Encodes the JSON text of an image, if it has one.
    pub fn encode_text<'r, N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        stream: &Stream,
        image: &RecordImage<'r>,
    ) -> Result<EncodedText<'r>, Problem> {
        let RecordImage { key, record, name, .. } = image;
        let text = image.text.clone()?;
        let before = encoder.len();
        let tally = encoder.add(text, &self.shared.keyword_field).map_err(|malformed| {
            let problem = |what, place: String| stream.file.problem(record, what, Some(&place));
            self.shared.source.fields.problem(malformed, text, problem)
        })?;
        if tally.without_field > 0 {
            let member = || name.as_deref().filter(|_| stream.file.has_members()).map(str::to_owned);
            self.shared.note_missing_field(order_of(*key), text, member);
        }
        Ok(EncodedText { text, words: (encoder.len() - before) as u32, tally })
    }
}

/// The problems of records are in the order of the inputs, and of the records in them.
pub(super) fn order_of(key: RecordKey) -> u64 {
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
