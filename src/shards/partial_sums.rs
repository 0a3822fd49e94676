//! `shards merge`: adds up the terms of some parts, so that fewer files are left for `learn`.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use count_vectorizer::UNICODE_VERSION;
use serde::{Deserialize, Serialize};

use super::counted_parts::CountedParts;
use super::merge::{MergeContext, add_up};
use super::part::{CountedPart, RECORD, TERMS, missing_part};
use super::record::{check_files, read_record, record_bytes};
use super::term::{Term, TermSource};
use super::term_file::TermWriter;
use super::terms::SUMS;
use crate::error::{Error, Problem, Result};
use crate::files::digest;
use crate::files::manifest::Tool;
use crate::files::new_folder::{FolderNaming, NewFolder, remove_abandoned};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::output_stream::OutputStream;
use crate::parallel::in_parallel;
use crate::progress::Progress;
use crate::settings::Settings;

const MERGE_AGAIN: &str = "delete the folder and merge the parts again";

/// Adds up the terms of consecutive parts. [`Learn`](super::Learn) reads the result instead of
/// these terms.
///
/// ```no_run
/// use amc_keywords::shards::{Learn, Merge};
/// use amc_keywords::{Settings, Silent};
///
/// # fn main() -> amc_keywords::Result<()> {
/// let merge = Merge { folder: "web".into(), parts: 0..=99, sums: vec![], out: "sums/0-99".into() };
/// merge.run(&Settings::default(), &Silent)?;
/// let learn = Learn { folder: "web".into(), name: "web".into(), sums: vec![merge.out], ..Learn::default() };
/// learn.run(&Settings::default(), &Silent)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Merge {
    /// The folder of the parts.
    pub folder: PathBuf,
    /// The numbers of the parts.
    pub parts: RangeInclusive<u64>,
    /// Results for some of these parts, which are read instead of their terms.
    pub sums: Vec<PathBuf>,
    /// The folder that is written.
    pub out: PathBuf,
}

/// The result of [`Merge::run`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergedParts {
    /// Whether the folder was written. It is not written if it is there already.
    pub done: bool,
    /// The number of parts.
    pub parts: u64,
    /// The number of different words.
    pub terms: u64,
}

/// `record.json` of the sums of some parts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SumsRecord {
    tool: Tool,
    unicode: String,
    /// The SHA-256 of the record of each part.
    parts: BTreeMap<u64, String>,
    terms: u64,
    files: Vec<Output>,
}

impl Merge {
    /// Adds up the terms and writes the folder. Of the settings, only those of the run have an
    /// effect.
    ///
    /// # Errors
    ///
    /// A part is missing or cannot be combined with the others, the folder contains something else,
    /// or the system refuses to read or write.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<MergedParts> {
        let Some(name) = self.out.file_name().map(|name| name.to_string_lossy()) else {
            return Err(Problem::new(&self.out, "expected the name of a new folder").into());
        };
        let parent = self.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let parts = CountedParts::of_range(&self.folder, self.parts.clone(), progress)?;
        let records: BTreeMap<u64, String> = parts.parts.iter().map(|part| (part.part, part.record.clone())).collect();
        remove_abandoned(parent, &name)?;
        if let Some(merged) = self.merged(&records)? {
            return Ok(merged);
        }
        progress.begin("adding up the words", 0);
        let mut folder = NewFolder::begin(parent, &name)?;
        let context = MergeContext { scratch: folder.scratch(), jobs: settings.jobs.get(), progress };
        let mut sums = add_up(&term_files(&parts, &self.sums, context)?, context)?;
        let mut writer = TermWriter::new(OutputStream::create(&folder, SUMS)?);
        let (mut term, mut terms) = (Term::default(), 0);
        while sums.read(&mut term)? {
            writer.write(&term).map_err(|error| writer.file().reason(error))?;
            terms += 1;
        }
        let file = writer.finish().map_err(|error| Error::Refused(error.to_string()))?.finish()?;
        let record =
            SumsRecord { tool: Tool::this(), unicode: UNICODE_VERSION.to_owned(), parts: records, terms, files: vec![file] };
        write_whole(&folder, RECORD, &record_bytes(&record))?;
        let naming = folder.commit(progress)?;
        progress.end();
        match naming {
            FolderNaming::Done => Ok(MergedParts { done: true, parts: record.parts.len() as u64, terms }),
            FolderNaming::Taken => self.merged(&record.parts)?.ok_or_else(|| self.is_taken()),
        }
    }

    /// The result of an earlier run. `None` if the folder is not there or empty.
    fn merged(&self, parts: &BTreeMap<u64, String>) -> Result<Option<MergedParts>> {
        if !self.out.join(RECORD).exists() {
            let is_empty = fs::read_dir(&self.out).map_or(!self.out.exists(), |mut entries| entries.next().is_none());
            return if is_empty { Ok(None) } else { Err(self.is_taken()) };
        }
        let record = SumsRecord::read(&self.out)?;
        match record.parts == *parts {
            true => Ok(Some(MergedParts { done: false, parts: parts.len() as u64, terms: record.terms })),
            false => Err(Problem::new(&self.out, "has the sums of other parts").hint(MERGE_AGAIN).into()),
        }
    }

    fn is_taken(&self) -> Error {
        Problem::new(&self.out, "is there already, and has no sums").hint("choose another folder with --out").into()
    }
}

