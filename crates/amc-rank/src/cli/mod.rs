//! The command line.

mod ask;
mod evaluate;
mod table;
mod train;

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use amc_rank::{Model, Set, WordTable};
use clap::{Args, Parser, Subcommand};

/// Rank images for a query from their keywords and regions, with attention
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "\
Exit status: 0 done, 1 the data is wrong, 2 the command line is wrong, 130 stopped by Ctrl-C.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(Box<train::TrainArguments>),
    Evaluate(evaluate::EvaluateArguments),
    Attend(ask::AttendArguments),
    Search(ask::SearchArguments),
}

impl Cli {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Train(arguments) => return train::run(*arguments),
            Command::Evaluate(arguments) => evaluate::run(&arguments)?,
            Command::Attend(arguments) => ask::attend(&arguments)?,
            Command::Search(arguments) => ask::search(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Which images there are.
#[derive(Debug, Args)]
struct SetArguments {
    /// Read the set from this output folder of amc-keywords
    #[arg(long, value_name = "DIR")]
    set: PathBuf,
    /// Choose the set or the split if the folder has several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Read regions: float32, images x regions x numbers, with FILE_ids.npy next to it
    #[arg(long, value_name = "FILE.npy")]
    regions: Option<PathBuf>,
}

impl SetArguments {
    /// Reads the set, and the regions and their checksum. `trained` is the name of the set of a
    /// model.
    fn open(&self, trained: Option<&str>) -> anyhow::Result<(Set, Option<String>)> {
        let mut set = Set::open(&self.set, self.name.as_deref(), trained)?;
        let regions = self.regions.as_ref().map(|path| set.read_regions(path)).transpose()?;
        Ok((set, regions))
    }
}

/// A trained model and the set that it was trained on.
#[derive(Debug, Args)]
struct ModelArguments {
    /// The model to use
    model: PathBuf,
    #[command(flatten)]
    set: SetArguments,
}

/// What the subcommands that use a model work with.
struct Opened {
    model: Model,
    set: Set,
    table: WordTable,
    /// The checksum of the regions.
    regions: Option<String>,
}

impl ModelArguments {
    fn open(&self) -> anyhow::Result<Opened> {
        let model = Model::read(&self.model)?;
        let (set, regions) = self.set.open(Some(&model.card.set.name))?;
        model.check(&self.model, &set, regions.as_deref())?;
        let table = WordTable::new(set.analyzer.clone(), model.card.words.clone());
        Ok(Opened { model, set, table, regions })
    }
}

/// Prints a result. A reader that stops early is no error.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Reports something that is not a result. Nothing depends on it.
fn report(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn report_left_out(left_out: &str) {
    if !left_out.is_empty() {
        report(&format!("queries left out: {left_out}"));
    }
}
