//! The first records of an input as a table.

use keyword_files::json::{JsonTree, shown_path};

use super::sample::InputSample;

/// Records that are shown.
const ROWS: usize = 3;
/// Columns that are shown.
const COLUMNS: usize = 6;
/// Characters of a value that are shown.
const WIDTH: usize = 40;

/// A table of the first records.
pub(crate) struct FirstRecords {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl FirstRecords {
    /// Shows the keys that are wanted first, then the others.
    pub fn of(sample: &InputSample, wanted: &[String]) -> FirstRecords {
        let records = sample.records.get(..ROWS).unwrap_or(&sample.records);
        let mut keys: Vec<String> = wanted.to_vec();
        for record in records {
            if let JsonTree::Object(entries) = &record.tree {
                keys.extend(entries.iter().map(|(key, _)| key.clone()));
            }
        }
        let mut seen = Vec::new();
        keys.retain(|key| {
            !seen.contains(key) && {
                seen.push(key.clone());
                true
            }
        });
        keys.truncate(COLUMNS);
        let are_values = records.iter().any(|record| !matches!(record.tree, JsonTree::Object(_)));
        let mut columns = vec!["name".to_owned()];
        if !sample.has_names {
            columns = vec!["number".to_owned()];
        }
        match are_values {
            true => columns.push("value".to_owned()),
            false => columns.extend(keys.iter().map(|key| shown_path(std::slice::from_ref(key)))),
        }
        let rows = records.iter().map(|record| {
            let name = record.name.clone().unwrap_or_else(|| record.number.to_string());
            let mut row = vec![cut(&name)];
            match are_values {
                true => row.push(brief(&record.tree)),
                false => row.extend(keys.iter().map(|key| value_of(&record.tree, key).map(brief).unwrap_or_default())),
            }
            row
        });
        FirstRecords { rows: rows.collect(), columns }
    }
}

/// The value of a key, if the tree is an object that has it.
pub(crate) fn value_of<'t>(tree: &'t JsonTree, key: &str) -> Option<&'t JsonTree> {
    match tree {
        JsonTree::Object(entries) => entries.iter().find(|(found, _)| found == key).map(|(_, value)| value),
        _ => None,
    }
}

/// A value on one line.
pub(crate) fn brief(tree: &JsonTree) -> String {
    let text = match tree {
        JsonTree::Text(text) => text.clone(),
        tree => json_of(tree),
    };
    cut(&text)
}

fn json_of(tree: &JsonTree) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    match tree {
        JsonTree::Null => "null".to_owned(),
        JsonTree::Boolean => "true or false".to_owned(),
        JsonTree::Number(number) => number.clone(),
        JsonTree::Text(text) => quoted(text),
        JsonTree::List(elements) => {
            format!("[{}]", elements.iter().take(WIDTH).map(json_of).collect::<Vec<_>>().join(", "))
        }
        JsonTree::Object(entries) => {
            let entries = entries.iter().take(WIDTH).map(|(key, value)| format!("{}: {}", quoted(key), json_of(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        JsonTree::Deep => "…".to_owned(),
    }
}

/// The beginning of a text, on one line.
pub(crate) fn cut(text: &str) -> String {
    let text = text.trim().replace(['\n', '\r', '\t'], " ");
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
