//! Keyword files as a tagging service writes them: about 100 tags an image, from a vocabulary with
//! a long tail.

use std::collections::HashSet;
use std::fmt::Write;

use crate::random::Random;

const ONSETS: &[&str] = &[
    "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "c", "j", "z", "bl", "br", "ch", "cr", "dr", "fl",
    "fr", "gl", "gr", "pl", "sh", "sk", "sn", "st", "th", "tr", "tw",
];
const VOWELS: &[&str] = &["a", "e", "i", "o", "u", "ai", "au", "ea", "ee", "oa", "ou"];
const ENDINGS: &[&str] = &["", "", "", "n", "l", "t", "s", "ing", "ed", "er", "al", "ful", "ish"];

/// The head of the vocabulary.
const EVERYDAY: &[&str] = &[
    "woman",
    "man",
    "people",
    "portrait",
    "happy",
    "adult",
    "young",
    "smile",
    "couple",
    "family",
    "child",
    "girl",
    "boy",
    "group",
    "face",
    "hand",
    "body",
    "hair",
    "dress",
    "suit",
    "party",
    "wedding",
    "bride",
    "dance",
    "music",
    "concert",
    "stage",
    "crowd",
    "food",
    "plate",
    "fruit",
    "coffee",
    "drink",
    "glass",
    "wine",
    "kitchen",
    "restaurant",
    "table",
    "chair",
    "room",
    "house",
    "door",
    "window",
    "wall",
    "street",
    "city",
    "building",
    "bridge",
    "tower",
    "road",
    "traffic",
    "car",
    "train",
    "boat",
    "airplane",
    "bicycle",
    "sky",
    "cloud",
    "sunset",
    "night",
    "light",
    "water",
    "river",
    "lake",
    "ocean",
    "beach",
    "sand",
    "wave",
    "mountain",
    "forest",
    "tree",
    "leaf",
    "grass",
    "garden",
    "flower",
    "snow",
    "winter",
    "summer",
    "spring",
    "travel",
    "vacation",
    "outdoors",
    "animal",
    "dog",
    "cat",
    "horse",
    "bird",
    "fish",
    "sport",
    "ball",
    "game",
    "team",
    "winner",
    "office",
    "business",
    "computer",
    "screen",
    "phone",
    "paper",
    "book",
    "school",
    "red",
    "green",
    "blue",
    "black",
    "white",
    "wood",
    "metal",
    "stone",
    "art",
    "design",
    "pattern",
    "texture",
    "background",
    "isolated",
    "vintage",
    "modern",
    "luxury",
    "system",
    "fire",
    "top",
    "interest",
];

/// Tags that are hard on a tokenizer: not ASCII, one letter, stop words, digits, punctuation.
const ODD: &[&str] = &[
    "café",
    "crème fraîche",
    "São Tomé",
    "façade",
    "señorita",
    "Übermut",
    "東京",
    "Αθήνα",
    "ΟΔΟΣ",
    "ЛЕНТА",
    "हिन्दी",
    "ⅷ century",
    "x-ray",
    "drum'n'bass",
    "4k",
    "1970s",
    "low_key",
    "¼ moon",
    "TV",
    "R&B",
    "the",
    "from",
    "I",
    "A",
    "C#",
    "9/11",
    "i.e.",
    "😀",
];

/// The vocabulary, and how often each of its tags is drawn.
pub struct Tagger {
    seed: u64,
    mean: u64,
    /// Each tag as JSON, ASCII only.
    tags: Vec<String>,
    /// Vose's alias method: a column is its own tag up to `cut`, another one from there on.
    columns: Vec<Column>,
    /// What the weights of all tags add up to.
    height: u64,
}

#[derive(Clone, Copy)]
struct Column {
    cut: u64,
    alias: u32,
}

impl Tagger {
    /// Images with `mean` tags out of `size`.
    pub fn new(seed: u64, size: usize, mean: u64) -> Self {
        let tags: Vec<String> = vocabulary(size).iter().map(|tag| json_string(tag)).collect();
        // In whole numbers, so that a last bit of `powf` makes no difference.
        let weights: Vec<u64> = (0..tags.len()).map(|rank| ((rank as f64 + 21.0).powf(-1.05) * 1e12) as u64).collect();
        Tagger { seed, mean, tags, columns: columns(&weights), height: weights.iter().sum() }
    }

