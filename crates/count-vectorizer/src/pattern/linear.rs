//! A pattern as a list of steps, and all ways through it followed at once, in order of preference: a match takes time in
//! proportion to the text that is looked at, whatever the pattern is. A pattern that looks far ahead at each place takes that much for each.
//!
//! The regex crate is several times faster, but has no `$` as Python has it, its `\b` goes by another idea of a word, and after an
//! empty match it goes on otherwise.

use super::class::Class;
use super::node::{Look, Node};
use crate::python::word_chars::{is_word_byte, is_word_char};

#[derive(Debug, Clone)]
enum Step {
    /// Take a character of this set.
    Take(Class),
    /// Go on if this holds here.
    Look(Look),
    /// Go on at both, the first before the second.
    Split(usize, usize),
    Jump(usize),
    /// The group begins or ends here.
    GroupBegins,
    GroupEnds,
    Match,
}

/// A pattern's steps.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    steps: Vec<Step>,
}

/// Where a match and its group lie, as bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    /// Where the group begins and ends, if it took part.
    group: (Option<usize>, Option<usize>),
}

impl Found {
    /// The bytes of the group; an empty range where it took no part, as Python gives an empty string.
    pub fn group(&self) -> std::ops::Range<usize> {
        match self.group {
            (Some(start), Some(end)) => start..end,
            _ => 0..0,
        }
    }
}

/// Patterns of more steps are refused: `{…}` multiplies them.
const MOST_STEPS: usize = 20_000;

impl Machine {
    pub fn new(node: &Node) -> Result<Self, String> {
        let mut machine = Machine { steps: Vec::new() };
        machine.add(node)?;
        machine.push(Step::Match)?;
        Ok(machine)
    }

    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() >= MOST_STEPS {
            return Err(format!("the pattern has more than {MOST_STEPS} steps; use smaller numbers in its {{…}}"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    /// Puts in place what could not be known before.
    fn patch(&mut self, at: usize, step: Step) {
        if let Some(slot) = self.steps.get_mut(at) {
            *slot = step;
        }
    }

    fn add(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Class(class) => self.push(Step::Take(class.clone())).map(|_| ()),
            Node::Look(look) => self.push(Step::Look(*look)).map(|_| ()),
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.add(node)),
            Node::Either(nodes) => self.add_either(nodes),
            Node::Repeat { node, least, most, is_greedy } => self.add_repeat(node, (*least, *most), *is_greedy),
            Node::Group(node) => {
                self.push(Step::GroupBegins)?;
                self.add(node)?;
                self.push(Step::GroupEnds).map(|_| ())
            }
        }
    }

    fn add_either(&mut self, nodes: &[Node]) -> Result<(), String> {
        let Some((last, others)) = nodes.split_last() else { return Ok(()) };
        let mut jumps = Vec::new();
        for node in others {
            let split = self.push(Step::Match)?;
            self.add(node)?;
            jumps.push(self.push(Step::Match)?);
            self.patch(split, Step::Split(split + 1, self.steps.len()));
        }
        self.add(last)?;
        let end = self.steps.len();
        jumps.into_iter().for_each(|jump| self.patch(jump, Step::Jump(end)));
        Ok(())
    }

    fn add_repeat(&mut self, node: &Node, (least, most): (u32, Option<u32>), is_greedy: bool) -> Result<(), String> {
        for _ in 0..least {
            self.add(node)?;
        }
        let split_at = |into, past| if is_greedy { Step::Split(into, past) } else { Step::Split(past, into) };
        let Some(most) = most else {
            let split = self.push(Step::Match)?;
            self.add(node)?;
            self.push(Step::Jump(split))?;
            self.patch(split, split_at(split + 1, self.steps.len()));
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Match)?);
            self.add(node)?;
        }
        let end = self.steps.len();
        splits.into_iter().for_each(|split| self.patch(split, split_at(split + 1, end)));
        Ok(())
    }

    /// Hands on what Python's `finditer` would: after an empty match comes one that is not, at the same place if there is one.
    pub fn each_match(&self, text: &str, mut found: impl FnMut(Found)) {
        let mut search = Search::new(self, text);
        let (mut from, mut must_advance) = (0, false);
        while let Some(next) = search.find(from, must_advance) {
            found(next);
            (from, must_advance) = (next.end, next.start == next.end);
        }
    }
}

