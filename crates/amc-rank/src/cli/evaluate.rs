//! `amc-rank evaluate`.

use std::fs;
use std::iter::once;
use std::path::{Path, PathBuf};

use amc_rank::Model;
use amc_rank::bm25::Bm25;
use amc_rank::evaluation::{Figure, Measured, figures, measure, scores, tables};
use amc_rank::output::write_files;
use amc_rank::page::{Page, Source, charts};
use amc_rank::queries::{Pool, Ranking, read_rankings};
use anyhow::Context;
use askama::Template;
use clap::{Args, value_parser};
use serde_json::json;

use super::table::table;
use super::{ModelArguments, Opened, print, report_left_out};

/// Where the random numbers begin that draw candidates.
const SEED: u64 = 1;

/// Measure how well a model ranks, next to BM25 and a random order
#[derive(Debug, Args)]
pub struct EvaluateArguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Read the test queries
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Let N images compete if a line does not list them
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(2..))]
    candidates: u32,
    /// Compare with another model of the same set
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    /// Write figures, curves and a page into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Show pictures from this folder on the page (NAME.jpg or NAME.png)
    #[arg(long, value_name = "DIR", requires = "out")]
    images: Option<PathBuf>,
}

pub fn run(arguments: &EvaluateArguments) -> anyhow::Result<()> {
    let Opened { model, set, table: words, regions } = &arguments.model.open()?;
    let mut models = vec![("model", model.clone())];
    if let Some(path) = &arguments.against {
        let other = Model::read(path)?;
        other.check(path, set, regions.as_deref())?;
        models.push(("other model", other));
    }
    let mut parts = model.weights.parts;
    parts.language = models.iter().any(|(_, of)| of.weights.parts.language);
    parts.visual = models.iter().any(|(_, of)| of.weights.parts.visual);
    let images = &set.images;
    let pool = Pool::new(images, parts, arguments.candidates as usize, SEED);
    let queries = read_rankings(&arguments.queries, set, words, &pool)?;
    report_left_out(&queries.left_out);
    let rankings = &queries.usable;
    let of_model =
        |(name, of): &(&'static str, Model)| measure(name, rankings, 1, |ranking| scores(&of.weights, images, ranking));
    let mut measured: Vec<_> = models.iter().map(of_model).collect();
    let bm25 = Bm25::new(images);
    measured.push(measure("BM25", rankings, 1, |Ranking { query, images: of, .. }| {
        of.iter().map(|&image| bm25.score(query, images.words(image))).collect()
    }));
    // All scores are equal, so each measure is its exact mean over all orders.
    measured.push(measure("random", rankings, 1, |ranking| vec![0.0; ranking.images.len()]));
    let figures = figures(&measured, rankings, images);
    print(&shown(&figures))?;
    if let Some(folder) = &arguments.out {
        let source = Source { model, table: words, set, pictures: arguments.images.as_deref() };
        write(folder, &source.evaluation(&measured, rankings, &figures), &measured, &figures)?;
    }
    Ok(())
}

fn shown(figures: &[Figure]) -> String {
    let mut text = String::new();
    for part in tables(figures) {
        let line = |first: &str, row: &[Figure], cell: fn(&Figure) -> String| {
            once(first.to_owned()).chain(row.iter().map(cell)).collect()
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        for row in part.rows {
            if rows.is_empty() {
                rows.push(line("measure", row, |of| of.system.to_owned()));
            }
            let measure = row.first().map_or("", |of| of.measure);
            rows.push(line(measure, row, |of| format!("{:.3} [{:.3}, {:.3}]", of.mean, of.low, of.high)));
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{}: {} queries\n{}", part.group, part.queries, table(&rows)));
    }
    text
}

/// Writes all figures, the curves and the page.
fn write(folder: &Path, page: &Page<'_>, measured: &[Measured], figures: &[Figure]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{}: cannot create", folder.display()))?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    figures.iter().try_for_each(|figure| csv.serialize(figure))?;
    let card = page.card;
    let json = json!({"tool": card.tool, "options": card.options, "set": card.set, "figures": figures});
    let mut files = vec![
        ("figures.json", serde_json::to_vec_pretty(&json)?),
        ("figures.csv", csv.into_inner()?),
        ("evaluation.html", page.render()?.into()),
    ];
    files.extend(["roc.svg", "ndcg.svg"].into_iter().zip(charts(measured).into_iter().map(|(_, svg)| svg.into())));
    let files: Vec<_> = files.into_iter().map(|(name, content)| (folder.join(name), content)).collect();
    Ok(write_files(&files)?)
}
