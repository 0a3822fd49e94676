//! Lists on stdout, as a table, as JSON or as CSV. Printing stops when the reader goes away.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use amc_keywords::shown;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::table::{COLUMNS, Table, width};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    /// The spelling of `--json` in version 0.1.0.
    #[value(hide = true)]
    Json,
}

/// The options of all subcommands that print lists.
#[derive(Debug, Args)]
pub struct ListingOptions {
    /// Use this vocabulary (JSON or pickle) for the matrix
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// Print a table or CSV
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print no warnings
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print times on stderr
    #[arg(short, long)]
    pub verbose: bool,
}

impl ListingOptions {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// A list that is printed piece by piece.
pub struct Listing {
    out: BufWriter<StdoutLock<'static>>,
    outcome: io::Result<()>,
}

impl Listing {
    pub fn new() -> Self {
        Listing { out: BufWriter::new(io::stdout().lock()), outcome: Ok(()) }
    }

    /// Prints a piece. Returns `Break` if nothing more can be printed.
    pub fn put(&mut self, text: &str) -> ControlFlow<()> {
        if self.outcome.is_ok() {
            self.outcome = self.out.write_all(text.as_bytes());
        }
        if self.outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Prints records as [`csv`] formats them.
    pub fn put_csv<F: AsRef<[u8]>, R: IntoIterator<Item = F>>(&mut self, mut records: impl Iterator<Item = R>) {
        if self.outcome.is_err() {
            return;
        }
        let mut writer = csv::Writer::from_writer(&mut self.out);
        let written = records.try_for_each(|record| writer.write_record(record));
        let written = written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            kind => io::Error::other(format!("{kind:?}")),
        });
        self.outcome = written.and_then(|()| writer.flush());
    }

    /// Prints a value as JSON on one line.
    pub fn put_json(&mut self, value: &impl Serialize) {
        if self.outcome.is_ok() {
            self.outcome = serde_json::to_writer(&mut self.out, value).map_err(io::Error::from);
        }
        let _ = self.put("\n");
    }

    /// Prints a table. `rows` is called twice, first for the widths, so that the rows are never
    /// held in memory.
    pub fn put_table<R: Iterator<Item = Vec<String>>>(&mut self, mut table: Table, rows: impl Fn() -> R) {
        rows().for_each(|row| table.fit(&row));
        let lines = rows().map(|row| table.row(&row));
        let _ = std::iter::once(table.head()).chain(lines).try_for_each(|line| self.put(&line));
    }

    /// Prints what is buffered. A reader that has gone away is not an error.
    pub fn end(mut self) -> anyhow::Result<()> {
        match self.outcome.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
            _ => Ok(()),
        }
    }
}

/// The punctuation of a JSON list with one value per line.
#[derive(Debug, Default)]
pub struct JsonList {
    begun: bool,
}

impl JsonList {
    /// Returns whether there was a value before, and counts the next one.
    pub fn has_begun(&mut self) -> bool {
        std::mem::replace(&mut self.begun, true)
    }

    /// The text before the next value.
    pub fn next(&mut self) -> &'static str {
        if self.has_begun() { ",\n" } else { "[\n" }
    }

    /// The text after the last value.
    pub fn end(&self) -> &'static str {
        if self.begun { "\n]" } else { "[]" }
    }
}

/// Records as CSV (RFC 4180). A record ends with a newline.
pub fn csv<F: AsRef<[u8]>, R: IntoIterator<Item = F>>(records: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        // This cannot fail: the records have the same length and are written to memory.
        let _ = writer.write_record(record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A value as JSON on one line.
pub fn json(value: &impl Serialize) -> String {
    // This cannot fail: all keys of maps are strings, and there is no writer.
    serde_json::to_string(value).unwrap_or_default()
}

/// Counts down. Returns `Break` at zero.
pub fn count_down(left: &mut usize) -> ControlFlow<()> {
    *left = left.saturating_sub(1);
    if *left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Words separated by commas, broken into lines. Lines after the first are indented by `start`.
pub fn wrapped<W: AsRef<str>>(words: impl IntoIterator<Item = W>, start: usize) -> String {
    let mut text = String::new();
    let mut column = start;
    for word in words {
        let word = shown(word.as_ref());
        if column > start {
            text.push(',');
            // 3 columns: the comma and the space before the word, and the comma after it.
            let fits = column + width(&word) + 3 <= COLUMNS;
            let gap = if fits { " ".to_owned() } else { format!("\n{}", " ".repeat(start)) };
            column = if fits { column + 2 } else { start };
            text.push_str(&gap);
        }
        column += width(&word);
        text.push_str(&word);
    }
    text
}
