//! Zip archives: listing, reading, and messages for files that are not zips.

mod directory;
mod entry;
mod listing;
mod name;
mod not_a_zip;
mod rare_compression;
mod reader;

pub(super) use self::directory::ZipDirectory;
pub(crate) use self::directory::{is_end_of_split_zip, split_zip_problem};
pub(super) use self::entry::ZipEntry;
pub(super) use self::listing::ZipArchive;
pub(super) use self::reader::ZipReader;
