//! What a backslash and the characters after it mean.

use super::flags::Flags;
use super::tokens::Tokens;
use crate::pattern::class::Class;
use crate::pattern::node::Look;
use crate::python::character_names;

/// What an escape outside of a set means.
pub(super) enum Escape {
    Character(u32),
    Class(Class),
    Look(Look),
    /// `\1`
    Backreference(usize),
}

/// What an escape in a set means.
pub(super) enum Member {
    Character(u32),
    Class(Class),
}

/// An escape outside of a set, of which `letter` follows the backslash.
pub(super) fn escape(letter: char, flags: Flags, tokens: &mut Tokens) -> Result<Escape, String> {
    if let Some(class) = Class::named(letter, flags.ascii) {
        return Ok(Escape::Class(class));
    }
    let boundary = |is_there| Escape::Look(Look::Boundary { is_there, ascii: flags.ascii });
    Ok(match letter {
        'A' => Escape::Look(Look::Start),
        'Z' => Escape::Look(Look::End),
        'b' => boundary(true),
        'B' => boundary(false),
        '0' => Escape::Character(octal(&format!("0{}", tokens.take_while(2, is_octal)))?),
        '1'..='9' => number(letter, tokens)?,
        _ => Escape::Character(character(letter, tokens)?),
    })
}

/// An escape in a set, of which `letter` follows the backslash.
pub(super) fn member(letter: char, flags: Flags, tokens: &mut Tokens) -> Result<Member, String> {
    if let Some(class) = Class::named(letter, flags.ascii) {
        return Ok(Member::Class(class));
    }
    Ok(Member::Character(match letter {
        'b' => 8,
        '0'..='7' => octal(&format!("{letter}{}", tokens.take_while(2, is_octal)))?,
        _ => character(letter, tokens)?,
    }))
}

/// Three octal digits are a character, anything else is the number of a group.
fn number(first: char, tokens: &mut Tokens) -> Result<Escape, String> {
    let mut digits = String::from(first);
    if let Some(second) = tokens.take_if(|c| c.is_ascii_digit()) {
        digits.push(second);
        if digits.chars().all(is_octal)
            && let Some(third) = tokens.take_if(is_octal)
        {
            digits.push(third);
            return octal(&digits).map(Escape::Character);
        }
    }
    Ok(Escape::Backreference(digits.parse().map_err(|_| format!("bad escape \\{digits}"))?))
}

fn is_octal(c: char) -> bool {
    c.is_digit(8)
}

fn octal(digits: &str) -> Result<u32, String> {
    let value = u32::from_str_radix(digits, 8).ok().filter(|&value| value <= 0o377);
    value.ok_or_else(|| format!("octal escape value \\{digits} outside of range 0-0o377"))
}

/// The one character that a backslash and `letter` mean.
fn character(letter: char, tokens: &mut Tokens) -> Result<u32, String> {
    Ok(match letter {
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        'x' => hexadecimal(letter, 2, tokens)?,
        'u' => hexadecimal(letter, 4, tokens)?,
        'U' => hexadecimal(letter, 8, tokens)?,
        'N' => named(tokens)?,
        _ if letter.is_ascii_alphanumeric() => return Err(format!("bad escape \\{letter}")),
        _ => letter.into(),
    })
}

/// The `{…}` of `\N{…}`.
fn named(tokens: &mut Tokens) -> Result<u32, String> {
    if !tokens.take('{') {
        return Err("missing {".into());
    }
    let name = tokens.take_until('}', "character name")?;
    let character = character_names::lookup(&name);
    character.map(u32::from).ok_or_else(|| format!("undefined character name '{name}'"))
}

fn hexadecimal(letter: char, count: usize, tokens: &mut Tokens) -> Result<u32, String> {
    let digits = tokens.take_while(count, |c| c.is_ascii_hexdigit());
    if digits.len() != count {
        return Err(format!("incomplete escape \\{letter}{digits}"));
    }
    let value = u32::from_str_radix(&digits, 16).ok().filter(|&value| value <= 0x10_ffff);
    value.ok_or_else(|| format!("bad escape \\{letter}{digits}"))
}
