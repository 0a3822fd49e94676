//! Encodes the images of streams. One thread reads the streams and cuts them into batches of
//! records, the others encode these.

use std::sync::atomic::Ordering;

use super::found_images::EncodedImages;
use super::image_encoder::ImageEncoder;
use super::worker::{RecordBatch, Shared, Worker};
use crate::dataset::split::Wanted;
use crate::dataset::split_source::Stream;
use crate::error::{Error, Result};
use count_vectorizer::Numbering;
use keyword_files::records::Records;

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
        let Some(stream) = self.shared.source.streams.get(batch.stream) else { return Ok(()) };
        self.stop_if_cancelled()?;
        let Wanted::ToFind(set) = self.shared.wanted else { return Ok(()) };
        let mut encoded = EncodedImages::new(set, stream.file.has_members());
        for record in batch.records.iter() {
            self.encode_record(encoder, stream, record, batch.before, &mut encoded)?;
        }
        self.hand_over_found(encoder, &mut encoded)?;
        self.shared.reading.progress.advance(batch.records.len() as u64);
        Ok(())
    }
}
