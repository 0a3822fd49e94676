//! `amc-keywords man`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, CommandFactory, ValueHint};

use super::Cli;

/// Write the manual: a page for the tool and one for each subcommand
#[derive(Debug, Args)]
#[command(after_help = "Example: amc-keywords man ~/.local/share/man/man1")]
pub struct Arguments {
    /// Where the pages go; made if missing, and what is there under their names is written over
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

/// Writes the pages, the same bytes each time.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = &arguments.folder;
    let write = || {
        fs::create_dir_all(folder)?;
        clap_mangen::generate_to(Cli::command(), folder)
    };
    write().with_context(|| format!("{}: cannot write the manual's pages", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
