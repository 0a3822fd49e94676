//! The fields of records that could hold keywords, and the options that read them.

use keyword_files::json::{KeywordSink, Malformed, query_of_keys, read_keywords, selector, shown_path};

use super::field_names::{MODELS, inner_score, is_confidence_name, is_role_name, is_score_map_name, is_tag_name, keyword_score};
use super::field_values::{FieldTable, FieldValues, Step};
use super::numbered_fields::{NumberedFields, find_numbered_fields};
use super::sample::SampledRecord;
use super::separators::guess_separator;
use crate::dataset::fields::Fields;

/// A field that could hold the keywords.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// The options. They select the keywords and nothing else.
    pub fields: Fields,
    /// The steps to the value.
    pub path: Vec<Step>,
    pub shape: &'static str,
    pub example: String,
    pub score: f64,
}

/// Candidates that are compared by reading the records.
const MOST_READ: usize = 12;
/// Candidates with a lower score hold no keywords.
const LEAST_SCORE: f64 = -3.0;
/// A field of keywords has content in a larger share of the records.
const RARE: f64 = 0.1;
/// Texts without white space that are all different are names, if there are this many.
const MANY_NAMES: usize = 20;

/// The fields that could hold keywords and can be read, the best one first.
pub(crate) fn find_candidates(table: &FieldTable, records: &[SampledRecord]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, values) in &table.fields {
        if !is_inside_scores(table, path) {
            add_candidates(table, path, values, records.len(), &mut candidates);
        }
    }
    candidates.extend(numbered_candidates(table, records.len()));
    candidates.retain(|candidate| candidate.score > LEAST_SCORE);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MOST_READ);
    candidates.retain(|candidate| can_be_read(&candidate.fields, records));
    candidates
}

/// Fields that differ in a number are better together than one by one.
fn numbered_candidates(table: &FieldTable, records: usize) -> impl Iterator<Item = Candidate> {
    find_numbered_fields(table).into_iter().filter_map(move |NumberedFields { names, path, values, .. }| {
        let fields = Fields { keywords: Some(query_of_keys(&names)), ..Fields::default() };
        let example = values.texts.iter().find(|text| !text.trim().is_empty()).map(String::as_str);
        Builder { records }.candidate(path, fields, "numbered fields", example, values, 3.0 + penalty_for_content(values))
    })
}

fn add_candidates(table: &FieldTable, path: &[Step], values: &FieldValues, records: usize, candidates: &mut Vec<Candidate>) {
    let builder = Builder { records };
    let name = last_key(path).unwrap_or_default();
    if values.are_scores(is_score_map_name(name) || path.is_empty()) {
        let least = least_confidence(values.largest_score);
        let fields = Fields { min_confidence: Some(least), ..at(path) };
        let example = table.below(path).next().map(|(below, _)| last_key(below).unwrap_or_default());
        candidates.extend(builder.candidate(path, fields, "object of scores", example, values, 3.0));
    }
    if values.lists_of_strings > 0 || !values.texts.is_empty() {
        let (shape, bonus) = match values.lists_of_strings > 0 {
            true => ("list of strings", if values.texts.is_empty() && has_only_numbers(values) { -4.0 } else { 3.0 }),
            false => ("string", 0.0),
        };
        let texts = if values.texts.is_empty() && values.longest_list <= 1 { &values.elements } else { &values.texts };
        let separator = guess_separator(texts, is_tag_name(name) || path.is_empty());
        let bonus = bonus + if separator.is_some() { 2.0 } else { 0.0 } + penalty_for_content(values);
        let fields = Fields { separator: separator.map(String::from), ..at_labels(path, values) };
        let example = values.texts.iter().chain(&values.elements).find(|text| !text.trim().is_empty());
        candidates.extend(builder.candidate(path, fields, shape, example.map(String::as_str), values, bonus));
    }
    if values.lists_of_lists > 0 && !path.contains(&Step::Each) && !path.is_empty() {
        let inner: Vec<Step> = path.iter().cloned().chain([Step::Each]).collect();
        if let Some(found) = table.at(&inner).filter(|found| found.lists_of_strings > 0) {
            let example = found.elements.first().map(String::as_str);
            candidates.extend(builder.candidate(path, at_labels(&inner, found), "list of lists", example, found, 2.0));
        }
    }
    if values.lists_of_objects > 0 && !path.contains(&Step::Each) {
        add_lists_of_objects(table, path, &builder, candidates);
    }
}

