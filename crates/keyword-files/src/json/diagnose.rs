//! Finds the option that would help to read a record. The advice is true for this very record.

use serde::de::IgnoredAny;

use super::field::{FieldPath, KeywordField, KeywordForm, shown_path};
use super::found_value::FoundValue;
use super::malformed::{Flaw, KeywordShape, Malformed};
use super::part::{JsonKind, JsonPart};
use super::record::without_python_numbers;
use super::utf8::utf8;

/// Keys of an object that a message names.
const SHOWN_KEYS: usize = 12;
/// Characters of these keys that a message has room for.
const SHOWN_CHARACTERS: usize = 200;

/// Keys that are usual for a keyword.
const USUAL_KEYS: [&str; 10] = ["tag", "keyword", "label", "name", "description", "value", "text", "caption", "raw", "title"];

/// What to do about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Read the keywords at this path.
    ReadAt(String),
    /// Read the keyword of each object at this key.
    KeywordKey(String),
    /// Read the confidence of each object at this key.
    ConfidenceKey(String),
    /// Read strings, because the keywords are not objects.
    ReadStrings,
    /// Read the keys of the object whose scores are not too small.
    ReadKeysWithScores,
    /// Read the text as a list of records.
    ReadAsList,
    /// Read the file in another way.
    ReadOtherwise,
    /// Add the code to the table of labels.
    AddLabel,
    /// Correct the record.
    Correct,
}

/// What to do about keywords that cannot be read.
pub fn advice(text: &[u8], field: &KeywordField, malformed: &Malformed) -> Advice {
    if matches!(malformed.flaw(), Flaw::UnknownLabel { .. }) {
        return Advice::AddLabel;
    }
    let found = with_record(text, |record| match malformed.flaw() {
        Flaw::NoKeywords { expected: KeywordShape::Objects, .. } => Some(Advice::ReadStrings),
        Flaw::NoKeywords { expected: KeywordShape::Strings | KeywordShape::OneString, .. } => advice_for_values(record, field),
        Flaw::MissingInObject { key, .. } => advice_for_key(record, field, key),
        Flaw::WrongType { .. } => advice_for_list_on_path(record, &field.path),
        _ => None,
    });
    match found {
        Some(advice) => advice,
        None if has_other_shape(text, malformed) || are_lines(text) => Advice::ReadOtherwise,
        None => Advice::Correct,
    }
}

/// Whether other options might read the record, which is not an object or has objects as keywords.
fn has_other_shape(text: &[u8], malformed: &Malformed) -> bool {
    let is_scalar = |record: JsonPart<'_>| !matches!(record.kind(), JsonKind::Object | JsonKind::Invalid);
    let found = match malformed.flaw() {
        Flaw::NoKeywords { found, .. } => found.as_ref(),
        Flaw::WrongType { .. } => {
            return with_record(text, |record| Some(is_scalar(record))).unwrap_or_default();
        }
        _ => None,
    };
    matches!(found, Some(FoundValue::Object | FoundValue::List))
}

/// Whether a text has values on several lines, and is no single record.
fn are_lines(text: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let is_first_whole = values.next().is_some_and(|value| value.is_ok());
    let rest = text.get(values.byte_offset()..).unwrap_or_default();
    let space = rest.split(|byte| !byte.is_ascii_whitespace()).next().unwrap_or_default();
    is_first_whole && space.contains(&b'\n') && values.next().is_some_and(|value| value.is_ok())
}

/// The first keys of the record, for a message, if it is an object that has keys.
pub fn keys_found(text: &[u8]) -> Option<String> {
    with_record(text, keys_of)
}

