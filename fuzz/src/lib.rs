//! The fuzz targets. Each target takes any bytes and panics if the result of a reader cannot be
//! true.

mod model;
mod readers;
mod room;
mod runs;
mod tables;
mod words;
mod zip_of;

pub use readers::{archive, dataset_json, keyword_file, pickle, records};
pub use runs::{extract, list, vocabulary_file};
pub use tables::{coco, csv};
pub use words::words;

/// The type of a target.
pub type Target = fn(&[u8]);

/// All targets with their names.
pub const TARGETS: [(&str, Target); 11] = [
    ("archive", archive),
    ("extract", extract),
    ("keyword_file", keyword_file),
    ("pickle", pickle),
    ("list", list),
    ("records", records),
    ("csv", csv),
    ("coco", coco),
    ("dataset_json", dataset_json),
    ("vocabulary_file", vocabulary_file),
    ("words", words),
];

/// Panics if a line of a message is empty or contains a control character. A hostile name must not
/// break a message into more lines.
fn assert_one_line_each(message: &str) {
    assert!(!message.is_empty());
    for line in message.split('\n') {
        assert!(!line.is_empty() && !line.contains(char::is_control), "{message:?}");
    }
}

/// Panics if the message of one problem is not exactly one line.
fn assert_one_line(message: &str) {
    assert!(!message.contains('\n'), "{message:?}");
    assert_one_line_each(message);
}
