//! The counts as a sparse matrix: what scikit-learn's `transform` gives, with its indices sorted.
//!
//! The file has all columns before all counts, and the size and the checksum of each before it. So the images are looked at three
//! times, for the sizes and the checksums, for the columns, and for the counts: sorting the words of an image again costs less than
//! keeping them.

use std::ops::Range;

use crc32fast::Hasher as Crc;

use super::encoded::{Desk, Encoded};
use super::pieces::{BLOCK_IMAGES, BLOCK_ROWS, whole_images};
use super::walk::{walk, write_numbers};
use super::{MatrixNames, Writing, Written};
use crate::error::Result;
use crate::output::npy::{Dtype, NpyWriter};
use crate::output::npz::{Member, NpzWriter};
use crate::pipeline::times::{Work, lap};

/// The type of the counts: scikit-learn's default.
const COUNTS: Dtype = Dtype::Int64;

/// Writes the matrix and the image id of each of its rows.
pub(super) fn write(encoded: Encoded<'_>, names: &MatrixNames, writing: Writing<'_>, written: &mut Written) -> Result<()> {
    let pieces = whole_images(encoded.documents, BLOCK_ROWS, BLOCK_IMAGES);
    let counting = Counting { encoded, writing, pieces: &pieces };
    // An image has no more different words than words. Where that does not tell the type, another look does.
    let mut sizes = counting.sizes(index_dtype(encoded.rows), written)?;
    let (rows, columns) = (sizes.rows.len() as u64, encoded.vocabulary.len() as u64);
    let index = index_dtype(sizes.len.max(rows).max(columns));
    if index != sizes.index {
        sizes = counting.sizes(index, written)?;
    }

    let members = members(&sizes, [rows, columns])?;
    let mut npz = NpzWriter::create(writing.files, &names.beside("_csr.npz"), members)?;
    npz.begin_member()?;
    counting.each(|words, block| words.for_each(|(id, _)| index.push(id, block)), written, |block| npz.write_block(block))?;
    npz.begin_member()?;
    write_numbers(sizes.indptr(), index, |block| npz.write_block(block))?;
    npz.begin_member()?;
    npz.write_block(FORMAT.to_vec())?;
    npz.begin_member()?;
    write_numbers([rows as i64, columns as i64], Dtype::Int64, |block| npz.write_block(block))?;
    npz.begin_member()?;
    counting.each(
        |words, block| words.for_each(|(_, count)| COUNTS.push(count, block)),
        written,
        |block| npz.write_block(block),
    )?;
    written.add(npz.finish()?);

    let mut ids = NpyWriter::create(writing.files, &names.beside("_csr_rows.npy"), Dtype::Int64, &[rows])?;
    let image_ids = encoded.places().map(|place| encoded.image_id(place) as i64);
    write_numbers(image_ids, Dtype::Int64, |block| ids.write_block(block))?;
    written.add(ids.finish()?);
    Ok(())
}

const FORMAT: &[u8] = b"csr";

/// The type of columns and of places: scipy's, which is the smaller one where that has room for every number.
fn index_dtype(largest: u64) -> Dtype {
    if i32::try_from(largest).is_ok() { Dtype::Int32 } else { Dtype::Int64 }
}

/// What must be known before the first byte is written.
struct Sizes {
    index: Dtype,
    /// How many different words each image has.
    rows: Vec<u32>,
    /// How many there are in all.
    len: u64,
    columns: Crc,
    counts: Crc,
}

impl Sizes {
    /// Where each row begins, and where the last one ends.
    fn indptr(&self) -> impl Iterator<Item = i64> + '_ {
        let ends = self.rows.iter().scan(0_i64, |end, &len| {
            *end += i64::from(len);
            Some(*end)
        });
        std::iter::once(0).chain(ends)
    }
}

