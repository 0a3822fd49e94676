//! Encodes the members of a user's own zips and folders.

use count_vectorizer::Numbering;

use super::found_images::{EncodedImages, FoundImage};
use super::image_encoder::ImageEncoder;
use super::worker::{MemberBatch, Worker};
use crate::dataset::image_set::ImageSet;
use crate::dataset::record_fields::RecordFields;
use crate::dataset::split_source::MemberInput;
use crate::error::{Problem, Result};
use crate::times::Times;
use crate::word_store::RecordKey;

impl Worker<'_> {
    /// Encodes the images of members. A member that is not listed is not read.
    pub fn encode_members<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        set: &ImageSet,
        batch: &MemberBatch,
        times: &mut Times,
    ) -> Result<()> {
        let MemberBatch { section, archive } = batch;
        let Some(MemberInput { sections, input }) = self.shared.source.members.get(*archive) else { return Ok(()) };
        let fields = &self.shared.source.fields;
        let mut encoded = EncodedImages::new(set, true);
        let (mut members, mut places) = (Vec::new(), Vec::new());
        for &member in &section.members {
            let name = section.archive.name(member);
            let name = fields.image_name(sections.image_name(section, &name));
            let place = name.as_ref().ok().and_then(|name| set.find(name));
            match name {
                Ok(name) if place.is_none() => encoded.note_unlisted(&name),
                // The problem of a name is reported below.
                _ => {
                    members.push(member);
                    places.push(place);
                }
            }
        }
        let mut outcome = Ok(());
        let mut reader = section.archive.reader(self.shared.reading.stopwatch.is_on);
        reader.read_each(&members, &mut |i, bytes| {
            let (Some(&member), Some(&place)) = (members.get(i), places.get(i)) else { return };
            let listed = section.archive.name(member);
            let problem = |what: String| Problem::new(section.archive.path(), what).in_member(&*listed);
            let (name, text) = match fields.image_name(sections.image_name(section, &listed)) {
                Ok(name) => (Some(name), bytes),
                Err(malformed) => (None, Err(RecordFields::add_hint_for_id(&malformed, problem(malformed.to_string())))),
            };
            let image = FoundImage {
                key: RecordKey { input: *input, number: section.first + i as u64 },
                name: name.as_deref(),
                place,
                second_name: Some(&listed),
                is_numbered: false,
                text,
            };
            let encoding = self.encode_found(encoder, &image, &mut encoded, &|malformed, text| {
                fields.problem(malformed, text, |what, place| problem(what).at(place))
            });
            if outcome.is_ok() {
                outcome = encoding;
            }
        });
        times.add_reader(reader.times());
        outcome?;
        self.hand_over_found(encoder, &mut encoded)
    }
}
