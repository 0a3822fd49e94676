//! Pickles: a dict of names and whole numbers.

mod cursor;
mod opcode;
mod read;
mod text;

pub use self::read::{MAX_NUMBER, brief, read_name_numbers};
