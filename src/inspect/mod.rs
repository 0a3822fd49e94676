//! Looks at the start of inputs and suggests the command that encodes them.

use std::path::{Path, PathBuf};

use keyword_files::json::JsonTree;
use keyword_files::labels::Labels;
use keyword_files::records::{InputFormat, Packing, ReadOptions};
use keyword_files::shell::quoted;
use keyword_files::source::{self, check_inputs};

mod candidates;
mod encoding;
mod field_names;
mod field_values;
mod first_records;
mod image_names;
pub(crate) mod inspection;
mod numbered_fields;
mod reading;
mod release;
mod sample;
pub(crate) mod separators;
mod stream;
mod suggestion;

use candidates::{find_candidates, key_of, path_option, read_documents};
use encoding::{Conversion, word_of};
use field_values::FieldTable;
use first_records::{FirstRecords, cut};
use image_names::find_name_fields;
use inspection::{EncodeCommand, FieldRole, InspectedField, InspectedInput, Inspection};
use reading::{ReadSample, read_sample};
use release::Release;
use sample::{Sample, SampledRecord};
use stream::InputCopy;
use suggestion::{Suggestion, may_be_labels};

use crate::dataset::collection::Collection;
use crate::error::Result;
use crate::report::numbers::grouped;

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
    let inputs: Vec<Input> = paths.iter().map(|path| Input::read(path, options)).collect::<Result<_>>()?;
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
    let records = [SampledRecord { name: None, text: record.to_vec(), tree: JsonTree::of(record)? }];
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

fn command(paths: &[PathBuf], options: Vec<String>) -> EncodeCommand {
    let mut words = vec!["amc-keywords".to_owned(), "encode".to_owned()];
    words.extend(paths.iter().map(|path| word_of(path)));
    words.extend(options);
    words.extend(["--out".to_owned(), output_folder(paths)]);
    let name = paths.first().map(|path| source::stem(path)).unwrap_or_default();
    if Collection::check_name(&name).is_err() {
        words.extend(["--name".to_owned(), plain_name(&name)]);
    }
    EncodeCommand::new(words)
}

/// A name that can be part of file names.
fn plain_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let plain: String = name.chars().take(60).map(|c| if is_plain(c) { c } else { '_' }).collect();
    if Collection::check_name(&plain).is_ok() { plain } else { "keywords".to_owned() }
}

/// A folder for the outputs that is not inside an input.
fn output_folder(paths: &[PathBuf]) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let contains_here = |path: &&PathBuf| {
        let folder = std::fs::canonicalize(path).ok().filter(|folder| folder.is_dir());
        folder.zip(here.as_ref().ok()).is_some_and(|(folder, here)| here.starts_with(folder))
    };
    match paths.iter().find(contains_here) {
        Some(path) => path.join("..").join("out").to_string_lossy().into_owned(),
        None => "out".to_owned(),
    }
}

/// An input and its sample.
struct Input {
    path: PathBuf,
    read: ReadSample,
    is_stream: bool,
    /// How it becomes UTF-8, if it is not.
    conversion: Option<Conversion>,
    release: Option<Release>,
}

impl Input {
    fn read(path: &Path, options: &ReadOptions) -> Result<Input> {
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
        Ok(Input { path: path.to_path_buf(), is_stream: copy.is_stream(), conversion, release, read })
    }

    /// The file that `encode` can read.
    fn path_to_encode(&self) -> PathBuf {
        self.conversion.as_ref().map_or(&self.path, |conversion| &conversion.result).clone()
    }

    fn as_labels(&self) -> InspectedInput {
        let reason = "Its first column contains the keywords of another input.".to_owned();
        InspectedInput {
            format: "labels".to_owned(),
            reason,
            fields: Vec::new(),
            ..self.inspected(&Suggestion::of(&self.read.sample, None))
        }
    }

    fn inspected(&self, suggestion: &Suggestion) -> InspectedInput {
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
        } else if suggestion.candidates.is_empty() && has_a_column_per_keyword(&self.read.sample) {
            notes.push(COLUMN_PER_KEYWORD.to_owned());
        } else if suggestion.candidates.is_empty() {
            notes.push("No field looks like keywords; name one with the option --keywords-field of encode.".to_owned());
        } else if !self.read.sample.has_names && suggestion.name.is_none() {
            notes.push("No field names the images, so their names are the numbers of the records.".to_owned());
        }
        if suggestion.fields.min_confidence.is_some() {
            notes.push("Choose --min-confidence for your data.".to_owned());
        }
        notes.extend(self.read.sample.problem.as_ref().map(|problem| format!("A record cannot be read: {problem}")));
        notes
    }
}

const COLUMN_PER_KEYWORD: &str = "The columns of 0 and 1 could each stand for a keyword. \
     'Tables of zeros and ones' in the recipes of the documentation shows how to convert them.";

/// Whether most fields are numbers that say if an image has a keyword.
fn has_a_column_per_keyword(sample: &Sample) -> bool {
    let table = FieldTable::of(sample.records.iter().map(|record| &record.tree));
    let is_flag = |value: &str| matches!(value.trim(), "-1" | "0" | "1");
    let columns: Vec<_> = table.fields.iter().filter(|(_, values)| values.scalars().next().is_some()).collect();
    let flags = columns.iter().filter(|(_, values)| values.scalars().all(is_flag)).count();
    flags > 1 && flags * 2 > columns.len()
}

/// The fields that could hold keywords or names, each once.
fn fields(suggestion: &Suggestion, sample: &Sample) -> Vec<InspectedField> {
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
fn unique_name(sample: &Sample) -> String {
    match sample.is_complete {
        true => "unique name".to_owned(),
        false => format!("unique name in the first {} records", grouped(sample.records.len() as u64)),
    }
}

const BY_COLUMN: &str = "It holds columns rather than records. Write a record for each image, for example with pandas: \
                         table.to_json('tags.jsonl', orient='records', lines=True).";

/// Most of the keywords of another input must be in the first column of a table of labels.
const LEAST_SHARE: f64 = 0.8;

/// The input that gives the words for the codes of another input.
fn find_labels(inputs: &[Input]) -> Option<usize> {
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
fn has_codes(input: &Input, labels: &Labels) -> bool {
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

    #[test]
    fn outputs_are_never_suggested_inside_an_input() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(output_folder(&["a.csv".into()]), "out");
        assert_eq!(output_folder(&[".".into()]), Path::new(".").join("..").join("out").to_string_lossy());
        assert_eq!(output_folder(std::slice::from_ref(&here)), here.join("..").join("out").to_string_lossy());
        assert_eq!(plain_name("a b;"), "a_b_");
    }
}
