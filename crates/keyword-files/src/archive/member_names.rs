//! The names of the members of an archive, in little memory.
//!
//! Names share their folder and their ending, which are the frame of a name. The rest, the stem, is
//! stored in one buffer with all other stems. An index of member numbers finds it. This takes 10 to
//! 20 bytes per member in addition to the stems.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;
use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::number_index::{Numbered, are_equal};

/// Member names by number, and numbers by name.
#[derive(Default)]
pub struct NameTable {
    stems: NameList,
    /// The frame of each name.
    frames: Vec<u16>,
    known: Frames,
    /// Finds stems that are numbers, among the names with the first frame.
    numbered: Option<Numbered>,
    /// Finds the other stems.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Names or parts of names by number, in one buffer.
#[derive(Debug, Default)]
pub struct NameList {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl NameList {
    /// The number of names.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no names.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a name with the next number. Returns false if the names have 4 GiB already.
    pub fn push(&mut self, name: &[u8]) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len().saturating_add(name.len())) else { return false };
        self.bytes.extend_from_slice(name);
        self.ends.push(end);
        true
    }

    /// The bytes of a name, empty if there is no such number.
    pub fn bytes(&self, number: u32) -> &[u8] {
        let end = self.ends.get(number as usize).copied().unwrap_or(0);
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before as usize)).copied().unwrap_or(0);
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// A name that was added as a string.
    pub fn text(&self, number: u32) -> &str {
        std::str::from_utf8(self.bytes(number)).unwrap_or_default()
    }

    /// A name for messages. Bytes that are not UTF-8 are written as `\xNN`.
    pub fn shown(&self, number: u32) -> Cow<'_, str> {
        let bytes = self.bytes(number);
        std::str::from_utf8(bytes).map_or_else(|_| Cow::Owned(escaped(bytes)), Cow::Borrowed)
    }

    fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// A name in three parts.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a> {
    frame: u16,
    /// The folder with its `/`, the stem, and the ending with its dot.
    pieces: [&'a [u8]; 3],
}

impl Name<'_> {
    /// The number of bytes.
    pub fn len(self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).sum()
    }

    /// The whole name.
    pub fn to_bytes(self) -> Vec<u8> {
        self.pieces.concat()
    }

    /// Compares the bytes.
    pub fn cmp(self, other: Self) -> Ordering {
        // Most names differ in their stems.
        if self.frame == other.frame {
            let ([_, a, _], [_, b, _]) = (self.pieces, other.pieces);
            let first = a.iter().zip(b).find(|(a, b)| a != b);
            if let Some((a, b)) = first {
                return a.cmp(b);
            }
        }
        let bytes = |name: Self| name.pieces.into_iter().flatten();
        bytes(self).cmp(bytes(other))
    }
}

impl PartialEq<[u8]> for Name<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        let mut rest = other;
        let is_next = |piece: &[u8]| {
            let (next, behind) = rest.split_at_checked(piece.len())?;
            rest = behind;
            are_equal(next, piece).then_some(())
        };
        self.pieces.into_iter().try_for_each(is_next).is_some() && rest.is_empty()
    }
}

/// The frames of names: folders and endings. If there are too many frames, further names have none
/// and are stored whole.
#[derive(Default)]
struct Frames {
    frames: Vec<[Box<[u8]>; 2]>,
    /// Frames by the hash of folder and ending.
    index: HashTable<u16>,
    hasher: DefaultHashBuilder,
}

impl Frames {
    const FIRST: u16 = 0;
    /// The number that means no frame.
    const NONE: u16 = u16::MAX;

    fn get(&self, frame: u16) -> [&[u8]; 2] {
        let frame = self.frames.get(usize::from(frame));
        frame.map_or([&[], &[]], |frame| frame.each_ref().map(|piece| &**piece))
    }

    fn find(&self, pieces: [&[u8]; 2]) -> Option<u16> {
        // Most archives have one frame.
        let is_first = || self.get(Self::FIRST).into_iter().zip(pieces).all(|(a, b)| are_equal(a, b));
        if !self.frames.is_empty() && is_first() {
            return Some(Self::FIRST);
        }
        self.index.find(self.hasher.hash_one(pieces), |&frame| self.get(frame) == pieces).copied()
    }

    fn add(&mut self, pieces: [&[u8]; 2]) -> Option<u16> {
        let frame = u16::try_from(self.frames.len()).ok().filter(|&frame| frame != Self::NONE)?;
        self.frames.push(pieces.map(Box::from));
        let Frames { frames, index, hasher } = self;
        let hash_of = |&frame: &u16| {
            let pieces = frames.get(usize::from(frame)).map(|frame| frame.each_ref().map(|piece| &**piece));
            hasher.hash_one(pieces.unwrap_or_default())
        };
        index.insert_unique(hash_of(&frame), frame, hash_of);
        Some(frame)
    }

