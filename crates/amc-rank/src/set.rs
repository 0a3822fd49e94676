//! A set that `amc-keywords` wrote: its images and their words.

use std::collections::HashMap;
use std::iter::repeat_n;
use std::path::Path;

use count_vectorizer::Analyzer;
use keyword_files::error::{Problem, Result};
use keyword_files::npy::sha256::of_bytes;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::files::MatrixFiles;
use crate::images::Images;
use crate::npy::{FLOATS, INTEGERS, NpyReader};

/// The end of the name of the list of all images.
const ROWS: &str = "_csr_rows.npy";

/// Which files a set is made of. A model keeps this and refuses a set that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetIdentity {
    /// The name of the set and of its split.
    pub name: String,
    /// The SHA-256 of the vocabulary.
    pub vocabulary: String,
    /// The SHA-256 of the file with the words of the images.
    pub matrix: String,
}

/// One matrix, its vocabulary and what its words were made by.
#[derive(Debug)]
pub struct Set {
    /// Which files these are.
    pub identity: SetIdentity,
    /// The images and their words.
    pub images: Images,
    /// The words in the order of their ids.
    pub words: Vec<String>,
    /// How keywords were split into words.
    pub analyzer: Analyzer,
    /// Whether images without a word are known, too.
    lists_all_images: bool,
    ids: HashMap<String, i64>,
    names: HashMap<i64, String>,
}

/// An image in a file of queries.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ImageRef {
    /// By its id.
    Id(i64),
    /// By its name, or by its id as text.
    Name(String),
}

impl Set {
    /// Reads the only matrix of `folder`, or the one of the set or split `name`. Without a name,
    /// the one that is called `preferred` is chosen of several.
    ///
    /// # Errors
    ///
    /// There is no such matrix, or more than one; a file is missing or is not what its manifest
    /// says.
    pub fn open(folder: &Path, name: Option<&str>, preferred: Option<&str>) -> Result<Set> {
        let files = MatrixFiles::find(folder, name, preferred)?;
        let vocabulary = files.read_json::<HashMap<String, usize>>("vocabulary_")?;
        let (ids, vocabulary) = vocabulary.ok_or_else(|| files.problem("has no vocabulary"))?;
        let mut words: Vec<(usize, String)> = ids.into_iter().map(|(word, id)| (id, word)).collect();
        words.sort_unstable();
        if (0..).zip(&words).any(|(place, (id, _))| place != *id) {
            return Err(files.problem("has a vocabulary with a gap in its ids").into());
        }
        let (images, matrix) = read_images(&files, words.len())?;
        if images.all().iter().all(|image| image.words.is_empty()) {
            return Err(files.problem("has no image with a word").into());
        }
        let ids: HashMap<String, i64> = files.read_json("id_map_")?.map_or_else(HashMap::new, |(ids, _)| ids);
        let names = ids.iter().map(|(name, &id)| (id, name.clone())).collect();
        let words = words.into_iter().map(|(_, word)| word).collect();
        let identity = SetIdentity { name: files.name.clone(), vocabulary, matrix };
        let lists_all_images = files.other_form(ROWS).is_some();
        Ok(Set { identity, images, words, analyzer: files.analyzer()?, lists_all_images, ids, names })
    }

    /// The place of an image.
    pub fn find(&self, image: &ImageRef) -> std::result::Result<usize, String> {
        let (id, shown) = match image {
            ImageRef::Id(id) => (Some(*id), id.to_string()),
            ImageRef::Name(name) => (self.ids.get(name).copied().or_else(|| name.parse().ok()), format!("'{name}'")),
        };
        let only_pairs = "; pairs do not list images without a word: write the set with --emit pairs,csr";
        let hint = if self.lists_all_images { "" } else { only_pairs };
        let missing = || format!("the set '{}' has no image {shown}{hint}", self.identity.name);
        id.and_then(|id| self.images.place(id)).ok_or_else(missing)
    }

