//! Pickles: a dict of names and whole numbers.

mod cursor;
mod opcode;
mod read;
mod text;

pub use self::read::{MAX_NUMBER, read_name_numbers};
