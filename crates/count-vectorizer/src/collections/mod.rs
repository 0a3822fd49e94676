//! Many strings in little memory.

pub mod string_list;
pub mod string_table;
