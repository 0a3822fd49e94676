//! Python's meaning of lower case, white space, word characters and assigned code points.

pub mod lower;
pub mod unassigned;
pub mod white_space;
pub mod word_chars;
