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
    terminal::write_out(&fixed(&String::from_utf8_lossy(&script)))?;
    Ok(ExitCode::SUCCESS)
}

/// Works around a bug of clap_complete 4.6: its bash script completes nothing after a subcommand if
/// the program name contains a hyphen (<https://github.com/clap-rs/clap/issues/6421>).
fn fixed(script: &str) -> String {
    script.replace("amc__subcmd__keywords__", "amc__keywords__")
}
