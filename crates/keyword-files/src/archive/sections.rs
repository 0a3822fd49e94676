//! The members of an archive that hold keywords, section by section, so that an archive of any
//! number of members takes little memory.

use std::hash::BuildHasher;
use std::path::Path;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;

use super::folder::FolderFiles;
use super::member::Limits;
use super::zip::{ZipArchive, ZipDirectory};
use super::{Archive, ArchiveKind, ChosenMembers, MemberContent};
use crate::error::Result;
use crate::records::member_choice::{MemberChoice, MemberRank};

/// Members that are read together have at most about this many packed bytes. They are few enough that
/// all threads have work until the end.
pub const SECTION_BYTES: u64 = 256 << 10;
/// The most members that are read together.
pub const SECTION_MEMBERS: usize = 4096;

/// The members of a zip or a folder that hold keywords.
pub struct MemberSections {
    choice: MemberChoice,
    kind: SectionsKind,
    content: MemberContent,
    count: u64,
    ignored: u64,
    bytes: u64,
}

enum SectionsKind {
    /// A zip whose directory is read again for each use. Its members are in the order of the file.
    Directory { directory: Arc<ZipDirectory>, rank: Option<MemberRank> },
    /// All members are listed, in the order in which they are read.
    Listed { archive: Arc<Archive>, members: Vec<u32> },
}

/// Some members that are read together.
pub struct Section {
    /// The archive with these members and possibly others.
    pub archive: Arc<Archive>,
    /// The numbers of these members in the archive.
    pub members: Vec<u32>,
    /// The number of members in the sections before.
    pub first: u64,
}

impl MemberSections {
    /// Reads the directory of a zip. If it is not in the order of the file, or seems to list a name
    /// twice, all members are listed in memory and checked.
    ///
    /// # Errors
    ///
    /// The zip cannot be read, or is damaged.
    pub fn of_zip(path: &Path, limits: Limits, choice: MemberChoice) -> Result<Self> {
        let directory = Arc::new(ZipDirectory::open(path, limits)?);
        let mut survey = Survey::default();
        ZipArchive::read_sections(&directory, &is_full, &mut |section| {
            survey.add(section, &choice);
            !survey.is_disordered
        })?;
        if survey.is_disordered || survey.may_repeat() {
            return Ok(Self::listed(Archive::open_zip(path, limits)?, choice));
        }
        let Chosen { rank, count, ignored, bytes, is_text } = survey.chosen;
        let kind = SectionsKind::Directory { directory, rank };
        Ok(MemberSections { choice, kind, content: MemberContent::of_members(is_text), count, ignored, bytes })
    }

    /// Lists a folder, sorted by the bytes of the names of its files.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn of_folder(path: &Path, limits: Limits, choice: MemberChoice, is_cancelled: &dyn Fn() -> bool) -> Result<Self> {
        Ok(Self::listed(Archive::open_folder(path, limits, is_cancelled)?, choice))
    }

    fn listed(mut archive: Archive, choice: MemberChoice) -> Self {
        archive.forget_names();
        let ChosenMembers { members, ignored } = archive.choose_members(&choice);
        let bytes = members.iter().map(|&member| archive.claimed_size(member)).sum();
        let (content, count) = (archive.content, members.len() as u64);
        let kind = SectionsKind::Listed { archive: Arc::new(archive), members };
        MemberSections { choice, kind, content, count, ignored, bytes }
    }

    /// The path of the archive.
    pub fn path(&self) -> &Path {
        match &self.kind {
            SectionsKind::Directory { directory, .. } => directory.path(),
            SectionsKind::Listed { archive, .. } => archive.path(),
        }
    }

    /// Whether the archive is a zip.
    pub fn is_zip(&self) -> bool {
        match &self.kind {
            SectionsKind::Directory { .. } => true,
            SectionsKind::Listed { archive, .. } => archive.is_zip(),
        }
    }

    /// The number of members.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The number of text members that are ignored because there are JSON members.
    pub fn ignored_texts(&self) -> u64 {
        self.ignored
    }

    /// The size of all members in the directory of a zip. It is 0 for a folder.
    pub fn claimed_size(&self) -> u64 {
        self.bytes
    }

    /// The files of a folder. A zip has none.
    pub fn files_of_folder(&self) -> Option<FolderFiles> {
        match &self.kind {
            SectionsKind::Directory { .. } => None,
            SectionsKind::Listed { archive, .. } => archive.files_of_folder(),
        }
    }

    /// The name of an image, given that of its member.
    pub fn image_name<'n>(&self, section: &Section, member: &'n str) -> &'n str {
        section.archive.image_name(member, &self.choice)
    }

    /// Hands the sections to `take` in the order in which they are read fastest, until it returns
    /// `false`.
    ///
    /// # Errors
    ///
    /// The zip cannot be read.
    pub fn read(&self, take: &mut dyn FnMut(Section) -> bool) -> Result<()> {
        let mut first = 0;
        match &self.kind {
            SectionsKind::Directory { directory, rank } => ZipArchive::read_sections(directory, &is_full, &mut |section| {
                let archive = Archive { kind: ArchiveKind::Zip(section), content: self.content };
                let is_chosen = |&member: &u32| rank.is_some() && self.choice.rank(&archive.name_bytes(member)) == *rank;
                let members: Vec<u32> = (0..archive.len() as u32).filter(is_chosen).collect();
                let count = members.len() as u64;
                let is_wanted = members.is_empty() || take(Section { archive: Arc::new(archive), members, first });
                first += count;
                is_wanted
            }),
            SectionsKind::Listed { archive, members } => {
                let mut rest = members.as_slice();
                while !rest.is_empty() {
                    let (members, others) = rest.split_at_checked(first_section(archive, rest)).unwrap_or((rest, &[]));
                    if !take(Section { archive: Arc::clone(archive), members: members.to_vec(), first }) {
                        break;
                    }
                    first += members.len() as u64;
                    rest = others;
                }
                Ok(())
            }
        }
    }
}

