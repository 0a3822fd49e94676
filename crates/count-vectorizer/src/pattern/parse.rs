//! The syntax of Python's `re`, as far as it can be followed: all but looking around, going back to a group, and ignoring case.

use super::class::Class;
use super::node::{Look, Node};

/// Takes a pattern apart, or says what is wrong with it or cannot be done.
pub(super) fn parse(pattern: &str) -> Result<Node, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parser = Parser { chars, at: 0, groups: 0, depth: 0 };
    let flags = parser.leading_flags()?;
    let node = parser.either(flags)?;
    if parser.at < parser.chars.len() {
        return Err("unbalanced parenthesis".into());
    }
    if parser.groups > 1 {
        return Err("More than 1 capturing group in token pattern. Only a single group should be captured.".into());
    }
    Ok(node)
}

/// What `(?…)` switches.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    dot_all: bool,
    multi_line: bool,
    ascii: bool,
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    groups: u32,
    depth: u32,
}

/// Groups in groups beyond this depth are refused.
const DEEPEST: u32 = 100;

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn take(&mut self, text: &str) -> bool {
        let end = self.at + text.chars().count();
        let is_there = self.chars.get(self.at..end).is_some_and(|here| here.iter().copied().eq(text.chars()));
        if is_there {
            self.at = end;
        }
        is_there
    }

    /// `(?u)`, `(?s)` and the like, which may stand at the very start alone.
    fn leading_flags(&mut self) -> Result<Flags, String> {
        let mut flags = Flags::default();
        loop {
            let start = self.at;
            if !self.take("(?") {
                return Ok(flags);
            }
            let from = self.at;
            while self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
                self.at += 1;
            }
            let letters: Vec<char> = self.chars.get(from..self.at).unwrap_or_default().to_vec();
            if letters.is_empty() || letters.first() == Some(&'P') || !self.take(")") {
                self.at = start;
                return Ok(flags);
            }
            for letter in letters {
                flags.switch(letter, true)?;
            }
        }
    }

    fn either(&mut self, flags: Flags) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("groups lie deeper than {DEEPEST} in each other"));
        }
        let mut branches = vec![self.sequence(flags)?];
        while self.take("|") {
            branches.push(self.sequence(flags)?);
        }
        self.depth -= 1;
        Ok(if branches.len() > 1 { Node::Either(branches) } else { Node::Sequence(branches) })
    }

    fn sequence(&mut self, flags: Flags) -> Result<Node, String> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek().filter(|&c| c != '|' && c != ')') {
            self.at += 1;
            let node = match c {
                '.' => Node::Class(Class::dot(flags.dot_all)),
                '^' => Node::Look(if flags.multi_line { Look::LineStart } else { Look::Start }),
                '$' => Node::Look(if flags.multi_line { Look::LineEnd } else { Look::LastLineEnd }),
                '(' => match self.group(flags)? {
                    Some(node) => node,
                    None => continue,
                },
                '[' => Node::Class(self.set(flags)?),
                '\\' => self.escape(flags)?,
                '*' | '+' | '?' => return Err(format!("nothing to repeat before '{c}'")),
                '{' if self.counts().is_some() => return Err("nothing to repeat before '{'".into()),
                _ => Node::Class(Class::one(c.into())),
            };
            nodes.push(self.repeated(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    /// `node` with the `*`, `+`, `?` or `{…}` that follows it.
    fn repeated(&mut self, node: Node) -> Result<Node, String> {
        let Some((least, most)) = self.quantifier() else { return Ok(node) };
        if most.is_some_and(|most| most < least) {
            return Err("min repeat greater than max repeat".into());
        }
        if matches!(node, Node::Look(_)) {
            return Err("nothing to repeat: '^', '$', '\\b' and the like take no character".into());
        }
        if node.can_be_empty() {
            return Err("a repeated group that can match nothing is not supported".into());
        }
        let is_greedy = !self.take("?");
        if is_greedy && self.take("+") {
            return Err("possessive quantifiers ('*+', '++', '?+') are not supported".into());
        }
        if self.quantifier().is_some() {
            return Err("multiple repeat".into());
        }
        Ok(Node::Repeat { node: Box::new(node), least, most, is_greedy })
    }

    fn quantifier(&mut self) -> Option<(u32, Option<u32>)> {
        let found = match self.peek()? {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            '{' => {
                self.at += 1;
                let counts = self.counts();
                self.at -= usize::from(counts.is_none());
                return counts;
            }
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    /// The `2,3}` of a quantifier; nothing is taken of a brace that is only a brace.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let start = self.at;
        let least = self.digits();
        let is_range = self.take(",");
        let most = if is_range { self.digits() } else { least.clone() };
        if !self.take("}") || (least.is_empty() && !is_range) {
            self.at = start;
            return None;
        }
        // A number that is too large is as good as one that is too large for any pattern here.
        let number = |digits: &str| digits.parse().unwrap_or(u32::MAX);
        Some((if least.is_empty() { 0 } else { number(&least) }, (!most.is_empty()).then(|| number(&most))))
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.at += 1;
        }
        digits
    }

    /// What follows `(`; nothing of a comment.
    fn group(&mut self, mut flags: Flags) -> Result<Option<Node>, String> {
        let mut is_captured = true;
        if self.take("?") {
            is_captured = false;
            match self.next() {
                Some(':') => {}
                Some('P') => match self.next() {
                    Some('<') => {
                        self.name()?;
                        is_captured = true;
                    }
                    Some('=') => return Err("going back to a group ('(?P=…)') is not supported".into()),
                    _ => return Err("unknown extension after '(?P'".into()),
                },
                Some('#') => {
                    while self.next().ok_or("missing ), unterminated comment")? != ')' {}
                    return Ok(None);
                }
                Some('=' | '!') => return Err("looking ahead ('(?=…)', '(?!…)') is not supported".into()),
                Some('<') => return Err("looking behind ('(?<=…)', '(?<!…)') is not supported".into()),
                Some('>') => return Err("atomic groups ('(?>…)') are not supported".into()),
                Some('(') => return Err("conditional groups ('(?(…)…)') are not supported".into()),
                Some(_) => {
                    self.at -= 1;
                    flags = self.scoped_flags(flags)?;
                }
                None => return Err("unexpected end of pattern".into()),
            }
        }
        self.groups += u32::from(is_captured);
        let inside = self.either(flags)?;
        if !self.take(")") {
            return Err("missing ), unterminated subpattern".into());
        }
        Ok(Some(if is_captured { Node::Group(Box::new(inside)) } else { inside }))
    }

    /// The `name>` of a named group.
    fn name(&mut self) -> Result<(), String> {
        let mut name = String::new();
        loop {
            match self.next().ok_or("missing >, unterminated name")? {
                '>' => break,
                c => name.push(c),
            }
        }
        let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !is_word || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(format!("bad character in group name '{name}'"));
        }
        Ok(())
    }

    /// The `s-m:` of a group whose flags are its own.
    fn scoped_flags(&mut self, mut flags: Flags) -> Result<Flags, String> {
        let mut on = true;
        loop {
            match self.next() {
                Some(':') => return Ok(flags),
                Some('-') if on => on = false,
                Some(')') => return Err("global flags not at the start of the expression".into()),
                Some(letter) => flags.switch(letter, on)?,
                None => return Err("missing :, unterminated flags".into()),
            }
        }
    }

    /// What follows `[`.
    fn set(&mut self, flags: Flags) -> Result<Class, String> {
        let is_complement = self.take("^");
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let c = self.next().ok_or(UNTERMINATED_SET)?;
            if c == ']' && !is_first {
                break;
            }
            is_first = false;
            let first = self.member(c, flags)?;
            if self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|&c| c != ']') {
                self.at += 1;
                let c = self.next().ok_or(UNTERMINATED_SET)?;
                let (Member::One(first), Member::One(last)) = (first, self.member(c, flags)?) else {
                    return Err("bad character range: a class such as \\w has no place in it".into());
                };
                if last < first {
                    return Err("bad character range: it ends before it begins".into());
                }
                ranges.push((first, last));
                continue;
            }
            match first {
                Member::One(code_point) => ranges.push((code_point, code_point)),
                Member::Many(class) => ranges.extend(class.ranges()),
            }
        }
        let class = Class::of(ranges);
        Ok(if is_complement { class.complement() } else { class })
    }

    /// One member of a set, of which `c` was taken already.
    fn member(&mut self, c: char, flags: Flags) -> Result<Member, String> {
        if c != '\\' {
            return Ok(Member::One(c.into()));
        }
        let letter = self.next().ok_or("bad escape (end of pattern)")?;
        if let Some(class) = Class::named(letter, flags.ascii) {
            return Ok(Member::Many(class));
        }
        match letter {
            'b' => Ok(Member::One(8)),
            '0'..='7' => self.octal(letter).map(Member::One),
            _ => self.character(letter).map(Member::One),
        }
    }

    /// What follows `\` outside a set.
    fn escape(&mut self, flags: Flags) -> Result<Node, String> {
        let letter = self.next().ok_or("bad escape (end of pattern)")?;
        if let Some(class) = Class::named(letter, flags.ascii) {
            return Ok(Node::Class(class));
        }
        let boundary = |is_there| Node::Look(Look::Boundary { is_there, ascii: flags.ascii });
        Ok(match letter {
            'A' => Node::Look(Look::Start),
            'Z' => Node::Look(Look::End),
            'b' => boundary(true),
            'B' => boundary(false),
            '0' => Node::Class(Class::one(self.octal(letter)?)),
            '1'..='9' => {
                let is_octal = |place: usize| self.chars.get(place).is_some_and(|c| ('0'..='7').contains(c));
                if letter > '7' || !is_octal(self.at) || !is_octal(self.at + 1) {
                    return Err(format!("going back to a group ('\\{letter}') is not supported"));
                }
                Node::Class(Class::one(self.octal(letter)?))
            }
            _ => Node::Class(Class::one(self.character(letter)?)),
        })
    }

    /// Up to three octal digits, of which `first` was taken already.
    fn octal(&mut self, first: char) -> Result<u32, String> {
        let mut value = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            self.at += 1;
            value = 8 * value + digit;
        }
        if value > 0o377 { Err("octal escape value outside of range 0-0o377".into()) } else { Ok(value) }
    }

    /// The one character that `\` and `letter` stand for.
    fn character(&mut self, letter: char) -> Result<u32, String> {
        Ok(match letter {
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            'x' => self.hexadecimal(letter, 2)?,
            'u' => self.hexadecimal(letter, 4)?,
            'U' => self.hexadecimal(letter, 8)?,
            'N' => return Err("names of characters ('\\N{…}') are not supported; write \\uXXXX".into()),
            _ if letter.is_ascii_alphanumeric() => return Err(format!("bad escape '\\{letter}'")),
            _ => letter.into(),
        })
    }

    fn hexadecimal(&mut self, letter: char, count: usize) -> Result<u32, String> {
        let mut value: u32 = 0;
        for _ in 0..count {
            let digit = self.next().and_then(|c| c.to_digit(16));
            let digit = digit.ok_or_else(|| format!("incomplete escape '\\{letter}': expected {count} hexadecimal digits"))?;
            value = value.wrapping_mul(16).wrapping_add(digit);
        }
        if value > 0x10_ffff { Err(format!("bad escape '\\U{value:08x}': there is no such character")) } else { Ok(value) }
    }
}

const UNTERMINATED_SET: &str = "unterminated character set";

/// A member of a set.
enum Member {
    One(u32),
    Many(Class),
}

impl Flags {
    fn switch(&mut self, letter: char, on: bool) -> Result<(), String> {
        match letter {
            's' => self.dot_all = on,
            'm' => self.multi_line = on,
            'a' if on => self.ascii = true,
            'u' if on => self.ascii = false,
            'i' => {
                return Err("ignoring case ('(?i)') is not supported; documents are lower-cased before they are matched".into());
            }
            'x' => return Err("verbose patterns ('(?x)') are not supported".into()),
            'L' => return Err("bad inline flags: cannot use 'L' flag with a str pattern".into()),
            'a' | 'u' => return Err("bad inline flags: cannot turn off flags 'a', 'u' and 'L'".into()),
            _ => return Err(format!("unknown flag '{letter}'")),
        }
        Ok(())
    }
}
