//! `shards encode`: writes the matrix of one part according to the plan.

use std::path::PathBuf;

use keyword_files::npy::header::Dtype;
use serde::{Deserialize, Serialize};

use super::advice::{ENCODE_AGAIN, LEARN_AGAIN};
use super::loaded_part::Loading;
use super::part::RECORD;
use super::plan::{OpenPlan, PARTS, PlanPart};
use super::record::{check_files, read_lines, read_record, record_bytes};
use crate::error::{Problem, Result};
use crate::files::array_file::ArrayFile;
use crate::files::names;
use crate::files::new_folder::{FolderNaming, NewFolder};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::forms::{Extent, FormContext, write_matrix};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::times::Stopwatch;
use keyword_files::npy::array::write_numbers;

/// The runs of rows of the images of a part, from which the ranges of the set are made.
pub(super) const RUNS: &str = "runs.npy";

/// The only format of records so far.
const FORMAT: u64 = 1;

/// Encodes a part.
///
/// See [the module](crate::shards) for an example.
#[derive(Debug, Clone, Default)]
pub struct Encode {
    /// The folder of the parts.
    pub folder: PathBuf,
    /// The number of the part.
    pub part: u64,
    /// The name of the set. The only plan in the folder is used if it is not given.
    pub name: Option<String>,
}

/// The result of [`Encode::run`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedPart {
    /// The folder of the encoded part.
    pub folder: PathBuf,
    /// Whether the part was written. It is not written if it is there already.
    pub done: bool,
    /// The number of encoded images.
    pub images: u64,
    /// The number of rows of pairs.
    pub rows: u64,
    /// Facts that a reader should know, such as images whose words were cut off.
    pub notes: Vec<String>,
}

/// `record.json` of an encoded part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EncodedRecord {
    format: u64,
    pub part: u64,
    /// The hash of the plan.
    pub plan: String,
    pub images: u64,
    pub images_without_a_word: u64,
    pub rows: u64,
    pub outputs: Vec<Output>,
}

impl EncodedRecord {
    /// Reads the record of a part, or returns `None` if the part is not complete.
    ///
    /// # Errors
    ///
    /// The record cannot be read or is damaged, or a file of the part has another size.
    pub fn read(plan: &OpenPlan, part: u64) -> Result<Option<EncodedRecord>> {
        let folder = plan.encoded_part(part);
        let path = folder.join(RECORD);
        if !path.exists() {
            return Ok(None);
        }
        let (record, _) = read_record::<EncodedRecord>(&path, ENCODE_AGAIN)?;
        if record.format != FORMAT || record.part != part || record.plan != plan.plan.hash {
            let what = format!("expected the record of part {part} in format {FORMAT}");
            return Err(Problem::new(path, what).hint(ENCODE_AGAIN).into());
        }
        check_files(&record.outputs, &folder, &path, ENCODE_AGAIN)?;
        Ok(Some(record))
    }
}

impl Encode {
    /// Writes the folder of the encoded part. Of the settings, only those of the run have an effect.
    ///
    /// # Errors
    ///
    /// There is no plan, the part is not in the plan or was counted again since, or the system
    /// refuses to read or write.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<EncodedPart> {
        let plan = OpenPlan::read(&self.folder, self.name.as_deref())?;
        let line = plan_part(&plan, self.part)?;
        if let Some(record) = EncodedRecord::read(&plan, self.part)? {
            return Ok(encoded_part(&plan, &record, false, Vec::new()));
        }
        let parent = self.folder.join(plan.matrix_folder());
        let mut folder = NewFolder::begin(&parent, &names::part(self.part))?;
        let (record, notes) = write_part(&plan, &line, &folder, settings, progress)?;
        write_whole(&folder, RECORD, &record_bytes(&record))?;
        let is_complete = || Ok(EncodedRecord::read(&plan, self.part)?.is_some());
        let naming = folder.commit_over_incomplete(is_complete, progress)?;
        Ok(encoded_part(&plan, &record, naming == FolderNaming::Done, notes))
    }
}

fn encoded_part(plan: &OpenPlan, record: &EncodedRecord, done: bool, notes: Vec<String>) -> EncodedPart {
    let EncodedRecord { part, images, rows, .. } = *record;
    EncodedPart { folder: plan.encoded_part(part), done, images, rows, notes }
}

/// The line of a part in the plan.
fn plan_part(plan: &OpenPlan, part: u64) -> Result<PlanPart> {
    let lines: Vec<PlanPart> = read_lines(&plan.path(PARTS), LEARN_AGAIN)?;
    let count = lines.len();
    lines.into_iter().find(|line| line.part == part).ok_or_else(|| {
        let path = plan.out.join(names::plan(&plan.plan.name));
        let what = format!("there is no part {part} (the plan has {count} parts, from 0)");
        Problem::new(path, what).hint("correct --part, or run amc-keywords shards learn again").into()
    })
}

fn write_part(
    plan: &OpenPlan,
    line: &PlanPart,
    folder: &NewFolder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(EncodedRecord, Vec<String>)> {
    progress.begin(&format!("reading part {}", line.part), 0);
    let loaded = Loading { plan, scratch: folder.scratch(), progress }.load(line)?;
    progress.end();
    let (layout, emit) = (plan.plan.forms.layout(), plan.plan.forms.emit());
    let names = plan.names();
    let content = loaded.content(&names);
    emit.check_ids(layout, &content)?;
    let context =
        FormContext { files: folder, dtype: emit.dtype, jobs: settings.jobs.get(), progress, stopwatch: Stopwatch::default() };
    let report = write_matrix(&content, layout, &emit, Extent::Part, context)?;
    let mut outputs = report.outputs;
    if let Some(ranges) = &report.counts.ranges {
        let runs: Vec<i64> = ranges.runs().flatten().map(|number| number as i64).collect();
        let mut file = ArrayFile::create(folder, RUNS, Dtype::Int64, &[runs.len() as u64 / 3, 3])?;
        write_numbers(runs, Dtype::Int64, |block| file.write_block(block))?;
        outputs.push(file.finish()?.output);
    }
    let record = EncodedRecord {
        format: FORMAT,
        part: line.part,
        plan: plan.plan.hash.clone(),
        images: report.counts.images,
        images_without_a_word: report.counts.images_without_a_word,
        rows: report.counts.rows,
        outputs,
    };
    Ok((record, report.notes))
}
