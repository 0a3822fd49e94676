//! A set of files that `amc-keywords` wrote.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use count_vectorizer::{Analyzer, AnalyzerKind, AnalyzerOptions, StopWords, StripAccents};
use ndarray::Array3;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::images::{Images, Regions};
use crate::npy::{NpyReader, sha256};

/// The largest manifest, and the largest vocabulary or id map.
const MANIFEST_BYTES: u64 = 16 << 20;
const JSON_BYTES: u64 = 1 << 30;

/// The endings of the files of a matrix, the longest first.
const ENDINGS: [&str; 7] = ["_padded_mask.npy", "_csr_rows.npy", "_padded.npy", "_ranges.npy", "_csr.npz", ".parquet", ".npy"];

#[derive(Debug, Deserialize)]
struct Manifest {
    options: Map<String, Value>,
    outputs: Vec<Output>,
    counts: Counts,
}

#[derive(Debug, Deserialize)]
struct Output {
    name: String,
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Counts {
    splits: Vec<Split>,
}

#[derive(Debug, Deserialize)]
struct Split {
    split: String,
}

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
    names: HashMap<String, i64>,
    names_by_id: HashMap<i64, String>,
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
        let matrix = Matrix::find(folder, name, preferred)?;
        let (words, vocabulary) = matrix.vocabulary()?;
        let (images, rows) = matrix.images(words.len())?;
        if images.is_empty() {
            return Err(Error::file(&matrix.folder, format!("the set '{}' has no image with a word", matrix.name)));
        }
        let names = matrix.id_map()?;
        let names_by_id = names.iter().map(|(name, &id)| (id, name.clone())).collect();
        let lists_all_images = matrix.rows().is_some();
        let identity = SetIdentity { name: matrix.name.clone(), vocabulary, matrix: rows };
        Ok(Set { identity, images, words, analyzer: matrix.analyzer()?, lists_all_images, names, names_by_id })
    }

    /// The place of an image.
    pub fn find(&self, image: &ImageRef) -> std::result::Result<usize, String> {
        let (id, shown) = match image {
            ImageRef::Id(id) => (Some(*id), id.to_string()),
            ImageRef::Name(name) => (self.names.get(name).copied().or_else(|| name.parse().ok()), format!("'{name}'")),
        };
        id.and_then(|id| self.images.place(id)).ok_or_else(|| {
            let hint = match self.lists_all_images {
                true => "",
                false => "; pairs do not list images without a word: write the set with --emit pairs,csr",
            };
            format!("the set '{}' has no image {shown}{hint}", self.identity.name)
        })
    }

    /// The name of an image: that of the id map, or its id.
    pub fn image_name(&self, image: usize) -> String {
        let id = self.images.ids.get(image).copied().unwrap_or_default();
        self.names_by_id.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// Reads regions: an array images x regions x numbers, and next to it the ids of its images.
    pub fn read_regions(&mut self, path: &Path) -> Result<String> {
        let mut ids = NpyReader::open(&ids_path(path))?;
        let mut rows = NpyReader::open(path)?;
        let [count, regions, features] = rows.header.shape[..] else {
            let what = format!("the array must be images x regions x numbers (its shape is {:?})", rows.header.shape);
            return Err(Error::file(path, what));
        };
        if ids.header.shape != [count] || regions == 0 || features == 0 {
            let (shape, ids_shape) = (&rows.header.shape, &ids.header.shape);
            let ids = ids_path(path);
            let what = format!("the shape {shape:?} needs as many ids ({} has the shape {ids_shape:?})", ids.display());
            return Err(Error::file(path, what));
        }
        let mut of_image = vec![None; self.images.len()];
        for row in 0..count {
            let id = ids.integer()?;
            match self.images.place(id).and_then(|place| of_image.get_mut(place)) {
                Some(place) if place.is_none() => *place = Some(row),
                Some(_) => return Err(Error::file(&ids_path(path), format!("row {row}: the id {id} occurs twice"))),
                None => {
                    let what = format!("row {row}: the set '{}' has no image {id}", self.identity.name);
                    return Err(Error::file(&ids_path(path), what));
                }
            }
        }
        // The size of the file fits the shape.
        let mut values = Vec::with_capacity(count * regions * features);
        for place in 0..count * regions * features {
            let value = rows.float()?;
            if !value.is_finite() {
                let row = place / (regions * features);
                return Err(Error::file(path, format!("row {row}: every number must be finite (found {value})")));
            }
            values.push(value);
        }
        let values =
            Array3::from_shape_vec((count, regions, features), values).map_err(|error| Error::file(path, error.to_string()))?;
        self.images.set_regions(Regions { values, rows: of_image });
        Ok(sha256(format!("{} {}", rows.sha256(), ids.sha256()).as_bytes()))
    }
}

