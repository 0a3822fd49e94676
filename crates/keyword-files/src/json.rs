//! What is wrong with a JSON text, in words that a person can act on.

use serde_json::error::Category;

/// Why a JSON text cannot be read: the place in it and what was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    pub place: String,
    pub what: String,
}

/// The text as Python's `json` reads it: UTF-8 alone, wherever in the text a stray byte stands.
pub fn utf8(json: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(json).map_err(|error| not_utf8(error.valid_up_to() as u64))
}

/// Whether bytes are meant as JSON rather than as a pickle, which never begins so.
pub fn is_meant_as_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'[' | b'"'))
}

/// The problem with a byte that belongs to no character.
pub fn not_utf8(at: u64) -> Malformed {
    Malformed { place: format!("byte {at}"), what: "not UTF-8; save it as UTF-8".into() }
}

/// Puts a parser's error into words. `start` is the beginning of the text; `data` words an error of shape, given what serde says.
pub fn explain(error: &serde_json::Error, start: &[u8], data: impl FnOnce(&str) -> String) -> Malformed {
    let place = format!("line {} column {}", error.line(), error.column());
    let said = error.to_string();
    let said = said.strip_suffix(&format!(" at {place}")).unwrap_or(&said);
    let what = match error.classify() {
        Category::Data => data(said),
        _ if start.is_empty() => "the file is empty, expected a JSON object".to_owned(),
        _ if start.starts_with(b"\xef\xbb\xbf") => "starts with a byte order mark; save it as UTF-8 without one".to_owned(),
        Category::Io => format!("cannot be read: {said}"),
        Category::Eof => format!("the JSON is cut short: {said}"),
        Category::Syntax if names_no_number(start, error) => {
            format!("not JSON: {said}; NaN and Infinity are Python's, save such numbers as null")
        }
        Category::Syntax => format!("not JSON: {said}"),
    };
    Malformed { place, what }
}

/// Whether the text goes wrong at a number that Python writes and JSON does not have.
fn names_no_number(text: &[u8], error: &serde_json::Error) -> bool {
    let line = text.split(|&b| b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = error.column().saturating_sub(2);
    let here = line.get(before..).unwrap_or_default();
    let here = here.get(..12).unwrap_or(here);
    [b"NaN".as_slice(), b"Infinity"].iter().any(|name| here.windows(name.len()).any(|found| found == *name))
}

/// What serde says that it found, in JSON's words and short enough for a line.
pub fn found_in(said: &str) -> String {
    let found = said.split_once(": ").map_or(said, |(_, rest)| rest);
    match found.rsplit_once(", expected").map_or(found, |(found, _)| found) {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        long if long.chars().count() > 60 => long.chars().take(60).chain(['…']).collect(),
        short => short.to_owned(),
    }
}
