//! `amc-keywords encode` on small sets in every input format.

use crate::util::archives::{Member, gzip, lines, members_of, tar, write_all};
use crate::util::{WorkDir, keyword_file, matrix, real_data, repository};

const MATRIX: &str = "out/img_keyword_ind_set_sk_1.npy";
const PAIRS: &str = "out/img_keyword_rec_set_sk_1.npy";
const VOCABULARY: &str = "out/vocabulary_set_sk_1.json";
const ID_MAP: &str = "out/id_map_set.json";

/// Three images with text names. With `--min-df 1` the words are cat, dog and red.
fn pets() -> Vec<Member> {
    let image = |name: &str, keywords: &[&str]| (name.to_owned(), keyword_file(keywords));
    vec![image("a", &["Dog", "red dog"]), image("b", &[]), image("c.d", &["cat"])]
}

fn encode<'a>(work: &'a WorkDir, arguments: &[&str]) -> crate::util::Run<'a> {
    work.tool("encode").args(["--out", "out", "--min-df", "1"]).args(arguments)
}

/// Expects equal outputs for all input formats and numbers of threads, and returns them without the
/// manifest.
fn assert_the_same_in_every_form(members: &[Member], min_df: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    let work = WorkDir::new();
    let mut first = None;
    for (input, options) in write_all(&work, members) {
        let mut of_form = None;
        for jobs in ["1", "2", "7"] {
            let done = work.tool("encode").args([input, "--out", "out", "-j", jobs, "--min-df", min_df]).args(options).ok();
            let mut made = work.contents("out");
            made.remove("manifest_set.json").unwrap();
            // The statistics contain other sample images for each input format.
            let statistics = made.remove("statistics_set.json").unwrap();
            assert_eq!(*of_form.get_or_insert_with(|| statistics.clone()), statistics, "{input} on {jobs} threads");
            let first = first.get_or_insert_with(|| made.clone());
            assert!(*first == made, "{input} on {jobs} threads differs: {}", done.dump());
            work.tool("verify").args(["out"]).ok();
            work.remove("out");
        }
    }
    first.unwrap()
}

#[test]
fn the_sample_gives_the_same_bytes_in_every_form_and_on_any_number_of_threads() {
    let members = members_of(&repository().join("sample/keyword/keywords_lite.zip"));
    assert_the_same_in_every_form(&members, "6");
}

#[test]
fn images_with_text_names_get_the_same_id_map_in_every_form() {
    let made = assert_the_same_in_every_form(&pets(), "1");
    let names: Vec<&str> = made.keys().map(String::as_str).collect();
    let expected = [
        "id_map_set.json",
        "id_map_set.pkl",
        "img_keyword_ind_set_sk_1.npy",
        "vocabulary_set_sk_1.json",
        "vocabulary_set_sk_1.pkl",
    ];
    assert_eq!(names, expected);
    assert_eq!(made["id_map_set.json"], b"{\n\"a\": 0,\n\"b\": 1,\n\"c.d\": 2\n}\n");
    let pickle: &[u8] = b"\x80\x02}(X\x01\0\0\0aJ\0\0\0\0X\x01\0\0\0bJ\x01\0\0\0X\x03\0\0\0c.dJ\x02\0\0\0u.";
    assert_eq!(made["id_map_set.pkl"], pickle);
    assert_eq!(matrix(&made["img_keyword_ind_set_sk_1.npy"]), [[0, 1], [0, 2], [0, 1], [2, 0]]);
}

#[test]
fn the_tate_collection_gives_the_same_rows_as_with_the_preset() {
    let Some(tate) = real_data("tate") else { return };
    let work = WorkDir::new();
    work.tool("clickture").args(["--root", tate.to_str().unwrap(), "--splits", "dev", "--out", "preset"]).ok();
    let zip = tate.join("keyword/keywords_dev.zip");
    let list = tate.join("clickture/clickture-dev.lst");
    let arguments = ["--out", "out", "--name", "tate", "--list", list.to_str().unwrap()];
    work.tool("encode").args([zip.to_str().unwrap()]).args(arguments).ok();
    let preset = work.read("preset/img_keyword_ind_clickture_dev_sk_6_sparse.npy");
    assert!(work.read("out/img_keyword_ind_tate_sk_6.npy") == preset);
    work.write("lines.jsonl", lines(&members_of(&zip)));
    work.tool("encode").args(["lines.jsonl", "--id-field", "id"]).args(arguments).ok();
    assert!(work.read("out/img_keyword_ind_tate_sk_6.npy") == preset);
}

#[test]
fn numeric_names_are_the_ids() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("x/010.json", keyword_file(&["dog"])), ("x/9007199254740992.json", keyword_file(&["cat"]))]);
    let done = encode(&work, &["set.zip"]).ok();
    assert_eq!(work.matrix(MATRIX), [[10, 1], [9_007_199_254_740_992, 0]]);
    assert!(!work.join(ID_MAP).exists(), "{}", done.dump());
    work.zip("set.zip", &[("x/010.json", keyword_file(&["dog"])), ("x/9007199254740993.json", keyword_file(&["cat"]))]);
    encode(&work, &["set.zip"]).ok();
    assert_eq!(work.matrix(MATRIX), [[0, 1], [1, 0]]);
}

#[test]
fn leading_zeros_belong_to_the_name_and_not_to_the_id() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("000001.json", keyword_file(&["dog"]))]).write("name", "000001\n").write("id", "1\n");
    encode(&work, &["set.zip", "--list", "name"]).ok();
    assert_eq!(work.matrix(MATRIX), [[1, 0]]);
    assert_eq!(encode(&work, &["set.zip", "--list", "id"]).go().status, Some(1));
}

