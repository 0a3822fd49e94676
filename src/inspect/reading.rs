//! The options with which an input can be read.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use keyword_files::json::{JsonTree, shown_path};
use keyword_files::records::{Format, InputFormat, MemberNames, ReadOptions, dotted_keys};
use keyword_files::source::{self, Source};

use super::field_names::{is_field_name, keyword_score};
use super::read_sample::ReadSample;
use super::sample::{InputSample, SampledRecord, member_endings};
use super::tables::{read_as_table, read_table_again};
use crate::error::Result;

/// The most JSON files that are ignored next to more texts.
const FEW_MEMBERS: usize = 3;

/// Reads the start of an input with the options that give most.
pub(crate) fn read_sample(path: &Path, options: &ReadOptions) -> Result<ReadSample> {
    let first = ReadSample::read(path, options.clone());
    if first.is_err() && is_coco(path, options) {
        return first;
    }
    let sample = first.as_ref().map(|first| &first.sample).ok();
    if options.records.is_none()
        && sample.is_none_or(needs_records)
        && let Some(found) = read_lists(path, options, sample)
    {
        return Ok(found);
    }
    let found = match first {
        Ok(first) if is_by_column(&first.sample) => {
            return Ok(ReadSample { sample: InputSample { is_by_column: true, ..first.sample }, ..first });
        }
        Ok(first) => read_other_members(path, read_members_as_lines(path, first)),
        Err(error) => return read_as_table(path, options).ok_or(error),
    };
    Ok(name_by_path(path, read_table_again(path, as_one_record(found))))
}

/// Whether a file begins with lists of images and annotations. It is not read in another way if
/// they are wrong.
fn is_coco(path: &Path, options: &ReadOptions) -> bool {
    let detected = source::detect(path, &Arc::new(options.clone())).map(|detected| detected.source);
    let Ok(Source::Records(file)) = detected else { return false };
    let lists = file.record_lists().unwrap_or_default();
    file.format() == Format::Coco && ["images", "annotations"].iter().all(|list| lists.iter().any(|found| found == list))
}

/// Whether a JSON object holds lists of records rather than records.
fn needs_records(sample: &InputSample) -> bool {
    if sample.format != "json" || !sample.has_names {
        return false;
    }
    let kinds = |is_kind: fn(&JsonTree) -> bool| sample.records.iter().any(|record| is_kind(&record.tree));
    let lists = kinds(|tree| matches!(tree, JsonTree::List(elements) if matches!(elements.first(), Some(JsonTree::Object(_)))));
    // An empty object may be an image without keywords, but not among lists of objects.
    let filled = kinds(|tree| matches!(tree, JsonTree::Object(entries) if !entries.is_empty()));
    let objects = filled || (lists && kinds(|tree| matches!(tree, JsonTree::Object(_))));
    let others = kinds(|tree| match tree {
        JsonTree::List(elements) => matches!(elements.first(), Some(element) if !matches!(element, JsonTree::Object(_))),
        tree => !matches!(tree, JsonTree::Object(_) | JsonTree::Null),
    });
    let several = u8::from(objects) + u8::from(lists) + u8::from(others) > 1;
    sample.records.len() == 1 || several || has_lists_of_different_kinds(sample) || has_one_map_of_records(sample)
}

/// Whether there are several lists of objects, and no two of them share a key. The lists of images
/// do.
fn has_lists_of_different_kinds(sample: &InputSample) -> bool {
    share_no_keys(sample.records.iter().filter_map(|record| match &record.tree {
        JsonTree::List(elements) => elements.first(),
        _ => None,
    }))
}

/// Whether the values are objects of which no two share a key, and only one is a map of records.
fn has_one_map_of_records(sample: &InputSample) -> bool {
    let trees = || sample.records.iter().map(|record| &record.tree);
    trees().filter(|tree| is_map_of_records(tree)).count() == 1 && share_no_keys(trees())
}

/// Whether there are several objects, and no two of them share a key.
fn share_no_keys<'t>(trees: impl Iterator<Item = &'t JsonTree>) -> bool {
    let objects: Vec<_> = trees.filter_map(entries_of).collect();
    let mut keys = HashSet::new();
    objects.len() > 1 && objects.iter().copied().flatten().all(|(key, _)| keys.insert(key))
}

fn entries_of(tree: &JsonTree) -> Option<&[(String, JsonTree)]> {
    match tree {
        JsonTree::Object(entries) => Some(entries),
        _ => None,
    }
}

/// Whether a value is a map of several objects that share a key.
fn is_map_of_records(tree: &JsonTree) -> bool {
    let values = || entries_of(tree).into_iter().flatten().map(|(_, value)| value);
    values().count() > 1 && values().all(|value| entries_of(value).is_some()) && !share_no_keys(values().take(2))
}

/// Whether the values of a JSON object are the columns of a table, as pandas writes them: objects
/// with the keys `0`, `1`, `2` and so on, or the lists `columns` and `data`.
fn is_by_column(sample: &InputSample) -> bool {
    let is_numbered = |record: &SampledRecord| match &record.tree {
        JsonTree::Object(entries) => !entries.is_empty() && (0..).zip(entries).all(|(at, (key, _))| *key == at.to_string()),
        _ => false,
    };
    let has_scores = |record: &SampledRecord| match &record.tree {
        JsonTree::Object(entries) => entries.iter().all(|(_, value)| matches!(value, JsonTree::Number(_))),
        _ => false,
    };
    let has = |name: &str| sample.records.iter().any(|record| record.name.as_deref() == Some(name));
    let (records, is_map) = (&sample.records, sample.format == "json" && sample.has_names);
    is_map && ((records.iter().all(is_numbered) && !records.iter().all(has_scores)) || (has("columns") && has("data")))
}

