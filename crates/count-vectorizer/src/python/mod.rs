//! Python's meaning of lower case, white space, word characters, names of characters and assigned
//! code points.

pub mod character_names;
pub mod lower;
pub mod unassigned;
pub mod white_space;
pub mod word_chars;