#[test]
fn several_inputs_are_one_set_in_the_order_given() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"id\": \"z\", \"tagging\": {\"keywords\": [\"dog\"]}}\n")
        .zip("b.zip", &[("y.json", keyword_file(&["cat"])), ("x.json", keyword_file(&["cow"]))])
        .write("c.tar", tar(&[("w/b.json", keyword_file(&["hen"])), ("w/a.json", keyword_file(&["pig"]))]))
        .write("d/k.json", keyword_file(&["ape"]));
    encode(&work, &["set.jsonl", "b.zip", "c.tar", "d", "--id-field", "id"]).ok();
    assert_eq!(work.text(ID_MAP), "{\n\"z\": 0,\n\"x\": 1,\n\"y\": 2,\n\"a\": 3,\n\"b\": 4,\n\"k\": 5\n}\n");
    assert_eq!(work.words(VOCABULARY), ["ape", "cat", "cow", "dog", "hen", "pig"]);
    assert_eq!(work.matrix(MATRIX), [[0, 3], [1, 2], [2, 1], [3, 5], [4, 4], [5, 0]]);
}

#[test]
fn without_an_id_field_lines_are_numbered_through_all_inputs() {
    let work = WorkDir::new();
    let line = |word: &str| keyword_file(&[word]);
    work.write("set.jsonl", format!("{}\n\n{}\r\n", line("dog"), line("cat"))).write("more.jsonl", line("cow"));
    encode(&work, &["set.jsonl", "more.jsonl"]).ok();
    assert_eq!(work.matrix(MATRIX), [[0, 2], [2, 0], [3, 1]]);
}

#[test]
fn a_list_selects_and_orders_the_images_in_every_form() {
    let work = WorkDir::new();
    for (input, options) in write_all(&work, &pets()) {
        work.write("list", "c.d\na\n");
        encode(&work, &[input, "--list", "list"]).args(options).ok();
        assert_eq!(work.words(VOCABULARY), ["cat", "dog", "red"]);
        assert_eq!(work.matrix(MATRIX), [[0, 0], [1, 1], [1, 2], [1, 1]], "{input}");
        assert_eq!(work.text(ID_MAP), "{\n\"c.d\": 0,\n\"a\": 1\n}\n");
        work.write("list", "c.d\nd\na\nc.d\n");
        let wrong = [
            "list: 'd': line 2: no image of that name is in the inputs; add it, or skip such \
             images with --on-error skip",
            "list: 'c.d': line 4: the image is already listed on line 1; --duplicates allow \
             encodes it twice",
        ];
        encode(&work, &[input, "--list", "list"]).args(options).refused(&wrong.join("\n"));
        encode(&work, &[input, "--list", "list", "--on-error", "skip", "--duplicates", "allow"]).args(options).ok();
        assert_eq!(work.matrix(MATRIX), [[0, 0], [2, 1], [2, 2], [2, 1], [0, 0]], "{input}");
        assert_eq!(work.text("out/skipped_set.tsv").lines().count(), 2);
        work.remove("out");
    }
}

#[test]
fn an_id_map_gives_the_ids_in_every_form() {
    let work = WorkDir::new();
    work.write("map.json", "{\"a\": 70, \"c.d\": 5, \"e\": 1}").id_map("map.pkl", &[("a", 70), ("c.d", 5), ("e", 1)]);
    for (input, options) in write_all(&work, &pets()) {
        for map in ["map.json", "map.pkl"] {
            let message = format!("'b': not in the id map {map}; add it, or skip such images with --on-error skip");
            encode(&work, &[input, "--id-map", map]).args(options).refused(&format!("{input}: {message}"));
            encode(&work, &[input, "--id-map", map, "--on-error", "skip"]).args(options).ok();
            assert_eq!(work.matrix(MATRIX), [[70, 1], [70, 2], [70, 1], [5, 0]], "{input}");
            assert!(!work.join(ID_MAP).exists());
        }
    }
}

#[test]
fn images_with_equal_names_or_numbers_are_refused_unless_allowed() {
    let work = WorkDir::new();
    for (input, options) in write_all(&work, &pets()) {
        work.write("more/b.json", keyword_file(&["hen"]));
        let place = match input {
            _ if input.contains(".jsonl") => format!("at line 2 of {input}"),
            _ if input.ends_with(".parquet") => format!("at row 1 of {input}"),
            _ => format!("in {input}"),
        };
        let message = format!("more: 'b': the name is already used {place}; --duplicates allow encodes each");
        encode(&work, &[input, "more"]).args(options).refused(&message);
        encode(&work, &[input, "more", "--duplicates", "allow"]).args(options).ok();
        assert_eq!(work.matrix(MATRIX), [[0, 1], [0, 3], [0, 1], [2, 0], [1, 2]], "{input}");
        assert_eq!(work.text(ID_MAP), "{\n\"a\": 0,\n\"b\": 1,\n\"c.d\": 2\n}\n");
    }
    work.zip("set.zip", &[("001.json", keyword_file(&["dog"])), ("1.json", keyword_file(&["dog"]))]);
    let message = "set.zip: '1': its number 1 is already used by '001' in set.zip; --duplicates \
                   allow encodes each";
    encode(&work, &["set.zip"]).refused(message);
}

