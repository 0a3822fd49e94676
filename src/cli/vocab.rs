//! `amc-keywords vocab`.

mod changes;

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use amc_keywords::{WordEntry, WordList, grouped, shown};
use anyhow::bail;
use clap::{Args, ValueEnum};
use serde::Serialize;

use self::changes::{Sides, WordListFile};
use super::listing::{Format, JsonList, Listing, ListingOptions, json};
use super::table::{Column, Table};
use super::terminal::Terminal;

/// List the words of a matrix or vocabulary, or compare two
#[derive(Debug, Args)]
pub struct VocabArguments {
    /// Matrix of pairs, folder with one matrix, or vocabulary (JSON, pickle)
    #[arg(value_name = "MATRIX|VOCABULARY")]
    input: PathBuf,
    /// List the first N words, with --diff of each kind
    #[arg(long, value_name = "N", value_parser = word_count)]
    top: Option<NonZeroUsize>,
    /// Sort by document or term frequency, id, or word
    ///
    /// The default is df for a matrix and id for a vocabulary.
    #[arg(long, value_enum, conflicts_with = "diff")]
    sort: Option<Order>,
    /// Compare with a second matrix or vocabulary
    ///
    /// Lists the words that it gained and lost. For two matrices, it also lists words with another
    /// id or frequency. The exit status is 0 in any case.
    #[arg(long, value_name = "OTHER")]
    diff: Option<PathBuf>,
    #[command(flatten)]
    listing: ListingOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    Df,
    Tf,
    Id,
    Word,
}

/// Reads the words and prints them.
pub fn run(arguments: VocabArguments) -> anyhow::Result<ExitCode> {
    let VocabArguments { input, top, sort, diff, listing: options } = arguments;
    let terminal = Terminal::reading(options.quiet, options.verbose)?;
    let read = |path: &Path| WordList::read(path, options.vocabulary.as_deref(), &terminal);
    let top = top.map_or(usize::MAX, NonZeroUsize::get);
    let words = read(&input)?;
    let listing = match diff {
        Some(other) => {
            let after = read(&other)?;
            let sides = Sides {
                before: WordListFile { path: &input, words: &words },
                after: WordListFile { path: &other, words: &after },
            };
            changes::listed(sides, top, options.format())
        }
        None => listed(&words, &chosen(&words, sort, top, &input)?, options.format()),
    };
    listing.end()?;
    terminal.print_time("listed the words");
    Ok(ExitCode::SUCCESS)
}

/// Returns the ids of the requested words, in order. Of equal words, the smaller id is first.
fn chosen(words: &WordList, sort: Option<Order>, top: usize, input: &Path) -> anyhow::Result<Vec<u32>> {
    let order = match (sort, &words.frequencies) {
        (Some(order @ (Order::Df | Order::Tf)), None) => {
            let name = order.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
            bail!("{}: a vocabulary has no frequencies to sort by; give a matrix or remove --sort {name}", input.display());
        }
        (None, None) => Order::Id,
        (None, Some(_)) => Order::Df,
        (Some(order), _) => order,
    };
    let mut ids: Vec<u32> = (0..).zip(words.vocabulary.words()).map(|(id, _)| id).collect();
    match order {
        Order::Df => ids.sort_by_key(|id| Reverse(words.entry(*id).document)),
        Order::Tf => ids.sort_by_key(|id| Reverse(words.entry(*id).term)),
        Order::Id => {}
        Order::Word => ids.sort_by_key(|id| words.vocabulary.word(*id)),
    }
    ids.truncate(top);
    Ok(ids)
}

/// A word in JSON and CSV.
#[derive(Serialize)]
struct ListedWord<'a> {
    id: u32,
    word: &'a str,
    #[serde(flatten)]
    counts: Option<Counts>,
}

#[derive(Serialize)]
struct Counts {
    df: u64,
    df_share: f64,
    tf: u64,
}

impl Counts {
    fn of(entry: WordEntry, images: Option<u64>) -> Option<Counts> {
        let (df, tf) = entry.document.zip(entry.term)?;
        Some(Counts { df, df_share: df as f64 / images.unwrap_or(1).max(1) as f64, tf })
    }
}

fn listed(words: &WordList, ids: &[u32], format: Format) -> Listing {
    let mut listing = Listing::new();
    let mut entries = ids.iter().map(|&id| {
        let counts = Counts::of(words.entry(id), words.images);
        ListedWord { id, word: words.vocabulary.word(id).unwrap_or_default(), counts }
    });
    match format {
        Format::Table => put_table(&mut listing, words, entries),
        Format::Json => {
            let mut list = JsonList::default();
            let _ = entries.try_for_each(|entry| listing.put(&(list.next().to_owned() + &json(&entry))));
            let _ = listing.put(&(list.end().to_owned() + "\n"));
        }
        Format::Csv => {
            let _ = listing.put(if words.frequencies.is_some() { "id,word,df,df_share,tf\n" } else { "id,word\n" });
            listing.put_csv(entries.map(|ListedWord { id, word, counts }| {
                let counts = counts.map(|c| [c.df.to_string(), c.df_share.to_string(), c.tf.to_string()]);
                [id.to_string(), word.to_owned()].into_iter().chain(counts.into_iter().flatten())
            }));
        }
    }
    listing
}

fn put_table<'a>(listing: &mut Listing, words: &WordList, entries: impl Iterator<Item = ListedWord<'a>> + Clone) {
    let mut columns = vec![Column::numbers("id")];
    let mut head = format!("vocabulary size: {}", grouped(words.vocabulary.len() as u64));
    if let Some(counted) = &words.frequencies {
        columns.extend(["df", "share", "tf"].map(Column::numbers));
        let (images, with_word) = (words.images.unwrap_or_default(), counted.images);
        let none = images.saturating_sub(with_word);
        let but = if none > 0 { format!(" ({} without a word)", grouped(none)) } else { String::new() };
        head.push_str(&format!(", images: {}{but}, rows: {}", grouped(images), grouped(counted.rows)));
    }
    columns.push(Column::text("word"));
    let row = |ListedWord { id, word, counts }: ListedWord<'_>| {
        let counts = counts.map(|c| [grouped(c.df), format!("{:.1}%", 100.0 * c.df_share), grouped(c.tf)]);
        [id.to_string()].into_iter().chain(counts.into_iter().flatten()).chain([shown(word)]).collect()
    };
    let _ = listing.put(&(head + "\n\n"));
    listing.put_table(Table::new(columns), || entries.clone().map(row));
}

fn word_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number of at least 1".to_owned())
}
