#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod archive;
mod caught;
pub mod error;
mod git_lfs;
pub mod json;
mod label_table;
pub mod labels;
pub mod npy;
mod packed_file;
pub mod pickle;
pub mod plain_file;
pub mod records;
pub mod shell;
pub mod source;
#[cfg(test)]
mod test_zips;

pub use caught::{catch_panic, is_catching_panic};
