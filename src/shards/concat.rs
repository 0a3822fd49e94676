//! `shards finish --concat`: joins the files of the parts to the files that a single run writes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use keyword_files::npy::header::{Dtype, npy_header};
use keyword_files::npy::npz::{Elements, NpzArray, NpzWriter, npz_arrays, npz_size};

use super::advice::ENCODE_AGAIN;
use super::encode::{EncodedRecord, RUNS};
use super::loaded_part::Loading;
use super::plan::{OpenPlan, PlanPart};
use crate::error::{Error, Problem, Result};
use crate::files::array_file::ArrayFile;
use crate::files::digest::Hasher;
use crate::files::names::{FormFile, MatrixNames};
use crate::files::output_file::{FileReport, OutputSet};
use crate::files::output_line::Output;
use crate::forms::csr::{COLUMNS_ARRAY, COUNTS, COUNTS_ARRAY, FORMAT, OFFSETS_ARRAY, csr_members, index_dtype};
use crate::forms::id_ranges::Ranges;
use crate::forms::{FormContext, TableOfParts, check_fits};
use crate::progress::Progress;
use crate::row_sorter::RowSorter;

/// Files are copied in blocks of this size.
const BLOCK: usize = 1 << 20;

/// The encoded parts of a set, in order.
pub(super) struct EncodedParts<'a> {
    pub plan: &'a OpenPlan,
    pub parts: &'a [PlanPart],
    pub records: &'a [EncodedRecord],
    pub names: MatrixNames,
    pub context: FormContext<'a>,
}

/// The names of the files that [`EncodedParts::join`] writes, without the ranges.
pub(super) fn joined_names(plan: &OpenPlan) -> Vec<String> {
    let (layout, emit) = (plan.plan.forms.layout(), plan.plan.forms.emit());
    let files = [
        emit.pairs_file(layout),
        emit.csr.then_some(FormFile::Csr),
        emit.csr.then_some(FormFile::CsrRows),
        emit.padded.map(|_| FormFile::Padded),
        emit.padded.map(|_| FormFile::PaddedMask),
        emit.parquet.then_some(FormFile::Parquet),
    ];
    files.into_iter().flatten().map(|file| plan.names().of(file)).collect()
}

