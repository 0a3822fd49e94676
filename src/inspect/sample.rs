//! The first records of an input.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyword_files::archive::{Archive, Limits};
use keyword_files::json::JsonTree;
use keyword_files::records::member_choice::MemberChoice;
use keyword_files::records::{Format, MemberNames, Packing, ReadOptions, RecordFile, Records};
use keyword_files::source::{self, Source};

use super::encoding::Decoded;
use crate::error::{Problem, Result};

/// Records of which the fields are looked at.
const MOST_RECORDS: usize = 1000;
/// Bytes of records that are read. Of smaller files, the number of records is known.
const MOST_BYTES: usize = 16 << 20;
/// Members that are read at once.
const MEMBERS: usize = 50;

/// The first records of an input.
pub(crate) struct InputSample {
    pub format: &'static str,
    pub reason: String,
    pub packing: Packing,
    pub records: Vec<SampledRecord>,
    /// The number of all records, if it is known.
    pub count: Option<u64>,
    /// Whether `records` are all of them.
    pub is_complete: bool,
    /// Whether images are named by members or by keys.
    pub has_names: bool,
    /// Whether two members have the same name without their folders.
    pub has_repeated_names: bool,
    /// Whether members are texts in another encoding than UTF-8.
    pub has_other_encoding: bool,
    /// Whether each record holds the values of one field, and not those of one image.
    pub is_by_column: bool,
    /// The first problem with a record.
    pub problem: Option<Problem>,
}

/// One record.
pub(crate) struct SampledRecord {
    /// The name of the image, if it does not come from a field.
    pub name: Option<String>,
    /// The number of its line or row, which is its name if it has no other.
    pub number: u64,
    pub text: Vec<u8>,
    pub tree: JsonTree,
}

impl InputSample {
    /// Reads the start of the input at `path`. Of a table, it reads the columns with these keys, or
    /// all columns if there are no keys.
    pub fn read(path: &Path, options: &Arc<ReadOptions>, keys: &[&str]) -> Result<InputSample> {
        match source::shards(path, options)? {
            Some(shards) => InputSample::of_shards(path, &shards, options, keys),
            None => InputSample::of_file(path, options, keys),
        }
    }

    fn of_shards(folder: &Path, shards: &[PathBuf], options: &Arc<ReadOptions>, keys: &[&str]) -> Result<InputSample> {
        let mut whole: Option<InputSample> = None;
        for path in shards {
            let next = InputSample::of_file(path, options, keys)?;
            match &mut whole {
                None => whole = Some(next),
                Some(whole) => whole.append(next),
            }
            if whole.as_ref().is_some_and(|whole| !whole.is_complete) {
                break;
            }
        }
        let mut whole = whole.ok_or_else(|| Problem::new("", "there is no input"))?;
        // The commands that convert members do not find them in the archives of a folder.
        if std::mem::take(&mut whole.has_other_encoding) {
            whole
                .problem
                .get_or_insert_with(|| Problem::new(folder, "contains members that are not UTF-8").hint("save them as UTF-8"));
        }
        whole.reason = match shards.len() {
            1 => "It is a folder with a file of this format.".to_owned(),
            files => format!("It is a folder of {files} files of this format."),
        };
        Ok(whole)
    }

    fn append(&mut self, next: InputSample) {
        self.count = self.count.zip(next.count).map(|(a, b)| a + b);
        self.is_complete &= next.is_complete;
        self.has_repeated_names |= next.has_repeated_names;
        self.has_other_encoding |= next.has_other_encoding;
        self.problem = self.problem.take().or(next.problem);
        let room = MOST_RECORDS.saturating_sub(self.records.len());
        self.is_complete &= next.records.len() <= room;
        self.records.extend(next.records.into_iter().take(room));
    }

    fn of_file(path: &Path, options: &Arc<ReadOptions>, keys: &[&str]) -> Result<InputSample> {
        let detected = source::detect(path, options)?;
        let sample = match &detected.source {
            Source::Records(file) => InputSample::of_records(file, options, keys),
            Source::Zip => {
                let archive = Archive::open_zip(path, Limits::default())?;
                Ok(InputSample::of_archive(archive, "zip", options))
            }
            Source::Folder => {
                let archive = Archive::open_folder(path, Limits::default(), &|| false)?;
                Ok(InputSample::of_archive(archive, "folder", options))
            }
        }?;
        Ok(InputSample { reason: detected.reason, packing: detected.packing, ..sample })
    }

    fn of_records(file: &RecordFile, options: &ReadOptions, keys: &[&str]) -> Result<InputSample> {
        let mut sample = InputSample::new(match file.format() {
            Format::Tar => "tar",
            Format::Lines => "jsonl",
            Format::Json => "json",
            Format::Coco => "coco",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Parquet => "parquet",
        });
        let (mut bytes, mut count) = (0, 0);
        let mut is_cut = false;
        let mut take = |records: Records| {
            for record in records.iter() {
                let is_blank = record.text.is_ok_and(|text| text.trim_ascii().is_empty());
                if is_blank && record.name.is_none() {
                    continue;
                }
                count += 1;
                bytes += record.text.map_or(0, <[u8]>::len);
                let name = record.name.map(|name| file.image_name(name).to_owned());
                let problem = |what: &'static str| file.problem(&record, what, None);
                sample.add(name, record.position.number, record.text, problem);
            }
            is_cut = bytes > MOST_BYTES;
            !is_cut
        };
        file.read(Limits::default(), keys, &mut take)?;
        sample.count = file.claimed_records().or((!is_cut).then_some(count));
        sample.is_complete = !is_cut && count == sample.records.len() as u64;
        sample.has_names = sample.records.first().is_some_and(|record| record.name.is_some());
        let names = sample.records.iter().filter_map(|record| record.name.as_deref());
        let is_member = file.has_members() && options.names == MemberNames::Key;
        sample.has_repeated_names = is_member && has_repeated(names);
        Ok(sample)
    }

