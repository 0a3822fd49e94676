//! `amc-rank`: ranks images for a query.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let name = cli.command_name();
    match cli.run() {
        Ok(status) => status,
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                usage.exit();
            }
            // If stderr is closed, the exit status still reports the error.
            let _ = writeln!(std::io::stderr(), "amc-rank {name}: {error}");
            ExitCode::FAILURE
        }
    }
}
