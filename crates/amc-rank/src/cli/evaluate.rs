//! `amc-rank evaluate`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_rank::Model;
use amc_rank::evaluation::{Estimate, Group, Measured, System, groups};
use amc_rank::measures::NAMES;
use amc_rank::page::{Pictures, Source};
use amc_rank::queries::{Draw, Validation};
use amc_rank::results::{self, Results};
use clap::{Args, value_parser};

use super::table::table;
use super::{ModelArguments, Opened, print, tell};

/// Measure how well a model ranks, next to BM25 and a random order
#[derive(Debug, Args)]
pub struct Arguments {
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
    /// Start the random numbers at N
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Use N threads; the figures do not depend on it
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=1024))]
    jobs: u32,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = arguments.model.open()?;
    let Opened { model, set, table, regions } = &opened;
    let against = arguments.against.as_ref().map(|path| -> anyhow::Result<Model> {
        let other = Model::read(path)?;
        other.check(path, set, regions.as_deref())?;
        Ok(other)
    });
    let against = against.transpose()?;
    let mut parts = model.card.options.parts;
    if let Some(other) = &against {
        parts.language |= other.card.options.parts.language;
        parts.visual |= other.card.options.parts.visual;
    }
    let draw = Draw { parts, candidates: arguments.candidates as usize, seed: arguments.seed };
    let queries = Validation::read(&arguments.queries, set, table, draw)?;
    if let Some(text) = queries.left_out.describe() {
        tell(false, &text);
    }
    let images = &set.images;
    let systems = [
        Some(System::model("model", &model.weights, images)),
        against.as_ref().map(|other| System::model("other model", &other.weights, images)),
        Some(System::bm25(images)),
        Some(System::random()),
    ];
    let jobs = arguments.jobs as usize;
    let measured: Vec<Measured> = systems.iter().flatten().map(|system| system.measure(&queries.rankings, jobs)).collect();
    let groups = groups(&measured, &queries.rankings, images, jobs, arguments.seed);
    let results = Results { model: &model.card, groups: &groups };
    match arguments.json {
        true => print(&results.json()?)?,
        false => print(&shown(&groups))?,
    }
    if let Some(folder) = &arguments.out {
        let pictures = arguments.images.as_deref().map(Pictures::new);
        let source = Source { model, table, set, pictures: pictures.as_ref() };
        let page = source.evaluation(&measured, &queries.rankings, groups.clone());
        let queries = results::queries_csv(&measured, &queries.rankings, set);
        results.write(folder, &page, queries)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn shown(groups: &[Group]) -> String {
    let mut text = String::new();
    for group in groups {
        text.push_str(&format!("{}: {} queries\n", group.group, group.queries));
        let heading = ["measure".to_owned()].into_iter();
        let mut rows: Vec<Vec<String>> = vec![heading.chain(group.systems.iter().map(|of| of.system.to_owned())).collect()];
        for name in NAMES {
            let cell = |value: Estimate| format!("{:.3} [{:.3}, {:.3}]", value.mean, value.low, value.high);
            let cells = group.row(name).into_iter().map(|figure| cell(figure.value));
            rows.push([name.to_owned()].into_iter().chain(cells).collect());
        }
        text.push_str(&table(&rows));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}
