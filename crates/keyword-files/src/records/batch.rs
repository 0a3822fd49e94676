//! Batches of records on their way from the reading thread to the encoding threads.

use crate::error::Problem;

/// Bytes after which a batch is handed on: large enough that this costs nothing, small enough that
/// all threads have work until the end.
const BATCH_BYTES: usize = 256 << 10;
const BATCH_RECORDS: usize = 4096;

/// Consecutive records of a file.
#[derive(Debug, Default)]
pub struct Records {
    /// The name, the display name and the text of each record, if it has them.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where a record is in its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Its line, row, element or place among the members, from 0.
    pub number: u64,
    /// The line of the file on which it begins, from 1. It is 0 in files without lines.
    pub line: u64,
}

#[derive(Debug)]
struct Entry {
    position: Position,
    /// A record's bytes begin where the text of the record before it ends.
    ends: Ends,
    problem: Option<Box<Problem>>,
}

/// Where the parts of a record end in the bytes of its batch. A missing part has no end.
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    name: Option<usize>,
    display_name: Option<usize>,
    text: usize,
}

/// One image's record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Where it is in its file.
    pub position: Position,
    /// The whole name of a tar's member, the key of a JSON map's entry, the id of a COCO image.
    pub name: Option<&'a str>,
    /// A second name, for people: the file name of a COCO image.
    pub display_name: Option<&'a str>,
    /// The JSON text, unless something is wrong with the record.
    pub text: Result<&'a [u8], &'a Problem>,
}

impl Records {
    /// The bytes of memory that they take.
    pub fn weight(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |Entry { position, ends, problem }| {
            let mut part = |end: usize| {
                let part = self.bytes.get(start..end).unwrap_or_default();
                start = end;
                part
            };
            let name = ends.name.map(&mut part).and_then(|name| std::str::from_utf8(name).ok());
            let display_name = ends.display_name.map(&mut part);
            let display_name = display_name.and_then(|name| std::str::from_utf8(name).ok());
            let text = part(ends.text);
            let text = problem.as_deref().map_or(Ok(text), Err);
            Record { position: *position, name, display_name, text }
        })
    }
}

/// Gets the records of a file batch by batch. `false`: no more are wanted.
pub type Take<'t> = dyn FnMut(Records) -> bool + 't;

/// Cuts the records of a file into batches.
pub struct Cutter<'c, 't> {
    records: Records,
    /// The ends of the record that is being added.
    ends: Ends,
    take: &'c mut Take<'t>,
}

impl<'c, 't> Cutter<'c, 't> {
    /// Starts without records. `take` gets each full batch.
    pub fn new(take: &'c mut Take<'t>) -> Self {
        Cutter { records: Records::default(), ends: Ends::default(), take }
    }

    /// Sets the name of the next record. It must come before the display name and the text.
    pub fn name(&mut self, name: &str) {
        self.records.bytes.extend_from_slice(name.as_bytes());
        self.ends.name = Some(self.records.bytes.len());
    }

    /// Sets the display name of the next record. It must come before the text.
    pub fn display_name(&mut self, name: &str) {
        self.records.bytes.extend_from_slice(name.as_bytes());
        self.ends.display_name = Some(self.records.bytes.len());
    }

    /// Room for the text of the next record, behind everything else in the batch.
    pub fn text(&mut self) -> &mut Vec<u8> {
        &mut self.records.bytes
    }

    /// The length of everything in the batch: where the next text begins.
    pub fn len(&self) -> usize {
        self.records.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the record whose text is the end of [`text`](Self::text). `false`: no more are wanted.
    pub fn record(&mut self, position: Position) -> bool {
        self.push(position, None)
    }

    /// Ends a record that cannot be encoded. Its text, which begins at `text`, is dropped.
    pub fn flawed(&mut self, position: Position, text: usize, problem: Problem) -> bool {
        self.records.bytes.truncate(text);
        self.push(position, Some(Box::new(problem)))
    }

    fn push(&mut self, position: Position, problem: Option<Box<Problem>>) -> bool {
        let end = self.records.bytes.len();
        let ends = Ends { text: end, ..std::mem::take(&mut self.ends) };
        self.records.entries.push(Entry { position, ends, problem });
        if end < BATCH_BYTES && self.records.entries.len() < BATCH_RECORDS {
            return true;
        }
        let room = Records { bytes: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 8), entries: Vec::new() };
        (self.take)(std::mem::replace(&mut self.records, room))
    }

    /// Hands on the last batch.
    pub fn finish(self) {
        if !self.records.entries.is_empty() {
            (self.take)(self.records);
        }
    }
}
