//! The counted parts of a folder, which must fit together.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::advice::COUNT_AGAIN;
use super::part::{CountedPart, ON_ERROR, PartCounts, PartNames, PartRecord, missing_part, part_numbers};
use super::plan::PlanPart;
use crate::dataset::collection::ID_OF_MEMBERS;
use crate::error::{Problem, Result};
use crate::files::names;
use crate::progress::Progress;
use crate::run::unread_confidences;
use crate::word_store::Tally;

/// The counted parts of a folder.
pub(super) struct CountedParts {
    /// The record of the first part, whose options all parts have. Problems were skipped if they
    /// were in any part.
    pub first: PartRecord,
    pub parts: Vec<PlanPart>,
    pub folders: Vec<PathBuf>,
    pub totals: PartCounts,
    pub names: PartNames,
}

impl CountedParts {
    /// Reads all records, and checks that the parts can be combined.
    pub fn read(out: &Path, expected: Option<u64>, progress: &dyn Progress) -> Result<CountedParts> {
        let numbers = part_numbers(out)?;
        let count = expected.unwrap_or_else(|| numbers.last().map_or(0, |last| last.saturating_add(1)));
        if count == 0 {
            let problem = Problem::new(out, "there are no counted parts");
            return Err(problem.hint("count shards with amc-keywords shards count").into());
        }
        if let Some(further) = numbers.iter().find(|number| **number >= count) {
            let path = out.join(names::PARTS).join(names::part(*further));
            let problem = Problem::new(path, format!("expected only parts 0 to {}", count - 1));
            return Err(problem.hint("correct --parts, or remove the part").into());
        }
        CountedParts::of_range(out, 0..=count - 1, progress)
    }

    /// Reads the records of some parts, and checks that they can be combined.
    pub fn of_range(out: &Path, range: RangeInclusive<u64>, progress: &dyn Progress) -> Result<CountedParts> {
        let first = *range.start();
        let mut all: Option<CountedParts> = None;
        for number in range {
            progress.stop_if_cancelled()?;
            let part = CountedPart::read(out, number)?.ok_or_else(|| missing_part(out, number))?;
            let all = all.get_or_insert_with(|| CountedParts::of(&part.record));
            part.record.check(&part.folder, &all.first.options, COUNT_AGAIN)?;
            all.add(part);
        }
        all.ok_or_else(|| missing_part(out, first))
    }

    fn of(first: &PartRecord) -> CountedParts {
        CountedParts {
            first: PartRecord { inputs: Vec::new(), ..first.clone() },
            parts: Vec::new(),
            folders: Vec::new(),
            totals: PartCounts::default(),
            names: PartNames { are_numbers: true, are_in_order: true, ..PartNames::default() },
        }
    }

    fn add(&mut self, part: CountedPart) {
        let CountedPart { folder, record: PartRecord { part, counts, names, options, .. }, sha256 } = part;
        if let Some(skip) = options.get(ON_ERROR).filter(|policy| *policy == "skip") {
            self.first.options.insert(ON_ERROR.to_owned(), skip.clone());
        }
        self.parts.push(PlanPart {
            part,
            record: sha256,
            first_number: names.are_rows.then_some(self.totals.rows),
            first_id: self.totals.names,
            lines: counts.documents,
            first_line: self.totals.documents,
            ..PlanPart::default()
        });
        self.folders.push(folder);
        self.totals.add(counts);
        self.names.are_numbers &= names.are_numbers;
        self.names.has_rows |= names.has_rows;
        self.names.are_in_order &= names.are_in_order;
        self.names.have_display_names |= names.have_display_names;
        self.names.drops_letters |= names.drops_letters;
    }

    pub fn files(&self, name: &str) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).collect()
    }

    pub fn allows_duplicates(&self) -> bool {
        self.first.options.get("duplicates").and_then(Value::as_str) == Some("allow")
    }

    /// Whether the parts were counted with this option.
    pub fn is_given(&self, option: &str) -> bool {
        self.first.options.get(option).is_some_and(|value| !value.is_null())
    }

    /// A warning if keywords need a least confidence, and no part has confidences.
    pub fn warning_about_confidences(&self, set: &str) -> Option<String> {
        let PartCounts { keywords, with_confidence, .. } = self.totals;
        let tally = Tally { keywords, with_confidence, ..Tally::default() };
        unread_confidences::warning(set, self.is_given("min_confidence"), tally, "count the parts again with --confidence-field")
    }

    /// Refuses sets that a single run would refuse.
    pub fn check(&self, out: &Path, has_vocabulary: bool) -> Result<()> {
        let PartCounts { images, documents, skipped, without_field, .. } = self.totals;
        if images == 0 && !has_vocabulary {
            let problem = Problem::new(out, format!("there is no image in the {} parts", self.parts.len()));
            let hint = "an image is a member or file KEY.json, a line with a JSON object, or a row";
            return Err(problem.hint(hint).into());
        }
        if skipped > 0 && documents == 0 {
            let problem = Problem::new(out, format!("all {skipped} images were skipped, so nothing can be learned"));
            return Err(problem.hint("see skipped.jsonl in the folders of the parts").into());
        }
        if !self.names.has_rows && self.is_given("id_field") {
            return Err(Problem::new(out, ID_OF_MEMBERS).hint("count the parts again without --id-field").into());
        }
        if without_field > 0 && without_field >= documents {
            let field = self.first.options.get("keywords_field").and_then(Value::as_str).unwrap_or_default();
            let problem = Problem::new(out, format!("no record has the field '{field}'"));
            return Err(problem.hint("count the parts again with another --keywords-field").into());
        }
        Ok(())
    }
}

impl PartCounts {
    /// Adds the counts of another part.
    pub(super) fn add(&mut self, other: PartCounts) {
        for (sum, number) in [
            (&mut self.images, other.images),
            (&mut self.documents, other.documents),
            (&mut self.skipped, other.skipped),
            (&mut self.names, other.names),
            (&mut self.rows, other.rows),
            (&mut self.keywords, other.keywords),
            (&mut self.words, other.words),
            (&mut self.terms, other.terms),
            (&mut self.unsure, other.unsure),
            (&mut self.with_confidence, other.with_confidence),
            (&mut self.without_field, other.without_field),
        ] {
            *sum = sum.saturating_add(number);
        }
    }
}
