//! `amc-keywords show`: the words of images and the images of words, from the outputs only.

use std::process::Stdio;

use crate::util::{WorkDir, sha256};
use serde_json::{Value, json};

const MATRIX: &str = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const WORDS: &str = "out/vocabulary_clickture_dev_sk_1.json";
const MANIFEST: &str = "out/manifest_clickture.json";

/// Four images with the words beach 0, dog 1, naïve 2 and red 3. Image 2 has no word.
/// The inputs are removed.
fn written(options: &[&str]) -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog", "red dog"], &["red", "beach"], &[], &["beach", "naïve"]]);
    work.tool("clickture").args(["--min-df", "1", "--out", "out", "--quiet"]).args(options).ok();
    work.remove("keyword").remove("clickture");
    work
}

/// The same set with an id map among its files.
fn with_names(id_map: &str) -> WorkDir {
    let work = written(&[]);
    let mut manifest = work.json(MANIFEST);
    let output = json!({"name": "id_map_clickture.json", "bytes": id_map.len(), "sha256": sha256(id_map.as_bytes())});
    manifest["outputs"].as_array_mut().unwrap().push(output);
    work.write("out/id_map_clickture.json", id_map).write(MANIFEST, manifest.to_string());
    work
}

/// A `.npy` file of int64 pairs.
fn npy(rows: &[[i64; 2]]) -> Vec<u8> {
    let dict = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({}, 2), }}", rows.len());
    let mut file = format!("\u{93}NUMPY\u{1}\0\u{76}\0{dict:<117}\n").chars().map(|c| c as u8).collect::<Vec<u8>>();
    file.extend(rows.as_flattened().iter().flat_map(|number| number.to_le_bytes()));
    file
}

fn show(work: &WorkDir, arguments: &[&str]) -> String {
    work.tool("show").args(arguments).silent().stdout
}

fn refused(work: &WorkDir, arguments: &[&str], message: &str) {
    work.tool("show").args(arguments).refused(message);
}

#[test]
fn the_first_images_are_shown_with_their_words_in_keyword_order() {
    let work = written(&[]);
    let expected = "image  words\n    0  dog, red, dog\n    1  red, beach\n    3  beach, naïve\n";
    assert_eq!(show(&work, &[MATRIX]), expected);
    assert_eq!(show(&work, &["out"]), expected);
    assert_eq!(show(&work, &[MATRIX, "--head", "1"]), "image  words\n    0  dog, red, dog\n");
}

#[test]
fn images_are_shown_in_the_order_of_the_options() {
    let work = written(&[]);
    let expected = "image  words\n    3  beach, naïve\n    0  dog, red, dog\n";
    assert_eq!(show(&work, &[MATRIX, "--image", "00000003", "--image", "0"]), expected);
}

#[test]
fn json_and_csv_contain_the_ids_too() {
    let work = written(&[]);
    let images = show(&work, &[MATRIX, "--head", "2", "--format", "json"]);
    let expected = "[\n{\"image_id\":0,\"words\":[\"dog\",\"red\",\"dog\"],\"word_ids\":[1,3,1]},\n\
                    {\"image_id\":1,\"words\":[\"red\",\"beach\"],\"word_ids\":[3,0]}\n]\n";
    assert_eq!(images, expected);
    assert_eq!(serde_json::from_str::<Value>(&images).unwrap()[1]["word_ids"], json!([3, 0]));
    let csv = show(&work, &[MATRIX, "--image", "3", "--format", "csv"]);
    assert_eq!(csv, "image_id,word_id,word\n3,0,beach\n3,2,naïve\n");
}

