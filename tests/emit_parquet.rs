//! `--emit parquet`, read with the parquet crate. `tests/parity/consumers.py` reads it with pandas
//! and pyarrow.

use crate::util::{Run, WorkDir, keyword_file};
use parquet::file::reader::{FileReader, SerializedFileReader};

const NAME: &str = "img_keyword_ind_clickture_dev_sk_1_sparse.parquet";
const EMIT: &[&str] = &["--min-df", "1", "--out", "out", "--emit", "parquet"];

fn run<'a>(work: &'a WorkDir, options: &[&str]) -> Run<'a> {
    work.tool("clickture").args(["--splits", "dev"]).args(EMIT).args(options)
}

fn open(work: &WorkDir, name: &str) -> SerializedFileReader<std::fs::File> {
    SerializedFileReader::new(std::fs::File::open(work.join(&format!("out/{name}"))).unwrap()).unwrap()
}

/// The rows as the parquet crate prints them.
fn rows(work: &WorkDir) -> Vec<String> {
    open(work, NAME).get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

#[test]
fn each_image_is_a_row_with_id_name_words_and_word_ids() {
    let work = WorkDir::new();
    let members = [
        ("keywords_dev/00000000.json", keyword_file(&["café", "red dog", "café"])),
        ("keywords_dev/a/7.json", keyword_file(&["x"])),
        ("keywords_dev/00000002.json", "{".to_owned()),
        ("keywords_dev/00000003.json", keyword_file(&["dog"])),
    ];
    work.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", "00000003\na/7\n00000002\n00000000\n");
    run(&work, &["--on-error", "skip"]).ok();
    let expected = [
        r#"{image_id: 3, name: "00000003", words: ["dog"], word_ids: [1]}"#,
        r#"{image_id: 7, name: "7", words: [], word_ids: []}"#,
        r#"{image_id: 0, name: "00000000", words: ["café", "red", "dog", "café"], word_ids: [0, 2, 1, 0]}"#,
    ];
    assert_eq!(rows(&work), expected);
    let schema = |work: &WorkDir| {
        let columns = open(work, NAME).metadata().file_metadata().schema_descr_ptr();
        columns
            .columns()
            .iter()
            .map(|column| format!("{} {}", column.path().string(), column.physical_type()))
            .collect::<Vec<_>>()
    };
    let wide = ["image_id INT64", "name BYTE_ARRAY", "words.list.element BYTE_ARRAY", "word_ids.list.element INT64"];
    assert_eq!(schema(&work), wide);
    run(&work, &["--on-error", "skip", "--dtype", "int32"]).ok();
    assert_eq!(rows(&work), expected);
    assert_eq!(schema(&work)[3], "word_ids.list.element INT32");
}

#[test]
fn row_groups_are_bounded_and_the_same_on_any_number_of_threads() {
    let work = WorkDir::new();
    let line = |n| format!("{{\"id\": {n}, \"tags\": \"word{}\"}}\n", n % 97);
    work.write("web.jsonl", (0..70_000).map(line).collect::<String>());
    let files = |jobs: &str| {
        let encode = work.tool("encode").args(["web.jsonl", "--keywords-field", "tags", "--id-field", "id"]);
        encode.args(EMIT).args(["--jobs", jobs]).ok();
        work.contents("out")
    };
    assert!(files("1") == files("7"));
    let reader = open(&work, "img_keyword_ind_web_sk_1.parquet");
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [65_536, 4_464]);
    assert_eq!(reader.metadata().file_metadata().created_by(), Some(concat!("amc-keywords version ", env!("CARGO_PKG_VERSION"))));
    let last = reader.get_row_group(1).unwrap().get_row_iter(None).unwrap().last().unwrap().unwrap().to_string();
    assert_eq!(last, r#"{image_id: 69999, name: "69999", words: ["word62"], word_ids: [59]}"#);
}

#[test]
fn an_image_with_too_many_words_for_a_row_is_refused() {
    let work = WorkDir::new();
    let many: String = (0..=1 << 20).map(|n| format!("dog{} ", n % 1009)).collect();
    work.clickture_split("dev", &[&["dog"], &[&many]]);
    run(&work, &[]).refused(
        "keyword/keywords_dev.zip: '00000001': more than 1048576 words do not fit into a row of \
         Parquet; remove parquet from --emit",
    );
}

#[cfg(unix)]
#[test]
fn a_file_size_limit_is_an_error_and_leaves_nothing() {
    let work = WorkDir::new();
    let many: String = (0..9000).map(|n| format!("w{n} ")).collect();
    work.clickture_split("dev", &[&[&many]]);
    run(&work, &[]).after("ulimit -f 8;").refused(&format!(
        "out/{NAME}: cannot write: File too large (os error 27); it had 4096 bytes so far; raise \
         the limit, or choose another folder with --out"
    ));
}
