//! Encodes the images of archives, in the order in which they are in the archives.

use std::ops::Range;

use count_vectorizer::Numbering;
use keyword_files::archive::{Archive, Reader};
use nonmax::NonMaxU32;

use super::image_encoder::ImageEncoder;
use super::worker::{ImageProblem, MOST_WORDS, Worker};
use crate::dataset::image::{Image, KeywordFile};
use crate::dataset::split::OpenSplit;
use crate::error::{Problem, Result};
use crate::times::Times;
use crate::word_store::Batch;

/// A chunk has at most this many packed bytes. It is small enough that all threads have work until
/// the end.
const CHUNK_BYTES: u64 = 256 << 10;
const CHUNK_IMAGES: usize = 4096;

/// The images of archives in the order in which they are read, cut into chunks.
pub(super) struct ArchivePlan {
    images: Vec<ImageToRead>,
    chunks: Vec<Chunk>,
}

/// An image, and its place in the split.
#[derive(Debug, Clone, Copy)]
struct ImageToRead {
    place: u32,
    file: KeywordFile,
}

/// Images that a thread reads at a time. They are in one archive.
struct Chunk {
    archive: u32,
    images: Range<usize>,
}

impl ArchivePlan {
    pub fn new(split: &OpenSplit) -> ArchivePlan {
        let images = images_in_archive_order(split);
        let chunks = chunks(split, &images);
        ArchivePlan { images, chunks }
    }

    /// The number of chunks.
    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    fn chunk(&self, number: usize) -> Option<(u32, &[ImageToRead])> {
        let chunk = self.chunks.get(number)?;
        Some((chunk.archive, self.images.get(chunk.images.clone()).unwrap_or_default()))
    }
}

fn images_in_archive_order(split: &OpenSplit) -> Vec<ImageToRead> {
    let images = split.archive_images();
    if let [archive] = split.source.archives.as_slice()
        && (0..archive.len() as u32).is_sorted_by_key(|member| archive.position(member))
        && let Some(places) = places_by_member(images, archive.len())
    {
        let members = places.into_iter().zip(0..).filter_map(|(place, member)| Some((place?.get(), member)));
        return members.map(|(place, member)| ImageToRead { place, file: KeywordFile { archive: 0, member } }).collect();
    }
    let mut order: Vec<(u32, u64, ImageToRead)> = (0..)
        .zip(images)
        .filter_map(|(place, image)| Some(ImageToRead { place, file: image.file()? }))
        .map(|image| {
            let position = split.source.archive_of(image.file).map_or(u64::MAX, |archive| archive.position(image.file.member));
            (image.file.archive, position, image)
        })
        .collect();
    order.sort_unstable_by_key(|(archive, position, image)| (*archive, *position, image.place));
    order.into_iter().map(|(.., image)| image).collect()
}

/// For each member of an archive, the place of its image. Returns `None` if sorting is cheaper
/// (more than 4 members per image) or a member is listed twice.
fn places_by_member(images: &[Image], members: usize) -> Option<Vec<Option<NonMaxU32>>> {
    if members / 4 > images.len() {
        return None;
    }
    let mut places = vec![None; members];
    for (place, image) in (0..).zip(images) {
        let Some(file) = image.file() else { continue };
        let before = places.get_mut(file.member as usize)?.replace(NonMaxU32::new(place)?);
        if before.is_some() {
            return None;
        }
    }
    Some(places)
}

fn chunks(split: &OpenSplit, images: &[ImageToRead]) -> Vec<Chunk> {
    let (mut chunks, mut start, mut bytes, mut archive) = (Vec::new(), 0, 0, 0);
    for (at, image) in images.iter().enumerate() {
        let here = image.file.archive;
        if start < at && (bytes >= CHUNK_BYTES || at - start >= CHUNK_IMAGES || here != archive) {
            chunks.push(Chunk { archive, images: start..at });
            (start, bytes) = (at, 0);
        }
        archive = here;
        bytes += split.source.archive_of(image.file).map_or(1, |archive| archive.packed_size(image.file.member));
    }
    if start < images.len() {
        chunks.push(Chunk { archive, images: start..images.len() });
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
        while let Some((number, images)) = plan.chunk(self.shared.next_chunk()) {
            if let Some(done) = open.take_if(|open| open.number != number) {
                times.add_reader(done.reader.times());
            }
            let Some(archive) = self.shared.source.archives.get(number as usize) else { continue };
            let is_timed = self.shared.reading.stopwatch.is_on;
            let open = open.get_or_insert_with(|| OpenReader { number, archive, reader: archive.reader(is_timed) });
            if let Err(error) = self.encode_chunk(encoder, open, images) {
                self.shared.fail(error);
            }
        }
        if let Some(done) = open {
            times.add_reader(done.reader.times());
        }
        times
    }

    fn encode_chunk<N: Numbering>(
        &self,
        encoder: &mut ImageEncoder<'_, N>,
        open: &mut OpenReader<'_>,
        images: &[ImageToRead],
    ) -> Result<()> {
        self.stop_if_cancelled()?;
        let fields = &self.shared.source.fields;
        let archive = open.archive;
        let members: Vec<u32> = images.iter().map(|image| image.file.member).collect();
        let mut batch = Batch::default();
        let mut problems = Vec::new();
        let mut handed_over = Ok(());
        open.reader.read_each(&members, &mut |i, bytes| {
            let Some(&ImageToRead { place, file }) = images.get(i) else { return };
            let before = encoder.len();
            let added = bytes.and_then(|bytes| {
                let tally = encoder.add(bytes, &fields.keywords);
                if tally.as_ref().is_ok_and(|tally| tally.without_field > 0) {
                    let member = || Some(archive.name(file.member).into_owned());
                    self.shared.note_missing_field(place.into(), bytes, member);
                }
                tally.map_err(|malformed| {
                    fields.problem(malformed, bytes, |what, place| {
                        Problem::new(archive.path(), what).in_member(archive.name(file.member)).at(place)
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
        self.shared.reading.progress.advance(images.len() as u64);
        self.hand_over(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_with_one_member_each_need_no_sorting() {
        let places = |members: &[Option<u32>], count| {
            let images: Vec<Image> = members.iter().map(|&member| Image::of_member(7, member)).collect();
            let places = places_by_member(&images, count)?;
            Some(places.into_iter().flatten().map(|place| place.get()).collect::<Vec<u32>>())
        };
        assert_eq!(places(&[Some(3), Some(0), None, Some(2)], 5), Some(vec![1, 3, 0]));
        assert_eq!(places(&[], 3), Some(vec![]));
        assert_eq!(places(&[Some(3), Some(0), Some(3)], 5), None, "a member is listed twice");
        assert_eq!(places(&[Some(1), Some(0)], 12), None, "many members for few images");
        assert_eq!(places(&[Some(5)], 5), None, "no such member");
    }
}