#[test]
fn a_word_is_shown_with_its_images_and_counts() {
    let work = written(&[]);
    let expected = "dog: id 1, df 1, tf 2\n\nimage  times\n    0      2\n\n\
                    red: id 3, df 2, tf 2\n\nimage  times\n    0      1\n    1      1\n";
    assert_eq!(show(&work, &[MATRIX, "--word", "dog", "--word", "red"]), expected);
    let first = show(&work, &[MATRIX, "--word", "red", "--head", "1"]);
    assert_eq!(first, "red: id 3, df 2, tf 2\n\nimage  times\n    0      1\n");
    let json = show(&work, &[MATRIX, "--word", "dog", "--word", "red", "--format", "json"]);
    let expected = json!([
        {"word": "dog", "word_id": 1, "df": 1, "tf": 2, "images": [{"image_id": 0, "times": 2}]},
        {"word": "red", "word_id": 3, "df": 2, "tf": 2, "images": [{"image_id": 0, "times": 1}, {"image_id": 1, "times": 1}]},
    ]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), expected);
    let csv = show(&work, &[MATRIX, "--word", "red", "--format", "csv"]);
    assert_eq!(csv, "word_id,word,image_id,times\n3,red,0,1\n3,red,1,1\n");
}

#[test]
fn a_word_without_images_in_the_split_is_shown() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["cat"]]).clickture_split("lite", &[&["dog"]]);
    work.tool("clickture").args(["--min-df", "1", "--out", "out", "--quiet", "--splits", "dev,lite"]).ok();
    let lite = "out/img_keyword_ind_clickture_lite_sk_1_sparse.npy";
    assert_eq!(show(&work, &[lite, "--word", "cat"]), "cat: id 0, df 0, tf 0\n\nimage  times\n");
    let json = show(&work, &[lite, "--word", "cat", "--format", "json"]);
    assert_eq!(json, "[\n{\"word\":\"cat\",\"word_id\":0,\"df\":0,\"tf\":0,\"images\":[]}\n]\n");
    let matrices = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy, out/img_keyword_ind_clickture_lite_sk_1_sparse.npy";
    refused(&work, &["out"], &format!("out: expected one matrix; name one of {matrices}"));
}

#[test]
fn images_are_found_and_shown_by_their_names() {
    let work = with_names("{\"sky.jpg\": 0, \"7\": 1, \"sea.jpg\": 3, \"dune.jpg\": 2}");
    let expected =
        "image  name     words\n    3  sea.jpg  beach, naïve\n    1  7        red, beach\n    0  sky.jpg  dog, red, dog\n";
    assert_eq!(show(&work, &[MATRIX, "--image", "sea.jpg", "--image", "7", "--image", "0"]), expected);
    let expected = "red: id 3, df 2, tf 2\n\nimage  times  name\n    0      1  sky.jpg\n    1      1  7\n";
    assert_eq!(show(&work, &[MATRIX, "--word", "red"]), expected);
    let csv = show(&work, &[MATRIX, "--word", "red", "--format", "csv"]);
    assert_eq!(csv, "word_id,word,image_id,name,times\n3,red,0,sky.jpg,1\n3,red,1,7,1\n");
    let csv = show(&work, &[MATRIX, "--image", "7", "--format", "csv"]);
    assert_eq!(csv, "image_id,name,word_id,word\n1,7,3,red\n1,7,0,beach\n");
    let json = show(&work, &[MATRIX, "--head", "1", "--format", "json"]);
    let entry = "{\"image_id\":0,\"name\":\"sky.jpg\",\"words\":[\"dog\",\"red\",\"dog\"],\"word_ids\":[1,3,1]}";
    assert_eq!(json, format!("[\n{entry}\n]\n"));
    refused(&work, &[MATRIX, "--image", "tree.jpg"], "out/id_map_clickture.json: 'tree.jpg': no such image");
    let what = "the matrix has no row of this image; the image has no word in the vocabulary";
    refused(&work, &[MATRIX, "--image", "dune.jpg"], &format!("{MATRIX}: 'dune.jpg': {what}"));
    refused(&work, &[MATRIX, "--image", "99"], &format!("{MATRIX}: '99': {what} or is not in the set"));
}

