//! What the beginning of a JSON text shows: whether it is a list, an object or JSON Lines, which
//! keys its first object has, and where lists of records are.

use super::json_reader::Container;
use super::options::dotted_path;

/// More levels than these are counted, but not looked at.
const MOST_LEVELS: usize = 6;
const MOST_KEYS: usize = 1000;
const MOST_LISTS: usize = 5;

/// What follows the first value of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// The value goes on behind the bytes that were looked at.
    Unknown,
    /// Nothing but white space follows, in what was looked at.
    Nothing,
    /// Something follows on the same line.
    Text,
    /// Something follows on another line.
    Lines,
}

/// The beginning of a JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonHead {
    /// None: the text is neither a list nor an object.
    pub first: Option<Container>,
    /// Whether the first value begins and ends on one line, as far as it was looked at.
    pub is_on_one_line: bool,
    pub follows: Follows,
    /// Whether that begins like an object.
    pub is_object_next: bool,
    /// The keys of the first object, and whether their values are lists of objects.
    pub keys: Vec<(String, bool)>,
    /// The paths of lists and maps of objects in the first object.
    pub lists: Vec<String>,
}

impl JsonHead {
    /// Looks at a text or at its beginning.
    pub fn of(text: &[u8]) -> JsonHead {
        let start = text.len() - text.trim_ascii_start().len();
        let mut walk = HeadWalk::default();
        let end = walk.run(text.get(start..).unwrap_or_default()).map(|len| start + len);
        let value = text.get(start..end.unwrap_or(text.len())).unwrap_or_default();
        let rest = end.and_then(|end| text.get(end..));
        JsonHead {
            first: match value.first() {
                Some(b'[') => Some(Container::List),
                Some(b'{') => Some(Container::Object),
                _ => None,
            },
            is_on_one_line: !value.contains(&b'\n'),
            follows: rest.map_or(Follows::Unknown, follows),
            is_object_next: rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{")),
            keys: walk.keys,
            lists: walk.lists,
        }
    }

    /// Whether the text is a sequence of objects that are not on lines of their own.
    pub fn is_sequence(&self) -> bool {
        let are_lines = self.is_on_one_line && self.follows == Follows::Lines;
        self.first == Some(Container::Object) && self.is_object_next && !are_lines
    }

    /// Whether the first object has this key.
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == key)
    }

    /// Whether the first object has a list of objects with this key.
    pub fn has_list(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, is_list)| known == key && *is_list)
    }
}

fn follows(rest: &[u8]) -> Follows {
    let text = rest.trim_ascii_start();
    let space = rest.get(..rest.len() - text.len()).unwrap_or_default();
    match text.is_empty() {
        true => Follows::Nothing,
        false if space.contains(&b'\n') => Follows::Lines,
        false => Follows::Text,
    }
}

/// A list or object that was entered.
struct Level {
    container: Container,
    /// The key of the current entry.
    key: String,
    entries: u64,
}

#[derive(Default)]
struct HeadWalk {
    levels: Vec<Level>,
    /// How many levels are open that are not in `levels`.
    deeper: u64,
    keys: Vec<(String, bool)>,
    lists: Vec<String>,
}

