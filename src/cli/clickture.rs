//! `amc-keywords clickture`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{Clickture, ClicktureSplit};
use clap::{Args, ValueHint};

use super::choice::choice;
use super::job::run_or_check;
use super::options::SharedOptions;

/// Encode the Clickture Dev and Lite splits
///
/// The vocabulary is learned from Dev.
#[derive(Debug, Args)]
pub struct ClicktureArguments {
    /// Folder with keyword/ and clickture/
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    root: PathBuf,
    /// Write the outputs to this folder [default: ROOT/clickture]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Encode these splits: dev, lite [default: those whose files exist]
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = choice([ClicktureSplit::Dev, ClicktureSplit::Lite].map(|split| (split.name(), split))))]
    splits: Option<Vec<ClicktureSplit>>,
    #[command(flatten)]
    pub shared: SharedOptions,
}

/// Encodes Clickture and prints the summary.
pub fn run(arguments: ClicktureArguments) -> anyhow::Result<ExitCode> {
    let ClicktureArguments { root, out, splits, shared } = arguments;
    let job = Clickture { root, out, splits };
    run_or_check(&shared, |settings, terminal| job.run(settings, terminal), |settings, terminal| job.check(settings, terminal))
}
