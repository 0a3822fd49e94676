//! `(?i)`, `(?s-m:…)` and the like.

use super::tokens::{Token, Tokens};
use crate::pattern::case::Folding;

/// The flags at a position of a pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub ignore_case: bool,
    pub multi_line: bool,
    pub dot_all: bool,
    pub verbose: bool,
    pub ascii: bool,
    /// `u`, which is the default.
    pub unicode: bool,
}

/// What follows `(?` if it is a group of flags.
pub(super) enum FlagGroup {
    /// `i)`: switches flags on for the whole pattern.
    Global(Flags),
    /// `i-s:`: the flags of the group.
    Scoped(Flags),
}

/// The flags that a group names.
#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    on: Flags,
    off: Flags,
}

impl Flags {
    pub fn folding(self) -> Option<Folding> {
        self.ignore_case.then_some(if self.ascii { Folding::Ascii } else { Folding::Unicode })
    }

    /// Reads the flags after `(?`, of which the first token is `first`.
    pub fn read(self, first: char, tokens: &mut Tokens) -> Result<FlagGroup, String> {
        let mut changes = Changes::default();
        let mut end = first;
        if first != '-' {
            end = read_letters(first, &mut changes.on, tokens, "missing -, : or )", &[')', '-', ':'])?;
            if changes.on.ascii && changes.on.unicode {
                return Err("bad inline flags: flags 'a', 'u' and 'L' are incompatible".into());
            }
        }
        if end == ')' {
            let flags = self.merged(changes.on);
            if flags.ascii && flags.unicode {
                return Err("ASCII and UNICODE flags are incompatible".into());
            }
            return Ok(FlagGroup::Global(flags));
        }
        if end == '-' {
            let first = match tokens.next() {
                Some(Token::Plain(c)) if is_flag(c) => c,
                token => return Err(unknown(token, "missing flag")),
            };
            read_letters(first, &mut changes.off, tokens, "missing :", &[':'])?;
            if changes.off.ascii || changes.off.unicode {
                return Err("bad inline flags: cannot turn off flags 'a', 'u' and 'L'".into());
            }
        }
        if changes.on.letters().zip(changes.off.letters()).any(|(on, off)| on && off) {
            return Err("bad inline flags: flag turned on and off".into());
        }
        Ok(FlagGroup::Scoped(self.scoped(changes)))
    }

    fn scoped(self, Changes { on, off }: Changes) -> Flags {
        // `a` and `u` replace each other.
        let base = if on.ascii || on.unicode { Flags { ascii: false, unicode: false, ..self } } else { self };
        let flags = base.merged(on);
        Flags {
            ignore_case: flags.ignore_case && !off.ignore_case,
            multi_line: flags.multi_line && !off.multi_line,
            dot_all: flags.dot_all && !off.dot_all,
            verbose: flags.verbose && !off.verbose,
            ..flags
        }
    }

    fn merged(self, on: Flags) -> Flags {
        Flags {
            ignore_case: self.ignore_case || on.ignore_case,
            multi_line: self.multi_line || on.multi_line,
            dot_all: self.dot_all || on.dot_all,
            verbose: self.verbose || on.verbose,
            ascii: self.ascii || on.ascii,
            unicode: self.unicode || on.unicode,
        }
    }

    fn letters(self) -> impl Iterator<Item = bool> {
        [self.ignore_case, self.multi_line, self.dot_all, self.verbose].into_iter()
    }

    fn switch_on(&mut self, letter: char) -> Result<(), String> {
        match letter {
            'i' => self.ignore_case = true,
            'm' => self.multi_line = true,
            's' => self.dot_all = true,
            'x' => self.verbose = true,
            'a' => self.ascii = true,
            'u' => self.unicode = true,
            _ => return Err("bad inline flags: cannot use 'L' flag with a str pattern".into()),
        }
        Ok(())
    }
}

/// Whether `c` can begin a group of flags.
pub(super) fn is_flag(c: char) -> bool {
    "imsxauL".contains(c)
}

/// Switches on `first` and the flags after it. Returns the character that ends them.
fn read_letters(first: char, flags: &mut Flags, tokens: &mut Tokens, missing: &str, ends: &[char]) -> Result<char, String> {
    flags.switch_on(first)?;
    loop {
        match tokens.next() {
            Some(Token::Plain(c)) if ends.contains(&c) => return Ok(c),
            Some(Token::Plain(c)) if is_flag(c) => flags.switch_on(c)?,
            token => return Err(unknown(token, missing)),
        }
    }
}

fn unknown(token: Option<Token>, missing: &str) -> String {
    match token {
        Some(Token::Plain(c)) if c.is_alphabetic() => format!("unknown flag '{c}'"),
        _ => missing.into(),
    }
}
