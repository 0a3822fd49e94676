//! The opcodes of pickle protocols 0 to 5, with the names of Python's `pickletools`.

pub(super) const MARK: u8 = b'(';
pub(super) const STOP: u8 = b'.';
pub(super) const PROTO: u8 = 0x80;
pub(super) const FRAME: u8 = 0x95;

pub(super) const DICT: u8 = b'd';
pub(super) const EMPTY_DICT: u8 = b'}';
pub(super) const SETITEM: u8 = b's';
pub(super) const SETITEMS: u8 = b'u';

pub(super) const PUT: u8 = b'p';
pub(super) const BINPUT: u8 = b'q';
pub(super) const LONG_BINPUT: u8 = b'r';
pub(super) const MEMOIZE: u8 = 0x94;
pub(super) const GET: u8 = b'g';
pub(super) const BINGET: u8 = b'h';
pub(super) const LONG_BINGET: u8 = b'j';

pub(super) const INT: u8 = b'I';
pub(super) const BININT: u8 = b'J';
pub(super) const BININT1: u8 = b'K';
pub(super) const BININT2: u8 = b'M';
pub(super) const LONG: u8 = b'L';
pub(super) const LONG1: u8 = 0x8a;
pub(super) const LONG4: u8 = 0x8b;

pub(super) const STRING: u8 = b'S';
pub(super) const BINSTRING: u8 = b'T';
pub(super) const SHORT_BINSTRING: u8 = b'U';
pub(super) const UNICODE: u8 = b'V';
pub(super) const BINUNICODE: u8 = b'X';
pub(super) const SHORT_BINUNICODE: u8 = 0x8c;
pub(super) const BINUNICODE8: u8 = 0x8d;
pub(super) const BINBYTES: u8 = b'B';
pub(super) const SHORT_BINBYTES: u8 = b'C';
pub(super) const BINBYTES8: u8 = 0x8e;

pub(super) const GLOBAL: u8 = b'c';
pub(super) const STACK_GLOBAL: u8 = 0x93;

/// The meaning of an opcode that is refused.
pub(super) enum Meaning {
    /// It makes an object or loads a class. This is the part of pickle that runs code.
    Object,
    /// It makes a value that is neither a name nor a whole number.
    Thing(&'static str),
    /// It rearranges the stack, which no pickled dict needs, or it is not an opcode.
    Other,
}

pub(super) fn meaning(code: u8) -> Meaning {
    match code {
        // GLOBAL INST OBJ REDUCE BUILD PERSID BINPERSID NEWOBJ EXT1 EXT2 EXT4 NEWOBJ_EX STACK_GLOBAL
        b'c' | b'i' | b'o' | b'R' | b'b' | b'P' | b'Q' | 0x81..=0x84 | 0x92 | 0x93 => Meaning::Object,
        b']' | b'l' | b'a' | b'e' => Meaning::Thing("a list"),
        b')' | b't' | 0x85..=0x87 => Meaning::Thing("a tuple"),
        0x8f..=0x91 => Meaning::Thing("a set"),
        b'N' => Meaning::Thing("None"),
        0x88 | 0x89 => Meaning::Thing("True or False"),
        b'F' | b'G' => Meaning::Thing("a number with a fraction"),
        0x96..=0x98 => Meaning::Thing("a bytearray or buffer"),
        _ => Meaning::Other,
    }
}
