//! The command line: one file per subcommand, with its arguments and their validation.

mod bar_terminal;
mod choice;
mod clickture;
pub mod colors;
mod completions;
mod encode;
mod folder_check;
mod inspect;
mod job;
mod listing;
mod man;
mod mscoco;
mod options;
mod pages;
mod report;
mod shards;
mod show;
mod signals;
mod steps;
mod summary;
mod table;
mod terminal;
mod verify;
mod vocab;

use std::io::{self, Write};
use std::process::ExitCode;

use amc_keywords::Error;
use clap::error::ErrorKind;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Convert image keywords to word-id matrices, exactly as scikit-learn's CountVectorizer
#[derive(Debug, Parser)]
#[command(name = "amc-keywords", version, max_term_width = 100, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Clickture(clickture::ClicktureArguments),
    Mscoco(mscoco::MscocoArguments),
    Encode(Box<encode::EncodeArguments>),
    Shards(shards::ShardsArguments),
    Inspect(inspect::InspectArguments),
    Report(report::ReportArguments),
    Verify(verify::VerifyArguments),
    Show(show::ShowArguments),
    Vocab(vocab::VocabArguments),
    Completions(completions::CompletionsArguments),
    Man(man::ManArguments),
}

impl Cli {
    /// Reads the command line.
    pub fn read() -> Result<Cli, clap::Error> {
        let matches = command().try_get_matches().map_err(explain_unknown)?;
        let cli = Cli::from_arg_matches(&matches)?;
        match cli.command.check() {
            Ok(()) => Ok(cli),
            Err(what) => Err(conflict(cli.command_name(), &what)),
        }
    }

    /// The subcommand's name, for messages.
    pub fn command_name(&self) -> &'static str {
        match self.command {
            Command::Clickture(_) => "clickture",
            Command::Mscoco(_) => "mscoco",
            Command::Encode(_) => "encode",
            Command::Shards(ref arguments) => arguments.command_name(),
            Command::Inspect(_) => "inspect",
            Command::Report(_) => "report",
            Command::Verify(_) => "verify",
            Command::Show(_) => "show",
            Command::Vocab(_) => "vocab",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
        }
    }

    /// Runs the subcommand.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Clickture(arguments) => clickture::run(arguments),
            Command::Mscoco(arguments) => mscoco::run(arguments),
            Command::Encode(arguments) => encode::run(*arguments),
            Command::Shards(arguments) => shards::run(arguments),
            Command::Inspect(arguments) => inspect::run(arguments),
            Command::Report(arguments) => report::run(arguments),
            Command::Verify(arguments) => verify::run(arguments),
            Command::Show(arguments) => show::run(arguments),
            Command::Vocab(arguments) => vocab::run(arguments),
            Command::Completions(arguments) => completions::run(&arguments),
            Command::Man(arguments) => man::run(&arguments),
        }
    }
}

impl Command {
    /// Refuses options that exclude each other.
    fn check(&self) -> Result<(), String> {
        match self {
            Command::Clickture(arguments) => arguments.shared.check(),
            Command::Mscoco(arguments) => arguments.shared.check(),
            Command::Encode(arguments) => arguments.check(),
            Command::Inspect(arguments) => arguments.format.check(),
            Command::Shards(arguments) => arguments.check(),
            _ => Ok(()),
        }
    }
}

/// The command line with the examples of each subcommand.
fn command() -> clap::Command {
    pages::with_page_texts(Cli::command())
}

/// Replaces the error about an option of `encode` that a step of a sharded run does not have.
fn explain_unknown(error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg)
        && let [Some(subcommand), Some(step)] = [1, 2].map(|place| std::env::args_os().nth(place))
        && subcommand == "shards"
        && let Some(why) = shards::explain_refusal(option)
    {
        return conflict(&format!("shards {}", step.to_string_lossy()), &why);
    }
    error
}

/// A usage error about options that exclude each other.
fn conflict(subcommand: &str, what: &str) -> clap::Error {
    let mut all = command();
    all.build();
    let mut of = all.clone();
    for name in subcommand.split(' ') {
        of = of.find_subcommand(name).cloned().unwrap_or(of);
    }
    of.error(ErrorKind::ArgumentConflict, what)
}

/// Suppresses the output of panics that the library catches and reports as errors.
pub fn silence_caught_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !amc_keywords::is_catching_panic() {
            print(panic);
        }
    }));
}

/// Prints the help, the version, or a usage error.
pub fn print_usage(usage: &clap::Error) -> ExitCode {
    match usage.print().and_then(|()| io::stdout().flush()) {
        Err(error) if !usage.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "amc-keywords: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
        _ if usage.use_stderr() => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}

/// The message of an error. Errors of the library contain their cause; of others, the whole chain
/// is shown.
pub fn message_of(error: &anyhow::Error) -> String {
    error.downcast_ref::<Error>().map_or_else(|| format!("{error:#}"), Error::to_string)
}

/// The exit status for an error.
pub fn status_of(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<Error>() {
        Some(Error::Interrupted) => ExitCode::from(terminal::interrupted_status()),
        _ => ExitCode::FAILURE,
    }
}
