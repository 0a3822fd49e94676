//! The image of a record.

use std::borrow::Cow;

use count_vectorizer::Numbering;
use keyword_files::json::Malformed;
use keyword_files::records::Record;

use super::found_images::{EncodedImages, FoundImage};
use super::image_encoder::ImageEncoder;
use super::worker::Worker;
use crate::dataset::record_fields::RecordFields;
use crate::dataset::split_source::Stream;
use crate::error::{Problem, Result};
use crate::inputs::list_file::LONGEST_NAME;
use crate::word_store::RecordKey;

impl Worker<'_> {
    /// Encodes the image of a record. `before` is the number of records in the streams before.
    pub fn encode_record<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        stream: &Stream,
        record: Record<'_>,
        before: u64,
        encoded: &mut EncodedImages<'_>,
    ) -> Result<()> {
        let fields = &self.shared.source.fields;
        let is_numbered = record.name.is_none() && fields.id.is_none();
        self.shared.names_seen.add(is_numbered);
        let name = match (fields.group, record.name, record.text) {
            (false, ..) => name_of(fields, stream, record, before),
            (true, Some(id), _) => Ok(Cow::Borrowed(id)),
            (true, None, Err(problem)) => Err(problem.clone()),
            (true, None, Ok(_)) => Err(stream.file.problem(&record, "the image has no id", None)),
        };
        let (name, text) = match name {
            Ok(name) => (Some(name), record.text.map_err(Problem::clone)),
            Err(problem) => (None, Err(problem)),
        };
        let image = FoundImage {
            key: RecordKey { input: stream.input, number: record.position.number },
            name: name.as_deref(),
            place: name.as_deref().and_then(|name| encoded.set().find(name)),
            second_name: if stream.file.has_members() { record.name } else { record.display_name },
            is_numbered,
            text,
        };
        self.encode_found(encoder, &image, encoded, &|malformed, text| {
            fields.problem(malformed, text, |what, place| stream.file.problem(&record, what, Some(&place)))
        })
    }
}

/// The name of the image of a record.
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
    let id_field = fields.id.as_ref().filter(|_| !stream.file.has_members());
    let name = match (record.name, id_field) {
        (Some(name), None) => fields.image_name(stream.file.image_name(name)).map_err(problem)?,
        (None, None) => {
            let number = (before + record.position.number).to_string();
            Cow::Owned(fields.image_name(&number).map_err(problem)?.into_owned())
        }
        (_, Some(path)) => Cow::Owned(fields.id_in(record.text.map_err(Problem::clone)?, path).map_err(problem)?),
    };
    if name.len() > LONGEST_NAME {
        let what = format!("the image's name has {} bytes, expected at most {LONGEST_NAME}", name.len());
        return Err(stream.file.problem(&record, what, None));
    }
    Ok(name)
}