#[test]
fn many_images_with_one_name_are_counted() {
    let work = WorkDir::new();
    let line = keyword_file(&["dog"]).replacen('{', "{\"id\": 7, ", 1) + "\n";
    work.write("set.jsonl", line.repeat(14));
    let line = |n| format!("set.jsonl: '7': line {n}: the name is already used at line 1 of set.jsonl\n");
    let one: String = (2..12).map(line).collect();
    let rest = "… and 3 more (13 in all); --group joins them into one image, --duplicates allow \
                encodes each";
    encode(&work, &["set.jsonl", "--id-field", "id"]).refused(&(one + rest));
}

#[test]
fn extract_warns_if_there_is_no_archive() {
    let work = WorkDir::new();
    work.write("set.jsonl", keyword_file(&["dog"]));
    let warning = "--extract has no effect, because the keywords are not in a zip archive";
    encode(&work, &["set.jsonl", "--extract"]).warns(warning);
}

#[test]
fn the_vocabulary_is_learned_from_the_inputs_of_fit() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("a.json", keyword_file(&["dog", "cat"]))]);
    work.write("fit.jsonl", keyword_file(&["cat", "hen"])).write("more/x.json", keyword_file(&["pig"]));
    encode(&work, &["set.zip", "--fit", "fit.jsonl", "--fit", "more"]).ok();
    assert_eq!(work.words(VOCABULARY), ["cat", "hen", "pig"]);
    assert_eq!(work.matrix(MATRIX), [[0, 0]]);
    let manifest = work.json("out/manifest_set.json");
    assert_eq!(manifest["options"]["fit"], serde_json::json!(["fit.jsonl", "more"]));
    let inputs: Vec<&str> = manifest["inputs"].as_array().unwrap().iter().map(|input| input["path"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["fit.jsonl", "more", "set.zip"]);
    encode(&work, &["set.zip", "--vocabulary", VOCABULARY, "--name", "other"]).ok();
    assert_eq!(work.matrix("out/img_keyword_ind_other_sk_1.npy"), [[0, 0]]);
    work.tool("verify").args(["out"]).ok();
}

