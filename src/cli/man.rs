//! `amc-keywords man`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Command, CommandFactory, ValueHint};
use clap_mangen::Man;

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
    if folder.exists() && !folder.is_dir() {
        bail!("{}: a file stands there; name a folder for the manual's pages", folder.display());
    }
    let write = || {
        fs::create_dir_all(folder)?;
        let mut tool = Cli::command().disable_help_subcommand(true);
        tool.build();
        tool.get_subcommands().chain([&tool]).try_for_each(|command| write_page(command, folder))
    };
    write().with_context(|| format!("{}: cannot write the manual's pages", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of one command.
fn write_page(command: &Command, folder: &Path) -> io::Result<()> {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone().after_help(None)).source(concat!("amc-keywords ", env!("CARGO_PKG_VERSION")));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let commands = examples.lines().filter_map(|line| line.strip_prefix("Example: ").or_else(|| line.strip_prefix("  ")));
    let lines: Vec<String> = commands.map(|line| line.replace('\\', "\\\\").replace('-', "\\-")).collect();
    page.extend(format!(".SH EXAMPLES\n.nf\n{}\n.fi\n.SH \"EXIT STATUS\"\n{EXIT_STATUS}", lines.join("\n")).into_bytes());
    fs::write(folder.join(man.get_filename()), page)
}

const EXIT_STATUS: &str = "\
.TP
0
Done.
.TP
1
The data is wrong, a check failed, or the system refused to read or write.
.TP
2
The command line is wrong; nothing was read.
.TP
130, 143
Stopped by Ctrl\\-C or SIGTERM; no output was changed.
";
