//! The syntax of Python 3.11's `re`. What Python refuses is refused with Python's words.

mod escape;
mod flags;
mod groups;
mod tokens;

use self::escape::{Escape, Member, escape, member};
use self::flags::{FlagGroup, Flags, is_flag};
use self::groups::Groups;
use self::tokens::{Token, Tokens};
use super::class::Class;
use super::node::{Around, Backreference, Look, Node, Repeat, RepeatKind};

/// Makes the syntax tree of a pattern, or says why that is impossible.
pub(super) fn parse(pattern: &str) -> Result<Node, String> {
    let tokens = Tokens::new(pattern)?;
    let mut parser = Parser { tokens, groups: Groups::default(), flags: Flags::default(), depth: 0 };
    let node = parser.either(true)?;
    if parser.tokens.peek().is_some() {
        return Err("unbalanced parenthesis".into());
    }
    parser.groups.check()?;
    Ok(node)
}

struct Parser {
    tokens: Tokens,
    groups: Groups,
    /// The flags at the current position.
    flags: Flags,
    depth: u32,
}

/// Groups that are nested deeper are refused, because each level needs stack memory.
const DEEPEST: u32 = 100;

/// The counts of a quantifier.
#[derive(Debug, Clone, Copy)]
struct Counts {
    least: u32,
    most: Option<u32>,
}

/// The part of a pattern between two `|`.
#[derive(Default)]
struct Sequence {
    nodes: Vec<Node>,
    last: Last,
}

/// What a quantifier would repeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Look,
    Repeat,
    Other,
}

impl Sequence {
    fn push(&mut self, node: Node, last: Last) {
        self.nodes.push(node);
        self.last = last;
    }
}

