//! `amc-rank`: ranks images for a query.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::Cli::parse().run().unwrap_or_else(|error| {
        // If stderr is closed, the exit status still reports the error.
        let _ = writeln!(std::io::stderr(), "amc-rank: {error:#}");
        ExitCode::FAILURE
    })
}
