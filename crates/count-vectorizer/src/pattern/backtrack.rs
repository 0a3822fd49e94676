//! The matcher that tries one way through a pattern after the other, as Python's `re` does.
//!
//! It is fast with common patterns, and it can look around and follow backreferences. With some
//! patterns the number of ways grows exponentially with the text, so the caller limits the steps.

use super::found::{Found, GroupMarks, holds};
use super::program::{Program, Step};

/// The matcher gave up because it needed too many steps or too much memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GaveUp;

/// A position in the pattern and in the text.
#[derive(Debug, Clone, Copy)]
struct Way {
    step: usize,
    at: usize,
    group: GroupMarks,
    /// How many of the repeats around the step have taken a character in their current iteration.
    level: usize,
}

/// Ways that are tried if the current one fails.
#[derive(Debug)]
struct Choice {
    way: Way,
    /// The same way is tried from each earlier character down to this byte.
    least: usize,
}

/// One text and the memory to search it.
pub(super) struct BacktrackSearch<'a> {
    program: &'a Program,
    text: &'a str,
    choices: Vec<Choice>,
    /// How many more steps may be taken.
    steps_left: u64,
    most_choices: usize,
}

/// The most choices that are remembered: about 80 MB.
const MOST_CHOICES: usize = 1 << 20;

impl<'a> BacktrackSearch<'a> {
    /// A search that gives up after `steps`. Without a limit, it also has no limit of memory.
    pub fn new(program: &'a Program, text: &'a str, steps: Option<u64>) -> Self {
        BacktrackSearch {
            program,
            text,
            choices: Vec::new(),
            steps_left: steps.unwrap_or(u64::MAX),
            most_choices: if steps.is_some() { MOST_CHOICES } else { usize::MAX },
        }
    }

    /// The first match from byte `from` on. If it must advance, it cannot end there.
    pub fn find(&mut self, from: usize, must_advance: bool) -> Result<Option<Found>, GaveUp> {
        let mut next = self.next_start(from);
        while let Some(start) = next {
            let way = Way { step: 0, at: start, group: GroupMarks::default(), level: 0 };
            let not_at = (must_advance && start == from).then_some(from);
            if let Some(way) = self.run(way, not_at)? {
                return Ok(Some(Found { start, end: way.at, group: way.group }));
            }
            next = self.after(start).and_then(|after| self.next_start(after));
        }
        Ok(None)
    }

    /// The first position from byte `from` on where a match can begin.
    fn next_start(&self, from: usize) -> Option<usize> {
        let rest = self.text.get(from..)?;
        match &self.program.first {
            Some(first) => rest.find(|c| first.contains(c)).map(|at| from + at),
            None => Some(from),
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at)? {
            byte if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.text.get(at..)?.chars().next(),
        }
    }

    /// The position after the character at byte `at`.
    fn after(&self, at: usize) -> Option<usize> {
        self.char_at(at).map(|c| at + c.len_utf8())
    }

    /// The position `count` characters before byte `at`.
    fn before(&self, at: usize, count: u64) -> Option<usize> {
        let Some(skipped) = count.checked_sub(1) else { return Some(at) };
        let skipped = usize::try_from(skipped).ok()?;
        self.text.get(..at)?.char_indices().rev().nth(skipped).map(|(at, _)| at)
    }

    /// Follows `way` to a match that does not end at `not_at`.
    fn run(&mut self, mut way: Way, not_at: Option<usize>) -> Result<Option<Way>, GaveUp> {
        let base = self.choices.len();
        loop {
            self.steps_left = self.steps_left.checked_sub(1).ok_or(GaveUp)?;
            let is_match = match self.program.steps.get(way.step) {
                Some(Step::Match) => Some(way.at) != not_at,
                Some(step) if self.follow(step, &mut way)? => continue,
                _ => false,
            };
            if is_match {
                self.choices.truncate(base);
                return Ok(Some(way));
            }
            match self.next_choice(base) {
                Some(next) => way = next,
                None => return Ok(None),
            }
        }
    }

