//! The general path through the JSON of an image. It reads every text that Python's `json` reads
//! in the same way: the last of equal keys counts, whatever the others hold, and a lone surrogate
//! is a character. It also finds out what is wrong with a text.

use super::field::{FieldPath, KeywordField, KeywordForm, RecordConfidence};
use super::forms;
use super::malformed::{Expected, Flaw, Malformed};
use super::part::{JsonKind, JsonPart};
use super::record::without_python_numbers;
use super::sink::KeywordSink;

/// Reads the keywords of `text` at `field`.
pub(super) fn read(text: &str, field: &KeywordField, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    sink.restart();
    let malformed = match read_record(JsonPart::whole(text), field, sink) {
        Err(malformed) if matches!(malformed.flaw(), Flaw::PythonNumber(_)) => malformed,
        outcome => return outcome,
    };
    match without_python_numbers(text).filter(|_| !field.is_strict()) {
        Some(other) => {
            sink.restart();
            read_record(JsonPart::in_place_of(text, &other), field, sink)
        }
        None => Err(malformed),
    }
}

fn read_record(record: JsonPart<'_>, field: &KeywordField, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    if field.is_strict() {
        return read_release(record, field, sink);
    }
    let Some(confidence) = &field.confidence else { return read_values(record, field, sink) };
    let is_sure = is_sure(record, confidence)?;
    sink.has_confidence();
    match is_sure {
        true => read_values(record, field, sink),
        false => read_values(record, field, &mut UnsureSink(sink)),
    }
}

/// Reads a list of strings, as the release has it, and refuses everything else.
fn read_release(record: JsonPart<'_>, field: &KeywordField, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    let FieldPath::Keys(path) = &field.path else { return read_values(record, field, sink) };
    let expected = || Expected::ReleaseKeywords { path: path.join(".") };
    let mut value = record;
    for (depth, key) in (1..).zip(path) {
        if !matches!(value.kind(), JsonKind::Object | JsonKind::Invalid) {
            return Err(value.wrong_type(expected()));
        }
        let missing = || Flaw::Missing { path: path.get(..depth).unwrap_or_default().join("."), expected: expected() };
        value = value.value_of(key)?.ok_or_else(|| value.lacks(missing()))?;
    }
    if value.kind() != JsonKind::List {
        return Err(value.wrong_type(expected()));
    }
    value.each_element(|element| match element.kind() {
        JsonKind::Text => element.with_text(|text| sink.keyword(text)),
        JsonKind::List => Err(element.wrong_list(expected())),
        _ => Err(element.wrong_type(expected())),
    })
}

/// Reads the keywords of a user's record.
fn read_values(record: JsonPart<'_>, field: &KeywordField, sink: &mut dyn KeywordSink) -> Result<(), Malformed> {
    let values = field.path.find(record)?;
    let name = || field.path.to_string();
    if values.is_empty() {
        return match scores_of_record(record, field)? {
            Some(least) => forms::read_scores(record, least, &name, sink),
            None => {
                sink.no_field();
                Ok(())
            }
        };
    }
    values.into_iter().try_for_each(|value| forms::read(value, &field.form, &name, sink))
}

/// The least score, if a record is itself an object of scores.
fn scores_of_record(record: JsonPart<'_>, field: &KeywordField) -> Result<Option<f64>, Malformed> {
    let KeywordForm::Values { least_score: Some(least) } = field.form else { return Ok(None) };
    if !matches!(field.path, FieldPath::Usual) || record.kind() != JsonKind::Object {
        return Ok(None);
    }
    Ok(forms::are_numbers(record)?.then_some(least))
}

/// Whether the confidence of a record is high enough.
fn is_sure(record: JsonPart<'_>, confidence: &RecordConfidence) -> Result<bool, Malformed> {
    let field = || confidence.path.to_string();
    let found = confidence.path.find(record)?;
    let [value] = found.as_slice() else {
        return Err(record.lacks(Flaw::NoConfidence { field: field() }));
    };
    let number = match value.kind() {
        JsonKind::Number => Some(value.parsed::<f64>()?),
        // The values of a CSV are strings.
        JsonKind::Text => value.parsed::<String>()?.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    };
    let number = number.ok_or_else(|| value.wrong_type(Expected::Confidence { field: field() }))?;
    Ok(number >= confidence.least)
}

/// Counts the keywords of a record of too low confidence.
struct UnsureSink<'a>(&'a mut dyn KeywordSink);

impl KeywordSink for UnsureSink<'_> {
    fn restart(&mut self) {
        self.0.restart();
    }

    fn keyword(&mut self, _: &[u8]) {
        self.0.unsure();
    }

    fn unsure(&mut self) {
        self.0.unsure();
    }

    fn has_confidence(&mut self) {
        self.0.has_confidence();
    }

    fn no_field(&mut self) {
        self.0.no_field();
    }
}
