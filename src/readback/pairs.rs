//! The rows `[img_id, word_id]` of a file: in blocks, or grouped by image.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::matrix_header::{MatrixHeader, MatrixKind};
use crate::error::{Error, Problem, Result};
use crate::progress::Progress;
use keyword_files::npy::header::Dtype;

/// One row of a matrix: an image and one of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The id of the image.
    pub image: u64,
    /// The id of the word.
    pub word: u32,
}

/// A `.npy` file of pairs `[img_id, word_id]`: int64 or int32, N x 2, C order. It can be read
/// several times, in bounded memory.
///
/// ```
/// use std::ops::ControlFlow;
/// use amc_keywords::{Mscoco, PairsReader, Settings, Silent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-pairs-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
///
/// let mut pairs = PairsReader::open(&out.join("img_keyword_ind_coco_sk_6.npy"))?;
/// assert_eq!(pairs.rows(), 1470);
/// let mut first = Vec::new();
/// pairs.each_block(&mut |block| {
///     first.extend_from_slice(&block[..3]);
///     Ok(ControlFlow::Break(()))
/// })?;
/// assert!(first.iter().all(|pair| pair.image == 195));
/// # drop(pairs);
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PairsReader {
    path: PathBuf,
    rows: u64,
    files: PairsFiles,
    /// The size of the vocabulary, if it is known.
    words: Option<usize>,
}

/// Where the rows are.
#[derive(Debug)]
enum PairsFiles {
    One(File, MatrixHeader),
    /// Each part has a file. They are opened one after the other.
    Parts(Vec<PathBuf>),
}

/// 1 MiB of int64.
const BLOCK_ROWS: u64 = 1 << 16;

/// The most words of one image that are held in memory. No real image has as many.
const MOST_WORDS: usize = if cfg!(test) { 1 << 10 } else { 1 << 24 };

impl PairsReader {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not a `.npy` file of pairs, or does not have the size that its
    /// header states.
    pub fn open(path: &Path) -> Result<PairsReader> {
        let (file, header) = MatrixHeader::open(path, MatrixKind::Pairs)?;
        Ok(PairsReader { path: path.to_path_buf(), rows: header.rows, files: PairsFiles::One(file, header), words: None })
    }

    /// Reads the files of several parts, which have `rows` rows together, as one. Messages call them
    /// `path`.
    pub(super) fn of_parts(path: &Path, rows: u64, files: Vec<PathBuf>) -> PairsReader {
        PairsReader { path: path.to_path_buf(), rows, files: PairsFiles::Parts(files), words: None }
    }