/// Where the ids of the rows of an array of regions are: `v.npy` has `v_ids.npy`.
fn ids_path(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}_ids.npy"))
}

/// The files of one matrix.
struct Matrix {
    folder: PathBuf,
    manifest: Manifest,
    /// `SET/SPLIT`, or `SET` if they have the same name.
    name: String,
    /// What the names of its files begin with.
    stem: String,
}

impl Matrix {
    fn find(folder: &Path, name: Option<&str>, preferred: Option<&str>) -> Result<Matrix> {
        let entries = fs::read_dir(folder).map_err(Error::io(folder, "read"))?;
        let mut files: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| set_of(name).is_some())
            .collect();
        files.sort_unstable();
        let mut found = Vec::new();
        for file in files {
            let manifest = || read_json::<Manifest>(&folder.join(&file), MANIFEST_BYTES);
            for (label, stem) in matrices(set_of(&file).unwrap_or_default(), &manifest()?.0) {
                found.push(Matrix { folder: folder.to_path_buf(), manifest: manifest()?.0, name: label, stem });
            }
        }
        let labels: Vec<String> = found.iter().map(|matrix| matrix.name.clone()).collect();
        let has_preferred = labels.len() > 1 && labels.iter().any(|label| Some(label.as_str()) == preferred);
        let name = name.or(preferred.filter(|_| has_preferred));
        let is_named =
            |matrix: &Matrix| name.is_none_or(|name| matrix.name == name || matrix.name.split('/').any(|part| part == name));
        let mut named = found.into_iter().filter(is_named);
        match (named.next(), named.next()) {
            (Some(matrix), None) => Ok(matrix),
            _ if labels.is_empty() => Err(Error::file(
                folder,
                "there is no manifest_NAME.json with a matrix in this folder; name the output folder of amc-keywords",
            )),
            _ => Err(Error::file(folder, format!("choose one of these with --name: {}", labels.join(", ")))),
        }
    }

    fn output(&self, name: &str) -> Option<&Output> {
        self.manifest.outputs.iter().find(|output| output.name == name)
    }

    fn text(&self, option: &str) -> Option<&str> {
        self.manifest.options.get(option).and_then(Value::as_str)
    }

    /// An output that is JSON, and its checksum.
    fn json<T: DeserializeOwned>(&self, output: &Output) -> Result<(T, String)> {
        let path = self.folder.join(&output.name);
        let (value, sha256) = read_json(&path, JSON_BYTES)?;
        check(&path, output, &sha256)?;
        Ok((value, sha256))
    }

    fn vocabulary(&self) -> Result<(Vec<String>, String)> {
        let is_vocabulary = |output: &&Output| output.name.starts_with("vocabulary_") && output.name.ends_with(".json");
        let missing = || Error::file(&self.folder, format!("the manifest of '{}' lists no vocabulary", self.name));
        let output = self.manifest.outputs.iter().find(is_vocabulary).ok_or_else(missing)?;
        let (ids, sha256): (HashMap<String, usize>, String) = self.json(output)?;
        let mut words = vec![None; ids.len()];
        for (word, id) in ids {
            words.get_mut(id).into_iter().for_each(|place| *place = Some(word.clone()));
        }
        let gap = || Error::file(&self.folder.join(&output.name), "the ids must be 0, 1, 2, … without a gap");
        Ok((words.into_iter().collect::<Option<_>>().ok_or_else(gap)?, sha256))
    }

    /// Names and ids; empty if the names are the ids.
    fn id_map(&self) -> Result<HashMap<String, i64>> {
        let is_map = |output: &&Output| output.name.starts_with("id_map_") && output.name.ends_with(".json");
        self.manifest.outputs.iter().find(is_map).map_or(Ok(HashMap::new()), |output| Ok(self.json(output)?.0))
    }

    /// The images in the order of the matrix, and the checksum of the file that has their words.
    fn images(&self, words: usize) -> Result<(Images, String)> {
        let rows = self.rows();
        if let Some(pairs) = self.pairs() {
            return self.images_of_pairs(pairs, rows, words);
        }
        match (self.output(&format!("{}_padded.npy", self.stem)), self.output(&format!("{}_padded_mask.npy", self.stem)), rows) {
            (Some(ids), Some(mask), Some(rows)) => self.images_of_padded(ids, mask, rows, words),
            _ => Err(Error::file(
                &self.folder,
                format!(
                    "the set '{}' has neither pairs nor padded ids with their rows; write it with --emit pairs or --emit csr,padded",
                    self.name
                ),
            )),
        }
    }

    /// The ids of all images in order.
    fn rows(&self) -> Option<&Output> {
        self.output(&format!("{}_csr_rows.npy", self.stem))
    }

    fn pairs(&self) -> Option<&Output> {
        if self.text("layout") == Some("script") {
            let stem = self.stem.replacen("_ind_", "_rec_", 1);
            return self.output(&format!("{}.npy", stem.strip_suffix("_sparse").unwrap_or(&stem)));
        }
        self.output(&format!("{}.npy", self.stem))
    }

    fn open(&self, output: &Output) -> Result<NpyReader> {
        NpyReader::open(&self.folder.join(&output.name))
    }

    fn finish(&self, output: &Output, reader: NpyReader) -> Result<String> {
        let sha256 = reader.sha256();
        check(&self.folder.join(&output.name), output, &sha256)?;
        Ok(sha256)
    }

    fn row_ids(&self, output: &Output) -> Result<Vec<i64>> {
        let mut reader = self.open(output)?;
        let count = reader.header.shape.iter().product::<usize>();
        let ids = (0..count).map(|_| reader.integer()).collect::<Result<Vec<i64>>>()?;
        self.finish(output, reader)?;
        Ok(ids)
    }

    fn images_of_pairs(&self, output: &Output, rows: Option<&Output>, words: usize) -> Result<(Images, String)> {
        let path = self.folder.join(&output.name);
        let mut reader = self.open(output)?;
        let [count, 2] = reader.header.shape[..] else {
            return Err(Error::file(&path, format!("the pairs must be N x 2 (the shape is {:?})", reader.header.shape)));
        };
        let mut all = rows.map(|rows| self.row_ids(rows)).transpose()?.unwrap_or_default().into_iter();
        let mut images = Images::default();
        let mut add = |id: i64, words: &mut Vec<u32>| {
            // Images without a word, which have no pairs.
            for other in all.by_ref().take_while(|&other| other != id) {
                push(&mut images, &path, other, &mut Vec::new())?;
            }
            push(&mut images, &path, id, words)
        };
        let mut current: Option<(i64, Vec<u32>)> = None;
        for _ in 0..count {
            let (id, word) = (reader.integer()?, word(reader.integer()?, words, &path)?);
            match &mut current {
                Some((last, found)) if *last == id => found.push(word),
                _ => {
                    if let Some((last, mut found)) = current.replace((id, vec![word])) {
                        add(last, &mut found)?;
                    }
                }
            }
        }
        if let Some((last, mut found)) = current {
            add(last, &mut found)?;
        }
        for id in all {
            push(&mut images, &path, id, &mut Vec::new())?;
        }
        Ok((images, self.finish(output, reader)?))
    }

    fn images_of_padded(&self, ids: &Output, mask: &Output, rows: &Output, words: usize) -> Result<(Images, String)> {
        let path = self.folder.join(&ids.name);
        let all = self.row_ids(rows)?;
        let (mut reader, mut is_word) = (self.open(ids)?, self.open(mask)?);
        let [count, width] = reader.header.shape[..] else {
            return Err(Error::file(&path, format!("the ids must be N x K (the shape is {:?})", reader.header.shape)));
        };
        if is_word.header.shape != [count, width] || all.len() != count {
            return Err(Error::file(&path, format!("the ids, their mask and their rows must have {count} rows each")));
        }
        let mut images = Images::default();
        for id in all {
            let mut found = Vec::new();
            for _ in 0..width {
                let id = reader.integer()?;
                if is_word.integer()? != 0 {
                    found.push(word(id, words, &path)?);
                }
            }
            push(&mut images, &path, id, &mut found)?;
        }
        self.finish(mask, is_word)?;
        Ok((images, self.finish(ids, reader)?))
    }

    fn analyzer(&self) -> Result<Analyzer> {
        let default = AnalyzerOptions::default();
        let flag = |name: &str, default: bool| self.manifest.options.get(name).and_then(Value::as_bool).unwrap_or(default);
        let refuse =
            |what: &str| Error::Refused(format!("the set '{}' was made with {what}, which amc-rank does not know", self.name));
        let stop_words = match self.text("stop_words") {
            Some("english") => StopWords::english(),
            Some("none") => StopWords::none(),
            other => return Err(refuse(&format!("--stop-words {}", other.unwrap_or("FILE")))),
        };
        let options = AnalyzerOptions {
            lowercase: flag("lowercase", true),
            strip_accents: match self.text("strip_accents") {
                None => None,
                Some("ascii") => Some(StripAccents::Ascii),
                Some("unicode") => Some(StripAccents::Unicode),
                Some(other) => return Err(refuse(&format!("--strip-accents {other}"))),
            },
            analyzer: match self.text("analyzer") {
                None | Some("word") => AnalyzerKind::Word,
                Some("char") => AnalyzerKind::Char,
                Some("char_wb") => AnalyzerKind::CharWb,
                Some(other) => return Err(refuse(&format!("--analyzer {other}"))),
            },
            ngram_range: self
                .manifest
                .options
                .get("ngram_range")
                .and_then(|range| serde_json::from_value(range.clone()).ok())
                .unwrap_or(default.ngram_range),
            token_pattern: self.text("token_pattern").map_or(default.token_pattern, str::to_owned),
            phrases: flag("phrases", false),
        };
        Analyzer::with_options(&options, stop_words).map_err(|error| Error::Refused(error.to_string()))
    }
}