    /// A name in three parts, if its frame is known.
    fn split<'n>(&self, name: &'n [u8]) -> Name<'n> {
        let [folder, stem, ending] = pieces(name);
        match self.find([folder, ending]) {
            Some(frame) => Name { frame, pieces: [folder, stem, ending] },
            None => Name { frame: Self::NONE, pieces: [&[], name, &[]] },
        }
    }
}

/// The folder with its `/`, the stem, and the ending with its dot.
fn pieces(name: &[u8]) -> [&[u8]; 3] {
    let folder = name.iter().rposition(|&byte| byte == b'/').map_or(0, |slash| slash + 1);
    let (folder, file) = name.split_at_checked(folder).unwrap_or_default();
    let stem = file.iter().rposition(|&byte| byte == b'.').unwrap_or(file.len());
    let (stem, ending) = file.split_at_checked(stem).unwrap_or_default();
    [folder, stem, ending]
}

impl NameTable {
    /// The number of names.
    pub fn len(&self) -> usize {
        self.stems.len()
    }

    /// Adds a name with the next number. Returns false if the names have 4 GiB already.
    pub fn push(&mut self, name: &[u8]) -> bool {
        let [folder, stem, ending] = pieces(name);
        let frame = self.known.find([folder, ending]).or_else(|| self.known.add([folder, ending]));
        let is_added = self.stems.push(if frame.is_some() { stem } else { name });
        self.frames.push(frame.unwrap_or(Frames::NONE));
        is_added
    }

    /// A name, empty if there is no such number.
    pub fn name(&self, member: u32) -> Name<'_> {
        let frame = self.frames.get(member as usize).copied().unwrap_or(Frames::NONE);
        let [folder, ending] = self.known.get(frame);
        Name { frame, pieces: [folder, self.stems.bytes(member), ending] }
    }

    /// A name for messages. Bytes that are not UTF-8 are written as `\xNN`.
    pub fn shown(&self, member: u32) -> String {
        String::from_utf8(self.name(member).to_bytes()).unwrap_or_else(|error| escaped(error.as_bytes()))
    }

    /// Finds the number of a name. [`index_all`](Self::index_all) must have been called.
    pub fn find(&self, name: &str) -> Option<u32> {
        let name = self.known.split(name.as_bytes());
        let [_, stem, _] = name.pieces;
        self.find_in_frame(name.frame, stem)
    }

    /// Finds the number of a name that consists of a folder with its `/`, a stem without `/` and an
    /// ending with its dot.
    pub fn find_parts(&self, [folder, stem, ending]: [&str; 3]) -> Option<u32> {
        match self.known.find([folder.as_bytes(), ending.as_bytes()]) {
            Some(frame) => self.find_in_frame(frame, stem.as_bytes()),
            None => self.find(&[folder, stem, ending].concat()),
        }
    }

    fn find_in_frame(&self, frame: u16, stem: &[u8]) -> Option<u32> {
        let numbered = self.numbered.as_ref().filter(|_| frame == Frames::FIRST);
        if let Some(member) = numbered.and_then(|all| all.find(stem)) {
            return member;
        }
        let is_it = |&member: &u32| self.frame_and_stem(member) == (frame, stem);
        self.index.find(self.hasher.hash_one((frame, stem)), is_it).copied()
    }

    fn frame_and_stem(&self, member: u32) -> (u16, &[u8]) {
        (self.frames.get(member as usize).copied().unwrap_or(Frames::NONE), self.stems.bytes(member))
    }

    /// Builds the index. Returns the number of the second of two equal names as an error.
    pub fn index_all(&mut self) -> Result<(), u32> {
        self.stems.shrink_to_fit();
        self.frames.shrink_to_fit();
        let others = self.index_numbers()?;
        let hash = |name: (u16, &[u8])| self.hasher.hash_one(name);
        let mut index = HashTable::with_capacity(others.len());
        for member in others {
            let name = self.frame_and_stem(member);
            let is_it = |&other: &u32| self.frame_and_stem(other) == name;
            match index.entry(hash(name), is_it, |&other| hash(self.frame_and_stem(other))) {
                Entry::Occupied(_) => return Err(member),
                Entry::Vacant(free) => free.insert(member),
            };
        }
        self.index = index;
        Ok(())
    }

    /// Builds the table of the names that are numbers, and returns the other members.
    fn index_numbers(&mut self) -> Result<Vec<u32>, u32> {
        let stem =
            |member: u32| Some(self.frame_and_stem(member)).filter(|(frame, _)| *frame == Frames::FIRST).map(|(_, stem)| stem);
        let members = (0..).take(self.len());
        let mut numbered = Numbered::like_the_first(members.clone().filter_map(stem));
        let mut others = Vec::new();
        for member in members {
            match stem(member).and_then(|stem| numbered.as_mut()?.add(stem, member)) {
                Some(added) => added?,
                None => others.push(member),
            }
        }
        self.numbered = numbered;
        Ok(others)
    }

    /// Frees the index. No name is found after this.
    pub fn forget_index(&mut self) {
        (self.numbered, self.index) = (None, HashTable::new());
    }

    /// The same names in byte order, without an index.
    pub fn sorted(&self) -> NameTable {
        let shared = self.shared_start();
        // The first sixteen bytes decide nearly always. Otherwise the whole names are compared.
        let start = |member: u32| {
            let name = self.name(member).to_bytes();
            let mut start = [0; 16];
            start.iter_mut().zip(name.get(shared..).unwrap_or_default()).for_each(|(to, from)| *to = *from);
            (u128::from_be_bytes(start), member)
        };
        let mut order: Vec<(u128, u32)> = (0..).take(self.len()).map(start).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.name(a.1).cmp(self.name(b.1))));
        let mut sorted = NameTable::default();
        for (_, member) in order {
            sorted.push(&self.name(member).to_bytes());
        }
        sorted
    }

    /// The length of the common start of all names.
    fn shared_start(&self) -> usize {
        let mut names = (0..).take(self.len()).map(|member| self.name(member).to_bytes());
        let first = names.next().unwrap_or_default();
        names.fold(first.len(), |shared, name| {
            let same = first.iter().zip(&name).take(shared).take_while(|(a, b)| a == b);
            same.count()
        })
    }
}

