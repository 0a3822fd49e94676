//! `amc-keywords show`.

mod images;
mod words;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use amc_keywords::{MatrixFile, Progress};
use clap::Args;

use super::listing::{Format, Listing, ListingOptions};
use super::terminal::Terminal;

/// Show the words of images, or the images of words
///
/// Only the outputs of a run are needed.
#[derive(Debug, Args)]
pub struct ShowArguments {
    /// Matrix of pairs, or a folder with one matrix
    #[arg(value_name = "MATRIX")]
    matrix: PathBuf,
    /// Show this image, by name or id (repeatable)
    #[arg(long = "image", value_name = "ID|NAME", conflicts_with_all = ["words", "head"])]
    images: Vec<String>,
    /// Show the images of this word (repeatable)
    #[arg(long = "word", value_name = "WORD", allow_hyphen_values = true)]
    words: Vec<String>,
    /// Show the first N images [default: 10, or all images of a word]
    #[arg(long, value_name = "N", value_parser = image_count)]
    head: Option<NonZeroUsize>,
    #[command(flatten)]
    listing: ListingOptions,
}

/// The number of images that are shown by default.
const DEFAULT_IMAGES: usize = 10;

/// Finds the images or words and prints them.
pub fn run(arguments: ShowArguments) -> anyhow::Result<ExitCode> {
    let ShowArguments { matrix, images, words, head, listing: options } = arguments;
    let terminal = Terminal::reading(options.quiet, options.verbose)?;
    let matrix = MatrixFile::open(&matrix, options.vocabulary.as_deref(), &terminal)?;
    let head = head.map(NonZeroUsize::get);
    let view = View { format: options.format(), terminal: &terminal };
    match (images.as_slice(), words.as_slice()) {
        ([], []) => images::first(matrix, head.unwrap_or(DEFAULT_IMAGES), view),
        ([], words) => words::of(matrix, words, head.unwrap_or(usize::MAX), view),
        (images, _) => images::named(matrix, images, view),
    }?;
    terminal.print_time("listed the images");
    Ok(ExitCode::SUCCESS)
}

/// The format of the output, and where warnings go.
#[derive(Clone, Copy)]
struct View<'a> {
    format: Format,
    terminal: &'a dyn Progress,
}

fn image_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number of at least 1".to_owned())
}
