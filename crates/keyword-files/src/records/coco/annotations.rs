//! The annotations of a file in memory, and the records that they become.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::entry::{Annotation, Category, Id, Image, Part};
use crate::archive::NameList;
use crate::error::{Problem, Result};
use crate::json::words_without_place;
use crate::records::batch::{Cutter, Position};
use crate::records::escape::push_string;
use crate::records::file::RecordFile;
use crate::records::json_head::JsonHead;
use crate::records::options::InputFormat;

/// The most bytes that are held in memory.
const MOST_BYTES: usize = 1 << 30;
/// The memory of an image or a category in addition to its texts.
const ID_BYTES: usize = 64;

/// A keyword of an image.
#[derive(Clone, Copy)]
struct Keyword {
    /// The number of the image's id.
    image: u32,
    /// Its number among the captions, or that of its category's id.
    text: u32,
}

/// Distinct ids, numbered in the order in which they come.
#[derive(Default)]
struct Ids {
    texts: NameList,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// The number of an id, and whether it is new.
    fn insert(&mut self, id: &str) -> (u32, bool) {
        let Ids { texts, index, hasher } = self;
        let hash = hasher.hash_one(id.as_bytes());
        if let Some(&number) = index.find(hash, |&number| texts.bytes(number) == id.as_bytes()) {
            return (number, false);
        }
        let number = texts.len() as u32;
        index.insert_unique(hash, number, |&other| hasher.hash_one(texts.bytes(other)));
        texts.push(id.as_bytes());
        (number, true)
    }
}

/// What was read of a file.
#[derive(Default)]
pub(super) struct Annotations {
    parts: Vec<Part>,
    /// The ids of images, numbered in the order in which they occur anywhere.
    image_ids: Ids,
    /// The numbers of the images' ids in the order of `images`, and their file names.
    images: Vec<u32>,
    file_names: NameList,
    /// Which ids have an entry in `images`.
    has_image: Vec<bool>,
    category_ids: Ids,
    /// The names by the number of the category's id. An id without a name is only in annotations.
    category_names: Vec<Option<String>>,
    captions: NameList,
    /// In the order of `annotations`. A caption comes with its place in `captions`.
    keywords: Vec<Keyword>,
    /// Whether the keywords are captions; none before the first annotation.
    are_captions: Option<bool>,
    /// The bytes that everything but the keywords takes.
    bytes: usize,
}

type Added = std::result::Result<(), String>;

impl Annotations {
    /// Whether this list was read.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    pub fn begin(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Adds an entry of a list.
    pub fn add(&mut self, part: Part, entry: &[u8]) -> Added {
        let entry = std::str::from_utf8(entry).map_err(|_| "not UTF-8; save it as UTF-8".to_owned())?;
        let malformed = |error: serde_json::Error| match error.is_syntax() {
            true => format!("not JSON: {}", words_without_place(&error)),
            false => words_without_place(&error),
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
        self.file_names.push(name.as_bytes());
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
            self.keywords.push(Keyword { image, text: self.captions.len() as u32 });
            self.captions.push(caption.as_bytes());
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
    pub fn check(&self, file: &RecordFile, head: &JsonHead) -> Result<()> {
        for part in [Part::Images, Part::Annotations] {
            if !self.has(part) {
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
                let id = self.image_ids.texts.text(keyword.image);
                let what = format!("an annotation has the image id {id}, which is not in images");
                let hint = "remove the annotation, or add the image";
                return Err(Problem::new(file.path(), what).hint(hint).into());
            }
            let is_category = self.are_captions == Some(false);
            if is_category && !matches!(self.category_names.get(keyword.text as usize), Some(Some(_))) {
                let id = self.category_ids.texts.text(keyword.text);
                let what = format!("an annotation has the category id {id}, which is not in categories");
                let hint = "remove the annotation, or add the category";
                return Err(Problem::new(file.path(), what).hint(hint).into());
            }
        }
        Ok(())
    }

    /// Hands on the images and returns how many there are.
    pub fn hand_on(&self, most: usize, file: &RecordFile, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
        let (ends, order) = self.by_image();
        for (place, &image) in self.images.iter().enumerate() {
            let id = self.image_ids.texts.text(image);
            let file_name = self.file_names.text(place as u32);
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
            return self.captions.text(text);
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