#[test]
fn the_options_say_where_the_keywords_are() {
    let work = WorkDir::new();
    let cases: [(&str, &[&str], &[&str]); 9] = [
        (r#"{"tags": ["Red dog", "caf\u00e9"]}"#, &["--keywords-field", "tags"], &["café", "dog", "red"]),
        (r#"{"a": {"b.c": 1, "b": ["dog"]}}"#, &["--keywords-field", "a.b"], &["dog"]),
        (r#"{"tags": "red dog, cat"}"#, &["--keywords-field", "tags", "--phrases"], &["red dog, cat"]),
        (r#"{"tags": "red dog, cat,,"}"#, &["--keywords-field", "tags", "--separator", ",", "--phrases"], &["cat", "red dog"]),
        (r#"{"tags": ["aa,bb"]}"#, &["--keywords-field", "tags", "--separator", ",", "--phrases"], &["aa", "bb"]),
        (r#"{"tagging": {"keywords": "dog|cat"}}"#, &["--separator", "|"], &["cat", "dog"]),
        (
            r#"{"tags": [{"n": "dog", "x": [1]}, {"n": "cat"}]}"#,
            &["--keywords-field", "tags", "--keyword-key", "n"],
            &["cat", "dog"],
        ),
        (
            r#"{"tags": [{"s": 0.5, "n": "dog"}, {"n": "cat", "s": 0.49}, {"n": "hen", "s": 1}]}"#,
            &["--keywords-field", "tags", "--keyword-key", "n", "--confidence-key", "s", "--min-confidence", "0.5"],
            &["dog", "hen"],
        ),
        (r#"{"tags": 1, "tags": "dog \ud800cat"}"#, &["--keywords-field", "tags"], &["cat", "dog"]),
    ];
    for (line, options, words) in cases {
        work.write("set.jsonl", line).zip("set.zip", &[("0.json", line)]);
        for input in ["set.jsonl", "set.zip"] {
            encode(&work, &[input]).args(options).ok();
            assert_eq!(work.words(VOCABULARY), words, "{line}");
        }
    }
}

#[test]
fn the_id_field_may_be_nested_and_contain_text_or_numbers() {
    let work = WorkDir::new();
    let tagging = r#""tagging": {"keywords": ["dog"]}"#;
    work.write("set.jsonl", format!("{{\"a\": {{\"id\": 7}}, {tagging}}}\n{{\"a\": {{\"id\": \"\\u0031\"}}, {tagging}}}\n"));
    encode(&work, &["set.jsonl", "--id-field", "a.id"]).ok();
    assert_eq!(work.matrix(MATRIX), [[7, 0], [1, 0]]);
}

#[test]
fn only_the_json_members_of_a_webdataset_shard_are_read() {
    let work = WorkDir::new();
    let long = "k".repeat(150);
    let shard = [
        ("./000001.jpg".to_owned(), "picture".to_owned()),
        ("./000001.json".to_owned(), keyword_file(&["dog"])),
        ("000002.cls".to_owned(), "5".to_owned()),
        (format!("{long}/000002.json"), keyword_file(&["cat"])),
        ("a/../000003.json".to_owned(), keyword_file(&["ox"])),
        ("._000004.json".to_owned(), "not JSON".to_owned()),
    ];
    let mut builder = tar::Builder::new(Vec::new());
    for (name, data) in &shard {
        let mut header = tar::Header::new_gnu();
        header.set_size(data.len() as u64);
        // Written as bytes, because the builder refuses `..`.
        if name.len() < 100 {
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, data.as_bytes()).unwrap();
        } else {
            builder.append_data(&mut header, name, data.as_bytes()).unwrap();
        }
    }
    for (kind, name) in [
        (tar::EntryType::Symlink, "7.json"),
        (tar::EntryType::Char, "8.json"),
        (tar::EntryType::Link, "9.json"),
        (tar::EntryType::Link, "9.jpg"),
        (tar::EntryType::Link, "9.txt"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        builder.append_link(&mut header, name, "000001.json").unwrap();
    }
    work.write("set-0.tar", builder.into_inner().unwrap());
    work.write("set-1.tar.gz", gzip(&tar(&[("000005.json", keyword_file(&["hen"]))])));
    let both = ["set-0.tar", "set-1.tar.gz", "--name", "set"];
    let link = |name: &str| {
        let what = "is a link to another file; write the tar with tar --dereference --hard-dereference";
        format!("amc-keywords encode: set-0.tar: '{name}': {what}, or skip such images with --on-error skip\n")
    };
    encode(&work, &both).fails_with(&[link("7.json"), link("9.json")].concat());
    encode(&work, &[&both[..], &["--on-error", "skip"]].concat()).ok();
    assert_eq!(work.words(VOCABULARY), ["cat", "dog", "hen", "ox"]);
    assert_eq!(work.matrix(MATRIX), [[1, 1], [3, 3], [2, 0], [5, 2]]);
}

#[test]
fn the_format_of_a_file_is_detected_from_its_first_bytes() {
    let work = WorkDir::new();
    for (input, options) in write_all(&work, &pets()) {
        if input == "set" {
            continue;
        }
        std::fs::copy(work.join(input), work.join("data")).unwrap();
        encode(&work, &["data", "--name", "set"]).args(options).ok();
        assert_eq!(work.matrix(MATRIX), [[0, 1], [0, 2], [0, 1], [2, 0]], "{input}");
    }
}

#[test]
fn the_script_layout_and_check_work_as_in_the_presets() {
    let work = WorkDir::new();
    for (input, options) in write_all(&work, &pets()) {
        let run = || encode(&work, &[input, "--layout", "script"]).args(options);
        run().ok();
        assert_eq!(work.matrix(MATRIX), [[0, 2], [-1, -1], [3, 3]]);
        assert_eq!(work.matrix(PAIRS), [[0, 1], [0, 2], [0, 1], [2, 0]]);
        run().args(["--check"]).ok();
        work.write("out/id_map_set.json", "{}");
        let done = run().args(["--check"]).go();
        assert_eq!(done.status, Some(1), "{}", done.dump());
        assert!(done.stderr.contains("files have faults: id_map_set.json;"), "{}", done.dump());
    }
}

#[test]
fn broken_images_are_skipped_in_every_form() {
    let mut members = pets();
    members.push(("e".into(), r#"{"tagging": {"keywords": [true]}}"#.into()));
    members.push(("f".into(), keyword_file(&["hen"])));
    let work = WorkDir::new();
    for (input, options) in write_all(&work, &members) {
        let done = encode(&work, &[input, "--on-error", "skip"]).args(options).ok();
        assert_eq!(work.words(VOCABULARY), ["cat", "dog", "hen", "red"], "{}", done.dump());
        assert_eq!(work.matrix(MATRIX), [[0, 1], [0, 3], [0, 1], [2, 0], [4, 2]]);
        let skipped = work.text("out/skipped_set.tsv");
        assert_eq!(skipped.lines().count(), 2, "{skipped}");
        assert!(skipped.ends_with("'tagging.keywords' is not a string (found boolean `true`)\te\n"), "{skipped}");
    }
}

#[test]
fn conflicting_options_are_refused_before_anything_is_read() {
    let work = WorkDir::new();
    let deep = ["a"; 65].join(".");
    let wrong: [&[&str]; 12] = [
        &[],
        &["x.zip", "--keywords-field", "$.a["],
        &["x.zip", "--id-pattern", "("],
        &["x.zip", "--separator", ""],
        &["x.zip", "--min-confidence", "0.5", "--keyword-key", "n"],
        &["x.zip", "--confidence-key", "s", "--keyword-key", "n"],
        &["x.zip", "--confidence-key", "s", "--min-confidence", "0.5"],
        &["x.zip", "--confidence-key", "s", "--min-confidence", "NaN", "--keyword-key", "n"],
        &["x.zip", "--keywords-field", "a..b"],
        &["x.zip", "--id-field", &deep],
        &["x.zip", "--id-field", ""],
        &["x.zip", "--fit", "y.zip", "--vocabulary", "v.json"],
    ];
    for arguments in wrong {
        let done = encode(&work, arguments).go();
        assert_eq!(done.status, Some(2), "{}", done.dump());
    }
    assert_eq!(work.tool("encode").args(["x.zip"]).go().status, Some(2), "--out must be given");
}

mod tables {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::util::archives::parquet;

    #[test]
    fn a_table_in_another_compression_is_refused() {
        let work = WorkDir::new();
        work.write("set.parquet", include_bytes!("golden/brotli.parquet"));
        let message = "set.parquet: is compressed with brotli, which is not supported; write it with snappy, gzip, lz4, zstd \
                       or no compression";
        encode(&work, &["set.parquet", "--keywords-field", "tags"]).refused(message);
    }

    #[test]
    fn a_row_with_over_a_million_keywords_is_refused() {
        let schema = "message m { optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } }";
        let mut file =
            SerializedFileWriter::new(Vec::new(), Arc::new(parse_message_type(schema).unwrap()), Arc::default()).unwrap();
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let count = 1_200_000;
        let repeated: Vec<i16> = (0..count).map(|place| i16::from(place > 0)).collect();
        column
            .typed::<ByteArrayType>()
            .write_batch(&vec![ByteArray::from("a"); count], Some(&vec![3; count]), Some(&repeated))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        let work = WorkDir::new();
        work.write("set.parquet", file.into_inner().unwrap());
        let what = "claims 1200000 values in 1 rows; if it is a table of keywords, write it in smaller \
             row groups";
        encode(&work, &["set.parquet", "--keywords-field", "tags"]).refused(&format!("set.parquet: row group 0: {what}"));
    }

    #[test]
    fn a_map_column_is_read_like_an_object() {
        let schema = "message m { required group tags (MAP) { repeated group key_value { required binary key (UTF8); \
                      required binary value (UTF8); } } }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
        let mut group = file.next_row_group().unwrap();
        for values in [["pet", "place"], ["red dog", "beach"]] {
            let mut column = group.next_column().unwrap().unwrap();
            let values = values.map(ByteArray::from);
            column.typed::<ByteArrayType>().write_batch(&values, Some(&[1, 1]), Some(&[0, 1])).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        let work = WorkDir::new();
        work.write("set.parquet", file.into_inner().unwrap());
        encode(&work, &["set.parquet", "--keywords-field", "tags.pet"]).ok();
        assert_eq!(work.words(VOCABULARY), ["dog", "red"]);
        let what = "the field 'tags' is not a string or a list of strings (found an object)";
        let hint = "use --keywords-field tags.pet";
        encode(&work, &["set.parquet", "--keywords-field", "tags"]).refused(&format!("set.parquet: row 0: {what}; {hint}"));
    }

    #[test]
    fn a_table_gives_the_same_bytes_as_a_zip() {
        let members = members_of(&repository().join("sample/keyword/keywords_lite.zip"));
        let files: Vec<(String, &str)> = members.iter().map(|(name, text)| (format!("{name}.json"), text.as_str())).collect();
        let work = WorkDir::new();
        work.zip("set.zip", &files).write("set.parquet", parquet(&members));
        encode(&work, &["set.zip"]).ok();
        let expected = (work.read(MATRIX), work.read(VOCABULARY));
        let columns: [&[&str]; 2] = [&["--keywords-field", "tags"], &["--keywords-field", "text", "--separator", "|"]];
        for options in columns {
            for jobs in ["1", "2", "7"] {
                work.remove("out");
                encode(&work, &["set.parquet", "--id-field", "id", "-j", jobs]).args(options).ok();
                assert!((work.read(MATRIX), work.read(VOCABULARY)) == expected, "{options:?} on {jobs} threads");
            }
        }
    }

    #[test]
    fn columns_from_one_on_are_keywords_as_in_a_list() {
        let work = WorkDir::new();
        work.write("set.csv", "b.jpg,red dog,,cat\na.jpg\nc.jpg,\"sea, sky\"\n");
        let lists = [
            r#"{"id":"b.jpg","tags":["red dog","cat"]}"#,
            r#"{"id":"a.jpg","tags":[]}"#,
            r#"{"id":"c.jpg","tags":["sea, sky"]}"#,
        ];
        work.write("list.jsonl", lists.join("\n"));
        let outputs = |input: &[&str]| {
            encode(&work, input).args(["--name", "set", "--phrases"]).ok();
            [MATRIX, VOCABULARY, "out/id_map_set.json"].map(|name| work.read(name))
        };
        let columns = outputs(&["set.csv", "--no-header", "--id-field", "1", "--keywords-field", "2-"]);
        assert!(columns == outputs(&["list.jsonl", "--id-field", "id", "--keywords-field", "tags"]));
        assert_eq!(work.words(VOCABULARY), ["cat", "red dog", "sea, sky"]);
        assert_eq!(work.matrix(MATRIX), [[0, 1], [0, 0], [2, 2]]);
        let short =
            "set.csv: line 2: the row has 1 fields, expected at least 2; run amc-keywords inspect set.csv to see the options";
        encode(&work, &["set.csv", "--no-header", "--id-field", "2", "--keywords-field", "3-"]).refused(short);
    }

    #[test]
    fn rows_are_numbered_and_errors_name_the_column() {
        let work = WorkDir::new();
        let whole = parquet(&pets());
        work.write("set.parquet", &whole).write("cut.parquet", &whole[..whole.len() / 2]);
        encode(&work, &["set.parquet", "--keywords-field", "tags"]).ok();
        assert_eq!(work.matrix(MATRIX), [[0, 1], [0, 2], [0, 1], [2, 0]]);
        let message = "set.parquet: there is no column 'tagging' (columns: id, tags, text); run amc-keywords \
                       inspect set.parquet to see the options";
        encode(&work, &["set.parquet"]).refused(message);
        let done = encode(&work, &["cut.parquet", "--keywords-field", "tags"]).go();
        assert_eq!(done.status, Some(1), "{}", done.dump());
        assert!(
            done.stderr.starts_with("amc-keywords encode: cut.parquet: at or after row 0: cannot be read as parquet: "),
            "{}",
            done.dump()
        );
    }
}

#[test]
fn null_keywords_are_an_image_without_keywords() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": [\"dog\"]}\n{\"tags\": null}\n");
    encode(&work, &["set.jsonl", "--keywords-field", "tags"]).ok();
    assert_eq!(work.matrix(MATRIX), [[0, 0]]);
    encode(&work, &["set.jsonl", "--keywords-field", "tags", "--on-error", "skip"]).ok();
    assert_eq!(work.text("out/skipped_set.tsv"), "split\tfile\treason\timage\n");
}

#[test]
fn a_skipped_line_is_listed_with_its_file_and_place() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": [\"dog\"]}\n{\"tags\": [{\"name\": \"cat\"}]}\n");
    encode(&work, &["set.jsonl", "--keywords-field", "tags", "--on-error", "skip"]).ok();
    let skipped = work.text("out/skipped_set.tsv");
    let line = skipped.lines().nth(1).unwrap();
    assert!(line.starts_with("set\tset.jsonl\tline 2 column "), "{line}");
    assert!(line.ends_with("is not a string (found an object)\t1"), "{line}");
}

#[test]
fn a_pad_id_that_is_also_a_word_id_gets_a_warning() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": [\"dog\"]}\n");
    let padded = ["set.jsonl", "--keywords-field", "tags", "--emit", "padded", "--pad-to", "2", "--pad-id", "0"];
    encode(&work, &padded).warns("set: --pad-id 0 is also the id of a word, so only the mask distinguishes them");
}

#[test]
fn an_output_folder_inside_an_input_folder_is_refused() {
    let work = WorkDir::new();
    work.write("set/a.json", keyword_file(&["dog"]));
    let hint = "choose a folder outside it with --out, because the next run would read the outputs \
                as keyword files";
    for out in ["set", "set/out", "set/../set/x/y", "nowhere/../set/out"] {
        let message = format!("{out}: is inside the keyword folder set; {hint}");
        work.tool("encode").args(["set", "--out", out, "--min-df", "1"]).refused(&message);
    }
    let message = format!("set/out: is inside the keyword folder set; {hint}");
    work.write("more.jsonl", keyword_file(&["dog"]));
    work.tool("encode").args(["more.jsonl", "--fit", "set", "--out", "set/out"]).refused(&message);
    work.tool("encode").args(["set", "--out", ".", "--min-df", "1"]).ok();
}

#[cfg(unix)]
#[test]
fn an_input_folder_given_as_a_dot_gives_its_own_name() {
    let work = WorkDir::new();
    work.write("pets/a.json", keyword_file(&["dog"]));
    let here = |run: &std::process::Command| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "cd pets && exec \"$0\" \"$@\""]).arg(run.get_program()).args(run.get_args());
        shell
    };
    work.tool("encode").args([".", "--out", "../out", "--min-df", "1"]).wrapped(here).ok();
    assert!(work.join("out/img_keyword_ind_pets_sk_1.npy").exists());
}

#[test]
fn one_text_name_among_numbers_is_reported() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("500.json", keyword_file(&["dog"])), ("n_a.json", keyword_file(&["cat"]))]);
    let done = encode(&work, &["set.zip"]).ok();
    let note = "set: some names are not whole numbers up to 2^53 (for example 'n_a'), so images \
                are numbered from 0; see id_map_set.json\n";
    assert!(done.notes.contains(note), "{}", done.dump());
    work.zip("set.zip", &[("x.json", keyword_file(&["dog"])), ("n_a.json", keyword_file(&["cat"]))]);
    let done = encode(&work, &["set.zip"]).ok();
    assert!(!done.notes.contains("numbered from 0"), "{}", done.dump());
}

