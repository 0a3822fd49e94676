//! Targets for the readers of `keyword-files`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keyword_files::archive::{Archive, Content, Limits};
use keyword_files::error::Problem;
use keyword_files::json::{CocoImage, ImageSink, KeywordField, KeywordSink, read_coco_images, read_keywords, stream_coco_images};
use keyword_files::pickle::{MAX_NUMBER, read_name_numbers};
use keyword_files::source::Source;
use serde_json::Value;

use crate::assert_one_line;
use crate::room::with_room;
use crate::runs::check_records;
use crate::zip_of::zip_or_zip_of;

/// The size limit of a member. Inputs of a fuzzer are not much longer.
const LIMITS: Limits = Limits { max_member_size: 1 << 20 };

/// Reads the bytes as a zip. All members read in order are equal to each member read alone.
pub fn archive(bytes: &[u8]) {
    with_room(|room| {
        let path = room.join("archive.zip");
        fs::write(&path, zip_or_zip_of(bytes)).expect("a zip");
        match Archive::open_zip(&path, LIMITS) {
            Ok(archive) => read_members(&archive),
            Err(error) => assert_one_line(&error.to_string()),
        }
    });
}

fn read_members(archive: &Archive) {
    let members: Vec<u32> = (0..archive.len() as u32).collect();
    let mut found = Vec::new();
    archive.reader(false).read_each(&members, &mut |index, bytes| {
        assert_eq!(index, found.len(), "members come in order");
        found.push(bytes.map(<[u8]>::to_vec));
    });
    assert_eq!(found.len(), members.len());
    for (&member, together) in members.iter().zip(found) {
        match (together, read_alone(archive, member)) {
            (Ok(bytes), Ok(alone)) => assert!(bytes == alone, "a member is the same in both ways"),
            (Err(problem), Err(_)) => assert_one_line(&problem.to_string()),
            // The limit applies only to members that are read together.
            (Err(problem), Ok(alone)) => {
                assert!(alone.len() as u64 > LIMITS.max_member_size, "{problem}");
            }
            (Ok(bytes), Err(problem)) => panic!("{} bytes, but alone: {problem}", bytes.len()),
        }
        let is_text = String::from_utf8(archive.name_bytes(member)).is_ok();
        assert!(!is_text || archive.find(&archive.name(member)) == Some(member));
    }
}

fn read_alone(archive: &Archive, member: u32) -> Result<Vec<u8>, Problem> {
    let whole = archive.with_content(member, |content| {
        let mut bytes = Vec::new();
        match content {
            Content::Whole(content) => bytes.extend_from_slice(content),
            Content::Stream(stream) => {
                let read = stream.read_to_end(&mut bytes);
                read.map_err(|error| Problem::new("archive.zip", error.to_string()))?;
            }
        }
        Ok(bytes)
    });
    whole.and_then(|bytes| bytes)
}

/// Reads the bytes as a keyword file. The keywords are equal to those in serde_json's `Value`.
pub fn keyword_file(bytes: &[u8]) {
    let mut sink = Keywords(Vec::new());
    let is_read = read_keywords(bytes, &KeywordField::default(), &mut sink).is_ok();
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let text = |keyword: &Value| keyword.as_str().map(str::to_owned);
    let list = value["tagging"]["keywords"].as_array();
    let expected: Option<Vec<String>> = list.and_then(|list| list.iter().map(text).collect());
    // Without the field, there are no keywords and no error.
    let found = is_read.then(|| sink.0);
    let has_field = !value["tagging"]["keywords"].is_null();
    assert_eq!(found.filter(|_| has_field), expected);
}

/// Collects keywords as text. Lone surrogates become replacement characters.
struct Keywords(Vec<String>);

impl KeywordSink for Keywords {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.0.push(String::from_utf8_lossy(keyword).into_owned());
    }
}

/// Reads the bytes as a pickled dict of names and numbers. The names together are never longer
/// than the file.
pub fn pickle(bytes: &[u8]) {
    let mut length = 0;
    let outcome = read_name_numbers(Path::new("map.pkl"), bytes, &mut |name, number| {
        length += name.len();
        assert!(number <= MAX_NUMBER, "{name:?}: {number}");
        Ok(())
    });
    assert!(length <= bytes.len(), "{length} bytes of names in a file of {} bytes", bytes.len());
    if let Err(error) = outcome {
        assert_one_line(&error.to_string());
    }
}

/// Reads the bytes as a file of records. Records come in order, and each is within the limit.
pub fn records(bytes: &[u8]) {
    with_room(|room| {
        let path = room.join("records.jsonl");
        fs::write(&path, bytes).expect("a file");
        match Source::at(&path, &Arc::default()) {
            Ok(Source::Records(file)) => {
                let mut before = None;
                let outcome = file.read(LIMITS, &["tags", "id"], &mut |records| {
                    for record in records.iter() {
                        assert!(before < Some(record.position.number), "records come in order");
                        before = Some(record.position.number);
                        let text = record.text.unwrap_or_default();
                        assert!(text.len() as u64 <= LIMITS.max_member_size);
                    }
                    true
                });
                if let Err(error) = outcome {
                    assert_one_line(&error.to_string());
                }
            }
            Ok(_) => {}
            Err(error) => assert_one_line(&error.to_string()),
        }
        check_records(&path);
    });
}

/// Reads the bytes as COCO's `dataset.json`. The whole text and the stream have the same images.
pub fn dataset_json(bytes: &[u8]) {
    let (mut whole, mut streamed) = (Images::default(), Images::default());
    let is_valid = read_coco_images(bytes, &mut whole).is_ok();
    assert_eq!(is_valid, stream_coco_images(bytes, &mut streamed).is_ok());
    assert!(!is_valid || whole.0 == streamed.0);
}

#[derive(Default)]
struct Images(Vec<CocoImage>);

impl ImageSink for Images {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn image(&mut self, place: u64, image: CocoImage) {
        assert_eq!(place, self.0.len() as u64);
        self.0.push(image);
    }
}
