//! JSON texts: the record of an image, an object of names and numbers, and COCO's `dataset.json`.

mod coco;
mod diagnose;
mod fast;
mod field;
mod forms;
mod found_value;
mod general;
mod id;
mod keywords;
mod malformed;
mod numbers;
mod part;
mod query;
mod record;
mod sink;
mod string_scan;
mod tree;
mod utf8;

pub use coco::{CocoImage, ImageSink, read_coco_images, stream_coco_images};
pub use diagnose::{Advice, advice, keys_found, query_of_keys, selector};
pub use field::{FieldPath, KeywordField, KeywordForm, LeastConfidence, RecordConfidence, shown_path};
pub use id::{IdField, IdPattern};
pub use keywords::read_keywords;
pub(crate) use malformed::words_without_place;
pub use malformed::{Flaw, Malformed, TextPlace};
pub use numbers::{is_meant_as_json, read_json_numbers, read_json_texts};
pub use query::JsonQuery;
pub use sink::KeywordSink;
pub use tree::JsonTree;