/// Adds the candidates for a list of objects with one keyword each.
fn add_lists_of_objects(table: &FieldTable, path: &[Step], builder: &Builder, candidates: &mut Vec<Candidate>) {
    let each: Vec<Step> = path.iter().cloned().chain([Step::Each]).collect();
    let confidence = table.below(&each).find_map(|(below, values)| {
        let key = last_key(below).filter(|key| is_confidence_name(key))?;
        Some((key.to_owned(), least_confidence(values.confidence()?)))
    });
    let role = table.below(&each).find_map(|(below, values)| {
        let key = last_key(below).filter(|key| is_role_name(key))?;
        let model = MODELS.iter().find(|model| values.texts.iter().any(|text| text == *model))?;
        Some((key, *model))
    });
    for (below, values) in table.below(&each) {
        let Some(key) = last_key(below).filter(|_| !values.texts.is_empty()) else { continue };
        let bonus = 2.2 + penalty_for_content(values);
        let example = values.texts.first().map(String::as_str);
        if let Some((role, model)) = role {
            let query = format!("{}[?@{}=='{model}']{}", query_of(path), selector(role), selector(key));
            let fields = Fields { keywords: Some(query), ..Fields::default() };
            candidates.extend(builder.candidate(below, fields, "list of objects", example, values, bonus + 2.0));
        }
        let fields = Fields { keyword_key: Some(key.to_owned()), ..at(path) };
        if let Some((confidence, least)) = &confidence {
            let confidence_key = Some(confidence.clone());
            let fields = Fields { confidence_key, min_confidence: Some(*least), ..fields.clone() };
            candidates.extend(builder.candidate(below, fields, "list of objects with scores", example, values, bonus + 0.5));
        }
        candidates.extend(builder.candidate(below, fields, "list of objects", example, values, bonus));
    }
}

/// Makes candidates for the values at a path.
struct Builder {
    /// The number of records.
    records: usize,
}

impl Builder {
    fn candidate(
        &self,
        path: &[Step],
        fields: Fields,
        shape: &'static str,
        example: Option<&str>,
        values: &FieldValues,
        bonus: f64,
    ) -> Option<Candidate> {
        let coverage = (values.filled() as f64 / self.records.max(1) as f64).min(1.0);
        let rare = if coverage < RARE { -5.0 } else { 0.0 };
        let score = score_of_names(path) + bonus + 2.0 * coverage + rare;
        let example = example.unwrap_or_default().to_owned();
        Some(Candidate { fields, path: path.to_vec(), shape, example, score })
    }
}

/// The score of the names in a path. The last name counts most, and depth is a small disadvantage.
fn score_of_names(path: &[Step]) -> f64 {
    let keys: Vec<&str> = path.iter().filter_map(key_of).collect();
    let Some((last, outer)) = keys.split_last() else { return 4.0 };
    let outer_score = outer.iter().map(|key| keyword_score(key)).fold(0.0, f64::max);
    let depth = 0.2 * outer.len() as f64;
    match path.iter().rev().nth(1) {
        // The key of an object in a list.
        Some(Step::Each) => outer_score + inner_score(last) - depth,
        // A name of other content is that in any object.
        _ if keyword_score(last) < 0.0 => keyword_score(last) - depth,
        _ => keyword_score(last).max((outer_score + keyword_score(last)) * 0.5) - depth,
    }
}

/// A penalty for values that are names, places or numbers rather than keywords.
fn penalty_for_content(values: &FieldValues) -> f64 {
    let texts: Vec<&str> = values.texts.iter().chain(&values.elements).map(String::as_str).collect();
    let share = |is_so: fn(&str) -> bool| texts.iter().filter(|text| is_so(text)).count() as f64 / texts.len().max(1) as f64;
    let mut penalty = 0.0;
    if share(|text| text.contains("://") || is_file_name(text) || are_measures(text)) > 0.5 {
        penalty -= 10.0;
    }
    if share(|text| !has_word(text)) > 0.5 {
        penalty -= 6.0;
    }
    let are_names = values.texts.len() >= MANY_NAMES && values.is_unique() && share(is_one_piece) >= 1.0;
    if are_names {
        penalty -= 6.0;
    }
    if share(is_code) > 0.5 {
        penalty -= 4.0;
    }
    if texts.len() >= 5 && values.distinct() == 1 {
        penalty -= 4.0;
    }
    penalty
}

/// Whether a text consists of numbers with decimal places, such as the corners of a box.
fn are_measures(text: &str) -> bool {
    text.contains('.') && text.split_whitespace().all(|piece| piece.parse::<f64>().is_ok())
}

