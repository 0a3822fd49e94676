//! Values of Parquet as JSON.

use std::io::Write as _;

use parquet::record::{Field, List, Map, Row};

use super::escape::push_string;

/// A binary value that is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotText {
    /// The column, with the fields that lead to the value.
    pub column: String,
    pub len: usize,
}

impl NotText {
    /// Whether the value is in this column or in a field of it.
    pub fn is_in(&self, column: &str) -> bool {
        self.column.strip_prefix(column).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    fn in_field(mut self, name: &str) -> NotText {
        let separator = if self.column.is_empty() { "" } else { "." };
        self.column = format!("{name}{separator}{}", self.column);
        self
    }
}

/// `Err` means that a value is not text. What was written is not complete then.
pub(super) type Written = Result<(), NotText>;

/// Writes a row as an object.
pub(super) fn object(row: &Row, json: &mut Vec<u8>) -> Written {
    json.push(b'{');
    for (place, (name, field)) in row.get_column_iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        push_string(name, json);
        json.push(b':');
        value(field, json).map_err(|not_text| not_text.in_field(name))?;
    }
    json.push(b'}');
    Ok(())
}

/// A value as JSON. A value that JSON has no form for becomes a string.
fn value(field: &Field, json: &mut Vec<u8>) -> Written {
    match field {
        Field::Null => json.extend_from_slice(b"null"),
        Field::Str(string) => push_string(string, json),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(string) => push_string(string, json),
            Err(_) => return Err(NotText { column: String::new(), len: bytes.len() }),
        },
        Field::Group(row) => object(row, json)?,
        Field::ListInternal(list) => elements(list, json)?,
        Field::MapInternal(map) => entries(map, json)?,
        Field::Bool(_) | Field::Byte(_) | Field::Short(_) | Field::Int(_) | Field::Long(_) => shown(field, json),
        Field::UByte(_) | Field::UShort(_) | Field::UInt(_) | Field::ULong(_) => shown(field, json),
        Field::Float(number) => real(f64::from(*number), json),
        Field::Double(number) => real(*number, json),
        other => push_string(other.to_string(), json),
    }
    Ok(())
}

/// A map with keys of any type is an object.
fn entries(map: &Map, json: &mut Vec<u8>) -> Written {
    json.push(b'{');
    for (place, (key, field)) in map.entries().iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        match key {
            Field::Str(key) => push_string(key, json),
            Field::Bytes(_) => value(key, json)?,
            other => push_string(other.to_string(), json),
        }
        json.push(b':');
        value(field, json)?;
    }
    json.push(b'}');
    Ok(())
}

fn elements(list: &List, json: &mut Vec<u8>) -> Written {
    json.push(b'[');
    for (place, element) in list.elements().iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        value(element, json)?;
    }
    json.push(b']');
    Ok(())
}

fn real(number: f64, json: &mut Vec<u8>) {
    let _ = serde_json::to_writer(json, &number);
}

fn shown(field: &Field, json: &mut Vec<u8>) {
    let _ = write!(json, "{field}");
}
