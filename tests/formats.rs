//! Every input format, and every option that says where keywords and names are.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::util::archives::{Member, gzip, tar, zip, zstd};
use crate::util::{Run, WorkDir, keyword_file};

const MATRIX: &str = "out/img_keyword_ind_set_sk_1.npy";
const VOCABULARY: &str = "out/vocabulary_set_sk_1.json";
const ID_MAP: &str = "out/id_map_set.json";

/// Image 0 has the keywords `dog` and `red`, and image 1 has the keyword `cat`.
const WORDS: [&str; 3] = ["cat", "dog", "red"];
const PAIRS: [[i64; 2]; 3] = [[0, 1], [0, 2], [1, 0]];

fn encode<'a>(work: &'a WorkDir, arguments: &str) -> Run<'a> {
    let fixed = ["--out", "out", "--name", "set", "--min-df", "1"];
    work.tool("encode").args(fixed).args(arguments.split_whitespace())
}

/// Expects these words and pairs of a run without warnings.
fn gives_in(work: &WorkDir, arguments: &str, words: &[&str], pairs: &[[i64; 2]]) {
    let done = encode(work, arguments).silent();
    assert_eq!(work.words(VOCABULARY), words, "{}", done.dump());
    assert_eq!(work.matrix(MATRIX), pairs, "{}", done.dump());
}

/// Encodes one file and expects these words and pairs.
fn gives(file: &str, content: impl AsRef<[u8]>, options: &str, words: &[&str], pairs: &[[i64; 2]]) {
    let work = WorkDir::new();
    work.write(file, content);
    gives_in(&work, &format!("{file} {options}"), words, pairs);
}

/// Encodes one file and expects [`WORDS`] and [`PAIRS`].
fn gives_pets(file: &str, content: impl AsRef<[u8]>, options: &str) {
    gives(file, content, options, &WORDS, &PAIRS);
}

/// Encodes one file and expects an error.
fn refuses(file: &str, content: impl AsRef<[u8]>, options: &str, message: &str) {
    let work = WorkDir::new();
    work.write(file, content);
    encode(&work, &format!("{file} {options}")).refused(message);
}

#[test]
fn each_element_of_a_json_list_is_an_image_numbered_or_named_by_its_id() {
    let list = r#"[{"n": {"id": 8}, "tags": ["dog", "red"]}, {"n": {"id": 3}, "tags": ["cat"]}]"#;
    gives_pets("a.json", list, "--keywords-field tags");
    let pretty = list.replace(", {", ",\n  {\n ").replace(": ", ":\r\n ");
    gives_pets("a.json", format!("\u{feff}{pretty}\n"), "--keywords-field tags");
    gives("a.json", list, "--keywords-field tags --id-field n.id", &WORDS, &[[8, 1], [8, 2], [3, 0]]);
}

#[test]
fn each_object_of_a_json_sequence_is_an_image() {
    let first = "{\n  \"id\": 8,\n  \"tags\": [\n    \"dog\",\n    \"red\"\n  ]\n}\n";
    let second = "{\n  \"id\": 3,\n  \"tags\": \"cat\"\n}\n";
    gives_pets("a.json", format!("{first}{second}"), "--keywords-field tags");
    let named = "--keywords-field tags --id-field id";
    gives("a", format!("{first}{second}"), named, &WORDS, &[[8, 1], [8, 2], [3, 0]]);
}