    /// Refuses word ids that a vocabulary of `words` words does not contain.
    pub fn with_words(self, words: usize) -> PairsReader {
        PairsReader { words: Some(words), ..self }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands all rows to `visit` in order, about 65,000 at a time, until `visit` breaks.
    ///
    /// # Errors
    ///
    /// The file cannot be read, a row is not an image id and a word id, or `visit` returns an
    /// error.
    pub fn each_block(&mut self, visit: &mut dyn FnMut(&[Pair]) -> Result<ControlFlow<()>>) -> Result<()> {
        let words = self.words;
        match &mut self.files {
            PairsFiles::One(file, header) => {
                file.seek(SeekFrom::Start(header.start)).map_err(Error::io(&self.path, "read"))?;
                OpenPairs { path: &self.path, file, header: *header, words }.each_block(visit).map(drop)
            }
            PairsFiles::Parts(files) => {
                for path in files {
                    let (mut file, header) = MatrixHeader::open(path, MatrixKind::Pairs)?;
                    if (OpenPairs { path, file: &mut file, header, words }).each_block(visit)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

/// A file that is at its first row.
struct OpenPairs<'a> {
    path: &'a Path,
    file: &'a mut File,
    header: MatrixHeader,
    words: Option<usize>,
}

impl OpenPairs<'_> {
    fn each_block(&mut self, visit: &mut dyn FnMut(&[Pair]) -> Result<ControlFlow<()>>) -> Result<ControlFlow<()>> {
        let (mut bytes, mut pairs) = (Vec::new(), Vec::new());
        let mut done = 0;
        while done < self.header.rows {
            let rows = BLOCK_ROWS.min(self.header.rows - done);
            bytes.resize((rows * 2 * self.header.dtype.size()) as usize, 0);
            self.file.read_exact(&mut bytes).map_err(Error::io(self.path, "read"))?;
            pairs.clear();
            for (row, numbers) in (done..).zip(numbers(&bytes, self.header.dtype)) {
                pairs.push(self.pair(row, numbers)?);
            }
            if visit(&pairs)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            done += rows;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn pair(&self, row: u64, [image, word]: [i64; 2]) -> Result<Pair> {
        let wrong = |what: String| Problem::new(self.path, what).at(format!("row {row}"));
        let hint = "these are not pairs [img_id, word_id], or they are damaged";
        let no_id = |kind: &str, found| wrong(format!("expected {kind}, found {found}")).hint(hint);
        let image = u64::try_from(image).map_err(|_| no_id("an image id", image))?;
        let id = u32::try_from(word).map_err(|_| no_id("a word id", word))?;
        match self.words {
            Some(words) if id as usize >= words => {
                let expected = format!("a word id below {words}, the size of the vocabulary");
                let hint = "give the matrix's own vocabulary, or the pairs if these are ranges";
                Err(wrong(format!("expected {expected}, found {word}")).hint(hint).into())
            }
            _ => Ok(Pair { image, word: id }),
        }
    }
}

impl PairsReader {
    /// Hands each image with a word to `visit`, with its word ids in the order of its keywords,
    /// until `visit` breaks.
    ///
    /// Adjacent rows of the same image are one image. So an image that is listed twice comes twice,
    /// unless its rows are adjacent.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], and [`Error::Interrupted`].
    pub fn each_image(&mut self, progress: &dyn Progress, visit: &mut dyn FnMut(u64, &[u32]) -> ControlFlow<()>) -> Result<()> {
        let mut too_long = None;
        let end = |image, words: &mut Vec<u32>| {
            if words.len() > MOST_WORDS {
                too_long = Some(image);
                return ControlFlow::Break(());
            }
            let walk = visit(image, words);
            words.clear();
            walk
        };
        let add = |words: &mut Vec<u32>, word| {
            if words.len() <= MOST_WORDS {
                words.push(word);
            }
        };
        self.each_run(progress, add, end)?;
        let Some(image) = too_long else { return Ok(()) };
        let what = format!("more than {MOST_WORDS} consecutive rows of one image");
        Err(Problem::new(self.path(), what).in_member(image.to_string()).into())
    }

    /// Hands each image with the word to `visit`, with the number of times, until `visit` breaks.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_image`].
    pub fn each_image_with(
        &mut self,
        word: u32,
        progress: &dyn Progress,
        visit: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let add = |count: &mut u64, found| *count += u64::from(found == word);
        self.each_run(progress, add, |image, count| match std::mem::take(count) {
            0 => ControlFlow::Continue(()),
            count => visit(image, count),
        })
    }

    /// Calls `add` for each word of an image and `end` after its last one. `end` must reset the sum
    /// for the next image.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], and [`Error::Interrupted`].
    pub(crate) fn each_run<S: Default>(
        &mut self,
        progress: &dyn Progress,
        add: impl Fn(&mut S, u32),
        mut end: impl FnMut(u64, &mut S) -> ControlFlow<()>,
    ) -> Result<()> {
        let (mut image, mut sum) = (None, S::default());
        let mut walk = ControlFlow::Continue(());
        self.each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if let Some(before) = image.replace(pair.image).filter(|before| *before != pair.image) {
                    walk = end(before, &mut sum);
                    if walk.is_break() {
                        return Ok(walk);
                    }
                }
                add(&mut sum, pair.word);
            }
            Ok(walk)
        })?;
        if let (Some(last), ControlFlow::Continue(())) = (image, walk) {
            let _ = end(last, &mut sum);
        }
        Ok(())
    }
}

/// # Errors
///
/// [`Error::Interrupted`] if the work is cancelled.
pub(super) fn stop_if_cancelled(progress: &dyn Progress) -> Result<()> {
    progress.stop_if_cancelled()
}

/// The rows in `bytes`.
fn numbers(bytes: &[u8], dtype: Dtype) -> impl Iterator<Item = [i64; 2]> {
    let size = dtype.size() as usize;
    bytes.chunks_exact(2 * size).map(move |row| {
        let (first, second) = row.split_at(size);
        [number(first), number(second)]
    })
}

/// A little-endian signed number of four or eight bytes.
fn number(bytes: &[u8]) -> i64 {
    match (bytes.first_chunk(), bytes.first_chunk()) {
        (Some(eight), _) => i64::from_le_bytes(*eight),
        (None, Some(four)) => i32::from_le_bytes(*four).into(),
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests;
