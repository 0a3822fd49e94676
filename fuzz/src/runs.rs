//! Targets for whole runs of `amc-keywords`, through its public functions.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use amc_keywords::{Collection, DocumentFrequency, Fields, Limit, OnError, Settings, Silent, read_vocabulary};

use crate::room::with_room;
use crate::zip_of::zip_or_zip_of;
use crate::{assert_one_line, assert_one_line_each};

/// Keeps every word and works on one thread.
fn settings() -> Settings {
    let frequency = DocumentFrequency { min: Limit::Count(1), ..DocumentFrequency::default() };
    Settings { frequency, jobs: NonZeroUsize::MIN, max_member_size: 1 << 20, ..Settings::default() }
}

/// Extracts the bytes as a zip. The run writes nothing outside its folders.
pub fn extract(bytes: &[u8]) {
    with_room(|room| {
        let room = room.join("extract");
        let _ = fs::remove_dir_all(&room);
        let inside = room.join("outside").join("inside");
        fs::create_dir_all(&inside).expect("a folder");
        let zip = inside.join("archive.zip");
        fs::write(&zip, zip_or_zip_of(bytes)).expect("a zip");
        let out = room.join("out");
        fs::create_dir(&out).expect("a folder");
        let collection = Collection { keywords: vec![zip], out, ..Collection::default() };
        let settings = Settings { extract: true, on_error: OnError::Skip, ..settings() };
        if let Err(error) = collection.run(&settings, &Silent) {
            assert_one_line_each(&error.to_string());
        }
        assert_eq!(names_in(&room), ["out", "outside"], "something was written outside");
        assert_eq!(names_in(&room.join("outside")), ["inside"], "something was written outside");
    });
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(|entry| name(entry.expect("an entry"))).collect();
    names.sort();
    names
}

/// Encodes the images of a list. The messages about hostile names are single lines.
pub fn list(bytes: &[u8]) {
    with_room(|room| {
        let (keywords, list) = (room.join("records.jsonl"), room.join("list.lst"));
        let lines = ["00048500", "img57159", "last"]
            .map(|name| format!("{{\"id\": \"{name}\", \"tagging\": {{\"keywords\": [\"dog {name}\"]}}}}\n"));
        fs::write(&keywords, lines.concat()).expect("the keywords");
        fs::write(&list, bytes).expect("a list");
        let fields = Fields { id: Some("id".into()), ..Fields::default() };
        let list = Some(list);
        let out = room.join("out");
        let collection = Collection { keywords: vec![keywords], out, list, fields, ..Collection::default() };
        if let Err(error) = collection.check(&settings(), &Silent) {
            assert_one_line_each(&error.to_string());
        }
    });
}

/// Encodes a file of records with three sets of fields. Each problem is a single line.
pub fn check_records(path: &Path) {
    for fields in [Fields::default(), listed_fields(), object_fields()] {
        let collection =
            Collection { keywords: vec![path.to_path_buf()], out: path.with_file_name("out"), fields, ..Collection::default() };
        if let Err(error) = collection.check(&settings(), &Silent) {
            assert_one_line_each(&error.to_string());
        }
    }
}

fn listed_fields() -> Fields {
    Fields { keywords: Some("tags".into()), separator: Some(",".into()), id: Some("id".into()), ..Fields::default() }
}

fn object_fields() -> Fields {
    Fields {
        keywords: Some("a.tags".into()),
        keyword_key: Some("name".into()),
        confidence_key: Some("score".into()),
        min_confidence: Some(0.5),
        ..Fields::default()
    }
}

/// Reads the bytes as a vocabulary. The ids count up from 0, and each word has its id.
pub fn vocabulary_file(bytes: &[u8]) {
    with_room(|room| {
        let path = room.join("vocabulary");
        fs::write(&path, bytes).expect("a file");
        let vocabulary = match read_vocabulary(&path) {
            Ok(vocabulary) => vocabulary,
            Err(error) => return assert_one_line(&error.to_string()),
        };
        assert!(!vocabulary.is_empty());
        for (id, word) in (0..).zip(vocabulary.words()) {
            assert_eq!(vocabulary.id(word), Some(id), "{word:?}");
        }
    });
}