#[test]
fn each_value_of_a_json_map_is_an_image_named_by_its_key() {
    let named = [[7, 1], [7, 2], [3, 0]];
    for (map, options) in [
        (r#"{"7": {"tags": ["dog", "red"]}, "3": {"tags": ["cat"]}}"#, "--keywords-field tags"),
        (r#"{"7": ["dog", "red"], "3": ["cat"]}"#, ""),
        (r#"{"7": "dog red", "3": "cat"}"#, ""),
        (r#"{"7": {"dog": 0.9, "red": 0.5, "hen": 0.4}, "3": {"cat": 1}}"#, "--min-confidence 0.5"),
    ] {
        gives("a.json", map, options, &WORDS, &named);
    }
    let work = WorkDir::new();
    work.write("a.json", r#"{"x.jpg": "dog red", "y.jpg": "cat"}"#);
    gives_in(&work, "a.json", &WORDS, &PAIRS);
    assert_eq!(work.text(ID_MAP), "{\n\"x.jpg\": 0,\n\"y.jpg\": 1\n}\n");
}

#[test]
fn the_first_line_of_excel_names_the_delimiter_and_is_no_row() {
    let table = "sep=|\r\nid|tags;a,b,c\r\n8|dog red\r\n3|cat\r\n";
    let named = "--keywords-field tags;a,b,c --id-field id";
    gives("a.csv", table, named, &WORDS, &[[8, 1], [8, 2], [3, 0]]);
    let message =
        "a.csv: line 3: the row has 1 fields, expected 2 as in the first row; check the delimiters and quotes of this row";
    refuses("a.csv", "sep=;\ntags;id\ndog\n", "--keywords-field tags", message);
}

#[test]
fn a_key_that_a_json_map_has_twice_is_an_image_with_the_same_name() {
    let map = r#"{"x": ["dog", "red"], "y": ["hen"], "x": ["cat"]}"#;
    let what = "a.json: 'x': element 2: the name is already used at element 0 of a.json";
    refuses("a.json", map, "", &format!("{what}; --duplicates allow encodes each"));
    gives("a.json", map, "--duplicates allow", &["cat", "dog", "hen", "red"], &[[0, 1], [0, 3], [1, 2], [0, 0]]);
    // The keys are no names if there is a field of names.
    let map = r#"{"x": {"id": 0, "tags": ["dog", "red"]}, "x": {"id": 1, "tags": ["cat"]}}"#;
    gives_pets("a.json", map, "--keywords-field tags --id-field id");
}

#[test]
fn records_can_be_at_a_path() {
    let list = r#"[{"tags": ["dog", "red"]}, {"tags": ["cat"]}]"#;
    gives_pets("a.json", format!(r#"{{"v": 1, "icons": {list}, "more": [{{}}]}}"#), "--records icons --keywords-field tags");
    gives_pets("a.json", format!(r#"{{"photos": {{"n": 2, "photo": {list}}}}}"#), "--records photos.photo --keywords-field tags");
    gives_pets("a.json", r#"{"a.b": {"x": "dog red", "y": "cat"}}"#, "--records a\\.b");
    let message = "a.json: is one JSON object that contains lists of records at: photos.photo; choose one, for example \
                   --records 'photos.photo'; or --format json if each value is an image";
    refuses("a.json", format!(r#"{{"photos": {{"photo": {list}}}}}"#), "--keywords-field tags", message);
}

#[test]
fn records_at_a_path_are_only_in_json_files() {
    let work = WorkDir::new();
    work.write("a.jsonl", "{\"tags\": \"dog\"}\n").write("a.csv", "tags\ndog\n").write("d/a.json", "{}");
    let refused = |input: &str, found: &str, hint: &str| {
        let message = format!("{input}: --records is only for JSON files (found: {found}); {hint}");
        encode(&work, &format!("{input} --records icons --keywords-field tags")).refused(&message);
    };
    refused("a.jsonl", "Its name ends with .jsonl.", "remove --records");
    refused("a.csv", "Its name ends with .csv.", "remove --records");
    refused("d", "It is a folder.", "add --format json to read each .json file of the folder");
}

#[test]
fn an_option_of_another_format_is_an_error_or_a_warning() {
    let work = WorkDir::new();
    work.write("a.jsonl", "{\"tags\": \"dog\"}\n");
    for (options, complaint) in [
        ("--format csv --records icons", "--records is only for --format json"),
        ("--format json --delimiter ;", "--delimiter is only for --format csv and tsv"),
        ("--format jsonl --no-header", "--no-header is only for --format csv and tsv"),
        ("--format csv --member .txt", "--member is only for --format zip, tar and folder"),
        ("--format tar --id-field id", "--id-field is only for --format json, jsonl, csv, tsv, parquet and coco"),
        ("--format json --names path", "--names is only for --format zip, tar and folder"),
    ] {
        let done = encode(&work, &format!("a.jsonl {options}")).go();
        let error = format!("error: {complaint}");
        assert_eq!((done.status, done.stderr.lines().next()), (Some(2), Some(error.as_str())), "{}", done.dump());
    }
    let warnings = [
        "--delimiter has no effect, because no input is CSV or TSV; remove it",
        "--member has no effect, because no input is a zip, tar or folder with a file for each image; remove it",
    ];
    encode(&work, "a.jsonl --keywords-field tags --delimiter ; --member .txt").warns(&warnings.join("\n"));
}

#[test]
fn coco_images_have_their_captions_or_category_names_in_the_order_of_the_annotations() {
    let images = r#""images": [{"id": 7, "file_name": "x.jpg"}, {"id": 3, "file_name": "y.jpg"}]"#;
    let captions = r#""annotations": [{"image_id": 3, "caption": "a cat"}, {"image_id": 7, "caption": "Red dog"}]"#;
    gives("a.json", format!("{{{images}, {captions}}}"), "", &WORDS, &[[7, 2], [7, 1], [3, 0]]);
    let instances = r#""categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}],
        "annotations": [{"image_id": 7, "category_id": 2}, {"image_id": 3, "category_id": 2}, {"image_id": 7, "category_id": 1}]"#;
    gives("a.json", format!("{{{instances}, {images}}}"), "", &["cat", "dog"], &[[7, 0], [7, 1], [3, 0]]);
    // Without lists of images at the top, a path leads to the records.
    let nested = r#"{"annotations": {"annotations": [{"tags": "dog red"}, {"tags": "cat"}]}}"#;
    gives_pets("a.json", nested, "--records annotations.annotations --keywords-field tags");
}

#[test]
fn lines_of_json_are_images_and_blank_lines_count() {
    gives(
        "a.jsonl",
        "\u{feff}{\"tags\": [\"dog\", \"red\"]}\r\n\r\n{\"tags\": \"cat\"}",
        "--keywords-field tags",
        &WORDS,
        &[[0, 1], [0, 2], [2, 0]],
    );
}

#[test]
fn the_delimiter_of_a_table_is_detected_in_its_first_line_or_given() {
    let fields = "--keywords-field tags --separator + --id-field id";
    let pairs = [[5, 1], [5, 2], [6, 0]];
    for delimiter in [",", ";", "\t", "|"] {
        let table = "\u{feff}id,tags\r\n5,dog+\"red\"\r\n\r\n6,cat\r\n".replace(',', delimiter);
        gives("a.csv", table.replace("dog+\"red\"", "dog+red"), fields, &WORDS, &pairs);
        gives("a.csv", table.replace("dog+\"red\"", "\"dog+red\""), fields, &WORDS, &pairs);
    }
    gives("a.tsv", "id\ttags\n5\tdog, +red;\n6\tcat\n", fields, &WORDS, &pairs);
    gives("a.txt", "id#tags\n5#dog+red\n6#cat\n", &format!("--format csv --delimiter # {fields}"), &WORDS, &pairs);
    let quoted = "id,tags\n5,\"dog \"\"big\"\"\nred, +x\"\n6,cat";
    gives("a.csv", quoted, fields, &["big", "cat", "dog", "red"], &[[5, 2], [5, 0], [5, 3], [6, 1]]);
}

#[test]
fn a_table_without_a_header_has_numbered_columns() {
    gives_pets("a.csv", "x,dog|red\ny,cat\n", "--no-header --keywords-field 2 --separator |");
    let pairs = [[5, 1], [5, 2], [6, 0]];
    gives("a.csv", "5,dog red\n6,cat\n", "--no-header --keywords-field 2 --id-field 1", &WORDS, &pairs);
}

#[test]
fn members_are_json_of_any_letter_case_or_otherwise_texts() {
    let json = [("0.JSON", keyword_file(&["dog", "red"])), ("1.Json", keyword_file(&["cat"])), ("2.txt", "hen".to_owned())];
    let texts = [("0.TXT", "dog red"), ("1.txt", "cat")];
    gives_pets("a.zip", zip(&json), "");
    gives_pets("a.tar", tar(&json), "");
    gives_pets("a.zip", zip(&texts), "");
    gives_pets("a.tar", tar(&texts), "");
    for members in [json, [("0.TXT", "dog red".to_owned()), ("1.txt", "cat".to_owned()), ("2.jpg", String::new())]] {
        let work = WorkDir::new();
        members.iter().for_each(|(name, content)| {
            work.write(&format!("d/x/{name}"), content);
        });
        gives_in(&work, "d", &WORDS, &PAIRS);
    }
    gives(
        "a.zip",
        zip(&[("0.txt", "\u{feff}big dog\r\nred")]),
        "--separator \\n --phrases",
        &["big dog", "red"],
        &[[0, 0], [0, 1]],
    );
}

#[test]
fn texts_that_are_more_than_the_json_files_next_to_them_are_not_ignored_silently() {
    let members = [("0.txt", "red"), ("1.txt", "cat"), ("meta.json", r#"{"tagging": {"keywords": ["dog"]}}"#)];
    let work = WorkDir::new();
    members.iter().for_each(|(name, content)| {
        work.write(&format!("d/{name}"), content);
    });
    work.write("a.zip", zip(&members));
    for input in ["d", "a.zip"] {
        let what = ".txt files are ignored next to .json files (found 2 and 1); --member .txt reads them instead";
        encode(&work, input).warns(&format!("{input}: {what}"));
        work.remove("out");
        encode(&work, &format!("{input} --member .txt")).silent();
        work.remove("out");
    }
}

#[test]
fn members_with_another_ending_are_selected() {
    let tags = [("0.tags.json", r#"["dog", "red"]"#), ("0.json", r#"{"other": 1}"#), ("1.TAGS.json", r#"["cat"]"#)];
    gives_pets("a.zip", zip(&tags), "--member .tags.json");
    gives_pets("a.tar", tar(&tags), "--member .tags.json");
    let captions = [("0.cls", "7"), ("0.caption", "dog red"), ("1.caption", "cat"), ("1.cls", "9")];
    gives_pets("a.tar", tar(&captions), "--member .caption");
    gives("a.zip", zip(&captions), "--member .cls --token-pattern \\w", &["7", "9"], &[[0, 0], [1, 1]]);
    let work = WorkDir::new();
    captions.iter().for_each(|(name, content)| {
        work.write(&format!("d/{name}"), content);
    });
    gives_in(&work, "d --member .caption", &WORDS, &PAIRS);
}

#[test]
fn names_can_contain_the_folders() {
    let files = [("100CANON/IMG_0001.txt", "dog red"), ("101CANON/IMG_0001.txt", "cat")];
    let work = WorkDir::new();
    files.iter().for_each(|(name, content)| {
        work.write(&format!("d/{name}"), content);
    });
    work.write("d.zip", zip(&files)).write("d.tar", tar(&files));
    for input in ["d", "d.zip", "d.tar"] {
        gives_in(&work, &format!("{input} --names path"), &WORDS, &PAIRS);
        assert_eq!(work.text(ID_MAP), "{\n\"100CANON/IMG_0001\": 0,\n\"101CANON/IMG_0001\": 1\n}\n", "{input}");
    }
}

#[test]
fn the_shards_of_a_folder_are_read_in_byte_order_of_their_names() {
    let (pets, cat) = ("{\"tags\": [\"dog\", \"red\"]}\n", "{\"tags\": \"cat\"}\n");
    let members = |number: &str, keywords: &[&str]| tar(&[(format!("{number}.json"), json!({"tags": keywords}).to_string())]);
    for files in [
        [("10.jsonl.zst", zstd(pets.as_bytes())), ("9.JSONL", cat.into())],
        [("a/1.csv", "tags\n\"dog,red\"\n".into()), ("b/0.csv.gz", gzip(b"tags\ncat\n"))],
        [("x0.tar.gz", gzip(&members("0", &["dog", "red"]))), ("x1.tar", members("1", &["cat"]))],
    ] {
        let work = WorkDir::new();
        files.iter().for_each(|(name, content)| {
            work.write(&format!("d/{name}"), content);
        });
        work.write("d/README.md", "ignored");
        gives_in(&work, "d --keywords-field tags --separator ,", &WORDS, &PAIRS);
    }
}

#[test]
fn a_format_can_be_set() {
    let work = WorkDir::new();
    work.write("lines", "{\"tags\": [\"dog\", \"red\"]}\n{\"tags\": \"cat\"}")
        .write("list.jsonl", "[{\"tags\": [\"dog\", \"red\"]}, {\"tags\": \"cat\"}]")
        .write("map.json", "{\"tags\": {\"tags\": [\"dog\", \"red\"]}, \"y\": {\"tags\": \"cat\"}}")
        .write("words", "tags\n\"dog red\"\ncat\n")
        .write("d/0.json", "{\"tags\": [\"dog\", \"red\"]}")
        .write("d/1.json", "{\"tags\": \"cat\"}")
        .write("d/x.jsonl", "");
    let coco = r#"{"images": [{"id": 0}, {"id": 1}],
        "annotations": [{"image_id": 0, "caption": "dog red"}, {"image_id": 1, "caption": "cat"}]}"#;
    work.write("coco.jsonl", coco);
    for (input, format) in
        [("lines", "jsonl"), ("list.jsonl", "json"), ("map.json", "json"), ("words", "csv"), ("words", "tsv"), ("d", "folder")]
    {
        gives_in(&work, &format!("{input} --format {format} --keywords-field tags"), &WORDS, &PAIRS);
        work.remove("out");
    }
    gives_in(&work, "coco.jsonl --format coco", &WORDS, &PAIRS);
    let message = "coco.jsonl: --format does not match the file (its name ends with .jsonl); remove --format";
    encode(&work, "coco.jsonl --format zip").refused(message);
    encode(&work, "coco.jsonl --format folder").refused("coco.jsonl: is not a folder, as --format folder says; remove --format");
}

#[cfg(unix)]
#[test]
fn every_format_but_zip_and_parquet_is_read_from_standard_input_and_compressed() {
    let files = [
        ("jsonl", b"{\"tags\": [\"dog\", \"red\"]}\n{\"tags\": \"cat\"}\n".to_vec(), "--keywords-field tags"),
        ("json", br#"[{"tags": ["dog", "red"]}, {"tags": "cat"}]"#.to_vec(), "--keywords-field tags"),
        ("csv", b"id,tags\nx,dog red\ny,cat\n".to_vec(), "--keywords-field tags"),
        ("tar", tar(&[("0.txt", "dog red"), ("1.txt", "cat")]), ""),
    ];
    for (format, content, options) in files {
        let work = WorkDir::new();
        work.write("plain", &content).write("gzip", gzip(&content)).write("zstd", zstd(&content));
        // Two members of gzip are one stream.
        let (first, second) = content.split_at(content.len() / 2);
        work.write("halves", [gzip(first), gzip(second)].concat());
        for input in ["plain", "gzip", "zstd", "halves"] {
            let done = encode(&work, &format!("- {options}")).after(&format!("cat {input} |")).silent();
            assert_eq!(work.words(VOCABULARY), WORDS, "{format}, {input}: {}", done.dump());
            assert_eq!(work.matrix(MATRIX), PAIRS, "{format}, {input}: {}", done.dump());
        }
    }
    let work = WorkDir::new();
    work.write("a", zip(&[("0.txt", "dog")]));
    let message = "a zip cannot be read from a pipe or standard input; save it to a file and give the file's path";
    encode(&work, "-").after("exec <a;").refused(&format!("-: {message}"));
}

#[test]
fn paths_may_contain_dots_and_be_jsonpaths() {
    gives("a.jsonl", r#"{"a.b": ["dog"], "i.d": 4}"#, "--keywords-field a\\.b --id-field i\\.d", &["dog"], &[[4, 0]]);
    gives("a.csv", "i.d,a.b\n4,dog\n", "--keywords-field a\\.b --id-field i\\.d", &["dog"], &[[4, 0]]);
    let labels = r#"{"r": [{"labels": [{"d": "dog"}, {"d": "cat"}]}], "i": [6]}"#;
    let fields = "--keywords-field $.r[0].labels[*].d --id-field $.i[0]";
    gives("a.jsonl", labels, fields, &["cat", "dog"], &[[6, 1], [6, 0]]);
    let text = r#"{"c": [{"from": "human", "value": "hen"}, {"from": "gpt", "value": "dog"}]}"#;
    gives("a.jsonl", text, "--keywords-field $.c[?@.from=='gpt'].value", &["dog"], &[[0, 0]]);
}

#[test]
fn a_pattern_selects_the_name_from_fields_keys_and_members() {
    let pattern = "--id-pattern x([0-9]+)";
    let fields = "--id-field id --keywords-field tags";
    gives("a.jsonl", r#"{"id": "x5.jpg", "tags": "dog"}"#, &format!("{fields} {pattern}"), &["dog"], &[[5, 0]]);
    gives("a.jsonl", r#"{"id": "x5.jpg", "tags": "dog"}"#, &format!("{fields} --id-pattern [0-9]+"), &["dog"], &[[5, 0]]);
    gives("a.json", r#"{"x5": ["dog"], "x6": ["cat"]}"#, pattern, &["cat", "dog"], &[[5, 1], [6, 0]]);
    gives("a.zip", zip(&[("x5.txt", "dog")]), pattern, &["dog"], &[[5, 0]]);
    let message = "a.json: 'y6': name: --id-pattern 'x([0-9]+)' does not match the name \"y6\"; \
                   change --id-pattern, or skip such images with --on-error skip";
    refuses("a.json", r#"{"y6": ["dog"]}"#, pattern, message);
}

#[test]
fn rows_of_a_group_are_one_image_at_the_place_of_the_first() {
    let fields = "--group --id-field id --keywords-field tag";
    let rows = "id,tag\n1,dog\n2,cat\n1,red\n";
    gives("a.csv", rows, fields, &WORDS, &[[1, 1], [1, 2], [2, 0]]);
    let bigrams = format!("{fields} --ngram-range 1,2");
    gives("a.csv", rows, &bigrams, &["cat", "dog", "dog red", "red"], &[[1, 1], [1, 3], [1, 2], [2, 0]]);
    let lines = "{\"id\": 1, \"tag\": [\"dog\"]}\n{\"id\": 2, \"tag\": \"cat\"}\n{\"id\": \"1\", \"tag\": [\"red\"]}\n";
    gives("a.jsonl", lines, fields, &WORDS, &[[1, 1], [1, 2], [2, 0]]);
    // A word of two rows of an image counts once.
    let work = WorkDir::new();
    work.write("a.csv", "id,tag\n1,red\n2,cat\n1,red\n3,cat\n");
    let run = ["a.csv", "--out", "out", "--name", "set", "--min-df", "2"];
    work.tool("encode").args(run).args(fields.split(' ')).ok();
    assert_eq!(work.words("out/vocabulary_set_sk_2.json"), ["cat"]);
}

#[test]
fn codes_are_replaced_by_the_words_of_a_table() {
    for (file, table) in [
        ("labels.csv", "/m/1,Dog\n/m/2,Cat\n/m/3,Red\n"),
        ("labels.csv", "LabelName,DisplayName\r\n/m/1,\"Dog\"\r\n/m/2,Cat\r\n/m/3,Red\r\n"),
        ("labels.json", r#"{"/m/1": "Dog", "/m/2": "Cat", "/m/3": "Red"}"#),
    ] {
        let work = WorkDir::new();
        work.write(file, table).write("a.csv", "tag\n/m/1 /m/3\n/m/2\n").write("b.jsonl", "{\"tag\": [\"/m/1\", \"/m/9\"]}\n");
        let work = &work;
        let done = work.tool("encode").args(["a.csv", "--out", "out", "--name", "set", "--min-df", "1"]);
        done.args(["--keywords-field", "tag", "--separator", " ", "--labels", file]).silent();
        assert_eq!((work.words(VOCABULARY), work.matrix(MATRIX)), (WORDS.map(String::from).to_vec(), PAIRS.to_vec()), "{file}");
        let message = "b.jsonl: line 1 tag: the code \"/m/9\" is not in --labels; add it to the \
                       table, or skip such images with --on-error skip";
        encode(work, &format!("b.jsonl --keywords-field tag --labels {file}")).refused(message);
    }
}

#[test]
fn records_and_keywords_of_low_confidence_add_no_keyword() {
    let fields = "--group --id-field id --keywords-field tag --confidence-field p --min-confidence 0.5";
    let rows = "id,tag,p\n0,dog,0.9\n0,cat,0.1\n0,red,1\n1,cat,0.5\n2,dog,0.2\n";
    let work = WorkDir::new();
    work.write("a.csv", rows);
    gives_in(&work, &format!("a.csv {fields} --emit pairs,csr"), &WORDS, &PAIRS);
    assert_eq!(work.json("out/manifest_set.json")["counts"]["splits"][0]["images"], 3);
    let scores = r#"{"t": {"dog": 0.5, "hen": 0.49, "red": 1}}"#;
    gives("a.jsonl", scores, "--keywords-field t --min-confidence 0.5", &["dog", "red"], &[[0, 0], [0, 1]]);
}

#[test]
fn a_separator_divides_strings_and_the_strings_of_lists() {
    let lines = "{\"tags\": \"big dog ,,red, \"}\n{\"tags\": [\"cat\", \" big dog,cat\"]}\n";
    gives(
        "a.jsonl",
        lines,
        "--keywords-field tags --separator , --phrases",
        &["big dog", "cat", "red"],
        &[[0, 0], [0, 2], [1, 1], [1, 0], [1, 1]],
    );
    gives(
        "a.jsonl",
        r#"{"tags": "big dog\ncat"}"#,
        "--keywords-field tags --separator \\n --phrases",
        &["big dog", "cat"],
        &[[0, 0], [0, 1]],
    );
}

#[test]
fn numbers_are_texts_and_null_is_no_keyword() {
    let fields = "--keywords-field tags";
    gives("a.jsonl", r#"{"tags": [12, null, "dog", 1e2]}"#, fields, &["12", "1e2", "dog"], &[[0, 0], [0, 2], [0, 1]]);
    let lines = "{\"tags\": null}\n{\"x\": \"tags\"}\n{\"tags\": \"dog\"}\n";
    let work = WorkDir::new();
    work.write("a.jsonl", lines);
    let done = encode(&work, "a.jsonl --keywords-field tags").ok();
    assert_eq!(done.notes, "amc-keywords: note: set: images without a value in the field 'tags', and so without keywords: 2\n");
    assert_eq!(work.matrix(MATRIX), [[2, 0]]);
}

#[test]
fn other_values_are_errors() {
    for (value, found) in [
        ("true", "the field 'tags' is not a string or a list of strings (found boolean `true`)"),
        ("[false]", "an element of the list 'tags' is not a string (found boolean `false`)"),
        ("[[\"dog\"]]", "an element of the list 'tags' is not a string (found a list)"),
        ("[{\"a\": 1}]", "an element of the list 'tags' is not a string (found an object)"),
        ("{\"a\": [1]}", "the field 'tags' is not a string or a list of strings (found an object)"),
    ] {
        let work = WorkDir::new();
        work.write("a.jsonl", format!("{{\"tags\": \"cat\"}}\n{{\"tags\": {value}}}\n"));
        let done = encode(&work, "a.jsonl --keywords-field tags").go();
        let is_named = done.stderr.starts_with("amc-keywords encode: a.jsonl: line 2 column ") && done.stderr.contains(found);
        assert!(done.status == Some(1) && is_named && done.stderr.lines().count() == 1, "{}", done.dump());
        assert!(!work.join("out").exists());
    }
}

#[test]
fn a_field_that_no_record_has_is_an_error_that_lists_the_keys() {
    let message = "a.jsonl: no record has the field 'tag' (fields of the first: id, labels); use --keywords-field labels";
    refuses("a.jsonl", "{\"id\": 7, \"labels\": [\"dog\"]}\n", "--keywords-field tag", message);
    let message = "a.jsonl: no record has the field 'tag' (fields of the first: id, width); run amc-keywords inspect a.jsonl to see the \
                   options";
    refuses("a.jsonl", "{\"id\": 7, \"width\": 40}\n", "--keywords-field tag", message);
}

#[test]
fn a_json_file_of_one_image_brings_a_warning() {
    let work = WorkDir::new();
    work.write("x.json", "{\"tags\": [\"dog\", \"red\"]}").write("y.json", "{\"tags\": \"cat\"}");
    let warning = "x.json: is one image without a name, so images are numbered; name the images with --id-field, or give the \
                   folder, in which NAME.json is the image NAME";
    encode(&work, "x.json y.json --keywords-field tags").warns(warning);
    let done = encode(&work, "x.json y.json --keywords-field tags --quiet --json").silent();
    assert_eq!(serde_json::from_str::<Value>(&done.stdout).unwrap()["warnings"], json!([warning]));
    assert_eq!((work.words(VOCABULARY), work.matrix(MATRIX)), (WORDS.map(String::from).to_vec(), PAIRS.to_vec()));
}

/// A table of Parquet with the binary columns `id` and `tags`.
fn binary_table(rows: &[(&[u8], &[u8])]) -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType};
    use std::sync::Arc;

    let schema = "message m { required binary id; required binary tags; }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut file = parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    let columns: [Vec<&[u8]>; 2] = [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect()];
    for values in columns {
        let values: Vec<ByteArray> = values.into_iter().map(|value| ByteArray::from(value.to_vec())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    file.into_inner().unwrap()
}

#[test]
fn binary_values_of_parquet_are_utf8_or_an_error_that_says_how_to_save_them() {
    let fields = "--keywords-field tags --id-field id";
    let dog: (&[u8], &[u8]) = (b"7", b"dog red");
    gives("a.parquet", binary_table(&[dog, (b"3", b"cat")]), fields, &WORDS, &[[7, 1], [7, 2], [3, 0]]);
    for (row, column, hint) in [
        ((&[0xff; 16][..], &b"cat"[..]), "id", "save binary ids as hexadecimal text, in pandas with df['id'].map(bytes.hex)"),
        ((b"ab\xe9", b"cat"), "id", "save the column as UTF-8 text, or binary ids as hexadecimal text"),
        ((b"3", b"caf\xe9 au lait noir"), "tags", "save the column as UTF-8 text"),
    ] {
        let message = format!("a.parquet: row 1: column '{column}': not UTF-8; {hint}");
        refuses("a.parquet", binary_table(&[dog, row]), fields, &message);
    }
}

/// The name and the keywords of an image.
type Image = (String, Vec<String>);

/// Images in byte order of their names, the order of members. The first has a word.
fn images() -> impl Strategy<Value = Vec<Image>> {
    let keyword = prop_oneof![
        3 => "(dog|cat|red dog|Young ADULT|3d|the fire|caf\u{e9} \u{394}\u{3a3}|\u{65e5}\u{672c})",
        2 => "[a-c,;\t\n\r\"'\\\\{}\\[\\]:#. \u{e9}\u{65e5}-]{1,12}",
        1 => "\\PC{1,12}",
    ];
    let keyword = keyword.prop_map(|keyword| keyword.replace('|', "/").trim().to_owned());
    let keyword = keyword.prop_filter("an empty keyword", |keyword| !keyword.is_empty());
    let keywords = prop::collection::vec(keyword, 0..6);
    let name = prop_oneof!["0|[1-9][0-9]{0,2}", "[a-z]{1,4}[ .'_-]?[0-9]{1,3}"];
    prop::collection::btree_map(name, keywords, 1..20).prop_map(|images| {
        let mut images: Vec<Image> = images.into_iter().collect();
        images[0].1.push("dog".to_owned());
        images
    })
}

/// A field of CSV in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Writes the images in every format. Returns each input with its options.
fn write_in_every_format(work: &WorkDir, images: &[Image]) -> Vec<(&'static str, &'static str)> {
    let record = |(name, tags): &Image| json!({"id": name, "tags": tags});
    let records: Vec<Value> = images.iter().map(record).collect();
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let map = |value: &dyn Fn(&Image) -> Value| {
        let entries: Vec<String> = images.iter().map(|image| format!("{}: {}", json!(image.0), value(image))).collect();
        format!("{{{}}}", entries.join(",\n"))
    };
    let list = serde_json::to_string_pretty(&records).unwrap();
    let table = |delimiter: &str| {
        let row = |(name, tags): &Image| format!("{name}{delimiter}{}\r\n", quoted(&tags.join("|")));
        format!("id{delimiter}tags\r\n{}", images.iter().map(row).collect::<String>())
    };
    let member = |image: &Image| (format!("{}.json", image.0), record(image).to_string());
    // Archives have their members in the reverse order.
    let members: Vec<Member> = images.iter().rev().map(member).collect();
    let texts: Vec<Member> = images.iter().rev().map(|(name, tags)| (format!("x/{name}.txt"), tags.join("|"))).collect();
    let long = images.iter().flat_map(|(name, tags)| {
        let rows: Vec<String> = tags.iter().map(|tag| format!("{name},{}\n", quoted(tag))).collect();
        if rows.is_empty() { vec![format!("{name},\n")] } else { rows }
    });
    let (first, second) = lines.split_at(lines.find('\n').unwrap() + 1);
    let annotations =
        images.iter().enumerate().flat_map(|(at, (_, tags))| tags.iter().map(move |tag| json!({"image_id": at, "caption": tag})));
    let coco = json!({"images": (0..images.len()).map(|at| json!({"id": at})).collect::<Vec<_>>(),
        "annotations": annotations.collect::<Vec<_>>()});
    let has_numbers = images.iter().enumerate().all(|(at, (name, _))| *name == at.to_string());
    work.write("a.jsonl", &lines)
        .write("a.jsonl.gz", gzip(lines.as_bytes()))
        .write("a.jsonl.zst", zstd(lines.as_bytes()))
        .write("list.json", &list)
        .write("map.json", map(&|(_, tags)| json!(tags)))
        .write("objects.json.gz", gzip(map(&|image| record(image)).as_bytes()))
        .write("deep.json", format!("{{\"n\": [1], \"a.b\": {{\"c\": {list}}}}}"))
        .write("a.csv", table(","))
        .write("b.csv.zst", zstd(table(";").as_bytes()))
        .write("a.tsv.gz", gzip(table("\t").as_bytes()))
        .write("long.csv", format!("id,tags\n{}", long.collect::<String>()))
        .write("a.tar", tar(&members))
        .write("texts.tar.gz", gzip(&tar(&texts)))
        .zip("a.zip", &members)
        .zip("texts.zip", &texts)
        .write("shards/10.jsonl", first)
        .write("shards/9.jsonl.gz", gzip(second.as_bytes()))
        .write("coco.json", coco.to_string());
    for (name, text) in &members {
        work.write(&format!("folder/{name}"), text);
    }
    const TAGS: &str = "--keywords-field tags";
    const TAGS_AND_ID: &str = "--keywords-field tags --id-field id";
    let mut inputs = vec![
        ("a.jsonl", TAGS_AND_ID),
        ("a.jsonl.gz", TAGS_AND_ID),
        ("a.jsonl.zst", TAGS_AND_ID),
        ("list.json", TAGS_AND_ID),
        ("map.json", ""),
        ("objects.json.gz", "--format json --keywords-field tags"),
        ("deep.json", "--records a\\.b.c --keywords-field tags --id-field id"),
        ("a.csv", TAGS_AND_ID),
        ("b.csv.zst", TAGS_AND_ID),
        ("a.tsv.gz", TAGS_AND_ID),
        ("long.csv", "--keywords-field tags --id-field id --group"),
        ("a.tar", TAGS),
        ("texts.tar.gz", ""),
        ("a.zip", TAGS),
        ("texts.zip", ""),
        ("folder", TAGS),
        ("shards", TAGS_AND_ID),
    ];
    if has_numbers {
        inputs.push(("coco.json", ""));
    }
    let members: Vec<Member> =
        images.iter().map(|(name, tags)| (name.clone(), json!({"tagging": {"keywords": tags}}).to_string())).collect();
    work.write("a.parquet", crate::util::archives::parquet(&members));
    inputs.extend([("a.parquet", TAGS_AND_ID), ("a.parquet", "--keywords-field text --id-field id")]);
    inputs
}

/// Encodes the images in every format and expects the same bytes.
fn assert_the_same_in_every_format(images: &[Image]) {
    let work = WorkDir::new();
    let mut expected: Option<BTreeMap<String, Vec<u8>>> = None;
    for (input, options) in write_in_every_format(&work, images) {
        let done = encode(&work, &format!("{input} --separator | --stop-words none {options}")).ok();
        let mut made = work.contents("out");
        // These two name the input and contain a random sample.
        made.remove("manifest_set.json").unwrap();
        made.remove("statistics_set.json").unwrap();
        let expected = expected.get_or_insert_with(|| made.clone());
        assert!(*expected == made, "{input} {options} differs: {}", done.dump());
        work.remove("out");
    }
}

#[test]
fn numbered_images_give_the_same_bytes_in_every_format_and_in_coco() {
    let images: Vec<Image> = (0..9).map(|at| (at.to_string(), vec!["dog".to_owned(), format!("a \"word{at}\"")])).collect();
    assert_the_same_in_every_format(&images);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_images_give_the_same_bytes_in_every_format(images in images()) {
        assert_the_same_in_every_format(&images);
    }
}
