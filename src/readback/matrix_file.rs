//! A matrix and what belongs to it, found from its path.

use std::fs;
use std::path::{Path, PathBuf};

use super::closest::closest_words;
use super::file_names::{is_other_form, is_vocabulary, pairs_names, vocabulary_name};
use super::image_names::ImageNames;
use super::pairs::PairsReader;
use super::word_list::without_vocabulary;
use super::written_set::WrittenSet;
use crate::error::{Problem, Result, shown_path};
use crate::inputs::vocabulary_file::read_vocabulary;
use crate::output::manifest::{Output, SplitCounts};
use crate::output::names_in;
use crate::progress::Progress;
use count_vectorizer::Vocabulary;

/// A matrix that a run wrote, with its vocabulary.
///
/// ```
/// use amc_keywords::{Frequencies, MatrixFile, Mscoco, Settings, Silent};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let out = std::env::temp_dir().join(format!("amc-keywords-readback-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
///
/// let matrix = MatrixFile::open(&out.join("img_keyword_ind_coco_sk_6.npy"), None, &Silent)?;
/// let vocabulary = matrix.vocabulary.unwrap();
/// let counted = Frequencies::count(matrix.pairs, vocabulary.len(), &Silent)?;
/// assert_eq!((counted.images, counted.rows), (143, 1470));
/// let food = vocabulary.id("food").unwrap() as usize;
/// assert!(counted.document[food] <= counted.term[food]);
/// # std::fs::remove_dir_all(out)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct MatrixFile {
    /// The rows. Those of a vocabulary are held against its size.
    pub pairs: PairsReader,
    /// The words, if a vocabulary was given or found.
    pub vocabulary: Option<Vocabulary>,
    /// What the run counted in the split that the matrix is of, if a manifest says it.
    pub split: Option<SplitCounts>,
    vocabulary_path: Option<PathBuf>,
    names_path: Option<PathBuf>,
    /// The set that lists it.
    set: Option<WrittenSet>,
}

