//! The rows `[img_id, word_id]` of a file, block by block.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::npy_header::PairsArray;
use crate::error::{Error, Problem, Result};
use crate::output::npy::Dtype;

/// One row of a matrix: an image has a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The id of the image.
    pub image: u64,
    /// The id of the word.
    pub word: u32,
}

/// A `.npy` file of pairs `[img_id, word_id]`, int64 or int32, N x 2, C order, that is read as often as asked, in bounded memory.
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
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PairsReader {
    path: PathBuf,
    file: File,
    array: PairsArray,
    /// How many words there are, where that is known.
    words: Option<usize>,
}

/// About 1 MiB of int64.
const BLOCK_ROWS: u64 = 1 << 16;

impl PairsReader {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    ///
    /// It cannot be read, is no `.npy` file of pairs, or is not as long as its header says.
    pub fn open(path: &Path) -> Result<PairsReader> {
        // Only a file has a size to hold the header against, and can be read again.
        if !fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
            return Err(Problem::new(path, "expected a file").into());
        }
        let mut file = File::open(path).map_err(Error::io(path, "read"))?;
        let array = PairsArray::read(path, &mut file)?;
        Ok(PairsReader { path: path.to_path_buf(), file, array, words: None })
    }

    /// Refuses from now on the word ids that a vocabulary of so many words does not have.
    pub fn with_words(self, words: usize) -> PairsReader {
        PairsReader { words: Some(words), ..self }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.array.rows
    }

    /// Hands all rows to `visit` in their order, some ten thousand at a time, until it breaks off.
    ///
    /// # Errors
    ///
    /// The file cannot be read, a row holds what is no image id or no word id, or what `visit` returns.
    pub fn each_block(&mut self, visit: &mut dyn FnMut(&[Pair]) -> Result<ControlFlow<()>>) -> Result<()> {
        self.file.seek(SeekFrom::Start(self.array.start)).map_err(Error::io(&self.path, "read"))?;
        let (mut bytes, mut pairs) = (Vec::new(), Vec::new());
        let mut done = 0;
        while done < self.array.rows {
            let rows = BLOCK_ROWS.min(self.array.rows - done);
            bytes.resize((rows * self.array.row_bytes()) as usize, 0);
            self.file.read_exact(&mut bytes).map_err(Error::io(&self.path, "read"))?;
            pairs.clear();
            for row in (done..).zip(numbers(&bytes, self.array.dtype)) {
                pairs.push(self.pair(row)?);
            }
            if visit(&pairs)?.is_break() {
                break;
            }
            done += rows;
        }
        Ok(())
    }

    fn pair(&self, (row, [image, word]): (u64, [i64; 2])) -> Result<Pair> {
        let wrong = |what: String| Problem::new(&self.path, what).at(format!("row {row}"));
        let hint = "these are no pairs [img_id, word_id], or they are damaged";
        let image = u64::try_from(image).map_err(|_| wrong(format!("expected an image id, found {image}")).hint(hint))?;
        let id = u32::try_from(word).map_err(|_| wrong(format!("expected a word id, found {word}")).hint(hint))?;
        match self.words {
            Some(words) if id as usize >= words => {
                let what = format!("expected a word id below {words}, the size of the vocabulary, found {word}");
                Err(wrong(what).hint("give the matrix's own vocabulary, or the pairs if these are ranges").into())
            }
            _ => Ok(Pair { image, word: id }),
        }
    }
}

/// The rows that these bytes hold.
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