#[test]
fn an_id_map_of_an_earlier_run_is_reported() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("500.json", keyword_file(&["dog"])), ("n_a.json", keyword_file(&["cat"]))]);
    encode(&work, &["set.zip"]).ok();
    work.zip("set.zip", &[("500.json", keyword_file(&["dog"]))]);
    let left = "out: an earlier run left files that no manifest lists; delete them if you do not need \
         them: id_map_set.json, id_map_set.pkl";
    for _ in 0..2 {
        encode(&work, &["set.zip"]).warns(left);
    }
    let stale = |name: &str| format!("stale       {name}: left by an earlier run; this run does not write it\n");
    for run in [encode(&work, &["set.zip", "--check"]), work.tool("verify").args(["out"])] {
        let done = run.go();
        assert_eq!(done.status, Some(1), "{}", done.dump());
        assert!(done.stdout.ends_with(&(stale("id_map_set.json") + &stale("id_map_set.pkl"))), "{}", done.dump());
    }
    // A file that the run reads is not reported.
    work.remove("out/id_map_set.pkl").write("out/id_map_set.json", "{\"500\": 7}");
    encode(&work, &["set.zip", "--id-map", "out/id_map_set.json"]).ok();
    work.tool("verify").args(["out"]).ok();
}

#[test]
fn files_of_another_set_are_never_overwritten() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"]]);
    let script = ["--min-df", "1", "--layout", "script"];
    work.tool("clickture").args(["--out", "out", "--splits", "dev"]).args(script).ok();
    work.zip("set.zip", &[("1.json", keyword_file(&["cat"]))]);
    let name = "out/img_keyword_rec_clickture_dev_sk_1.npy";
    let hint = "choose another folder with --out, or another name of the set";
    let message = format!("{name}: belongs to another set, see manifest_clickture.json; {hint}");
    work.tool("encode").args(["set.zip", "--out", "out", "--name", "clickture_dev"]).args(script).refused(&message);
    work.tool("encode").args(["set.zip", "--out", "out", "--name", "mine"]).args(script).ok();
    work.tool("verify").args(["out"]).ok();
}

