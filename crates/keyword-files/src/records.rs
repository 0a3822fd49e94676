//! A file of many images' keywords that is read from its beginning to its end: a tar, JSON Lines, a
//! JSON list or map, COCO annotations, CSV, Parquet.
//!
//! One thread reads it and cuts it into batches of [`Records`]. Each record is the JSON text of one
//! image, so that all formats share the selection of fields.

mod batch;
mod coco;
pub(crate) mod csv;
pub(crate) mod escape;
mod file;
mod json;
mod json_end;
pub(crate) mod json_head;
pub(crate) mod json_reader;
mod lines;
pub mod member_choice;
pub(crate) mod opening;
pub(crate) mod options;
mod parquet;
mod parquet_columns;
mod parquet_footer;
mod parquet_json;
mod ratio;
mod read;
mod tar;
#[cfg(test)]
mod tests;

pub use batch::{Cutter, Position, Record, Records, Take};
pub use escape::push_json_string;
pub use file::{Format, RecordFile};
pub use opening::{Packing, StreamDigest, is_stream};
pub use options::{InputFormat, MemberNames, ReadOptions, dotted_keys};
