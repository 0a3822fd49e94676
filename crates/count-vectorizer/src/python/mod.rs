//! What Python means by white space, by a word character and by an assigned code point.

pub mod unassigned;
pub mod white_space;
pub mod word_chars;
