//! A matrix, its vocabulary and its image names, found from a path.

use std::fs;
use std::path::{Path, PathBuf};

use super::image_names::ImageNames;
use super::pairs::PairsReader;
use super::suggest::similar_words;
use super::written_set::WrittenSet;
use crate::error::{Error, Problem, Result, shown_path};
use crate::files::folder::names_in;
use crate::files::manifest::SplitCounts;
use crate::files::names::{is_other_form, is_vocabulary, pairs_names, vocabulary_of};
use crate::inputs::vocabulary_file::read_vocabulary;
use crate::progress::Progress;
use count_vectorizer::Vocabulary;

/// A matrix that a run wrote, and its vocabulary.
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
    /// The rows. Word ids are checked against the size of the vocabulary.
    pub pairs: PairsReader,
    /// The words, if a vocabulary was given or found.
    pub vocabulary: Option<Vocabulary>,
    /// The counts of the matrix's split, if a manifest lists the matrix.
    pub split: Option<SplitCounts>,
    vocabulary_path: Option<PathBuf>,
    names_path: Option<PathBuf>,
    /// The set that lists the matrix.
    set: Option<WrittenSet>,
}

impl MatrixFile {
    /// Opens the matrix at `path`: a file of pairs, another form of the matrix with its pairs in
    /// the same folder, or a folder with one matrix.
    ///
    /// The manifest is any `manifest_….json` in the folder that lists the matrix. It states the
    /// size and the vocabulary. Without a manifest, the vocabulary is the file in the folder
    /// that has the name of the matrix, or the only vocabulary there. `vocabulary` names
    /// another vocabulary, JSON or pickle.
    ///
    /// # Errors
    ///
    /// A file cannot be read, is damaged, differs from its manifest, or the pairs do not exist.
    pub fn open(path: &Path, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<MatrixFile> {
        if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
            return MatrixFile::open(&only_matrix_in(path)?, vocabulary, progress);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let set = if name.is_empty() { None } else { WrittenSet::that_lists(folder, name)? };
        let matrix = match set {
            Some(set) => MatrixFile::of_set(&set, name, vocabulary)?.of_one_run(),
            None => MatrixFile::alone(path, name, vocabulary, progress),
        }?;
        if is_other_form(name) {
            let path = shown_path(path);
            progress.warn(&format!("{path}: the pairs next to it are read instead"));
        }
        Ok(matrix)
    }

    /// Opens the matrix `name` of a set.
    ///
    /// # Errors
    ///
    /// Those of [`MatrixFile::open`].
    pub(crate) fn of_set(set: &WrittenSet, name: &str, vocabulary: Option<&Path>) -> Result<MatrixFile> {
        if let Some(parts) = set.pairs_in_parts().filter(|parts| parts.list == name) {
            let split = set.manifest.counts.splits.first().cloned();
            let rows = split.as_ref().map_or(0, |split| split.rows);
            let pairs = PairsReader::of_parts(&set.path_to(name), rows, set.pairs_of_parts(parts)?);
            return MatrixFile { split, ..MatrixFile::of_pairs(pairs, set.vocabulary_of(vocabulary)?.as_deref())? }.with_set(set);
        }
        let Some(pairs) = set.pairs_of(name) else {
            let what = format!("expected the pairs of '{name}' among the files that {} lists", set.name);
            let hint = if is_other_form(name) { WRITE_PAIRS } else { NAME_MATRIX };
            return Err(Problem::new(set.path_to(name), what).hint(hint).into());
        };
        let matrix = MatrixFile::of_files(&set.path_of(pairs)?, set.vocabulary_of(vocabulary)?.as_deref())?;
        MatrixFile { split: set.split_of(pairs).cloned(), ..matrix }.with_set(set)
    }

    /// The matrix with the set that lists it.
    fn with_set(self, set: &WrittenSet) -> Result<MatrixFile> {
        let names_path = set.id_map().map(|output| set.path_of(output)).transpose()?;
        Ok(MatrixFile { names_path, set: Some(set.clone()), ..self })
    }

    /// Opens a matrix that no manifest lists, such as a copy.
    fn alone(path: &Path, name: &str, vocabulary: Option<&Path>, progress: &dyn Progress) -> Result<MatrixFile> {
        let sibling = |name: &String| Some(path.with_file_name(name)).filter(|path| path.is_file());
        let pairs = pairs_names(name).iter().find_map(sibling);
        let pairs = pairs.unwrap_or_else(|| path.to_path_buf());
        let found = if vocabulary.is_none() { vocabulary_beside(path, name)? } else { None };
        let matrix = MatrixFile::of_files(&pairs, vocabulary.or(found.as_deref()))?;
        if let Some(found) = &found {
            let (path, found) = (shown_path(path), shown_path(found));
            let what = "no manifest lists it; its words are taken from";
            progress.warn(&format!("{path}: {what} {found}"));
        }
        Ok(matrix)
    }

    fn of_files(pairs: &Path, vocabulary_path: Option<&Path>) -> Result<MatrixFile> {
        MatrixFile::of_pairs(PairsReader::open(pairs)?, vocabulary_path)
    }

    fn of_pairs(mut pairs: PairsReader, vocabulary_path: Option<&Path>) -> Result<MatrixFile> {
        let vocabulary = vocabulary_path.map(read_vocabulary).transpose()?;
        if let Some(vocabulary) = &vocabulary {
            pairs = pairs.with_words(vocabulary.len());
        }
        let vocabulary_path = vocabulary_path.map(Path::to_path_buf);
        Ok(MatrixFile { pairs, vocabulary, split: None, vocabulary_path, names_path: None, set: None })
    }

    /// The id of a word, which must be spelled as in the vocabulary.
    ///
    /// # Errors
    ///
    /// There is no vocabulary, or it does not contain the word.
    pub fn word_id(&self, word: &str) -> Result<u32> {
        let (Some(vocabulary), Some(path)) = (&self.vocabulary, &self.vocabulary_path) else {
            return Err(without_vocabulary(self.pairs.path()));
        };
        vocabulary.id(word).ok_or_else(|| {
            let problem = Problem::new(path, "no such word").in_member(word);
            let similar = similar_words(vocabulary, word).into_iter();
            let similar: Vec<String> = similar.map(|similar| format!("'{similar}'")).collect();
            match similar.is_empty() {
                true => problem.into(),
                false => problem.hint(format!("did you mean {}?", similar.join(", "))).into(),
            }
        })
    }

    /// The names of the images, if the run wrote an id map.
    ///
    /// # Errors
    ///
    /// The id map cannot be read or is damaged.
    pub fn image_names(&self) -> Result<Option<ImageNames>> {
        let names = self.names_path.as_deref().map(ImageNames::read).transpose()?;
        self.set.iter().try_for_each(WrittenSet::refuse_replaced)?;
        Ok(names)
    }

    /// The matrix, unless a run replaced its files while they were being opened.
    fn of_one_run(self) -> Result<MatrixFile> {
        self.set.iter().try_for_each(WrittenSet::refuse_replaced)?;
        Ok(self)
    }

    /// The id of an image: the id of the name `image` in `names`, or `image` itself if it is a
    /// whole number. Leading zeros are allowed.
    ///
    /// # Errors
    ///
    /// `image` is neither a name nor a number.
    pub fn image_id(&self, image: &str, names: Option<&ImageNames>) -> Result<u64> {
        let number =
            || Some(image).filter(|image| image.bytes().all(|b| b.is_ascii_digit())).and_then(|image| image.parse().ok());
        names.and_then(|names| names.id_of(image)).or_else(number).ok_or_else(|| match &self.names_path {
            Some(path) => Problem::new(path, "no such image").in_member(image).into(),
            None => {
                let problem = Problem::new(self.pairs.path(), "expected an image id, a whole number").in_member(image);
                let is_encoded = self.set.as_ref().is_some_and(|set| set.manifest.command() == "encode");
                let hint = match is_encoded {
                    true => "to find images by name, encode again with --id-field",
                    false => "no names of images were written with this matrix",
                };
                problem.hint(hint).into()
            }
        })
    }
}

/// The vocabulary with the name of the matrix. Otherwise the only vocabulary in its folder.
fn vocabulary_beside(path: &Path, name: &str) -> Result<Option<PathBuf>> {
    let mut names = names_in(path.parent().unwrap_or(Path::new("")), is_vocabulary)?;
    let own = vocabulary_of(name);
    let place = names.iter().position(|name| Some(name) == own.as_ref());
    let place = place.or_else(|| (names.len() == 1).then_some(0));
    Ok(place.map(|place| path.with_file_name(names.swap_remove(place))))
}

const NAME_MATRIX: &str = "name the matrix, or the folder that a run wrote into";
const WRITE_PAIRS: &str = "write them too, with --emit pairs";

/// The names of the `.npy` files in `folder`.
fn arrays_in(folder: &Path) -> Result<Vec<String>> {
    names_in(folder, |name| name.ends_with(".npy"))
}

/// The only matrix of the sets in `folder`, or without a manifest the only `.npy` file.
fn only_matrix_in(folder: &Path) -> Result<PathBuf> {
    let sets = WrittenSet::all_in(folder)?;
    let names: Vec<String> = sets.iter().flat_map(WrittenSet::matrices).collect();
    match names.as_slice() {
        [name] => Ok(folder.join(name)),
        [] if sets.is_empty()
            && let [name] = arrays_in(folder)?.as_slice() =>
        {
            Ok(folder.join(name))
        }
        [] => {
            let hint = if sets.is_empty() { NAME_MATRIX } else { WRITE_PAIRS };
            let what = "expected a matrix of pairs that a manifest_….json lists";
            Err(Problem::new(folder, what).hint(hint).into())
        }
        several => {
            let paths: Vec<String> = several.iter().map(|name| shown_path(&folder.join(name)).to_string()).collect();
            let hint = format!("name one of {}", paths.join(", "));
            Err(Problem::new(folder, "expected one matrix").hint(hint).into())
        }
    }
}

/// The error if the vocabulary of a matrix is not known.
pub(super) fn without_vocabulary(matrix: &Path) -> Error {
    let what = "its vocabulary is unknown, because no manifest lists it and no vocabulary_….json \
                with its name is next to it";
    Problem::new(matrix, what).hint("name the vocabulary with --vocabulary").into()
}
