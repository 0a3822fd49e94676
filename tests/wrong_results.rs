//! Inputs that would give a wrong result without a message.

use crate::util::archives::{gzip, tar};
use crate::util::{Run, WorkDir, keyword_file};

const MATRIX: &str = "out/img_keyword_ind_set_sk_1.npy";
const VOCABULARY: &str = "out/vocabulary_set_sk_1.json";

fn encode<'a>(work: &'a WorkDir, arguments: &[&str]) -> Run<'a> {
    work.tool("encode").args(["--out", "out", "--min-df", "1", "--keywords-field", "tags"]).args(arguments)
}

/// Two images, `owl_1` and `owl_2`.
fn owls() -> WorkDir {
    let work = WorkDir::new();
    let lines = "{\"id\": \"owl_1\", \"tags\": [\"barn owl\"]}\n{\"id\": \"owl_2\", \"tags\": [\"snowy owl\"]}\n";
    work.write("set.jsonl", lines);
    work
}

#[test]
fn compressed_id_maps_lists_and_vocabularies_are_read() {
    let work = owls();
    work.write("map.json", gzip(b"{\"owl_1\": 7, \"owl_2\": 3}"))
        .write("list.txt", gzip(b"\xef\xbb\xbfowl_2\nowl_1\n"))
        .write("words.json", gzip(b"{\"snowy\": 0, \"barn\": 1}"));
    let files = ["--id-map", "map.json", "--list", "list.txt", "--vocabulary", "words.json"];
    encode(&work, &["set.jsonl", "--id-field", "id"]).args(files).silent();
    assert_eq!(work.matrix(MATRIX), [[3, 0], [7, 1]]);
    work.write("map.json", b"\xfd7zXZ\0\0");
    let run = encode(&work, &["set.jsonl", "--id-field", "id", "--id-map", "map.json"]);
    run.refused("map.json: the file is compressed with xz; unpack it with xz -dk map.json");
}

#[cfg(unix)]
#[test]
fn a_listed_name_that_nearly_is_an_image_is_explained() {
    let work = owls();
    work.write("list.txt", "owl_1.jpeg\nowl_2\n");
    encode(&work, &["set.jsonl", "--id-field", "id", "--list", "list.txt"]).refused(
        "list.txt: 'owl_1.jpeg': line 1: no image of that name is in the inputs, but 'owl_1' is; take the \
         ending off the listed names, for example with sed 's/\\.jpeg$//'",
    );
    let owl = |name: &str| (name.to_owned(), "{\"tags\": [\"owl\"]}".to_owned());
    work.zip("set.zip", &[owl("hibou blanche\u{301}.json"), owl("x/owl_2.json"), owl("owl_1.tif.json")])
        .write("list.txt", "hibou blanché\nowl_2\nowl_1\n");
    encode(&work, &["set.zip", "--list", "list.txt"]).refused(
            "list.txt: 'hibou blanché': line 1: no image of that name is in the inputs, but a name that differs only in Unicode \
             normalization is (the list has NFC, the inputs have NFD); convert the list to NFD, for example with uconv -x any-nfd\n\
             list.txt: 'owl_1': line 3: no image of that name is in the inputs, but 'owl_1.tif' is; take the ending off the names \
             with --id-pattern '^(.*?)(?:\\.tif)?$'",
    );
    work.write("list.txt", "owl_1\nowl_2\n");
    encode(&work, &["set.zip", "--list", "list.txt", "--id-pattern", r"^(.*?)(?:\.tif)?$"]).ok();
    assert_eq!(work.matrix(MATRIX), [[0, 0], [1, 0]]);
}

#[test]
fn given_words_that_can_never_match_are_named() {
    let work = owls();
    work.write("stop.txt", "Barn\nowl\n").write("words.json", "{\"snowy owl\": 0, \"snowy\": 1}");
    let stop_words = "stop.txt: 1 stop word can never match: 'Barn'; add the words that they consist of: 'barn'";
    let words = "words.json: 1 word can never match: 'snowy owl'; use the same word options as the run that made this vocabulary";
    let run = encode(&work, &["set.jsonl", "--stop-words", "stop.txt", "--vocabulary", "words.json"]);
    run.warns(&[stop_words, words].join("\n"));
    assert_eq!(work.matrix(MATRIX), [[1, 1]]);
}

