//! `amc-keywords`: turns image keywords into word-id matrices.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let name = cli.command_name();
    match cli.run() {
        Ok(status) => status,
        Err(error) => {
            for line in cli::message_of(&error).lines() {
                eprintln!("amc-keywords {name}: {line}");
            }
            cli::status_of(&error)
        }
    }
}
