//! Prints images and their words.

use std::collections::HashMap;
use std::ops::ControlFlow;

use amc_keywords::{Error, ImageNames, MatrixFile, Problem, Vocabulary, shown};
use serde::Serialize;

use super::super::listing::{Format, JsonList, count_down, csv, json, wrapped};
use super::super::table::{Column, Table, width};
use super::{Listing, View};

/// The largest width of the column of names.
const NAME_COLUMNS: usize = 24;

/// Prints the first images of the matrix.
pub fn first(mut matrix: MatrixFile, count: usize, view: View<'_>) -> anyhow::Result<()> {
    let names = matrix.image_names()?;
    let mut printer = ImagePrinter::new(view.format, matrix.vocabulary.as_ref(), names.as_ref());
    let mut left = count;
    matrix.pairs.each_image(view.terminal, &mut |image, _| {
        printer.make_room(image);
        count_down(&mut left)
    })?;
    let mut listing = Listing::new();
    let _ = listing.put(&printer.begin());
    let mut left = count;
    matrix.pairs.each_image(view.terminal, &mut |image, words| match listing.put(&printer.image(image, words)) {
        ControlFlow::Continue(()) => count_down(&mut left),
        closed => closed,
    })?;
    let _ = listing.put(&printer.end());
    listing.end()
}

/// Prints the images with these names or ids, in this order. An image listed twice is printed
/// twice.
pub fn named(mut matrix: MatrixFile, images: &[String], view: View<'_>) -> anyhow::Result<()> {
    let names = matrix.image_names()?;
    let ids = images.iter().map(|image| matrix.image_id(image, names.as_ref())).collect::<Result<Vec<u64>, _>>()?;
    let found = words_of(&ids, &mut matrix, view)?;
    let places_of = |id: &u64| found.get(id).map_or([].as_slice(), Vec::as_slice);
    if let Some((image, _)) = images.iter().zip(&ids).find(|(_, id)| places_of(id).is_empty()) {
        let problem = Problem::new(matrix.pairs.path(), "the matrix has no row of this image").in_member(image);
        let hint = match names.as_ref().and_then(|names| names.id_of(image)) {
            Some(_) => "the image has no word in the vocabulary",
            None => "the image has no word in the vocabulary or is not in the set",
        };
        return Err(Error::from(problem.hint(hint)).into());
    }
    let mut printer = ImagePrinter::new(view.format, matrix.vocabulary.as_ref(), names.as_ref());
    ids.iter().for_each(|id| printer.make_room(*id));
    let mut listing = Listing::new();
    let _ = listing.put(&printer.begin());
    for (id, words) in ids.iter().flat_map(|id| places_of(id).iter().map(move |words| (*id, words))) {
        let _ = listing.put(&printer.image(id, words));
    }
    let _ = listing.put(&printer.end());
    listing.end()
}

/// Returns the words of these images. An image that was encoded twice has two entries.
fn words_of(ids: &[u64], matrix: &mut MatrixFile, view: View<'_>) -> anyhow::Result<HashMap<u64, Vec<Vec<u32>>>> {
    let mut found: HashMap<u64, Vec<Vec<u32>>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    matrix.pairs.each_image(view.terminal, &mut |image, words| {
        if let Some(places) = found.get_mut(&image) {
            places.push(words.to_vec());
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Formats images.
struct ImagePrinter<'a> {
    format: Format,
    vocabulary: Option<&'a Vocabulary>,
    names: Option<&'a ImageNames>,
    table: Table,
    list: JsonList,
}

/// An image as JSON.
#[derive(Serialize)]
struct ImageEntry<'a> {
    image_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<&'a str>>,
    word_ids: &'a [u32],
}

impl<'a> ImagePrinter<'a> {
    fn new(format: Format, vocabulary: Option<&'a Vocabulary>, names: Option<&'a ImageNames>) -> Self {
        let words = if vocabulary.is_some() { "words" } else { "word ids" };
        let name = names.map(|_| Column::text("name"));
        let columns = [Some(Column::numbers("image")), name, Some(Column::text(words))];
        let table = Table::new(columns.into_iter().flatten().collect());
        ImagePrinter { format, vocabulary, names, table, list: JsonList::default() }
    }

    /// Makes the columns wide enough for this image.
    fn make_room(&mut self, image: u64) {
        self.table.widen(0, image.to_string().len());
        if let Some(name) = self.name_of(image) {
            self.table.widen(1, width(&shown(name)).min(NAME_COLUMNS));
        }
    }

    fn begin(&self) -> String {
        match self.format {
            Format::Table => self.table.head(),
            Format::Json => String::new(),
            Format::Csv => {
                let name = if self.names.is_some() { "name," } else { "" };
                let word = if self.vocabulary.is_some() { ",word" } else { "" };
                format!("image_id,{name}word_id{word}\n")
            }
        }
    }

    fn image(&mut self, image: u64, words: &[u32]) -> String {
        match self.format {
            Format::Table => self.row(image, words),
            Format::Json => {
                let word_names = self.vocabulary.map(|vocabulary| words.iter().filter_map(|id| vocabulary.word(*id)).collect());
                let entry = ImageEntry { image_id: image, name: self.name_of(image), words: word_names, word_ids: words };
                self.list.next().to_owned() + &json(&entry)
            }
            Format::Csv => csv(words.iter().map(|word| self.record(image, *word))),
        }
    }

    fn end(&self) -> String {
        if self.format == Format::Json { format!("{}\n", self.list.end()) } else { String::new() }
    }

    fn row(&self, image: u64, words: &[u32]) -> String {
        let word = |id: &u32| self.vocabulary.and_then(|vocabulary| vocabulary.word(*id));
        let texts = words.iter().map(|id| word(id).map_or_else(|| id.to_string(), str::to_owned));
        let words = wrapped(texts, self.table.start_of_last());
        let name = self.names.map(|_| shown(self.name_of(image).unwrap_or_default()));
        let cells: Vec<String> = [Some(image.to_string()), name, Some(words)].into_iter().flatten().collect();
        self.table.row(&cells)
    }

    fn record(&self, image: u64, word: u32) -> Vec<String> {
        let name = self.names.map(|_| self.name_of(image).unwrap_or_default().to_owned());
        let text = self.vocabulary.map(|vocabulary| vocabulary.word(word).unwrap_or_default().to_owned());
        [Some(image.to_string()), name, Some(word.to_string()), text].into_iter().flatten().collect()
    }

    fn name_of(&self, image: u64) -> Option<&'a str> {
        self.names.and_then(|names| names.name_of(image))
    }
}