impl EncodedParts<'_> {
    fn files(&self) -> &dyn OutputSet {
        self.context.files
    }

    fn progress(&self) -> &dyn Progress {
        self.context.progress
    }

    /// Writes the single files of all forms, with the ranges at their place.
    ///
    /// # Errors
    ///
    /// A file of a part cannot be read or is damaged, or the system refuses to write.
    pub fn join(&self) -> Result<Vec<Output>> {
        let (layout, emit) = (self.plan.plan.forms.layout(), self.plan.plan.forms.emit());
        let dtype = emit.dtype;
        let mut outputs = Vec::new();
        if let Some(file) = emit.pairs_file(layout) {
            outputs.push(self.join_arrays(file, dtype, Some(2))?);
        }
        outputs.extend(self.ranges()?);
        if layout == crate::forms::layout::Layout::Script {
            // The main file is the first output of a set, as in a single run.
            outputs.reverse();
        }
        if emit.csr {
            outputs.push(self.join_csr()?);
            outputs.push(self.join_arrays(FormFile::CsrRows, Dtype::Int64, None)?);
        }
        if let Some(padding) = emit.padded {
            let width = Some(padding.to.get() as u64);
            outputs.push(self.join_arrays(FormFile::Padded, dtype, width)?);
            outputs.push(self.join_arrays(FormFile::PaddedMask, Dtype::Uint8, width)?);
        }
        if emit.parquet {
            outputs.push(self.join_tables()?);
        }
        Ok(outputs)
    }

    /// The file of a part, and its line in the record.
    fn files_named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Result<(PathBuf, &'s Output)>> {
        self.records.iter().map(move |record| {
            let folder = self.plan.encoded_part(record.part);
            let output = record.outputs.iter().find(|output| output.name == name);
            let missing = || Problem::new(folder.join(name), "is not in the record of the part").hint(ENCODE_AGAIN);
            Ok((folder.join(name), output.ok_or_else(missing)?))
        })
    }

    fn join_arrays(&self, file: FormFile, dtype: Dtype, columns: Option<u64>) -> Result<Output> {
        let name = self.names.of(file);
        let mut rows = 0;
        for part in self.files_named(&name) {
            let shape = part?.1.shape.as_deref().unwrap_or_default();
            rows = shape.first().map_or(rows, |more| more.saturating_add(rows));
        }
        let shape: Vec<u64> = std::iter::once(rows).chain(columns).collect();
        let mut array = ArrayFile::create(self.files(), &name, dtype, &shape)?;
        for part in self.files_named(&name) {
            let (path, output) = part?;
            self.copy_elements(&path, output, dtype, |block| array.write_block(block).map(drop))?;
        }
        Ok(array.finish()?.output)
    }

    /// Hands the elements of an array to `take`, and checks the checksum of its file.
    fn copy_elements(
        &self,
        path: &Path,
        output: &Output,
        dtype: Dtype,
        mut take: impl FnMut(Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let damaged = || Problem::new(path, "differs from its record").hint(ENCODE_AGAIN);
        let expected = npy_header(dtype.descr(), output.shape.as_deref().unwrap_or_default());
        let mut file = File::open(path).map_err(Error::io(path, "read"))?;
        let mut header = vec![0; expected.len()];
        file.read_exact(&mut header).map_err(Error::io(path, "read"))?;
        if header != expected {
            return Err(damaged().into());
        }
        let mut hasher = Hasher::default();
        hasher.update(&header);
        loop {
            self.progress().stop_if_cancelled()?;
            let mut block = Vec::with_capacity(BLOCK);
            (&mut file).take(BLOCK as u64).read_to_end(&mut block).map_err(Error::io(path, "read"))?;
            if block.is_empty() {
                break;
            }
            hasher.update(&block);
            take(block)?;
        }
        if hasher.finish().sha256 != output.sha256 {
            return Err(damaged().into());
        }
        Ok(())
    }

    /// Writes the ranges of the set if they are wanted.
    ///
    /// # Errors
    ///
    /// Those of [`join`](Self::join), or nearly all ranges would be empty.
    pub fn ranges(&self) -> Result<Option<Output>> {
        let (layout, emit) = (self.plan.plan.forms.layout(), self.plan.plan.forms.emit());
        let Some(file) = emit.ranges_file(layout) else { return Ok(None) };
        check_fits("row numbers", self.plan.plan.counts.rows, emit.dtype)?;
        let mut runs = RowSorter::new(self.files().scratch());
        let (mut images, mut count) = (0_u64, 0_u64);
        let (mut first_id, mut last_id) = (None, None);
        for (part, file) in self.parts.iter().zip(self.files_named(RUNS)) {
            let (path, output) = file?;
            self.copy_elements(&path, output, Dtype::Int64, |block| {
                let (numbers, _) = block.as_chunks::<8>();
                let numbers: Vec<u64> = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
                numbers.as_chunks().0.iter().try_for_each(|&[id, first, last]| {
                    // A run may go on from one part to the next.
                    images += u64::from(last_id != Some(id));
                    (first_id, last_id) = (first_id.or(Some(id)), Some(id));
                    count = count.max(id.saturating_add(1));
                    runs.push([id, first.saturating_add(part.first_row), last.saturating_add(part.first_row)])
                })
            })?;
        }
        // As the scripts do, row 0 starts as the range of id 0.
        let images = images - u64::from(first_id == Some(0));
        Ranges::check_count(count, images)?;
        let mut array = ArrayFile::create(self.files(), &self.names.of(file), emit.dtype, &[count, 2])?;
        let mut runs = runs.sorted()?;
        let mut next = runs.next_row()?;
        let mut block = Vec::new();
        for id in 0..count {
            let mut range = if id == 0 { [0, -1] } else { [-1, -1] };
            while let Some([_, first, last]) = next.filter(|[run, ..]| *run == id) {
                let [_, before] = range;
                let goes_on = before >= 0 && before + 1 == first as i64 || id == 0 && first == 0;
                range = [if goes_on { range[0] } else { first as i64 }, last as i64];
                next = runs.next_row()?;
            }
            range.iter().for_each(|&number| emit.dtype.push(number, &mut block));
            if block.len() >= BLOCK {
                block = array.write_block(block)?;
            }
        }
        array.write_block(block)?;
        Ok(Some(array.finish()?.output))
    }

    /// Writes the table again from the counted parts: row groups go on from one part to the next.
    fn join_tables(&self) -> Result<Output> {
        let mut table = TableOfParts::create(&self.names.of(FormFile::Parquet), self.context)?;
        let loading = Loading { plan: self.plan, scratch: self.files().scratch(), progress: self.progress() };
        for part in self.parts {
            let loaded = loading.load(part)?;
            table.add(&loaded.content(&self.names), self.context)?;
        }
        Ok(table.finish()?.output)
    }

    fn join_csr(&self) -> Result<Output> {
        let name = self.names.of(FormFile::Csr);
        let mut parts = Vec::new();
        let (mut counts, mut rows) = (0_u64, 0_u64);
        for (part, record) in self.files_named(&name).zip(self.records) {
            let (path, output) = part?;
            let found = crate::files::digest::of_file(&path, self.progress())?;
            let arrays = File::open(&path).and_then(|mut file| npz_arrays(&mut file));
            let arrays = arrays.map_err(Error::io(&path, "read"))?;
            if found.sha256 != output.sha256 {
                return Err(Problem::new(path, "differs from its record").hint(ENCODE_AGAIN).into());
            }
            let part = CsrPart { path, arrays, first_count: counts };
            counts += part.bytes_of(COUNTS_ARRAY) / COUNTS.size();
            rows += record.images;
            parts.push(part);
        }
        let columns = self.plan.plan.counts.vocabulary_size;
        let index = index_dtype(counts.max(rows).max(columns));
        let csr = JoinedCsr { parts: &parts, index, progress: self.progress() };
        let mut elements = [COLUMNS_ARRAY, OFFSETS_ARRAY, COUNTS_ARRAY].map(|_| Elements::default());
        for (array, elements) in [COLUMNS_ARRAY, OFFSETS_ARRAY, COUNTS_ARRAY].into_iter().zip(&mut elements) {
            csr.each_block(array, &mut |block| {
                elements.update(&block);
                Ok(())
            })?;
        }
        let shape = [rows as i64, columns as i64];
        let members = csr_members(index, shape, elements.each_ref())?;
        let file = self.files().create(&name, npz_size(&members))?;
        let no_thread = file.no_thread();
        let mut npz = NpzWriter::new(file, members).map_err(no_thread)?;
        npz.begin_member()?;
        csr.each_block(COLUMNS_ARRAY, &mut |block| npz.write_block(block).map(drop))?;
        npz.begin_member()?;
        csr.each_block(OFFSETS_ARRAY, &mut |block| npz.write_block(block).map(drop))?;
        npz.begin_member()?;
        npz.write_block(FORMAT.to_vec())?;
        npz.begin_member()?;
        npz.write_block(shape.iter().flat_map(|number| number.to_le_bytes()).collect())?;
        npz.begin_member()?;
        csr.each_block(COUNTS_ARRAY, &mut |block| npz.write_block(block).map(drop))?;
        Ok(FileReport::new(npz.finish()?)?.output)
    }
}

