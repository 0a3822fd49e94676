//! `amc-keywords`: turns image keywords into word-id matrices.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use cli::colors::{self, ERROR};

fn main() -> ExitCode {
    cli::silence_caught_panics();
    colors::apply_option(std::env::args_os());
    let cli = match cli::Cli::read() {
        Ok(cli) => cli,
        Err(error) => return cli::print_usage(&error),
    };
    let name = cli.command_name();
    match cli.run() {
        Ok(status) => status,
        Err(error) => {
            for line in cli::message_of(&error).lines() {
                // If stderr is closed, the exit status is the only report.
                let _ = writeln!(anstream::stderr().lock(), "{ERROR}amc-keywords {name}:{ERROR:#} {line}");
            }
            cli::status_of(&error)
        }
    }
}
