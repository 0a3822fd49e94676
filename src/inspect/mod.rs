//! Looks at the start of inputs and suggests the command that encodes them.

use std::path::PathBuf;

use keyword_files::json::JsonTree;
use keyword_files::labels::Labels;
use keyword_files::records::ReadOptions;
use keyword_files::shell::quoted;
use keyword_files::source::check_inputs;

mod candidates;
mod command;
mod encoding;
mod field_names;
mod field_values;
mod first_records;
mod image_names;
mod input;
pub(crate) mod inspection;
mod numbered_fields;
mod read_sample;
mod reading;
mod release;
mod sample;
pub(crate) mod separators;
mod stream;
mod suggestion;
mod tables;

use candidates::{find_candidates, read_documents};
use command::command;
use field_values::FieldTable;
use image_names::find_name_fields;
use input::SampledInput;
use inspection::Inspection;
use sample::SampledRecord;
use suggestion::{LEAST_SHARE, Suggestion, may_be_labels};

use crate::error::Result;

/// Looks at the start of each input and suggests the command that encodes them.
///
/// It looks at the first thousand records of an input, and stops after 16 MiB of them. Of a stream,
/// it reads 256 MiB at most. COCO annotations are read to their end.
///
/// ```
/// use amc_keywords::{ReadOptions, inspect};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("amc-keywords-inspect-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// let path = folder.join("tags.csv");
/// std::fs::write(&path, "file,tags\na.jpg,\"dog, cat\"\nb.jpg,\"cat, sea\"\n")?;
///
/// let inspection = inspect(&[path], &ReadOptions::default())?;
/// let arguments = &inspection.commands[0].arguments;
/// assert_eq!(arguments[3..9], ["--keywords-field", "tags", "--separator", ",", "--id-field", "file"]);
/// assert_eq!(inspection.inputs[0].records, Some(2));
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// An input cannot be read, or its format is unknown.
pub fn inspect(paths: &[PathBuf], options: &ReadOptions) -> Result<Inspection> {
    check_inputs(paths)?;
    let inputs: Vec<SampledInput> = paths.iter().map(|path| SampledInput::read(path, options)).collect::<Result<_>>()?;
    let labels = find_labels(&inputs);
    let labels_path = labels.and_then(|at| paths.get(at)).map(PathBuf::as_path);
    let mut inspection = Inspection { inputs: Vec::new(), commands: Vec::new() };
    let mut groups: Vec<(Vec<String>, Vec<PathBuf>)> = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        if labels == Some(at) {
            inspection.inputs.push(input.as_labels());
            continue;
        }
        let suggestion = Suggestion::of(&input.read.sample, labels_path);
        inspection.inputs.push(input.inspected(&suggestion));
        if suggestion.candidates.is_empty() || input.release.is_some() {
            continue;
        }
        let options = suggestion.options(&input.read.options);
        match groups.iter_mut().find(|(known, _)| *known == options) {
            Some((_, paths)) => paths.push(input.path_to_encode()),
            None => groups.push((options, vec![input.path_to_encode()])),
        }
    }
    let commands = groups.into_iter().map(|(options, paths)| command(&paths, options));
    inspection.commands = commands.collect();
    Ok(inspection)
}

/// The options for the keywords of a record, if one of its fields certainly holds keywords.
pub(crate) fn suggest_fields(record: &[u8]) -> Option<String> {
    let records = [SampledRecord { name: None, number: 0, text: record.to_vec(), tree: JsonTree::of(record)? }];
    let table = FieldTable::of(records.iter().map(|record| &record.tree));
    let best = find_candidates(&table, &records).into_iter().next()?;
    let words = Suggestion::of_keywords(&best).options(&ReadOptions::default());
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    (best.score >= SURE && !words.is_empty()).then(|| words.join(" "))
}

/// The field that certainly names the images of some records of `texts`.
pub(crate) fn suggest_name<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Option<String> {
    let trees: Vec<JsonTree> = texts.filter_map(JsonTree::of).collect();
    let table = FieldTable::of(trees.iter());
    let names = find_name_fields(&table, trees.len(), &[]);
    names.into_iter().find(|name| name.is_certain()).map(|name| name.path)
}

/// Fields with a lower score may be something else than keywords.
const SURE: f64 = 5.0;

/// The input that gives the words for the codes of another input.
fn find_labels(inputs: &[SampledInput]) -> Option<usize> {
    (0..inputs.len()).find(|&at| {
        let Some(table) = inputs.get(at).filter(|input| may_be_labels(&input.read.sample) && !input.is_stream) else {
            return false;
        };
        let Ok(labels) = Labels::read(&table.path) else { return false };
        let others = inputs.iter().enumerate().filter(|(other, _)| *other != at);
        others.into_iter().any(|(_, input)| has_codes(input, &labels))
    })
}

/// Whether the keywords of an input are codes of the table.
fn has_codes(input: &SampledInput, labels: &Labels) -> bool {
    let suggestion = Suggestion::of(&input.read.sample, None);
    suggestion.candidates.iter().any(|candidate| {
        let documents = read_documents(&candidate.fields, &input.read.sample.records).unwrap_or_default();
        let keywords: Vec<&String> = documents.iter().flatten().collect();
        let known = keywords.iter().filter(|keyword| labels.word(keyword.as_bytes()).is_some()).count();
        !keywords.is_empty() && known as f64 >= LEAST_SHARE * keywords.len() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_options_for_a_record_are_suggested_if_a_field_certainly_holds_keywords() {
        for (record, options) in [
            (r#"{"id": "x", "tags": ["a"]}"#, Some("--keywords-field tags")),
            (r#"{"id": "x", "r": {"my.tags": ["a"]}}"#, Some(r"--keywords-field 'r.my\.tags'")),
            (r#"{"id": "x", "l": [{"id": 5, "n": "a"}], "caption": "b c", "n": NaN}"#, Some("--keywords-field caption")),
            (r#"{"id": "x", "labels": [{"id": 5, "name": "a"}]}"#, Some("--keywords-field labels --keyword-key name")),
            (r#"{"dog": 0.98, "cat": 0.03}"#, Some("--min-confidence 0.5")),
            (r#"{"n": 1, "tags": [], "file": "a.jpg"}"#, None),
            ("{}", None),
            ("nonsense", None),
        ] {
            assert_eq!(suggest_fields(record.as_bytes()).as_deref(), options, "{record}");
        }
    }

    #[test]
    fn a_field_is_suggested_for_names_if_it_certainly_names_the_images() {
        for (records, name) in [
            ([r#"{"tags": ["a"], "image": "x"}"#, r#"{"tags": ["a"], "image": "y"}"#], Some("image")),
            (
                [r#"{"n": 5, "meta": {"file_name": "a.jpg"}}"#, r#"{"n": 6, "meta": {"file_name": "b.jpg"}}"#],
                Some("meta.file_name"),
            ),
            ([r#"{"image": "x"}"#, r#"{"image": "x"}"#], None),
            ([r#"{"image": "x"}"#, r#"{"tags": "y"}"#], None),
            ([r#"{"code": "x1"}"#, r#"{"code": "x2"}"#], None),
            (["nonsense", "[]"], None),
        ] {
            assert_eq!(suggest_name(records.iter().map(|record| record.as_bytes())).as_deref(), name, "{records:?}");
        }
    }
}
