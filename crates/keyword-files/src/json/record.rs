//! The values of a record at a path.

use super::field::FieldPath;
use super::malformed::{Expected, Malformed};
use super::part::{JsonKind, JsonPart};

impl FieldPath {
    /// The values in `record`. There are none if it has no such field, or null in it.
    pub(super) fn find<'t>(&self, record: JsonPart<'t>) -> Result<Vec<JsonPart<'t>>, Malformed> {
        let found = match self {
            FieldPath::Query(query) => query.find(record)?,
            FieldPath::Keys(keys) => value_at(record, keys)?.into_iter().collect(),
            FieldPath::Usual => usual_value(record)?.into_iter().collect(),
        };
        let is_null = |value: &JsonPart<'_>| value.kind() == JsonKind::Null;
        Ok(if found.iter().all(is_null) { Vec::new() } else { found })
    }
}

/// The value that the keys lead to, if the record has it.
fn value_at<'t, K: AsRef<str>>(record: JsonPart<'t>, keys: &[K]) -> Result<Option<JsonPart<'t>>, Malformed> {
    let mut value = record;
    for key in keys {
        match value.kind() {
            JsonKind::Object | JsonKind::Invalid => match value.value_of(key.as_ref())? {
                Some(next) => value = next,
                None => return Ok(None),
            },
            JsonKind::Null => return Ok(None),
            _ => return Err(value.wrong_type(Expected::Record)),
        }
    }
    Ok(Some(value))
}

/// The keywords of a record if no field is named.
fn usual_value(record: JsonPart<'_>) -> Result<Option<JsonPart<'_>>, Malformed> {
    match record.kind() {
        JsonKind::Object | JsonKind::Invalid => {
            let of_release = match record.value_of("tagging")? {
                Some(tagging) if tagging.kind() == JsonKind::Object => tagging.value_of("keywords")?,
                _ => None,
            };
            match of_release {
                Some(value) => Ok(Some(value)),
                None => record.value_of("keywords"),
            }
        }
        JsonKind::List | JsonKind::Text | JsonKind::Null => Ok(Some(record)),
        JsonKind::Number | JsonKind::Boolean => Err(record.wrong_type(Expected::Record)),
    }
}

/// The same text with `{ }` in place of NaN and Infinity, which only Python writes. Each byte stays
/// at its place. There is no such text if there are no such numbers.
pub(super) fn without_python_numbers(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut at, mut is_in_string, mut is_changed) = (0, false, false);
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'"' => {
                is_in_string = !is_in_string;
                1
            }
            b'\\' if is_in_string => 2,
            b'N' | b'I' | b'-' if !is_in_string => {
                let rest = bytes.get_mut(at..).unwrap_or_default();
                let names = [b"NaN".as_slice(), b"Infinity", b"-Infinity"];
                match names.into_iter().find(|name| rest.starts_with(name)) {
                    Some(name) => {
                        let number = rest.get_mut(..name.len())?;
                        number.fill(b' ');
                        *number.first_mut()? = b'{';
                        *number.last_mut()? = b'}';
                        is_changed = true;
                        name.len()
                    }
                    None => 1,
                }
            }
            _ => 1,
        };
    }
    String::from_utf8(bytes).ok().filter(|_| is_changed)
}
