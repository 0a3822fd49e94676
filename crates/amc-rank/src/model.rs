//! The file of a model: a zip of `.npy` arrays, which `numpy.load` reads, and `model.json`.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::error::{Error, Result};
use crate::network::{Dense, Sizes, Weights};
use crate::npy::{Element, Header};
use crate::output::write_atomically;
use crate::set::{Set, SetIdentity};
use crate::train::{Epoch, Options};
use crate::words::WordTable;

const FORMAT: u32 = 1;
const JSON: &str = "model.json";

/// What a model was trained on and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The form of this record: 1.
    pub format: u32,
    /// The program and its version.
    pub tool: String,
    /// How the model was trained.
    pub options: Options,
    /// The set that it was trained on.
    pub set: SetIdentity,
    /// The SHA-256 of the queries.
    pub queries: String,
    /// The SHA-256 of the validation queries; none if they were taken from the queries.
    pub validation: Option<String>,
    /// The SHA-256 of the regions.
    pub regions: Option<String>,
    /// Numbers that describe a region.
    pub features: usize,
    /// The number of the best round.
    pub best: usize,
    /// All rounds.
    pub epochs: Vec<Epoch>,
    /// The words in the order of their rows: those of the set, then those of the queries.
    pub words: Vec<String>,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What it was trained on and how.
    pub card: Card,
    /// What it learned.
    pub weights: Weights<f32>,
}

impl Card {
    /// The current form and version.
    pub fn current() -> (u32, String) {
        (FORMAT, concat!("amc-rank ", env!("CARGO_PKG_VERSION")).to_owned())
    }
}

impl Model {
    /// Writes the model. The same model gives the same bytes.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_atomically(path, |file| {
            let mut zip = ZipWriter::new(file);
            // Nothing is compressed, and every time is the first one that a zip can hold.
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored).large_file(true);
            zip.start_file(JSON, options)?;
            serde_json::to_writer_pretty(&mut zip, &self.card)?;
            let blocks = [("words", &self.weights.words)].into_iter().chain(self.weights.dense.blocks());
            for (name, block) in blocks.filter(|(_, block)| !block.is_empty()) {
                zip.start_file(format!("{name}.npy"), options)?;
                write_block(&mut zip, block)?;
            }
            zip.finish()?;
            Ok(())
        })
    }

    /// Reads a model.
    ///
    /// # Errors
    ///
    /// The file is no model, or a weight is not finite.
    pub fn read(path: &Path) -> Result<Model> {
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let wrong = |what: String| Error::file(path, format!("this is not a model of amc-rank: {what}"));
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
        let card: Card = {
            let member = zip.by_name(JSON).map_err(|error| wrong(error.to_string()))?;
            serde_json::from_reader(BufReader::new(member)).map_err(|error| wrong(format!("{JSON}: {error}")))?
        };
        if card.format != FORMAT {
            return Err(wrong(format!("its format is {}, expected {FORMAT}", card.format)));
        }
        let Options { parts, dim, .. } = card.options;
        let sizes = Sizes { words: card.words.len(), dim, features: card.features };
        let mut read = |name: &str, shape| read_block(&mut zip, name, shape).map_err(|what| wrong(format!("{name}: {what}")));
        // The words first: their number and the size of a vector are real if the array is there.
        let words = read("words", (sizes.words, dim))?;
        let shapes = Dense::<f32>::shapes(parts, sizes);
        let mut dense = Dense::empty();
        for ((name, shape), block) in shapes.into_iter().zip(dense.blocks_mut()) {
            if shape != (0, 0) {
                *block = read(name, shape)?;
            }
        }
        Ok(Model { weights: Weights { parts, words, dense }, card })
    }

    /// Refuses a set or regions that the model was not trained on.
    pub fn check(&self, path: &Path, set: &Set, regions: Option<&str>) -> Result<()> {
        let trained = &self.card.set;
        if *trained != set.identity {
            let differs = match () {
                () if trained.name != set.identity.name => "its name differs",
                () if trained.vocabulary != set.identity.vocabulary => "its vocabulary differs",
                () => "its matrix differs",
            };
            let (trained, given) = (&trained.name, &set.identity.name);
            return Err(Error::file(
                path,
                format!("the model was trained on the set '{trained}', not on this set '{given}' ({differs}); train it again"),
            ));
        }
        match (&self.card.regions, regions) {
            (Some(_), None) => Err(Error::file(path, "the model sees regions; add --regions")),
            (Some(trained), Some(given)) if trained != given => {
                Err(Error::file(path, "the model was trained on other regions; give the same --regions, or train it again"))
            }
            _ => Ok(()),
        }
    }

    /// The words of the model.
    pub fn word_table(&self, set: &Set) -> WordTable {
        WordTable::new(set.analyzer.clone(), self.card.words.clone())
    }
}

fn write_block(mut to: impl Write, block: &Array2<f32>) -> std::io::Result<()> {
    let header = Header { element: Element::Float32, shape: block.shape().to_vec() };
    to.write_all(&header.to_bytes())?;
    let bytes: Vec<u8> = block.iter().flat_map(|value| value.to_le_bytes()).collect();
    to.write_all(&bytes)
}

fn read_block<R: Read + std::io::Seek>(
    zip: &mut ZipArchive<R>,
    name: &str,
    (rows, columns): (usize, usize),
) -> std::result::Result<Array2<f32>, String> {
    let mut member = zip.by_name(&format!("{name}.npy")).map_err(|error| error.to_string())?;
    let header = Header::read(&mut member)?;
    if header.element != Element::Float32 || header.shape != [rows, columns] {
        return Err(format!("expected a float32 array of shape {:?}, found {header:?}", [rows, columns]));
    }
    let mut bytes = Vec::new();
    // The members are stored, so there cannot be more bytes than the file has.
    member.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    let values: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    if !rest.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return Err("every number must be finite".into());
    }
    Array2::from_shape_vec((rows, columns), values).map_err(|error| error.to_string())
}
