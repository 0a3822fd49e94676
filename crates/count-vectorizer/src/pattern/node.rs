//! A pattern, taken apart.

use super::class::Class;

/// A pattern taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Class(Class),
    Look(Look),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { node: Box<Node>, least: u32, most: Option<u32>, is_greedy: bool },
    Group(Box<Node>),
}

/// A condition on a place in the text.
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
    /// `\b`, or `\B` if the sides are to be alike; with `(?a)` ASCII letters alone make words.
    Boundary { is_there: bool, ascii: bool },
}

impl Node {
    /// Whether it can match without taking a character.
    pub fn can_be_empty(&self) -> bool {
        match self {
            Node::Class(_) => false,
            Node::Look(_) => true,
            Node::Sequence(nodes) => nodes.iter().all(Node::can_be_empty),
            Node::Either(nodes) => nodes.iter().any(Node::can_be_empty),
            Node::Repeat { node, least, .. } => *least == 0 || node.can_be_empty(),
            Node::Group(node) => node.can_be_empty(),
        }
    }

    /// Whether `test` holds of a part of it, or of itself.
    pub fn any(&self, test: &mut dyn FnMut(&Node) -> bool) -> bool {
        test(self)
            || match self {
                Node::Class(_) | Node::Look(_) => false,
                Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().any(|node| node.any(test)),
                Node::Repeat { node, .. } | Node::Group(node) => node.any(test),
            }
    }
}
