//! Prints words and their images.

use std::ops::ControlFlow;

use amc_keywords::{ImageNames, MatrixFile, grouped, shown};
use serde::Serialize;

use super::super::listing::{Format, JsonList, count_down, csv, json};
use super::super::table::{Column, Table};
use super::{Listing, View};

/// Prints at most `head` images of each of these words, in the order of the matrix.
pub fn of(mut matrix: MatrixFile, words: &[String], head: usize, view: View<'_>) -> anyhow::Result<()> {
    let ids = words.iter().map(|word| matrix.word_id(word)).collect::<Result<Vec<u32>, _>>()?;
    let names = matrix.image_names()?;
    let mut found = Vec::new();
    for (word, id) in words.iter().zip(ids) {
        found.push(Found::count(&mut matrix, word, id, view)?);
    }
    let mut printer = WordPrinter {
        format: view.format,
        names: names.as_ref(),
        table: Table::new(Vec::new()),
        words: JsonList::default(),
        images: JsonList::default(),
    };
    let mut listing = Listing::new();
    let _ = listing.put(&printer.begin());
    for word in &found {
        let _ = listing.put(&printer.word(word));
        let mut left = head;
        matrix.pairs.each_image_with(word.id, view.terminal, &mut |image, times| match listing
            .put(&printer.image(word, image, times))
        {
            ControlFlow::Continue(()) => count_down(&mut left),
            closed => closed,
        })?;
        let _ = listing.put(&printer.end_of_word());
    }
    let _ = listing.put(&printer.end());
    listing.end()
}

/// A word and its counts, from a first pass over the matrix.
struct Found<'a> {
    word: &'a str,
    id: u32,
    images: u64,
    times: u64,
    largest_image: u64,
}

impl<'a> Found<'a> {
    fn count(matrix: &mut MatrixFile, word: &'a str, id: u32, view: View<'_>) -> anyhow::Result<Self> {
        let mut found = Found { word, id, images: 0, times: 0, largest_image: 0 };
        matrix.pairs.each_image_with(id, view.terminal, &mut |image, times| {
            found.images += 1;
            found.times += times;
            found.largest_image = found.largest_image.max(image);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

/// Formats words.
struct WordPrinter<'a> {
    format: Format,
    names: Option<&'a ImageNames>,
    /// The table of the current word.
    table: Table,
    words: JsonList,
    images: JsonList,
}

/// An image as JSON.
#[derive(Serialize)]
struct OccurrenceEntry<'a> {
    image_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    times: u64,
}

impl WordPrinter<'_> {
    fn begin(&self) -> String {
        let name = if self.names.is_some() { "name," } else { "" };
        if self.format == Format::Csv { format!("word_id,word,image_id,{name}times\n") } else { String::new() }
    }

    fn word(&mut self, found: &Found<'_>) -> String {
        let Found { word, id, images, times, .. } = found;
        match self.format {
            Format::Table => {
                let before = if self.words.has_begun() { "\n" } else { "" };
                self.table = self.table(found);
                let (df, tf, head) = (grouped(*images), grouped(*times), self.table.head());
                format!("{before}{}: id {id}, df {df}, tf {tf}\n\n{head}", shown(word))
            }
            Format::Json => {
                self.images = JsonList::default();
                let word = json(word);
                format!("{}{{\"word\":{word},\"word_id\":{id},\"df\":{images},\"tf\":{times},\"images\":", self.words.next())
            }
            Format::Csv => String::new(),
        }
    }

    fn image(&mut self, found: &Found<'_>, image: u64, times: u64) -> String {
        let name = self.names.map(|names| names.name_of(image).unwrap_or_default());
        match self.format {
            Format::Table => {
                let cells = [Some(image.to_string()), Some(times.to_string()), name.map(shown)];
                self.table.row(&cells.into_iter().flatten().collect::<Vec<_>>())
            }
            Format::Json => self.images.next().to_owned() + &json(&OccurrenceEntry { image_id: image, name, times }),
            Format::Csv => {
                let (word_id, image, times) = (found.id.to_string(), image.to_string(), times.to_string());
                csv([[Some(word_id.as_str()), Some(found.word), Some(&image), name, Some(&times)].into_iter().flatten()])
            }
        }
    }

    fn end_of_word(&self) -> String {
        if self.format == Format::Json { format!("{}}}", self.images.end()) } else { String::new() }
    }

    fn end(&self) -> String {
        if self.format == Format::Json { format!("{}\n", self.words.end()) } else { String::new() }
    }

    /// The table of a word. Names are the last column because their width is not known.
    fn table(&self, found: &Found<'_>) -> Table {
        let name = self.names.map(|_| Column::text("name"));
        let columns = [Some(Column::numbers("image")), Some(Column::numbers("times")), name];
        let mut table = Table::new(columns.into_iter().flatten().collect());
        table.widen(0, found.largest_image.to_string().len());
        table
    }
}
