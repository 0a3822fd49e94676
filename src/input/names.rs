//! The names of an archive's members, a million of them in little memory.
//!
//! All names stand one after the other in one buffer, and an index of member numbers finds them: 8 to 15 bytes a member
//! beside the names themselves.

use std::borrow::Cow;
use std::fmt::Write;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Member names by number, and numbers by name.
#[derive(Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Names {
    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a name, which gets the next number; `false` if there are 4 GiB of names already.
    pub fn push(&mut self, name: &[u8]) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len().saturating_add(name.len())) else { return false };
        self.bytes.extend_from_slice(name);
        self.ends.push(end);
        true
    }

    /// The bytes of a name; empty if there is no such number.
    pub fn bytes(&self, member: u32) -> &[u8] {
        name_of(&self.bytes, &self.ends, member)
    }

    /// A name as messages show it: bytes that are not UTF-8 are written as `\xNN`.
    pub fn shown(&self, member: u32) -> Cow<'_, str> {
        let bytes = self.bytes(member);
        match std::str::from_utf8(bytes) {
            Ok(name) => Cow::Borrowed(name),
            Err(_) => Cow::Owned(escaped(bytes)),
        }
    }

    /// The number of a name, once [`Names::index_all`] was called.
    pub fn find(&self, name: &str) -> Option<u32> {
        let name = name.as_bytes();
        self.index.find(self.hasher.hash_one(name), |&member| self.bytes(member) == name).copied()
    }

    /// Builds the index. Two equal names are an error: the number of the second is returned.
    pub fn index_all(&mut self) -> Result<(), u32> {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let mut index = HashTable::with_capacity(ends.len());
        let mut start = 0;
        for (member, &end) in (0..).zip(ends) {
            let name = bytes.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            let same = |&other: &u32| name_of(bytes, ends, other) == name;
            match index.entry(hasher.hash_one(name), same, |&other| hasher.hash_one(name_of(bytes, ends, other))) {
                Entry::Occupied(_) => return Err(member),
                Entry::Vacant(free) => free.insert(member),
            };
        }
        self.index = index;
        Ok(())
    }

    /// Frees the index: no name is found any more.
    pub fn forget_index(&mut self) {
        self.index = HashTable::new();
    }

    /// The same names in the order of their bytes, without an index.
    pub fn sorted(&self) -> Names {
        let mut order: Vec<u32> = (0..).take(self.len()).collect();
        order.sort_unstable_by_key(|&member| self.bytes(member));
        let mut sorted = Names { bytes: Vec::with_capacity(self.bytes.len()), ..Names::default() };
        for member in order {
            sorted.push(self.bytes(member));
        }
        sorted
    }
}

fn name_of<'a>(bytes: &'a [u8], ends: &[u32], member: u32) -> &'a [u8] {
    let end = ends.get(member as usize).copied().unwrap_or(0);
    let start = member.checked_sub(1).and_then(|before| ends.get(before as usize)).copied().unwrap_or(0);
    bytes.get(start as usize..end as usize).unwrap_or_default()
}

pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}
