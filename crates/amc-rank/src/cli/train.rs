//! `amc-rank train`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use amc_rank::network::{Parts, Weighting};
use amc_rank::queries::{Draw, LeftOut, Validation, read_clicks};
use amc_rank::train::{Epoch, Options, Training, train};
use amc_rank::{Card, Model, WordTable};
use clap::error::ErrorKind;
use clap::{Args, ValueEnum, value_parser};

use super::signals::{INTERRUPTED, interrupted};
use super::{SetArguments, print, tell};

/// Images that compete in a validation query.
const CANDIDATES: usize = 100;

/// Train a model
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    set: SetArguments,
    /// Read the training queries: {"query": "…", "image": 72} in each line
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Write the model here
    #[arg(long, value_name = "FILE.npz")]
    out: PathBuf,
    /// Choose the best epoch by these queries [default: one in 20 of --queries]
    #[arg(long, value_name = "FILE")]
    validate: Option<PathBuf>,
    /// Use keywords, regions or both [default: both with --regions, else language]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "A,B")]
    modalities: Vec<Modality>,
    /// Pool the keywords and the regions by attention or by their mean
    #[arg(long, value_enum, default_value = "attention")]
    pool: Weighting,
    /// Mix the modalities by attention or in equal parts
    #[arg(long, value_enum, default_value = "attention")]
    mix: Weighting,
    /// Give vectors N numbers
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = value_parser!(u32).range(1..=4096))]
    dim: u32,
    /// Separate the right image's score by X from the others'
    #[arg(long, value_name = "X", default_value_t = 0.2, value_parser = positive)]
    margin: f32,
    /// Compare each right image with N others
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u32).range(1..=1000))]
    negatives: u32,
    /// Stop after N epochs
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = value_parser!(u32).range(1..))]
    epochs: u32,
    /// Stop after N epochs without a better validation score
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = value_parser!(u32).range(1..))]
    patience: u32,
    /// Take N queries for a step
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = value_parser!(u32).range(1..))]
    batch: u32,
    /// Set the step size of Adam
    #[arg(long, value_name = "X", default_value_t = 0.002, value_parser = positive)]
    rate: f32,
    /// Start the random numbers at N
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Use N threads; the model does not depend on it
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=1024))]
    jobs: u32,
    /// Report nothing but the result and errors
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Modality {
    Language,
    Visual,
}

fn positive(text: &str) -> Result<f32, String> {
    let number: f32 = text.parse().map_err(|error| format!("{error}"))?;
    (number.is_finite() && number > 0.0).then_some(number).ok_or_else(|| "the number must be positive".into())
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let options = options(arguments)?;
    let stop = interrupted()?;
    let (set, regions) = arguments.set.open(None)?;
    let mut table = WordTable::new(set.analyzer.clone(), set.words.clone());
    let draw = Draw { parts: options.parts, candidates: CANDIDATES, seed: options.seed };
    let mut read = read_clicks(&arguments.queries, &set, &mut table, draw)?;
    report_left_out(arguments, read.left_out);
    let validation = match &arguments.validate {
        Some(path) => Validation::read(path, &set, &table, draw)?,
        None => read.hold_out(&set.images, draw),
    };
    report_left_out(arguments, validation.left_out);
    read.check(&arguments.queries)?;
    let training =
        Training { images: &set.images, words: table.words().len(), clicks: &read.clicks, validation: &validation.rankings };
    tell(
        arguments.quiet,
        &format!(
            "{} queries to train on, {} to validate, {} words",
            read.clicks.len(),
            validation.rankings.len(),
            training.words
        ),
    );
    let report = |epoch: &Epoch, is_best| tell(arguments.quiet, &line(epoch, is_best));
    let Some(trained) = train(&training, &options, arguments.jobs as usize, &stop, report) else {
        tell(false, "stopped before the end of the first epoch, so no model was written");
        return Ok(INTERRUPTED.into());
    };
    let (format, tool) = Card::current();
    let score = trained.validation();
    let card = Card {
        format,
        tool,
        options,
        set: set.identity,
        queries: read.sha256,
        validation: validation.sha256,
        regions,
        features: trained.weights.dense.visual_regions.nrows(),
        best: trained.best,
        epochs: trained.epochs,
        words: table.words().to_vec(),
    };
    let model = Model { card, weights: trained.weights };
    model.write(&arguments.out)?;
    let Card { best, epochs, .. } = &model.card;
    print(&format!("{}  epoch {best} of {}, validation NDCG@10 {score:.4}\n", arguments.out.display(), epochs.len()))?;
    Ok(status(&stop))
}

fn status(stop: &AtomicBool) -> ExitCode {
    if stop.load(Ordering::Relaxed) { INTERRUPTED.into() } else { ExitCode::SUCCESS }
}

fn line(epoch: &Epoch, is_best: bool) -> String {
    let Epoch { number, loss, validation } = epoch;
    format!("epoch {number}: loss {loss:.4}, validation NDCG@10 {validation:.4}{}", if is_best { ", best so far" } else { "" })
}

fn report_left_out(arguments: &Arguments, left_out: LeftOut) {
    if let Some(text) = left_out.describe() {
        tell(arguments.quiet, &text);
    }
}

fn options(arguments: &Arguments) -> anyhow::Result<Options> {
    let has = |modality| match arguments.modalities.is_empty() {
        true => modality == Modality::Language || arguments.set.regions.is_some(),
        false => arguments.modalities.contains(&modality),
    };
    let parts =
        Parts { language: has(Modality::Language), visual: has(Modality::Visual), pool: arguments.pool, mix: arguments.mix };
    let usage = |kind, what: &str| Err(clap::Error::raw(kind, format!("{what}\n")).into());
    match (parts.visual, arguments.set.regions.is_some()) {
        (true, false) => return usage(ErrorKind::MissingRequiredArgument, "--modalities visual needs --regions"),
        (false, true) => return usage(ErrorKind::ArgumentConflict, "--regions has no effect without --modalities visual"),
        _ => {}
    }
    Ok(Options {
        parts,
        dim: arguments.dim as usize,
        margin: arguments.margin,
        negatives: arguments.negatives as usize,
        epochs: arguments.epochs as usize,
        patience: arguments.patience as usize,
        batch: arguments.batch as usize,
        rate: arguments.rate,
        seed: arguments.seed,
    })
}
