//! Keywords in fields that share a name and differ in a number: `tag1`, `tag2`, `tag3`.

use super::field_names::keyword_score;
use super::field_values::{FieldTable, FieldValues, Step};

/// Fields of which each holds one of the keywords.
pub(crate) struct NumberedFields<'t> {
    /// Their name without the number.
    stem: &'t str,
    pub names: Vec<&'t str>,
    /// The path and the values of the first one.
    pub path: &'t [Step],
    pub values: &'t FieldValues,
}

/// The numbered fields of keywords, in the order of the fields.
pub(crate) fn find_numbered_fields(table: &FieldTable) -> Vec<NumberedFields<'_>> {
    let mut groups: Vec<NumberedFields<'_>> = Vec::new();
    for (path, values) in &table.fields {
        let ([Step::Key(name)], false) = (&**path, values.texts.is_empty()) else { continue };
        let Some(stem) = stem(name) else { continue };
        match groups.iter_mut().find(|group| group.stem == stem) {
            Some(group) => group.names.push(name),
            None => groups.push(NumberedFields { stem, names: vec![name], path, values }),
        }
    }
    groups.retain(|group| group.names.len() > 1);
    groups
}

/// The name without its number, if it is one of keywords.
fn stem(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.len() < name.len() && keyword_score(stem) > 0.0).then_some(stem)
}
