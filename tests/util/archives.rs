//! Archives and record files, built in memory, and one set of images in every form that `encode`
//! reads.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::WorkDir;

/// The signatures of the three kinds of records in a zip archive.
pub const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
pub const CENTRAL_RECORD: &[u8] = b"PK\x01\x02";
pub const END_RECORD: &[u8] = b"PK\x05\x06";

/// The name of a keyword file, without folder and extension, and its text.
pub type Member = (String, String);

/// A zip archive of deflated members.
pub fn zip<N: AsRef<str>, D: AsRef<[u8]>>(members: &[(N, D)]) -> Vec<u8> {
    zip_with(CompressionMethod::Deflated, members)
}

pub fn zip_with<N: AsRef<str>, D: AsRef<[u8]>>(method: CompressionMethod, members: &[(N, D)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in members {
        writer.start_file(name.as_ref(), SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(data.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Overwrites bytes of the `n`th record that begins with `signature`, `offset` bytes after its
/// start.
pub fn patch(zip: &mut [u8], (signature, n): (&[u8], usize), offset: usize, bytes: &[u8]) {
    let record = (0..zip.len()).filter(|&at| zip[at..].starts_with(signature)).nth(n).unwrap();
    zip[record + offset..][..bytes.len()].copy_from_slice(bytes);
}

/// Replaces a name by another one of the same length, wherever it occurs.
pub fn rename(zip: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    for at in 0..zip.len() {
        if zip[at..].starts_with(from) {
            zip[at..at + to.len()].copy_from_slice(to);
        }
    }
}

/// The keyword files in a zip archive, sorted by name.
pub fn members_of(zip: &Path) -> Vec<Member> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut members = Vec::new();
    for index in 0..zip.len() {
        let mut member = zip.by_index(index).unwrap();
        let name = member.name().unwrap().rsplit('/').next().unwrap().to_owned();
        if let Some(stem) = name.strip_suffix(".json") {
            let mut text = String::new();
            member.read_to_string(&mut text).unwrap();
            members.push((stem.to_owned(), text));
        }
    }
    members.sort();
    members
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}

/// A tar archive of files.
pub fn tar<N: AsRef<str>, D: AsRef<[u8]>>(files: &[(N, D)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, data) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.as_ref().len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name.as_ref(), data.as_ref()).unwrap();
    }
    tar.into_inner().unwrap()
}

/// A table with the columns `id`, `tags` (a list) and `text` (the tags joined by `|`).
pub fn parquet(members: &[Member]) -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = "message m { required binary id (UTF8); \
                  optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } \
                  optional binary text (UTF8); }";
    let schema = std::sync::Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, std::sync::Arc::default()).unwrap();
    for members in members.chunks(100) {
        let keywords: Vec<Vec<String>> = members
            .iter()
            .map(|(_, text)| serde_json::from_str::<serde_json::Value>(text).unwrap()["tagging"]["keywords"].clone())
            .map(|keywords| serde_json::from_value(keywords).unwrap())
            .collect();
        let ids: Vec<ByteArray> = members.iter().map(|(name, _)| ByteArray::from(name.as_str())).collect();
        let joined: Vec<ByteArray> = keywords.iter().map(|keywords| ByteArray::from(keywords.join("|").as_str())).collect();
        let (mut tags, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for keywords in &keywords {
            if keywords.is_empty() {
                defined.push(1);
                repeated.push(0);
            }
            for (place, keyword) in keywords.iter().enumerate() {
                tags.push(ByteArray::from(keyword.as_str()));
                defined.push(3);
                repeated.push(i16::from(place > 0));
            }
        }
        let mut group = file.next_row_group().unwrap();
        let text = vec![1; joined.len()];
        let mut write = |values: &[ByteArray], defined: Option<&[i16]>, repeated: Option<&[i16]>| {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<ByteArrayType>().write_batch(values, defined, repeated).unwrap();
            column.close().unwrap();
        };
        write(&ids, None, None);
        write(&tags, Some(&defined), Some(&repeated));
        write(&joined, Some(&text), None);
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

/// The members as lines of JSON, each with its name in the field `id`.
pub fn lines(members: &[Member]) -> String {
    let mut lines = String::new();
    for (name, text) in members {
        let mut object: serde_json::Value = serde_json::from_str(text).unwrap();
        object["id"] = name.as_str().into();
        lines += &format!("{object}\n");
    }
    lines
}

/// Writes the members in every form as `set.*`. Archives hold them in reverse order.
/// Returns each input with the options that it needs.
pub fn write_all(work: &WorkDir, members: &[Member]) -> Vec<(&'static str, &'static [&'static str])> {
    let files: Vec<(String, &str)> = members.iter().map(|(name, text)| (format!("{name}.json"), text.as_str())).collect();
    let reversed: Vec<(String, &str)> = files.iter().rev().map(|(name, text)| (format!("set/{name}"), *text)).collect();
    let tar = tar(&reversed);
    let lines = lines(members);
    work.zip("set.zip", &reversed);
    for (name, text) in &files {
        work.write(&format!("set/{name}"), text);
    }
    work.write("set.tar.gz", gzip(&tar)).write("set.tar.zst", zstd(&tar)).write("set.tgz", gzip(&tar)).write("set.tar", tar);
    work.write("set.jsonl.gz", gzip(lines.as_bytes())).write("set.jsonl.zst", zstd(lines.as_bytes())).write("set.jsonl", lines);
    const ID: &[&str] = &["--id-field", "id"];
    let members = ["set.zip", "set", "set.tar", "set.tar.gz", "set.tar.zst", "set.tgz"].map(|name| (name, &[] as &[&str]));
    let lines = ["set.jsonl", "set.jsonl.gz", "set.jsonl.zst"].map(|name| (name, ID));
    members.into_iter().chain(lines).collect()
}
