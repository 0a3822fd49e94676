use super::*;
use crate::records::opening::BYTE_ORDER_MARK;

/// The format and the reason.
fn detected(path: &Path, options: ReadOptions) -> Result<(Option<Format>, String)> {
    let detected = detect(path, &Arc::new(options))?;
    let format = match detected.source {
        Source::Records(file) => Some(file.format()),
        Source::Zip | Source::Folder => None,
    };
    Ok((format, detected.reason))
}

#[test]
fn the_format_follows_from_the_first_bytes_and_otherwise_from_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut ustar = vec![b'a'; 600];
    ustar[257..262].copy_from_slice(b"ustar");
    let mark = |text: &str| [BYTE_ORDER_MARK, text.as_bytes()].concat();
    let (marked, long) = (mark("{\"a\": 1}\n{\"a\": 2}"), format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20)));
    let cases: [(&str, &[u8], Option<Format>, &str); 20] = [
        ("data", b"PK\x03\x04", None, "It begins like a zip."),
        ("data", b"PAR1", Some(Format::Parquet), "It begins like a Parquet file."),
        ("data", &ustar, Some(Format::Tar), "It begins like a tar."),
        ("data", b" \n{\"a\": 1}\n\n{", Some(Format::Lines), "It begins with a JSON object on a line of its own."),
        ("data.json", &marked, Some(Format::Lines), "It begins with a JSON object on a line of its own."),
        ("data.json", b"{\"a\": 1}\n", Some(Format::Json), "It is one JSON object."),
        ("data.json", long.as_bytes(), Some(Format::Json), "It is one JSON object."),
        ("data", b"{\n\"a\": 1}\n{\n\"a\": 1}", Some(Format::Json), "It is a sequence of JSON objects."),
        ("d.json", b"{\"a\": 1}{\"a\": 1}", Some(Format::Json), "It is a sequence of JSON objects."),
        ("data", b"\n[1]", Some(Format::Json), "It begins like a JSON list."),
        ("d", b"{\"images\": [{", Some(Format::Coco), "It is a JSON object with lists of images or annotations."),
        ("data.jsonl", b"[1]", Some(Format::Lines), "Its name ends with .jsonl."),
        ("data.jsonl", b"", Some(Format::Lines), "Its name ends with .jsonl."),
        ("old.tar", b"abc", Some(Format::Tar), "Its name ends with .tar."),
        ("data.zip", b"MZ", None, "Its name ends with .zip."),
        ("data.jsonl.gz", b"\x1f\x8bnot gzip", Some(Format::Lines), "Its name ends with .jsonl."),
        ("data.CSV", b"a", Some(Format::Csv), "Its name ends with .csv."),
        ("data.tsv.gz", b"a", Some(Format::Tsv), "Its name ends with .tsv."),
        ("data.json", b"", Some(Format::Json), "Its name ends with .json."),
        ("data", b"a,b\n1,2\n", Some(Format::Csv), "Its first two lines have the same number of fields."),
    ];
    for (name, bytes, kind, reason) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let found = detected(&path, ReadOptions::default()).unwrap();
        assert_eq!(found, (kind, reason.to_owned()), "{name}: {:?}", bytes.get(..40));
    }
}

#[test]
fn an_option_decides_over_bytes_and_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("captions.txt");
    fs::write(&path, "image,caption\n").unwrap();
    for (name, format) in InputFormat::ALL {
        let found = detected(&path, ReadOptions { format, ..ReadOptions::default() });
        let is_error = matches!(format, InputFormat::Auto | InputFormat::Folder);
        assert_eq!(found.as_ref().is_err(), is_error, "{name}");
        if let Ok((_, reason)) = found {
            assert_eq!(reason, format!("--format {name} says so."));
        }
    }
}

fn message(path: &Path) -> String {
    detected(path, ReadOptions::default()).unwrap_err().to_string()
}

#[test]
fn files_that_cannot_be_read_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        message(&path).replace(&folder.path().join("").display().to_string(), "/")
    };
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for name in ["a.jsonl", "a.zip", "a.tar", "a.parquet"] {
        assert_eq!(at(name, pointer), format!("/{name}: is a Git LFS pointer; run git lfs pull"));
    }
    let split = "is part of a split zip; join it with zip -s 0 /Kw.zip --out joined.zip";
    let last_part = b"any data PK\x05\x06\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for (name, bytes) in [("Kw.z01", &b"PK\x07\x08"[..]), ("Kw.z02", b"data"), ("Kw.zip", last_part)] {
        assert_eq!(at(name, bytes), format!("/{name}: {split}"));
    }
    let html = "is an HTML page, expected keywords; if it was downloaded, the server sent a page instead of the file";
    assert_eq!(at("tags.csv", b"\n<!DOCTYPE HTML><html>"), format!("/tags.csv: {html}"));
    let xz = "the file is compressed with xz; unpack it with xz -dk /tags.json.xz";
    assert_eq!(at("tags.json.xz", b"\xfd7zXZ\0"), format!("/tags.json.xz: {xz}"));
    let workbook = "is a workbook or another office document, expected keywords; save its sheet as CSV in UTF-8";
    for first_member in ["[Content_Types].xml", "xl/worksheets/sheet1.xml"] {
        let head = [b"PK\x03\x04".as_slice(), &[0; 26], first_member.as_bytes()].concat();
        assert_eq!(at("Tags.xlsx", &head), format!("/Tags.xlsx: {workbook}"));
    }
    let unknown = "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip";
    let text = at("notes.txt", b"hello");
    let hint = "notes.txt to see the options";
    assert!(text.starts_with(&format!("/notes.txt: {unknown}; run amc-keywords inspect /")), "{text}");
    assert!(text.ends_with(hint), "{text}");
    assert_eq!(at("a.bin", b"\x01\0"), format!("/a.bin: {unknown}; convert it to one of these formats"));
    assert_eq!(at("notes.txt", b""), "/notes.txt: is empty, expected records");
    assert_eq!(at("notes.txt", b"\xff\xfea\0"), "/notes.txt: is UTF-16; save it as UTF-8");
    let pattern = message(Path::new("nowhere/train-*.parquet"));
    assert_eq!(pattern, "nowhere/train-*.parquet: no such file; the pattern matches no file");
}

#[test]
fn a_stream_is_given_once() {
    let inputs = ["-", "Cargo.toml", "-"].map(PathBuf::from);
    assert!(check_inputs(&inputs[..2]).is_ok());
    let message = "-: is given twice, but a stream can be read only once; \
                   save it to a file and give the file's path";
    assert_eq!(check_inputs(&inputs).unwrap_err().to_string(), message);
}
