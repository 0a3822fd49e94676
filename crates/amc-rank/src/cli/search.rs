//! `amc-rank search`.

use std::process::ExitCode;

use amc_rank::evaluation::best_images;
use clap::{Args, value_parser};

use super::table::table;
use super::{ModelArguments, print};

/// Keywords of an image that are shown.
const KEYWORDS: usize = 8;

/// Find the best images of the set for a query
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The query
    #[arg(long, value_name = "TEXT")]
    query: String,
    /// Show N images
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u32).range(1..))]
    top: u32,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = arguments.model.open()?;
    let query = opened.query(&arguments.query)?;
    let images = &opened.set.images;
    let best = best_images(&opened.model.weights, images, &query, arguments.top as usize);
    let mut rows = vec![["image", "score", "keywords"].map(str::to_owned).to_vec()];
    for (image, score) in best {
        let words: Vec<&str> = images.words(image).iter().take(KEYWORDS).map(|&word| opened.table.word(word)).collect();
        rows.push(vec![opened.set.image_name(image), format!("{score:.4}"), words.join(", ")]);
    }
    print(&table(&rows))?;
    Ok(ExitCode::SUCCESS)
}
