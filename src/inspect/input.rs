//! An input of `inspect` and what its start shows.

use std::path::{Path, PathBuf};

use keyword_files::records::{InputFormat, Packing, ReadOptions};
use keyword_files::shell::quoted;
use keyword_files::source;

use super::candidates::{key_of, path_option};
use super::encoding::Conversion;
use super::field_values::FieldTable;
use super::first_records::{FirstRecords, cut};
use super::inspection::{FieldRole, InspectedField, InspectedInput};
use super::read_sample::ReadSample;
use super::reading::read_sample;
use super::release::Release;
use super::sample::InputSample;
use super::stream::InputCopy;
use super::suggestion::{Suggestion, have_own_keys};
use crate::error::Result;
use crate::report::numbers::grouped;

const BY_COLUMN: &str = "It holds columns rather than records. Write a record for each image, for example with pandas: \
                         table.to_json('tags.jsonl', orient='records', lines=True).";
const COLUMN_PER_KEYWORD: &str =
    "Each column of 0 and 1 looks like a keyword. docs/recipes.md shows how to convert such a table.";

const OWN_KEYS: &str = "Each record has a key of its own. If it names the image, write one JSON object with all of these keys.";

const NO_MEMBERS: &str = "It contains no .json and no .txt file. If it contains tables or JSON Lines, unpack them and give them \
                          to inspect. Otherwise convert the files with the keywords to JSON, text or CSV.";

/// An input and its sample.
pub(super) struct SampledInput {
    pub path: PathBuf,
    pub read: ReadSample,
    pub is_stream: bool,
    /// How it becomes UTF-8, if it is not.
    conversion: Option<Conversion>,
    pub release: Option<Release>,
}

impl SampledInput {
    pub fn read(path: &Path, options: &ReadOptions) -> Result<SampledInput> {
        let copy = InputCopy::of(path)?;
        if copy.is_stream() {
            let detected = source::detect(copy.path(), &options.clone().into()).map_err(|error| copy.error(error.into()))?;
            if let Some(problem) = detected.source.problem_with_stream(path) {
                return Err(problem.into());
            }
        }
        let mut read = read_sample(copy.path(), options).map_err(|error| copy.error(error))?;
        read.sample.problem = read.sample.problem.map(|problem| copy.problem(problem));
        let of_file = copy.encoding.map(|encoding| Conversion::of_file(path, encoding));
        let of_members = read.sample.has_other_encoding.then(|| {
            if read.options.format != InputFormat::Auto {
                read.options.format = InputFormat::Folder;
            }
            let endings = read.options.member.as_deref().map_or(vec![".json", ".txt"], |ending| vec![ending]);
            Conversion::of_members(path, read.sample.format, &endings)
        });
        let (conversion, release) = (of_file.or(of_members), Release::of(path));
        Ok(SampledInput { path: path.to_path_buf(), is_stream: copy.is_stream(), conversion, release, read })
    }

    /// The file that `encode` can read.
    pub fn path_to_encode(&self) -> PathBuf {
        self.conversion.as_ref().map_or(&self.path, |conversion| &conversion.result).clone()
    }

    pub fn as_labels(&self) -> InspectedInput {
        let reason = "Its first column contains the keywords of another input.".to_owned();
        InspectedInput {
            format: "labels".to_owned(),
            reason,
            fields: Vec::new(),
            notes: Vec::new(),
            ..self.inspected(&Suggestion::of(&self.read.sample, None))
        }
    }

    pub fn inspected(&self, suggestion: &Suggestion) -> InspectedInput {
        let sample = &self.read.sample;
        let best = suggestion.candidates.first();
        let first_key = best.and_then(|best| key_of(best.path.first()?)).map(String::from);
        let wanted: Vec<String> = first_key.into_iter().collect();
        let FirstRecords { columns, rows } = FirstRecords::of(sample, &wanted);
        InspectedInput {
            path: self.path.clone(),
            format: sample.format.to_owned(),
            reason: sample.reason.clone(),
            compression: match sample.packing {
                Packing::None => None,
                Packing::Gzip => Some("gzip".to_owned()),
                Packing::Zstd => Some("zstd".to_owned()),
            },
            records: sample.count,
            sampled: sample.records.len() as u64,
            columns,
            rows,
            fields: fields(suggestion, sample),
            notes: self.notes(suggestion),
        }
    }

