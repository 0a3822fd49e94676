//! `amc-keywords completions`.

use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::terminal;

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// Print the script of this shell
    shell: Shell,
}

/// Prints the shell's script.
pub fn run(arguments: &CompletionsArguments) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut super::command(), "amc-keywords", &mut script);
    terminal::write_out(&fixed(&String::from_utf8_lossy(&script)))?;
    Ok(ExitCode::SUCCESS)
}

/// Works around a bug of clap_complete 4.6: its bash script completes nothing after a subcommand if
/// the program name contains a hyphen (<https://github.com/clap-rs/clap/issues/6421>).
fn fixed(script: &str) -> String {
    script.replace("amc__subcmd__keywords__", "amc__keywords__")
}
