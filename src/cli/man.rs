//! `amc-keywords man`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Arg, Args, Command, ValueHint};
use clap_mangen::Man;

use super::command;
use super::pages::{ENVIRONMENT, EXIT_STATUS, Item, page_text};

/// Write the manual pages
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Write the pages to this folder and replace existing pages
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

/// Writes the pages, the same bytes each time.
pub fn run(arguments: &ManArguments) -> anyhow::Result<ExitCode> {
    let folder = &arguments.folder;
    if folder.exists() && !folder.is_dir() {
        bail!("{}: expected a folder for the manual pages, found a file; choose another name", folder.display());
    }
    let write = || {
        fs::create_dir_all(folder)?;
        let mut tool = command().disable_help_subcommand(true);
        tool.build();
        let steps = tool.get_subcommands().flat_map(Command::get_subcommands);
        tool.get_subcommands().chain(steps).chain([&tool]).try_for_each(|command| write_page(command, folder))
    };
    write().with_context(|| format!("{}: cannot write the manual pages", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of one command.
fn write_page(command: &Command, folder: &Path) -> io::Result<()> {
    let source = concat!("amc-keywords ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend(synopsis(command).into_bytes());
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    page.extend(last_sections(command).into_bytes());
    fs::write(folder.join(man.get_filename()), page)
}

/// The synopsis with the value of each option.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut text = format!(".SH SYNOPSIS\n\\fB{}\\fR", escaped(name));
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let usage = usage(argument);
        text += &if argument.is_required_set() { format!(" {usage}") } else { format!(" [{usage}]") };
    }
    if command.has_subcommands() {
        text += " \\fICOMMAND\\fR";
    }
    text + "\n"
}

fn usage(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let values: Vec<String> = names.iter().map(|name| format!("\\fI{}\\fR", escaped(name.as_str()))).collect();
    let takes_values = argument.get_action().takes_values();
    let option = match (argument.get_long(), argument.get_short()) {
        (Some(long), _) => Some(format!("\\fB\\-\\-{}\\fR", escaped(long))),
        (None, short) => short.map(|short| format!("\\fB\\-{short}\\fR")),
    };
    let is_repeated = argument.is_positional() && argument.get_num_args().is_some_and(|count| count.max_values() > 1);
    let values = if takes_values { values.join(" ") + if is_repeated { " ..." } else { "" } } else { String::new() };
    match option {
        Some(option) => format!("{option} {values}").trim_end().to_owned(),
        None => values,
    }
}

fn last_sections(command: &Command) -> String {
    // The whole name is that of the page: amc-keywords-shards-count.
    let whole = command.get_display_name().unwrap_or_default();
    let text = page_text(whole.strip_prefix("amc-keywords-").unwrap_or_default());
    let examples: Vec<String> = text.examples.iter().map(|line| escaped(line)).collect();
    format!(
        ".SH EXAMPLES\n.nf\n{}\n.fi\n{}{}{}.SH \"SEE ALSO\"\n{}\n",
        examples.join("\n"),
        items("FILES", text.files),
        items("EXIT STATUS", EXIT_STATUS),
        items("ENVIRONMENT", ENVIRONMENT),
        see_also(command)
    )
}

/// The other manual pages: of the tool all subcommands, of a subcommand the tool.
fn see_also(command: &Command) -> String {
    let page = |name: &str| format!("\\fB{}\\fR(1)", escaped(name));
    if !command.has_subcommands() {
        return page("amc-keywords");
    }
    let pages: Vec<String> = command.get_subcommands().map(|of| page(of.get_display_name().unwrap_or_default())).collect();
    pages.join(",\n")
}

fn items(title: &str, items: &[Item]) -> String {
    let item = |Item { name, meaning }: &Item| format!(".TP\n{}\n{}\n", escaped(name), escaped(meaning));
    format!(".SH \"{title}\"\n{}", items.iter().map(item).collect::<String>())
}

/// A text without special characters of roff.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-")
}
