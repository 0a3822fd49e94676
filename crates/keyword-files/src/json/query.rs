//! JSONPath queries (RFC 9535).

use std::collections::HashMap;

use serde_json::Value;
use serde_json_path::{JsonPath, ParseError};

use super::malformed::Malformed;
use super::part::{JsonKind, JsonPart};

/// A JSONPath.
#[derive(Debug, Clone)]
pub struct JsonQuery {
    text: String,
    path: JsonPath,
}

impl JsonQuery {
    /// Parses a JSONPath.
    ///
    /// # Errors
    ///
    /// It is not a JSONPath.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        Ok(JsonQuery { text: text.to_owned(), path: JsonPath::parse(text)? })
    }

    /// The JSONPath as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key in `$.key`, if the path begins so.
    pub fn first_key(&self) -> Option<&str> {
        let name = self.text.strip_prefix("$.")?;
        let end = name.find(['.', '[', ' ']).unwrap_or(name.len());
        let (name, rest) = name.split_at_checked(end)?;
        (!name.is_empty() && name != "*" && !rest.starts_with("..")).then_some(name)
    }

    /// The values that the path finds in `record`, in the order of the text.
    pub(super) fn find<'t>(&self, record: JsonPart<'t>) -> Result<Vec<JsonPart<'t>>, Malformed> {
        let value: Value = record.parsed()?;
        let mut wanted: HashMap<usize, usize> = HashMap::new();
        for node in self.path.query(&value).all() {
            *wanted.entry(address(node)).or_default() += 1;
        }
        let mut found = Vec::new();
        if !wanted.is_empty() {
            find_parts(&value, record, &wanted, &mut found)?;
        }
        Ok(found)
    }
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

/// Adds the parts of `part` whose parsed values are wanted, as often as they are. The parser of
/// `value` has limited the depth of the recursion.
fn find_parts<'t>(
    value: &Value,
    part: JsonPart<'t>,
    wanted: &HashMap<usize, usize>,
    found: &mut Vec<JsonPart<'t>>,
) -> Result<(), Malformed> {
    let times = wanted.get(&address(value)).copied().unwrap_or_default();
    found.extend(std::iter::repeat_n(part, times));
    match (part.kind(), value) {
        (JsonKind::List, Value::Array(values)) => {
            let mut values = values.iter();
            part.each_element(|element| match values.next() {
                Some(value) => find_parts(value, element, wanted, found),
                None => Ok(()),
            })
        }
        (JsonKind::Object, Value::Object(values)) => {
            let mut entries: Vec<(String, JsonPart<'t>)> = Vec::with_capacity(values.len());
            part.each_entry(|key, entry| {
                entries.push((String::from_utf8_lossy(key).into_owned(), entry));
                Ok(())
            })?;
            if entries.len() > values.len() {
                entries = last_of_equal_keys(entries);
            }
            entries.into_iter().try_for_each(|(key, entry)| match values.get(&key) {
                Some(value) => find_parts(value, entry, wanted, found),
                None => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn last_of_equal_keys<T>(entries: Vec<(String, T)>) -> Vec<(String, T)> {
    let last: HashMap<String, usize> = entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
    let is_last = |place: usize, key: &str| last.get(key) == Some(&place);
    let entries = entries.into_iter().enumerate();
    entries.filter(|(place, (key, _))| is_last(*place, key)).map(|(_, entry)| entry).collect()
}
