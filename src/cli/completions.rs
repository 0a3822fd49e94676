//! `amc-keywords completions`.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{Cli, terminal};

/// Print what a shell needs to complete subcommands, options and their values
#[derive(Debug, Args)]
#[command(after_help = "Example: source <(amc-keywords completions bash)")]
pub struct Arguments {
    /// Which shell
    shell: Shell,
}

/// Prints the shell's script.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "amc-keywords", &mut script);
    terminal::write_out(&mended(&String::from_utf8_lossy(&script)))?;
    Ok(ExitCode::SUCCESS)
}

/// clap_complete 4.6 spells a program's name that has a hyphen in two ways in its script for bash, which then completes nothing
/// behind a subcommand: <https://github.com/clap-rs/clap/issues/6421>.
fn mended(script: &str) -> String {
    script.replace("amc__subcmd__keywords__", "amc__keywords__")
}