#[test]
fn skipped_lines_have_the_names_of_their_images() {
    let work = owls();
    work.write("set.jsonl", "{\"id\": \"owl_1\", \"tags\": [\"owl\"]}\n{\"id\": \"owl_2\", \"tags\": [true]}\n");
    encode(&work, &["set.jsonl", "--id-field", "id", "--on-error", "skip"]).ok();
    let reason = "line 2 column 29: an element of the list 'tags' is not a string (found boolean `true`)";
    assert_eq!(work.text("out/skipped_set.tsv"), format!("split\tfile\treason\timage\nset\tset.jsonl\t{reason}\towl_2\n"));
}

#[test]
fn a_least_confidence_without_confidences_brings_a_warning() {
    let work = WorkDir::new();
    work.write("set.csv", "id,tags,score\n1,dog,0.1\n2,cat,0.9\n");
    let run = encode(&work, &["set.csv", "--id-field", "id", "--min-confidence", "0.5"]).ok();
    let what = "--min-confidence left out no keyword, because no record has a confidence; \
                name the confidence of each record with --confidence-field";
    assert!(run.stderr.contains(&format!("warning: set: {what}\n")), "{}", run.dump());
    let run = encode(&work, &["set.csv", "--id-field", "id", "--group", "--min-confidence", "0.5"]).ok();
    assert!(run.stderr.contains(what), "{}", run.dump());
    let scored = r#"[{"image_id": 1, "category_id": 2, "score": 0.1}]"#;
    work.write(
        "coco.json",
        format!(r#"{{"images": [{{"id": 1}}], "annotations": {scored}, "categories": [{{"id": 2, "name": "dog"}}]}}"#),
    );
    let run = work.tool("encode").args(["coco.json", "--min-df", "1", "--min-confidence", "0.5", "--out", "coco"]).ok();
    assert!(
        run.stderr.contains("no record has a confidence; remove it, since scores in COCO annotations are not read"),
        "{}",
        run.dump()
    );
    let fields = ["--id-field", "id", "--min-confidence", "0.5", "--confidence-field", "score"];
    encode(&work, &["set.csv"]).args(fields).ok();
    assert_eq!(work.words(VOCABULARY), ["cat"]);
    work.write("set.jsonl", r#"{"id": 1, "tags": {"dog": 0.9, "cat": 0.8}}"#);
    for options in [&["--id-field", "id"][..], &["--id-field", "id", "--group"]] {
        let run = encode(&work, &["set.jsonl", "--min-confidence", "0.5"]).args(options).ok();
        assert!(!run.stderr.contains("warning"), "{}", run.dump());
    }
}

#[cfg(unix)]
#[test]
fn a_list_that_is_a_link_to_nothing_is_not_taken_as_absent() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["cat"]]).id_map("clickture/img_id_map.pkl", &[("00000000", 0)]);
    work.remove("clickture/clickture-dev.lst");
    std::os::unix::fs::symlink("not-fetched", work.join("clickture/clickture-dev.lst")).unwrap();
    let run = work.tool("clickture").args(["--min-df", "1", "--splits", "dev"]);
    run.refused("clickture/clickture-dev.lst: cannot read: No such file or directory (os error 2)");
}

#[test]
fn the_set_of_another_subcommand_is_not_replaced() {
    let work = owls();
    work.clickture_split("dev", &[&["owl"], &["owl"]]);
    work.tool("clickture").args(["--min-df", "1"]).ok();
    let named = work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--name", "clickture", "--min-df", "1"]);
    named.args(["--out", "clickture"]).refused(
        "clickture/manifest_clickture.json: was written by amc-keywords clickture, and amc-keywords encode would replace it; \
         choose another name with --name, or another folder with --out",
    );
    encode(&work, &["set.jsonl", "--name", "clickture"]).ok();
    work.tool("clickture").args(["--min-df", "1", "--out", "out"]).refused(
        "out/manifest_clickture.json: was written by amc-keywords encode, and amc-keywords clickture would replace it; choose \
         another folder with --out",
    );
    work.tool("clickture").args(["--min-df", "1"]).ok();
}

#[test]
fn a_table_without_rows_and_a_vocabulary_give_empty_outputs() {
    let work = WorkDir::new();
    work.write("set.jsonl", "").write("words.json", "{\"owl\": 0}");
    let forms = "pairs,csr,padded,parquet";
    let run = encode(&work, &["set.jsonl", "--vocabulary", "words.json", "--emit", forms, "--pad-to", "2"]);
    run.warns("set: there is no image in the inputs, so the outputs are empty");
    assert_eq!(work.matrix(MATRIX), [[0; 2]; 0]);
    work.tool("verify").args(["out"]).ok();
    let hint = "an image is a member or file KEY.json, a line with a JSON object, or a row";
    encode(&work, &["set.jsonl"]).refused(&format!("set.jsonl: there is no image in it; {hint}"));
}

