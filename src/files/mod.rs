//! The files that a run writes: their names, their formats, and the atomic set that they form.

pub(crate) mod array_file;
mod background_sync;
mod created_dirs;
pub(crate) mod digest;
pub(crate) mod dry_run;
mod fail_point;
pub(crate) mod folder;
mod lock;
pub(crate) mod manifest;
pub(crate) mod names;
mod names_taken;
pub(crate) mod output_file;
pub(crate) mod output_line;
mod recovery;
pub(crate) mod set;
pub(crate) mod skipped;
pub(crate) mod staging;
pub(crate) mod statistics;
pub(crate) mod vectorizer;
pub(crate) mod vocabulary;
