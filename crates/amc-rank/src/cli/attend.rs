//! `amc-rank attend`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_rank::page::{Pictures, Source};
use amc_rank::{ImageRef, results};
use clap::Args;

use super::table::table;
use super::{ModelArguments, print};

/// Show which keywords and regions of an image a query looks at
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The query
    #[arg(long, value_name = "TEXT")]
    query: String,
    /// The name or the id of the image
    #[arg(long, value_name = "NAME")]
    image: String,
    /// Write a page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show the picture from this folder on the page (NAME.jpg or NAME.png)
    #[arg(long, value_name = "DIR", requires = "html")]
    images: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = arguments.model.open()?;
    let query = opened.query(&arguments.query)?;
    let image = opened.set.find(&ImageRef::Name(arguments.image.clone())).map_err(|what| anyhow::anyhow!("--image: {what}"))?;
    let parts = opened.model.card.options.parts;
    anyhow::ensure!(
        opened.set.images.has(image, parts),
        "--image {}: the image lacks the keywords or the regions that the model needs",
        arguments.image
    );
    let item = opened.set.images.item(image);
    let attention = opened.model.weights.attention(&query, item);
    let mut rows = Vec::new();
    let mut add = |kind: &str, what: String, weight: f32| rows.push(vec![kind.to_owned(), what, format!("{weight:.4}")]);
    if parts.language && parts.visual {
        add("modality", "visual".into(), attention.visual);
        add("modality", "language".into(), 1.0 - attention.visual);
    }
    for (&word, &weight) in item.words.iter().zip(&attention.words) {
        add("keyword", opened.table.word(word).to_owned(), weight);
    }
    for (region, &weight) in attention.regions.iter().enumerate() {
        add("region", region.to_string(), weight);
    }
    print(&format!("score {:.4}\n{}", attention.score, table(&rows)))?;
    if let Some(path) = &arguments.html {
        let pictures = arguments.images.as_deref().map(Pictures::new);
        let source = Source { model: &opened.model, table: &opened.table, set: &opened.set, pictures: pictures.as_ref() };
        results::write_page(path, &source.attention(source.look(&arguments.query, &query, image)))?;
    }
    Ok(ExitCode::SUCCESS)
}
