//! Results that are lists: as a table, as JSON or as CSV, on stdout, for as long as somebody reads.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::iter;
use std::ops::ControlFlow;
use std::path::PathBuf;

use amc_keywords::shown;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// As far as words allow, no table is wider.
const COLUMNS: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

/// What the subcommands that list share.
#[derive(Debug, Args)]
pub struct ListingOptions {
    /// The matrix's vocabulary, JSON or pickle, instead of the one that is found beside it
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// No talk but the result and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// What is printed piece by piece.
pub struct Listing {
    out: BufWriter<StdoutLock<'static>>,
    outcome: io::Result<()>,
}

impl Listing {
    pub fn begin() -> Self {
        Listing { out: BufWriter::new(io::stdout().lock()), outcome: Ok(()) }
    }

    /// Prints a piece; breaks off once nothing more can be printed.
    pub fn put(&mut self, text: &str) -> ControlFlow<()> {
        if self.outcome.is_ok() {
            self.outcome = self.out.write_all(text.as_bytes());
        }
        if self.outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// Prints records as [`csv`] has them.
    pub fn put_csv<F: AsRef<[u8]>, R: IntoIterator<Item = F>>(&mut self, mut records: impl Iterator<Item = R>) {
        if self.outcome.is_ok() {
            let mut writer = csv::Writer::from_writer(&mut self.out);
            let written = records.try_for_each(|record| writer.write_record(record)).map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                kind => io::Error::other(format!("{kind:?}")),
            });
            self.outcome = written.and_then(|()| writer.flush());
        }
    }

    /// Prints a value as JSON on one line.
    pub fn put_json(&mut self, value: &impl Serialize) {
        if self.outcome.is_ok() {
            self.outcome = serde_json::to_writer(&mut self.out, value).map_err(io::Error::from);
        }
        let _ = self.put("\n");
    }

    /// Prints rows with their columns below one another, two spaces between; the last column is text and is not filled up. `rows` is
    /// asked twice, once for the widths: a million of them need not be held.
    pub fn put_table<R: Iterator<Item = Vec<String>>>(&mut self, columns: &[Column], rows: impl Fn() -> R) {
        let mut widths: Vec<usize> = columns.iter().map(|Column(name, _)| width(name)).collect();
        rows().for_each(|row| widths.iter_mut().zip(&row).for_each(|(most, cell)| *most = width(cell).max(*most)));
        let head = columns.iter().map(|Column(name, _)| (*name).to_owned()).collect();
        let _ = iter::once(head).chain(rows()).try_for_each(|row| self.put(&line(columns, &widths, &row)));
    }

    /// Prints what waits. A reader that has gone away is no error.
    pub fn end(mut self) -> anyhow::Result<()> {
        match self.outcome.and_then(|()| self.out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
            _ => Ok(()),
        }
    }
}

/// A list of JSON values, one a line.
#[derive(Debug, Default)]
pub struct JsonList {
    begun: bool,
}

impl JsonList {
    /// Whether a value has come before, now that another comes.
    pub fn has_begun(&mut self) -> bool {
        std::mem::replace(&mut self.begun, true)
    }

    /// What stands before the next value.
    pub fn next(&mut self) -> &'static str {
        if self.has_begun() { ",\n" } else { "[\n" }
    }

    /// What stands behind the last value.
    pub fn end(&self) -> &'static str {
        if self.begun { "\n]" } else { "[]" }
    }
}

/// Records as CSV: a field with a comma, a quote or a line break is quoted (RFC 4180); a record ends in a newline.
pub fn csv<F: AsRef<[u8]>, R: IntoIterator<Item = F>>(records: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        // Nothing in it can fail: the records are all of a length, and memory is what is written to.
        let _ = writer.write_record(record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A value as JSON on one line.
pub fn json(value: &impl Serialize) -> String {
    // Nothing in it can fail: no map with keys other than strings, no writer.
    serde_json::to_string(value).unwrap_or_default()
}

/// One less is wanted: whether any is left.
pub fn one_less(left: &mut usize) -> ControlFlow<()> {
    *left = left.saturating_sub(1);
    if *left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// A column of a table: what stands above it, and on which side it is filled up.
pub struct Column(pub &'static str, pub Side);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A row of a table.
fn line(columns: &[Column], widths: &[usize], row: &[String]) -> String {
    let cells = row.iter().zip(columns.iter().zip(widths));
    let padded: Vec<String> = cells.map(|(cell, (Column(_, side), width))| filled(cell, *side, *width)).collect();
    padded.join("  ").trim_end().to_owned() + "\n"
}

/// `text` with spaces so that it takes so many columns.
pub fn filled(text: &str, side: Side, columns: usize) -> String {
    let spaces = " ".repeat(columns.saturating_sub(width(text)));
    match side {
        Side::Left => format!("{text}{spaces}"),
        Side::Right => format!("{spaces}{text}"),
    }
}

/// The columns that a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Words with a comma between, broken into lines that all begin at column `start`.
pub fn wrapped<W: AsRef<str>>(words: impl IntoIterator<Item = W>, start: usize) -> String {
    let mut text = String::new();
    let mut column = start;
    for word in words {
        let word = shown(word.as_ref());
        if column > start {
            text.push(',');
            // The comma behind a word counts too.
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
