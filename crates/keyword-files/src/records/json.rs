//! A JSON list or map of records, at the top of a file or at a path in it, or a sequence of records
//! as `jq .` prints them.
//!
//! The values of a map are records whose names are their keys. An object at the top of a file is
//! not always a map:
//!
//! - It is one record if it has the first key of the keywords field. `{"tags": ["dog"]}` is one
//!   image with `--keywords-field tags`.
//! - It is an error if it contains lists of records, and either has one entry or has entries of
//!   several kinds. `{"photos": {"photo": [{…}]}, "stat": "ok"}` needs `--records photos.photo`.
//! - Otherwise it is a map, and with `--format json` it always is.

use super::batch::{Cutter, Position};
use super::file::RecordFile;
use super::json_head::JsonHead;
use super::json_reader::{Container, JsonFault, JsonReader, Kept};
use super::opening::Peeked;
use super::options::{InputFormat, dotted_path};
use crate::archive::Limits;
use crate::error::{Problem, Result};

/// How many bytes of a file are looked at before it is read.
pub(super) const HEAD: usize = 1 << 20;
/// How many keys a message names.
const SHOWN: usize = 12;

/// Reads all records and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut bytes = Peeked::new(file.open_text()?);
    let head = JsonHead::of(bytes.peek(HEAD));
    let json = JsonReader::new(bytes.into_bytes());
    let mut reader = JsonRecordReader { file, limits, cutter, json, number: 0, kinds: Kinds::default() };
    match reader.read(&head, keys) {
        Ok(()) | Err(JsonStop::Unwanted) => Ok(reader.number),
        Err(JsonStop::Problem(problem)) => Err(problem.into()),
        Err(JsonStop::Fault(fault)) => {
            let place = format!("line {}, element {}", reader.json.line(), reader.number);
            Err(file.json_error(fault, place))
        }
    }
}

/// Whether the object at the top of a file is itself a record.
pub(super) fn is_one_record(head: &JsonHead, keys: &[&str]) -> bool {
    head.first == Some(Container::Object) && !head.is_sequence() && keys.first().is_some_and(|key| head.has_key(key))
}

/// Why reading ends early.
enum JsonStop {
    Fault(JsonFault),
    Problem(Problem),
    /// No more records are wanted.
    Unwanted,
}

impl From<JsonFault> for JsonStop {
    fn from(fault: JsonFault) -> Self {
        JsonStop::Fault(fault)
    }
}

impl From<Problem> for JsonStop {
    fn from(problem: Problem) -> Self {
        JsonStop::Problem(problem)
    }
}

/// The kinds of values that a map has. Keywords are never lists of objects.
#[derive(Default)]
struct Kinds {
    objects: bool,
    lists_of_objects: bool,
    others: bool,
}

impl Kinds {
    fn add(&mut self, value: &[u8]) {
        let rest = value.get(1..).unwrap_or_default().trim_ascii_start();
        match (value.first(), rest.first()) {
            (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'n'), _) => {}
            (Some(b'{'), _) => self.objects = true,
            (Some(b'['), Some(b'{')) => self.lists_of_objects = true,
            _ => self.others = true,
        }
    }

    fn are_several(&self) -> bool {
        u8::from(self.objects) + u8::from(self.lists_of_objects) + u8::from(self.others) > 1
    }
}

struct JsonRecordReader<'r, 'c, 't> {
    file: &'r RecordFile,
    limits: Limits,
    cutter: &'r mut Cutter<'c, 't>,
    json: JsonReader,
    /// How many records there were.
    number: u64,
    kinds: Kinds,
}

type Outcome<T = ()> = std::result::Result<T, JsonStop>;