    /// Writes the keyword files of one part of a corpus.
    pub fn writer(&self, part: u64) -> Writer<'_> {
        Writer { tagger: self, part, drawn: vec![0; self.tags.len()], images: 0 }
    }

    fn draw(&self, random: &mut Random) -> usize {
        let column = random.below(self.columns.len() as u64) as usize;
        let Column { cut, alias } = self.columns[column];
        if random.below(self.height) < cut { column } else { alias as usize }
    }
}

/// Writes keyword files. The same part and number give the same file, independent of earlier ones.
pub struct Writer<'a> {
    tagger: &'a Tagger,
    part: u64,
    /// The last image, counted from 1, that has each tag.
    drawn: Vec<u32>,
    images: u32,
}

impl Writer<'_> {
    /// Adds the keyword file of this image to `json`.
    pub fn write(&mut self, image: u64, json: &mut String) {
        let mut random = Random::new(self.tagger.seed, [self.part, image]);
        let mean = self.tagger.mean as f64;
        let count = if random.chance(20) { 0 } else { random.gauss(mean, mean / 4.0) as u64 };
        self.images += 1;
        json.push_str(r#"{"status": "ok", "tagging": {"keywords": ["#);
        let mut between = "";
        for _ in 0..count {
            let tag = self.tagger.draw(&mut random);
            if std::mem::replace(&mut self.drawn[tag], self.images) != self.images {
                json.push_str(between);
                json.push_str(&self.tagger.tags[tag]);
                between = ", ";
            }
        }
        json.push_str(r#"], "model": "auto-tag"}}"#);
    }
}

/// Tags by falling frequency: everyday ones, then made-up ones, not quite one in four of two or
/// three words. Always the same ones.
fn vocabulary(size: usize) -> Vec<String> {
    let mut random = Random::new(1, [0, 0]);
    let (mut seen, mut tags) = (HashSet::new(), Vec::new());
    let mut add = |tag: String, tags: &mut Vec<String>| {
        if tags.len() < size && seen.insert(tag.clone()) {
            tags.push(tag);
        }
    };
    EVERYDAY.iter().for_each(|tag| add((*tag).to_owned(), &mut tags));
    while tags.len() < size {
        add(made_up_tag(&mut random), &mut tags);
        if random.chance(40) {
            add(random.choice(ODD).to_owned(), &mut tags);
        }
    }
    tags
}

fn made_up_tag(random: &mut Random) -> String {
    let words = match random.below(100) {
        0..77 => return made_up_word(random),
        77..96 => 2,
        _ => 3,
    };
    let word = |_| if random.chance(5_000) { random.choice(EVERYDAY).to_owned() } else { made_up_word(random) };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

fn made_up_word(random: &mut Random) -> String {
    let syllables = [1, 2, 2, 3][random.below(4) as usize];
    let mut word: String = (0..syllables).flat_map(|_| [random.choice(ONSETS), random.choice(VOWELS)]).collect();
    word.push_str(random.choice(ENDINGS));
    word
}

/// The string as Python's `json.dumps` writes it.
fn json_string(text: &str) -> String {
    let mut json = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(quoted @ (b'"' | b'\\')) => json.extend(['\\', char::from(quoted)]),
            Ok(plain @ b' '..=b'~') => json.push(char::from(plain)),
            _ => write!(json, "\\u{unit:04x}").unwrap_or_default(),
        }
    }
    json.push('"');
    json
}

/// Every column is as high as all weights together, and each weight counts once a column, so that
/// whole numbers come out even.
fn columns(weights: &[u64]) -> Vec<Column> {
    let height: u64 = weights.iter().sum();
    let mut left: Vec<u64> = weights.iter().map(|weight| weight * weights.len() as u64).collect();
    let mut columns = vec![Column { cut: height, alias: 0 }; weights.len()];
    let (mut low, mut high): (Vec<usize>, Vec<usize>) = (0..weights.len()).partition(|&tag| left[tag] < height);
    while let (Some(tag), Some(&donor)) = (low.pop(), high.last()) {
        columns[tag] = Column { cut: left[tag], alias: donor as u32 };
        left[donor] -= height - left[tag];
        if left[donor] < height {
            high.pop();
            low.push(donor);
        }
    }
    columns
}
