//! An archive of keyword files: a zip, or the unzipped folder with the same content.
//!
//! [`Archive`] lists the members. A [`Reader`] for each thread reads them. Parts of member names
//! are separated by `/`, and both kinds have the same names: `keywords_dev/00000001.json`.

use std::borrow::Cow;
use std::path::Path;

use crate::error::{Problem, Result};
use crate::records::escape::push_text;
use crate::records::member_choice::{MemberChoice, MemberRank};
use crate::records::opening::BYTE_ORDER_MARK;

mod folder;
pub(crate) mod member;
mod member_names;
mod number_index;
pub mod sections;
mod zip;

use self::folder::{Folder, FolderReader};
use self::member::{Meter, Visit};
use self::member_names::NameTable;
use self::zip::{ZipArchive, ZipEntry, ZipReader};
pub(crate) use self::zip::{is_end_of_split_zip, split_zip_problem};

pub use self::folder::{FileDigest, FolderFiles};
pub use self::member::{Content, Limits, ReadTimes, is_image_member, is_keyword_file};
pub use self::member_names::{NameList, escaped};

#[cfg(test)]
mod tests;

/// The keyword members of a zip or a folder, numbered from 0 in the order of the listing.
pub struct Archive {
    kind: ArchiveKind,
    content: MemberContent,
}

/// The conversion of a member to the JSON of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemberContent {
    /// The member is the JSON of an image.
    Json,
    /// The same, without a byte order mark at its start.
    MarkedJson,
    /// The member is one string, which gets quotes.
    Text,
}

impl MemberContent {
    fn of_members(are_text: bool) -> MemberContent {
        if are_text { MemberContent::Text } else { MemberContent::MarkedJson }
    }
}

enum ArchiveKind {
    Zip(ZipArchive),
    Folder(Folder),
}

/// The members of an archive that have keywords.
pub struct ChosenMembers {
    /// Their numbers, in the order in which they are read fastest.
    pub members: Vec<u32>,
    /// The number of text members that are ignored because there are JSON members.
    pub ignored: u64,
}

impl Archive {
    /// Lists a zip archive.
    pub fn open_zip(path: &Path, limits: Limits) -> Result<Archive> {
        Ok(Archive::of(ArchiveKind::Zip(ZipArchive::open(path, limits)?)))
    }

    /// Lists the files below a folder, sorted by the bytes of their names. The names begin with the
    /// name of the folder.
    pub fn open_folder(path: &Path, limits: Limits, is_cancelled: &dyn Fn() -> bool) -> Result<Archive> {
        Ok(Archive::of(ArchiveKind::Folder(Folder::open(path, limits, is_cancelled)?)))
    }

    fn of(kind: ArchiveKind) -> Archive {
        Archive { kind, content: MemberContent::Json }
    }

    /// Chooses the members with keywords. After this call, text members are read as JSON strings.
    pub fn choose_members(&mut self, choice: &MemberChoice) -> ChosenMembers {
        let ranks: Vec<(u32, MemberRank)> =
            (0..self.len() as u32).filter_map(|member| Some((member, choice.rank(&self.name_bytes(member))?))).collect();
        let best = ranks.iter().map(|(_, rank)| *rank).max();
        let ranked = ranks.len();
        let chosen = ranks.into_iter().filter(|(_, rank)| Some(*rank) == best);
        let mut members: Vec<u32> = chosen.map(|(member, _)| member).collect();
        if !members.is_sorted_by_key(|&member| self.position(member)) {
            members.sort_unstable_by_key(|&member| self.position(member));
        }
        // All of them have one ending.
        let is_text = members.first().is_some_and(|&member| choice.is_text(&self.name(member)));
        self.content = MemberContent::of_members(is_text);
        ChosenMembers { ignored: (ranked - members.len()) as u64, members }
    }