impl Parser {
    /// The alternatives of the whole pattern or of a group. Global flags may precede the whole
    /// pattern.
    fn either(&mut self, is_whole: bool) -> Result<Node, String> {
        let mut branches = vec![self.sequence(is_whole)?];
        while self.tokens.take('|') {
            branches.push(self.sequence(false)?);
        }
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            last => Node::Either(branches.into_iter().chain(last).collect()),
        })
    }

    /// Everything up to `|`, `)` or the end. `is_first` allows global flags.
    fn sequence(&mut self, is_first: bool) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("groups are nested deeper than {DEEPEST}"));
        }
        let mut sequence = Sequence::default();
        while let Some(token) = self.tokens.peek() {
            if matches!(token, Token::Plain('|' | ')')) {
                break;
            }
            self.tokens.next();
            if !self.skips(token) {
                self.item(token, is_first, &mut sequence)?;
            }
        }
        self.depth -= 1;
        Ok(Node::Sequence(sequence.nodes))
    }

    /// Whether `token` is white space or a comment of a verbose pattern, which is skipped.
    fn skips(&mut self, token: Token) -> bool {
        match token {
            _ if !self.flags.verbose => false,
            Token::Plain(' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}') => true,
            Token::Plain('#') => {
                while self.tokens.next().is_some_and(|token| token != Token::Plain('\n')) {}
                true
            }
            _ => false,
        }
    }

    fn item(&mut self, token: Token, is_first: bool, sequence: &mut Sequence) -> Result<(), String> {
        let c = match token {
            Token::Escaped(letter) => return self.escape(letter, sequence),
            Token::Plain(c) => c,
        };
        match c {
            '.' => sequence.push(Node::class(Class::dot(self.flags.dot_all)), Last::Other),
            '^' => {
                let look = if self.flags.multi_line { Look::LineStart } else { Look::Start };
                sequence.push(Node::Look(look), Last::Look);
            }
            '$' => {
                let look = if self.flags.multi_line { Look::LineEnd } else { Look::LastLineEnd };
                sequence.push(Node::Look(look), Last::Look);
            }
            '(' => self.group(is_first, sequence)?,
            '[' => {
                let set = self.set()?;
                sequence.push(Node::class(set), Last::Other);
            }
            '*' => self.repeat(c, Counts { least: 0, most: None }, sequence)?,
            '+' => self.repeat(c, Counts { least: 1, most: None }, sequence)?,
            '?' => self.repeat(c, Counts { least: 0, most: Some(1) }, sequence)?,
            '{' => match self.counts()? {
                Some(counts) => self.repeat(c, counts, sequence)?,
                None => sequence.push(self.character('{'.into()), Last::Other),
            },
            _ => sequence.push(self.character(c.into()), Last::Other),
        }
        Ok(())
    }

    fn character(&self, code_point: u32) -> Node {
        Node::class(self.folded(Class::one(code_point)))
    }

    /// The characters that count as one of `class`.
    fn folded(&self, class: Class) -> Class {
        match self.flags.folding() {
            Some(folding) => folding.fold(&class),
            None => class,
        }
    }

    fn escape(&mut self, letter: char, sequence: &mut Sequence) -> Result<(), String> {
        match escape(letter, self.flags, &mut self.tokens)? {
            Escape::Character(code_point) => sequence.push(self.character(code_point), Last::Other),
            Escape::Class(class) => sequence.push(Node::class(class), Last::Other),
            Escape::Look(look) => sequence.push(Node::Look(look), Last::Look),
            Escape::Backreference(number) => sequence.push(self.backreference(number)?, Last::Other),
        }
        Ok(())
    }

    fn backreference(&self, number: usize) -> Result<Node, String> {
        let width = self.groups.referred(number)?;
        Ok(Node::Backreference(Backreference { folding: self.flags.folding(), width }))
    }

    /// Repeats the last node. `quantifier` is the first character of the quantifier.
    fn repeat(&mut self, quantifier: char, counts: Counts, sequence: &mut Sequence) -> Result<(), String> {
        let node = match sequence.last {
            Last::Nothing | Last::Look => return Err(format!("nothing to repeat before '{quantifier}'")),
            Last::Repeat => return Err("multiple repeat".into()),
            Last::Other => sequence.nodes.pop().unwrap_or(Node::Sequence(Vec::new())),
        };
        let kind = if self.tokens.take('?') {
            RepeatKind::Lazy
        } else if self.tokens.take('+') {
            RepeatKind::Possessive
        } else {
            RepeatKind::Greedy
        };
        let Counts { least, most } = counts;
        sequence.push(Node::Repeat(Repeat { node: Box::new(node), least, most, kind }), Last::Repeat);
        Ok(())
    }

    /// The `2,3}` of a quantifier. Returns `None` and skips nothing if the brace is only a brace.
    fn counts(&mut self) -> Result<Option<Counts>, String> {
        let start = self.tokens.position();
        let least = self.digits();
        let is_range = self.tokens.take(',');
        let most = if is_range { self.digits() } else { least.clone() };
        if !self.tokens.take('}') || (least.is_empty() && !is_range) {
            self.tokens.go_back_to(start);
            return Ok(None);
        }
        let number = |digits: &str| {
            let number = digits.parse().ok().filter(|&number| number != u32::MAX);
            number.ok_or("the repetition number is too large")
        };
        let least = if least.is_empty() { 0 } else { number(&least)? };
        let most = if most.is_empty() { None } else { Some(number(&most)?) };
        if most.is_some_and(|most| most < least) {
            return Err("min repeat greater than max repeat".into());
        }
        Ok(Some(Counts { least, most }))
    }

    fn digits(&mut self) -> String {
        self.tokens.take_while(usize::MAX, |c| c.is_ascii_digit())
    }

    /// What follows `(`. A comment and global flags add no node.
    fn group(&mut self, is_first: bool, sequence: &mut Sequence) -> Result<(), String> {
        if !self.tokens.take('?') {
            let node = self.capturing(None)?;
            sequence.push(node, Last::Other);
            return Ok(());
        }
        let Some(token) = self.tokens.next() else { return Err(END.into()) };
        let Token::Plain(c) = token else { return Err(unknown_extension("?", token)) };
        let node = match c {
            ':' => self.inside()?,
            '>' => Node::Atomic(Box::new(self.inside()?)),
            '=' | '!' => self.look_ahead(c == '!')?,
            '<' => self.look_behind()?,
            'P' => self.python_extension()?,
            '(' => self.conditional()?,
            '#' => return self.comment(),
            _ if c == '-' || is_flag(c) => match self.flags.read(c, &mut self.tokens)? {
                FlagGroup::Global(_) if !is_first || !sequence.nodes.is_empty() => {
                    return Err("global flags not at the start of the expression".into());
                }
                FlagGroup::Global(flags) => {
                    self.flags = flags;
                    return Ok(());
                }
                FlagGroup::Scoped(flags) => self.inside_with(flags)?,
            },
            _ => return Err(unknown_extension("?", token)),
        };
        sequence.push(node, Last::Other);
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        loop {
            match self.tokens.next() {
                Some(Token::Plain(')')) => return Ok(()),
                Some(_) => {}
                None => return Err("missing ), unterminated comment".into()),
            }
        }
    }

    /// The alternatives of a group and its `)`.
    fn inside(&mut self) -> Result<Node, String> {
        let node = self.either(false)?;
        if self.tokens.take(')') { Ok(node) } else { Err(UNTERMINATED.into()) }
    }

    fn inside_with(&mut self, flags: Flags) -> Result<Node, String> {
        let outer = std::mem::replace(&mut self.flags, flags);
        let node = self.inside();
        self.flags = outer;
        node
    }

    fn capturing(&mut self, name: Option<String>) -> Result<Node, String> {
        let number = self.groups.open(name)?;
        let node = self.inside()?;
        self.groups.close(number, node.width());
        Ok(Node::Group(Box::new(node)))
    }

    fn look_ahead(&mut self, is_negative: bool) -> Result<Node, String> {
        let node = Box::new(self.inside()?);
        Ok(Node::Around(Around { node, back: 0, is_negative }))
    }

    fn look_behind(&mut self) -> Result<Node, String> {
        let is_negative = match self.tokens.next() {
            Some(Token::Plain('=')) => false,
            Some(Token::Plain('!')) => true,
            Some(token) => return Err(unknown_extension("?<", token)),
            None => return Err(END.into()),
        };
        let outer = self.groups.begin_look_behind();
        let node = Box::new(self.inside()?);
        self.groups.end_look_behind(outer);
        let width = node.width();
        if width.least != width.most {
            return Err("look-behind requires fixed-width pattern".into());
        }
        Ok(Node::Around(Around { node, back: width.least, is_negative }))
    }

    /// What follows `(?P`.
    fn python_extension(&mut self) -> Result<Node, String> {
        match self.tokens.next() {
            Some(Token::Plain('<')) => {
                let name = self.tokens.take_until('>', "group name")?;
                check_name(&name)?;
                self.capturing(Some(name))
            }
            Some(Token::Plain('=')) => {
                let name = self.tokens.take_until(')', "group name")?;
                check_name(&name)?;
                let number = self.groups.find(&name);
                self.backreference(number.ok_or_else(|| unknown_name(&name))?)
            }
            Some(token) => Err(unknown_extension("?P", token)),
            None => Err(END.into()),
        }
    }

    /// What follows `(?(`.
    fn conditional(&mut self) -> Result<Node, String> {
        let name = self.tokens.take_until(')', "group name")?;
        let number = if is_name(&name) {
            self.groups.find(&name).ok_or_else(|| unknown_name(&name))?
        } else if name.chars().all(|c| c.is_ascii_digit()) {
            name.parse().map_err(|_| format!("invalid group reference {name}"))?
        } else {
            return Err(bad_name(&name));
        };
        if number == 0 {
            return Err("bad group number".into());
        }
        self.groups.condition(number)?;
        let then = Box::new(self.sequence(false)?);
        let otherwise = Box::new(if self.tokens.take('|') { self.sequence(false)? } else { Node::Sequence(Vec::new()) });
        match self.tokens.next() {
            Some(Token::Plain(')')) => Ok(Node::IfGroup { then, otherwise }),
            Some(_) => Err("conditional backref with more than two branches".into()),
            None => Err(UNTERMINATED.into()),
        }
    }

    /// What follows `[`.
    fn set(&mut self) -> Result<Class, String> {
        let is_complement = self.tokens.take('^');
        let (mut characters, mut classes) = (Vec::new(), Vec::new());
        let mut is_first = true;
        loop {
            let token = self.tokens.next().ok_or(UNTERMINATED_SET)?;
            if token == Token::Plain(']') && !is_first {
                break;
            }
            is_first = false;
            let first = self.member(token)?;
            let position = self.tokens.position();
            if self.tokens.take('-') {
                match self.tokens.next().ok_or(UNTERMINATED_SET)? {
                    // The hyphen is the last member.
                    Token::Plain(']') => self.tokens.go_back_to(position),
                    token => {
                        characters.push(range(&first, &self.member(token)?)?);
                        continue;
                    }
                }
            }
            match first {
                Member::Character(code_point) => characters.push((code_point, code_point)),
                Member::Class(class) => classes.extend_from_slice(class.ranges()),
            }
        }
        classes.extend_from_slice(self.folded(Class::of(characters)).ranges());
        let class = Class::of(classes);
        Ok(if is_complement { class.complement() } else { class })
    }

    fn member(&mut self, token: Token) -> Result<Member, String> {
        match token {
            Token::Plain(c) => Ok(Member::Character(c.into())),
            Token::Escaped(letter) => member(letter, self.flags, &mut self.tokens),
        }
    }
}

