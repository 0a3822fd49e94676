#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use keyword_files::npy::header::Dtype;
use keyword_files::npy::sha256;

fn sample() -> Manifest {
    let sha256 = sha256::of_bytes(b"abc").sha256;
    let input = |path: &str, kind, files| Input { path: path.into(), kind, bytes: 3, files, sha256: sha256.clone() };
    let inputs = vec![
        input("keyword/keywords_coco.zip", InputKind::Zip, None),
        input("keyword/keywords_dev", InputKind::Folder, Some(2)),
        input("clickture/img_id_map_dev.pkl", InputKind::IdMap, None),
    ];
    let array =
        Output { name: "x.npy".into(), shape: Some(vec![10, 2]), dtype: Some(Dtype::Int64), bytes: 288, sha256: sha256.clone() };
    let words = Output { name: "vocabulary.json".into(), shape: None, dtype: None, bytes: 3, sha256 };
    let split = SplitCounts {
        split: "train".into(),
        images: 4,
        images_without_a_word: 1,
        skipped: 0,
        keywords: 9,
        words_kept: 10,
        words_dropped: 3,
        rows: 10,
    };
    let options = serde_json::json!({"min_df": "6", "layout": "documented", "splits": ["train"]});
    let Value::Object(options) = options else { unreachable!() };
    Manifest::new(options, inputs, vec![array, words], Counts { vocabulary_size: 5, splits: vec![split] })
}

fn read(text: impl AsRef<[u8]>) -> Result<Manifest, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("manifest_coco.json");
    fs::write(&path, text).unwrap();
    Manifest::read(&path).map_err(|error| error.to_string().replace(&dir.path().join("").display().to_string(), ""))
}

#[test]
fn it_is_written_indented_in_a_fixed_order_with_a_newline() {
    let expected = r#"{
  "format": 1,
  "tool": {
    "name": "amc-keywords",
    "version": "VERSION"
  },
  "options": {
    "layout": "documented",
    "min_df": "6",
    "splits": [
      "train"
    ]
  },
  "inputs": [
    {
      "path": "keyword/keywords_coco.zip",
      "kind": "zip",
      "bytes": 3,
      "sha256": "SHA"
    },
    {
      "path": "keyword/keywords_dev",
      "kind": "folder",
      "bytes": 3,
      "files": 2,
      "sha256": "SHA"
    },
    {
      "path": "clickture/img_id_map_dev.pkl",
      "kind": "id map",
      "bytes": 3,
      "sha256": "SHA"
    }
  ],
  "outputs": [
    {
      "name": "x.npy",
      "shape": [
        10,
        2
      ],
      "dtype": "int64",
      "bytes": 288,
      "sha256": "SHA"
    },
    {
      "name": "vocabulary.json",
      "bytes": 3,
      "sha256": "SHA"
    }
  ],
  "counts": {
    "vocabulary_size": 5,
    "splits": [
      {
        "split": "train",
        "images": 4,
        "images_without_a_word": 1,
        "skipped": 0,
        "keywords": 9,
        "words_kept": 10,
        "words_dropped": 3,
        "rows": 10
      }
    ]
  }
}
"#;
    let expected = expected.replace("SHA", &sha256::of_bytes(b"abc").sha256).replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(sample().to_json()).unwrap(), expected);
}

#[test]
fn it_is_read_as_it_was_written() {
    assert_eq!(read(sample().to_json()).unwrap(), sample());
}

#[test]
fn what_no_run_wrote_is_refused_with_the_place_and_a_way_out() {
    let good = String::from_utf8(sample().to_json()).unwrap();
    let again = "run the job again to write a new one";
    let unlike = "expected a manifest that amc-keywords wrote";
    let name = |new: &str| good.replace("\"x.npy\"", &serde_json::to_string(new).unwrap());
    let plain = "expected the plain name of an output, found";
    let other = "use the version of amc-keywords that wrote it, or run the job again";
    let table: Vec<(String, String)> = vec![
        (String::new(), format!("line 1 column 0: {unlike}: EOF while parsing a value; {again}")),
        ("[1, 2".into(), format!("line 1 column 5: {unlike}: EOF while parsing a list; {again}")),
        ("{}".into(), format!("line 1 column 2: {unlike}: missing field `format`; {again}")),
        ("\u{feff}{}".into(), format!("line 1 column 1: {unlike}: expected value; {again}")),
        ("[".repeat(100_000), format!("line 1 column 128: {unlike}: recursion limit exceeded; {again}")),
        (" ".repeat(64 << 20) + "{}", format!("expected a manifest, found more than 64 MiB; {again}")),
        ("{\"format\": 2, \"new\": 1}".into(), format!("expected a manifest of format 1, found 2; {other}")),
        (good.replace("\"format\": 1", "\"format\": \"1\""), format!("expected a manifest of format 1, found \"1\"; {other}")),
        (good.replace("int64", "float64"), {
            let variants = "expected one of `int64`, `int32`, `uint8`";
            format!("line 42 column 24: {unlike}: unknown variant `float64`, {variants}; {again}")
        }),
        (name("../x.npy"), format!("{plain} '../x.npy'; {again}")),
        (name("/etc/passwd"), format!("{plain} '/etc/passwd'; {again}")),
        (name(""), format!("{plain} ''; {again}")),
        (name(".x"), format!("{plain} '.x'; {again}")),
        (name("a\nb"), format!("{plain} 'a\\nb'; {again}")),
        (name(&"x".repeat(300)), format!("{plain} '{}…'; {again}", "x".repeat(120))),
        (name("vocabulary.json"), format!("expected each output once, found 'vocabulary.json' twice; {again}")),
        (good.replace("\"bytes\": 288", "\"bytes\": 289"), format!("the shape of 'x.npy' does not match its 289 bytes; {again}")),
        (good.replace("10,\n", "18446744073709551615,\n"), {
            format!("the shape of 'x.npy' does not match its 288 bytes; {again}")
        }),
        (
            good.replace("      \"dtype\": \"int64\",\n", ""),
            format!("expected both shape and dtype of 'x.npy', or neither; {again}"),
        ),
    ];
    for (text, expected) in table {
        let start: String = text.chars().take(200).collect();
        assert_eq!(read(&text).unwrap_err(), format!("manifest_coco.json: {expected}"), "{start}");
    }
    assert_eq!(
        read([0xff, b'{']).unwrap_err(),
        format!("manifest_coco.json: line 1 column 1: {unlike}: expected value; {again}")
    );
}

#[test]
fn a_folder_in_its_place_and_a_missing_one_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let folder = format!("{}: expected a file", dir.path().display());
    assert_eq!(Manifest::read(dir.path()).unwrap_err().to_string(), folder);
    let missing = dir.path().join("m.json");
    let expected = format!("{}: cannot read: {}", missing.display(), File::open(&missing).unwrap_err());
    assert_eq!(Manifest::read(&missing).unwrap_err().to_string(), expected);
}
