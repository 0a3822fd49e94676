//! `amc-keywords clickture`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{Clickture, ClicktureSplit};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use super::job::run_or_check;
use super::options::SharedOptions;

/// Encode Clickture: Dev, which the vocabulary is learnt from, and Lite
#[derive(Debug, Args)]
#[command(after_help = "Example: amc-keywords clickture --root sample --out out --splits dev")]
pub struct Arguments {
    /// The folder that holds keyword/ and clickture/
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    root: PathBuf,
    /// Where outputs go; made if missing [default: ROOT/clickture]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Which splits to encode, joined by commas: dev, lite [default: both, or dev alone if nothing of Lite is there]
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = split_parser())]
    splits: Option<Vec<ClicktureSplit>>,
    #[command(flatten)]
    pub shared: SharedOptions,
}

fn split_parser() -> impl TypedValueParser<Value = ClicktureSplit> {
    PossibleValuesParser::new(["dev", "lite"]).map(|name| if name == "lite" { ClicktureSplit::Lite } else { ClicktureSplit::Dev })
}

/// Encodes Clickture and prints the summary.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { root, out, splits, shared } = arguments;
    let job = Clickture { root, out, splits };
    run_or_check(&shared, |settings, terminal| job.run(settings, terminal), |settings, terminal| job.check(settings, terminal))
}
