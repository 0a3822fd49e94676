//! Encodes the images of inputs. One thread reads the inputs and cuts them into batches, the others
//! encode these.

use std::sync::atomic::Ordering;

use count_vectorizer::Numbering;
use keyword_files::archive::sections::Section;
use keyword_files::records::Records;

use super::found_images::EncodedImages;
use super::image_encoder::ImageEncoder;
use super::worker::{InputBatch, MemberBatch, RecordBatch, Shared, Worker};
use crate::dataset::image_set::ImageSet;
use crate::dataset::split_source::{MemberInput, Stream};
use crate::error::Result;
use crate::times::Times;

/// Reads all inputs of a split, one after the other.
pub(super) fn read_inputs(shared: &Shared<'_>) {
    let _stop = shared.batches.stop_on_panic();
    match read_members(shared).and_then(|()| read_streams(shared)) {
        Ok(()) => shared.batches.close(),
        Err(error) => shared.fail(error),
    }
}

/// Reads the directories of zips, and the lists of folders. The other threads read the members.
fn read_members(shared: &Shared<'_>) -> Result<()> {
    for (archive, MemberInput { sections, .. }) in shared.source.members.iter().enumerate() {
        let mut outcome = Ok(());
        sections.read(&mut |section: Section| {
            outcome = shared.push(InputBatch::Members(MemberBatch { section, archive }));
            outcome.is_ok()
        })?;
        outcome?;
    }
    Ok(())
}

fn read_streams(shared: &Shared<'_>) -> Result<()> {
    let keys = shared.source.fields.keys_to_read();
    let mut before = 0;
    for (stream, Stream { file, .. }) in shared.source.streams.iter().enumerate() {
        let mut outcome = Ok(());
        let mut push = |records: Records| {
            outcome = shared.push(InputBatch::Records(RecordBatch { records, stream, before }));
            outcome.is_ok()
        };
        before += file.read(shared.reading.limits, &keys, &mut push)?;
        outcome?;
        shared.rows.store(before, Ordering::Relaxed);
    }
    Ok(())
}

impl Worker<'_> {
    /// Encodes batches until no input has images.
    pub(super) fn encode_inputs<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, set: &ImageSet) -> Times {
        let mut times = Times::default();
        let mut encode = |batch: InputBatch| {
            let encoded = self.stop_if_cancelled().and_then(|()| match &batch {
                InputBatch::Records(records) => self.encode_records(encoder, set, records),
                InputBatch::Members(members) => self.encode_members(encoder, set, members, &mut times),
            });
            encoded.unwrap_or_else(|error| self.shared.fail(error));
            self.shared.reading.progress.advance(batch.len() as u64);
        };
        while self.shared.batches.work(&mut encode) {}
        times
    }

    fn encode_records<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, set: &ImageSet, batch: &RecordBatch) -> Result<()> {
        let Some(stream) = self.shared.source.streams.get(batch.stream) else { return Ok(()) };
        let mut encoded = EncodedImages::new(set, stream.file.has_members());
        for record in batch.records.iter() {
            self.encode_record(encoder, stream, record, batch.before, &mut encoded)?;
        }
        self.hand_over_found(encoder, &mut encoded)
    }
}