impl MatrixFile {
    /// Opens the matrix at `path`: a file of pairs, another form of it with the pairs beside it, or a folder with one matrix.
    ///
    /// Its manifest, which is any `manifest_….json` beside it that lists it, says how large it is and which vocabulary it has.
    /// Without one the vocabulary is the file beside it that has its name, or the only vocabulary there. `vocabulary` names
    /// another, JSON or pickle.
    ///
    /// # Errors
    ///
    /// A file cannot be read, is not as its manifest says or as it must be, or the pairs are not there.
    pub fn open(path: &Path, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<MatrixFile> {
        if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
            return MatrixFile::open(&only_matrix_in(path)?, vocabulary, progress);
        }
        let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().and_then(|name| name.to_str()));
        let matrix = match name.map(|name| WrittenSet::that_lists(folder, name)).transpose()?.flatten() {
            Some(set) => MatrixFile::of_set(&set, name.unwrap_or_default(), vocabulary).and_then(MatrixFile::of_one_run),
            None => MatrixFile::alone(path, name.unwrap_or_default(), vocabulary, progress),
        }?;
        if name.is_some_and(is_other_form) {
            progress.warn(&format!("{}: the pairs that stand beside it are read in its place", shown_path(path)));
        }
        Ok(matrix)
    }

    /// The matrix `name` of a set.
    pub(crate) fn of_set(set: &WrittenSet, name: &str, vocabulary: Option<&Path>) -> Result<MatrixFile> {
        let Some(pairs) = set.pairs_of(name) else {
            let what = format!("expected the pairs of '{name}' among the files that {} lists", set.name);
            let hint = if is_other_form(name) { WRITE_PAIRS } else { NAME_MATRIX };
            return Err(Problem::new(set.path_to(name), what).hint(hint).into());
        };
        let found = set.vocabulary().filter(|_| vocabulary.is_none()).map(|output| set.path_of(output)).transpose()?;
        let matrix = MatrixFile::of_files(&set.path_of(pairs)?, vocabulary.or(found.as_deref()))?;
        let names_path = set.id_map().map(|output| set.path_of(output)).transpose()?;
        Ok(MatrixFile { split: set.split_of(pairs).cloned(), names_path, set: Some(set.clone()), ..matrix })
    }

    /// A matrix that no manifest lists, such as a copy.
    fn alone(path: &Path, name: &str, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<MatrixFile> {
        let beside = |name: &String| Some(path.with_file_name(name)).filter(|path| path.is_file());
        let pairs = pairs_names(name).iter().find_map(beside).unwrap_or_else(|| path.to_path_buf());
        let found = if vocabulary.is_none() { vocabulary_beside(path, name)? } else { None };
        let matrix = MatrixFile::of_files(&pairs, vocabulary.or(found.as_deref()))?;
        if let Some(found) = &found {
            let (path, found) = (shown_path(path), shown_path(found));
            progress.warn(&format!("{path}: no manifest lists it; its words are taken from {found}"));
        }
        Ok(matrix)
    }

    fn of_files(pairs: &Path, vocabulary_path: Option<&Path>) -> Result<MatrixFile> {
        let mut pairs = PairsReader::open(pairs)?;
        let vocabulary = vocabulary_path.map(read_vocabulary).transpose()?;
        if let Some(vocabulary) = &vocabulary {
            pairs = pairs.with_words(vocabulary.len());
        }
        let vocabulary_path = vocabulary_path.map(Path::to_path_buf);
        Ok(MatrixFile { pairs, vocabulary, split: None, vocabulary_path, names_path: None, set: None })
    }

    /// The id of a word as it stands in the vocabulary.
    ///
    /// # Errors
    ///
    /// There is no vocabulary, or it does not have the word.
    pub fn word_id(&self, word: &str) -> Result<u32> {
        let (Some(vocabulary), Some(path)) = (&self.vocabulary, &self.vocabulary_path) else {
            return Err(without_vocabulary(self.pairs.path()));
        };
        vocabulary.id(word).ok_or_else(|| {
            let problem = Problem::new(path, "no such word").in_member(word);
            let near: Vec<String> = closest_words(vocabulary, word).iter().map(|near| format!("'{near}'")).collect();
            if near.is_empty() { problem.into() } else { problem.hint(format!("did you mean {}?", near.join(", "))).into() }
        })
    }

    /// What the images are called, if the run wrote it down.
    ///
    /// # Errors
    ///
    /// The id map cannot be read or is damaged.
    pub fn image_names(&self) -> Result<Option<ImageNames>> {
        let names = self.names_path.as_deref().map(ImageNames::read).transpose()?;
        self.set.iter().try_for_each(WrittenSet::refuse_replaced)?;
        Ok(names)
    }

    /// The matrix, unless a run replaced its files while they were opened.
    fn of_one_run(self) -> Result<MatrixFile> {
        self.set.iter().try_for_each(WrittenSet::refuse_replaced)?;
        Ok(self)
    }

    /// The id of the image that `names` call `image`, or that it is itself: a whole number, zeros in front allowed.
    ///
    /// # Errors
    ///
    /// It is neither.
    pub fn image_id(&self, image: &str, names: Option<&ImageNames>) -> Result<u64> {
        let number =
            || Some(image).filter(|image| image.bytes().all(|b| b.is_ascii_digit())).and_then(|image| image.parse().ok());
        names.and_then(|names| names.id_of(image)).or_else(number).ok_or_else(|| match &self.names_path {
            Some(path) => Problem::new(path, "no such image").in_member(image).into(),
            None => {
                let problem = Problem::new(self.pairs.path(), "expected an image id, a whole number").in_member(image);
                problem.hint("no names of images were written with this matrix").into()
            }
        })
    }
}

/// The vocabulary that has the matrix's name, or else the only one in its folder.
fn vocabulary_beside(path: &Path, name: &str) -> Result<Option<PathBuf>> {
    let mut names = names_in(path.parent().unwrap_or(Path::new("")), is_vocabulary)?;
    let own = vocabulary_name(name);
    let place = names.iter().position(|name| Some(name) == own.as_ref()).or_else(|| (names.len() == 1).then_some(0));
    Ok(place.map(|place| path.with_file_name(names.swap_remove(place))))
}

const NAME_MATRIX: &str = "name the matrix, or the folder that a run wrote into";
const WRITE_PAIRS: &str = "write them too, with --emit pairs";

/// The one matrix of the sets in `folder`.
fn only_matrix_in(folder: &Path) -> Result<PathBuf> {
    let sets = WrittenSet::all_in(folder)?;
    let names: Vec<&str> = sets.iter().flat_map(WrittenSet::all_pairs).map(|output: &Output| output.name.as_str()).collect();
    match names.as_slice() {
        [name] => Ok(folder.join(name)),
        [] => {
            let hint = if sets.is_empty() { NAME_MATRIX } else { WRITE_PAIRS };
            Err(Problem::new(folder, "expected a matrix of pairs that a manifest_….json lists").hint(hint).into())
        }
        several => Err(Problem::new(folder, "expected one matrix").hint(format!("name one of {}", several.join(", "))).into()),
    }
}