    /// The name of an image: that of the id map, or its id.
    pub fn image_name(&self, place: usize) -> String {
        let id = self.images.all().get(place).map_or(0, |image| image.id);
        self.names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// Reads regions: an array images x regions x numbers, and next to it the ids of its images.
    /// The result is their checksum.
    pub fn read_regions(&mut self, path: &Path) -> Result<String> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut ids = NpyReader::open(&path.with_file_name(format!("{stem}_ids.npy")), INTEGERS)?;
        let mut rows = NpyReader::open(path, FLOATS)?;
        let (count, regions, features) = match rows.shape[..] {
            [count, regions, features] if regions * features > 0 => (count, regions, features),
            _ => {
                let what = format!("expected an array images x regions x numbers, found the shape {:?}", rows.shape);
                return Err(rows.problem(what).into());
            }
        };
        if ids.shape != [count] {
            let what = format!("expected {count} ids, one for each row of the regions, found the shape {:?}", ids.shape);
            return Err(ids.problem(what).into());
        }
        for row in 0..count {
            let place = format!("row {row}");
            let id = ids.integer()?;
            let missing = || ids.problem(format!("the set '{}' has no image {id}", self.identity.name)).at(&place);
            let image = self.images.place(id).and_then(|place| self.images.get_mut(place)).ok_or_else(missing)?;
            if image.regions.nrows() > 0 {
                return Err(ids.problem(format!("the id {id} occurs twice")).at(place).into());
            }
            let values = (0..regions * features).map(|_| rows.float()).collect::<Result<Vec<f32>>>()?;
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(rows.problem(format!("every number must be finite (found {value})")).at(place).into());
            }
            image.regions = Array2::from_shape_vec((regions, features), values).unwrap_or_default();
        }
        Ok(of_bytes(format!("{} {}", rows.sha256(), ids.sha256()).as_bytes()).sha256)
    }
}

/// The images in the order of the matrix, and the checksum of the file with their words.
fn read_images(files: &MatrixFiles, words: usize) -> Result<(Images, String)> {
    let mut images = Images::default();
    let rows = files.other_form(ROWS);
    if let Some(output) = rows {
        files.read_array(output, |ids| {
            for _ in 0..ids.shape.iter().product() {
                let id = ids.integer()?;
                images.add(id).ok_or_else(|| twice(ids, id))?;
            }
            Ok(())
        })?;
    }
    let output = match (files.pairs(), files.other_form("_padded.npy"), files.other_form("_padded_mask.npy")) {
        (Some(output), _, _) => {
            files.read_array(output, |pairs| read_pairs(pairs, &mut images, words))?;
            output
        }
        (None, Some(output), Some(mask)) if rows.is_some() => {
            files.read_array(output, |ids| files.read_array(mask, |mask| read_padded(ids, mask, &mut images, words)))?;
            output
        }
        _ => {
            let problem = files.problem("has neither pairs nor padded ids with their rows");
            return Err(problem.hint("write it with --emit pairs,csr or --emit csr,padded").into());
        }
    };
    Ok((images, output.sha256.clone()))
}

fn read_pairs(pairs: &mut NpyReader, images: &mut Images, words: usize) -> Result<()> {
    let [count, 2] = pairs.shape[..] else {
        return Err(pairs.problem(format!("expected pairs, found the shape {:?}", pairs.shape)).into());
    };
    let mut last = None;
    for _ in 0..count {
        let (id, word) = (pairs.integer()?, known_word(pairs, words)?);
        let place = images.place(id).or_else(|| images.add(id));
        let image = place.and_then(|place| images.get_mut(place));
        // The pairs of an image are adjacent.
        let image = image.filter(|image| last == Some(id) || image.words.is_empty());
        image.ok_or_else(|| twice(pairs, id))?.words.push(word);
        last = Some(id);
    }
    Ok(())
}

fn read_padded(ids: &mut NpyReader, mask: &mut NpyReader, images: &mut Images, words: usize) -> Result<()> {
    let count = images.all().len();
    let [rows, width] = ids.shape[..] else {
        return Err(ids.problem(format!("expected N x K ids, found the shape {:?}", ids.shape)).into());
    };
    if mask.shape != ids.shape || rows != count {
        return Err(ids.problem(format!("the ids and their mask must have {count} rows each")).into());
    }
    for place in (0..count).flat_map(|place| repeat_n(place, width)) {
        if mask.integer()? == 0 {
            ids.integer()?;
        } else if let Some(image) = images.get_mut(place) {
            image.words.push(known_word(ids, words)?);
        }
    }
    Ok(())
}

fn twice(reader: &NpyReader, id: i64) -> Problem {
    reader.problem(format!("image {id} is listed twice")).hint("write the set without --duplicates allow")
}

fn known_word(reader: &mut NpyReader, words: usize) -> Result<u32> {
    let word = reader.integer()?;
    let known = u32::try_from(word).ok().filter(|&word| (word as usize) < words);
    known.ok_or_else(|| reader.problem(format!("expected a word id below {words}, found {word}")).into())
}