#[test]
fn long_names_wrap_and_control_characters_are_escaped() {
    let long = "a-name-that-is-longer-than-its-column.jpg";
    let work = with_names(&format!("{{\"{long}\": 0, \"red\\u001b[31m\": 1}}"));
    let expected = format!(
        "image  name                      words\n    0  {long}\n                                 dog, red, dog\n    \
         1  red\\u{{1b}}[31m             red, beach\n"
    );
    assert_eq!(show(&work, &[MATRIX, "--head", "2"]), expected);
}

#[test]
fn a_damaged_id_map_is_refused() {
    let work = with_names("{\"sky.jpg\": 0, \"sea.jpg\": \"3\"}");
    let message = "line 1 column 29: expected an image id, a whole number, found string \"3\"";
    refused(&work, &[MATRIX], &format!("out/id_map_clickture.json: {message}"));
    let work = with_names("{\"sky.jpg\": 0, \"sea.jpg\": 0}");
    refused(&work, &[MATRIX], "out/id_map_clickture.json: expected one name an id, but 'sky.jpg' and 'sea.jpg' are both 0");
}

#[test]
fn the_pairs_are_read_from_the_script_layout_for_any_of_its_files() {
    let documented = show(&written(&[]), &[MATRIX]);
    let work = written(&["--layout", "script"]);
    for name in [MATRIX, "out/img_keyword_rec_clickture_dev_sk_1.npy", "out"] {
        assert_eq!(show(&work, &[name]), documented, "{name}");
    }
    work.remove(MANIFEST);
    assert_eq!(show(&work, &[MATRIX, "--vocabulary", WORDS]), documented);
    work.remove("out/img_keyword_rec_clickture_dev_sk_1.npy");
    let what = "row 1: expected a word id below 4, the size of the vocabulary, found 4";
    let hint = "give the matrix's own vocabulary, or the pairs if these are ranges";
    refused(&work, &[MATRIX, "--vocabulary", WORDS], &format!("{MATRIX}: {what}; {hint}"));
}

#[test]
fn a_copied_matrix_is_shown_with_a_given_or_found_vocabulary() {
    let work = written(&[]);
    work.write("mine.npy", work.read(MATRIX));
    assert_eq!(show(&work, &["mine.npy"]), "image  word ids\n    0  1, 3, 1\n    1  3, 0\n    3  0, 2\n");
    assert_eq!(show(&work, &["mine.npy", "--head", "1", "--format", "csv"]), "image_id,word_id\n0,1\n0,3\n0,1\n");
    let json = show(&work, &["mine.npy", "--image", "1", "--format", "json"]);
    assert_eq!(json, "[\n{\"image_id\":1,\"word_ids\":[3,0]}\n]\n");
    let unknown = "its vocabulary is unknown, because no manifest lists it and no \
                   vocabulary_….json with its name is next to it";
    refused(&work, &["mine.npy", "--word", "red"], &format!("mine.npy: {unknown}; name the vocabulary with --vocabulary"));

    let words = show(&work, &[MATRIX]);
    assert_eq!(show(&work, &["mine.npy", "--vocabulary", WORDS]), words);
    work.write("vocabulary_of_mine.json", work.read(WORDS));
    let warning = "mine.npy: no manifest lists it; its words are taken from vocabulary_of_mine.json";
    assert_eq!(work.tool("show").args(["mine.npy"]).warns(warning).stdout, words);
    assert_eq!(show(&work, &["mine.npy", "--quiet"]), words);
}

