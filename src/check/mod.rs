//! Compares the files of a folder with their manifest, or with a fresh run.

pub(crate) mod against_manifest;
pub(crate) mod against_run;
pub(crate) mod result;
pub(crate) mod stale;
