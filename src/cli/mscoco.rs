//! `amc-keywords mscoco`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{CocoSplit, Mscoco};
use clap::{Args, ValueHint};

use super::choice::choice;
use super::job::run_or_check;
use super::options::SharedOptions;

/// Encode the train and test images of MSCOCO
#[derive(Debug, Args)]
pub struct MscocoArguments {
    /// Folder with keyword/
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    root: PathBuf,
    /// Write the outputs to this folder [default: ROOT/mscoco]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Learn from and encode these splits: train, test
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "train,test", value_parser = choice([("train", CocoSplit::Train), ("test", CocoSplit::Test)]))]
    splits: Vec<CocoSplit>,
    #[command(flatten)]
    pub shared: SharedOptions,
}

/// Encodes MSCOCO and prints the summary.
pub fn run(arguments: MscocoArguments) -> anyhow::Result<ExitCode> {
    let MscocoArguments { root, out, splits, shared } = arguments;
    let job = Mscoco { root, out, splits };
    run_or_check(&shared, |settings, terminal| job.run(settings, terminal), |settings, terminal| job.check(settings, terminal))
}