/// A name for messages.
pub fn escaped(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn listed<'n>(all: impl IntoIterator<Item = &'n [u8]>) -> NameTable {
        let mut names = NameTable::default();
        for name in all {
            assert!(names.push(name));
        }
        names
    }

    #[test]
    fn a_name_is_its_folder_its_stem_and_its_ending() {
        let split = |name: &'static str| pieces(name.as_bytes()).map(|piece| std::str::from_utf8(piece).unwrap());
        assert_eq!(split("a/b/c.json"), ["a/b/", "c", ".json"]);
        assert_eq!(split("c.tar.gz"), ["", "c.tar", ".gz"]);
        assert_eq!(split("a.b/c"), ["a.b/", "c", ""]);
        assert_eq!(split("a/"), ["a/", "", ""]);
    }

    #[test]
    fn names_in_more_folders_than_there_are_frames_are_stored_whole() {
        let all: Vec<String> = (0..70_000).map(|i| format!("{i}/a.json")).collect();
        let mut names = listed(all.iter().map(|name| name.as_bytes()));
        names.index_all().unwrap();
        assert_eq!((names.known.frames.len(), names.len()), (usize::from(Frames::NONE), 70_000));
        assert!(all.iter().zip(0..).all(|(name, member)| names.find(name) == Some(member) && names.shown(member) == *name));
        assert_eq!(names.find("70000/a.json"), None);
    }

    proptest! {
        #[test]
        fn names_come_back_are_found_and_sort_as_their_bytes(all in proptest::collection::hash_set("[ab./]{0,3}[0-2]{0,3}", 1..40)) {
            let mut all: Vec<String> = all.into_iter().collect();
            let mut names = listed(all.iter().map(|name| name.as_bytes()));
            names.index_all().unwrap();
            for (name, member) in all.iter().zip(0..) {
                prop_assert_eq!(names.find(name), Some(member));
                prop_assert!(names.name(member) == *name.as_bytes() && names.name(member).len() == name.len());
            }
            prop_assert_eq!(names.find("c"), None);
            let sorted = names.sorted();
            all.sort_unstable();
            prop_assert_eq!((0..all.len() as u32).map(|member| sorted.shown(member)).collect::<Vec<_>>(), all);
        }

        #[test]
        fn two_equal_names_are_found(name in "[ab./]{0,3}[0-2]{0,3}", between in "[cd]{1,3}") {
            let mut names = listed([name.as_bytes(), between.as_bytes(), name.as_bytes()]);
            prop_assert_eq!(names.index_all(), Err(2));
        }
    }
}
