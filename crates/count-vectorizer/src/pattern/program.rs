//! A pattern as a list of steps, which both matchers follow.

use std::sync::Arc;

use super::case::Folding;
use super::class::Class;
use super::node::{Around, Look, Node, Repeat, RepeatKind};

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Take a character of this set.
    Take(Arc<Class>),
    /// Take as many characters of this set as possible, then go on at `past`. The next two steps
    /// say the same character by character: a `Take`, and a `Jump` back to this step.
    Run {
        class: Arc<Class>,
        past: usize,
    },
    /// Go on if this is true at the current position.
    Look(Look),
    /// Go on at both steps. The first is preferred.
    Split {
        first: usize,
        second: usize,
    },
    Jump(usize),
    GroupBegins,
    GroupEnds,
    /// An iteration begins of a repeat whose body can match the empty text.
    IterationBegins {
        depth: usize,
    },
    /// The iteration ends. If it has taken no character, it was the last one: go on at `past`.
    IterationEnds {
        depth: usize,
        past: usize,
    },
    /// Go on at `past` if the steps from the next one on match from `back` characters earlier,
    /// or if they do not match.
    Around {
        back: u64,
        is_negative: bool,
        past: usize,
    },
    /// Go on at `past` after the preferred match of the steps from the next one on.
    Atomic {
        past: usize,
    },
    /// Take the text of the group.
    Backreference(Option<Folding>),
    /// Go on at `otherwise` if the group has not matched.
    IfGroup {
        otherwise: usize,
    },
    Match,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    /// How deep repeats whose body can match the empty text are nested.
    pub depth: usize,
    /// Whether the pattern has no step that only the backtracking matcher can follow.
    pub is_linear: bool,
    /// The characters that a match can begin with. `None` if a match can be empty.
    pub first: Option<Class>,
}

/// Patterns of more steps are refused, because `{…}` multiplies the steps.
const MOST_STEPS: usize = 20_000;

impl Program {
    pub fn new(node: &Node) -> Result<Self, String> {
        let mut compiler = Compiler { steps: Vec::new(), depth: 0, deepest: 0 };
        compiler.add(node)?;
        compiler.push(Step::Match)?;
        let Compiler { steps, deepest, .. } = compiler;
        let backtracks = |node: &Node| {
            let repeat = matches!(node, Node::Repeat(repeat) if repeat.kind == RepeatKind::Possessive);
            let is_special = matches!(node, Node::Around(_) | Node::Atomic(_) | Node::Backreference(_) | Node::IfGroup { .. });
            repeat || is_special
        };
        let mut ranges = Vec::new();
        let can_be_empty = add_first(node, &mut ranges);
        Ok(Program {
            steps,
            depth: deepest,
            is_linear: !node.any(&mut |node| backtracks(node)),
            first: (!can_be_empty).then(|| Class::of(ranges)),
        })
    }
}

struct Compiler {
    steps: Vec<Step>,
    /// The number of repeats around the current node whose body can match the empty text.
    depth: usize,
    deepest: usize,
}

