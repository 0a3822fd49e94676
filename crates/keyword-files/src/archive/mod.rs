//! An archive of keyword files: a zip, or the unzipped folder of the same content.
//!
//! [`Archive`] lists the members; a [`Reader`], one a thread, reads them. Member names are
//! separated by `/` and look the same from both: `keywords_dev/00000001.json`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::path::Path;

use crate::error::{Problem, Result};
use crate::records::escape::push_text;
use crate::records::member_choice::{MemberChoice, MemberRank};
use crate::records::opening::BYTE_ORDER_MARK;

mod folder;
pub(crate) mod member;
mod member_names;
mod number_index;
mod zip;

use self::folder::{Folder, FolderReader};
use self::member::{Meter, Visit};
use self::member_names::NameTable;
use self::zip::{ZipArchive, ZipReader};

pub use self::folder::{FileDigest, FolderFiles};
pub use self::member::{Content, Limits, ReadTimes, is_image_member, is_keyword_file};
pub use self::member_names::{NameList, escaped};

#[cfg(test)]
mod tests;

/// The listed keyword members of a zip or a folder. Members are numbered from 0 in the order of the
/// listing.
pub struct Archive {
    kind: Kind,
    content: MemberContent,
}

/// How the content of a member becomes the JSON of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MemberContent {
    /// It is the JSON of an image.
    Json,
    /// The same, and a byte order mark at its start is ignored.
    MarkedJson,
    /// It is one string, which is put in quotes.
    Text,
}

enum Kind {
    Zip(ZipArchive),
    Folder(Folder),
}

impl Archive {
    /// Lists a zip archive.
    pub fn open_zip(path: &Path, limits: Limits) -> Result<Archive> {
        Ok(Archive::of(Kind::Zip(ZipArchive::open(path, limits)?)))
    }

    /// Lists the files below a folder, sorted by the bytes of their names, which begin with the
    /// folder's own.
    pub fn open_folder(path: &Path, limits: Limits, is_cancelled: &dyn Fn() -> bool) -> Result<Archive> {
        Ok(Archive::of(Kind::Folder(Folder::open(path, limits, is_cancelled)?)))
    }

    fn of(kind: Kind) -> Archive {
        Archive { kind, content: MemberContent::Json }
    }

    /// The members that hold keywords, in byte order of their names. From now on, text members are
    /// read as JSON strings.
    pub fn choose_members(&mut self, choice: &MemberChoice) -> Vec<u32> {
        let ranks: Vec<(u32, MemberRank)> =
            (0..self.len() as u32).filter_map(|member| Some((member, choice.rank(&self.name_bytes(member))?))).collect();
        let best = ranks.iter().map(|(_, rank)| *rank).max();
        let chosen = ranks.into_iter().filter(|(_, rank)| Some(*rank) == best);
        let mut members: Vec<u32> = chosen.map(|(member, _)| member).collect();
        members.sort_unstable_by(|&a, &b| self.compare_names(a, b));
        // All of them have one ending.
        let is_text = members.first().is_some_and(|&member| choice.is_text(&self.name(member)));
        self.content = if is_text { MemberContent::Text } else { MemberContent::MarkedJson };
        members
    }

    /// What the image of a chosen member is called. The name of the folder that is the archive is
    /// no part of it.
    pub fn image_name(&self, member: u32, choice: &MemberChoice) -> String {
        let name = self.name(member);
        let below = match &self.kind {
            Kind::Zip(_) => &*name,
            Kind::Folder(folder) => name.strip_prefix(folder.prefix()).unwrap_or(&name),
        };
        choice.image_name(below).to_owned()
    }

    /// The path that the archive was opened with.
    pub fn path(&self) -> &Path {
        match &self.kind {
            Kind::Zip(zip) => zip.path(),
            Kind::Folder(folder) => folder.path(),
        }
    }

    /// Whether it is a zip rather than a folder.
    pub fn is_zip(&self) -> bool {
        matches!(self.kind, Kind::Zip(_))
    }

    /// The bytes of a member, as the directory of a zip claims them; 0 for a file of a folder,
    /// whose size is not looked at.
    pub fn claimed_size(&self, member: u32) -> u64 {
        match &self.kind {
            Kind::Zip(zip) => zip.entry(member).map_or(0, |entry| u64::from(entry.size)),
            Kind::Folder(_) => 0,
        }
    }

