//! The matcher for hostile texts: it follows all ways through a pattern at once.
//!
//! One search takes time in proportion to the text that it looks at, whatever the pattern is. A
//! pattern that looks far ahead at each position takes that time for each of them. This matcher
//! cannot look around, cannot follow backreferences, and is several times slower than
//! [`backtrack`](super::backtrack) with a common pattern and text.

use super::found::{Found, GroupMarks, holds};
use super::program::{Program, Step};

/// A way through the pattern.
#[derive(Debug, Clone, Copy)]
struct LinearWay {
    step: usize,
    found: Found,
    /// How many of the repeats around the step have taken a character in their current iteration.
    /// If one of them has, so have those around it.
    level: usize,
}

/// One text and the memory to search it.
pub(super) struct LinearSearch<'a> {
    program: &'a Program,
    text: &'a str,
    /// The ways to the current position. Preferred ways come first.
    ways: Vec<LinearWay>,
    ways_after: Vec<LinearWay>,
    /// For each step and level, the round in which a way came to it. A later way to the same step
    /// and level is a worse way to the same matches.
    came: Vec<u64>,
    round: u64,
    to_follow: Vec<LinearWay>,
}

impl<'a> LinearSearch<'a> {
    pub fn new(program: &'a Program, text: &'a str) -> Self {
        let came = vec![0; program.steps.len() * (program.depth + 1)];
        LinearSearch { program, text, ways: Vec::new(), ways_after: Vec::new(), came, round: 0, to_follow: Vec::new() }
    }

    /// The first match from byte `from` on. If it must advance, it cannot end there.
    pub fn find(&mut self, from: usize, must_advance: bool) -> Option<Found> {
        let (mut at, mut best) = (from, None);
        self.ways.clear();
        self.round += 1;
        loop {
            if best.is_none() {
                let found = Found { start: at, end: at, group: GroupMarks::default() };
                self.follow(LinearWay { step: 0, found, level: 0 }, at);
            }
            if self.ways.is_empty() && best.is_some() {
                return best;
            }
            let c = self.text.get(at..).and_then(|rest| rest.chars().next());
            let after = at + c.map_or(0, char::len_utf8);
            self.round += 1;
            let ways = std::mem::take(&mut self.ways);
            for way in &ways {
                match self.program.steps.get(way.step) {
                    Some(Step::Take(class)) if c.is_some_and(|c| class.contains(c)) => {
                        let level = self.program.depth;
                        self.follow(LinearWay { step: way.step + 1, level, ..*way }, after);
                    }
                    Some(Step::Match) if !(must_advance && at == from) => {
                        best = Some(Found { end: at, ..way.found });
                        // The remaining ways are worse.
                        break;
                    }
                    _ => {}
                }
            }
            // `follow` has put the ways to the next position into `self.ways`.
            self.ways_after = ways;
            self.ways_after.clear();
            if c.is_none() {
                return best;
            }
            at = after;
        }
    }

    /// Follows `way` at byte `at` up to steps that take a character.
    fn follow(&mut self, way: LinearWay, at: usize) {
        self.to_follow.push(way);
        while let Some(mut way) = self.to_follow.pop() {
            let place = way.step * (self.program.depth + 1) + way.level;
            match self.came.get_mut(place) {
                Some(round) if *round != self.round => *round = self.round,
                _ => continue,
            }
            let Some(step) = self.program.steps.get(way.step) else { continue };
            way.step += 1;
            match *step {
                Step::Take(_) | Step::Match => {
                    self.ways.push(LinearWay { step: way.step - 1, ..way });
                    continue;
                }
                Step::Run { past, .. } => self.to_follow.push(LinearWay { step: past, ..way }),
                Step::Split { first, second } => {
                    self.to_follow.push(LinearWay { step: second, ..way });
                    way.step = first;
                }
                Step::Jump(to) => way.step = to,
                Step::Look(look) if !holds(look, self.text, at) => continue,
                Step::Look(_) => {}
                Step::GroupBegins => way.found.group.start = Some(at),
                Step::GroupEnds => way.found.group.end = Some(at),
                Step::IterationBegins { depth } => way.level = way.level.min(depth - 1),
                Step::IterationEnds { depth, past } if way.level < depth => way.step = past,
                Step::IterationEnds { .. } => {}
                // Only the backtracking matcher has these.
                Step::Around { .. } | Step::Atomic { .. } => continue,
                Step::Backreference(_) | Step::IfGroup { .. } => continue,
            }
            self.to_follow.push(way);
        }
    }
}