/// Reads each list or map of records in a JSON object, and returns the most likely one.
fn read_lists(path: &Path, options: &ReadOptions, first: Option<&InputSample>) -> Option<ReadSample> {
    let Source::Records(file) = source::detect(path, &Arc::new(options.clone())).ok()?.source else { return None };
    let mut lists = without_lists_of_records(file.record_lists().ok()?);
    for record in first.into_iter().flat_map(|sample| &sample.records).take(3) {
        let Some(name) = &record.name else { continue };
        let map = shown_path(std::slice::from_ref(name));
        let is_large = entries_of(&record.tree).is_some_and(|entries| entries.len() > 3);
        if (is_large || is_map_of_records(&record.tree)) && !lists.contains(&map) {
            lists.push(map);
        }
    }
    let read = |list: &String| {
        let options = ReadOptions { records: Some(dotted_keys(list).ok()?), ..options.clone() };
        let mut found = ReadSample::read(path, options).ok()?;
        found.sample.reason = format!("It is a JSON object with records at {list}.");
        Some((found.score()? + (found.sample.records.len() as f64).ln(), found))
    };
    let found = lists.iter().filter_map(read);
    found.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, found)| found)
}

/// The lists without those in the records of a map: `images.a.regions` and `images.b.regions`
/// belong to an image each, if `images` is one of the lists.
fn without_lists_of_records(lists: Vec<String>) -> Vec<String> {
    let keys: Vec<Vec<String>> = lists.iter().filter_map(|list| dotted_keys(list).ok()).collect();
    let is_of_a_record = |list: &[String]| {
        let maps = keys.iter().filter(|map| list.len() > map.len() + 1 && list.starts_with(map));
        maps.into_iter().any(|map| {
            let behind = |list: &[String]| list.get(map.len() + 1..).map(<[String]>::to_vec);
            keys.iter().any(|other| *other != list && other.starts_with(map) && behind(other) == behind(list))
        })
    };
    lists.into_iter().zip(&keys).filter(|(_, keys)| !is_of_a_record(keys)).map(|(list, _)| list).collect()
}

/// Reads the files of a folder as JSON Lines, if they are no single records.
fn read_members_as_lines(path: &Path, found: ReadSample) -> ReadSample {
    if found.sample.format != "folder" || found.sample.problem.is_none() || found.options.format != InputFormat::Auto {
        return found;
    }
    let options = ReadOptions { format: InputFormat::JsonLines, ..found.options.clone() };
    // The other files of a folder with a damaged file are single records.
    let is_better =
        |lines: &ReadSample| lines.sample.problem.is_none() && lines.sample.records.len() > found.sample.records.len();
    ReadSample::read(path, options).ok().filter(is_better).unwrap_or(found)
}

/// Reads members with another ending, if none has a usual one, if there are several for an image,
/// or if nearly all are texts next to a few JSON files.
fn read_other_members(path: &Path, found: ReadSample) -> ReadSample {
    if !found.sample.has_members() || found.options.member.is_some() {
        return found;
    }
    let all = || member_endings(path, &Arc::new(found.options.clone()));
    let endings = match found.sample.records.len() {
        0 => all(),
        ..=FEW_MEMBERS if all().first().is_some_and(|ending| ending == ".txt") => vec![".txt".to_owned()],
        _ => double_endings(&found.sample),
    };
    let read = |ending: String| {
        let options = ReadOptions { member: Some(ending), ..found.options.clone() };
        ReadSample::read(path, options).ok().filter(|found| found.score().is_some())
    };
    endings.into_iter().find_map(read).unwrap_or(found)
}

/// The endings such as `.tags.json`, if each image has several members, those of tags first.
fn double_endings(sample: &InputSample) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &sample.records {
        let parts = record.name.as_deref().and_then(|name| name.rsplit_once('.'));
        let Some((_, inner)) = parts else { return Vec::new() };
        *counts.entry(inner).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or_default();
    let is_even = counts.values().all(|&count| count * 2 > most) && most > 1;
    let mut endings: Vec<&str> = counts.into_keys().filter(|_| is_even).collect();
    if endings.len() < 2 || endings.len() > 8 {
        return Vec::new();
    }
    endings.sort_by(|a, b| keyword_score(b).total_cmp(&keyword_score(a)));
    endings.into_iter().map(|inner| format!(".{inner}.json")).collect()
}

/// Makes a record of a JSON object whose keys are names of fields.
fn as_one_record(mut found: ReadSample) -> ReadSample {
    let sample = &mut found.sample;
    let is_field = |record: &SampledRecord| is_field_name(record.name.as_deref().unwrap_or_default());
    let is_map = sample.format == "json" && sample.has_names && found.options.records.is_none();
    let is_one = is_map && sample.records.len() <= 64 && sample.records.iter().any(is_field);
    if is_one {
        let entries = sample.records.iter().map(|record| {
            let name = serde_json::Value::from(record.name.as_deref().unwrap_or_default());
            [name.to_string().into_bytes(), record.text.clone()].join(&b':')
        });
        let text = [b"{".to_vec(), entries.collect::<Vec<_>>().join(&b','), b"}".to_vec()].concat();
        if let Some(tree) = JsonTree::of(&text) {
            sample.records = vec![SampledRecord { name: None, number: 0, text, tree }];
            sample.has_names = false;
            sample.count = Some(1);
        }
    }
    found
}

/// Reads the members again with their folders in their names, if the names repeat without them.
fn name_by_path(path: &Path, found: ReadSample) -> ReadSample {
    if !found.sample.has_repeated_names {
        return found;
    }
    let options = ReadOptions { names: MemberNames::Path, ..found.options.clone() };
    ReadSample::read(path, options).ok().filter(|by_path| !by_path.sample.has_repeated_names).unwrap_or(found)
}