/// The sparse matrix of a part.
struct CsrPart {
    path: PathBuf,
    arrays: Vec<NpzArray>,
    /// The number of counts in the parts before.
    first_count: u64,
}

impl CsrPart {
    fn array(&self, name: &str) -> Option<&NpzArray> {
        self.arrays.iter().find(|array| array.name == name)
    }

    fn bytes_of(&self, name: &str) -> u64 {
        self.array(name).map_or(0, |array| array.bytes)
    }
}

/// The sparse matrices of all parts as one.
struct JoinedCsr<'a> {
    parts: &'a [CsrPart],
    /// The type of columns and offsets.
    index: Dtype,
    progress: &'a dyn Progress,
}

impl JoinedCsr<'_> {
    /// Hands the elements of an array to `take`, block by block.
    fn each_block(&self, name: &str, take: &mut dyn FnMut(Vec<u8>) -> Result<()>) -> Result<()> {
        let are_offsets = name == OFFSETS_ARRAY;
        if are_offsets {
            // Each part begins with the offset 0. The set has it once.
            let mut first = Vec::new();
            self.index.push(0, &mut first);
            take(first)?;
        }
        let dtype = if name == COUNTS_ARRAY { COUNTS } else { self.index };
        for part in self.parts {
            let Some(array) = part.array(name) else { continue };
            let found = [Dtype::Int32, Dtype::Int64].into_iter().find(|dtype| array.descr == format!("'{}'", dtype.descr()));
            let Some(found) = found else { continue };
            let skipped = if are_offsets { found.size() } else { 0 };
            let shift = if are_offsets { part.first_count as i64 } else { 0 };
            let read = |reading: &mut dyn FnMut(Vec<u8>) -> Result<()>| -> Result<()> {
                let fault = |error: io::Error| Error::io(&part.path, "read")(error);
                let mut file = File::open(&part.path).map_err(fault)?;
                file.seek(SeekFrom::Start(array.start + skipped)).map_err(fault)?;
                let mut elements = file.take(array.bytes.saturating_sub(skipped));
                loop {
                    self.progress.stop_if_cancelled()?;
                    let mut block = Vec::with_capacity(BLOCK);
                    (&mut elements).take(BLOCK as u64).read_to_end(&mut block).map_err(fault)?;
                    if block.is_empty() {
                        return Ok(());
                    }
                    reading(block)?;
                }
            };
            read(&mut |block| take(if found == dtype && shift == 0 { block } else { converted(&block, found, dtype, shift) }))?;
        }
        Ok(())
    }
}

/// Elements of the type `from` as elements of the type `to`, each increased by `shift`.
fn converted(block: &[u8], from: Dtype, to: Dtype, shift: i64) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 * block.len());
    match from {
        Dtype::Int32 => {
            block.as_chunks().0.iter().for_each(|bytes| to.push(i64::from(i32::from_le_bytes(*bytes)) + shift, &mut out))
        }
        _ => block.as_chunks().0.iter().for_each(|bytes| to.push(i64::from_le_bytes(*bytes) + shift, &mut out)),
    }
    out
}
