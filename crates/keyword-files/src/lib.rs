//! The file formats of image keywords and of arrays: archives, records, JSON, pickles, `.npy` and
//! `.npz`. The crate knows nothing about runs, image ids or command-line options.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod archive;
pub mod bounded;
mod caught;
pub mod error;
pub mod folder;
pub mod json;
pub mod labels;
pub mod names;
mod not_a_zip;
pub mod npy;
mod other_methods;
pub mod pickle;
pub mod positioned;
pub mod record_file;
pub mod source;
#[cfg(test)]
mod test_zips;
mod zip_archive;
mod zip_reader;

pub use caught::is_catching_panic;
