//! What a matcher finds, and the conditions on positions that both matchers check.

use super::node::Look;
use crate::python::word_chars::{is_word_byte, is_word_char};

/// The positions of a match and of its group in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    pub group: GroupMarks,
}

/// Where the group last began and ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct GroupMarks {
    pub start: Option<usize>,
    pub end: Option<usize>,
}

impl GroupMarks {
    /// The bytes of the group, if it has matched.
    pub fn range(self) -> Option<std::ops::Range<usize>> {
        match (self.start, self.end) {
            (Some(start), Some(end)) if start <= end => Some(start..end),
            _ => None,
        }
    }
}

/// Whether `look` is true at byte `at`.
pub(super) fn holds(look: Look, text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    match look {
        Look::Start => before.is_empty(),
        Look::LineStart => before.is_empty() || before.ends_with('\n'),
        Look::End => after.is_empty(),
        Look::LastLineEnd => after.is_empty() || after == "\n",
        Look::LineEnd => after.is_empty() || after.starts_with('\n'),
        Look::Boundary { is_there, ascii } => {
            let is_word = |c: char| {
                if ascii { c.is_ascii() && is_word_byte(c as u8) } else { is_word_char(c) }
            };
            let before = before.chars().next_back().is_some_and(is_word);
            let after = after.chars().next().is_some_and(is_word);
            // Python finds neither \b nor \B in an empty text.
            !text.is_empty() && (before != after) == is_there
        }
    }
}
