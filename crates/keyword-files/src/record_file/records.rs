//! Batches of records on their way from the thread that reads to those that encode.

use super::{Problem, Take};

/// A batch is so large: large enough that handing it over costs nothing, small enough that all threads have work to the end.
const BATCH_BYTES: usize = 256 << 10;
const BATCH_RECORDS: usize = 4096;

/// Records that stand together in a file.
#[derive(Debug, Default)]
pub struct Records {
    /// Of each record its member's name, if it has one, and its text.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    /// Where its name and its text end; the name begins where the text before it ends.
    name_end: usize,
    end: usize,
    has_name: bool,
    problem: Option<Box<Problem>>,
}

/// One image's record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Its line, row or place among the members, from 0.
    pub number: u64,
    /// The member's whole name.
    pub member: Option<&'a str>,
    /// The JSON text, unless something is wrong with the record.
    pub text: Result<&'a [u8], &'a Problem>,
}

impl Records {
    /// The bytes that they take.
    pub fn weight(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |entry| {
            let name = self.bytes.get(start..entry.name_end).unwrap_or_default();
            let text = self.bytes.get(entry.name_end..entry.end).unwrap_or_default();
            start = entry.end;
            let member = entry.has_name.then(|| std::str::from_utf8(name).unwrap_or_default());
            Record { number: entry.number, member, text: entry.problem.as_deref().map_or(Ok(text), Err) }
        })
    }
}

/// Cuts the records of a file into batches.
pub(super) struct Cutter<'c, 't> {
    records: Records,
    take: &'c mut Take<'t>,
}

impl<'c, 't> Cutter<'c, 't> {
    pub fn new(take: &'c mut Take<'t>) -> Self {
        Cutter { records: Records::default(), take }
    }

    /// The name of the record that comes now.
    pub fn name(&mut self, name: &str) {
        self.records.bytes.extend_from_slice(name.as_bytes());
    }

    /// Room for the text of the record that comes now, behind what is there already.
    pub fn text(&mut self) -> &mut Vec<u8> {
        &mut self.records.bytes
    }

    /// How long everything in the batch is so far: where the next text begins.
    pub fn len(&self) -> usize {
        self.records.bytes.len()
    }

    /// The record whose text begins at `text` is there, with its name if it has one; `false` if no more are wanted.
    pub fn record(&mut self, number: u64, text: usize, has_name: bool) -> bool {
        self.push(number, text, (has_name, None))
    }

    /// The record cannot be encoded; of its text nothing is kept.
    pub fn flawed(&mut self, number: u64, text: usize, (has_name, problem): (bool, Problem)) -> bool {
        self.records.bytes.truncate(text);
        self.push(number, text, (has_name, Some(Box::new(problem))))
    }

    fn push(&mut self, number: u64, name_end: usize, (has_name, problem): (bool, Option<Box<Problem>>)) -> bool {
        let end = self.records.bytes.len();
        self.records.entries.push(Entry { number, name_end, end, has_name, problem });
        if end < BATCH_BYTES && self.records.entries.len() < BATCH_RECORDS {
            return true;
        }
        let room = Records { bytes: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 8), entries: Vec::new() };
        (self.take)(std::mem::replace(&mut self.records, room))
    }

    /// Hands on what is left.
    pub fn finish(self) {
        if !self.records.entries.is_empty() {
            (self.take)(self.records);
        }
    }
}
