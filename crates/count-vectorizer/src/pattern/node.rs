//! The syntax tree of a pattern.

use std::sync::Arc;

use super::case::Folding;
use super::class::Class;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// One character of a set.
    Class(Arc<Class>),
    Look(Look),
    Sequence(Vec<Node>),
    /// Alternatives, the preferred one first.
    Either(Vec<Node>),
    Repeat(Repeat),
    /// The capturing group. scikit-learn allows only one.
    Group(Box<Node>),
    Around(Around),
    /// `(?>…)`: once it has matched, its other ways to match are not tried.
    Atomic(Box<Node>),
    Backreference(Backreference),
    /// `(?(1)then|otherwise)`: which of the two depends on whether the group has matched.
    IfGroup {
        then: Box<Node>,
        otherwise: Box<Node>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repeat {
    pub node: Box<Node>,
    pub least: u32,
    /// `None` if there is no limit.
    pub most: Option<u32>,
    pub kind: RepeatKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RepeatKind {
    Greedy,
    Lazy,
    /// Greedy, and nothing is given back: `*+`, `++`, `?+`, `{…}+`.
    Possessive,
}

/// A look-ahead or look-behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Around {
    pub node: Box<Node>,
    /// The number of characters to go back first: 0 for a look-ahead.
    pub back: u64,
    pub is_negative: bool,
}

/// `\1`: the text that the group has matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backreference {
    pub folding: Option<Folding>,
    /// The width of the group.
    pub width: Width,
}

/// A condition on a position in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// `\A`, and `^` without `(?m)`.
    Start,
    /// `^` with `(?m)`.
    LineStart,
    /// `\Z`.
    End,
    /// `$` without `(?m)`: the end, or before a newline that ends the text.
    LastLineEnd,
    /// `$` with `(?m)`.
    LineEnd,
    /// `\b` and `\B`. With `(?a)`, only ASCII characters are word characters.
    Boundary { is_there: bool, ascii: bool },
}

/// The least and the greatest number of characters that a node matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    pub least: u64,
    pub most: u64,
}

impl Width {
    const ZERO: Width = Width { least: 0, most: 0 };

    fn plus(self, other: Width) -> Width {
        Width { least: self.least.saturating_add(other.least), most: self.most.saturating_add(other.most) }
    }

    fn or(self, other: Width) -> Width {
        Width { least: self.least.min(other.least), most: self.most.max(other.most) }
    }
}

impl Node {
    pub fn class(class: Class) -> Node {
        Node::Class(Arc::new(class))
    }

    pub fn width(&self) -> Width {
        match self {
            Node::Class(_) => Width { least: 1, most: 1 },
            Node::Look(_) | Node::Around(_) => Width::ZERO,
            Node::Sequence(nodes) => nodes.iter().map(Node::width).fold(Width::ZERO, Width::plus),
            Node::Either(nodes) => nodes.iter().map(Node::width).reduce(Width::or).unwrap_or(Width::ZERO),
            Node::Repeat(repeat) => repeat.width(),
            Node::Group(node) | Node::Atomic(node) => node.width(),
            Node::Backreference(backreference) => backreference.width,
            Node::IfGroup { then, otherwise } => then.width().or(otherwise.width()),
        }
    }

    /// Whether the node can match the empty text.
    pub fn can_be_empty(&self) -> bool {
        self.width().least == 0
    }

    /// Whether `test` is true of the node or of a node inside it.
    pub fn any(&self, test: &mut dyn FnMut(&Node) -> bool) -> bool {
        test(self)
            || match self {
                Node::Class(_) | Node::Look(_) | Node::Backreference(_) => false,
                Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().any(|node| node.any(test)),
                Node::Group(node) | Node::Atomic(node) => node.any(test),
                Node::Repeat(repeat) => repeat.node.any(test),
                Node::Around(around) => around.node.any(test),
                Node::IfGroup { then, otherwise } => then.any(test) || otherwise.any(test),
            }
    }
}

impl Repeat {
    fn width(&self) -> Width {
        let width = self.node.width();
        let most = self.most.map_or(u64::MAX, u64::from);
        Width { least: width.least.saturating_mul(self.least.into()), most: width.most.saturating_mul(most) }
    }
}
