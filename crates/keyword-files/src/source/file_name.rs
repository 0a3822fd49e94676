//! What follows from the name of a file: its format, and a name for its images.

use std::fs;
use std::path::Path;

use crate::records::InputFormat;
use crate::records::opening::STANDARD_INPUT;

/// The endings of files with many images.
pub(super) const ENDINGS: [(InputFormat, &[&str]); 6] = [
    (InputFormat::JsonLines, &[".jsonl", ".ndjson"]),
    (InputFormat::Parquet, &[".parquet"]),
    (InputFormat::Tar, &[".tar", ".tgz"]),
    (InputFormat::Csv, &[".csv"]),
    (InputFormat::Tsv, &[".tsv"]),
    (InputFormat::Json, &[".json"]),
];

/// The format of a file with many images, if it follows from its lower-case name.
pub(super) fn format_of_name(name: &str) -> Option<InputFormat> {
    let name = without_packing(name);
    ENDINGS.iter().find(|(_, endings)| endings.iter().any(|ending| name.ends_with(ending))).map(|(format, _)| *format)
}

/// The file's name without its format and compression: `shard-0.tar.gz` is `shard-0`.
pub fn stem(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        return "stdin".to_owned();
    }
    let name = file_name(path);
    if path.is_dir() {
        return name;
    }
    let lower = name.to_ascii_lowercase();
    let unpacked = without_packing(&lower);
    let known = ENDINGS.iter().flat_map(|(_, endings)| endings.iter().copied()).chain([".zip"]);
    let ending = known.filter(|ending| unpacked.ends_with(ending)).map(str::len).max();
    match ending {
        Some(ending) => name.get(..unpacked.len() - ending).unwrap_or_default().to_owned(),
        None => Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}

/// A path's last part. `.` and `..` have the name of the folder that they mean.
pub fn file_name(path: &Path) -> String {
    let whole = || fs::canonicalize(path).ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    path.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(whole).unwrap_or_default()
}

pub(super) fn without_packing(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

pub(super) fn ending_of(name: &str) -> &str {
    name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_a_name_without_its_endings() {
        let names = ["a/b.tar.gz", "b.TGZ", "b.jsonl.zst", "b.c.ndjson", "b.zip", "b.gz", "b", "b.json.zip", "b.txt"];
        assert_eq!(names.map(|name| stem(Path::new(name))), ["b", "b", "b", "b.c", "b", "b", "b", "b.json", "b"]);
        let names = ["b.json.gz", "b.CSV.gz", "b.tsv", "b.parquet", "-"];
        assert_eq!(names.map(|name| stem(Path::new(name))), ["b", "b", "b", "b", "stdin"]);
    }
}