/// One text and the room to search it.
struct Search<'a> {
    steps: &'a [Step],
    text: &'a str,
    /// The ways that are followed, the preferred ones first: the next step, and what was found so far.
    ways: Vec<(usize, Found)>,
    ways_after: Vec<(usize, Found)>,
    /// For each step, the round in which a way came to it: one that comes later is a worse way to the same.
    came: Vec<u64>,
    round: u64,
    to_follow: Vec<(usize, Found)>,
}

impl<'a> Search<'a> {
    fn new(machine: &'a Machine, text: &'a str) -> Self {
        let came = vec![0; machine.steps.len()];
        Search { steps: &machine.steps, text, ways: Vec::new(), ways_after: Vec::new(), came, round: 0, to_follow: Vec::new() }
    }

    /// The first match from byte `from` on; one that is empty does not count there if it must advance.
    fn find(&mut self, from: usize, must_advance: bool) -> Option<Found> {
        let (mut at, mut best) = (from, None);
        self.ways.clear();
        self.round += 1;
        loop {
            if best.is_none() {
                self.follow(0, Found { start: at, end: at, group: (None, None) }, at);
            }
            if self.ways.is_empty() && best.is_some() {
                return best;
            }
            let c = self.text.get(at..).and_then(|rest| rest.chars().next());
            let after = at + c.map_or(0, char::len_utf8);
            self.round += 1;
            let ways = std::mem::take(&mut self.ways);
            for &(step, found) in &ways {
                match self.steps.get(step) {
                    Some(Step::Take(class)) if c.is_some_and(|c| class.contains(c)) => self.follow(step + 1, found, after),
                    Some(Step::Match) if !(must_advance && at == from) => {
                        best = Some(Found { end: at, ..found });
                        // What is left is preferred less.
                        break;
                    }
                    _ => {}
                }
            }
            // What was followed from here stands in `self.ways` now.
            self.ways_after = ways;
            self.ways_after.clear();
            if c.is_none() {
                return best;
            }
            at = after;
        }
    }

    /// Adds the ways from `step` on that take no character, at byte `at`.
    fn follow(&mut self, step: usize, found: Found, at: usize) {
        self.to_follow.push((step, found));
        while let Some((step, mut found)) = self.to_follow.pop() {
            match self.came.get_mut(step) {
                Some(round) if *round != self.round => *round = self.round,
                _ => continue,
            }
            match self.steps.get(step) {
                Some(Step::Take(_) | Step::Match) => self.ways.push((step, found)),
                Some(Step::Look(look)) if holds(*look, self.text, at) => self.to_follow.push((step + 1, found)),
                Some(Step::Split(first, second)) => self.to_follow.extend([(*second, found), (*first, found)]),
                Some(Step::Jump(to)) => self.to_follow.push((*to, found)),
                Some(Step::GroupBegins) => {
                    found.group.0 = Some(at);
                    self.to_follow.push((step + 1, found));
                }
                Some(Step::GroupEnds) => {
                    found.group.1 = Some(at);
                    self.to_follow.push((step + 1, found));
                }
                Some(Step::Look(_)) | None => {}
            }
        }
    }
}

/// Whether `look` holds at byte `at`.
fn holds(look: Look, text: &str, at: usize) -> bool {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    match look {
        Look::Start => before.is_empty(),
        Look::LineStart => before.is_empty() || before.ends_with('\n'),
        Look::End => after.is_empty(),
        Look::LastLineEnd => after.is_empty() || after == "\n",
        Look::LineEnd => after.is_empty() || after.starts_with('\n'),
        Look::Boundary { is_there, ascii } => {
            let is_word = |c: char| if ascii { c.is_ascii() && is_word_byte(c as u8) } else { is_word_char(c) };
            let differ = before.chars().next_back().is_some_and(is_word) != after.chars().next().is_some_and(is_word);
            // In an empty text there is neither \b nor \B.
            !text.is_empty() && differ == is_there
        }
    }
}