impl JsonRecordReader<'_, '_, '_> {
    fn read(&mut self, head: &JsonHead, keys: &[&str]) -> Outcome {
        let options = self.file.options();
        if self.json.peek()?.is_none() {
            return Err(self.file.empty().into());
        }
        if let Some(path) = options.records.clone() {
            self.below(&path, 0)?;
        } else {
            let is_detected = options.format == InputFormat::Auto && head.first == Some(Container::Object);
            if head.is_sequence() {
                while self.json.peek()?.is_some() {
                    self.record(None)?;
                }
            } else if is_detected && is_one_record(head, keys) {
                self.record(None)?;
            } else {
                self.records(&[])?;
                if is_detected && !head.lists.is_empty() && (self.number == 1 || self.kinds.are_several()) {
                    return Err(self.file.lists_of_records(&head.lists).into());
                }
            }
        }
        match self.json.peek()? {
            None => Ok(()),
            Some(_) => {
                let what = "something follows the JSON value".to_owned();
                let hint = match &options.records {
                    Some(_) => "if each line is a record, remove --records",
                    None => "if each line is a record, add --format jsonl",
                };
                Err(self.problem(what).hint(hint).into())
            }
        }
    }

    /// Goes down the path from the key with this number on, and reads the records at its end.
    fn below(&mut self, path: &[String], at: usize) -> Outcome {
        let Some(key) = path.get(at) else { return self.records(path) };
        let above = path.get(..at).unwrap_or_default();
        if self.json.enter()? != Some(Container::Object) {
            let place = if at == 0 { "at the top".to_owned() } else { format!("at {}", shown(above)) };
            let what = format!("there is no object {place}, so {} is not in it", shown(path));
            return Err(self.problem(what).hint_inspect().into());
        }
        let mut others = Vec::new();
        let (mut text, mut is_found, mut is_first) = (Vec::new(), false, true);
        while self.json.next_in(Container::Object, is_first)? {
            is_first = false;
            text.clear();
            let found = self.json.key(&mut text)?;
            if found != *key {
                if others.len() <= SHOWN {
                    others.push(found);
                }
                self.json.skip()?;
                continue;
            }
            if is_found {
                let path = shown(path.get(..=at).unwrap_or_default());
                let hint = "give each key once";
                return Err(self.problem(format!("the key {path} occurs twice")).hint(hint).into());
            }
            is_found = true;
            self.below(path, at + 1)?;
        }
        if is_found {
            return Ok(());
        }
        let more = if others.len() > SHOWN { ", …" } else { "" };
        others.truncate(SHOWN);
        let keys = if others.is_empty() { "no keys".to_owned() } else { others.join(", ") };
        let path = shown(path.get(..=at).unwrap_or_default());
        let what = format!("no '{path}' (found: {keys}{more})");
        Err(self.problem(what).hint_inspect().into())
    }

    /// Reads the list or map of records that comes next.
    fn records(&mut self, path: &[String]) -> Outcome {
        let Some(container) = self.json.enter()? else {
            let place = if path.is_empty() { String::new() } else { format!(" at {}", shown(path)) };
            let what = format!("expected a list or an object of records{place}");
            return Err(self.problem(what).hint_inspect().into());
        };
        let (mut text, mut is_first) = (Vec::new(), true);
        while self.json.next_in(container, is_first)? {
            is_first = false;
            if container == Container::Object {
                text.clear();
                let key = self.json.key(&mut text)?;
                self.record(Some(&key))?;
            } else {
                self.record(None)?;
            }
        }
        Ok(())
    }

    /// Hands on the next value.
    fn record(&mut self, name: Option<&str>) -> Outcome {
        if let Some(name) = name {
            self.cutter.name(name);
        }
        self.json.peek()?;
        let position = Position { number: self.number, line: self.json.line() };
        let start = self.cutter.len();
        let most = usize::try_from(self.limits.member()).unwrap_or(usize::MAX);
        let kept = self.json.value(Some((self.cutter.text(), most)))?;
        self.number += 1;
        self.kinds.add(self.cutter.text().get(start..).unwrap_or_default());
        let goes_on = match kept {
            Kept::Whole => self.cutter.record(position),
            Kept::Beginning => {
                let problem = self.file.too_large(position, name, most);
                self.cutter.flawed(position, start, problem)
            }
        };
        if goes_on { Ok(()) } else { Err(JsonStop::Unwanted) }
    }

    fn problem(&self, what: String) -> Problem {
        Problem::new(self.file.path(), what).at(format!("line {}", self.json.line()))
    }
}

fn shown(path: &[String]) -> String {
    dotted_path(path.iter().map(String::as_str))
}
