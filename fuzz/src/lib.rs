//! The fuzz targets: each takes any bytes and panics where the tool would be wrong.

mod model;
mod zip_of;

use std::cell::RefCell;
use std::fs;

use amc_keywords::{Analyzer, StopWords, fuzzing};
use serde_json::Value;
use tempfile::TempDir;

pub use amc_keywords::fuzzing::{dataset_json, id_map, list, vocabulary_file};

/// A target: it takes any bytes.
pub type Target = fn(&[u8]);

/// Every target with its name.
pub const TARGETS: [(&str, Target); 8] = [
    ("archive", archive),
    ("keyword_file", keyword_file),
    ("id_map", id_map),
    ("list", list),
    ("records", records),
    ("dataset_json", dataset_json),
    ("vocabulary_file", vocabulary_file),
    ("words", words),
];

thread_local! {
    /// Made once: a fuzzer runs thousands of inputs a second.
    static ROOM: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// The bytes as a zip; or, where they do not begin like one, as the names and contents of a sound zip's members. Nothing may be
/// written outside of the folder that it is extracted into.
pub fn archive(bytes: &[u8]) {
    ROOM.with_borrow_mut(|room| {
        let room = room.get_or_insert_with(|| TempDir::new().expect("a temporary folder"));
        let (zip, outside) = (room.path().join("k.zip"), room.path().join("outside"));
        let inside = outside.join("inside");
        let _ = fs::remove_dir_all(&outside);
        fs::create_dir_all(&inside).expect("a folder");
        let made = if bytes.starts_with(b"PK") { bytes.to_vec() } else { zip_of::zip_of(bytes) };
        fs::write(&zip, made).expect("a zip");
        fuzzing::archive(&zip, &inside);
        for (folder, names) in [(room.path(), vec!["k.zip", "outside"]), (&outside, vec!["inside"])] {
            let mut found: Vec<_> = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
            found.sort();
            assert_eq!(found, names, "something was written outside");
        }
    });
}

/// The bytes as a file of many images' keywords.
pub fn records(bytes: &[u8]) {
    ROOM.with_borrow_mut(|room| {
        let file = room.get_or_insert_with(|| TempDir::new().expect("a temporary folder")).path().join("k.zip");
        fs::write(&file, bytes).expect("a file");
        fuzzing::records(&file);
    });
}

/// What serde_json's own `Value` finds in it is what is found.
pub fn keyword_file(bytes: &[u8]) {
    let found = fuzzing::keyword_file(bytes);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let expected = value["tagging"]["keywords"].as_array().and_then(|list| {
        list.iter().map(|keyword| keyword.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
    });
    assert_eq!(found, expected);
}

/// The way that a run takes and a slow, obvious one find the same words. Lines are keywords, an empty line ends a document.
pub fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let documents: Vec<Vec<String>> =
        text.split("\n\n").map(|document| document.split('\n').map(str::to_owned).collect()).collect();
    for stop_words in [StopWords::none(), StopWords::english()] {
        let expected: Vec<Vec<String>> = documents.iter().map(|keywords| model::words(keywords, &stop_words)).collect();
        let analyzer = Analyzer::new(stop_words);
        // Twice, so that the second time the map knows the keywords.
        let twice: Vec<Vec<String>> = [&documents[..], &documents[..]].concat();
        assert_eq!(fuzzing::words(&twice, &analyzer), [&expected[..], &expected[..]].concat());
        let joined: Vec<Vec<String>> = documents.iter().map(|keywords| analyzer.words(&keywords.join(" "))).collect();
        assert_eq!(joined, expected);
    }
}