#[test]
fn files_of_a_folder_without_the_field_are_named() {
    let work = WorkDir::new();
    for n in 101..120 {
        work.write(&format!("set/00001/{n}.json"), "{\"tags\": [\"owl\"]}");
    }
    work.write("set/00001/102.json", "{\"tags\": null}").write("set/summary.json", "{\"count\": 3}");
    let what = "set: 2 of 20 files have no value in the field 'tags' and count as images without keywords: \
                'set/00001/102.json', 'set/summary.json'";
    let hint = "--id-pattern '^[0-9]+$' --on-error skip skips names that are not numbers";
    encode(&work, &["set"]).warns(&format!("{what}; {hint}"));
    encode(&work, &["set", "--id-pattern", "^[0-9]+$", "--on-error", "skip"]).ok();
    assert_eq!(work.matrix(MATRIX)[..3], [[101, 0], [103, 0], [104, 0]]);
    work.remove("set/summary.json").remove("out");
    let what = "set: 1 of 19 files has no value in the field 'tags' and counts as an image without keywords: \
                'set/00001/102.json'";
    let hint = "to skip such files, list the wanted images with --list";
    encode(&work, &["set"]).warns(&format!("{what}; {hint}"));
}

#[test]
fn two_images_of_one_name_in_different_folders_bring_a_suggestion() {
    let work = WorkDir::new();
    work.write("set/a/owl.json", keyword_file(&["barn owl"])).write("set/b/owl.json", keyword_file(&["snowy owl"]));
    let run = || work.tool("encode").args(["set", "--out", "out", "--min-df", "1"]);
    run().refused(
        "set: 'owl': the name is already used in set; --names path adds the folders to the names, \
         --duplicates allow encodes each",
    );
    run().args(["--names", "path"]).ok();
    assert_eq!(work.text("out/id_map_set.json"), "{\n\"a/owl\": 0,\n\"b/owl\": 1\n}\n");
    // A tar may have a member twice.
    work.write("set.tar", tar(&[("owl.json", keyword_file(&["barn owl"])), ("owl.json", keyword_file(&["snowy owl"]))]));
    let twice = "set.tar: 'owl': the name is already used in set.tar; --duplicates allow encodes each";
    work.tool("encode").args(["set.tar", "--names", "path", "--out", "out", "--min-df", "1"]).refused(twice);
}

#[cfg(unix)]
#[test]
fn a_run_that_loses_many_words_warns() {
    let work = WorkDir::new();
    let image = |n: usize| format!("{{\"tags\": [\"owl\", \"x\", \"rare{n}\", \"pair{}\"]}}\n", n / 2);
    work.write("set.jsonl", (0..20).map(image).collect::<String>());
    let letters = "words of one character are dropped; use --token-pattern '(?u)\\b\\w+\\b' to keep them, \
                   or --phrases to keep each keyword whole";
    work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--out", "out"]).warns(&format!(
        "set: the vocabulary has only 1 of 31 distinct words; \
         use --min-df 1 to keep 31 words, 2 to keep 11, or 3 to keep 1\n{letters}"
    ));
    encode(&work, &["set.jsonl"]).ok();
    assert_eq!(work.words(VOCABULARY).len(), 31);
    work.write("set.jsonl", "{\"tags\": [\"日\", \"本\"]}\n");
    encode(&work, &["set.jsonl"]).refused(&format!("set.jsonl: the image has no word except stop words; {letters}"));
    work.write("set.jsonl", "{\"tags\": [\"owl\", \"x\"]}\n");
    let too_rare = "--min-df 9 is larger than the number of images (1), so no word can be kept; use a smaller --min-df";
    let run = work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--out", "out", "--min-df", "9"]);
    run.refused(&format!("set.jsonl: {too_rare}"));
}

#[test]
fn ranges_that_lack_rows_of_an_image_are_reported() {
    let work = WorkDir::new();
    work.write("set.csv", "id,tags\n1,dog\n0,cow\n1,cat\n");
    let run = encode(&work, &["set.csv", "--id-field", "id", "--duplicates", "allow", "--emit", "ranges"]);
    run.warns("img_keyword_ind_set_sk_1_ranges.npy: ids with rows in several places: 1; their ranges contain only the last ones");
}