#[cfg(unix)]
#[test]
fn missing_words_and_images_are_refused_with_a_suggestion() {
    let work = written(&[]);
    refused(&work, &[MATRIX, "--word", "Beech"], &format!("{WORDS}: 'Beech': no such word; did you mean 'beach'?"));
    refused(&work, &[MATRIX, "--word", "red", "--word", "elephant"], &format!("{WORDS}: 'elephant': no such word"));
    let hint = "the image has no word in the vocabulary or is not in the set";
    refused(
        &work,
        &[MATRIX, "--image", "0", "--image", "2"],
        &format!("{MATRIX}: '2': the matrix has no row of this image; {hint}"),
    );
    for name in ["sky.jpg", "-1", "1.0", "99999999999999999999"] {
        let what = "expected an image id, a whole number; no names of images were written with this matrix";
        refused(&work, &[MATRIX, &format!("--image={name}")], &format!("{MATRIX}: '{name}': {what}"));
    }
    refused(&work, &["nothing.npy"], "nothing.npy: cannot read: No such file or directory (os error 2)");
    let hint = "name the matrix, or the folder that a run wrote into";
    work.write("empty/x", "");
    refused(&work, &["empty"], &format!("empty: expected a matrix of pairs that a manifest_….json lists; {hint}"));
    let what = format!("expected the pairs of '{}' among the files that manifest_clickture.json lists", &WORDS[4..]);
    refused(&work, &[WORDS], &format!("{WORDS}: {what}; {hint}"));
    let counts_alone = written(&["--emit", "csr"]);
    let what = "expected a matrix of pairs that a manifest_….json lists; write them too, with --emit pairs";
    refused(&counts_alone, &["out"], &format!("out: {what}"));
}

#[test]
fn files_that_differ_from_the_manifest_are_refused() {
    let work = written(&[]);
    let whole = work.read(MATRIX);
    work.write(MATRIX, &whole[..whole.len() - 16]);
    let expected = "expected 240 bytes, as manifest_clickture.json says, found 224; run amc-keywords verify out";
    refused(&work, &[MATRIX], &format!("{MATRIX}: {expected}"));
    work.write(MATRIX, &whole).write(WORDS, "{}");
    let expected = "bytes, as manifest_clickture.json says, found 2; run amc-keywords verify out";
    refused(&work, &[MATRIX], &format!("{WORDS}: expected 48 {expected}"));
    assert!(show(&work, &[MATRIX, "--vocabulary", "out/vocabulary_clickture_dev_sk_1.pkl"]).contains("0  dog, red, dog\n"));
    work.write(MANIFEST, "{}");
    let what = "line 1 column 2: expected a manifest that amc-keywords wrote: missing field `format`";
    refused(&work, &[MATRIX], &format!("{MANIFEST}: {what}; run the job again to write a new one"));
}

#[test]
fn another_form_is_shown_by_its_pairs_or_refused() {
    let work = written(&[]);
    let (ranges, name) =
        ("img_keyword_ind_clickture_dev_sk_1_sparse_ranges.npy", "img_keyword_ind_clickture_dev_sk_1_sparse.npy");
    work.write(&format!("out/{ranges}"), work.read(MATRIX));
    let warning = format!("out/{ranges}: the pairs next to it are read instead");
    let done = work.tool("show").args([&format!("out/{ranges}"), "--vocabulary", WORDS]).warns(&warning);
    assert!(done.stdout.ends_with("\n    3  beach, naïve\n"));
    work.write(MANIFEST, work.text(MANIFEST).replace(name, ranges));
    let what = format!("expected the pairs of '{ranges}' among the files that manifest_clickture.json lists");
    let hint = "write them too, with --emit pairs";
    refused(&work, &[&format!("out/{ranges}")], &format!("out/{ranges}: {what}; {hint}"));
}

#[test]
fn a_partly_replaced_set_is_refused() {
    let work = written(&[]);
    work.write("out/.amc-keywords-clickture.partial/.commit.json", "{\"format\": 1, \"files\": []}");
    let what = "a run was stopped while it renamed its files; run the job again to finish this";
    refused(&work, &[MATRIX], &format!("{MANIFEST}: {what}"));
}

