//! What is wrong with a JSON text, in words that a person can act on.

use serde_json::error::Category;

/// Why a JSON text cannot be read: the place in it and what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub place: String,
    pub what: String,
}

/// Python's `json` reads UTF-8 alone, wherever in the text the stray byte stands.
pub(crate) fn check_utf8(json: &[u8]) -> Result<(), Malformed> {
    let wrong = |e: std::str::Utf8Error| Malformed {
        place: format!("byte {}", e.valid_up_to()),
        what: "not UTF-8; save it as UTF-8".into(),
    };
    std::str::from_utf8(json).map(drop).map_err(wrong)
}

/// Puts a parser's error into words. `start` is the beginning of the text; `data` words an error of shape, given what serde says.
pub(crate) fn explain(error: &serde_json::Error, start: &[u8], data: impl FnOnce(&str) -> String) -> Malformed {
    let place = format!("line {} column {}", error.line(), error.column());
    let said = error.to_string();
    let said = said.strip_suffix(&format!(" at {place}")).unwrap_or(&said);
    let what = match error.classify() {
        Category::Data => data(said),
        _ if start.is_empty() => "the file is empty, expected a JSON object".to_owned(),
        _ if start.starts_with(b"\xef\xbb\xbf") => "starts with a byte order mark; save it as UTF-8 without one".to_owned(),
        Category::Io => format!("cannot be read: {said}"),
        Category::Eof => format!("the JSON is cut short: {said}"),
        Category::Syntax => format!("not JSON: {said}"),
    };
    Malformed { place, what }
}

/// What serde says that it found, in JSON's words and short enough for a line.
pub(crate) fn found_in(said: &str) -> String {
    let found = said.split_once(": ").map_or(said, |(_, rest)| rest);
    match found.rsplit_once(", expected").map_or(found, |(found, _)| found) {
        "sequence" => "a list".to_owned(),
        "map" => "an object".to_owned(),
        long if long.chars().count() > 60 => long.chars().take(60).chain(['…']).collect(),
        short => short.to_owned(),
    }
}
