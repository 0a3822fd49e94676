//! The options of `encode` for an input.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use count_vectorizer::DocumentFrequency;
use keyword_files::json::JsonTree;
use keyword_files::records::{InputFormat, MemberNames, ReadOptions};

use super::candidates::{Candidate, find_candidates, last_key, least_confidence, path_option, read_documents, read_each};
use super::field_names::is_confidence_name;
use super::field_values::FieldTable;
use super::image_names::{NameField, find_name_fields};
use super::sample::{InputSample, SampledRecord};
use crate::dataset::fields::Fields;

/// Most of the keywords of an input must be in the first column of its table of labels.
pub(crate) const LEAST_SHARE: f64 = 0.8;

/// Fewer images than these need a smaller `--min-df`.
const FEW_IMAGES: usize = 20;

/// What the fields of an input could be.
pub(crate) struct Suggestion {
    pub candidates: Vec<Candidate>,
    pub names: Vec<NameField>,
    /// The options for the keywords.
    pub fields: Fields,
    /// The field that names the images.
    pub name: Option<NameField>,
    /// Whether no word occurs in enough images for the default of `--min-df`.
    pub has_few_images: bool,
    /// A code that the table of labels lacks, as a message.
    pub missing_label: Option<String>,
}

impl Suggestion {
    /// Suggests options for a sample. None of its fields may be able to hold keywords.
    pub fn of(sample: &InputSample, labels: Option<&Path>) -> Suggestion {
        let records = &sample.records;
        let table = FieldTable::of(records.iter().map(|record| &record.tree));
        let mut candidates = match sample.is_by_column || have_own_keys(records) {
            true => Vec::new(),
            false => find_candidates(&table, records),
        };
        if let Some(labels) = labels {
            candidates.iter_mut().for_each(|candidate| candidate.fields.labels = Some(labels.to_path_buf()));
            candidates.retain(|candidate| has_most_labels(&candidate.fields, records));
        }
        let missing_label = candidates.first().filter(|_| labels.is_some()).and_then(|best| {
            let failed = read_each(&best.fields, records)?.find_map(Result::err)?;
            Some(failed.to_string())
        });
        let best = candidates.first();
        let path = best.map(|best| best.path.clone()).unwrap_or_default();
        let names = match sample.has_names {
            true => Vec::new(),
            false => find_name_fields(&table, records.len(), &path),
        };
        let name = names.first().cloned();
        let mut fields = best.map(|best| best.fields.clone()).unwrap_or_default();
        if name.as_ref().is_some_and(|name| name.is_repeated)
            && fields.min_confidence.is_none()
            && let Some((confidence, least)) = record_confidence(&table, records.len())
        {
            fields.confidence = Some(confidence);
            fields.min_confidence = Some(least);
        }
        fields.id = name.as_ref().map(|name| name.path.clone());
        fields.id_pattern = name.as_ref().and_then(|name| name.pattern).map(String::from);
        let mut suggestion = Suggestion { candidates, names, fields, name, has_few_images: false, missing_label };
        suggestion.has_few_images = sample.is_complete && suggestion.lacks_frequent_words(records);
        suggestion
    }

    /// The suggestion of a field for the keywords and of nothing else.
    pub fn of_keywords(candidate: &Candidate) -> Suggestion {
        Suggestion {
            candidates: Vec::new(),
            names: Vec::new(),
            fields: candidate.fields.clone(),
            name: None,
            has_few_images: false,
            missing_label: None,
        }
    }

    /// What the keywords are, if they are no words yet, as a sentence.
    pub fn note_on_keywords(&self, records: &[SampledRecord]) -> Option<&'static str> {
        let documents = read_documents(&self.fields, records).unwrap_or_default();
        let keywords: Vec<&String> = documents.iter().flatten().collect();
        let share = |is_so: fn(&str) -> bool| {
            let count = keywords.iter().filter(|keyword| is_so(keyword)).count();
            count as f64 / keywords.len().max(1) as f64
        };
        if self.fields.labels.is_none() && share(is_label_code) > 0.5 {
            return Some("The keywords are codes. If a table has their words, give it to inspect too.");
        }
        (share(is_url_encoded) > 0.01).then_some("Some keywords are URL-encoded. docs/recipes.md shows how to decode them.")
    }

    /// Whether rows with the same name are one image.
    pub fn groups(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.is_repeated)
    }

    /// Whether the default of `--min-df` would drop all words, or there are few images.
    fn lacks_frequent_words(&self, records: &[SampledRecord]) -> bool {
        let Some(documents) = read_documents(&self.fields, records) else { return false };
        let mut images: HashSet<String> = HashSet::new();
        let mut occurrences: HashMap<String, HashSet<String>> = HashMap::new();
        for ((number, record), keywords) in records.iter().enumerate().zip(documents) {
            let image = match self.groups() {
                true => self.name_of(record),
                false => number.to_string(),
            };
            let text = keywords.join(" ").to_lowercase();
            for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1) {
                occurrences.entry(word.to_owned()).or_default().insert(image.clone());
            }
            images.insert(image);
        }
        let least = DocumentFrequency::default().min.documents(images.len() as u64);
        images.len() < FEW_IMAGES || occurrences.values().all(|images| (images.len() as f64) < least)
    }

    fn name_of(&self, record: &SampledRecord) -> String {
        let Ok(fields) = self.fields.checked() else { return String::new() };
        let name = fields.id.as_ref().and_then(|field| fields.id_in(&record.text, field).ok());
        name.unwrap_or_default()
    }

    /// The options of `encode`, given those with which the input is read.
    pub fn options(&self, read: &ReadOptions) -> Vec<String> {
        let mut options = read_options(read);
        let mut add = |option: &str, value: Option<String>| {
            if let Some(value) = value {
                add_option(option, value, &mut options);
            }
        };
        let fields = &self.fields;
        let is_usual = fields.keywords.as_deref() == Some("tagging.keywords");
        add("--keywords-field", fields.keywords.clone().filter(|_| !is_usual));
        add("--keyword-key", fields.keyword_key.clone());
        add("--confidence-key", fields.confidence_key.clone());
        add("--confidence-field", fields.confidence.clone());
        add("--min-confidence", fields.min_confidence.map(|least| least.to_string()));
        add("--separator", fields.separator.as_deref().map(|separator| separator.replace('\n', "\\n")));
        add("--labels", fields.labels.as_ref().map(|path| path.to_string_lossy().into_owned()));
        add("--id-field", fields.id.clone());
        add("--id-pattern", fields.id_pattern.clone());
        options.extend(self.groups().then(|| "--group".to_owned()));
        if self.has_few_images {
            options.extend(["--min-df".to_owned(), "1".to_owned()]);
        }
        options
    }
}