fn push(images: &mut Images, path: &Path, id: i64, words: &mut Vec<u32>) -> Result<()> {
    match images.push(id, words.drain(..)) {
        true => Ok(()),
        false => Err(Error::file(path, format!("image {id} is listed twice; write the set without --duplicates allow"))),
    }
}

fn word(id: i64, words: usize, path: &Path) -> Result<u32> {
    let known = u32::try_from(id).ok().filter(|&id| (id as usize) < words);
    known.ok_or_else(|| Error::file(path, format!("the vocabulary has no word {id} (it has {words} words)")))
}

/// The set that a manifest is of, by the name of the manifest.
fn set_of(file: &str) -> Option<&str> {
    file.strip_prefix("manifest_")?.strip_suffix(".json")
}

/// The labels of the matrices of a set, and what the names of their files begin with.
fn matrices(set: &str, manifest: &Manifest) -> Vec<(String, String)> {
    let mut stems: Vec<String> = Vec::new();
    for name in manifest.outputs.iter().map(|output| output.name.as_str()).filter(|name| name.starts_with("img_keyword_ind_")) {
        let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
        if !stems.iter().any(|known| known == stem) {
            stems.push(stem.to_owned());
        }
    }
    let splits = &manifest.counts.splits;
    let label = |stem: &String| {
        let split = splits.iter().find(|split| splits.len() == 1 || stem.contains(&format!("_{}_", split.split)));
        split.filter(|split| split.split != set).map_or(set.to_owned(), |split| format!("{set}/{}", split.split))
    };
    stems.iter().map(|stem| (label(stem), stem.clone())).collect()
}

fn check(path: &Path, output: &Output, sha256: &str) -> Result<()> {
    match output.sha256 == sha256 {
        true => Ok(()),
        false => Err(Error::file(path, "the SHA-256 is not the one in the manifest; run amc-keywords verify")),
    }
}

/// A JSON file and its checksum.
fn read_json<T: DeserializeOwned>(path: &Path, most: u64) -> Result<(T, String)> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Error::io(path, "read"))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(Error::io(path, "read"))?;
    if bytes.len() as u64 > most {
        return Err(Error::file(path, format!("the file has more than {most} bytes")));
    }
    let value = serde_json::from_slice(&bytes).map_err(|error| Error::file(path, error.to_string()))?;
    Ok((value, sha256(&bytes)))
}
