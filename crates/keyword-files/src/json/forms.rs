//! The value that holds the keywords: strings and numbers, an object of scores, or a list of
//! objects with one keyword each.

use hashbrown::HashMap;

use super::field::{KeywordForm, LeastConfidence};
use super::malformed::{Expected, Flaw, KeywordShape, Malformed};
use super::part::{JsonKind, JsonPart};
use super::sink::KeywordSink;

/// Hands the keywords of a value to `sink`. `field` is the name of the value for messages.
pub(super) fn read(
    value: JsonPart<'_>,
    form: &KeywordForm,
    field: &dyn Fn() -> String,
    sink: &mut dyn KeywordSink,
) -> Result<(), Malformed> {
    match form {
        KeywordForm::Objects { key, least } => read_objects(value, &ObjectKeys { key, least: least.as_ref(), field }, sink),
        KeywordForm::Values { least_score: Some(least) } if value.kind() == JsonKind::Object => {
            read_scores(value, *least, field, sink)
        }
        KeywordForm::Strings | KeywordForm::Values { .. } => read_strings(value, field, sink),
    }
}

fn read_strings(value: JsonPart<'_>, field: &dyn Fn() -> String, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    if value.kind() != JsonKind::List {
        return read_string(value, KeywordShape::Strings, field, sink);
    }
    value.each_element(|element| read_string(element, KeywordShape::OneString, field, sink))
}

/// Hands on one keyword. A number counts as its text, and null is no keyword.
fn read_string(
    value: JsonPart<'_>,
    expected: KeywordShape,
    field: &dyn Fn() -> String,
    sink: &mut dyn KeywordSink,
) -> Result<(), Malformed> {
    match value.kind() {
        JsonKind::Text => value.with_text(|text| sink.keyword(text)),
        JsonKind::Number => {
            sink.keyword(value.as_str().as_bytes());
            Ok(())
        }
        JsonKind::Null => Ok(()),
        _ => Err(value.wrong(|found| Flaw::NoKeywords { field: field(), expected, found })),
    }
}

/// Hands on the keys of an object whose scores are high enough, in the order of the text.
pub(super) fn read_scores(
    value: JsonPart<'_>,
    least: f64,
    field: &dyn Fn() -> String,
    sink: &mut dyn KeywordSink,
) -> Result<(), Malformed> {
    let mut scores: Vec<(Vec<u8>, f64)> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    value.each_entry(|key, score| {
        if score.kind() != JsonKind::Number {
            return Err(score.wrong_type(Expected::Score { field: field() }));
        }
        let score = score.parsed()?;
        // As in Python, the last of equal keys gives the value and the first gives the place.
        let place = *places.entry_ref(key).or_insert(scores.len());
        match scores.get_mut(place) {
            Some((_, before)) => *before = score,
            None => scores.push((key.to_vec(), score)),
        }
        Ok(())
    })?;
    if !scores.is_empty() {
        sink.has_confidence();
    }
    for (key, score) in scores {
        if score >= least { sink.keyword(&key) } else { sink.unsure() }
    }
    Ok(())
}

/// Whether a value is an object of numbers, of which there is at least one.
pub(super) fn are_numbers(value: JsonPart<'_>) -> Result<bool, Malformed> {
    let (mut count, mut are_numbers) = (0_u64, true);
    value.each_entry(|_, number| {
        count += 1;
        are_numbers &= number.kind() == JsonKind::Number;
        Ok(())
    })?;
    Ok(count > 0 && are_numbers)
}

/// The keys of the objects of a list.
struct ObjectKeys<'a> {
    key: &'a str,
    least: Option<&'a LeastConfidence>,
    field: &'a dyn Fn() -> String,
}

/// Hands on the keywords of a list of objects.
fn read_objects(value: JsonPart<'_>, keys: &ObjectKeys<'_>, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    let unlike = |part: JsonPart<'_>| {
        let expected = KeywordShape::Objects;
        part.wrong(|found| Flaw::NoKeywords { field: (keys.field)(), expected, found })
    };
    match value.kind() {
        JsonKind::List => value.each_element(|element| match element.kind() {
            JsonKind::Object => read_object(element, keys, sink),
            JsonKind::Null => Ok(()),
            _ => Err(unlike(element)),
        }),
        // A JSONPath finds the objects one by one.
        JsonKind::Object => read_object(value, keys, sink),
        _ => Err(unlike(value)),
    }
}

fn read_object(object: JsonPart<'_>, keys: &ObjectKeys<'_>, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    let least_key = keys.least.map(|least| least.key.as_bytes());
    let (mut keyword, mut confidence) = (None, None);
    object.each_entry(|key, value| {
        if key == keys.key.as_bytes() {
            keyword = Some(value);
        }
        if Some(key) == least_key {
            confidence = Some(value);
        }
        Ok(())
    })?;
    let missing = |key: &str| object.lacks(Flaw::MissingInObject { field: (keys.field)(), key: key.to_owned() });
    let keyword = keyword.ok_or_else(|| missing(keys.key))?;
    if let Some(least) = keys.least {
        let confidence: JsonPart<'_> = confidence.ok_or_else(|| missing(&least.key))?;
        if confidence.kind() != JsonKind::Number {
            return Err(confidence.wrong_type(Expected::Confidence { field: least.key.clone() }));
        }
        let confidence = confidence.parsed::<f64>()?;
        sink.has_confidence();
        if confidence < least.least {
            sink.unsure();
            return Ok(());
        }
    }
    read_string(keyword, KeywordShape::InObject, keys.field, sink)
}