fn is_full(section: &ZipArchive) -> bool {
    section.work() >= SECTION_BYTES || section.len() >= SECTION_MEMBERS
}

/// The number of the first members that are one section.
fn first_section(archive: &Archive, members: &[u32]) -> usize {
    let mut bytes = 0;
    let is_before_end = |&&member: &&u32| {
        let has_room = bytes < SECTION_BYTES;
        bytes += archive.packed_size(member);
        has_room
    };
    members.iter().take(SECTION_MEMBERS).take_while(is_before_end).count()
}

/// What the directory of a zip contains.
#[derive(Default)]
struct Survey {
    hasher: DefaultHashBuilder,
    /// The hashes of all names.
    hashes: Vec<u64>,
    /// The end of the last member in the file.
    end: u64,
    /// Whether the members do not follow each other in the file.
    is_disordered: bool,
    chosen: Chosen,
}

/// The members of the best rank.
#[derive(Default)]
struct Chosen {
    rank: Option<MemberRank>,
    count: u64,
    /// The number of members of a lower rank.
    ignored: u64,
    bytes: u64,
    is_text: bool,
}

impl Survey {
    fn add(&mut self, section: ZipArchive, choice: &MemberChoice) {
        self.is_disordered |= !section.follows(&mut self.end);
        let archive = Archive { kind: ArchiveKind::Zip(section), content: MemberContent::Json };
        for member in 0..archive.len() as u32 {
            let name = archive.name_bytes(member);
            self.hashes.push(self.hasher.hash_one(&name));
            let rank = choice.rank(&name);
            if rank > self.chosen.rank {
                // All members of a rank have one ending.
                let ignored = self.chosen.ignored + self.chosen.count;
                self.chosen = Chosen { rank, ignored, is_text: choice.is_text(&archive.name(member)), ..Chosen::default() };
            }
            if rank.is_some() && rank == self.chosen.rank {
                self.chosen.count += 1;
                self.chosen.bytes += archive.claimed_size(member);
            } else if rank.is_some() {
                self.chosen.ignored += 1;
            }
        }
    }

    /// Whether two names have the same hash.
    fn may_repeat(&mut self) -> bool {
        self.hashes.sort_unstable();
        self.hashes.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::ReadOptions;
    use crate::test_zips::TestZip;

    /// The number, name and content of a member.
    type Found = (u64, String, Vec<u8>);

    /// The members of a zip, and the number of sections.
    fn read(zip: &TestZip) -> Result<(Vec<Found>, usize), String> {
        let file = zip.file();
        let choice = MemberChoice::new(&ReadOptions::default());
        let sections = MemberSections::of_zip(&file.path, Limits::default(), choice).map_err(|error| error.to_string())?;
        let (mut found, mut count) = (Vec::new(), 0);
        let mut take = |section: Section| {
            count += 1;
            section.archive.reader(false).read_each(&section.members, &mut |i, bytes| {
                let name = section.archive.name(section.members[i]);
                let name = sections.image_name(&section, &name).to_owned();
                found.push((section.first + i as u64, name, bytes.unwrap().to_vec()));
            });
            true
        };
        sections.read(&mut take).unwrap();
        assert_eq!(found.len() as u64, sections.count());
        Ok((found, count))
    }

    #[test]
    fn only_members_of_the_best_rank_are_read_and_numbered() {
        let zip = TestZip::of(&[("a.txt", b"x"), ("k/b.json", b"1"), ("c.jpg", b"x"), ("d.json", b"2")]);
        let expected = vec![(0, "b".to_owned(), b"1".to_vec()), (1, "d".to_owned(), b"2".to_vec())];
        assert_eq!(read(&zip), Ok((expected, 1)));
        assert_eq!(read(&TestZip::of(&[])), Ok((Vec::new(), 0)));
    }

    #[test]
    fn many_members_are_in_several_sections() {
        let names: Vec<String> = (0..SECTION_MEMBERS + 1).map(|number| format!("{number:05}.json")).collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"[]"[..])).collect();
        let (found, sections) = read(&TestZip::of(&members)).unwrap();
        assert_eq!((found.len(), sections), (SECTION_MEMBERS + 1, 2));
        assert!(found.iter().zip(0..).all(|((number, name, _), place)| *number == place && *name == format!("{place:05}")));
    }

    #[test]
    fn a_name_that_occurs_twice_is_refused() {
        let zip = TestZip::of(&[("a1.json", b"1"), ("a2.json", b"2")]).renamed(b"a2.json", b"a1.json");
        let refused = read(&zip).unwrap_err();
        assert!(refused.contains("'a1.json': occurs twice in the archive"), "{refused}");
    }
}
