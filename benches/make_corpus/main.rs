//! Makes a data set of any size. The same arguments give the same bytes on any machine:
//!
//! ```text
//! cargo run --release -p benches --bin make_corpus -- \
//!     clickture OUT --images 79665 --lite-images 1000000
//! cargo run --release -p benches --bin make_corpus -- mscoco OUT --images 123287
//! ```
//!
//! The words are made up. Like the data of the release, the set has
//!
//! - a JSON file for each image, with about 100 of 30,000 keywords, whose frequencies have a long
//!   tail. Some are phrases, and a few are not ASCII,
//! - shuffled lists, ids of 8 digits, and id maps in the pickle format of Python 2.

#![allow(clippy::indexing_slicing)]

mod random;
mod tags;
mod zip_writer;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use random::Random;
use tags::Tagger;
use zip_writer::ZipWriter;

#[derive(Parser)]
#[command(about = "Make a data set of any size, the same bytes for the same arguments")]
struct Arguments {
    #[command(subcommand)]
    data_set: DataSet,
}

#[derive(Subcommand)]
enum DataSet {
    /// keyword/keywords_{dev,lite}.zip, clickture/clickture-{dev,lite}.lst,
    /// clickture/img_id_map{_dev,}.pkl
    Clickture {
        /// Images of Lite; as many as of Dev if not given, no Lite at all if 0
        #[arg(long)]
        lite_images: Option<u32>,
        #[command(flatten)]
        shape: Shape,
    },
    /// keyword/keywords_coco.zip
    Mscoco {
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Args)]
struct Shape {
    /// The folder to make
    out: PathBuf,
    /// Images; of Clickture, those of Dev
    #[arg(long, default_value = "2000")]
    images: u32,
    /// Keywords an image, on average
    #[arg(long, default_value = "100")]
    mean: u64,
    /// Different keywords
    #[arg(long, default_value = "30000", value_parser = clap::value_parser!(u64).range(1..1_000_000))]
    tags: u64,
    #[arg(long, default_value = "2017")]
    seed: u64,
}

impl Shape {
    fn tagger(&self) -> Tagger {
        Tagger::new(self.seed, self.tags as usize, self.mean)
    }
}

/// Parts of a corpus draw from streams of their own, so that Dev is the same with any Lite.
const DEV: u64 = 1;
const LITE: u64 = 2;
const COCO: u64 = 3;
const COCO_IMAGES: u64 = 4;
const SHUFFLE: u64 = 5;

fn main() -> anyhow::Result<()> {
    match Arguments::parse().data_set {
        DataSet::Clickture { lite_images, shape } => clickture(&shape, lite_images.unwrap_or(shape.images)),
        DataSet::Mscoco { shape } => mscoco(&shape),
    }
}

fn clickture(shape: &Shape, lite_images: u32) -> anyhow::Result<()> {
    let tagger = shape.tagger();
    for (part, name, suffix, images) in [(DEV, "dev", "_dev", shape.images), (LITE, "lite", "", lite_images)] {
        if images == 0 {
            continue;
        }
        let mut zip = ZipWriter::create(&file(&shape.out, "keyword", &format!("keywords_{name}.zip"))?)?;
        zip.add_many(u64::from(images), || {
            let mut writer = tagger.writer(part);
            move |image, path: &mut String, json: &mut String| {
                let _ = write!(path, "keywords_{name}/{image:08}.json");
                writer.write(image, json);
            }
        })?;
        zip.finish()?;
        let mut ids: Vec<u32> = (0..images).collect();
        Random::new(shape.seed, [SHUFFLE, part]).shuffle(&mut ids);
        let list: String = ids.iter().map(|id| format!("{id:08}\n")).collect();
        write_file(&file(&shape.out, "clickture", &format!("clickture-{name}.lst"))?, list.as_bytes())?;
        write_file(&file(&shape.out, "clickture", &format!("img_id_map{suffix}.pkl"))?, &id_map(&ids))?;
    }
    Ok(())
}

