//! The file of a model: a zip of `.npy` arrays, which `numpy.load` reads, and `model.json`.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Write};
use std::path::Path;

use keyword_files::error::{Problem, Result};
use keyword_files::npy::header::{NpyHeader, npy_header};
use keyword_files::plain_file::open_file;
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::network::{Dense, Sizes, Weights};
use crate::set::{Set, SetIdentity};
use crate::train::{Epoch, Options};

/// The form of the record [`Card`].
pub const FORMAT: u32 = 1;
/// The program and its version.
pub const TOOL: &str = concat!("amc-rank ", env!("CARGO_PKG_VERSION"));
const JSON: &str = "model.json";

/// What a model was trained on and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// [`FORMAT`].
    pub format: u32,
    /// [`TOOL`].
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
    /// The best round.
    pub best: Epoch,
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

impl Model {
    /// The content of the file. The same model gives the same bytes.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // Nothing is compressed, and every time is the first one that a zip can hold.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        zip.start_file(JSON, options)?;
        serde_json::to_writer_pretty(&mut zip, &self.card)?;
        let blocks = [("words", &self.weights.words)].into_iter().chain(self.weights.dense.blocks());
        for (name, block) in blocks.filter(|(_, block)| !block.is_empty()) {
            zip.start_file(format!("{name}.npy"), options)?;
            zip.write_all(&npy_header("<f4", &[block.nrows() as u64, block.ncols() as u64]))?;
            zip.write_all(&block.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
        }
        Ok(zip.finish()?.into_inner())
    }

    /// Reads a model.
    ///
    /// # Errors
    ///
    /// The file is no model, or a weight is not finite.
    pub fn read(path: &Path) -> Result<Model> {
        let file = BufReader::new(open_file(path)?);
        let model = ZipArchive::new(file).map_err(anyhow::Error::from).and_then(Model::from_zip);
        model.map_err(|error| Problem::new(path, format!("this is not a model of amc-rank: {error}")).into())
    }

    fn from_zip(mut zip: ZipArchive<BufReader<File>>) -> anyhow::Result<Model> {
        let card: Card = serde_json::from_reader(BufReader::new(member(&mut zip, JSON)?))?;
        anyhow::ensure!(card.format == FORMAT, "its format is {}, expected {FORMAT}", card.format);
        let sizes = Sizes { words: card.words.len(), dim: card.options.dim, features: card.features };
        // The words first: their number and the size of a vector are real if the array is there.
        let words = read_block(&mut zip, "words", (sizes.words, sizes.dim))?;
        let parts = card.options.parts();
        let mut dense = Dense::zeros([(0, 0); 10]);
        let names = dense.blocks().map(|(name, _)| name);
        for ((block, name), shape) in dense.blocks_mut().into_iter().zip(names).zip(Dense::<f32>::shapes(parts, sizes)) {
            if shape != (0, 0) {
                *block = read_block(&mut zip, name, shape)?;
            }
        }
        Ok(Model { weights: Weights { parts, words, dense }, card })
    }

    /// Refuses a set or regions that the model was not trained on.
    pub fn check(&self, path: &Path, set: &Set, regions: Option<&str>) -> Result<()> {
        let (trained, given) = (&self.card.set, &set.identity);
        let what = match (&self.card.regions, regions) {
            _ if trained != given => {
                let is_other = if trained.name == given.name { ", but its files differ" } else { "" };
                format!("the model was trained on the set '{}', found the set '{}'{is_other}", trained.name, given.name)
            }
            (Some(_), None) => return Err(Problem::new(path, "the model sees regions").hint("add --regions").into()),
            (Some(trained), Some(given)) if trained != given => "the model was trained on other regions".into(),
            _ => return Ok(()),
        };
        Err(Problem::new(path, what).hint("train it again").into())
    }
}

/// A member of the zip. It is not compressed, so it has no more bytes than the file.
fn member<'z>(zip: &'z mut ZipArchive<BufReader<File>>, name: &str) -> anyhow::Result<ZipFile<'z, BufReader<File>>> {
    let member = zip.by_name(name)?;
    anyhow::ensure!(member.compression() == CompressionMethod::Stored, "{name} is compressed");
    Ok(member)
}

fn read_block(zip: &mut ZipArchive<BufReader<File>>, name: &str, shape: (usize, usize)) -> anyhow::Result<Array2<f32>> {
    let mut member = member(zip, &format!("{name}.npy"))?;
    let header = NpyHeader::read(&mut member)?;
    let expected = [shape.0 as u64, shape.1 as u64];
    let fits = header.descr == "'<f4'" && header.fortran_order == "False" && header.shape.as_deref() == Some(&expected);
    anyhow::ensure!(fits, "{name}: expected a float32 array of shape {expected:?}, found {header:?}");
    let mut bytes = Vec::new();
    member.read_to_end(&mut bytes)?;
    let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    anyhow::ensure!(values.iter().all(|value| value.is_finite()), "{name}: every number must be finite");
    Ok(Array2::from_shape_vec(shape, values)?)
}
