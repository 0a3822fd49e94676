//! The options that decide which files are written.

use std::num::NonZeroUsize;

use amc_keywords::{Dtype, Emit, Layout, Padding};
use clap::{Args, ValueEnum};

use crate::cli::choice::choice;

/// The fill value of padded rows, which is no word id.
const DEFAULT_PAD_ID: i64 = -1;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output (which files are written)")]
pub struct OutputOptions {
    #[command(flatten)]
    pub forms: FormOptions,
    /// Also unzip the keyword files next to the archive
    #[arg(long, hide_short_help = true)]
    pub extract: bool,
    /// Write nothing; compare the output folder with a fresh run
    ///
    /// The exit status is 1 if a file differs, is missing, or was written with other options.
    #[arg(long, conflicts_with = "extract")]
    pub check: bool,
}

/// The forms of the matrix.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output (which files are written)")]
pub struct FormOptions {
    /// Arrange the main file as documented, or as the release's scripts did
    ///
    /// With `documented`, the main file contains the pairs [img_id, word_id]. With `script`, it
    /// contains the first and the last row of each image id, and a second file contains the pairs.
    #[arg(long, hide_short_help = true, value_name = "NAME", default_value = "documented", value_parser = choice([Layout::Documented, Layout::Script].map(|layout| (layout.name(), layout))))]
    pub layout: Layout,
    /// Write these forms: pairs, ranges, csr, padded, parquet
    #[arg(
        long,
        hide_possible_values = true,
        value_name = "A,B",
        value_delimiter = ',',
        default_value = "pairs",
        value_enum,
        requires_if("padded", "pad_to")
    )]
    emit: Vec<Form>,
    /// Make each row of `--emit padded` K word ids long
    #[arg(long, hide_short_help = true, value_name = "K", value_parser = row_width)]
    pad_to: Option<NonZeroUsize>,
    /// Fill short rows of `--emit padded` with N [default: -1]
    #[arg(long, hide_short_help = true, value_name = "N", allow_negative_numbers = true)]
    pad_id: Option<i64>,
    /// Write image and word ids as int64 or int32
    #[arg(long, hide_short_help = true, hide_possible_values = true, value_name = "TYPE", default_value = "int64", value_parser = choice([("int64", Dtype::Int64), ("int32", Dtype::Int32)]))]
    dtype: Dtype,
}

impl FormOptions {
    /// The forms.
    pub fn emit(&self) -> Emit {
        let has = |form| self.emit.contains(&form);
        let padding = |to| Padding { to, id: self.pad_id.unwrap_or(DEFAULT_PAD_ID) };
        Emit {
            pairs: has(Form::Pairs),
            ranges: has(Form::Ranges),
            csr: has(Form::Csr),
            padded: self.pad_to.filter(|_| has(Form::Padded)).map(padding),
            parquet: has(Form::Parquet),
            dtype: self.dtype,
        }
    }

    /// Refuses options without effect and impossible combinations.
    pub fn check(&self) -> Result<(), String> {
        let emit = self.emit();
        let has_pad_id = self.pad_id.is_some_and(|id| id != DEFAULT_PAD_ID);
        for (option, is_given) in [("--pad-to", self.pad_to.is_some()), ("--pad-id", has_pad_id)] {
            if is_given && emit.padded.is_none() {
                return Err(format!("{option} affects only padded rows; add padded to --emit or remove {option}"));
            }
        }
        if self.dtype == Dtype::Int32 && self.layout == Layout::Documented && emit.names().eq(["csr"]) {
            return Err("--dtype does not affect csr; add another form to --emit or remove --dtype".to_owned());
        }
        emit.check(self.layout).map_err(|error| error.to_string())
    }
}

/// A form of the output, as `--emit` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Pairs,
    Ranges,
    Csr,
    Padded,
    Parquet,
}

fn row_width(text: &str) -> Result<NonZeroUsize, String> {
    let width = text.parse().ok().filter(|width: &NonZeroUsize| width.get() <= Padding::MOST);
    width.ok_or_else(|| format!("expected a number of words from 1 to {}", Padding::MOST))
}
