//! Sample images as the page shows them: each keyword, and which words were left out and why.

use std::collections::BTreeMap;

use super::pictures::{Picture, Pictures};
use crate::files::statistics::{Fate, SampleImage, SplitSamples};

/// So many samples of a split are shown without a click.
const SHOWN: usize = 4;
/// So many words of an image are named for each reason that words were left out.
const NAMED: usize = 15;

/// Sample images of a split: those that are shown, and those behind a click.
pub(super) struct Samples {
    pub split: String,
    pub shown: Vec<Sample>,
    pub more: Vec<Sample>,
}

pub(super) struct Sample {
    pub id: u64,
    pub name: String,
    pub picture: Option<Picture>,
    pub keywords: Vec<Keyword>,
    pub further: u64,
    /// How many words the vocabulary has, and the others by the reason.
    pub kept: usize,
    pub gone: Vec<(Fate, Gone)>,
}

/// The different words of an image that were left out for the same reason.
#[derive(Default)]
pub(super) struct Gone {
    pub words: Vec<String>,
}

impl Gone {
    pub fn named(&self) -> String {
        self.words.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    pub fn further(&self) -> usize {
        self.words.len().saturating_sub(NAMED)
    }
}

pub(super) struct Keyword {
    pub text: String,
    pub words: Vec<(String, Fate)>,
}

impl Fate {
    /// As people read it.
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

    /// As the style sheet has it.
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
    /// The samples of a split, with those pictures that there are.
    pub fn of_split(split: &SplitSamples, pictures: Option<&Pictures>) -> Samples {
        let mut shown: Vec<Sample> = split.images.iter().map(|image| sample(image, pictures)).collect();
        let more = shown.split_off(SHOWN.min(shown.len()));
        Samples { split: split.split.clone(), shown, more }
    }

    pub fn has_picture(&self) -> bool {
        self.shown.iter().chain(&self.more).any(|sample| sample.picture.is_some())
    }
}

fn sample(image: &SampleImage, pictures: Option<&Pictures>) -> Sample {
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
    let keyword = |(text, words): &(String, Vec<(String, Fate)>)| Keyword { text: text.clone(), words: words.clone() };
    Sample {
        id: image.id,
        name: image.name.clone(),
        picture: pictures.and_then(|pictures| pictures.find(&image.name)),
        keywords: image.keywords.iter().map(keyword).collect(),
        further: image.further_keywords,
        kept,
        gone: gone.into_iter().collect(),
    }
}
