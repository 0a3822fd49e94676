//! The records of all parts of a set, counted and encoded.

use super::advice::{ENCODE_AGAIN, LEARN_AGAIN};
use super::encode::EncodedRecord;
use super::part::{CountedPart, PartCounts, missing_part};
use super::plan::{OpenPlan, PlanPart};
use crate::error::{Problem, Result};
use crate::files::manifest::Input;
use crate::progress::Progress;

/// What the records of all parts say.
pub(super) struct SetParts {
    pub encoded: Vec<EncodedRecord>,
    pub inputs: Vec<Vec<Input>>,
    /// The number of skipped images of each part.
    pub skipped: Vec<u64>,
    pub totals: PartCounts,
}

/// The most missing parts that a message names.
const NAMED_PARTS: usize = 10;

impl SetParts {
    pub fn read(plan: &OpenPlan, parts: &[PlanPart], progress: &dyn Progress) -> Result<SetParts> {
        let mut set = SetParts { encoded: Vec::new(), inputs: Vec::new(), skipped: Vec::new(), totals: PartCounts::default() };
        let mut missing: Vec<u64> = Vec::new();
        for line in parts {
            progress.stop_if_cancelled()?;
            progress.advance(1);
            let counted = CountedPart::read(&plan.out, line.part)?.ok_or_else(|| missing_part(&plan.out, line.part))?;
            if counted.sha256 != line.record {
                let problem = Problem::new(&counted.folder, "was counted again after the plan was made");
                return Err(problem.hint(LEARN_AGAIN).into());
            }
            let Some(encoded) = EncodedRecord::read(plan, line.part)? else {
                missing.push(line.part);
                continue;
            };
            if (encoded.rows, encoded.images) != (line.rows, line.lines) {
                let what = format!(
                    "has {} rows of {} images, expected {} rows of {}",
                    encoded.rows, encoded.images, line.rows, line.lines
                );
                return Err(Problem::new(plan.encoded_part(line.part), what).hint(ENCODE_AGAIN).into());
            }
            set.encoded.push(encoded);
            set.skipped.push(counted.record.counts.skipped);
            set.totals.add(counted.record.counts);
            set.inputs.push(counted.record.inputs);
        }
        if missing.is_empty() {
            return Ok(set);
        }
        let shown: Vec<String> = missing.iter().take(NAMED_PARTS).map(u64::to_string).collect();
        let more = if missing.len() > NAMED_PARTS { ", …" } else { "" };
        let what = format!("{} of {} parts are not encoded: {}{more}", missing.len(), parts.len(), shown.join(", "));
        Err(Problem::new(plan.out.join(plan.matrix_folder()), what).hint("encode them with amc-keywords shards encode").into())
    }
}
