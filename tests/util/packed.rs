//! One set of images in every form that `encode` reads.

use std::io::{Read, Write};
use std::path::Path;

use crate::util::WorkDir;

/// A keyword file's name, without folder and ending, and its text.
pub type Member = (String, String);

/// The members of a zip, sorted by name.
pub fn members_of(zip: &Path) -> Vec<Member> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut members = Vec::new();
    for place in 0..zip.len() {
        let mut member = zip.by_index(place).unwrap();
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
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}

/// A tar of files.
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

/// The members as lines, each with its name in `id`.
pub fn lines(members: &[Member]) -> String {
    let mut lines = String::new();
    for (name, text) in members {
        let mut object: serde_json::Value = serde_json::from_str(text).unwrap();
        object["id"] = name.as_str().into();
        lines += &format!("{object}\n");
    }
    lines
}

/// Writes the members in every form as `set.*`, the tars in an order of their own, and names them with the options they need.
pub fn write_all(work: &WorkDir, members: &[Member]) -> Vec<(&'static str, &'static [&'static str])> {
    let files: Vec<(String, &str)> = members.iter().map(|(name, text)| (format!("{name}.json"), text.as_str())).collect();
    let backwards: Vec<(String, &str)> = files.iter().rev().map(|(name, text)| (format!("set/{name}"), *text)).collect();
    let tar = tar(&backwards);
    let lines = lines(members);
    work.zip("set.zip", &backwards);
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
