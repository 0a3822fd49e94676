//! `amc-rank train`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use amc_rank::output::write_files;
use amc_rank::queries::{Pool, can_be_compared, hold_out, read_clicks, read_rankings};
use amc_rank::train::{Epoch, Modality, Options, Training};
use amc_rank::{Card, FORMAT, Model, TOOL, WordTable};
use clap::error::ErrorKind;
use clap::{Args, value_parser};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::{SetArguments, print, report, report_left_out};

/// Images that compete in a validation query.
const CANDIDATES: usize = 100;
/// 128 and the number of SIGINT, as a shell reports it.
const INTERRUPTED: u8 = 130;

/// Train a model
#[derive(Debug, Args)]
pub struct TrainArguments {
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
    #[command(flatten)]
    options: Options,
    /// Use N threads; the model does not depend on it
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..=1024))]
    jobs: u32,
}

pub fn run(mut arguments: TrainArguments) -> anyhow::Result<ExitCode> {
    complete(&mut arguments);
    let TrainArguments { set, queries, out, validate, options, jobs } = arguments;
    let stop = stopped_by_ctrl_c()?;
    let (set, regions) = set.open(None)?;
    let mut table = WordTable::new(set.analyzer.clone(), set.words.clone());
    let pool = Pool::new(&set.images, options.parts(), CANDIDATES, options.seed);
    let mut clicks = read_clicks(&queries, &set, &mut table, &pool)?;
    report_left_out(&clicks.left_out);
    let (validation, sha256) = match &validate {
        Some(path) => {
            let rankings = read_rankings(path, &set, &table, &pool)?;
            report_left_out(&rankings.left_out);
            (rankings.usable, Some(rankings.sha256))
        }
        None => (hold_out(&mut clicks.usable, &pool), None),
    };
    let has_others = can_be_compared(&clicks.usable);
    anyhow::ensure!(has_others, "{}: training needs queries that name at least two images", queries.display());
    let counts = format!("{} queries to train on, {} to validate", clicks.usable.len(), validation.len());
    report(&format!("{counts}, {} words", table.words.len()));
    let training = Training {
        images: &set.images,
        words: table.words.len(),
        clicks: &clicks.usable,
        validation: &validation,
        options: &options,
        jobs: jobs as usize,
        stop: &stop,
    };
    let Some(trained) = training.run(|epoch, is_best| report(&line(epoch, is_best))) else {
        report("stopped before the end of the first epoch, so no model was written");
        return Ok(INTERRUPTED.into());
    };
    let (best, rounds) = (trained.best, trained.epochs.len());
    let card = Card {
        format: FORMAT,
        tool: TOOL.to_owned(),
        features: set.images.features(),
        set: set.identity,
        queries: clicks.sha256,
        validation: sha256,
        regions,
        best,
        epochs: trained.epochs,
        words: table.words,
        options,
    };
    let model = Model { card, weights: trained.weights };
    write_files(&[(out.clone(), model.to_bytes()?)])?;
    let (out, Epoch { number, validation, .. }) = (out.display(), best);
    print(&format!("{out}  epoch {number} of {rounds}, validation NDCG@10 {validation:.4}\n"))?;
    Ok(if stop.load(Ordering::Relaxed) { INTERRUPTED.into() } else { ExitCode::SUCCESS })
}

/// A flag that the first Ctrl-C sets. The second one ends the program.
fn stopped_by_ctrl_c() -> std::io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    flag::register_conditional_shutdown(SIGINT, INTERRUPTED.into(), Arc::clone(&stop))?;
    flag::register(SIGINT, Arc::clone(&stop))?;
    Ok(stop)
}

fn line(Epoch { number, loss, validation }: &Epoch, is_best: bool) -> String {
    let best = if is_best { ", best so far" } else { "" };
    format!("epoch {number}: loss {loss:.4}, validation NDCG@10 {validation:.4}{best}")
}

/// Chooses the modalities if none is given. Options that do not fit end the program.
fn complete(arguments: &mut TrainArguments) {
    let has_regions = arguments.set.regions.is_some();
    let modalities = &mut arguments.options.modalities;
    if modalities.is_empty() {
        modalities.push(Modality::Language);
        modalities.extend(has_regions.then_some(Modality::Visual));
    }
    let what = match (modalities.contains(&Modality::Visual), has_regions) {
        (true, false) => "--modalities visual needs --regions\n",
        (false, true) => "--regions has no effect without --modalities visual\n",
        _ => return,
    };
    clap::Error::raw(ErrorKind::ArgumentConflict, what).exit();
}
