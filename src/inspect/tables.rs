//! The options with which a table can be read: whether it has a header, and which columns hold
//! keywords.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use keyword_files::json::JsonTree;
use keyword_files::records::{InputFormat, ReadOptions};

use super::candidates::is_file_name;
use super::field_names::is_field_name;
use super::first_records::value_of;
use super::read_sample::ReadSample;
use super::sample::{InputSample, SampledRecord};

/// Reads a text of unknown format as a table.
pub(super) fn read_as_table(path: &Path, options: &ReadOptions) -> Option<ReadSample> {
    if options.format != InputFormat::Auto || path.is_dir() {
        return None;
    }
    let read = |no_header: bool| {
        let options = ReadOptions { format: InputFormat::Csv, no_header, ..options.clone() };
        let is_fit = |found: &ReadSample| found.sample.problem.is_none() && found.score().is_some();
        let mut found = ReadSample::read(path, options).ok().filter(is_fit)?;
        found.sample.reason = "It is read as a table, because it fits no other format.".into();
        Some(found)
    };
    match read(false).or_else(|| read(true)).map(|found| read_table_again(path, found)) {
        Some(found) if has_one_column(&found.sample) => read_spaced(path, options).or(Some(found)),
        Some(found) => Some(found),
        None => read_keyword_columns(path, &ReadOptions { format: InputFormat::Csv, ..options.clone() })
            .or_else(|| read_spaced(path, options)),
    }
}

fn has_one_column(sample: &InputSample) -> bool {
    sample.records.iter().all(|record| matches!(&record.tree, JsonTree::Object(entries) if entries.len() == 1))
}

/// Reads a table with the options that give most. Returns another input as it is.
pub(super) fn read_table_again(path: &Path, found: ReadSample) -> ReadSample {
    if !matches!(found.sample.format, "csv" | "tsv") {
        return found;
    }
    if found.sample.problem.is_some()
        && let Some(found) = read_keyword_columns(path, &found.options).filter(|found| is_ragged(&found.sample))
    {
        return found;
    }
    let found = without_header(path, found);
    match shares_keywords(&found) {
        true => read_keyword_columns(path, &found.options).unwrap_or(found),
        false => found,
    }
}

/// Reads a table again if its first row is not a header.
fn without_header(path: &Path, found: ReadSample) -> ReadSample {
    let first = found.sample.records.first().filter(|_| !found.options.no_header);
    let Some(JsonTree::Object(entries)) = first.map(|record| &record.tree) else { return found };
    let is_text = |name: &str| name.split_whitespace().count() > 4 || name.contains([',', ';', '|']);
    let is_data = |(name, value): &(String, JsonTree)| match value {
        JsonTree::Text(text) => {
            begins_with_file_name(name) || name.contains("://") || is_text(name) || (is_number(name) && is_number(text))
        }
        _ => false,
    };
    let is_list = matches!(entries.as_slice(), [(name, _)] if !is_field_name(name));
    if !is_list && !entries.iter().any(is_data) {
        return found;
    }
    let options = ReadOptions { no_header: true, ..found.options.clone() };
    match ReadSample::read(path, options) {
        Ok(again) => ReadSample { sample: InputSample { reason: found.sample.reason, ..again.sample }, ..again },
        Err(_) => found,
    }
}

/// Reads a table of rows with the name of an image and a keyword in each further column, as a
/// column and a list of all others. Rows may differ in length.
fn read_keyword_columns(path: &Path, options: &ReadOptions) -> Option<ReadSample> {
    let without_header = ReadOptions { no_header: true, ..options.clone() };
    let rows = ReadSample::read_columns(path, without_header, &["1-"]).ok()?;
    let Some(JsonTree::List(first)) = value_of(&rows.sample.records.first()?.tree, "1-") else { return None };
    let Some(JsonTree::Text(name)) = first.first() else { return None };
    let no_header = is_file_name(name) || is_number(name) || name.contains("://");
    if !no_header && begins_with_file_name(name) {
        return None;
    }
    // Below a longer header, a row of another length is broken.
    if !no_header && first.len() != 2 {
        return None;
    }
    let (name, options) = (if no_header { "1" } else { name }, ReadOptions { no_header, ..options.clone() });
    let mut found = ReadSample::read_columns(path, options, &[name, "2-"]).ok()?;
    found.sample.reason = "It is a table with a keyword in each column.".into();
    Some(found).filter(|found| found.sample.problem.is_none() && found.score().is_some())
}

/// Whether the lists of keywords have different lengths in many rows, rather than in a few broken
/// ones.
fn is_ragged(sample: &InputSample) -> bool {
    let mut rows: HashMap<usize, usize> = HashMap::new();
    for record in &sample.records {
        if let Some(JsonTree::List(keywords)) = value_of(&record.tree, "2-") {
            *rows.entry(keywords.len()).or_default() += 1;
        }
    }
    let most = rows.into_values().max().unwrap_or_default();
    most * 4 <= sample.records.len() * 3
}

/// Reads lines of a name and words with spaces between them.
fn read_spaced(path: &Path, options: &ReadOptions) -> Option<ReadSample> {
    if options.delimiter.is_some() {
        return None;
    }
    let options = ReadOptions { format: InputFormat::Csv, delimiter: Some(b' '), ..options.clone() };
    let found = read_keyword_columns(path, &options).filter(|found| found.options.no_header)?;
    let name = |record: &'_ SampledRecord| match value_of(&record.tree, "1") {
        Some(JsonTree::Text(name)) => Some(name.clone()),
        _ => None,
    };
    let names: Vec<String> = found.sample.records.iter().filter_map(name).collect();
    let is_unique = names.iter().collect::<HashSet<_>>().len() == names.len();
    let are_names = names.iter().all(|name| is_file_name(name)) || names.iter().all(|name| is_number(name));
    (is_unique && are_names).then_some(found)
}

/// Whether keywords occur in several columns of a table without a header.
fn shares_keywords(found: &ReadSample) -> bool {
    if !found.options.no_header {
        return false;
    }
    let mut columns: HashMap<&str, usize> = HashMap::new();
    let mut is_shared = false;
    for record in &found.sample.records {
        let JsonTree::Object(entries) = &record.tree else { return false };
        for (column, (_, value)) in entries.iter().enumerate().skip(1) {
            let JsonTree::Text(text) = value else { return false };
            if is_number(text) || is_file_name(text) || text.contains("://") {
                return false;
            }
            is_shared |= !text.is_empty() && *columns.entry(text).or_insert(column) != column;
        }
    }
    is_shared
}

/// Whether a text is the name of a picture, or begins with one as `a.jpg: dog` does.
fn begins_with_file_name(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    is_file_name(text) || is_file_name(first.trim_end_matches(':'))
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}