    /// The name of the image of a chosen member, given the [`name`](Self::name) of the member. The
    /// name of the folder that is the archive is no part of it.
    pub fn image_name<'n>(&self, name: &'n str, choice: &MemberChoice) -> &'n str {
        choice.image_name(match &self.kind {
            ArchiveKind::Zip(_) => name,
            ArchiveKind::Folder(folder) => name.strip_prefix(folder.prefix()).unwrap_or(name),
        })
    }

    /// The path of the archive.
    pub fn path(&self) -> &Path {
        match &self.kind {
            ArchiveKind::Zip(zip) => zip.path(),
            ArchiveKind::Folder(folder) => folder.path(),
        }
    }

    /// Whether the archive is a zip.
    pub fn is_zip(&self) -> bool {
        matches!(self.kind, ArchiveKind::Zip(_))
    }

    /// The size of a member in the directory of a zip. It is 0 for a file of a folder, whose size
    /// is unknown before it is read.
    pub fn claimed_size(&self, member: u32) -> u64 {
        match &self.kind {
            ArchiveKind::Zip(zip) => zip.entry(member).map_or(0, |entry| u64::from(entry.size)),
            ArchiveKind::Folder(_) => 0,
        }
    }

    /// The files of a folder. A zip has none.
    pub fn files_of_folder(&self) -> Option<FolderFiles> {
        match &self.kind {
            ArchiveKind::Zip(_) => None,
            ArchiveKind::Folder(folder) => Some(folder.files()),
        }
    }

    /// Passes the content of one member to `read`, as a stream if it is large. `max_member_size`
    /// does not apply. A stream is checked to its end, even if `read` stops before.
    pub fn with_content<T>(&self, member: u32, mut read: impl FnMut(Content<'_>) -> T) -> Result<T, Problem> {
        let mut outcome = None;
        let mut take = |content: Content<'_>| outcome = Some(read(content));
        match &self.kind {
            ArchiveKind::Zip(zip) => ZipReader::new(zip).content(member, &mut take)?,
            ArchiveKind::Folder(folder) => FolderReader::new(folder).content(member, &mut take)?,
        }
        outcome.ok_or_else(|| Problem::new(self.path(), "no such member"))
    }

    /// Frees the memory of [`find`](Self::find), which finds nothing after this.
    pub fn forget_names(&mut self) {
        match &mut self.kind {
            ArchiveKind::Zip(zip) => zip.names_mut().forget_index(),
            ArchiveKind::Folder(folder) => folder.names_mut().forget_index(),
        }
    }

    /// Frees the memory for reading members. They keep their names, and none can be read after
    /// this.
    pub fn forget_places(&mut self) {
        if let ArchiveKind::Zip(zip) = &mut self.kind {
            zip.forget_entries();
        }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.names().len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of a member for messages. Bytes that are not UTF-8 are escaped.
    pub fn name(&self, member: u32) -> Cow<'_, str> {
        Cow::Owned(self.names().shown(member))
    }

    /// The bytes of the name of a member, as they were listed.
    pub fn name_bytes(&self, member: u32) -> Vec<u8> {
        self.names().name(member).to_bytes()
    }

    /// The member with this name. A name that is not UTF-8 is not found.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.names().find(name)
    }

    /// Finds a member by its folder with `/`, its stem without `/`, and its ending with the dot.
    pub fn find_parts(&self, parts: [&str; 3]) -> Option<u32> {
        self.names().find_parts(parts)
    }

    /// The work to read a member: its bytes in the archive, or a sixteenth of its unpacked size. It
    /// is at least 1, and 1 for each file of a folder.
    pub fn packed_size(&self, member: u32) -> u64 {
        match &self.kind {
            ArchiveKind::Zip(zip) => zip.entry(member).map_or(1, ZipEntry::work),
            ArchiveKind::Folder(_) => 1,
        }
    }

    /// A sort key. Members are read fastest in its order.
    pub fn position(&self, member: u32) -> u64 {
        match &self.kind {
            ArchiveKind::Zip(zip) => zip.entry(member).map_or(0, |entry| entry.offset),
            ArchiveKind::Folder(_) => u64::from(member),
        }
    }

    /// A reader of members for one thread. `timed` measures the time, which takes two clock
    /// readings per member.
    pub fn reader(&self, timed: bool) -> Reader<'_> {
        let kind = match &self.kind {
            ArchiveKind::Zip(zip) => ReaderKind::Zip(Box::new(ZipReader::new(zip))),
            ArchiveKind::Folder(folder) => ReaderKind::Folder(FolderReader::new(folder)),
        };
        Reader { kind, meter: Meter::new(timed), content: self.content, json: Vec::new() }
    }

    fn names(&self) -> &NameTable {
        match &self.kind {
            ArchiveKind::Zip(zip) => zip.names(),
            ArchiveKind::Folder(folder) => folder.names(),
        }
    }
}

/// Reads members. It owns the buffers and the inflate state, and reuses them for each member.
pub struct Reader<'a> {
    kind: ReaderKind<'a>,
    meter: Meter,
    content: MemberContent,
    /// A text member as JSON.
    json: Vec<u8>,
}

enum ReaderKind<'a> {
    Zip(Box<ZipReader<'a>>),
    Folder(FolderReader<'a>),
}

impl Reader<'_> {
    /// Reads the members and passes the unpacked and checked bytes of each to the callback, in the
    /// order of `members`. A damaged member does not stop the others. This is fastest if the
    /// members are sorted by [`Archive::position`].
    pub fn read_each(&mut self, members: &[u32], visit: &mut Visit<'_>) {
        let Reader { kind, meter, content, json } = self;
        let mut as_json = |member: usize, bytes: Result<&[u8], Problem>| match (*content, bytes) {
            (_, Err(problem)) => visit(member, Err(problem)),
            (MemberContent::Json, Ok(bytes)) => visit(member, Ok(bytes)),
            (MemberContent::MarkedJson, Ok(bytes)) => visit(member, Ok(without_mark(bytes))),
            (MemberContent::Text, Ok(bytes)) => {
                json.clear();
                push_text(without_mark(bytes), json);
                visit(member, Ok(json));
            }
        };
        match kind {
            ReaderKind::Zip(zip) => zip.read_each(members, &mut as_json, meter),
            ReaderKind::Folder(folder) => folder.read_each(members, &mut as_json, meter),
        }
    }

    /// The bytes that this reader has read, and the time if it is measured.
    pub fn times(&self) -> ReadTimes {
        self.meter.times()
    }
}

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}