    fn of_archive(mut archive: Archive, format: &'static str, options: &ReadOptions) -> InputSample {
        let choice = MemberChoice::new(options);
        let mut sample = InputSample::new(format);
        let members = archive.choose_members(&choice).members;
        let name = |member: u32| archive.image_name(&archive.name(member), &choice).to_owned();
        let names = members.iter().map(|&member| name(member));
        sample.has_repeated_names = options.names == MemberNames::Key && has_repeated(names);
        sample.has_names = true;
        sample.count = Some(members.len() as u64);
        let mut reader = archive.reader(false);
        let mut bytes = 0;
        for chunk in members.get(..MOST_RECORDS).unwrap_or(&members).chunks(MEMBERS) {
            reader.read_each(chunk, &mut |at, text| {
                let name = chunk.get(at).map(|&member| name(member));
                bytes += text.as_ref().map_or(0, |text| text.len());
                let member = name.clone().unwrap_or_default();
                let problem = |what: &'static str| Problem::new(archive.path(), what).in_member(member);
                sample.add(name, 0, text.as_ref().copied(), problem);
            });
            if bytes > MOST_BYTES {
                break;
            }
        }
        sample.is_complete = sample.records.len() == members.len();
        sample
    }

    fn new(format: &'static str) -> InputSample {
        InputSample {
            format,
            reason: String::new(),
            packing: Packing::None,
            records: Vec::new(),
            count: None,
            is_complete: false,
            has_names: false,
            has_repeated_names: false,
            has_other_encoding: false,
            is_by_column: false,
            problem: None,
        }
    }

    /// Adds a record. `problem` makes the problem with a text that is not JSON.
    fn add(
        &mut self,
        name: Option<String>,
        number: u64,
        text: std::result::Result<&[u8], &Problem>,
        problem: impl FnOnce(&'static str) -> Problem,
    ) {
        if self.records.len() >= MOST_RECORDS {
            return;
        }
        match text.map(|text| (text, JsonTree::of(text))) {
            Ok((text, Some(tree))) => self.records.push(SampledRecord { name, number, text: text.to_vec(), tree }),
            Ok((text, None)) if text.trim_ascii().is_empty() => {
                self.problem.get_or_insert_with(|| problem("the file is empty"));
            }
            Ok((text, None)) if std::str::from_utf8(text).is_err() => match self.decoded(text) {
                Some(text) => {
                    self.has_other_encoding = true;
                    let tree = JsonTree::of(text.as_bytes());
                    self.records.extend(tree.map(|tree| SampledRecord { name, number, text: text.into_bytes(), tree }));
                }
                None => {
                    let problem = || problem("not UTF-8").hint_or_skip("save the file as UTF-8");
                    self.problem.get_or_insert_with(problem);
                }
            },
            Ok(_) => drop(self.problem.get_or_insert_with(|| problem("not JSON"))),
            Err(problem) => drop(self.problem.get_or_insert_with(|| problem.clone())),
        }
    }

    /// Whether each image is a member of an archive or a folder.
    pub fn has_members(&self) -> bool {
        matches!(self.format, "zip" | "folder" | "tar")
    }

    /// The text of a member that has another encoding than UTF-8.
    fn decoded(&self, text: &[u8]) -> Option<String> {
        Decoded::of_member(text).filter(|_| self.has_members())
    }
}

fn has_repeated(names: impl Iterator<Item = impl Into<String>>) -> bool {
    let mut seen = HashSet::new();
    names.map(Into::into).any(|name: String| !seen.insert(name))
}

/// The endings of the members of a zip, tar or folder that holds neither `.json` nor `.txt`, the
/// most frequent one first.
pub(crate) fn member_endings(path: &Path, options: &Arc<ReadOptions>) -> Vec<String> {
    // Every name ends with nothing, so all members are read.
    let all = Arc::new(ReadOptions { member: Some(String::new()), ..(**options).clone() });
    let Ok(sample) = InputSample::of_file(path, &all, &[]) else { return Vec::new() };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for record in &sample.records {
        let name = record.name.as_deref().unwrap_or_default();
        if let Some(ending) = ending_of(name).filter(|ending| !OTHER_CONTENT.contains(&&**ending)) {
            *counts.entry(ending).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(a, many), (b, more)| more.cmp(many).then(a.cmp(b)));
    counts.into_iter().map(|(ending, _)| ending).collect()
}

/// The endings of files that hold no keywords, or those of many images.
const OTHER_CONTENT: [&str; 29] = [
    ".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif",
    ".heic", ".npy", ".npz", ".pt", ".mp4", ".wav", ".mp3", ".md", ".html", ".py", ".svg", ".xml", ".xmp", ".yaml", ".yml",
];

fn ending_of(name: &str) -> Option<String> {
    let file = name.rsplit('/').next()?;
    let dot = file.rfind('.').filter(|&dot| dot > 0)?;
    let ending = file.get(dot..)?;
    (ending.len() > 1).then(|| ending.to_lowercase())
}
