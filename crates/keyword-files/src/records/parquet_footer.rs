//! A look at a parquet file's footer before the reader of tables sees it: that reader asks for the
//! memory that a footer claims, and calls itself for each level of a schema.
//!
//! The footer is a `FileMetaData` in Thrift's compact protocol, then its length in 4 bytes and
//! `PAR1`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The most bytes of a footer.
const MOST_BYTES: u64 = 64 << 20;
/// The most levels of nested structures, and of the schema.
const MOST_LEVELS: usize = 64;

/// What is wrong with the footer of `file`, if it is one that the reader should not see. What is no
/// footer at all is left to the reader.
pub(super) fn flaw(file: &mut File) -> io::Result<Option<String>> {
    let mut end = [0; 8];
    let size = file.seek(SeekFrom::End(0))?;
    let Some(before) = size.checked_sub(end.len() as u64) else { return Ok(None) };
    file.seek(SeekFrom::Start(before))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, magic @ ..] = end;
    let claimed = u64::from(u32::from_le_bytes([a, b, c, d]));
    let start = before.checked_sub(claimed).filter(|_| &magic == b"PAR1");
    if start.is_some() && claimed > MOST_BYTES {
        return Ok(Some(format!("its footer has {claimed} bytes, expected at most {MOST_BYTES}")));
    }
    let mut footer = Vec::new();
    if let Some(start) = start {
        file.seek(SeekFrom::Start(start))?;
        file.take(claimed).read_to_end(&mut footer)?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(start.and_then(|_| flaw_in(&footer)))
}

fn flaw_in(footer: &[u8]) -> Option<String> {
    match children_in(footer) {
        None => Some("its footer does not hold what it claims".into()),
        Some(children) if !is_tree(&children) => Some(format!("its schema is no tree, or one of more than {MOST_LEVELS} levels")),
        Some(_) => None,
    }
}

/// Whether elements with these numbers of children, each before its children, are one tree that is
/// not too high.
fn is_tree(children: &[i64]) -> bool {
    // The number of elements that are still missing on each level.
    let mut missing: Vec<i64> = vec![1];
    for &count in children {
        while missing.last() == Some(&0) {
            missing.pop();
        }
        let Some(last) = missing.last_mut() else { return false };
        *last -= 1;
        if count > 0 {
            missing.push(count);
        }
        if count < 0 || missing.len() > MOST_LEVELS {
            return false;
        }
    }
    missing.iter().all(|&count| count == 0)
}

/// The number of children of each element of the schema. `None` if the footer is damaged.
fn children_in(footer: &[u8]) -> Option<Vec<i64>> {
    const SCHEMA: i64 = 2;
    const NUM_CHILDREN: i64 = 5;
    let mut walk = FooterWalk { rest: footer };
    let (mut children, mut id) = (Vec::new(), 0);
    while let Some(kind) = walk.field(&mut id)? {
        if (id, kind) != (SCHEMA, LIST) {
            walk.pass(kind, 1)?;
            continue;
        }
        let (count, STRUCT) = walk.list()? else { return None };
        for _ in 0..count {
            let (mut id, mut own) = (0, 0);
            while let Some(kind) = walk.field(&mut id)? {
                match (id, kind) {
                    (NUM_CHILDREN, I32) => own = walk.signed()?,
                    _ => walk.pass(kind, 2)?,
                }
            }
            children.push(own);
        }
    }
    Some(children)
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// The rest of a structure in the compact protocol. A step returns `None` if the bytes are not
/// valid.
struct FooterWalk<'b> {
    rest: &'b [u8],
}

impl FooterWalk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The kind of the next field of a structure, whose number follows from that of the one before;
    /// the inner none is the end.
    fn field(&mut self, id: &mut i64) -> Option<Option<u8>> {
        let header = self.byte()?;
        if header == 0 {
            return Some(None);
        }
        *id = match header >> 4 {
            0 => self.signed()?,
            further => id.checked_add(i64::from(further))?,
        };
        Some(Some(header & 15))
    }

    /// The number and the kind of the elements of a list. Each takes at least a byte.
    fn list(&mut self) -> Option<(u64, u8)> {
        let header = self.byte()?;
        let count = if header >> 4 == 15 { self.unsigned()? } else { u64::from(header >> 4) };
        (count <= self.rest.len() as u64).then_some((count, header & 15))
    }

    /// Skips the value of a field.
    fn pass(&mut self, kind: u8, level: usize) -> Option<()> {
        match kind {
            TRUE | FALSE => Some(()),
            _ => self.pass_element(kind, level),
        }
    }

    /// Skips a value in a list, where a truth value takes a byte.
    fn pass_element(&mut self, kind: u8, level: usize) -> Option<()> {
        if level > MOST_LEVELS {
            return None;
        }
        match kind {
            TRUE | FALSE | BYTE => self.skip(1),
            I16 | I32 | I64 => self.unsigned().map(drop),
            DOUBLE => self.skip(8),
            UUID => self.skip(16),
            BINARY => {
                let bytes = self.unsigned()?;
                self.skip(bytes)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.pass_element(kind, level + 1))
            }
            MAP => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.pass_element(kinds >> 4, level + 1)?;
                    self.pass_element(kinds & 15, level + 1)
                })
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.field(&mut id)? {
                    self.pass(kind, level + 1)?;
                }
                Some(())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer that contains only a schema: a structure for each element, which has its number of
    /// children and its name.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x29, 0xfc, children.len() as u8];
        for count in children {
            bytes.extend([0x48, 1, b'a', 0x15, count * 2, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn a_schema_that_is_a_tree_of_some_levels_is_read() {
        for children in [&[0][..], &[2, 0, 0], &[2, 1, 0, 0], &[1, 1, 1, 0], &[3, 0, 2, 0, 0, 0]] {
            assert_eq!(children_in(&footer(children)), Some(children.iter().map(|&count| i64::from(count)).collect()));
            assert_eq!(flaw_in(&footer(children)), None, "{children:?}");
        }
    }

    #[test]
    fn missing_children_and_too_deep_ones_are_errors() {
        let no_tree = Some("its schema is no tree, or one of more than 64 levels".to_owned());
        let deep = [vec![1; 70], vec![0]].concat();
        for children in [&[1][..], &[], &[0, 0], &[2, 0], &[63], &deep] {
            assert_eq!(flaw_in(&footer(children)), no_tree, "{children:?}");
        }
        assert!(!is_tree(&[-1]) && !is_tree(&[i64::MAX, 0]));
    }

    #[test]
    fn a_footer_that_claims_too_much_is_an_error() {
        let cut = Some("its footer does not hold what it claims".to_owned());
        let many = [0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f, 0];
        let deep = [&[0x1c; 100][..], &[0; 101]].concat();
        for bytes in [&footer(&[2, 0, 0])[..9], &many, &[0x18, 0xff, 0x7f, 0], &deep, &[0x3e, 0], b""] {
            assert_eq!(flaw_in(bytes), cut, "{bytes:?}");
        }
    }
}
