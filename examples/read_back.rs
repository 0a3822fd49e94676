//! Encodes the Clickture images of the sample and reads the matrix back as an array of ndarray:
//!
//! ```text
//! cargo run --example read_back -- 72
//! ```

#![allow(clippy::indexing_slicing)]

use std::error::Error;
use std::path::Path;

use amc_keywords::{Clickture, ClicktureSplit, Settings, Silent, read_matrix};

/// The words of an image of Dev.
fn words_of(image: i64, out: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let clickture = Clickture { root: "sample".into(), out: Some(out.into()), splits: Some(vec![ClicktureSplit::Dev]) };
    let summary = clickture.run(&Settings::default(), &Silent)?;

    let pairs = read_matrix(&out.join(&summary.outputs[0].name))?;
    let vocabulary = std::fs::read_to_string(out.join("vocabulary_clickture_dev_sk_6.json"))?;
    // One word a line, in the order of the ids.
    let words: Vec<&str> = vocabulary.lines().filter_map(|line| line.split('"').nth(1)).collect();
    let of_image = pairs.rows().into_iter().filter(|row| row[0] == image);
    Ok(of_image.map(|row| words[row[1] as usize].to_owned()).collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let image = std::env::args().nth(1).map_or(Ok(72), |number| number.parse())?;
    let out = tempfile::tempdir()?;
    println!("{}", words_of(image, out.path())?.join(" "));
    Ok(())
}