/// `{"img7": 7, ...}` in protocol 2, with the byte strings of Python 2 and in its batches of 1000.
fn id_map(ids: &[u32]) -> Vec<u8> {
    let mut pickle = Vec::from(*b"\x80\x02}q\x01");
    for batch in ids.chunks(1000) {
        pickle.push(b'(');
        for &id in batch {
            let name = format!("img{id}");
            pickle.extend_from_slice(&[b'U', name.len() as u8]);
            pickle.extend_from_slice(name.as_bytes());
            match (u8::try_from(id), u16::try_from(id)) {
                (Ok(id), _) => pickle.extend_from_slice(&[b'K', id]),
                (_, Ok(id)) => pickle.extend([b'M'].into_iter().chain(id.to_le_bytes())),
                _ => pickle.extend([b'J'].into_iter().chain(id.to_le_bytes())),
            }
        }
        pickle.push(b'u');
    }
    pickle.push(b'.');
    pickle
}

/// Karpathy's `dataset.json`, and the keyword files of the splits that are encoded.
fn mscoco(shape: &Shape) -> anyhow::Result<()> {
    let tagger = shape.tagger();
    let images: Vec<CocoImage> = (0..shape.images).map(|imgid| CocoImage::draw(shape.seed, imgid)).collect();
    let described: Vec<String> = images.iter().map(CocoImage::json).collect();
    let encoded: Vec<&CocoImage> = images.iter().filter(|image| ["train", "test"].contains(&image.split)).collect();

    let mut zip = ZipWriter::create(&file(&shape.out, "keyword", "keywords_coco.zip")?)?;
    let dataset = format!(r#"{{"images": [{}], "dataset": "coco"}}"#, described.join(", "));
    zip.add("keywords_coco/dataset.json", &dataset)?;
    zip.add_many(encoded.len() as u64, || {
        let (mut writer, encoded) = (tagger.writer(COCO), &encoded);
        move |place, path: &mut String, json: &mut String| {
            let image = encoded[place as usize];
            let _ = write!(path, "keywords_coco/keyword_{}/{}.json", image.split, image.stem());
            writer.write(u64::from(image.imgid), json);
        }
    })?;
    fs::create_dir_all(shape.out.join("mscoco"))?;
    zip.finish()
}

struct CocoImage {
    imgid: u32,
    cocoid: u64,
    split: &'static str,
}

impl CocoImage {
    /// Falls into the splits in the proportions of the real ones.
    fn draw(seed: u64, imgid: u32) -> Self {
        let mut random = Random::new(seed, [COCO_IMAGES, u64::from(imgid)]);
        let split = match random.below(123_287) {
            0..82_783 => "train",
            82_783..113_287 => "restval",
            113_287..118_287 => "test",
            _ => "val",
        };
        CocoImage { imgid, cocoid: 1 + 4 * u64::from(imgid) + random.below(4), split }
    }

    fn year(&self) -> &'static str {
        if self.split == "train" { "train2014" } else { "val2014" }
    }

    fn stem(&self) -> String {
        format!("COCO_{}_{:012}", self.year(), self.cocoid)
    }

    fn json(&self) -> String {
        let CocoImage { imgid, cocoid, split } = self;
        let sentence = format!(r#"{{"tokens": ["a", "dog"], "raw": "A dog.", "imgid": {imgid}, "sentid": {imgid}}}"#);
        format!(
            r#"{{"filepath": "{}", "sentids": [{imgid}], "filename": "{}.jpg", "imgid": {imgid}, "split": "{split}", "sentences": [{sentence}], "cocoid": {cocoid}}}"#,
            self.year(),
            self.stem()
        )
    }
}

/// The path of a file in a folder of the data set, which is made if need be.
fn file(out: &Path, folder: &str, name: &str) -> anyhow::Result<PathBuf> {
    let folder = out.join(folder);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder.join(name))
}

fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