    /// Whether an archive or a folder contains no file with a usual ending.
    fn has_no_members(&self) -> bool {
        let ReadSample { sample, options } = &self.read;
        sample.has_members() && sample.count == Some(0) && options.member.is_none()
    }

    /// What the user must know about an input, as sentences.
    fn notes(&self, suggestion: &Suggestion) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_stream {
            notes.push("The stream has been read; give it to encode again.".to_owned());
        }
        notes.extend(self.conversion.as_ref().map(|conversion| conversion.note.clone()));
        if let Some(Release { root, commands }) = &self.release {
            let commands: Vec<String> =
                commands.iter().map(|name| format!("amc-keywords {name} --root {}", quoted(&root.to_string_lossy()))).collect();
            notes.push(format!("It is part of the AMC release. Encode the release with {}.", commands.join(" and ")));
        } else if self.read.sample.is_by_column {
            notes.push(BY_COLUMN.to_owned());
        } else if self.has_no_members() {
            notes.push(NO_MEMBERS.to_owned());
        } else if have_own_keys(&self.read.sample.records) {
            notes.push(OWN_KEYS.to_owned());
        } else if suggestion.candidates.is_empty() && has_a_column_per_keyword(&self.read.sample) {
            notes.push(COLUMN_PER_KEYWORD.to_owned());
        } else if suggestion.candidates.is_empty() {
            notes.push("No field looks like keywords; name one with the option --keywords-field of encode.".to_owned());
        } else if !self.read.sample.has_names && suggestion.name.is_none() {
            notes.push("No field names the images, so their names are the numbers of the records.".to_owned());
        }
        notes.extend(suggestion.note_on_keywords(&self.read.sample.records).map(str::to_owned));
        if let Some(missing) = &suggestion.missing_label {
            notes.push(format!("A record cannot be encoded: {missing}. Add it, or skip such images with --on-error skip."));
        }
        if suggestion.groups() {
            notes.push("Several records have the same name. --group makes them one image.".to_owned());
        }
        if suggestion.fields.min_confidence.is_some() {
            notes.push("Choose --min-confidence for your data.".to_owned());
        }
        notes.extend(self.read.sample.problem.as_ref().map(|problem| format!("A record cannot be read: {problem}")));
        notes
    }
}

/// Whether most fields are numbers that say if an image has a keyword.
fn has_a_column_per_keyword(sample: &InputSample) -> bool {
    let table = FieldTable::of(sample.records.iter().map(|record| &record.tree));
    let is_flag = |value: &str| matches!(value.trim(), "-1" | "0" | "1");
    let columns: Vec<_> = table.fields.iter().filter(|(_, values)| values.scalars().next().is_some()).collect();
    let flags = columns.iter().filter(|(_, values)| values.scalars().all(is_flag)).count();
    flags > 1 && flags * 2 > columns.len()
}

/// The fields that could hold keywords or names, each once.
fn fields(suggestion: &Suggestion, sample: &InputSample) -> Vec<InspectedField> {
    let mut fields: Vec<InspectedField> = Vec::new();
    for candidate in &suggestion.candidates {
        let path = path_option(&candidate.path);
        if fields.iter().any(|field| field.path == path) {
            continue;
        }
        fields.push(InspectedField {
            path,
            role: FieldRole::Keywords,
            shape: candidate.shape.to_owned(),
            example: cut(&candidate.example),
            options: Suggestion::of_keywords(candidate).options(&ReadOptions::default()),
        });
    }
    fields.extend(suggestion.names.iter().map(|name| {
        let mut options = vec!["--id-field".to_owned(), name.path.clone()];
        options.extend(name.pattern.into_iter().flat_map(|pattern| ["--id-pattern".to_owned(), pattern.to_owned()]));
        options.extend(name.is_repeated.then(|| "--group".to_owned()));
        InspectedField {
            path: Some(name.path.clone()),
            role: FieldRole::Name,
            shape: if name.is_repeated { "repeated name".to_owned() } else { unique_name(sample) },
            example: cut(&name.example),
            options,
        }
    }));
    fields
}

/// What is known about names of which the sample has each once.
fn unique_name(sample: &InputSample) -> String {
    match sample.is_complete {
        true => "unique name".to_owned(),
        false => format!("unique name in the first {} records", grouped(sample.records.len() as u64)),
    }
}
