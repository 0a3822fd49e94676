//! The files that a run writes: their names, their formats, and the atomic set that they form.

pub(crate) mod array_file;
mod background_sync;
mod created_dirs;
pub(crate) mod digest;
pub(crate) mod dry_run;
mod fail_point;
pub(crate) mod folder;
pub(crate) mod lock;
pub(crate) mod manifest;
pub(crate) mod names;
mod names_taken;
pub(crate) mod new_folder;
pub(crate) mod output_file;
pub(crate) mod output_line;
pub(crate) mod output_stream;
pub(crate) mod parquet_file;
pub(crate) mod parts_list;
mod recovery;
pub(crate) mod set;
pub(crate) mod skipped;
mod staged_files;
pub(crate) mod staging;
pub(crate) mod statistics;
pub(crate) mod vectorizer;
pub(crate) mod vocabulary;
