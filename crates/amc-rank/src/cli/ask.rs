//! `amc-rank attend` and `amc-rank search`.

use std::path::PathBuf;

use amc_rank::ImageRef;
use amc_rank::evaluation::best_images;
use amc_rank::output::write_files;
use amc_rank::page::Source;
use askama::Template;
use clap::{Args, value_parser};

use super::table::table;
use super::{ModelArguments, Opened, print};

/// Keywords of an image that are shown.
const KEYWORDS: usize = 8;

/// A model and a query.
#[derive(Debug, Args)]
struct QueryArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// The query
    #[arg(long, value_name = "TEXT")]
    query: String,
}

/// Show which keywords and regions of an image a query looks at
#[derive(Debug, Args)]
pub struct AttendArguments {
    #[command(flatten)]
    query: QueryArguments,
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

/// Find the best images of the set for a query
#[derive(Debug, Args)]
pub struct SearchArguments {
    #[command(flatten)]
    query: QueryArguments,
    /// Show N images
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = value_parser!(u32).range(1..))]
    top: u32,
}

impl QueryArguments {
    /// What is asked, and the rows of the words of the query.
    fn open(&self) -> anyhow::Result<(Opened, Vec<u32>)> {
        let opened = self.model.open()?;
        let query = opened.table.known(&self.query);
        anyhow::ensure!(!query.is_empty(), "--query '{}': the model knows none of these words", self.query);
        Ok((opened, query))
    }
}

pub fn attend(arguments: &AttendArguments) -> anyhow::Result<()> {
    let (Opened { model, set, table: words, .. }, query) = arguments.query.open()?;
    let image = &arguments.image;
    let place = set.find(&ImageRef::Name(image.clone())).map_err(|what| anyhow::anyhow!("--image {image}: {what}"))?;
    let parts = model.weights.parts;
    let has_all = set.images.has(place, parts);
    anyhow::ensure!(has_all, "--image {image}: the image lacks the keywords or the regions that the model needs");
    let source = Source { model: &model, table: &words, set: &set, pictures: arguments.images.as_deref() };
    let look = source.look(&arguments.query.query, &query, place);
    let attention = &look.attention;
    let mut rows = Vec::new();
    let mut add = |kind: &str, what: &str, weight: f32| rows.push(vec![kind.into(), what.into(), format!("{weight:.4}")]);
    if parts.language && parts.visual {
        add("modality", "visual", attention.visual);
        add("modality", "language", 1.0 - attention.visual);
    }
    look.words.iter().zip(&attention.words).for_each(|(word, &weight)| add("keyword", word, weight));
    attention.regions.iter().enumerate().for_each(|(region, &weight)| add("region", &region.to_string(), weight));
    print(&format!("score {:.4}\n{}", attention.score, table(&rows)))?;
    if let Some(path) = &arguments.html {
        write_files(&[(path.clone(), source.attention(look).render()?.into())])?;
    }
    Ok(())
}

pub fn search(arguments: &SearchArguments) -> anyhow::Result<()> {
    let (Opened { model, set, table: words, .. }, query) = arguments.query.open()?;
    let mut rows = vec![["image", "score", "keywords"].map(str::to_owned).to_vec()];
    for (image, score) in best_images(&model.weights, &set.images, &query, arguments.top as usize) {
        let keywords: Vec<&str> = set.images.words(image).iter().take(KEYWORDS).map(|&word| words.word(word)).collect();
        rows.push(vec![set.image_name(image), format!("{score:.4}"), keywords.join(", ")]);
    }
    print(&table(&rows))
}
