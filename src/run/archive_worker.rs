//! Encodes known images of archives, in the order in which they are in the archives.

use std::ops::Range;

use count_vectorizer::Numbering;
use keyword_files::archive::sections::{SECTION_BYTES, SECTION_MEMBERS};
use keyword_files::archive::{Archive, Reader};
use nonmax::NonMaxU32;

use super::image_encoder::ImageEncoder;
use super::worker::{ImageProblem, MOST_WORDS, Worker};
use crate::dataset::image::KeywordFile;
use crate::dataset::split::{OpenSplit, Wanted};
use crate::error::{Problem, Result};
use crate::times::Times;
use crate::word_store::Batch;

/// The images of archives in the order in which they are read, cut into chunks.
pub(super) struct ArchivePlan {
    /// The place of each image in the split.
    places: Vec<u32>,
    chunks: Vec<ImageChunk>,
}

/// Images that a thread reads at a time. They are in one archive.
struct ImageChunk {
    archive: u32,
    images: Range<usize>,
}

impl ArchivePlan {
    pub fn new(split: &OpenSplit) -> ArchivePlan {
        let places = places_in_archive_order(split);
        let chunks = chunks(split, &places);
        ArchivePlan { places, chunks }
    }

    /// The number of chunks.
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }
}

fn places_in_archive_order(split: &OpenSplit) -> Vec<u32> {
    let OpenSplit { wanted, source, .. } = split;
    if let [archive] = source.archives.as_slice()
        && (0..archive.len() as u32).is_sorted_by_key(|member| archive.position(member))
        && let Some(places) = places_by_member(wanted, archive.len())
    {
        return places.into_iter().filter_map(|place| Some(place?.get())).collect();
    }
    let position = |file: KeywordFile| source.archive_of(file).map_or(u64::MAX, |archive| archive.position(file.member()));
    let mut places: Vec<u32> = (0..).take(wanted.known()).filter(|&place| wanted.file(place).is_some()).collect();
    places.sort_unstable_by_key(|&place| (wanted.file(place).map(|file| (file.archive, position(file))), place));
    places
}

/// For each member of an archive, the place of its image. Returns `None` if sorting is cheaper
/// (more than 4 members per image) or a member is listed twice.
fn places_by_member(wanted: &Wanted, members: usize) -> Option<Vec<Option<NonMaxU32>>> {
    if members / 4 > wanted.known() {
        return None;
    }
    let mut places = vec![None; members];
    for place in (0..).take(wanted.known()) {
        let Some(file) = wanted.file(place) else { continue };
        let before = places.get_mut(file.member() as usize)?.replace(NonMaxU32::new(place)?);
        if before.is_some() {
            return None;
        }
    }
    Some(places)
}

fn chunks(split: &OpenSplit, places: &[u32]) -> Vec<ImageChunk> {
    let (mut chunks, mut start, mut bytes, mut archive) = (Vec::new(), 0, 0, 0);
    for (at, &place) in places.iter().enumerate() {
        let Some(file) = split.wanted.file(place) else { continue };
        let here = file.archive;
        if start < at && (bytes >= SECTION_BYTES || at - start >= SECTION_MEMBERS || here != archive) {
            chunks.push(ImageChunk { archive, images: start..at });
            (start, bytes) = (at, 0);
        }
        archive = here;
        bytes += split.source.archive_of(file).map_or(1, |archive| archive.packed_size(file.member()));
    }
    if start < places.len() {
        chunks.push(ImageChunk { archive, images: start..places.len() });
    }
    chunks
}

/// The reader of the archive that a thread currently reads.
struct OpenReader<'a> {
    number: u32,
    archive: &'a Archive,
    reader: Reader<'a>,
}

impl Worker<'_> {
    /// Encodes chunks until none is left.
    pub(super) fn read_archives<N: Numbering>(&self, encoder: &mut ImageEncoder<'_, N>, plan: &ArchivePlan) -> Times {
        let mut times = Times::default();
        let mut open: Option<OpenReader<'_>> = None;
        while let Some(chunk) = plan.chunks.get(self.shared.next_chunk()) {
            let number = chunk.archive;
            if let Some(done) = open.take_if(|open| open.number != number) {
                times.add_reader(done.reader.times());
            }
            let Some(archive) = self.shared.source.archives.get(number as usize) else { continue };
            let is_timed = self.shared.reading.stopwatch.is_on;
            let open = open.get_or_insert_with(|| OpenReader { number, archive, reader: archive.reader(is_timed) });
            let images = chunk.images.clone();
            let places = plan.places.get(images).unwrap_or_default();
            let encoded = self.stop_if_cancelled().and_then(|()| self.encode_known(encoder, open, places));
            encoded.unwrap_or_else(|error| self.shared.fail(error));
            self.shared.reading.progress.advance(chunk.images.len() as u64);
        }
        if let Some(done) = open {
            times.add_reader(done.reader.times());
        }
        times
    }

    /// Encodes known images of an archive.
    fn encode_known<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        open: &mut OpenReader<'_>,
        places: &[u32],
    ) -> Result<()> {
        let fields = &self.shared.source.fields;
        let archive = open.archive;
        let members: Vec<u32> = places.iter().filter_map(|&place| Some(self.shared.wanted.file(place)?.member())).collect();
        let mut batch = Batch::default();
        let mut problems = Vec::new();
        let mut handed_over = Ok(());
        open.reader.read_each(&members, &mut |i, bytes| {
            let (Some(&place), Some(&member)) = (places.get(i), members.get(i)) else { return };
            let before = encoder.len();
            let added = bytes.and_then(|bytes| {
                let tally = encoder.add(bytes, &fields.keywords);
                if tally.as_ref().is_ok_and(|tally| tally.without_field > 0) {
                    let name = || Some(archive.name(member).into_owned());
                    self.shared.note_missing_field(place.into(), bytes, name);
                }
                tally.map_err(|malformed| {
                    fields.problem(malformed, bytes, |what, place| {
                        Problem::new(archive.path(), what).in_member(archive.name(member)).at(place)
                    })
                })
            });
            match added {
                Ok(tally) => {
                    batch.documents.push((place, (encoder.len() - before) as u32));
                    batch.tally += tally;
                }
                Err(problem) => problems.push(ImageProblem { order: place.into(), problem }),
            }
            if encoder.len() >= MOST_WORDS && handed_over.is_ok() {
                batch.words = encoder.take();
                handed_over = self.hand_over(std::mem::take(&mut batch));
            }
        });
        handed_over?;
        batch.words = encoder.take();
        self.add_problems(problems);
        self.hand_over(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::image::Image;
    use crate::dataset::split_source::ImageList;

    #[test]
    fn images_with_one_member_each_need_no_sorting() {
        let places = |members: &[Option<u32>], count| {
            let images: Vec<Image> = members.iter().map(|&member| Image::of_member(7, member)).collect();
            let places = places_by_member(&Wanted::Known(ImageList { images, ..ImageList::default() }), count)?;
            Some(places.into_iter().flatten().map(|place| place.get()).collect::<Vec<u32>>())
        };
        assert_eq!(places(&[Some(3), Some(0), None, Some(2)], 5), Some(vec![1, 3, 0]));
        assert_eq!(places(&[], 3), Some(vec![]));
        assert_eq!(places(&[Some(3), Some(0), Some(3)], 5), None, "a member is listed twice");
        assert_eq!(places(&[Some(1), Some(0)], 12), None, "many members for few images");
        assert_eq!(places(&[Some(5)], 5), None, "no such member");
    }
}