#[test]
fn images_truncated_by_padded_are_counted() {
    let work = WorkDir::new();
    work.zip(
        "set.zip",
        &[("1.json", keyword_file(&["a1 b1 c1"])), ("2.json", keyword_file(&["a1 b1"])), ("3.json", keyword_file(&[]))],
    );
    let done = encode(&work, &["set.zip", "--emit", "padded", "--pad-to", "2"]).ok();
    let note = "set: padded cuts images with more words than --pad-to 2: 1\n";
    assert!(done.notes.contains(note), "{}", done.dump());
}

#[test]
fn a_vocabulary_without_any_occurring_word_gets_a_warning() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("1.json", keyword_file(&["dog"]))]).write("v.json", "{\"cat\": 0}");
    let warning = "set: no image contains a word of the vocabulary, so the matrix is empty";
    encode(&work, &["set.zip", "--vocabulary", "v.json"]).warns(warning);
}

#[cfg(unix)]
#[test]
fn a_value_of_another_shape_is_refused_with_advice() {
    let work = WorkDir::new();
    let tags = ["--keywords-field", "tags"].as_slice();
    let objects =
        ["--keywords-field", "tags", "--keyword-key", "name", "--confidence-key", "score", "--min-confidence", "0.5"].as_slice();
    let correct = "correct the record, or skip such images with --on-error skip";
    let cases = [
        (
            "{\"tags\": [\"dog\", true]}",
            tags,
            format!("line 1 column 21: an element of the list 'tags' is not a string (found boolean `true`); {correct}"),
        ),
        (
            "[{\"tags\": []}]",
            tags,
            "line 1 column 0: expected a JSON object, found a list; --format json reads a list of records".into(),
        ),
        (
            "{\n  \"tags\": []\n}",
            tags,
            "line 1: the JSON value goes on over several lines, expected one value on each line; read a list or a map of records with --format json, or rewrite it with `jq -c .`".into(),
        ),
        (
            "{\"tags\": {\"dog\": 0.9}}",
            tags,
            "line 1 column 9: the field 'tags' is not a string or a list of strings (found an object); --min-confidence 0.5 uses its keys with at least that score".into(),
        ),
        (
            "{\"tags\": [{\"name\": \"dog\"}]}",
            ["--keywords-field", "tags.name"].as_slice(),
            "line 1 column 9: expected a JSON object, found a list; use --keywords-field '$.tags[*].name'".into(),
        ),
        (
            "{\"tags\": [{\"name\": \"dog\", \"score\": \"0.9\"}]}",
            objects,
            format!("line 1 column 40: expected a number in 'score', found string \"0.9\"; {correct}"),
        ),
    ];
    for (line, options, message) in cases {
        work.write("set.jsonl", line);
        encode(&work, &["set.jsonl"]).args(options).refused(&format!("set.jsonl: {message}"));
    }
    work.write("set.jsonl", "{\"tags\": true}\n".repeat(30));
    let one = format!(
        "set.jsonl: line 1 column 13: the field 'tags' is not a string or a list of strings (found boolean `true`); {correct}"
    );
    let none = "(none of the 30 images can be encoded, the first 10 for the same reason)";
    encode(&work, &["set.jsonl"]).args(tags).refused(&format!("{one} {none}"));
}