impl Compiler {
    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() >= MOST_STEPS {
            return Err(format!("the pattern has more than {MOST_STEPS} steps; use smaller numbers in its {{…}}"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    /// Reserves a step that is known only later.
    fn reserve(&mut self) -> Result<usize, String> {
        self.push(Step::Match)
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(slot) = self.steps.get_mut(at) {
            *slot = step;
        }
    }

    fn add(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Class(class) => self.push(Step::Take(class.clone())).map(drop),
            Node::Look(look) => self.push(Step::Look(*look)).map(drop),
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.add(node)),
            Node::Either(nodes) => self.add_either(nodes),
            Node::Repeat(repeat) => self.add_repeat(repeat),
            Node::Group(node) => {
                self.push(Step::GroupBegins)?;
                self.add(node)?;
                self.push(Step::GroupEnds).map(drop)
            }
            Node::Around(Around { node, back, is_negative }) => {
                let (back, is_negative) = (*back, *is_negative);
                self.add_inner(node, |past| Step::Around { back, is_negative, past })
            }
            Node::Atomic(node) => self.add_inner(node, |past| Step::Atomic { past }),
            Node::Backreference(backreference) => self.push(Step::Backreference(backreference.folding)).map(drop),
            Node::IfGroup { then, otherwise } => self.add_if_group(then, otherwise),
        }
    }

    fn add_either(&mut self, nodes: &[Node]) -> Result<(), String> {
        let Some((last, others)) = nodes.split_last() else { return Ok(()) };
        let mut jumps = Vec::new();
        for node in others {
            let split = self.reserve()?;
            self.add(node)?;
            jumps.push(self.reserve()?);
            self.set(split, Step::Split { first: split + 1, second: self.steps.len() });
        }
        self.add(last)?;
        let end = self.steps.len();
        jumps.into_iter().for_each(|jump| self.set(jump, Step::Jump(end)));
        Ok(())
    }

    /// A pattern inside the pattern, which ends with its own match.
    fn add_inner(&mut self, node: &Node, step: impl FnOnce(usize) -> Step) -> Result<(), String> {
        let begin = self.reserve()?;
        self.add(node)?;
        self.push(Step::Match)?;
        self.set(begin, step(self.steps.len()));
        Ok(())
    }

    fn add_if_group(&mut self, then: &Node, otherwise: &Node) -> Result<(), String> {
        let test = self.reserve()?;
        self.add(then)?;
        let jump = self.reserve()?;
        self.set(test, Step::IfGroup { otherwise: self.steps.len() });
        self.add(otherwise)?;
        self.set(jump, Step::Jump(self.steps.len()));
        Ok(())
    }

    fn add_repeat(&mut self, repeat: &Repeat) -> Result<(), String> {
        let Repeat { node, least, most, kind } = repeat;
        if *kind == RepeatKind::Possessive {
            // Python gives nothing back from one iteration to the other.
            let node = match &**node {
                Node::Class(_) => node.clone(),
                _ => Box::new(Node::Atomic(node.clone())),
            };
            let greedy = Repeat { node, least: *least, most: *most, kind: RepeatKind::Greedy };
            return self.add_inner(&Node::Repeat(greedy), |past| Step::Atomic { past });
        }
        for _ in 0..*least {
            let start = self.steps.len();
            self.add(node)?;
            if self.steps.len() == start {
                break;
            }
        }
        match most {
            Some(most) => self.add_optional(repeat, most.saturating_sub(*least)),
            None => self.add_endless(repeat),
        }
    }

    /// Up to `most` iterations.
    fn add_optional(&mut self, repeat: &Repeat, most: u32) -> Result<(), String> {
        let (mut splits, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..most {
            splits.push(self.reserve()?);
            ends.extend(self.add_iteration(&repeat.node)?);
        }
        let past = self.steps.len();
        splits.into_iter().for_each(|split| self.set(split, split_at(split, past, repeat.kind)));
        let depth = self.depth + 1;
        ends.into_iter().for_each(|end| self.set(end, Step::IterationEnds { depth, past }));
        Ok(())
    }

    /// Any number of iterations.
    fn add_endless(&mut self, repeat: &Repeat) -> Result<(), String> {
        let split = self.reserve()?;
        let end = self.add_iteration(&repeat.node)?;
        self.push(Step::Jump(split))?;
        let past = self.steps.len();
        let step = match &*repeat.node {
            Node::Class(class) if repeat.kind == RepeatKind::Greedy => Step::Run { class: class.clone(), past },
            _ => split_at(split, past, repeat.kind),
        };
        self.set(split, step);
        if let Some(end) = end {
            self.set(end, Step::IterationEnds { depth: self.depth + 1, past });
        }
        Ok(())
    }

    /// One iteration. Returns the step at its end that needs to know the end of the repeat.
    fn add_iteration(&mut self, node: &Node) -> Result<Option<usize>, String> {
        if !node.can_be_empty() {
            self.add(node)?;
            return Ok(None);
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        self.push(Step::IterationBegins { depth: self.depth })?;
        self.add(node)?;
        self.depth -= 1;
        self.reserve().map(Some)
    }
}

/// The choice between an iteration, which is the next step, and the end of the repeat.
fn split_at(split: usize, past: usize, kind: RepeatKind) -> Step {
    match kind {
        RepeatKind::Lazy => Step::Split { first: past, second: split + 1 },
        _ => Step::Split { first: split + 1, second: past },
    }
}

/// Adds the characters that a match of `node` can begin with. Returns whether the next node can
/// begin the match, too.
fn add_first(node: &Node, ranges: &mut Vec<(u32, u32)>) -> bool {
    match node {
        Node::Class(class) => {
            ranges.extend_from_slice(class.ranges());
            false
        }
        Node::Look(_) | Node::Around(_) => true,
        // The group may be in a look-ahead.
        Node::Backreference(_) => {
            ranges.extend_from_slice(Class::dot(true).ranges());
            true
        }
        Node::Sequence(nodes) => nodes.iter().all(|node| add_first(node, ranges)),
        Node::Either(nodes) => {
            // Every alternative adds its ranges, so this does not stop at the first `true`.
            let mut is_any = false;
            for node in nodes {
                is_any |= add_first(node, ranges);
            }
            is_any
        }
        Node::Repeat(repeat) => add_first(&repeat.node, ranges) || repeat.least == 0,
        Node::Group(node) | Node::Atomic(node) => add_first(node, ranges),
        Node::IfGroup { then, otherwise } => {
            let then = add_first(then, ranges);
            add_first(otherwise, ranges) || then
        }
    }
}
