//! Anybody's keywords: zips, tars, folders, lines and tables that together are one set.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::fields::RecordFields;
use super::listed::Listed;
use super::{Found, Gathering, Image, InputFile, Key, Rules, Split, Stream, open_archive, stem};
use crate::error::{Error, Result};
use keyword_files::archive::{Archive, is_image_member};
use crate::inputs::id_map::IdMap;
use crate::inputs::list_file::ListFile;
use keyword_files::source::{Source, file_name};
use crate::input_kind::InputKind;
use crate::problems::ProblemList;

/// The files of a set.
pub(crate) struct Files<'a> {
    pub keywords: &'a [PathBuf],
    pub list: Option<&'a Path>,
    pub id_map: Option<&'a Path>,
}

/// Opens the files and finds the images of those that can be read at any place; the others tell theirs while they are read.
pub(crate) fn open(name: &str, files: &Files<'_>, fields: RecordFields, rules: Rules<'_>) -> Result<Split> {
    let others = [(InputKind::List, files.list), (InputKind::IdMap, files.id_map)];
    let others: Vec<InputFile> = others.into_iter().filter_map(|(kind, path)| Some(input(kind, path?))).collect();
    others.iter().for_each(rules.hear);
    let list = files.list.map(|path| ListFile::read(path).and_then(Listed::new)).transpose()?;
    let map = files
        .id_map
        .map(|path| Ok::<_, Error>((IdMap::read_json_or_pickle(path, rules.progress)?, file_name(path))))
        .transpose()?;
    let gathering = Gathering { list, map, duplicates: rules.duplicates, found: Mutex::default() };
    let mut opening = Opening { gathering, archives: Vec::new(), images: Vec::new(), streams: Vec::new() };
    let mut inputs = Vec::new();
    for (place, path) in (0..).zip(files.keywords) {
        let source = Source::at(path)?;
        let file = input(InputKind::from(&source), path);
        (rules.hear)(&file);
        match source {
            Source::Records(file) => opening.streams.push(Stream { file, input: place }),
            _ => opening.add_archive(open_archive(&file, rules)?, place)?,
        }
        inputs.push(file);
    }
    inputs.extend(others);
    let Opening { gathering, archives, images, streams } = opening;
    let mut split = Split {
        name: name.to_owned(),
        archives,
        images,
        streams,
        gathering: Some(gathering),
        fields,
        names: None,
        made_ids: None,
        first_records: Vec::new(),
        problems: ProblemList::new(rules.on_error),
        notes: Vec::new(),
        inputs,
    };
    if split.streams.is_empty() {
        split.settle()?;
    }
    Ok(split)
}

struct Opening {
    gathering: Gathering,
    archives: Vec<Archive>,
    images: Vec<Image>,
    streams: Vec<Stream>,
}

impl Opening {
    /// Adds the wanted members of an archive in the order of their names.
    fn add_archive(&mut self, mut archive: Archive, input: u32) -> Result<()> {
        archive.forget_names();
        let mut members: Vec<u32> =
            (0..archive.len() as u32).filter(|&member| is_image_member(&archive.name_bytes(member))).collect();
        members.sort_unstable_by(|&a, &b| archive.compare_names(a, b));
        let Opening { gathering, archives, images, .. } = self;
        let mut found = Found::default();
        let at = archives.len() as u32;
        for (number, member) in (0..).zip(members) {
            let name = archive.name(member);
            let is_read = gathering.has_id(stem(&name));
            gathering.each_place(stem(&name), |listed| {
                images.push(Image { id: 0, member: if is_read { member } else { Image::NO_MEMBER }, archive: at });
                found.push(Key { listed, input, number }, &name)
            })?;
        }
        gathering.found.get_mut().unwrap_or_else(PoisonError::into_inner).append(&found)?;
        archives.push(archive);
        Ok(())
    }
}

fn input(kind: InputKind, path: &Path) -> InputFile {
    InputFile { kind, path: path.to_path_buf(), name: file_name(path) }
}
