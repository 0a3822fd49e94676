//! COCO annotations: `{"images": […], "annotations": […], "categories": […]}` in any order.
//!
//! Each entry of `images` is a record, in their order. Its keywords are the captions of its
//! annotations, or the names of their categories, in the order of `annotations`. The record is
//! `{"id": "9", "file_name": "9.jpg", "tagging": {"keywords": ["dog"]}}`, the form of the release.
//!
//! `annotations` may come before `images`, so what is read of all entries is held in memory. It may
//! take 1 GiB: the bytes of captions, names and ids, 64 for each image or category, and 8 for each
//! annotation.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::batch::{Cutter, Position};
use super::file::RecordFile;
use super::json;
use super::json_head::JsonHead;
use super::json_reader::{Container, JsonFault, JsonReader, Kept};
use super::opening::Peeked;
use super::options::InputFormat;
use crate::archive::Limits;
use crate::error::{Problem, Result};

/// The most bytes that are held in memory.
const MOST_BYTES: usize = 1 << 30;
/// The memory of an image or a category in addition to its texts.
const ID_BYTES: usize = 64;

/// Reads all images and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut bytes = Peeked::new(file.open_text()?);
    let head = JsonHead::of(bytes.peek(json::HEAD));
    let json = JsonReader::new(bytes.into_bytes());
    let most = usize::try_from(limits.member()).unwrap_or(usize::MAX);
    let mut reader = Reader { file, json, most, entry: Vec::new(), place: None, found: Found::default() };
    match reader.read() {
        Ok(()) => {}
        Err(Stop::Problem(problem)) => return Err(problem.into()),
        Err(Stop::Fault(fault)) => return Err(file.json_error(fault, reader.place())),
    }
    reader.found.check(file, &head)?;
    reader.found.hand_on(most, file, cutter)
}

/// Why reading ends early.
enum Stop {
    Fault(JsonFault),
    Problem(Problem),
}

impl From<JsonFault> for Stop {
    fn from(fault: JsonFault) -> Self {
        Stop::Fault(fault)
    }
}

/// The lists that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Images,
    Annotations,
    Categories,
}

impl Part {
    const ALL: [(&'static str, Part); 3] =
        [("images", Part::Images), ("annotations", Part::Annotations), ("categories", Part::Categories)];

    fn of(key: &str) -> Option<Part> {
        Self::ALL.iter().find(|(name, _)| *name == key).map(|(_, part)| *part)
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, part)| *part == self).map_or("", |(name, _)| name)
    }
}

struct Reader<'r> {
    file: &'r RecordFile,
    json: JsonReader,
    /// The most bytes of an entry.
    most: usize,
    entry: Vec<u8>,
    /// The current list and entry.
    place: Option<(Part, u64)>,
    found: Found,
}

impl Reader<'_> {
    fn read(&mut self) -> std::result::Result<(), Stop> {
        if self.json.peek()?.is_none() {
            return Err(Stop::Problem(self.file.empty()));
        }
        if self.json.enter()? != Some(Container::Object) {
            return Err(self.not_coco("expected an object with images and annotations".to_owned()));
        }
        let (mut key, mut is_first) = (Vec::new(), true);
        while self.json.next_in(Container::Object, is_first)? {
            is_first = false;
            key.clear();
            let name = self.json.key(&mut key)?;
            match Part::of(&name) {
                Some(part) => self.part(part)?,
                None => self.json.skip()?,
            }
            self.place = None;
        }
        Ok(self.json.finish()?)
    }

    fn part(&mut self, part: Part) -> std::result::Result<(), Stop> {
        if self.found.parts.contains(&part) {
            return Err(self.stop(format!("the key {} occurs twice", part.name())));
        }
        self.found.parts.push(part);
        if self.json.enter()? != Some(Container::List) {
            return Err(self.stop(format!("expected a list in {}", part.name())));
        }
        let mut number = 0;
        while self.json.next_in(Container::List, number == 0)? {
            self.place = Some((part, number));
            self.entry.clear();
            if self.json.value(Some((&mut self.entry, self.most)))? == Kept::Beginning {
                return Err(self.stop(format!("the entry has more than {} bytes", self.most)));
            }
            if let Err(what) = self.found.add(part, &self.entry) {
                let is_first = part == Part::Images && number == 0;
                return Err(if is_first { self.not_coco(what) } else { self.stop(what) });
            }
            number += 1;
        }
        Ok(())
    }

    fn stop(&self, what: String) -> Stop {
        Stop::Problem(Problem::new(self.file.path(), what).at(self.place()))
    }

    /// The problem with a file that may have another format.
    fn not_coco(&self, what: String) -> Stop {
        Stop::Problem(Problem::new(self.file.path(), what).at(self.place()).hint_inspect())
    }

    fn place(&self) -> String {
        match self.place {
            Some((part, number)) => format!("{}[{number}]", part.name()),
            None => format!("line {}", self.json.line()),
        }
    }
}