#[test]
fn a_missing_listed_image_leads_to_the_id_field_or_the_id_pattern() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"id\": \"a\", \"tags\": [\"dog\"]}\n").write("list.txt", "a\n");
    let hint = "lines and rows are named by their number, and COCO images by their id; set the field \
                of their names with --id-field";
    let message = format!("list.txt: 'a': line 1: no image of that name is in the inputs; {hint}");
    let run = ["set.jsonl", "--keywords-field", "tags", "--list", "list.txt"];
    encode(&work, &run).refused(&message);
    encode(&work, &run).args(["--id-field", "id"]).ok();
    work.write("set.jsonl", "{\"id\": \"1/a.jpg\", \"tags\": [\"dog\"]}\n").write("list.txt", "1/a.jpg\n");
    let hint = "list it as 'a', its name with --id-pattern";
    let message = format!("list.txt: '1/a.jpg': line 1: no image of that name is in the inputs; {hint}");
    encode(&work, &run).args(["--id-field", "id", "--id-pattern", "([a-z]+)[.]jpg"]).refused(&message);
}

#[test]
fn a_field_for_the_names_of_members_is_refused() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("1.json", keyword_file(&["dog"]))])
        .write("set.tar", tar(&[("2.json", keyword_file(&["dog"]))]))
        .write("set/3.json", keyword_file(&["dog"]))
        .write("set.jsonl", "{\"id\": \"a\", \"tagging\": {\"keywords\": [\"cat\"]}}\n");
    let members = "images in zips, tars and folders are named by their members";
    let refusal = format!("--id-field names the images of tables, lines and JSON, but {members}; remove --id-field");
    for input in ["set.zip", "set.tar", "set"] {
        encode(&work, &[input, "--id-field", "id"]).refused(&refusal);
    }
    let both = encode(&work, &["set.zip", "set.jsonl", "--id-field", "id"]).ok();
    let note = format!("note: set: {members}, and other images by --id-field\n");
    assert!(both.notes.contains(&note), "{}", both.dump());
    encode(&work, &["set.jsonl", "--id-field", "id", "--fit", "set.zip"]).ok();
}

#[test]
fn an_empty_name_is_an_error_of_its_image() {
    let work = WorkDir::new();
    let options = ["--keywords-field", "tags", "--id-field", "id"];
    let hint = "correct the record, or skip such images with --on-error skip";
    for (file, text, place) in [
        ("set.csv", "id,tags\na,dog\n,cat\n", "line 3"),
        ("set.jsonl", "{\"id\": \"a\", \"tags\": \"dog\"}\n{\"id\": \"\", \"tags\": \"cat\"}\n", "line 2 name"),
    ] {
        work.write(file, text);
        encode(&work, &[file]).args(options).refused(&format!("{file}: {place}: the name is empty; {hint}"));
        encode(&work, &[file, "--on-error", "skip"]).args(options).ok();
        assert_eq!(work.words(VOCABULARY), ["dog"]);
    }
}