impl SumsRecord {
    fn read(folder: &Path) -> Result<SumsRecord> {
        let path = folder.join(RECORD);
        let (record, _) = read_record::<SumsRecord>(&path, MERGE_AGAIN)?;
        if record.tool != Tool::this() || record.unicode != UNICODE_VERSION {
            let (found, this) = (&record.tool.version, Tool::this().version);
            let what = format!("was merged by amc-keywords {found}, and this is {this}");
            return Err(Problem::new(folder, what).hint(MERGE_AGAIN).into());
        }
        check_files(&record.files, folder, &path, MERGE_AGAIN)?;
        Ok(record)
    }
}

/// The files with the terms of all parts: sums of some of them, and the terms of the others. Their
/// checksums are checked.
///
/// # Errors
///
/// A file is missing or damaged, a part is in two sums, or it was counted again after it was merged.
pub(super) fn term_files(parts: &CountedParts, sums: &[PathBuf], context: MergeContext<'_>) -> Result<Vec<PathBuf>> {
    let numbered = parts.parts.iter().zip(&parts.folders);
    let mut left: BTreeMap<u64, (&str, &Path)> =
        numbered.map(|(part, folder)| (part.part, (part.record.as_str(), folder.as_path()))).collect();
    let mut files = Vec::new();
    for folder in sums {
        let record = SumsRecord::read(folder)?;
        let file = folder.join(SUMS);
        let sha256 = digest::of_file(&file, context.progress)?.sha256;
        if !record.files.iter().any(|listed| listed.name == SUMS && listed.sha256 == sha256) {
            return Err(Problem::new(file, format!("its checksum differs from {RECORD}")).hint(MERGE_AGAIN).into());
        }
        for (number, sha256) in &record.parts {
            let what = match left.remove(number) {
                Some((found, _)) if found == sha256 => continue,
                Some(_) => format!("part {number} was counted again after it was merged"),
                None => format!("part {number} is in other sums too, or is not one of the parts"),
            };
            return Err(Problem::new(folder, what).hint("merge the parts again, each of them once").into());
        }
        files.push(file);
    }
    let left: Vec<(u64, &Path)> = left.into_iter().map(|(number, (_, folder))| (number, folder)).collect();
    let check = |&(number, folder): &(u64, &Path)| check_terms(number, folder, context.progress);
    files.extend(in_parallel(&left, context.jobs, check).into_iter().collect::<Result<Vec<_>>>()?);
    Ok(files)
}

/// Checks the content of the terms of a part, and returns their path.
fn check_terms(number: u64, folder: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    let out = folder.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let part = CountedPart::read(out, number)?.ok_or_else(|| missing_part(out, number))?;
    part.check_file(TERMS, progress)?;
    Ok(part.path(TERMS))
}