#[test]
fn a_damaged_matrix_or_another_vocabulary_is_refused() {
    let work = WorkDir::new();
    work.write("v.json", "{\"cat\": 0, \"dog\": 1}");
    let with = |bytes: &[u8], message: &str| {
        work.write("m.npy", bytes);
        refused(&work, &["m.npy", "--vocabulary", "v.json"], &format!("m.npy: {message}"));
    };
    let whole = npy(&[[5, 0], [5, 2]]);
    let hint = "give the matrix's own vocabulary, or the pairs if these are ranges";
    with(&whole, &format!("row 1: expected a word id below 2, the size of the vocabulary, found 2; {hint}"));
    let huge = String::from_utf8_lossy(&whole[10..128]).replace("(2, 2), }        ", "(999999999, 2), }");
    let huge = [&whole[..10], huge.as_bytes(), &whole[128..]].concat();
    with(&huge, "expected 16000000112 bytes for 999999999 rows, found 160; write it again, or copy it again");
    work.write("m.npy", npy(&[[5, 0]])).write("v.json", "{\"cat\": 1}");
    let hint = "a vocabulary is {word: id} with ids from 0 up";
    let message = format!("v.json: the id 1 of \"cat\" comes too early, expected 0; {hint}");
    refused(&work, &["m.npy", "--vocabulary", "v.json"], &message);
}

#[test]
fn lines_wrap_by_display_width_and_words_are_never_split() {
    let work = WorkDir::new();
    let keywords: Vec<String> = (0..12).map(|n| format!("猫咪犬{n:02}")).collect();
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    let long = "x".repeat(100);
    work.clickture_split("dev", &[&keywords, &["dog", &long, "cat"]]);
    work.tool("clickture").args(["--min-df", "1", "--out", "out", "--quiet"]).ok();
    let expected = format!(
        "image  words\n    0  猫咪犬00, 猫咪犬01, 猫咪犬02, 猫咪犬03, 猫咪犬04, 猫咪犬05, 猫咪犬06,\n       \
         猫咪犬07, 猫咪犬08, 猫咪犬09, 猫咪犬10, 猫咪犬11\n    1  dog,\n       {long},\n       cat\n"
    );
    assert_eq!(show(&work, &[MATRIX]), expected);
}

#[test]
fn csv_quotes_special_characters_and_the_table_escapes_them() {
    let work = WorkDir::new();
    work.write("m.npy", npy(&[[5, 0], [5, 1], [5, 2]]));
    work.write("v.json", "{\"a,b\": 0, \"say \\\"so\\\"\": 1, \"two\\nlines\": 2}");
    let csv = show(&work, &["m.npy", "--vocabulary", "v.json", "--format", "csv"]);
    assert_eq!(csv, "image_id,word_id,word\n5,0,\"a,b\"\n5,1,\"say \"\"so\"\"\"\n5,2,\"two\nlines\"\n");
    assert_eq!(show(&work, &["m.npy", "--vocabulary", "v.json"]), "image  words\n    5  a,b, say \"so\", two\\nlines\n");
}

/// A matrix of 20,000 images, which exceeds the buffer of a pipe.
fn large() -> WorkDir {
    let work = WorkDir::new();
    let rows: Vec<[i64; 2]> = (0..20_000).map(|id| [id, 0]).collect();
    work.write("m.npy", npy(&rows)).write("v.json", "{\"cat\": 0}");
    work
}

#[test]
fn a_word_with_many_images_is_shown_in_full() {
    let work = large();
    let text = show(&work, &["m.npy", "--vocabulary", "v.json", "--word", "cat", "--format", "csv"]);
    assert_eq!(text.lines().count(), 20_001);
    assert!(text.ends_with("\n0,cat,19999,1\n"), "{}", &text[text.len() - 40..]);
    assert_eq!(show(&work, &["m.npy", "--head", "30000"]).lines().count(), 20_001);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let work = large();
    for arguments in [["--vocabulary", "v.json", "--word", "cat"], ["--vocabulary", "v.json", "--head", "30000"]] {
        let mut command = work.tool("show").args(["m.npy"]).args(arguments).command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(0), String::new()));
    }
}

