//! The counts as a sparse matrix (CSR): the result of scikit-learn's `transform` with sorted
//! indices.
//!
//! The file has all columns before all counts, and states the size and the checksum of each before
//! it. So there are three passes over the images: for the sizes and checksums, for the columns, and
//! for the counts. Sorting the words of an image again costs less than keeping the counts.

use std::ops::Range;

use super::blocks::{PieceSize, for_each_piece, image_pieces};
use super::content::{MatrixContent, WordBuffer};
use super::form::{Form, FormContext, InputSize, MatrixReport};
use crate::error::{Error, Result};
use crate::files::array_file::ArrayFile;
use crate::files::names::FormFile;
use crate::files::output_file::FileReport;
use crate::times::{Work, lap};
use count_vectorizer::csr::{WordCount, count_words};
use keyword_files::npy::array::write_numbers;
use keyword_files::npy::header::Dtype;
use keyword_files::npy::npz::{Elements, NpzMember, NpzWriter, npz_size};

/// The name on the command line.
pub(super) const NAME: &str = "csr";

/// The form.
pub(super) struct Csr;

/// The type of the counts, which is scikit-learn's default.
pub(crate) const COUNTS: Dtype = Dtype::Int64;

/// The array `format` of the file.
pub(crate) const FORMAT: &[u8] = b"csr";

/// The names of the other arrays.
pub(crate) const COLUMNS_ARRAY: &str = "indices";
pub(crate) const OFFSETS_ARRAY: &str = "indptr";
pub(crate) const COUNTS_ARRAY: &str = "data";

impl Form for Csr {
    fn likely_size(&self, input: InputSize, _dtype: Dtype) -> u64 {
        input.of_words(12)
    }

    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()> {
        let pieces = image_pieces(content.store, PieceSize::OF_ROWS)?;
        let counting = Counting { content, context, pieces: &pieces };
        counting.write_matrix(report)?;
        counting.write_row_ids(report)
    }
}

/// The type of columns and offsets: scipy uses int32 if it can hold every number.
pub(crate) fn index_dtype(largest: u64) -> Dtype {
    if i32::try_from(largest).is_ok() { Dtype::Int32 } else { Dtype::Int64 }
}

/// The values that must be known before the first byte is written.
struct Sizes {
    index: Dtype,
    /// The number of different words of each image.
    rows: Vec<u32>,
    columns: Elements,
    counts: Elements,
}

impl Sizes {
    fn new(index: Dtype) -> Sizes {
        let (columns, counts) = (Elements::default(), Elements::default());
        Sizes { index, rows: Vec::new(), columns, counts }
    }

    /// The number of counts.
    fn len(&self) -> u64 {
        self.counts.bytes / COUNTS.size()
    }

    /// The start of each row, and the end of the last one.
    fn indptr(&self) -> impl Iterator<Item = i64> + '_ {
        let ends = self.rows.iter().scan(0_i64, |end, &len| {
            *end += i64::from(len);
            Some(*end)
        });
        std::iter::once(0).chain(ends)
    }

    /// The arrays in the order in which scipy writes them.
    fn members(&self, shape: [i64; 2]) -> Result<Vec<NpzMember>> {
        let indptr = elements(self.indptr(), self.index)?;
        csr_members(self.index, shape, [&self.columns, &indptr, &self.counts])
    }
}

/// The arrays of a matrix of this shape in the order in which scipy writes them. `index` is the type
/// of columns and offsets. The elements are those of the columns, the offsets and the counts.
pub(crate) fn csr_members(index: Dtype, shape: [i64; 2], [columns, offsets, counts]: [&Elements; 3]) -> Result<Vec<NpzMember>> {
    let (int64, descr) = (Dtype::Int64.descr(), index.descr());
    let mut format = Elements::default();
    format.update(FORMAT);
    let (len, places) = (counts.bytes / COUNTS.size(), offsets.bytes / index.size());
    let shape = elements(shape, Dtype::Int64)?;
    Ok(vec![
        NpzMember::new(COLUMNS_ARRAY, descr, &[len], columns),
        NpzMember::new(OFFSETS_ARRAY, descr, &[places], offsets),
        NpzMember::new("format", "|S3", &[], &format),
        NpzMember::new("shape", int64, &[2], &shape),
        NpzMember::new(COUNTS_ARRAY, COUNTS.descr(), &[len], counts),
    ])
}

fn elements(numbers: impl IntoIterator<Item = i64>, dtype: Dtype) -> Result<Elements> {
    let mut elements = Elements::default();
    write_numbers(numbers, dtype, |mut block| {
        elements.update(&block);
        block.clear();
        Ok::<_, Error>(block)
    })?;
    Ok(elements)
}

/// The passes over the images.
#[derive(Clone, Copy)]
struct Counting<'a> {
    content: &'a MatrixContent<'a>,
    context: FormContext<'a>,
    pieces: &'a [Range<usize>],
}