#[test]
fn a_tab_may_separate_keywords() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": \"dog\\tred cat\"}\n");
    let run = ["set.jsonl", "--keywords-field", "tags", "--phrases", "--separator"];
    for separator in ["\t", "\\t"] {
        encode(&work, &run).args([separator]).ok();
        assert_eq!(work.words(VOCABULARY), ["dog", "red cat"]);
    }
}

#[test]
fn keywords_with_low_confidence_are_counted() {
    let work = WorkDir::new();
    let object = |name: &str, score: f64| format!("{{\"name\": \"{name}\", \"score\": {score}}}");
    work.write("set.jsonl", format!("{{\"tags\": [{}, {}, {}]}}\n", object("dog", 0.9), object("cat", 0.1), object("cow", 0.2)));
    let options = ["--keywords-field", "tags", "--keyword-key", "name", "--confidence-key", "score", "--min-confidence", "0.5"];
    let done = encode(&work, &["set.jsonl"]).args(options).ok();
    let note = "set: keywords below --min-confidence, which are not counted: 2\n";
    assert!(done.notes.contains(note), "{}", done.dump());
    assert_eq!(work.words(VOCABULARY), ["dog"]);
}

#[test]
fn an_output_never_overwrites_an_input() {
    let work = WorkDir::new();
    let line = "{\"id\": \"x\", \"tags\": [\"dog\"]}\n";
    work.write("id_map_q.json", line);
    let run = ["id_map_q.json", "--id-field", "id", "--keywords-field", "tags", "--out", ".", "--min-df", "1", "--name", "q"];
    let message = "./id_map_q.json: is an input of this run, and an output would replace it";
    work.tool("encode").args(run).refused(&format!("{message}; choose another folder with --out"));
    // A vocabulary is exempt: it is written back unchanged.
    work.zip("set.zip", &[("1.json", keyword_file(&["dog"]))]);
    encode(&work, &["set.zip"]).ok();
    encode(&work, &["set.zip", "--vocabulary", VOCABULARY]).ok();
}

#[test]
fn a_manifest_too_large_to_read_back_is_not_written() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": \"dog\"}\n");
    let fields = amc_keywords::Fields {
        keywords: Some("tags".into()),
        // JSON escapes each of these in six bytes.
        separator: Some("\u{1}".repeat(11 << 20)),
        ..amc_keywords::Fields::default()
    };
    let (keywords, out) = (vec![work.join("set.jsonl")], work.join("out"));
    let collection = amc_keywords::Collection { keywords, out, fields, ..amc_keywords::Collection::default() };
    let one = amc_keywords::Limit::Count(1);
    let frequency = amc_keywords::DocumentFrequency { min: one, ..amc_keywords::DocumentFrequency::default() };
    let settings = amc_keywords::Settings { frequency, ..amc_keywords::Settings::default() };
    let refused = collection.run(&settings, &amc_keywords::Silent).unwrap_err().to_string();
    let expected = "the manifest would have more than 64 MiB because of its many inputs; name a folder that contains them, or \
                    encode them in parts with amc-keywords shards";
    assert_eq!(refused, expected);
    assert_eq!(work.files(), ["set.jsonl"]);
}

#[test]
fn a_check_does_not_confuse_inputs_with_equal_names() {
    let work = WorkDir::new();
    work.write("a/set.jsonl", keyword_file(&["Dog"])).write("b/set.jsonl", keyword_file(&["cat"]));
    encode(&work, &["a/set.jsonl", "b/set.jsonl"]).ok();
    let done = encode(&work, &["a/set.jsonl", "b/set.jsonl", "--no-lowercase", "--check"]).go();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert!(done.stdout.starts_with("differs     manifest_set.json: made with lowercase true, now false\n"), "{}", done.dump());
}

#[test]
fn a_field_that_could_name_numbered_images_is_reported() {
    let work = WorkDir::new();
    work.write("set.csv", "file_name,tags\na.jpg,dog\nb.jpg,cat\n");
    let run = || work.tool("encode").args(["set.csv", "--keywords-field", "tags", "--min-df", "1", "--out", "out"]);
    let note = "amc-keywords: note: set: images are numbered from 0; use --id-field file_name to name them\n";
    assert_eq!(run().ok().notes, note);
    work.tool("show").args(["out", "--image", "a.jpg"]).refused(
        "out/img_keyword_ind_set_sk_1.npy: 'a.jpg': expected an image id, a whole number; to find images by name, \
         encode again with --id-field",
    );
    assert_eq!(run().args(["--id-field", "file_name"]).ok().notes, "");
    work.tool("show").args(["out", "--image", "a.jpg"]).ok();
}

#[test]
fn lists_that_would_be_whole_phrases_bring_a_warning() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"tags\": [\"dog, cat\"]}\n{\"tags\": [\"red cat, dog, sea\"]}\n");
    let run = || work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--min-df", "1", "--out", "out"]);
    let warning = "set: most keywords look like lists, such as 'dog, cat'; use --separator ',' to divide them";
    run().args(["--phrases"]).warns(warning);
    run().silent();
    run().args(["--phrases", "--separator", ","]).silent();
    assert_eq!(work.words("out/vocabulary_set_sk_1.json"), ["cat", "dog", "red cat", "sea"]);
}