/// Adds an option. A value that looks like an option is part of the same word.
fn add_option(option: &str, value: String, options: &mut Vec<String>) {
    match value.starts_with('-') {
        true => options.push(format!("{option}={value}")),
        false => options.extend([option.to_owned(), value]),
    }
}

/// Whether each record has one key, and no two have the same.
pub(crate) fn have_own_keys(records: &[SampledRecord]) -> bool {
    let mut keys = HashSet::new();
    let is_own = |record: &SampledRecord| match &record.tree {
        JsonTree::Object(entries) => matches!(entries.as_slice(), [(key, _)] if keys.insert(key.clone())),
        _ => false,
    };
    records.len() > 1 && records.iter().all(is_own)
}

/// Whether the codes of most records are in the table of labels.
fn has_most_labels(fields: &Fields, records: &[SampledRecord]) -> bool {
    let read = read_each(fields, records).map_or(0, |documents| documents.filter(Result::is_ok).count());
    read > 0 && read as f64 >= LEAST_SHARE * records.len() as f64
}

/// Whether a keyword is an id of Freebase (`/m/0bt9lr`) or WordNet (`n02084071`).
fn is_label_code(keyword: &str) -> bool {
    let wordnet = |digits: &str| digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    ["/m/", "/g/"].iter().any(|start| keyword.starts_with(start)) || keyword.strip_prefix('n').is_some_and(wordnet)
}

/// Whether a text contains a byte as `%C3`.
fn is_url_encoded(text: &str) -> bool {
    let is_byte = |digits: &str| digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
    text.split('%').skip(1).any(|rest| rest.get(..2).is_some_and(is_byte))
}

/// The options that say how an input is read.
fn read_options(read: &ReadOptions) -> Vec<String> {
    let mut options = Vec::new();
    let mut add = |option: &str, value: String| add_option(option, value, &mut options);
    if read.format != InputFormat::Auto {
        let name = InputFormat::ALL.iter().find(|(_, format)| *format == read.format);
        add("--format", name.map_or("auto", |(name, _)| name).to_owned());
    }
    if let Some(delimiter) = read.delimiter {
        add("--delimiter", if delimiter == b'\t' { "\\t".to_owned() } else { char::from(delimiter).to_string() });
    }
    if let Some(keys) = &read.records {
        let keys: Vec<String> = keys.iter().map(|key| key.replace('.', "\\.")).collect();
        add("--records", keys.join("."));
    }
    if let Some(member) = &read.member {
        add("--member", member.clone());
    }
    if read.names == MemberNames::Path {
        add("--names", "path".to_owned());
    }
    options.extend(read.no_header.then(|| "--no-header".to_owned()));
    options
}

/// The field with the confidence of a whole record, and its least value.
fn record_confidence(table: &FieldTable, records: usize) -> Option<(String, f64)> {
    table.fields.iter().find_map(|(path, values)| {
        let is_named_so = path.len() == 1 && last_key(path).is_some_and(is_confidence_name);
        let largest = values.confidence().filter(|_| is_named_so && values.present == records)?;
        Some((path_option(path)?, least_confidence(largest)))
    })
}

/// Whether a sample could be a table of codes and words.
pub(crate) fn may_be_labels(sample: &InputSample) -> bool {
    let are_pairs = |record: &SampledRecord| match &record.tree {
        JsonTree::Object(entries) => entries.len() == 2 && matches!(sample.format, "csv" | "tsv"),
        JsonTree::Text(_) => sample.format == "json" && sample.has_names,
        _ => false,
    };
    !sample.records.is_empty() && sample.records.iter().all(are_pairs)
}
