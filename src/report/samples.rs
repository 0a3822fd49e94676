//! The sample images of the page: their keywords, and why words were left out.

use std::collections::BTreeMap;

use super::numbers::grouped;
use super::pictures::{Picture, Pictures};
use crate::files::statistics::{Fate, SampleImage, SplitSamples};

/// The number of samples of a split that are shown without a click.
const SHOWN: usize = 4;
/// The number of words of an image that are listed per reason.
const NAMED: usize = 15;

/// The sample images of a split: the first ones, and those that a click shows.
pub(super) struct Samples {
    pub split: String,
    pub shown: Vec<PageSample>,
    pub more: Vec<PageSample>,
}

pub(super) struct PageSample {
    pub id: u64,
    pub name: String,
    pub picture: Option<Picture>,
    pub keywords: Vec<ShownKeyword>,
    pub further: u64,
    /// The number of words in the vocabulary.
    pub kept: usize,
    pub gone: Vec<(Fate, Gone)>,
}

/// The distinct words of an image that were left out for the same reason.
#[derive(Default)]
pub(super) struct Gone {
    pub words: Vec<String>,
}

impl PageSample {
    /// The number of further keywords as text.
    pub fn further_text(&self) -> String {
        grouped(self.further)
    }
}

impl Gone {
    pub fn named(&self) -> String {
        self.words.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    pub fn further(&self) -> usize {
        self.words.len().saturating_sub(NAMED)
    }
}

pub(super) struct ShownKeyword {
    pub text: String,
    pub words: Vec<(String, Fate)>,
}

impl Fate {
    /// The name on the page.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Kept => "kept",
            Fate::StopWord => "stop word",
            Fate::OneLetter => "one character",
            Fate::TooRare => "too rare",
            Fate::TooFrequent => "too frequent",
            Fate::OverMaxFeatures => "over max_features",
            Fate::Unknown => "not in the vocabulary",
        }
    }

    /// The class in the style sheet.
    pub fn class(&self) -> &'static str {
        match self {
            Fate::Kept => "kept",
            Fate::StopWord => "stop",
            Fate::OneLetter => "letter",
            Fate::TooRare => "rare",
            Fate::TooFrequent => "frequent",
            Fate::OverMaxFeatures => "over",
            Fate::Unknown => "unknown",
        }
    }
}

impl Samples {
    /// The samples of a split, with their pictures if there are any.
    pub fn of_split(split: &SplitSamples, pictures: Option<&Pictures>) -> Samples {
        let mut shown: Vec<PageSample> = split.images.iter().map(|image| sample(image, pictures)).collect();
        let more = shown.split_off(SHOWN.min(shown.len()));
        Samples { split: split.split.clone(), shown, more }
    }

    pub fn has_picture(&self) -> bool {
        self.shown.iter().chain(&self.more).any(|sample| sample.picture.is_some())
    }
}

fn sample(image: &SampleImage, pictures: Option<&Pictures>) -> PageSample {
    let mut gone: BTreeMap<Fate, Gone> = BTreeMap::new();
    let mut kept = 0;
    for (word, fate) in image.keywords.iter().flat_map(|(_, words)| words) {
        if *fate == Fate::Kept {
            kept += 1;
            continue;
        }
        let words = &mut gone.entry(*fate).or_default().words;
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    let keyword = |(text, words): &(String, Vec<(String, Fate)>)| ShownKeyword { text: text.clone(), words: words.clone() };
    PageSample {
        id: image.id,
        name: image.name.clone(),
        picture: pictures.and_then(|pictures| pictures.find(&image.name)),
        keywords: image.keywords.iter().map(keyword).collect(),
        further: image.further_keywords,
        kept,
        gone: gone.into_iter().collect(),
    }
}
