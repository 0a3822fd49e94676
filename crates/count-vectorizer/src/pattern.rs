//! `token_pattern`: what a word is, in the syntax and with the meaning of Python's `re`.

mod backtrack;
mod case;
mod class;
mod found;
mod linear;
mod node;
mod parse;
mod program;

use self::found::Found;
use self::node::{Look, Node};
use self::parse::parse;
use self::program::Program;
use crate::error::{Error, Result, TooManySteps};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct TokenPattern {
    source: String,
    program: Program,
    has_group: bool,
    stays_in_keyword: bool,
}

impl PartialEq for TokenPattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// How much work a text may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkLimit {
    /// In proportion to the text.
    ByLength,
    None,
}

/// Steps that any text may take: about a tenth of a second.
const STEPS: u64 = 10_000_000;
/// Further steps for each byte of a text. Patterns that match words take about ten.
const STEPS_PER_BYTE: u64 = 100;
/// Steps after which [`linear`] takes over from [`backtrack`], if it can.
const FAST_STEPS: u64 = 256;
const FAST_STEPS_PER_BYTE: u64 = 16;

impl TokenPattern {
    /// Compiles a pattern, or says what is wrong with it or is not supported.
    pub fn new(source: &str) -> Result<Self> {
        let refused = |reason| Error::TokenPattern { pattern: source.to_owned(), reason };
        let node = parse(source).map_err(refused)?;
        Ok(TokenPattern {
            source: source.to_owned(),
            program: Program::new(&node).map_err(refused)?,
            has_group: node.any(&mut |node| matches!(node, Node::Group(_))),
            stays_in_keyword: stays_in_keyword(&node),
        })
    }

    /// Whether the words of keywords joined by spaces are the words of one keyword after the other.
    /// This is so if no word is empty, no part of the pattern matches a space, and none asks for
    /// the beginning or the end of the text. A space is a boundary for `\b`, as the end is.
    pub fn stays_in_keyword(&self) -> bool {
        self.stays_in_keyword
    }

    /// Calls `token` with each item of `re.findall`: each match, or the group of each match.
    pub fn each_token<'t>(&self, text: &'t str, limit: WorkLimit, mut token: impl FnMut(&'t str)) -> Result<(), TooManySteps> {
        let found = |found: Found| {
            let range = if self.has_group { found.group.range() } else { Some(found.start..found.end) };
            token(range.and_then(|range| text.get(range)).unwrap_or_default());
        };
        let bytes = text.len() as u64;
        if self.program.is_linear {
            self.each_match_fast(text, FAST_STEPS + FAST_STEPS_PER_BYTE * bytes, found);
            return Ok(());
        }
        let steps = STEPS.saturating_add(bytes.saturating_mul(STEPS_PER_BYTE));
        let steps_or_none = (limit == WorkLimit::ByLength).then_some(steps);
        let mut search = backtrack::BacktrackSearch::new(&self.program, text, steps_or_none);
        each_match(|from, must_advance| search.find(from, must_advance), found)
            .map_err(|backtrack::GaveUp| TooManySteps { bytes: text.len(), steps })
    }

    /// Backtracks as long as that is fast, then searches in linear time.
    fn each_match_fast(&self, text: &str, steps: u64, found: impl FnMut(Found)) {
        let mut fast = Some(backtrack::BacktrackSearch::new(&self.program, text, Some(steps)));
        let mut linear = None;
        let find = |from, must_advance| {
            if let Some(search) = &mut fast {
                match search.find(from, must_advance) {
                    Ok(found) => return Ok(found),
                    Err(backtrack::GaveUp) => fast = None,
                }
            }
            let linear = linear.get_or_insert_with(|| linear::LinearSearch::new(&self.program, text));
            Ok(linear.find(from, must_advance))
        };
        let Ok(()) = each_match::<std::convert::Infallible>(find, found);
    }
}

/// Calls `found` with each match of Python's `finditer`. The match after an empty one is not empty
/// if it begins at the same position.
fn each_match<E>(mut find: impl FnMut(usize, bool) -> Result<Option<Found>, E>, mut found: impl FnMut(Found)) -> Result<(), E> {
    let (mut from, mut must_advance) = (0, false);
    while let Some(next) = find(from, must_advance)? {
        found(next);
        (from, must_advance) = (next.end, next.start == next.end);
    }
    Ok(())
}

fn stays_in_keyword(node: &Node) -> bool {
    let sees_further = &mut |node: &Node| match node {
        Node::Class(class) => class.contains(' '),
        Node::Look(look) => !matches!(look, Look::Boundary { .. }),
        _ => false,
    };
    !node.can_be_empty() && !node.any(sees_further)
}

#[cfg(test)]
mod tests;