impl HeadWalk {
    /// Walks through the first value. The end of the value, if it is in the text.
    fn run(&mut self, text: &[u8]) -> Option<usize> {
        let mut place = 0;
        let mut is_key = false;
        while let Some(&byte) = text.get(place) {
            match byte {
                b'"' => {
                    let len = string_len(text.get(place..)?)?;
                    if is_key {
                        self.key(text.get(place..place + len)?);
                    } else {
                        self.entry(byte);
                    }
                    place += len;
                }
                b'{' | b'[' => {
                    self.entry(byte);
                    self.push(if byte == b'{' { Container::Object } else { Container::List });
                    place += 1;
                }
                b'}' | b']' => {
                    self.pop();
                    place += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => place += 1,
                _ => {
                    self.entry(byte);
                    let rest = text.get(place..)?;
                    place += rest.iter().position(|&byte| is_structural(byte))?.max(1);
                }
            }
            is_key = match byte {
                b'{' | b',' => self.is_in_object(),
                byte if byte.is_ascii_whitespace() => is_key,
                _ => false,
            };
            if self.levels.is_empty() {
                return Some(place);
            }
        }
        None
    }

    fn is_in_object(&self) -> bool {
        let is_object = |level: &Level| level.container == Container::Object;
        self.deeper == 0 && self.levels.last().is_some_and(is_object)
    }

    fn key(&mut self, text: &[u8]) {
        let Some(level) = self.levels.last_mut() else { return };
        level.key = serde_json::from_slice(text).unwrap_or_default();
        if self.levels.len() == 1 && self.keys.len() < MOST_KEYS {
            let key = self.levels.iter().map(|level| level.key.clone());
            self.keys.extend(key.map(|key| (key, false)));
        }
    }

    /// A value begins with this byte.
    fn entry(&mut self, byte: u8) {
        if self.deeper > 0 {
            return;
        }
        let Some((level, outer)) = self.levels.split_last_mut() else { return };
        level.entries += 1;
        let is_first_object = byte == b'{' && level.entries == 1;
        let are_objects = outer.iter().all(|level| level.container == Container::Object);
        if !is_first_object || !are_objects || outer.is_empty() {
            return;
        }
        if outer.len() == 1
            && level.container == Container::List
            && let Some((_, is_list)) = self.keys.last_mut()
        {
            *is_list = true;
        }
        let path = dotted_path(outer.iter().map(|level| level.key.as_str()));
        if self.lists.len() < MOST_LISTS && !self.lists.contains(&path) {
            self.lists.push(path);
        }
    }

    fn push(&mut self, container: Container) {
        if self.levels.len() < MOST_LEVELS {
            self.levels.push(Level { container, key: String::new(), entries: 0 });
        } else {
            self.deeper += 1;
        }
    }

    fn pop(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.levels.pop();
        }
    }
}

fn is_structural(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"')
}

/// The length of a string with its quotes, if it ends in the text.
fn string_len(text: &[u8]) -> Option<usize> {
    let mut place = 1;
    loop {
        match text.get(place)? {
            b'"' => return Some(place + 1),
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_and_what_follows_it_are_found() {
        use Container::{List, Object};
        for (text, first, is_on_one_line, follows) in [
            ("", None, true, Follows::Unknown),
            (" [1, 2]\n", Some(List), true, Follows::Nothing),
            ("{\"a\": 1}\n{\"b\": 2}", Some(Object), true, Follows::Lines),
            ("{\"a\": 1} {\"b\": 2}", Some(Object), true, Follows::Text),
            ("{\"a\":\n\"}", Some(Object), false, Follows::Unknown),
            ("{\"a\": \"}\\\"\"}\r\n\r\n", Some(Object), true, Follows::Nothing),
            ("{\"a\": [[[[[[[[]]]]]]]]}\n1", Some(Object), true, Follows::Lines),
        ] {
            let head = JsonHead::of(text.as_bytes());
            let found = (head.first, head.is_on_one_line, head.follows);
            assert_eq!(found, (first, is_on_one_line, follows), "{text}");
        }
    }

    #[test]
    fn a_sequence_has_objects_that_are_not_on_lines_of_their_own() {
        for (text, is_sequence) in [
            ("{\"a\":\n1}\n{\"b\": 2}", true),
            ("{\"a\": 1} {\"b\": 2}", true),
            ("{\"a\": 1}\n{\"b\": 2}", false),
            ("{\"a\":\n1}\nb", false),
            ("{\"a\":\n1}\n", false),
            ("[\n1]\n{\"b\": 2}", false),
        ] {
            assert_eq!(JsonHead::of(text.as_bytes()).is_sequence(), is_sequence, "{text}");
        }
    }

    #[test]
    fn lists_and_maps_of_objects_are_found_with_their_paths() {
        let lists = |text: &str| JsonHead::of(text.as_bytes()).lists;
        assert_eq!(lists(r#"{"page": 1, "photos": {"n": 1, "photo": [{"id": 1}]}}"#), ["photos.photo"]);
        assert_eq!(lists(r#"{"a.b": [{"id": 1}], "c": [1, {}], "d": {"e": {"f": 1}}"#), [r"a\.b", "d"]);
        assert_eq!(lists(r#"[{"a": [{}]}]"#), [""; 0]);
        assert_eq!(lists(r#"{"a": ["dog"], "b": "cat", "c": {"dog": 0.5}}"#), [""; 0]);
    }

    #[test]
    fn the_keys_of_the_first_object_are_found() {
        let head = JsonHead::of(br#"{"info": {"x": 1}, "images": [{"id": 1}], "ids": [1]}{"z": 1}"#);
        let keys = [("info", false), ("images", true), ("ids", false)];
        assert_eq!(head.keys, keys.map(|(key, is_list)| (key.to_owned(), is_list)));
        assert!(head.has_key("ids") && head.has_list("images") && !head.has_list("ids"));
    }
}