    /// The way to try now, one that was remembered after the first `base` choices.
    fn next_choice(&mut self, base: usize) -> Option<Way> {
        if self.choices.len() <= base {
            return None;
        }
        let choice = self.choices.last()?;
        let (way, least) = (choice.way, choice.least);
        match self.before(way.at, 1).filter(|_| way.at > least) {
            Some(at) => {
                if let Some(choice) = self.choices.last_mut() {
                    choice.way.at = at;
                }
            }
            None => drop(self.choices.pop()),
        }
        Some(way)
    }

    fn remember(&mut self, way: Way, least: usize) -> Result<(), GaveUp> {
        if self.choices.len() >= self.most_choices {
            return Err(GaveUp);
        }
        self.choices.push(Choice { way, least });
        Ok(())
    }

    /// Moves `way` past `step`. Returns false if it ends there.
    fn follow(&mut self, step: &Step, way: &mut Way) -> Result<bool, GaveUp> {
        way.step += 1;
        match step {
            Step::Take(class) => match self.char_at(way.at).filter(|&c| class.contains(c)) {
                Some(c) => {
                    way.at += c.len_utf8();
                    way.level = self.program.depth;
                }
                None => return Ok(false),
            },
            Step::Run { class, past } => {
                let rest = self.text.get(way.at..).unwrap_or_default();
                let len = rest.find(|c| !class.contains(c)).unwrap_or(rest.len());
                self.run_past(*past, len, way)?;
            }
            Step::Look(look) => return Ok(holds(*look, self.text, way.at)),
            Step::Split { first, second } => {
                self.remember(Way { step: *second, ..*way }, way.at)?;
                way.step = *first;
            }
            Step::Jump(to) => way.step = *to,
            Step::GroupBegins => way.group.start = Some(way.at),
            Step::GroupEnds => way.group.end = Some(way.at),
            Step::IterationBegins { depth } => way.level = way.level.min(depth - 1),
            Step::IterationEnds { depth, past } => {
                if way.level < *depth {
                    way.step = *past;
                }
            }
            Step::Around { back, is_negative, past } => {
                let inner = match self.before(way.at, *back) {
                    Some(at) => self.run(Way { at, ..*way }, None)?,
                    None => None,
                };
                if inner.is_some() == *is_negative {
                    return Ok(false);
                }
                way.step = *past;
                way.group = inner.map_or(way.group, |inner| inner.group);
            }
            Step::Atomic { past } => match self.run(*way, None)? {
                Some(inner) => *way = Way { step: *past, ..inner },
                None => return Ok(false),
            },
            Step::Backreference(folding) => {
                let Some(range) = way.group.range() else { return Ok(false) };
                let group = self.text.get(range).unwrap_or_default();
                for wanted in group.chars() {
                    let equal = |c: &char| folding.map_or(*c == wanted, |folding| folding.equal(*c, wanted));
                    let Some(c) = self.char_at(way.at).filter(equal) else { return Ok(false) };
                    way.at += c.len_utf8();
                    way.level = self.program.depth;
                }
                self.steps_left = self.steps_left.checked_sub(group.len() as u64).ok_or(GaveUp)?;
            }
            Step::IfGroup { otherwise } => {
                if way.group.range().is_none() {
                    way.step = *otherwise;
                }
            }
            // `run` handles it.
            Step::Match => {}
        }
        Ok(true)
    }

    /// Moves `way` past a run of `len` bytes. Shorter runs are tried if that fails.
    fn run_past(&mut self, past: usize, len: usize, way: &mut Way) -> Result<(), GaveUp> {
        let start = *way;
        way.step = past;
        if len == 0 {
            return Ok(());
        }
        self.steps_left = self.steps_left.checked_sub(len as u64).ok_or(GaveUp)?;
        way.at += len;
        way.level = self.program.depth;
        let mut least = start.at;
        if start.level != way.level {
            // An empty run is another case for the repeats around it.
            self.remember(Way { step: past, ..start }, start.at)?;
            least = self.after(start.at).unwrap_or(start.at);
        }
        match self.before(way.at, 1).filter(|&at| at >= least) {
            Some(at) => self.remember(Way { at, ..*way }, least),
            None => Ok(()),
        }
    }
}
