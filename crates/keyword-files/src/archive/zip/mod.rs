//! Zip archives: listing, reading, and messages for files that are not zips.

mod entry;
mod listing;
mod name;
mod not_a_zip;
mod rare_compression;
mod reader;

pub(super) use self::listing::ZipArchive;
pub(crate) use self::listing::{is_end_of_split_zip, split_zip_problem};
pub(super) use self::reader::ZipReader;
