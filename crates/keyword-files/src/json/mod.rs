//! JSON texts: the record of an image, an object of names and numbers, and COCO's `dataset.json`.

mod coco;
mod diagnose;
mod fast;
mod field;
mod forms;
mod general;
mod keywords;
mod malformed;
mod numbers;
mod string_scan;
mod utf8;

pub use coco::{CocoImage, ImageSink, read_coco_images, stream_coco_images};
pub use diagnose::{Shape, keys_found, shape_at};
pub use field::{KeywordField, KeywordForm, LeastConfidence};
pub use general::read_id;
pub use keywords::{KeywordSink, read_keywords};
pub use malformed::{Expected, Flaw, FoundValue, Malformed, TextPlace};
pub use numbers::{is_meant_as_json, read_json_numbers};
