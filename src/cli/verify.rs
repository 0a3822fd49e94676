//! `amc-keywords verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::verify;
use clap::{Args, ValueHint};

use super::options::RunOptions;
use super::terminal::Terminal;

/// Check the files of a folder against their manifest
///
/// Sizes, shapes and SHA-256 checksums are compared. The inputs are not needed.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Folder with the outputs of a run
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    #[command(flatten)]
    run: RunOptions,
}

/// Checks the folder and prints the state of each file.
pub fn run(arguments: VerifyArguments) -> anyhow::Result<ExitCode> {
    let VerifyArguments { folder, run } = arguments;
    let terminal = Terminal::new(&run)?;
    let check = verify(&folder, run.threads().get(), &terminal)?;
    terminal.print_check(&check, "run the job again to write them")
}