const END: &str = "unexpected end of pattern";
const UNTERMINATED: &str = "missing ), unterminated subpattern";
const UNTERMINATED_SET: &str = "unterminated character set";

fn range(first: &Member, last: &Member) -> Result<(u32, u32), String> {
    match (first, last) {
        (Member::Character(first), Member::Character(last)) if first <= last => Ok((*first, *last)),
        (Member::Character(_), Member::Character(_)) => {
            Err("bad character range: the first character is greater than the last one".into())
        }
        _ => Err(r"bad character range: a class such as \w cannot be an end of it".into()),
    }
}

fn unknown_extension(before: &str, token: Token) -> String {
    match token {
        Token::Plain(c) => format!("unknown extension {before}{c}"),
        Token::Escaped(c) => format!("unknown extension {before}\\{c}"),
    }
}

fn unknown_name(name: &str) -> String {
    format!("unknown group name '{name}'")
}

fn bad_name(name: &str) -> String {
    format!("bad character in group name '{name}'")
}

fn check_name(name: &str) -> Result<(), String> {
    if is_name(name) { Ok(()) } else { Err(bad_name(name)) }
}

/// Whether `name` is an identifier.
fn is_name(name: &str) -> bool {
    let is_start = |c: char| c == '_' || unicode_ident::is_xid_start(c);
    name.starts_with(is_start) && name.chars().all(unicode_ident::is_xid_continue)
}