/// An id: a number or a string, as text.
struct Id<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Id<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number or a string")
            }
            fn visit_u64<E>(self, number: u64) -> std::result::Result<Id<'de>, E> {
                Ok(Id(number.to_string().into()))
            }
            fn visit_i64<E>(self, number: i64) -> std::result::Result<Id<'de>, E> {
                Ok(Id(number.to_string().into()))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Id<'de>, E> {
                Ok(Id(text.into()))
            }
            fn visit_str<E>(self, text: &str) -> std::result::Result<Id<'de>, E> {
                Ok(Id(text.to_owned().into()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[derive(Deserialize)]
struct Image<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(borrow)]
    file_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Category<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// An annotation has a caption or a category, and one of panoptic segmentation many categories.
#[derive(Deserialize)]
struct Annotation<'a> {
    #[serde(borrow)]
    image_id: Id<'a>,
    #[serde(borrow)]
    caption: Option<Cow<'a, str>>,
    #[serde(borrow)]
    category_id: Option<Id<'a>>,
    #[serde(borrow)]
    segments_info: Option<Vec<Segment<'a>>>,
}

#[derive(Deserialize)]
struct Segment<'a> {
    #[serde(borrow)]
    category_id: Id<'a>,
}

/// A keyword of an image.
#[derive(Clone, Copy)]
struct Keyword {
    /// The number of the image's id.
    image: u32,
    /// Its number among the captions, or that of its category's id.
    text: u32,
}

/// Texts, one behind the other.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        (self.ends.len() - 1) as u32
    }

    fn get(&self, number: usize) -> Option<&str> {
        let start = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.text.get(start..*self.ends.get(number)?)
    }
}

/// Distinct ids, numbered in the order in which they come.
#[derive(Default)]
struct Ids {
    texts: Texts,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// The number of an id, and whether it is new.
    fn insert(&mut self, id: &str) -> (u32, bool) {
        let Ids { texts, index, hasher } = self;
        let hash = hasher.hash_one(id);
        let get = |number: u32| texts.get(number as usize).unwrap_or_default();
        if let Some(&number) = index.find(hash, |&number| get(number) == id) {
            return (number, false);
        }
        let number = texts.ends.len() as u32;
        index.insert_unique(hash, number, |&other| hasher.hash_one(get(other)));
        texts.push(id);
        (number, true)
    }

    fn get(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize)
    }
}

/// What was read.
#[derive(Default)]
struct Found {
    parts: Vec<Part>,
    /// The ids of images, numbered in the order in which they occur anywhere.
    image_ids: Ids,
    /// The numbers of the images' ids in the order of `images`, and their file names.
    images: Vec<u32>,
    file_names: Texts,
    /// Which ids have an entry in `images`.
    has_image: Vec<bool>,
    category_ids: Ids,
    /// The names by the number of the category's id. An id without a name is only in annotations.
    category_names: Vec<Option<String>>,
    captions: Texts,
    /// In the order of `annotations`. A caption comes with its place in `captions`.
    keywords: Vec<Keyword>,
    /// Whether the keywords are captions; none before the first annotation.
    are_captions: Option<bool>,
    /// The bytes that everything but the keywords takes.
    bytes: usize,
}

type Added = std::result::Result<(), String>;

impl Found {
    fn add(&mut self, part: Part, entry: &[u8]) -> Added {
        let entry = std::str::from_utf8(entry).map_err(|_| "not UTF-8; save it as UTF-8".to_owned())?;
        let malformed = |error: serde_json::Error| {
            let said = error.to_string();
            said.rsplit_once(" at line ").map_or_else(|| said.clone(), |(said, _)| said.to_owned())
        };
        match part {
            Part::Images => self.add_image(&serde_json::from_str(entry).map_err(malformed)?),
            Part::Annotations => self.add_annotation(&serde_json::from_str(entry).map_err(malformed)?),
            Part::Categories => self.add_category(&serde_json::from_str(entry).map_err(malformed)?),
        }?;
        let keywords = self.keywords.len().saturating_mul(size_of::<Keyword>());
        match self.bytes.saturating_add(keywords) {
            ..=MOST_BYTES => Ok(()),
            _ => Err(format!("the annotations take more than {MOST_BYTES} bytes of memory; split the file")),
        }
    }

    fn add_image(&mut self, image: &Image<'_>) -> Added {
        let number = self.image_number(&image.id);
        match self.has_image.get_mut(number as usize) {
            Some(has_image) if !*has_image => *has_image = true,
            _ => return Err(format!("the image id {} occurs twice in images", image.id.0)),
        }
        let name = image.file_name.as_deref().unwrap_or_default();
        self.file_names.push(name);
        self.bytes += name.len();
        self.images.push(number);
        Ok(())
    }

    fn add_category(&mut self, category: &Category<'_>) -> Added {
        let number = self.category_number(&category.id);
        match self.category_names.get_mut(number as usize) {
            Some(name @ None) => *name = Some(category.name.clone().into_owned()),
            _ => return Err(format!("the category id {} occurs twice in categories", category.id.0)),
        }
        self.bytes += category.name.len();
        Ok(())
    }