/// Whether a text has at least two letters and not more digits than letters.
fn has_word(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let is_foreign = text.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    is_foreign || (letters >= 2 && letters >= digits)
}

/// Whether nothing divides a text into words or keywords.
fn is_one_piece(text: &str) -> bool {
    let is_divider = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
    text.split(is_divider).filter(|piece| !piece.is_empty()).count() < 2
}

/// Whether a text is the name of an image file.
pub(crate) fn is_file_name(text: &str) -> bool {
    let ending = without_number(text).rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "svg"].contains(&&*ending))
}

/// The name of an image in the name of one of its captions: `dog.jpg` in `dog.jpg#0`.
pub(crate) fn without_number(name: &str) -> &str {
    let is_number = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let parts = name.rsplit_once('#').filter(|(_, number)| is_number(number));
    parts.map_or(name, |(name, _)| name)
}

/// Whether a text is a hash or an identifier rather than a word.
fn is_code(text: &str) -> bool {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    text.len() >= 8 && has_digit && !text.contains(' ') && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn has_only_numbers(values: &FieldValues) -> bool {
    values.elements.iter().all(|element| element.parse::<f64>().is_ok())
}

/// Whether the path leads into an object of scores, whose keys are keywords.
fn is_inside_scores(table: &FieldTable, path: &[Step]) -> bool {
    (0..path.len()).any(|depth| {
        let outer = path.get(..depth).unwrap_or_default();
        let name = last_key(outer).unwrap_or_default();
        let is_named_so = is_score_map_name(name) || outer.is_empty();
        table.at(outer).is_some_and(|values| values.are_scores(is_named_so))
    })
}

/// Half of the range of scores that go to 1 or to 100.
pub(crate) fn least_confidence(largest: f64) -> f64 {
    if largest > 1.0 { 50.0 } else { 0.5 }
}

/// The options for the value at a path.
fn at(path: &[Step]) -> Fields {
    Fields { keywords: path_option(path), ..Fields::default() }
}

/// The options for the value at a path. If its lists have a label and a score each, for the label.
fn at_labels(path: &[Step], values: &FieldValues) -> Fields {
    match values.label_place().filter(|_| path.last() == Some(&Step::Each)) {
        Some(place) => Fields { keywords: Some(format!("{}[{place}]", query_of(path))), ..Fields::default() },
        None => at(path),
    }
}

/// A path as `--keywords-field` takes it. The whole record has none.
pub(crate) fn path_option(path: &[Step]) -> Option<String> {
    if path.is_empty() {
        return None;
    }
    let keys: Option<Vec<String>> = path.iter().map(|step| key_of(step).map(String::from)).collect();
    Some(keys.map_or_else(|| query_of(path), |keys| shown_path(&keys)))
}

fn query_of(path: &[Step]) -> String {
    let selectors = path.iter().map(|step| match step {
        Step::Key(key) => selector(key),
        Step::Each => "[*]".to_owned(),
    });
    format!("${}", selectors.collect::<String>())
}

pub(crate) fn key_of(step: &Step) -> Option<&str> {
    match step {
        Step::Key(key) => Some(key),
        Step::Each => None,
    }
}

/// The key at the end of a path.
pub(crate) fn last_key(path: &[Step]) -> Option<&str> {
    path.iter().rev().find_map(key_of)
}

/// Whether the options read all records without an error, and find keywords.
fn can_be_read(fields: &Fields, records: &[SampledRecord]) -> bool {
    read_documents(fields, records).is_some_and(|documents| documents.iter().any(|words| !words.is_empty()))
}

/// The keywords of each record. `None` if a record cannot be read.
pub(crate) fn read_documents(fields: &Fields, records: &[SampledRecord]) -> Option<Vec<Vec<String>>> {
    read_each(fields, records)?.collect::<Result<_, _>>().ok()
}

/// The keywords of each record, or why they cannot be read. `None` if the options are wrong.
pub(crate) fn read_each<'r>(
    fields: &Fields,
    records: &'r [SampledRecord],
) -> Option<impl Iterator<Item = Result<Vec<String>, Malformed>> + 'r> {
    let field = fields.checked().ok()?.keywords;
    Some(records.iter().map(move |record| {
        let mut keywords = Keywords::default();
        read_keywords(&record.text, &field, &mut keywords).map(|()| keywords.found)
    }))
}

/// The keywords of a record.
#[derive(Default)]
struct Keywords {
    found: Vec<String>,
}

impl KeywordSink for Keywords {
    fn restart(&mut self) {
        self.found.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.found.push(String::from_utf8_lossy(keyword).into_owned());
    }
}