impl Counting<'_> {
    fn write_matrix(self, report: &mut MatrixReport) -> Result<()> {
        let Counting { content, context, .. } = self;
        // The number of words is an upper bound of the number of counts. If the exact number needs
        // another type, measure again.
        let mut sizes = self.sizes(index_dtype(content.rows), report)?;
        let (rows, columns) = (sizes.rows.len() as u64, content.words.vocabulary_size());
        let index = index_dtype(sizes.len().max(rows).max(columns));
        if index != sizes.index {
            sizes = self.sizes(index, report)?;
        }
        let shape = [rows as i64, columns as i64];
        let members = sizes.members(shape)?;
        let file = context.files.create(&content.names.of(FormFile::Csr), npz_size(&members))?;
        let no_thread = file.no_thread();
        let mut npz = NpzWriter::new(file, members).map_err(no_thread)?;
        npz.begin_member()?;
        let push = |word: WordCount, block: &mut Vec<u8>| index.push(word.word.into(), block);
        self.each_block(push, report, |block| npz.write_block(block))?;
        npz.begin_member()?;
        write_numbers(sizes.indptr(), index, |block| npz.write_block(block))?;
        npz.begin_member()?;
        npz.write_block(FORMAT.to_vec())?;
        npz.begin_member()?;
        write_numbers(shape, Dtype::Int64, |block| npz.write_block(block))?;
        npz.begin_member()?;
        let push = |word: WordCount, block: &mut Vec<u8>| COUNTS.push(word.count.into(), block);
        self.each_block(push, report, |block| npz.write_block(block))?;
        report.add(FileReport::new(npz.finish()?)?);
        Ok(())
    }

    /// Writes the image id of each row.
    fn write_row_ids(self, report: &mut MatrixReport) -> Result<()> {
        let Counting { content, context, .. } = self;
        let name = content.names.of(FormFile::CsrRows);
        let shape = [content.store.encoded() as u64];
        let mut ids = ArrayFile::create(context.files, &name, Dtype::Int64, &shape)?;
        let make = |_: &mut WordBuffer, places: &Range<usize>| {
            let mut block = Vec::new();
            content.each_id(places.clone(), |image| {
                Dtype::Int64.push(image.id as i64, &mut block);
                Ok(())
            })?;
            Ok(block)
        };
        for_each_piece(context, self.pieces, make, |block| ids.write_block(block).map(drop))?;
        report.add(ids.finish()?);
        Ok(())
    }

    /// The first pass: everything that must be known before the first byte.
    fn sizes(self, index: Dtype, report: &mut MatrixReport) -> Result<Sizes> {
        let make = |buffer: &mut WordBuffer, places: &Range<usize>| {
            let mut clock = self.context.stopwatch.start();
            let mut sizes = Sizes::new(index);
            let (mut columns, mut counts) = (Vec::new(), Vec::new());
            self.content.each_image(places.clone(), usize::MAX, buffer, |image| {
                let mut different = 0;
                for WordCount { word, count } in count_words(image.words) {
                    index.push(word.into(), &mut columns);
                    COUNTS.push(count.into(), &mut counts);
                    different += 1;
                }
                sizes.rows.push(different);
                Ok(())
            })?;
            sizes.columns.update(&columns);
            sizes.counts.update(&counts);
            Ok((sizes, lap(&mut clock, 0)))
        };
        let mut all = Sizes::new(index);
        for_each_piece(self.context, self.pieces, make, |(sizes, work): (Sizes, Work)| {
            report.times.rows += work;
            all.rows.extend(sizes.rows);
            all.columns.combine(&sizes.columns);
            all.counts.combine(&sizes.counts);
            Ok(())
        })?;
        Ok(all)
    }

    /// A later pass: `push` adds a value of each count to a block.
    fn each_block(
        self,
        push: impl Fn(WordCount, &mut Vec<u8>) + Sync,
        report: &mut MatrixReport,
        mut write: impl FnMut(Vec<u8>) -> Result<Vec<u8>>,
    ) -> Result<()> {
        let make = |buffer: &mut WordBuffer, places: &Range<usize>| {
            let mut clock = self.context.stopwatch.start();
            let mut block = Vec::new();
            self.content.each_image(places.clone(), usize::MAX, buffer, |image| {
                count_words(image.words).for_each(|word| push(word, &mut block));
                Ok(())
            })?;
            let work = lap(&mut clock, block.len() as u64);
            Ok((block, work))
        };
        for_each_piece(self.context, self.pieces, make, |(block, work): (Vec<u8>, Work)| {
            report.times.rows += work;
            write(block).map(|_| ())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_four_bytes_as_long_as_they_fit() {
        let types = [0, (1 << 31) - 1, 1 << 31].map(index_dtype);
        assert_eq!(types, [Dtype::Int32, Dtype::Int32, Dtype::Int64]);
    }
}
