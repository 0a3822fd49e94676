//! `amc-keywords inspect`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use amc_keywords::{FieldRole, InspectedInput, Inspection, grouped, inspect, shown};
use clap::Args;

use super::encode::FormatOptions;
use super::listing::Listing;
use super::table::width;
use super::terminal::print_time;

/// Look at inputs and print the encode command for them
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// Inputs that encode can read, and tables with the words of their codes
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
    /// Also print times on stderr
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    pub format: FormatOptions,
}

/// Inspects the inputs and prints what was found.
pub fn run(arguments: InspectArguments) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let inspection = inspect(&arguments.inputs, &arguments.format.options())?;
    let mut listing = Listing::new();
    match arguments.json {
        true => listing.put_json(&inspection),
        false => drop(listing.put(&text(&inspection))),
    }
    listing.end()?;
    if arguments.verbose {
        print_time(begun, "inspected the inputs");
    }
    Ok(ExitCode::SUCCESS)
}

fn text(inspection: &Inspection) -> String {
    let mut text = String::new();
    for input in &inspection.inputs {
        text.push_str(&text_of_input(input));
        text.push('\n');
    }
    for command in &inspection.commands {
        text.push_str(&shown(&command.command));
        text.push('\n');
    }
    text
}

fn text_of_input(input: &InspectedInput) -> String {
    let compression = input.compression.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let path = shown(&input.path.to_string_lossy());
    let mut text = format!("{path}: {}{compression}. {}\n", input.format, input.reason);
    let records = match input.records {
        Some(1) => "1 record".to_owned(),
        Some(records) => format!("{} records", grouped(records)),
        None => format!("more than {} records", grouped(input.sampled)),
    };
    text.push_str(&format!("{records}\n\n"));
    text.push_str(&table(std::iter::once(&input.columns).chain(&input.rows)));
    if !input.fields.is_empty() {
        let rows: Vec<Vec<String>> = input.fields.iter().map(row_of_field).collect();
        text.push('\n');
        text.push_str(&table(&rows));
    }
    for note in &input.notes {
        text.push_str(&format!("\n{}\n", shown(note)));
    }
    text
}

fn row_of_field(field: &amc_keywords::InspectedField) -> Vec<String> {
    let role = match field.role {
        FieldRole::Keywords => "keywords",
        FieldRole::Name => "name",
    };
    let path = field.path.as_deref().unwrap_or("the whole record");
    [role, path, &field.shape, &field.example].map(String::from).to_vec()
}

/// Rows with their columns below one another.
fn table<'r>(rows: impl IntoIterator<Item = &'r Vec<String>>) -> String {
    let shown_row = |row: &Vec<String>| row.iter().map(|cell| shown(cell)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = rows.into_iter().map(shown_row).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or_default()).collect();
    let filled = |(cell, widest): (&String, &usize)| format!("{cell}{}", " ".repeat(widest.saturating_sub(width(cell))));
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(filled).collect();
        format!("  {}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
