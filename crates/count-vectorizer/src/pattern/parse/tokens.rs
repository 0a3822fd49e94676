//! A pattern as Python's `re` reads it: a backslash and the next character are one token.

/// A character of a pattern, or a backslash and a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

/// The tokens of a pattern and the current position.
pub(super) struct Tokens {
    tokens: Vec<Token>,
    at: usize,
}

impl Tokens {
    pub fn new(pattern: &str) -> Result<Self, String> {
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '\\' => Token::Escaped(chars.next().ok_or("bad escape (end of pattern)")?),
                _ => Token::Plain(c),
            });
        }
        Ok(Tokens { tokens, at: 0 })
    }

    pub fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Skips `c` if it is next.
    pub fn take(&mut self, c: char) -> bool {
        self.take_if(|next| next == c).is_some()
    }

    /// Returns and skips the next plain character if `test` is true of it.
    pub fn take_if(&mut self, test: impl FnOnce(char) -> bool) -> Option<char> {
        match self.peek() {
            Some(Token::Plain(c)) if test(c) => {
                self.at += 1;
                Some(c)
            }
            _ => None,
        }
    }

    /// At most `most` plain characters for which `test` is true.
    pub fn take_while(&mut self, most: usize, test: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        for _ in 0..most {
            let Some(c) = self.take_if(&test) else { break };
            text.push(c);
        }
        text
    }

    /// The text before `end`, which is skipped too.
    pub fn take_until(&mut self, end: char, what: &str) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some(Token::Plain(c)) if c == end && text.is_empty() => {
                    return Err(format!("missing {what}"));
                }
                Some(Token::Plain(c)) if c == end => return Ok(text),
                Some(Token::Plain(c)) => text.push(c),
                Some(Token::Escaped(c)) => text.extend(['\\', c]),
                None if text.is_empty() => return Err(format!("missing {what}")),
                None => return Err(format!("missing {end}, unterminated name")),
            }
        }
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn go_back_to(&mut self, position: usize) {
        self.at = position;
    }
}
