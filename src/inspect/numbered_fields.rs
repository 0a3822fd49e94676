//! Keywords in fields that share a name and differ in a number: `tag1`, `tag2`, `tag3`.

use keyword_files::json::query_of_keys;

use super::field_names::keyword_score;
use super::field_values::{FieldTable, FieldValues, Step};

/// Fields of which each holds one of the keywords.
pub(crate) struct NumberedFields<'t> {
    /// A JSONPath that selects all of them.
    pub query: String,
    /// The path and the values of the first one.
    pub path: &'t [Step],
    pub values: &'t FieldValues,
}

/// The numbered fields of keywords, in the order of the fields.
pub(crate) fn find_numbered_fields(table: &FieldTable) -> Vec<NumberedFields<'_>> {
    let mut groups: Vec<(&str, Vec<&str>, NumberedFields<'_>)> = Vec::new();
    for (path, values) in &table.fields {
        let ([Step::Key(name)], false) = (&**path, values.texts.is_empty()) else { continue };
        let Some(stem) = stem(name) else { continue };
        match groups.iter_mut().find(|(known, ..)| *known == stem) {
            Some((_, names, _)) => names.push(name),
            None => groups.push((stem, vec![name], NumberedFields { query: String::new(), path, values })),
        }
    }
    let several = groups.into_iter().filter(|(_, names, _)| names.len() > 1);
    several.map(|(_, names, fields)| NumberedFields { query: query_of_keys(&names), ..fields }).collect()
}

/// The name without its number, if it is one of keywords.
fn stem(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.len() < name.len() && keyword_score(stem) > 0.0).then_some(stem)
}
