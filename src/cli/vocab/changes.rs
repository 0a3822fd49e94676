//! Compares two lists of words.

use std::path::Path;

use amc_keywords::{WordChange, WordChanges, WordEntry, WordList, grouped, shown};
use serde::{Serialize, Serializer};

use super::super::listing::{Format, Listing};
use super::super::table::{Column, Table};

/// A list of words and the file it was read from.
#[derive(Clone, Copy)]
pub struct WordListFile<'a> {
    pub path: &'a Path,
    pub words: &'a WordList,
}

/// The two lists that are compared.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    pub before: WordListFile<'a>,
    pub after: WordListFile<'a>,
}

/// Lists the changes from one list to the other, at most `top` of each kind.
pub fn listed(Sides { before, after }: Sides<'_>, top: usize, format: Format) -> Listing {
    let all = before.words.changes(after.words);
    let counted = before.words.frequencies.is_some() && after.words.frequencies.is_some();
    // Without frequencies, words whose id changed are not listed: a single new word changes the ids
    // of all words after it.
    let changed = if counted { all.changed.as_slice() } else { &[] };
    let kinds = [("gained", all.gained.as_slice()), ("lost", all.lost.as_slice()), ("changed", changed)];
    let kinds = kinds.map(|(kind, words)| (kind, words.get(..top).unwrap_or(words)));
    let mut listing = Listing::new();
    match format {
        Format::Table => {
            let _ = listing.put(&(title("before", before) + &title("after", after) + &head(&all, counted)));
            put_rows(&mut listing, &kinds, counted);
        }
        Format::Json => {
            let [gained, lost, changed] = kinds.map(|(_, words)| Entries(words));
            let (before, after, changed) = (SideEntry::of(before), SideEntry::of(after), counted.then_some(changed));
            listing.put_json(&Changes { before, after, kept: all.kept, gained, lost, changed });
        }
        Format::Csv => {
            let _ = listing.put(&(columns(counted).join(",") + "\n"));
            listing.put_csv(kinds.iter().flat_map(|(kind, words)| words.iter().map(|change| record(kind, change, counted))));
        }
    }
    listing
}

/// The number of changed words of each kind.
fn head(all: &WordChanges<'_>, counted: bool) -> String {
    let number = |words: &[WordChange<'_>]| grouped(words.len() as u64);
    let (gained, lost, kept, changed) = (number(&all.gained), number(&all.lost), grouped(all.kept), number(&all.changed));
    let how = if counted { "id or frequencies" } else { "id" };
    format!("gained {gained}, lost {lost}, kept {kept} (with other {how}: {changed})\n")
}

fn title(side: &str, WordListFile { path, words }: WordListFile<'_>) -> String {
    format!("{side:6}  {}, vocabulary size {}\n", shown(&path.to_string_lossy()), grouped(words.vocabulary.len() as u64))
}

fn columns(counted: bool) -> Vec<&'static str> {
    let counts = ["df_before", "df_after", "tf_before", "tf_after"];
    let counts = if counted { counts.as_slice() } else { &[] };
    ["change", "word", "id_before", "id_after"].iter().chain(counts).copied().collect()
}

fn record(kind: &str, change: &WordChange<'_>, counted: bool) -> Vec<String> {
    let mut record = vec![kind.to_owned(), change.word.to_owned()];
    record.extend(numbers(change, counted).map(|number| number.map(|number| number.to_string()).unwrap_or_default()));
    record
}

/// The ids before and after and, if they were counted, the frequencies before and after.
fn numbers(change: &WordChange<'_>, counted: bool) -> impl Iterator<Item = Option<u64>> {
    let both = |of: fn(WordEntry) -> Option<u64>| [change.before.and_then(of), change.after.and_then(of)];
    let numbers = [both(|entry| Some(entry.id.into())), both(|entry| entry.document), both(|entry| entry.term)];
    numbers.into_iter().take(if counted { 3 } else { 1 }).flatten()
}

fn put_rows(listing: &mut Listing, kinds: &[(&str, &[WordChange<'_>])], counted: bool) {
    if kinds.iter().all(|(_, words)| words.is_empty()) {
        return;
    }
    let of = |name| [Column::numbers(name), Column::numbers("to")];
    let counts = if counted { vec![of("df"), of("tf")] } else { Vec::new() };
    let numeric = [of("id")].into_iter().chain(counts).flatten();
    let columns = [Column::text("")].into_iter().chain(numeric).chain([Column::text("word")]);
    let table = Table::new(columns.collect());
    let row = |kind: &str, change: &WordChange<'_>| {
        let numbers = numbers(change, counted).map(|number| number.map_or("-".to_owned(), grouped));
        [kind.to_owned()].into_iter().chain(numbers).chain([shown(change.word)]).collect()
    };
    let _ = listing.put("\n");
    listing.put_table(table, || kinds.iter().flat_map(|(kind, words)| words.iter().map(move |change| row(kind, change))));
}

/// The comparison as JSON.
#[derive(Serialize)]
struct Changes<'a> {
    before: SideEntry,
    after: SideEntry,
    kept: u64,
    gained: Entries<'a>,
    lost: Entries<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Entries<'a>>,
}

#[derive(Serialize)]
struct SideEntry {
    file: String,
    words: usize,
}

impl SideEntry {
    fn of(WordListFile { path, words }: WordListFile<'_>) -> Self {
        SideEntry { file: path.to_string_lossy().into(), words: words.vocabulary.len() }
    }
}

/// Words that are converted one by one while they are printed.
struct Entries<'a>(&'a [WordChange<'a>]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ChangeEntry::of))
    }
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    word: &'a str,
    before: Option<Numbers>,
    after: Option<Numbers>,
}

#[derive(Serialize)]
struct Numbers {
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    df: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tf: Option<u64>,
}

impl<'a> ChangeEntry<'a> {
    fn of(change: &WordChange<'a>) -> Self {
        let numbers = |entry: WordEntry| Numbers { id: entry.id, df: entry.document, tf: entry.term };
        ChangeEntry { word: change.word, before: change.before.map(numbers), after: change.after.map(numbers) }
    }
}
