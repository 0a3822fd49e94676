//! Targets for CSV and COCO annotations, compared with readers that are simple and slow.

use std::fs;
use std::sync::Arc;

use keyword_files::archive::Limits;
use keyword_files::records::{InputFormat, ReadOptions};
use keyword_files::source::Source;
use serde_json::{Map, Value};

use crate::assert_one_line;
use crate::room::with_room;

/// The size limit of a record. Inputs of a fuzzer are not much longer.
const LIMITS: Limits = Limits { max_member_size: 1 << 20 };

/// The name and the text of each record. A record with a problem has no text.
type Records = Vec<(Option<String>, Option<Vec<u8>>)>;

/// Reads the bytes in one format. `None` means that the file is refused.
fn read(bytes: &[u8], options: ReadOptions) -> Option<Records> {
    let mut found = None;
    with_room(|room| {
        let path = room.join("records");
        fs::write(&path, bytes).expect("a file");
        let mut records = Records::new();
        let read = Source::at(&path, &Arc::new(options)).and_then(|source| match source {
            Source::Records(file) => file.read(LIMITS, &[], &mut |batch| {
                for record in batch.iter() {
                    if let Err(problem) = record.text {
                        assert_one_line(&problem.to_string());
                    }
                    records.push((record.name.map(String::from), record.text.ok().map(<[u8]>::to_vec)));
                }
                true
            }),
            _ => panic!("the format is set"),
        });
        match read {
            Ok(count) => {
                assert_eq!(count, records.len() as u64);
                found = Some(records);
            }
            Err(error) => assert_one_line(&error.to_string()),
        }
    });
    found
}

/// Whether the bytes may be compressed, or of a format that is known by its first bytes.
fn is_other_format(bytes: &[u8]) -> bool {
    let head = bytes.get(..512).unwrap_or(bytes);
    if keyword_files::source::is_other_format(without_mark(head).trim_ascii_start()) {
        return true;
    }
    let magic: [&[u8]; 7] =
        [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK", b"PAR1", b"version https://git-lfs", b"P*M\x18", b"Q*M\x18"];
    let is_skippable = bytes.get(1..4) == Some(b"*M\x18");
    let is_tar = bytes.get(257..262) == Some(b"ustar");
    is_skippable || is_tar || magic.iter().any(|magic| bytes.starts_with(magic))
}

/// The bytes without a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The bytes without a first line such as `sep=;`.
fn without_line_of_excel(bytes: &[u8]) -> &[u8] {
    let is_named = bytes.len() > 4 && bytes[..4].eq_ignore_ascii_case(b"sep=") && !b"\"\r\n".contains(&bytes[4]);
    let ends = bytes.get(5).is_none_or(|byte| b"\r\n".contains(byte));
    if is_named && ends { &bytes[5..] } else { bytes }
}

/// Reads the bytes as CSV. The rows are those that a reader byte by byte finds.
pub fn csv(bytes: &[u8]) {
    let options = ReadOptions { format: InputFormat::Csv, ..ReadOptions::default() };
    read(bytes, ReadOptions { no_header: true, ..options.clone() });
    read(bytes, options.clone());
    let found = read(bytes, ReadOptions { delimiter: Some(b','), ..options });
    if is_other_format(bytes) {
        return;
    }
    let Some(expected) = rows_of(without_line_of_excel(without_mark(bytes))) else {
        assert!(found.is_none(), "a quote without an end is read");
        return;
    };
    let Some((header, rows)) = expected.split_first() else {
        assert!(found.is_none(), "a table without a header is read");
        return;
    };
    let header: Option<Vec<String>> = header.iter().map(|name| String::from_utf8(name.clone()).ok()).collect();
    let Some(header) = header else {
        assert!(found.is_none(), "a table whose header is not UTF-8 is read");
        return;
    };
    // Columns that share a name are left out.
    let is_unique = |name: &String| header.iter().filter(|other| *other == name).count() == 1;
    let found = found.expect("a sound table");
    assert_eq!(found.len(), rows.len());
    for ((_, text), row) in found.into_iter().zip(rows) {
        let Some(text) = text else {
            assert_ne!(row.len(), header.len());
            continue;
        };
        let cells = header.iter().zip(row).filter(|(name, _)| is_unique(name));
        let entries: Option<Map<_, _>> =
            cells.map(|(name, value)| Some((name.clone(), Value::from(String::from_utf8(value.clone()).ok()?)))).collect();
        assert_eq!(serde_json::from_slice(&text).ok(), entries);
    }
}

/// The rows of a table with commas. `None`: a quoted field does not end where it must.
fn rows_of(text: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let (mut rows, mut at) = (Vec::new(), 0);
    loop {
        while matches!(text.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        if at == text.len() {
            return Some(rows);
        }
        let mut row = Vec::new();
        loop {
            let mut field = Vec::new();
            if text.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    match (*text.get(at)?, text.get(at + 1)) {
                        (b'"', Some(b'"')) => {
                            field.push(b'"');
                            at += 2;
                        }
                        (b'"', _) => break,
                        (byte, _) => {
                            field.push(byte);
                            at += 1;
                        }
                    }
                }
                at += 1;
            } else {
                while let Some(byte) = text.get(at).filter(|byte| !b",\r\n".contains(byte)) {
                    field.push(*byte);
                    at += 1;
                }
            }
            row.push(field);
            match text.get(at) {
                Some(b',') => at += 1,
                None | Some(b'\r' | b'\n') => break,
                Some(_) => return None,
            }
        }
        rows.push(row);
    }
}

/// Reads the bytes as COCO annotations. The keywords of each image are those in serde_json's
/// `Value`.
pub fn coco(bytes: &[u8]) {
    let found = read(bytes, ReadOptions { format: InputFormat::Coco, ..ReadOptions::default() });
    let value = serde_json::from_slice::<Value>(without_mark(bytes)).ok();
    let (Some(found), Some(value)) = (found, value) else { return };
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let (images, annotations, categories) = (list("images"), list("annotations"), list("categories"));
    let category = |id: &Value| {
        let category = categories.iter().find(|category| id_text(&category["id"]) == id_text(id)).expect("a known category");
        category["name"].clone()
    };
    assert_eq!(found.len(), images.len());
    for ((name, text), image) in found.into_iter().zip(&images) {
        assert_eq!(name, Some(id_text(&image["id"])));
        let of_image = annotations.iter().filter(|annotation| id_text(&annotation["image_id"]) == id_text(&image["id"]));
        let keywords = of_image.flat_map(|annotation| match &annotation["caption"] {
            Value::Null => {
                let segments = annotation["segments_info"].as_array().into_iter().flatten();
                let ids = [&annotation["category_id"]].into_iter().chain(segments.map(|segment| &segment["category_id"]));
                ids.filter(|id| !id.is_null()).map(category).collect()
            }
            caption => vec![caption.clone()],
        });
        let expected: Vec<Value> = keywords.collect();
        let record: Value = serde_json::from_slice(&text.expect("a small record")).expect("JSON");
        assert_eq!(record["tagging"]["keywords"].as_array(), Some(&expected));
    }
}

fn id_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), String::from)
}