/// Reads a record of which Python may have written NaN and Infinity.
pub(super) fn with_record<T>(text: &[u8], with: impl Fn(JsonPart<'_>) -> Option<T>) -> Option<T> {
    let text = utf8(text).ok()?;
    match without_python_numbers(text) {
        Some(other) => with(JsonPart::in_place_of(text, &other)),
        None => with(JsonPart::whole(text)),
    }
}

/// The first keys of an object, for a message.
pub(super) fn keys_of(object: JsonPart<'_>) -> Option<String> {
    let keys = entries(object)?;
    if keys.is_empty() {
        return None;
    }
    let more = if keys.len() > SHOWN_KEYS { ", …" } else { "" };
    let shown: Vec<&str> = keys.iter().take(SHOWN_KEYS).map(|(key, _)| key.as_str()).collect();
    Some(format!("{}{more}", shown.join(", ").chars().take(SHOWN_CHARACTERS).collect::<String>()))
}

/// The entries of an object.
fn entries(object: JsonPart<'_>) -> Option<Vec<(String, JsonPart<'_>)>> {
    if object.kind() != JsonKind::Object {
        return None;
    }
    let mut entries = Vec::new();
    let read = object.each_entry(|key, value| {
        entries.push((String::from_utf8_lossy(key).into_owned(), value));
        Ok(())
    });
    read.ok().map(|()| entries)
}

/// The first element of a list that is of a kind.
fn first_of(list: JsonPart<'_>, kind: JsonKind) -> Option<JsonPart<'_>> {
    let mut first = None;
    if list.kind() == JsonKind::List {
        let look = list.each_element(|element| {
            first = first.or(Some(element).filter(|element| element.kind() == kind));
            Ok(())
        });
        look.ok()?;
    }
    first
}

/// The advice for a value that is no string and no list of strings.
fn advice_for_values(record: JsonPart<'_>, field: &KeywordField) -> Option<Advice> {
    let values = field.path.find(record).ok()?;
    let of_kind = |kind| values.iter().copied().find(|value| value.kind() == kind);
    if let Some(object) = of_kind(JsonKind::Object) {
        return advice_for_object(object, &field.path);
    }
    let in_lists = |kind| values.iter().find_map(|list| first_of(*list, kind));
    if let Some(object) = in_lists(JsonKind::Object) {
        let entries = entries(object)?;
        if entries.iter().any(|(_, value)| first_of(*value, JsonKind::Text).is_some()) {
            let is_whole = matches!(field.path, FieldPath::Usual);
            return is_whole.then_some(Advice::ReadAsList);
        }
        if matches!(field.path, FieldPath::Usual) {
            return None;
        }
        let key = keyword_key(&entries)?;
        return Some(match &field.path {
            FieldPath::Query(query) => Advice::ReadAt(format!("{}[*]{}", query.as_str(), selector(key))),
            _ => Advice::KeywordKey(key.to_owned()),
        });
    }
    let inner = in_lists(JsonKind::List)?;
    first_of(inner, JsonKind::Text)?;
    let path = match &field.path {
        FieldPath::Usual => return None,
        FieldPath::Keys(keys) => as_query(keys),
        FieldPath::Query(query) => query.as_str().to_owned(),
    };
    let label = label_place(inner).map(|place| format!("[{place}]")).unwrap_or_default();
    Some(Advice::ReadAt(format!("{path}[*]{label}")))
}

/// The place of the label in a list `["dog", 0.98]` or `["n02", "dog", 0.98]`.
fn label_place(list: JsonPart<'_>) -> Option<usize> {
    let mut kinds = Vec::new();
    let read = list.each_element(|element| {
        kinds.push(element.kind());
        Ok(())
    });
    read.ok()?;
    match kinds.as_slice() {
        [JsonKind::Text, JsonKind::Number] => Some(0),
        [JsonKind::Text, JsonKind::Text, JsonKind::Number] => Some(1),
        _ => None,
    }
}

/// The key of an object that certainly has the keyword: a usual one, or the only text of an object
/// without other objects.
fn keyword_key<'e>(entries: &'e [(String, JsonPart<'_>)]) -> Option<&'e str> {
    let keys_of = |kind| entries.iter().filter(move |(_, value)| value.kind() == kind).map(|(key, _)| key.as_str());
    let usual = keys_of(JsonKind::Text).find(|key| USUAL_KEYS.contains(key));
    let mut texts = keys_of(JsonKind::Text);
    let only = texts.next().filter(|_| texts.next().is_none() && keys_of(JsonKind::Object).next().is_none());
    usual.or(only)
}

fn advice_for_object(object: JsonPart<'_>, path: &FieldPath) -> Option<Advice> {
    let entries = entries(object)?;
    if !entries.is_empty() && entries.iter().all(|(_, value)| value.kind() == JsonKind::Number) {
        return Some(Advice::ReadKeysWithScores);
    }
    let FieldPath::Keys(keys) = path else { return None };
    let (key, _) = entries.iter().find(|(_, value)| holds_strings(*value))?;
    let path: Vec<String> = keys.iter().cloned().chain([key.clone()]).collect();
    Some(Advice::ReadAt(shown_path(&path)))
}

/// The advice for an object of a list that lacks a key.
fn advice_for_key(record: JsonPart<'_>, field: &KeywordField, missing: &str) -> Option<Advice> {
    let KeywordForm::Objects { key, least } = &field.form else { return None };
    let values = field.path.find(record).ok()?;
    let object = values.iter().find_map(|list| first_of(*list, JsonKind::Object))?;
    let entries = entries(object)?;
    if entries.iter().any(|(key, _)| key == missing) {
        // Another object lacks the key.
        return None;
    }
    if missing == key {
        return Some(keyword_key(&entries).map_or(Advice::ReadOtherwise, |key| Advice::KeywordKey(key.to_owned())));
    }
    least.as_ref()?;
    let (number, _) = entries.iter().find(|(_, value)| value.kind() == JsonKind::Number)?;
    Some(Advice::ConfidenceKey(number.clone()))
}

/// The advice for a list of objects before the end of a path.
fn advice_for_list_on_path(record: JsonPart<'_>, path: &FieldPath) -> Option<Advice> {
    let FieldPath::Keys(keys) = path else { return None };
    let mut value = record;
    for (depth, key) in keys.iter().enumerate() {
        if value.kind() == JsonKind::List {
            if depth == 0 {
                first_of(value, JsonKind::Object)?;
                return Some(Advice::ReadAsList);
            }
            let (before, behind) = keys.split_at_checked(depth)?;
            return Some(Advice::ReadAt(format!("{}{}", as_query(before), query_through_lists(value, behind)?)));
        }
        value = value.value_of(key).ok()??;
    }
    None
}

/// A JSONPath that follows keys through lists of objects, if there is a value at its end.
fn query_through_lists(mut value: JsonPart<'_>, keys: &[String]) -> Option<String> {
    let mut path = String::new();
    for key in keys {
        if value.kind() == JsonKind::List {
            path.push_str("[*]");
            value = first_of(value, JsonKind::Object)?;
        }
        path.push_str(&selector(key));
        value = value.value_of(key).ok()??;
    }
    Some(path)
}

/// Whether a value is a string or a list that starts with one.
fn holds_strings(value: JsonPart<'_>) -> bool {
    value.kind() == JsonKind::Text || first_of(value, JsonKind::Text).is_some()
}

/// A JSONPath that follows keys.
fn as_query(keys: &[String]) -> String {
    let selectors: String = keys.iter().map(|key| selector(key)).collect();
    format!("${selectors}")
}

/// The selector of a key in a JSONPath.
pub fn selector(key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match key.bytes().all(is_plain) && !key.starts_with(|c: char| c.is_ascii_digit()) && !key.is_empty() {
        true => format!(".{key}"),
        false => format!("[{}]", quoted_key(key)),
    }
}

/// The JSONPath of the values that an object has for these keys.
pub fn query_of_keys(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| quoted_key(key)).collect();
    format!("$[{}]", keys.join(","))
}

fn quoted_key(key: &str) -> String {
    format!("'{}'", key.replace('\\', "\\\\").replace('\'', "\\'"))
}