/// The arrays in the order in which scipy writes them.
fn members(sizes: &Sizes, shape: [u64; 2]) -> Result<Vec<Member>> {
    let Sizes { index, rows, len, columns, counts } = sizes;
    let (descr, width) = (index.descr(), index.size());
    let member = |name, descr, shape: &[u64], elements| Member::new(name, descr, shape, elements);
    let numbers = |dtype, numbers: &mut dyn Iterator<Item = i64>| {
        let mut crc = Crc::new();
        write_numbers(numbers, dtype, |mut block| {
            crc.update(&block);
            block.clear();
            Ok(block)
        })?;
        Ok::<Crc, crate::error::Error>(crc)
    };
    let places = rows.len() as u64 + 1;
    let indptr = numbers(*index, &mut sizes.indptr())?;
    let shape = numbers(Dtype::Int64, &mut shape.into_iter().map(|axis| axis as i64))?;
    let mut format = Crc::new();
    format.update(FORMAT);
    Ok(vec![
        member("indices", descr, &[*len], (len * width, columns)),
        member("indptr", descr, &[places], (places * width, &indptr)),
        member("format", "|S3", &[], (FORMAT.len() as u64, &format)),
        member("shape", Dtype::Int64.descr(), &[2], (2 * Dtype::Int64.size(), &shape)),
        member("data", COUNTS.descr(), &[*len], (len * COUNTS.size(), counts)),
    ])
}

/// The words of each image, counted.
#[derive(Clone, Copy)]
struct Counting<'a> {
    encoded: Encoded<'a>,
    writing: Writing<'a>,
    pieces: &'a [Range<usize>],
}

impl Counting<'_> {
    /// Looks at all images for what must be known before the first byte.
    fn sizes(self, index: Dtype, written: &mut Written) -> Result<Sizes> {
        let make = |desk: &mut Desk, places: &Range<usize>| {
            let mut clock = self.writing.stopwatch.start();
            let mut sizes = Sizes { index, rows: Vec::new(), len: 0, columns: Crc::new(), counts: Crc::new() };
            let (mut columns, mut counts) = (Vec::new(), Vec::new());
            for place in places.clone() {
                let Some(words) = self.encoded.words_of(place, usize::MAX, desk)? else { continue };
                let before = columns.len();
                for (id, count) in counted(words) {
                    index.push(id, &mut columns);
                    COUNTS.push(count, &mut counts);
                }
                sizes.rows.push(((columns.len() - before) as u64 / index.size()) as u32);
            }
            sizes.columns.update(&columns);
            sizes.counts.update(&counts);
            sizes.len = counts.len() as u64 / COUNTS.size();
            Ok((sizes, lap(&mut clock, 0)))
        };
        let mut all = Sizes { index, rows: Vec::new(), len: 0, columns: Crc::new(), counts: Crc::new() };
        walk(self.writing, self.pieces, make, |(sizes, work)| {
            written.times.rows += work;
            all.rows.extend(sizes.rows);
            all.len += sizes.len;
            all.columns.combine(&sizes.columns);
            all.counts.combine(&sizes.counts);
            Ok(())
        })?;
        Ok(all)
    }

    /// Looks at all images once more; `push` adds what is wanted of an image's words and counts to a block.
    fn each(
        self,
        push: impl Fn(&mut dyn Iterator<Item = (i64, i64)>, &mut Vec<u8>) + Sync,
        written: &mut Written,
        mut write: impl FnMut(Vec<u8>) -> Result<Vec<u8>>,
    ) -> Result<()> {
        let make = |desk: &mut Desk, places: &Range<usize>| {
            let mut clock = self.writing.stopwatch.start();
            let mut block = Vec::new();
            for place in places.clone() {
                if let Some(words) = self.encoded.words_of(place, usize::MAX, desk)? {
                    push(&mut counted(words), &mut block);
                }
            }
            let work = lap(&mut clock, block.len() as u64);
            Ok::<(Vec<u8>, Work), _>((block, work))
        };
        walk(self.writing, self.pieces, make, |(block, work)| {
            written.times.rows += work;
            write(block).map(|_| ())
        })
    }
}

/// Each different word of an image, going up, and how often it comes.
fn counted(words: &mut [u32]) -> impl Iterator<Item = (i64, i64)> {
    words.sort_unstable();
    words.chunk_by(|a, b| a == b).filter_map(|same| Some((i64::from(*same.first()?), same.len() as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_the_order_of_their_ids() {
        assert_eq!(counted(&mut [7, 2, 7, 0, 7, 2]).collect::<Vec<_>>(), [(0, 1), (2, 2), (7, 3)]);
        assert_eq!(counted(&mut []).count(), 0);
    }

    #[test]
    fn places_have_four_bytes_as_long_as_that_is_enough() {
        assert_eq!([0, (1 << 31) - 1, 1 << 31].map(index_dtype), [Dtype::Int32, Dtype::Int32, Dtype::Int64]);
    }
}
