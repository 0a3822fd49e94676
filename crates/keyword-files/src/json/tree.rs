//! A record as a tree of bounded size, for looking at its fields.

use super::diagnose::with_record;
use super::part::{JsonKind, JsonPart};

/// A JSON value. Long lists, large objects and deep values are cut.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonTree {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number as its JSON text.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<JsonTree>),
    /// An object with its keys in order.
    Object(Vec<(String, JsonTree)>),
    /// A list or an object that is too deep to be of interest.
    Deep,
}

/// Levels of a tree.
const DEPTH: usize = 8;
/// Elements of a list.
const MOST_ELEMENTS: usize = 64;
/// Entries of an object.
const MOST_ENTRIES: usize = 512;

impl JsonTree {
    /// The tree of a JSON text. There is none if it is not JSON.
    pub fn of(text: &[u8]) -> Option<JsonTree> {
        with_record(text, |record| tree(record, DEPTH))
    }
}

fn tree(part: JsonPart<'_>, depth: usize) -> Option<JsonTree> {
    Some(match part.kind() {
        JsonKind::Null => JsonTree::Null,
        JsonKind::Boolean => JsonTree::Boolean,
        JsonKind::Number => JsonTree::Number(part.as_str().to_owned()),
        JsonKind::Text => {
            let mut text = String::new();
            part.with_text(|bytes| text = String::from_utf8_lossy(bytes).into_owned()).ok()?;
            JsonTree::Text(text)
        }
        JsonKind::List | JsonKind::Object if depth == 0 => JsonTree::Deep,
        JsonKind::List => {
            let mut parts = Vec::new();
            part.each_element(|element| {
                if parts.len() < MOST_ELEMENTS {
                    parts.push(element);
                }
                Ok(())
            })
            .ok()?;
            JsonTree::List(parts.into_iter().map(|part| tree(part, depth - 1)).collect::<Option<_>>()?)
        }
        JsonKind::Object => {
            let mut parts = Vec::new();
            part.each_entry(|key, value| {
                if parts.len() < MOST_ENTRIES {
                    parts.push((String::from_utf8_lossy(key).into_owned(), value));
                }
                Ok(())
            })
            .ok()?;
            let entries = parts.into_iter().map(|(key, part)| Some((key, tree(part, depth - 1)?)));
            JsonTree::Object(entries.collect::<Option<_>>()?)
        }
        JsonKind::Invalid => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_the_keys_in_their_order_and_is_cut_where_it_is_large() {
        use JsonTree::{List, Null, Number, Object, Text};
        let text = |text: &str| Text(text.to_owned());
        let tree = JsonTree::of(br#"{"b": ["dog", 1.50, null], "a": {"\ud800": true}, "n": NaN}"#);
        let entries = [
            ("b", List(vec![text("dog"), Number("1.50".to_owned()), Null])),
            ("a", Object(vec![("\u{fffd}\u{fffd}\u{fffd}".to_owned(), JsonTree::Boolean)])),
            ("n", Object(vec![])),
        ];
        let entries = entries.map(|(key, value)| (key.to_owned(), value)).to_vec();
        assert_eq!(tree, Some(Object(entries)));
        assert_eq!(JsonTree::of(b"[1"), None);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(JsonTree::of(deep.as_bytes()).is_some());
        let many = format!("[{}]", vec!["1"; 1000].join(","));
        assert_eq!(JsonTree::of(many.as_bytes()), Some(List(vec![Number("1".to_owned()); 64])));
    }
}
