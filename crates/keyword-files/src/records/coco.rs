//! COCO annotations: `{"images": […], "annotations": […], "categories": […]}` in any order.
//!
//! Each entry of `images` is a record, in their order. Its keywords are the captions of its
//! annotations, or the names of their categories, in the order of `annotations`. The record is
//! `{"id": "9", "file_name": "9.jpg", "tagging": {"keywords": ["dog"]}}`, the form of the release.
//!
//! `annotations` may come before `images`, so what is read of all entries is held in memory. It may
//! take 1 GiB: the bytes of captions, names and ids, 64 for each image or category, and 8 for each
//! annotation.

mod annotations;
mod entry;

use self::annotations::Annotations;
use self::entry::Part;
use super::batch::Cutter;
use super::file::RecordFile;
use super::json;
use super::json_head::JsonHead;
use super::json_reader::{Container, JsonFault, JsonReader, Kept};
use super::opening::Peeked;
use crate::archive::Limits;
use crate::error::{Problem, Result};

/// Reads all images and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut bytes = Peeked::new(file.open_text()?);
    let head = JsonHead::of(bytes.peek(json::HEAD));
    let json = JsonReader::new(bytes.into_bytes());
    let most = usize::try_from(limits.member()).unwrap_or(usize::MAX);
    let mut reader = AnnotationReader { file, json, most, entry: Vec::new(), place: None, annotations: Annotations::default() };
    match reader.read() {
        Ok(()) => {}
        Err(CocoStop::Problem(problem)) => return Err(problem.into()),
        Err(CocoStop::Fault(fault)) => return Err(file.json_error(fault, reader.place())),
    }
    reader.annotations.check(file, &head)?;
    reader.annotations.hand_on(most, file, cutter)
}

/// Why reading ends early.
enum CocoStop {
    Fault(JsonFault),
    Problem(Problem),
}

impl From<JsonFault> for CocoStop {
    fn from(fault: JsonFault) -> Self {
        CocoStop::Fault(fault)
    }
}

struct AnnotationReader<'r> {
    file: &'r RecordFile,
    json: JsonReader,
    /// The most bytes of an entry.
    most: usize,
    entry: Vec<u8>,
    /// The current list and entry.
    place: Option<(Part, u64)>,
    annotations: Annotations,
}

impl AnnotationReader<'_> {
    fn read(&mut self) -> std::result::Result<(), CocoStop> {
        if self.json.peek()?.is_none() {
            return Err(CocoStop::Problem(self.file.empty()));
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

    fn part(&mut self, part: Part) -> std::result::Result<(), CocoStop> {
        if self.annotations.has(part) {
            return Err(self.stop(format!("the key {} occurs twice", part.name())));
        }
        self.annotations.begin(part);
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
            if let Err(what) = self.annotations.add(part, &self.entry) {
                let is_first = part == Part::Images && number == 0;
                return Err(if is_first { self.not_coco(what) } else { self.stop(what) });
            }
            number += 1;
        }
        Ok(())
    }

    fn stop(&self, what: String) -> CocoStop {
        CocoStop::Problem(Problem::new(self.file.path(), what).at(self.place()))
    }

    /// The problem with a file that may have another format.
    fn not_coco(&self, what: String) -> CocoStop {
        CocoStop::Problem(Problem::new(self.file.path(), what).at(self.place()).hint_inspect())
    }

    fn place(&self) -> String {
        match self.place {
            Some((part, number)) => format!("{}[{number}]", part.name()),
            None => format!("line {}", self.json.line()),
        }
    }
}
