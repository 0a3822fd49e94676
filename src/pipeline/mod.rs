//! Fit, encode, write: in parallel, in order, in bounded memory.

mod documents;
pub(crate) mod emit;
pub(crate) mod encoder;
mod input_digests;
pub(crate) mod job;

pub(crate) mod presets;
mod read;
mod read_records;
mod run;
pub(crate) mod settings;
mod statistics;
pub(crate) mod times;
mod vectorizer_parameters;
pub(crate) mod write;