    /// The files of a folder; none of a zip.
    pub fn files_of_folder(&self) -> Option<FolderFiles> {
        match &self.kind {
            Kind::Zip(_) => None,
            Kind::Folder(folder) => Some(folder.files()),
        }
    }

    /// Hands the content of one member to `read`, whole or, where it is large, as a stream. It may
    /// be as large as a member can be: `max_member_size` speaks of keyword files. A stream is
    /// checked as it passes, and to its end even if `read` stops before.
    pub fn with_content<T>(&self, member: u32, mut read: impl FnMut(Content<'_>) -> T) -> Result<T, Problem> {
        let mut outcome = None;
        let mut take = |content: Content<'_>| outcome = Some(read(content));
        match &self.kind {
            Kind::Zip(zip) => ZipReader::new(zip).content(member, &mut take)?,
            Kind::Folder(folder) => FolderReader::new(folder).content(member, &mut take)?,
        }
        outcome.ok_or_else(|| Problem::new(self.path(), "no such member"))
    }

    /// Frees what [`find`](Self::find) needs, which finds nothing from now on.
    pub fn forget_names(&mut self) {
        match &mut self.kind {
            Kind::Zip(zip) => zip.names_mut().forget_index(),
            Kind::Folder(folder) => folder.names_mut().forget_index(),
        }
    }

    /// Frees what reading members needs: they keep their names, and none can be read any more.
    pub fn forget_places(&mut self) {
        if let Kind::Zip(zip) = &mut self.kind {
            zip.forget_entries();
        }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.names().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A member's name, for messages; bytes that are not UTF-8 are escaped.
    pub fn name(&self, member: u32) -> Cow<'_, str> {
        Cow::Owned(self.names().shown(member))
    }

    /// The bytes of a member's name as they were listed.
    pub fn name_bytes(&self, member: u32) -> Vec<u8> {
        self.names().name(member).to_bytes()
    }

    /// Which of two members' names comes first, by their bytes.
    pub fn compare_names(&self, a: u32, b: u32) -> Ordering {
        self.names().name(a).cmp(self.names().name(b))
    }

    /// The member of that name. A name that is not UTF-8 is never found.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.names().find(name)
    }

    /// Finds a member by its folder with `/`, its stem without `/`, and its ending with the dot.
    pub fn find_parts(&self, parts: [&str; 3]) -> Option<u32> {
        self.names().find_parts(parts)
    }

    /// The bytes that a member takes in the archive, or a sixteenth of what they inflate to, for
    /// cutting the work: never below 1, and 1 for each file of a folder, whose size is not
    /// looked at before it is read.
    pub fn packed_size(&self, member: u32) -> u64 {
        match &self.kind {
            Kind::Zip(zip) => zip.entry(member).map_or(1, |entry| u64::from(entry.packed.max(entry.size / 16)).max(1)),
            Kind::Folder(_) => 1,
        }
    }

    /// A sort key: members read in its order are read fastest.
    pub fn position(&self, member: u32) -> u64 {
        match &self.kind {
            Kind::Zip(zip) => zip.entry(member).map_or(0, |entry| entry.offset),
            Kind::Folder(_) => u64::from(member),
        }
    }

    /// A reader of members, one a thread. `timed` measures where the time goes, which costs two
    /// clock readings a member.
    pub fn reader(&self, timed: bool) -> Reader<'_> {
        let kind = match &self.kind {
            Kind::Zip(zip) => ReaderKind::Zip(Box::new(ZipReader::new(zip))),
            Kind::Folder(folder) => ReaderKind::Folder(FolderReader::new(folder)),
        };
        Reader { kind, meter: Meter::new(timed), content: self.content, json: Vec::new() }
    }

    fn names(&self) -> &NameTable {
        match &self.kind {
            Kind::Zip(zip) => zip.names(),
            Kind::Folder(folder) => folder.names(),
        }
    }
}

/// Reads members; owns the buffers and the inflate state, which are used again from member to
/// member.
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
    /// Reads the members and hands each one's inflated and checked bytes on, in the order of
    /// `members`; a damaged member does not stop the others. Fastest when sorted by
    /// [`Archive::position`].
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

    /// What this reader has read so far, and how long it took if it was asked to measure.
    pub fn times(&self) -> ReadTimes {
        self.meter.times()
    }
}

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}
