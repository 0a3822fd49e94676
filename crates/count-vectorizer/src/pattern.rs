//! `token_pattern`: what a word is, in the syntax and with the meaning of Python's `re`, of which the common part is understood.

mod class;
mod machine;
mod node;
mod parse;

use regex::Regex;

use self::machine::Machine;
use self::node::{Look, Node};
use self::parse::parse;
use crate::python::word_chars::is_word_char;
use crate::error::{Error, Result};

/// A pattern made ready.
#[derive(Debug, Clone)]
pub struct TokenPattern {
    source: String,
    machine: Machine,
    /// The same for the regex crate, where that can have the same meaning.
    regex: Option<Regex>,
    /// Whether the regex crate's `\b` stands in it, which goes by another idea of a word.
    has_boundary: bool,
    has_group: bool,
    stays_in_keyword: bool,
}

impl PartialEq for TokenPattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl TokenPattern {
    /// Makes a pattern ready, or says what is wrong with it or is not supported.
    pub fn new(source: &str) -> Result<Self> {
        let refused = |what: String| Error::Refused(format!("token_pattern '{source}': {what}"));
        let node = parse(source).map_err(refused)?;
        let machine = Machine::new(&node).map_err(refused)?;
        let text = if node.can_be_empty() { None } else { to_regex(&node) };
        Ok(TokenPattern {
            source: source.to_owned(),
            machine,
            // A pattern that is too large for the regex crate goes through the machine.
            regex: text.and_then(|text| Regex::new(&text).ok()),
            has_boundary: node.any(&mut |node| matches!(node, Node::Look(Look::Boundary { ascii: false, .. }))),
            has_group: node.any(&mut |node| matches!(node, Node::Group(_))),
            stays_in_keyword: stays_in_keyword(&node),
        })
    }

    /// Whether the words of keywords joined by a space are the words of the keywords one after the other: no word is empty, takes a
    /// space in, or stands only at the beginning or the end of the text. (To `\b` a space is as good as the end.)
    pub fn stays_in_keyword(&self) -> bool {
        self.stays_in_keyword
    }

    /// Hands on what `re.findall` would give: each match, or what its group holds.
    pub fn each_token<'t>(&self, text: &'t str, mut token: impl FnMut(&'t str)) {
        match &self.regex {
            Some(regex) if !self.has_boundary || same_boundaries(text) => {
                if self.has_group {
                    regex.captures_iter(text).for_each(|found| token(found.get(1).map_or("", |group| group.as_str())));
                } else {
                    regex.find_iter(text).for_each(|found| token(found.as_str()));
                }
            }
            _ => self.machine.each_match(text, |found| {
                let range = if self.has_group { found.group() } else { found.start..found.end };
                token(text.get(range).unwrap_or_default());
            }),
        }
    }
}

/// Whether the regex crate takes the same characters of `text` for word characters as Python does.
fn same_boundaries(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|c| c.is_ascii() || regex_syntax::is_word_character(c) == is_word_char(c))
}

fn stays_in_keyword(node: &Node) -> bool {
    let bridges = &mut |node: &Node| match node {
        Node::Class(class) => class.contains(' '),
        Node::Look(look) => !matches!(look, Look::Boundary { .. }),
        _ => false,
    };
    !node.can_be_empty() && !node.any(bridges)
}

/// The pattern in the regex crate's syntax, if that has something for all of it.
fn to_regex(node: &Node) -> Option<String> {
    Some(match node {
        Node::Class(class) => class.to_regex()?,
        Node::Look(Look::Start) => r"\A".into(),
        Node::Look(Look::LineStart) => "(?m:^)".into(),
        Node::Look(Look::End) => r"\z".into(),
        Node::Look(Look::LineEnd) => "(?m:$)".into(),
        Node::Look(Look::Boundary { is_there: true, ascii: false }) => r"\b".into(),
        Node::Look(Look::Boundary { is_there: false, ascii: false }) => r"\B".into(),
        Node::Look(Look::Boundary { is_there: true, ascii: true }) => r"(?-u:\b)".into(),
        Node::Look(Look::LastLineEnd | Look::Boundary { is_there: false, ascii: true }) => return None,
        Node::Sequence(nodes) => nodes.iter().map(to_regex).collect::<Option<String>>()?,
        Node::Either(nodes) => format!("(?:{})", nodes.iter().map(to_regex).collect::<Option<Vec<_>>>()?.join("|")),
        Node::Group(node) => format!("({})", to_regex(node)?),
        Node::Repeat { node, least, most, is_greedy } => {
            let most = most.map(|most| most.to_string()).unwrap_or_default();
            format!("(?:{}){{{least},{most}}}{}", to_regex(node)?, if *is_greedy { "" } else { "?" })
        }
    })
}

#[cfg(test)]
mod tests;
