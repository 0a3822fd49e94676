//! Runs or checks a data set: the part that all encoding subcommands share.

use std::process::ExitCode;

use amc_keywords::{FolderCheck, Result, Settings, Summary};

use super::options::SharedOptions;
use super::terminal::Terminal;

/// Encodes the data set and prints the summary, or with `--check` compares the files.
pub fn run_or_check(
    options: &SharedOptions,
    run: impl FnOnce(&Settings, &Terminal) -> Result<Summary>,
    check: impl FnOnce(&Settings, &Terminal) -> Result<FolderCheck>,
) -> anyhow::Result<ExitCode> {
    let terminal = Terminal::new(&options.run)?;
    let settings = options.settings();
    if options.output.check {
        let next = "run without --check to write them";
        return terminal.print_check(&check(&settings, &terminal)?, next);
    }
    terminal.print_summary(&run(&settings, &terminal)?)
}
