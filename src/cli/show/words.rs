//! Words and their images.

use std::ops::ControlFlow;

use amc_keywords::{ImageNames, MatrixFile, grouped, shown};
use serde::Serialize;

use super::super::listing::{Format, JsonList, Side, csv, filled, json, one_less};
use super::{Listing, View};

/// The images of each of these words, `head` of them at most, in the order of the matrix.
pub fn of(mut matrix: MatrixFile, words: &[String], head: usize, view: View<'_>) -> anyhow::Result<()> {
    let ids = words.iter().map(|word| matrix.word_id(word)).collect::<Result<Vec<u32>, _>>()?;
    let names = matrix.image_names()?;
    let mut found = Vec::new();
    for (word, id) in words.iter().zip(ids) {
        found.push(Found::count(&mut matrix, (word, id), view)?);
    }
    let mut printer =
        Printer { format: view.format, names: names.as_ref(), words: JsonList::default(), images: JsonList::default() };
    let mut listing = Listing::begin();
    let _ = listing.put(&printer.begin());
    for word in &found {
        let _ = listing.put(&printer.word(word));
        let mut left = head;
        matrix.pairs.each_image_with(word.id, view.terminal, &mut |image, times| match listing
            .put(&printer.image(word, image, times))
        {
            ControlFlow::Continue(()) => one_less(&mut left),
            closed => closed,
        })?;
        let _ = listing.put(&printer.end_of_word());
    }
    let _ = listing.put(&printer.end());
    listing.end()
}

/// A word, and what a first walk tells of it.
struct Found<'a> {
    word: &'a str,
    id: u32,
    images: u64,
    times: u64,
    largest_image: u64,
}

impl<'a> Found<'a> {
    fn count(matrix: &mut MatrixFile, (word, id): (&'a str, u32), view: View<'_>) -> anyhow::Result<Self> {
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

/// Words as text.
struct Printer<'a> {
    format: Format,
    names: Option<&'a ImageNames>,
    words: JsonList,
    images: JsonList,
}

/// An image as JSON.
#[derive(Serialize)]
struct Entry<'a> {
    image_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    times: u64,
}

const IMAGE: &str = "image";
const TIMES: &str = "times";

impl Printer<'_> {
    fn begin(&self) -> String {
        let name = if self.names.is_some() { "name," } else { "" };
        if self.format == Format::Csv { format!("word_id,word,image_id,{name}times\n") } else { String::new() }
    }

    fn word(&mut self, found: &Found<'_>) -> String {
        let Found { word, id, images, times, .. } = found;
        match self.format {
            Format::Table => {
                let before = if self.words.has_begun() { "\n" } else { "" };
                let head = self.line(found, IMAGE, TIMES, Some("name"));
                format!("{before}{}: id {id}, df {}, tf {}\n\n{head}", shown(word), grouped(*images), grouped(*times))
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
            Format::Table => self.line(found, &image.to_string(), &times.to_string(), name.map(shown).as_deref()),
            Format::Json => self.images.next().to_owned() + &json(&Entry { image_id: image, name, times }),
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

    /// A line of the table; names stand last, since they have no common width.
    fn line(&self, found: &Found<'_>, image: &str, times: &str, name: Option<&str>) -> String {
        let image = filled(image, Side::Right, found.largest_image.to_string().len().max(IMAGE.len()));
        let times = filled(times, Side::Right, TIMES.len());
        let name = name.filter(|_| self.names.is_some()).map(|name| format!("  {name}")).unwrap_or_default();
        format!("{image}  {times}{name}\n")
    }
}
