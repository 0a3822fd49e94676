//! What a file of keywords is: told by its first bytes, and by its name where those do not tell.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::record_file::{Format, Packing, RecordFile};
use crate::error::{Error, Problem, Result};

/// A place where many images' keywords are.
#[derive(Debug)]
pub enum Source {
    Zip,
    Folder,
    Records(RecordFile),
}

impl Source {
    /// Looks at what is at `path`.
    pub fn at(path: &Path) -> Result<Source> {
        let metadata = std::fs::metadata(path).map_err(Error::io(path, "read"))?;
        if metadata.is_dir() {
            return Ok(Source::Folder);
        }
        // Asked before the file is opened: to open a pipe waits for its writer.
        if !metadata.is_file() {
            return Err(Problem::new(path, "expected a file or a folder").into());
        }
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let head = head_of(file).map_err(Error::io(path, "read"))?;
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Ok(Source::Zip);
        }
        let packing = packing_of(&head);
        let records = |format| Ok(Source::Records(RecordFile::new(path, format, packing)));
        let (head, name) = match packing {
            Packing::None => (head, name.as_str()),
            // What cannot be unpacked is told by its name; reading it says what is wrong.
            _ => (head_of(packing.open(path)?).unwrap_or_default(), unpacked(&name)),
        };
        match format_of(&head).or_else(|| format_of_name(name)) {
            Some(format) => records(format),
            None if packing == Packing::None && name.ends_with(".zip") => Ok(Source::Zip),
            None => Err(unknown(path).into()),
        }
    }
}

/// The file's name without what says how it is packed and what it is: `shard-0.tar.gz` is `shard-0`, `tags.json` is `tags`.
pub fn stem(path: &Path) -> String {
    let name = file_name(path);
    if path.is_dir() {
        return name;
    }
    let endings = [".tar.gz", ".tar.zst", ".tgz", ".tar", ".zip", ".parquet"];
    let lines =
        [".jsonl", ".ndjson", ".json"].into_iter().flat_map(|lines| ["", ".gz", ".zst"].map(|packed| format!("{lines}{packed}")));
    let endings = endings.into_iter().map(String::from).chain(lines);
    let lower = name.to_ascii_lowercase();
    match endings.filter(|ending| lower.ends_with(ending)).map(|ending| ending.len()).max() {
        Some(ending) => name.get(..name.len() - ending).unwrap_or_default().to_owned(),
        None => Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}

/// A path's last part, as manifests and messages have it; of `.` and `..`, the name of the folder that they stand for.
pub fn file_name(path: &Path) -> String {
    let whole = || std::fs::canonicalize(path).ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    path.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(whole).unwrap_or_default()
}

fn head_of(input: impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.take(512).read_to_end(&mut head)?;
    Ok(head)
}

fn packing_of(head: &[u8]) -> Packing {
    match head {
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
        // A frame to pass over, which some packers begin with.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
        _ => Packing::None,
    }
}

fn format_of(head: &[u8]) -> Option<Format> {
    if head.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Some(Format::Tar);
    }
    if head.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    head.trim_ascii_start().starts_with(b"{").then_some(Format::Lines)
}

fn format_of_name(name: &str) -> Option<Format> {
    let ends = |ending| name.ends_with(ending);
    if ends(".tar") || ends(".tgz") {
        return Some(Format::Tar);
    }
    (ends(".jsonl") || ends(".ndjson")).then_some(Format::Lines)
}

fn unpacked(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

fn unknown(path: &Path) -> Problem {
    let what = "cannot tell what this file is, expected a zip, a tar, JSON objects one a line, or parquet; tar and lines may be \
                packed by gzip or zstd";
    Problem::new(path, what).hint("name it .zip, .tar, .jsonl or .parquet if it is one; `jq -c '.[]'` makes lines of a JSON list")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_a_name_without_its_endings() {
        let names =
            ["a/b.tar.gz", "b.TGZ", "b.jsonl.zst", "b.c.ndjson", "b.zip", "b.gz", "b", "b.json.zip", "b.txt", "b.json.gz"];
        assert_eq!(names.map(|name| stem(Path::new(name))), ["b", "b", "b", "b.c", "b", "b", "b", "b.json", "b", "b"]);
    }

    #[test]
    fn a_file_is_told_by_its_first_bytes_and_else_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut ustar = vec![b'a'; 600];
        ustar[257..262].copy_from_slice(b"ustar");
        let cases: [(&str, &[u8], Option<&str>); 9] = [
            ("data", b"PK\x03\x04", Some("Zip")),
            ("data", b"PAR1", Some("Parquet")),
            ("data", &ustar, Some("Tar")),
            ("data", b" \n{\"a\": 1}", Some("Lines")),
            ("data.jsonl", b"", Some("Lines")),
            ("old.tar", b"abc", Some("Tar")),
            ("data.zip", b"MZ", Some("Zip")),
            ("data.jsonl.gz", b"\x1f\x8bnot gzip", Some("Lines")),
            ("data", b"a,b,c", None),
        ];
        for (name, bytes, kind) in cases {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let found = Source::at(&path).ok().map(|source| match source {
                Source::Records(file) => format!("{:?}", file.format()),
                source => format!("{source:?}"),
            });
            assert_eq!(found.as_deref(), kind, "{name}: {bytes:?}");
        }
        let unknown = Source::at(&folder.path().join("data")).unwrap_err().to_string();
        assert!(unknown.ends_with("packed by gzip or zstd; name it .zip, .tar, .jsonl or .parquet if it is one; `jq -c '.[]'` makes lines of a JSON list"), "{unknown}");
    }
}