    fn add_annotation(&mut self, annotation: &Annotation<'_>) -> Added {
        let image = self.image_number(&annotation.image_id);
        let is_caption = annotation.caption.is_some();
        if *self.are_captions.get_or_insert(is_caption) != is_caption {
            return Err("expected either captions or categories in all annotations".to_owned());
        }
        if let Some(caption) = &annotation.caption {
            self.bytes += caption.len();
            let text = self.captions.push(caption);
            self.keywords.push(Keyword { image, text });
            return Ok(());
        }
        let segments = annotation.segments_info.iter().flatten().map(|segment| &segment.category_id);
        if annotation.category_id.is_none() && annotation.segments_info.is_none() {
            return Err("expected caption or category_id in the annotation".to_owned());
        }
        for id in annotation.category_id.iter().chain(segments) {
            let text = self.category_number(id);
            self.keywords.push(Keyword { image, text });
        }
        Ok(())
    }

    fn image_number(&mut self, id: &Id<'_>) -> u32 {
        let (number, is_new) = self.image_ids.insert(&id.0);
        if is_new {
            self.has_image.push(false);
            self.bytes += id.0.len() + ID_BYTES;
        }
        number
    }

    fn category_number(&mut self, id: &Id<'_>) -> u32 {
        let (number, is_new) = self.category_ids.insert(&id.0);
        if is_new {
            self.category_names.push(None);
            self.bytes += id.0.len() + ID_BYTES;
        }
        number
    }

    /// Checks that all parts are there and belong together.
    fn check(&self, file: &RecordFile, head: &JsonHead) -> Result<()> {
        for part in [Part::Images, Part::Annotations] {
            if !self.parts.contains(&part) {
                let is_detected = file.options().format == InputFormat::Auto;
                if is_detected && !head.lists.is_empty() {
                    return Err(file.lists_of_records(&head.lists).into());
                }
                let what = format!("there is no list '{}', as COCO annotations have", part.name());
                return Err(Problem::new(file.path(), what).hint_inspect().into());
            }
        }
        for keyword in &self.keywords {
            if self.has_image.get(keyword.image as usize) != Some(&true) {
                let id = self.image_ids.get(keyword.image).unwrap_or_default();
                let what = format!("an annotation has the image id {id}, which is not in images");
                let hint = "remove the annotation, or add the image";
                return Err(Problem::new(file.path(), what).hint(hint).into());
            }
            let is_category = self.are_captions == Some(false);
            if is_category && !matches!(self.category_names.get(keyword.text as usize), Some(Some(_))) {
                let id = self.category_ids.get(keyword.text).unwrap_or_default();
                let what = format!("an annotation has the category id {id}, which is not in categories");
                let hint = "remove the annotation, or add the category";
                return Err(Problem::new(file.path(), what).hint(hint).into());
            }
        }
        Ok(())
    }

    /// Hands on the images and returns how many there are.
    fn hand_on(&self, most: usize, file: &RecordFile, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
        let (ends, order) = self.by_image();
        for (place, &image) in self.images.iter().enumerate() {
            let id = self.image_ids.get(image).unwrap_or_default();
            let file_name = self.file_names.get(place).unwrap_or_default();
            cutter.name(id);
            if !file_name.is_empty() {
                cutter.display_name(file_name);
            }
            let start = cutter.len();
            let text = cutter.text();
            text.extend_from_slice(b"{\"id\":");
            push_string(id, text);
            text.extend_from_slice(b",\"file_name\":");
            push_string(file_name, text);
            text.extend_from_slice(b",\"tagging\":{\"keywords\":[");
            let first = if image == 0 { 0 } else { ends.get(image as usize - 1).copied().unwrap_or(0) };
            let last = ends.get(image as usize).copied().unwrap_or(first);
            for (place, &keyword) in order.get(first..last).unwrap_or_default().iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                push_string(self.keyword(keyword), text);
            }
            text.extend_from_slice(b"]}}");
            let position = Position { number: place as u64, line: 0 };
            let goes_on = match cutter.len() - start <= most {
                true => cutter.record(position),
                false => cutter.flawed(position, start, file.too_large(position, Some(id), most)),
            };
            if !goes_on {
                break;
            }
        }
        Ok(self.images.len() as u64)
    }

    fn keyword(&self, text: u32) -> &str {
        if self.are_captions == Some(true) {
            return self.captions.get(text as usize).unwrap_or_default();
        }
        self.category_names.get(text as usize).and_then(Option::as_deref).unwrap_or_default()
    }

    /// The texts of all keywords sorted by image, and where those of each image id end.
    fn by_image(&self) -> (Vec<usize>, Vec<u32>) {
        let mut ends = vec![0_usize; self.has_image.len()];
        for keyword in &self.keywords {
            if let Some(count) = ends.get_mut(keyword.image as usize) {
                *count += 1;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut order = vec![0; self.keywords.len()];
        for keyword in &self.keywords {
            let Some(next) = ends.get_mut(keyword.image as usize) else { continue };
            if let Some(place) = order.get_mut(*next) {
                *place = keyword.text;
            }
            *next += 1;
        }
        (ends, order)
    }
}

fn push_string(text: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    super::escape::push_escaped(text.as_bytes(), json);
    json.push(b'"');
}