#[test]
fn conflicting_options_are_refused() {
    let work = WorkDir::new();
    for (arguments, message) in [
        (["m.npy", "--image=1", "--word=dog"], "error: the argument '--image <ID|NAME>' cannot be used with '--word <WORD>'"),
        (["m.npy", "--image=1", "--head=2"], "error: the argument '--image <ID|NAME>' cannot be used with '--head <N>'"),
        (["m.npy", "--head=0", "-q"], "error: invalid value '0' for '--head <N>': expected a whole number of at least 1"),
        (["m.npy", "--format=xml", "-q"], "error: invalid value 'xml' for '--format <FORMAT>'"),
    ] {
        let done = work.tool("show").args(arguments).go();
        assert_eq!((done.status, done.stderr.lines().next()), (Some(2), Some(message)), "{}", done.dump());
    }
}

#[test]
fn coco_images_have_their_file_names_in_show_parquet_and_report() {
    let work = WorkDir::new();
    let images = json!([{"id": 9, "file_name": "COCO_9.jpg"}, {"id": 4, "file_name": "a/b.jpg"}, {"id": 30}]);
    let annotations = json!([
        {"id": 1, "image_id": 4, "caption": "a red dog"},
        {"id": 2, "image_id": 9, "caption": "a dog"},
        {"id": 3, "image_id": 30, "caption": "red"},
    ]);
    work.write("captions.json", json!({"images": images, "annotations": annotations}).to_string());
    let forms = ["--emit", "pairs,parquet", "--min-df", "1", "--out", "out", "--name", "set"];
    work.tool("encode").args(["captions.json"]).args(forms).ok();
    assert_eq!(work.matrix("out/img_keyword_ind_set_sk_1.npy"), [[9, 0], [4, 1], [4, 0], [30, 1]], "ids stay ids");
    assert_eq!(work.text("out/id_map_set.json"), "{\n\"COCO_9.jpg\": 9,\n\"a/b.jpg\": 4,\n\"30\": 30\n}\n");
    let expected = "image  name        words\n    9  COCO_9.jpg  dog\n    4  a/b.jpg     red, dog\n   30  30          red\n";
    assert_eq!(show(&work, &["out"]), expected);
    let named = "image  name     words\n    4  a/b.jpg  red, dog\n";
    assert_eq!(show(&work, &["out", "--image", "a/b.jpg"]), named);
    let samples = &work.json("out/statistics_set.json")["splits"][0]["images"];
    let names: Vec<&str> = samples.as_array().unwrap().iter().map(|image| image["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["COCO_9.jpg", "a/b.jpg", "30"]);
    assert_eq!(parquet_names(&work, "out/img_keyword_ind_set_sk_1.parquet"), names);

    // With a list, images are put into order in another way.
    work.write("list.txt", "30\n9\n");
    work.tool("encode").args(["captions.json"]).args(forms).args(["--list", "list.txt"]).ok();
    assert_eq!(parquet_names(&work, "out/img_keyword_ind_set_sk_1.parquet"), ["30", "COCO_9.jpg"]);
}

#[test]
fn file_names_that_are_not_unique_are_not_in_an_id_map() {
    let work = WorkDir::new();
    let images = json!([{"id": 9, "file_name": "a.jpg"}, {"id": 4, "file_name": "a.jpg"}]);
    let annotations = json!([{"id": 1, "image_id": 4, "caption": "dog"}]);
    work.write("captions.json", json!({"images": images, "annotations": annotations}).to_string());
    work.tool("encode").args(["captions.json", "--min-df", "1", "--out", "out", "--name", "set"]).ok();
    assert!(!work.files().contains(&"out/id_map_set.json".to_owned()));
}

/// The column `name` of a Parquet file.
fn parquet_names(work: &WorkDir, file: &str) -> Vec<String> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    let reader = SerializedFileReader::new(std::fs::File::open(work.join(file)).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_string(1).unwrap().clone()).collect()
}
