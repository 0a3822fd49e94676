//! `shards`: runs in steps write the bytes of one run, also if steps are killed or repeated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use amc_keywords::shards::{Count, Encode, Finish, Learn, Merge};
use amc_keywords::{
    AnalyzerOptions, Collection, DocumentFrequency, Duplicates, Emit, Fields, Layout, Limit, OnError, Padding, Settings, Silent,
    StopWordList,
};
use proptest::prelude::*;

use crate::util::archives::{gzip, tar, zip};
use crate::util::faults::{Numbers, setting};
use crate::util::{Run, WorkDir};

/// An image: its name and its keywords.
type Image = (String, Vec<String>);

/// The options that all runs of these tests have.
const FIELDS: [&str; 6] = ["--keywords-field", "tags", "--id-field", "id", "--separator", ";"];

/// Images with words of very different frequencies. Some have no word.
fn images(numbers: std::ops::Range<usize>, name: impl Fn(usize) -> String) -> Vec<Image> {
    let keyword = |seed: usize| match seed % 11 {
        0 => "the".to_owned(),
        1 => format!("größe {}", seed % 5),
        2 => format!("red dog{}", seed % 40),
        3 => "a".to_owned(),
        _ => format!("word{} of word{}", seed % 300, seed * seed % 70),
    };
    numbers.map(|n| (name(n), (0..n % 9).map(|k| keyword(n * 37 + k * k * 11 + k)).collect())).collect()
}

fn json(keywords: &[String]) -> String {
    serde_json::json!({ "tags": keywords }).to_string()
}

fn lines(images: &[Image]) -> Vec<u8> {
    let line = |(id, tags): &Image| serde_json::json!({ "id": id, "tags": tags }).to_string() + "\n";
    images.iter().map(line).collect::<String>().into_bytes()
}

fn members(images: &[Image]) -> Vec<(String, String)> {
    // The order in the file is not the order of the names.
    images.iter().rev().map(|(name, keywords)| (format!("{name}.json"), json(keywords))).collect()
}

fn table(images: &[Image]) -> Vec<u8> {
    let row = |(id, tags): &Image| format!("{id},{}\n", tags.join(";"));
    let rows: String = images.iter().map(row).collect();
    format!("id,tags\n{rows}").into_bytes()
}

/// Eight shards of four formats. One has no word and one no image.
const SHARDS: [&str; 8] = ["0.jsonl.gz", "1.tar", "2.csv", "3.jsonl", "4.jsonl", "5.tar", "6.jsonl.gz", "7.zip"];

/// A folder with the shards.
fn shards(name: impl Fn(usize) -> String) -> WorkDir {
    let work = WorkDir::new();
    let images = |numbers| images(numbers, &name);
    let wordless: Vec<Image> = (1000..1005).map(|n| (name(n), vec!["!".to_owned()])).collect();
    work.write(SHARDS[0], gzip(&lines(&images(0..100))))
        .write(SHARDS[1], tar(&members(&images(100..220))))
        .write(SHARDS[2], table(&images(220..300)))
        .write(SHARDS[3], lines(&wordless))
        .write(SHARDS[4], "")
        .write(SHARDS[5], tar(&members(&images(300..410))))
        .write(SHARDS[6], gzip(&lines(&images(410..500))))
        .write(SHARDS[7], zip(&members(&images(500..600))));
    work
}

fn text_name(n: usize) -> String {
    format!("img{n:04}")
}

fn step<'a>(work: &'a WorkDir, step: &str) -> Run<'a> {
    work.tool("shards").args([step])
}

fn count<'a>(work: &'a WorkDir, part: usize, options: &[&str]) -> Run<'a> {
    let shard = SHARDS[part];
    step(work, "count").args([shard, "--out", "out", "--part", &part.to_string()]).args(FIELDS).args(options)
}

fn learn<'a>(work: &'a WorkDir, options: &[&str]) -> Run<'a> {
    step(work, "learn").args(["out", "--name", "web"]).args(options)
}

fn encode<'a>(work: &'a WorkDir, part: usize) -> Run<'a> {
    step(work, "encode").args(["out", "--part", &part.to_string()])
}

fn finish<'a>(work: &'a WorkDir, options: &[&str]) -> Run<'a> {
    step(work, "finish").args(["out"]).args(options)
}

/// One run over all shards into the folder `one`.
fn one_run<'a>(work: &'a WorkDir, options: &[&str]) -> Run<'a> {
    work.tool("encode").args(SHARDS).args(["--name", "web", "--out", "one"]).args(FIELDS).args(options)
}

/// All steps into the folder `out`. The parts are not counted in their order.
fn all_steps(work: &WorkDir, of_count: &[&str], of_learn: &[&str], of_finish: &[&str]) {
    for part in [5, 2, 7, 0, 4, 6, 1, 3] {
        count(work, part, of_count).ok();
    }
    learn(work, of_learn).args(["--parts", "8"]).ok();
    for part in [3, 7, 0, 1, 6, 5, 2, 4] {
        encode(work, part).ok();
    }
    finish(work, of_finish).ok();
}

/// The files of a single run. Its manifest is left out, because it does not list parts.
fn files_of_one(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()));
    files.filter(|(name, _)| !name.starts_with("manifest_")).collect()
}

/// Asserts that each file of the single run in `one` is in `out` with the same bytes.
fn assert_same(one: &Path, out: &Path, context: &str) {
    let expected = files_of_one(one);
    assert!(expected.len() >= 4, "{context}: {:?}", expected.keys());
    for (name, bytes) in expected {
        let found = std::fs::read(out.join(&name)).unwrap_or_else(|error| panic!("{context}: {name}: {error}"));
        assert!(found == bytes, "{context}: {name} differs");
    }
}

#[test]
fn all_steps_write_the_bytes_of_one_run_with_any_options() {
    let work = shards(text_name);
    for (of_count, of_learn) in [
        (&[][..], &[][..]),
        (&[], &["--max-features", "70", "--min-df", "0.0005", "--max-df", "0.2"]),
        (&["--phrases"], &["--min-df", "2"]),
        (&["--ngram-range", "1,2", "--binary", "--stop-words", "none"], &[]),
        (&["--jobs=3"], &["--min-df", "1", "--emit", "pairs,ranges,csr,padded,parquet", "--pad-to", "4"]),
        (&["--on-error", "skip"], &["--emit", "csr,ranges,parquet", "--dtype", "int32"]),
        (&["--stop-words", "stop.txt"], &["--layout", "script", "--emit", "pairs,padded", "--pad-to", "9", "--pad-id", "0"]),
    ] {
        work.write("stop.txt", "red\n");
        let options: Vec<&str> = of_count.iter().chain(of_learn).copied().collect();
        one_run(&work, &options).ok();
        all_steps(&work, of_count, of_learn, &["--concat"]);
        assert_same(&work.join("one"), &work.join("out"), &format!("{options:?}"));
        work.tool("verify").args(["out"]).ok();
        work.remove("one").remove("out");
    }
}

#[test]
fn names_are_ids_only_if_the_names_of_all_parts_are_numbers() {
    for (what, name) in [
        ("numbers", (|n| format!("{:05}", n * 3 % 2003)) as fn(usize) -> String),
        ("mixed", |n| if n == 415 { "x".to_owned() } else { n.to_string() }),
    ] {
        let work = shards(name);
        let options = ["--min-df", "1", "--emit", "pairs,ranges,csr,parquet"];
        one_run(&work, &options).ok();
        all_steps(&work, &[], &options, &["--concat"]);
        assert_same(&work.join("one"), &work.join("out"), what);
        assert_eq!(work.join("out/id_map_web.json").exists(), what == "mixed");
    }
}

#[test]
fn lines_without_names_are_numbered_across_parts() {
    let work = WorkDir::new();
    let tags = |n: usize| serde_json::json!({ "tags": [format!("word{}", n % 7), "dog"] }).to_string();
    let text = |numbers: std::ops::Range<usize>| numbers.map(|n| tags(n) + "\n\n").collect::<String>();
    work.write("0.jsonl", text(0..20)).write("1.jsonl", "").write("2.jsonl", text(20..50)).write("3.jsonl", text(50..55));
    let shards = ["0.jsonl", "1.jsonl", "2.jsonl", "3.jsonl"];
    let options = ["--keywords-field", "tags"];
    work.tool("encode").args(shards).args(["--name", "web", "--out", "one", "--emit", "pairs,parquet"]).args(options).ok();
    for (part, shard) in shards.iter().enumerate().rev() {
        step(&work, "count").args([shard, "--out", "out", "--part", &part.to_string()]).args(options).ok();
    }
    learn(&work, &["--emit", "pairs,parquet"]).ok();
    (0..4).for_each(|part| drop(encode(&work, part).ok()));
    finish(&work, &["--concat"]).ok();
    assert_same(&work.join("one"), &work.join("out"), "lines");
    step(&work, "count").args(["0.jsonl", "--out", "other", "--part", "0", "--id-pattern", ".+"]).args(options).fails_with(
        "amc-keywords shards count: --id-pattern cannot select from the numbers of lines and rows, \
         which depend on the other parts; name the field of the names with --id-field\n",
    );
}

#[test]
fn coco_images_keep_their_file_names_across_parts() {
    let work = WorkDir::new();
    let coco = |ids: std::ops::Range<usize>, file_name: &dyn Fn(usize) -> String| {
        let images: Vec<_> = ids.clone().map(|id| serde_json::json!({ "id": id, "file_name": file_name(id) })).collect();
        let caption = |id| serde_json::json!({ "id": id, "image_id": id, "caption": format!("a dog and word{}", id % 5) });
        serde_json::json!({ "images": images, "annotations": ids.map(caption).collect::<Vec<_>>() }).to_string()
    };
    let parts = ["0.json", "1.json"];
    let options = ["--min-df", "1", "--emit", "pairs,parquet"];
    for (what, last, has_map) in [("different names", "30.jpg", true), ("a repeated name", "3.jpg", false)] {
        let file_name = |id| if id == 30 { last.to_owned() } else { format!("{id}.jpg") };
        work.write(parts[0], coco(3..20, &file_name)).write(parts[1], coco(20..31, &file_name));
        work.tool("encode").args(parts).args(["--name", "web", "--out", "one"]).args(options).ok();
        for (part, shard) in parts.iter().enumerate() {
            step(&work, "count").args([shard, "--out", "out", "--part", &part.to_string()]).ok();
        }
        learn(&work, &options).ok();
        (0..2).for_each(|part| drop(encode(&work, part).ok()));
        finish(&work, &["--concat"]).ok();
        assert_same(&work.join("one"), &work.join("out"), what);
        assert_eq!(work.join("out/id_map_web.json").exists(), has_map, "{what}");
        work.remove("one").remove("out");
    }
}

#[test]
fn skipped_images_are_listed_in_the_order_of_one_run() {
    let work = shards(text_name);
    let mut broken = members(&images(500..600, text_name));
    broken[3].1 = "{".to_owned();
    broken[60].1 = "[1".to_owned();
    work.write(SHARDS[7], zip(&broken))
        .write(SHARDS[5], tar(&broken.iter().map(|(name, text)| (format!("t{name}"), text)).collect::<Vec<_>>()));
    let text = String::from_utf8(lines(&images(0..30, text_name))).unwrap();
    work.write(SHARDS[0], gzip(format!("{{\"tags\": [\"dog\"]}}\n{text}{{\"id\": \"z\", \"tags\": 5.5.5}}\n").as_bytes()));
    // All images of this part are skipped.
    work.write(SHARDS[4], "{\"id\": \"q\", \"tags\": 5.5.5}\n");
    let options = ["--min-df", "1", "--emit", "pairs,padded,parquet", "--pad-to", "3"];
    one_run(&work, &[&["--on-error", "skip"][..], &options].concat()).ok();
    all_steps(&work, &["--on-error", "skip"], &options, &["--concat"]);
    assert_same(&work.join("one"), &work.join("out"), "skipped");
    assert_eq!(work.text("out/skipped_web.tsv").lines().count(), 8);
}

#[test]
fn the_list_of_skipped_images_does_not_depend_on_the_paths_of_shards() {
    let work = WorkDir::new();
    let text = "{\"id\": \"a\", \"tags\": [\"dog\"]}\n{\"key\": \"b\", \"tags\": [\"cat\"]}\n";
    work.write("0.jsonl", text).write("folder/0.jsonl", text);
    let options = [&FIELDS[..], &["--on-error", "skip"]].concat();
    step(&work, "count").args(["folder/0.jsonl", "--out", "out", "--part", "0"]).args(&options).ok();
    learn(&work, &["--min-df", "1"]).ok();
    encode(&work, 0).ok();
    finish(&work, &["--concat"]).ok();
    let one = work.tool("encode").args(["0.jsonl", "--name", "web", "--out", "one", "--min-df", "1"]);
    one.args(&options).ok();
    assert_same(&work.join("one"), &work.join("out"), "another path");
    assert_eq!(work.text("out/skipped_web.tsv").lines().count(), 2);
}

#[test]
fn a_part_whose_records_all_lack_the_field_is_refused_unless_problems_are_skipped() {
    let work = WorkDir::new();
    let shards = ["0.jsonl", "1.jsonl", "2.jsonl"];
    work.write(shards[0], "{\"id\": \"a\", \"tags\": [\"red dog\", \"cat\"]}\n{\"id\": \"b\"}\n")
        .write(shards[1], "{\"id\": \"c\", \"labels\": [\"black cat\", \"owl\"]}\n{\"id\": \"d\"}\n")
        .write(shards[2], "{\"id\": \"e\", \"tags\": []}\n");
    let count = |part: usize, options: &[&str]| {
        let run = step(&work, "count").args([shards[part], "--out", "out", "--part", &part.to_string()]);
        run.args(FIELDS).args(options).go()
    };
    assert_eq!([0, 2].map(|part| count(part, &[]).status), [Some(0); 2]);
    let refused = count(1, &[]);
    let what = "1.jsonl: no record has the field 'tags' (fields of the first: id, labels); use --keywords-field labels";
    assert_eq!(
        (refused.status, refused.stderr),
        (Some(1), format!("amc-keywords shards count: {what}; if other parts have it, count this part with --on-error skip\n"))
    );
    let skipped = count(1, &["--on-error", "skip"]);
    assert_eq!((skipped.status, skipped.stderr), (Some(0), format!("amc-keywords: warning: {what}\n")));
    let options = ["--min-df", "1", "--emit", "pairs,csr,parquet"];
    learn(&work, &options).ok();
    (0..3).for_each(|part| drop(encode(&work, part).ok()));
    finish(&work, &["--concat"]).ok();
    let one = work.tool("encode").args(shards).args(["--name", "web", "--out", "one", "--on-error", "skip"]);
    one.args(FIELDS).args(options).ok();
    assert_same(&work.join("one"), &work.join("out"), "one part without the field");
    // A set is refused if no part has the field.
    work.remove("out/parts");
    std::fs::copy(work.join(shards[1]), work.join(shards[0])).unwrap();
    count(0, &["--on-error", "skip"]);
    learn(&work, &[]).fails_with(
        "amc-keywords shards learn: out: no record has the field 'tags'; count the parts again with another --keywords-field\n",
    );
}

#[test]
fn a_least_confidence_without_confidences_in_any_part_brings_a_warning() {
    let work = WorkDir::new();
    let count = |out: &str, part: &str, line: &str| {
        work.write("0.jsonl", line);
        let run = step(&work, "count").args(["0.jsonl", "--out", out, "--part", part, "--keywords-field", "tags"]);
        assert_eq!(run.args(["--min-confidence", "0.5"]).ok().stderr, "");
    };
    let learn = |out: &str| step(&work, "learn").args([out, "--name", "web", "--min-df", "1"]).ok().stderr;
    count("without", "0", "{\"tags\": [\"dog\"]}\n");
    count("with", "0", "{\"tags\": [\"dog\"]}\n");
    count("with", "1", "{\"tags\": {\"cat\": 0.9}}\n");
    let what = "web: --min-confidence left out no keyword, because no record has a confidence";
    let warning = format!("amc-keywords: warning: {what}; count the parts again with --confidence-field\n");
    assert_eq!((learn("without"), learn("with")), (warning, String::new()));
}

#[test]
fn a_field_for_names_is_refused_if_all_parts_have_members() {
    let work = shards(text_name);
    let members = "images in zips, tars and folders are named by their members";
    for (part, shard) in ["1.tar", "7.zip"].iter().enumerate() {
        let run = step(&work, "count").args([shard, "--out", "out", "--part", &part.to_string()]).args(FIELDS).ok();
        let warning = format!("amc-keywords: warning: --id-field has no effect on this part: {members}\n");
        assert_eq!(run.stderr, warning);
    }
    learn(&work, &[]).fails_with(&format!(
        "amc-keywords shards learn: out: --id-field names the images of tables, lines and JSON, but {members}; count the parts \
         again without --id-field\n"
    ));
}

#[test]
fn lists_that_a_wrong_separator_does_not_divide_bring_a_warning() {
    let work = WorkDir::new();
    work.write("0.jsonl", "{\"tags\": \"dog, cat\"}\n{\"tags\": \"sea, sun\"}\n");
    for (separator, out) in [(";", "wrong"), (",", "right")] {
        let run = step(&work, "count").args(["0.jsonl", "--out", out, "--part", "0", "--keywords-field", "tags", "--phrases"]);
        run.args(["--separator", separator]).ok();
    }
    let learn = |out: &str| step(&work, "learn").args([out, "--name", "web", "--min-df", "1"]).ok().stderr;
    let what = "web: most keywords look like lists, such as 'dog, cat'";
    let warning = format!("amc-keywords: warning: {what}; count the parts again with --separator ',' to divide them\n");
    assert_eq!((learn("wrong"), learn("right")), (warning, String::new()));
}

#[test]
fn only_a_bad_part_is_counted_again_to_skip_its_problems() {
    let work = shards(text_name);
    work.write(SHARDS[4], "{\"id\": \"p\", \"tags\": [\"word1\"]}\n{\"id\": \"q\", \"tags\": 5.5.5}\n");
    for part in [0, 1, 2, 3, 5, 6, 7] {
        count(&work, part, &[]).ok();
    }
    assert_eq!(count(&work, 4, &[]).go().status, Some(1));
    count(&work, 4, &["--on-error", "skip"]).ok();
    learn(&work, &[]).ok();
    (0..8).for_each(|part| drop(encode(&work, part).ok()));
    finish(&work, &["--concat"]).ok();
    one_run(&work, &["--on-error", "skip"]).ok();
    assert_same(&work.join("one"), &work.join("out"), "one part was counted again");
    // A part without a problem is the same with both options.
    assert_eq!(count(&work, 0, &["--on-error", "skip"]).ok().stdout, "out/parts/00000: is complete already\n");
    count(&work, 4, &[]).fails_with(
        "amc-keywords shards count: out/parts/00004: was counted with --on-error skip, and images were skipped (1); delete this \
         folder to count the part again, or choose another folder with --out\n",
    );
}

#[test]
fn words_can_be_given_or_learned_from_another_set() {
    let work = shards(text_name);
    work.write("words.json", r#"{"zebra": 0, "dog1": 1, "word7": 2, "größe": 3}"#);
    work.write("other.jsonl", lines(&images(50..150, |n| format!("o{n}"))));
    for (of_learn, of_encode) in
        [(["--vocabulary", "words.json"], ["--vocabulary", "words.json"]), (["--fit", "fit"], ["--fit", "other.jsonl"])]
    {
        step(&work, "count").args(["other.jsonl", "--out", "fit", "--part", "0"]).args(FIELDS).ok();
        let emit = ["--emit", "pairs,csr,parquet"];
        one_run(&work, &[of_encode, emit].concat()).ok();
        all_steps(&work, &[], &[of_learn, emit].concat(), &["--concat"]);
        assert_same(&work.join("one"), &work.join("out"), of_learn[0]);
        work.remove("one").remove("out").remove("fit");
    }
}

#[test]
fn sums_of_parts_are_read_in_place_of_their_terms() {
    let work = shards(text_name);
    (0..8).for_each(|part| drop(count(&work, part, &[]).ok()));
    let merge = |parts: &str, sums: &[&str]| {
        let sums: Vec<&str> = sums.iter().flat_map(|sums| ["--sums", *sums]).collect();
        step(&work, "merge").args(["out", "--parts", parts, "--out", parts]).args(sums)
    };
    let words = |done: &str| done.split_once(" parts, ").unwrap().1.to_owned();
    merge("1-3", &[]).ok();
    merge("5-6", &[]).ok();
    let tree = merge("0-7", &["1-3", "5-6"]).ok().stdout;
    assert_eq!(merge("0-7", &["1-3", "5-6"]).ok().stdout, "0-7: is complete already\n");
    let learned = learn(&work, &["--sums", "0-7"]).ok().stdout;
    let plan = work.contents("out");
    assert_eq!(learn(&work, &["--sums", "5-6", "--sums", "1-3"]).ok().stdout, "out/plan_web.json: is complete already\n");
    work.remove("0-7");
    assert_eq!(words(&merge("0-7", &[]).ok().stdout), words(&tree), "a tree has the sums of its leaves");
    work.remove("out/plan_web.json");
    assert_eq!(learn(&work, &[]).ok().stdout, learned);
    assert!(work.contents("out") == plan);
    // The sums are those of these parts, each of them once.
    let refused = |run: Run<'_>, message: &str| drop(run.fails_with(&format!("amc-keywords shards {message}\n")));
    let again = "merge the parts again, each of them once";
    work.remove("out/plan_web.json");
    refused(
        learn(&work, &["--sums", "1-3", "--sums", "0-7"]),
        &format!("learn: 0-7: part 1 is in other sums too, or is not one of the parts; {again}"),
    );
    work.remove("out/parts/00002").write(SHARDS[2], table(&images(220..299, text_name)));
    count(&work, 2, &[]).ok();
    refused(learn(&work, &["--sums", "1-3"]), &format!("learn: 1-3: part 2 was counted again after it was merged; {again}"));
    refused(merge("1-3", &[]), "merge: 1-3: has the sums of other parts; delete the folder and merge the parts again");
    work.write("3-4/mine.txt", "not sums");
    refused(merge("3-4", &[]), "merge: 3-4: is there already, and has no sums; choose another folder with --out");
    assert_eq!(work.text("3-4/mine.txt"), "not sums");
    let mut bytes = work.read("5-6/sums.terms");
    *bytes.last_mut().unwrap() ^= 1;
    work.write("5-6/sums.terms", bytes);
    refused(
        learn(&work, &["--sums", "5-6"]),
        "learn: 5-6/sums.terms: its checksum differs from record.json; delete the folder and merge the parts again",
    );
    refused(merge("6-9", &[]), "merge: out/parts/00008: part 8 is missing in out; count it with amc-keywords shards count");
}

#[test]
fn a_part_may_come_from_standard_input() {
    let work = shards(text_name);
    let count = |part: &str| {
        let options = ["--out", "out", "--part", part, "--format", "jsonl", "--json"];
        let run = step(&work, "count").args(["-"]).args(options).args(FIELDS);
        run.after("gzip -dc 0.jsonl.gz |").ok().stdout
    };
    assert!(count("0").contains(r#""done":true"#));
    assert!(count("0").contains(r#""done":false"#), "the same bytes are the same part");
}

#[test]
fn every_step_can_be_repeated() {
    let work = shards(text_name);
    all_steps(&work, &[], &[], &[]);
    let before = work.contents("out");
    let done = count(&work, 2, &[]).ok();
    assert_eq!(done.stdout, "out/parts/00002: is complete already\n");
    assert_eq!(learn(&work, &[]).ok().stdout, "out/plan_web.json: is complete already\n");
    assert!(encode(&work, 2).ok().stdout.ends_with("/00002: is complete already\n"));
    assert_eq!(finish(&work, &[]).ok().stdout, "out/manifest_web.json: is complete already\n");
    assert!(work.contents("out") == before);
    // A newer shard with the same content is counted again and compared.
    work.write(SHARDS[2], work.read(SHARDS[2]));
    assert_eq!(count(&work, 2, &[]).ok().stdout, "out/parts/00002: is complete already\n");
    // Another plan replaces the files of the first one only at the end.
    learn(&work, &["--min-df", "2"]).ok();
    work.tool("verify").args(["out"]).ok();
    (0..8).for_each(|part| drop(encode(&work, part).ok()));
    work.tool("verify").args(["out"]).ok();
    finish(&work, &["--concat"]).ok();
    one_run(&work, &["--min-df", "2"]).ok();
    assert_same(&work.join("one"), &work.join("out"), "second plan");
    let folders =
        work.files().into_iter().filter_map(|name| Some(name.strip_prefix("out/matrix_web_")?.split_once('/')?.0.to_owned()));
    let folders: std::collections::BTreeSet<String> = folders.collect();
    assert_eq!(folders.len(), 1, "the parts of the first plan are removed");
}

#[test]
fn two_runs_of_every_step_at_the_same_time_are_harmless() {
    let work = shards(text_name);
    one_run(&work, &["--emit", "pairs,parquet"]).ok();
    fn both<'a>(run: impl Fn() -> Run<'a>) {
        let start = || run().command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        for done in [start(), start()].map(|child: Child| child.wait_with_output().unwrap()) {
            assert!(done.status.success(), "{done:?}");
        }
    }
    (0..8).for_each(|part| both(|| count(&work, part, &[])));
    both(|| learn(&work, &["--emit", "pairs,parquet"]));
    (0..8).for_each(|part| both(|| encode(&work, part)));
    both(|| finish(&work, &["--concat"]));
    assert_same(&work.join("one"), &work.join("out"), "two runs");
    work.tool("verify").args(["out"]).ok();
    assert!(!work.files().iter().any(|name| name.contains(".amc-keywords")), "{:?}", work.files());
}

#[test]
fn parts_that_cannot_be_combined_are_refused() {
    let work = shards(text_name);
    let parts = [0, 1, 3];
    parts.iter().for_each(|part| drop(count(&work, *part, &[]).ok()));
    let refused = |run: Run<'_>, message: &str| {
        let done = run.go();
        assert_eq!(
            (done.status, done.stderr.as_str()),
            (Some(1), format!("amc-keywords shards {message}\n").as_str()),
            "{}",
            done.dump()
        );
    };
    let count_it = "count it with amc-keywords shards count";
    refused(learn(&work, &[]), &format!("learn: out/parts/00002: part 2 is missing in out; {count_it}"));
    count(&work, 2, &["--stop-words", "none"]).ok();
    refused(
        learn(&work, &[]),
        "learn: out/parts/00002: was counted with another option: stop_words is 'none', expected 'english'; delete the folder of \
         the part and count it again",
    );
    refused(
        count(&work, 2, &[]),
        "count: out/parts/00002: was counted with another option: stop_words is 'none', expected 'english'; delete this folder to \
         count the part again, or choose another folder with --out",
    );
    work.remove("out/parts/00002");
    count(&work, 2, &[]).ok();
    refused(learn(&work, &["--parts", "5"]), &format!("learn: out/parts/00004: part 4 is missing in out; {count_it}"));
    refused(
        learn(&work, &["--parts", "2"]),
        "learn: out/parts/00002: expected only parts 0 to 1; correct --parts, or remove the part",
    );
    refused(encode(&work, 0), "encode: out: there is no plan_….json; run amc-keywords shards learn first");
    learn(&work, &[]).ok();
    refused(
        encode(&work, 4),
        "encode: out/plan_web.json: there is no part 4 (the plan has 4 parts, from 0); correct --part, or run amc-keywords shards \
         learn again",
    );
    encode(&work, 1).ok();
    let done = finish(&work, &[]).go();
    let tail = ": 3 of 4 parts are not encoded: 0, 2, 3; encode them with amc-keywords shards encode\n";
    assert!(done.status == Some(1) && done.stderr.ends_with(tail), "{}", done.dump());
    // The record of another version.
    let record = work.text("out/parts/00003/record.json").replace(env!("CARGO_PKG_VERSION"), "0.0.9");
    work.write("out/parts/00003/record.json", record);
    let version = env!("CARGO_PKG_VERSION");
    refused(
        learn(&work, &[]),
        &format!(
            "learn: out/parts/00003: was counted by amc-keywords 0.0.9, and this is {version}; delete the folder of the part and \
             count it again"
        ),
    );
    // A damaged file.
    work.remove("out/parts/00003");
    count(&work, 3, &[]).ok();
    let mut images = work.read("out/parts/00000/images.parquet");
    images[40] ^= 1;
    work.write("out/parts/00000/images.parquet", images);
    refused(
        encode(&work, 0),
        "encode: out/parts/00000/images.parquet: its checksum differs from record.json; delete the folder of the part and count it \
         again",
    );
}

#[test]
fn an_image_in_two_parts_is_refused() {
    let line = |id: &str| format!("{{\"id\": \"{id}\", \"tags\": [\"dog\"]}}\n");
    let refusal = |shards: [String; 2], options: &[&str]| {
        let work = WorkDir::new();
        for (part, text) in shards.iter().enumerate() {
            work.write("shard.jsonl", text);
            let run = step(&work, "count").args(["shard.jsonl", "--out", "out", "--part", &part.to_string()]);
            run.args(FIELDS).args(options).ok();
        }
        let done = learn(&work, &["--min-df", "1"]).go();
        (done.status, done.stderr.replace("amc-keywords shards learn: ", ""))
    };
    let hint = "remove one of them, or count all parts with --duplicates allow";
    let same_name = refusal([line("a") + &line("b"), line("c") + &line("b")], &[]);
    let one_part = "images are numbered by name; remove one of them, or count both shards as one part with --duplicates allow";
    assert_eq!(same_name, (Some(1), format!("out/parts/00001: 'b': an image of that name is in part 00000 too; {one_part}\n")));
    let same_number = refusal([line("7") + &line("1"), line("001") + &line("2")], &[]);
    assert_eq!(same_number, (Some(1), format!("out/parts/00001: '001': has the same number as '1' in part 00000; {hint}\n")));
    // In one part, this is known only when all parts are.
    let in_one = refusal([line("001") + &line("1"), line("2")], &[]);
    assert_eq!(in_one, (Some(1), format!("out/parts/00000: '1': has the same number as '001' in part 00000; {hint}\n")));
    assert_eq!(refusal([line("1") + &line("x"), line("001")], &[]).0, Some(0), "names are not ids");
    assert_eq!(refusal([line("1"), line("001")], &["--duplicates", "allow"]).0, Some(0));
    assert_eq!(refusal([line("a") + &line("a"), line("b")], &["--duplicates", "allow"]).0, Some(0));
    let numbered = refusal([line("a"), line("a")], &["--duplicates", "allow"]);
    assert_eq!(numbered, (Some(1), format!("out/parts/00001: 'a': an image of that name is in part 00000 too; {one_part}\n")));
    let many: String = (0..30).map(|n| line(&format!("n{n}"))).collect();
    let (status, message) = refusal([many.clone(), many], &[]);
    let mut expected = String::new();
    for n in 0..10 {
        writeln!(expected, "out/parts/00001: 'n{n}': an image of that name is in part 00000 too").unwrap();
    }
    assert_eq!((status, message), (Some(1), format!("{expected}… and 20 more (30 in all); {one_part}\n")));
}

#[test]
fn wrong_command_lines_are_refused() {
    let work = shards(text_name);
    let misused = |run: Run<'_>, what: &str| {
        let done = run.go();
        assert!(done.status == Some(2) && done.stderr.contains(what), "{}", done.dump());
    };
    let hides =
        "error: --group cannot join records of two parts, and --duplicates allow would hide them; leave out one of the two\n";
    misused(count(&work, 0, &["--group", "--duplicates", "allow"]), hides);
    let belongs = "error: --min-df belongs to another step; use it with shards learn\n";
    misused(count(&work, 0, &["--min-df", "2"]), belongs);
    misused(count(&work, 0, &["--lisp", "2"]), "unexpected argument '--lisp'");
    misused(
        count(&work, 0, &["--list=a.lst"]),
        "error: --list is not available in sharded runs, because a list orders the images of all parts; remove other images from \
         the shards, or use amc-keywords encode\n\nUsage: amc-keywords shards count ",
    );
    misused(
        learn(&work, &["--id-map", "ids.pkl"]),
        "error: --id-map is not available in sharded runs, because a part does not have all names of a map; use whole numbers as \
         names, or the ids of id_map_NAME.json\n\nUsage: amc-keywords shards learn ",
    );
    misused(
        finish(&work, &["--check"]),
        "error: --check is not available in sharded runs, because no step reads all shards; use amc-keywords verify after shards \
         finish\n\nUsage: amc-keywords shards finish ",
    );
    misused(step(&work, "count").args(["a.tar", "--out", "out", "--part", "-1"]), "unexpected argument '-1'");
    misused(learn(&work, &["--min-df", "9", "--max-df", "3"]), "--max-df 3 is smaller than --min-df 9");
    misused(learn(&work, &["--fit", "a", "--vocabulary", "b"]), "cannot be used with");
    misused(learn(&work, &["--pad-to", "4"]), "--pad-to affects only padded rows");
    misused(step(&work, "encode").args(["out"]), "--part <N>");
    let merge = step(&work, "merge").args(["out", "--out", "sums", "--parts", "3-1"]);
    misused(merge, "expected the numbers of two parts such as 0-99");
}

#[test]
fn the_parts_are_read_as_one_matrix() {
    let work = shards(text_name);
    let options = ["--min-df", "2", "--emit", "pairs,csr"];
    one_run(&work, &options).ok();
    all_steps(&work, &[], &options, &[]);
    let joined = work.files().into_iter().filter(|name| name.starts_with("out/img_")).count();
    assert_eq!(joined, 0);
    for arguments in [
        &["show", "{}", "--head", "40", "--json"][..],
        &["show", "{}", "--image", "img0555", "--image", "img0003", "--json"],
        &["show", "{}", "--word", "größe", "--json"],
        &["vocab", "{}", "--format", "csv"],
    ] {
        let output = |folder: &str| {
            let arguments: Vec<String> = arguments.iter().map(|argument| argument.replace("{}", folder)).collect();
            work.tool(&arguments[0]).args(&arguments[1..]).ok().stdout
        };
        assert_eq!(output("out"), output("one"), "{arguments:?}");
        assert_eq!(output("out/parts_web.jsonl"), output("one"), "{arguments:?}");
    }
    work.tool("report").args(["out"]).ok();
    assert!(work.text("out/report_web.html").contains("600"));
    let verified = work.tool("verify").args(["out"]).ok().stdout;
    assert_eq!(verified.lines().filter(|line| line.contains("/0000")).count(), 8 * 3, "{verified}");
    let part = work.files().into_iter().find(|name| name.contains("/00002/img_keyword_ind_web_sk_2.npy")).unwrap();
    let mut bytes = work.read(&part);
    *bytes.last_mut().unwrap() ^= 1;
    work.write(&part, bytes);
    let done = work.tool("verify").args(["out"]).go();
    assert!(done.status == Some(1) && done.stdout.contains(&format!("differs     {}", &part["out/".len()..])), "{}", done.dump());
}

/// The steps of a sharded run as commands, in order.
fn commands(work: &WorkDir) -> Vec<Run<'_>> {
    let counts = (0..8).map(|part| count(work, part, &["--on-error", "skip"]));
    let merge = step(work, "merge").args(["out", "--parts", "1-5", "--out", "out/sums/1-5"]);
    let learn = learn(work, &["--sums", "out/sums/1-5", "--min-df", "2", "--emit", "pairs,ranges,csr,parquet"]);
    let encodes = (0..8).map(|part| encode(work, part));
    counts.chain([merge, learn]).chain(encodes).chain([finish(work, &["--concat"])]).collect()
}

/// `AMC_KEYWORDS_KILLS` and `AMC_KEYWORDS_SEED` set the number of kills and their moments.
#[test]
fn a_step_that_is_killed_at_any_moment_can_be_started_again() {
    let work = shards(text_name);
    one_run(&work, &["--on-error", "skip", "--min-df", "2", "--emit", "pairs,ranges,csr,parquet"]).ok();
    let usual: Vec<Duration> = commands(&work)
        .into_iter()
        .map(|run| {
            let begun = Instant::now();
            run.ok();
            begun.elapsed()
        })
        .collect();
    let names = |work: &WorkDir| work.files().into_iter().filter(|name| name.starts_with("out/")).collect::<Vec<_>>();
    let expected = names(&work);
    let mut numbers = Numbers::new(setting("AMC_KEYWORDS_SEED", 3));
    let (mut killed, mut kills) = (0, 0);
    let wanted = setting("AMC_KEYWORDS_KILLS", 20);
    while kills < wanted {
        work.remove("out");
        for (place, usual) in usual.iter().enumerate() {
            let share = numbers.share();
            // Kill about every second step, some of them twice.
            while numbers.share() < 0.5 && kills < wanted {
                kills += 1;
                let run = commands(&work).swap_remove(place);
                let mut child = run.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                thread::sleep(usual.mul_f64(1.1 * share));
                child.kill().unwrap();
                killed += u64::from(!child.wait().unwrap().success());
            }
            commands(&work).swap_remove(place).ok();
        }
        assert_same(&work.join("one"), &work.join("out"), "after kills");
        assert_eq!(names(&work), expected, "something was left behind");
        work.tool("verify").args(["out"]).ok();
    }
    println!("{kills} kills, {killed} of them ended a step");
    assert!(killed * 10 > kills, "{killed} of {kills}");
}

/// Random sets: images, the shards that they are divided into, and options.
#[derive(Debug, Clone)]
struct Case {
    images: Vec<Vec<String>>,
    /// The kind of the names: texts, numbers or both.
    names: u8,
    /// The format of each shard, and its number of images.
    shards: Vec<(u8, usize)>,
    jobs: usize,
    min_df: u64,
    max_features: Option<usize>,
    phrases: bool,
    binary: bool,
    script: bool,
    duplicates: bool,
    /// Where the tree of merged parts divides them. Empty if no parts are merged.
    cuts: Vec<u64>,
}

fn cases() -> impl Strategy<Value = Case> {
    let keyword = prop_oneof![
        4 => "(dog|cat|red dog|Young ADULT|3d|x|the fire|caf\u{e9} \u{394}\u{3a3}){1,2}",
        1 => "[a-c]{1,3}( [a-c]{2})?",
        1 => "\\PC{0,8}",
    ];
    let images = prop::collection::vec(prop::collection::vec(keyword, 0..5), 1..25);
    let shards = prop::collection::vec((0_u8..4, 0_usize..8), 1..6);
    let options = (1_usize..4, 1_u64..4, prop::option::of(1_usize..8), any::<[bool; 4]>());
    let cuts = prop::collection::vec(0_u64..5, 0..4);
    (images, 0_u8..3, shards, options, cuts).prop_map(|(images, names, shards, (jobs, min_df, max_features, flags), cuts)| {
        let [phrases, binary, script, duplicates] = flags;
        Case { images, names, shards, jobs, min_df, max_features, phrases, binary, script, duplicates, cuts }
    })
}

impl Case {
    /// Writes the shards. The last one gets the images that are left.
    fn write(&self, work: &WorkDir) -> Vec<String> {
        let name = |n: usize| match self.names {
            0 => format!("n{n}"),
            1 => format!("{:03}", n * 7 % 101),
            _ if n.is_multiple_of(3) => format!("x{n}"),
            _ => n.to_string(),
        };
        let images: Vec<Image> = self.images.iter().cloned().enumerate().map(|(n, keywords)| (name(n), keywords)).collect();
        let mut rest = images.as_slice();
        let mut files = Vec::new();
        for (number, (format, size)) in self.shards.iter().enumerate() {
            let is_last = number + 1 == self.shards.len();
            let (these, others) = rest.split_at(if is_last { rest.len() } else { (*size).min(rest.len()) });
            rest = others;
            let (ending, bytes) = match format {
                0 => ("jsonl", lines(these)),
                1 => ("jsonl.gz", gzip(&lines(these))),
                2 => ("tar", tar(&members(these))),
                // A zip without members is no zip for some programs.
                _ if these.is_empty() => ("jsonl", Vec::new()),
                _ => ("zip", zip(&members(these))),
            };
            let file = format!("{number}.{ending}");
            work.write(&file, bytes);
            files.push(file);
        }
        files
    }

    fn settings(&self) -> Settings {
        let padded = Some(Padding { to: 3.try_into().unwrap(), id: -1 });
        Settings {
            frequency: DocumentFrequency { min: Limit::Count(self.min_df), ..DocumentFrequency::default() },
            max_features: self.max_features.and_then(|most| most.try_into().ok()),
            stop_words: if self.binary { StopWordList::None } else { StopWordList::English },
            analyzer: AnalyzerOptions { phrases: self.phrases, ..AnalyzerOptions::default() },
            binary: self.binary,
            layout: if self.script { Layout::Script } else { Layout::Documented },
            emit: Emit { ranges: !self.script, csr: true, padded, parquet: true, ..Emit::default() },
            jobs: self.jobs.try_into().unwrap(),
            on_error: if self.phrases { OnError::Skip } else { OnError::Stop },
            duplicates: if self.duplicates { Duplicates::Allow } else { Duplicates::Refuse },
            ..Settings::default()
        }
    }
}

/// Merges parts in a random tree. Returns the sums that are left for `learn`.
fn merge_tree(work: &WorkDir, parts: u64, cuts: &[u64], settings: &Settings) -> amc_keywords::Result<Vec<PathBuf>> {
    let mut nodes: Vec<(RangeInclusive<u64>, PathBuf)> = Vec::new();
    for (number, cut) in cuts.iter().enumerate() {
        let (first, last) = (cut.min(&(number as u64)) % parts, cut % parts);
        let range = first.min(last)..=first.max(last);
        let overlaps = |node: &RangeInclusive<u64>| node.start() <= range.end() && range.start() <= node.end();
        let (inside, rest): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|(node, _)| overlaps(node));
        let all = || inside.iter().map(|(node, _)| node).chain([&range]);
        let range = *all().map(|node| node.start()).min().unwrap()..=*all().map(|node| node.end()).max().unwrap();
        let out = work.join(&format!("sums/{number}"));
        let sums = inside.into_iter().map(|(_, sums)| sums).collect();
        Merge { folder: work.join("out"), parts: range.clone(), sums, out: out.clone() }.run(settings, &Silent)?;
        nodes = rest;
        nodes.push((range, out));
    }
    Ok(nodes.into_iter().map(|(_, sums)| sums).collect())
}

/// Runs all steps through the library. Returns the error of the first step that fails.
fn run_steps(work: &WorkDir, shards: &[String], fields: &Fields, case: &Case) -> amc_keywords::Result<()> {
    let settings = &case.settings();
    let out = work.join("out");
    for (part, shard) in shards.iter().enumerate().rev() {
        let count = Count {
            shards: vec![work.join(shard)],
            out: out.clone(),
            part: part as u64,
            fields: fields.clone(),
            ..Count::default()
        };
        count.run(settings, &Silent)?;
    }
    let sums = merge_tree(work, shards.len() as u64, &case.cuts, settings)?;
    Learn { folder: out.clone(), name: "web".into(), parts: Some(shards.len() as u64), fit: None, sums }
        .run(settings, &Silent)?;
    for part in 0..shards.len() {
        Encode { folder: out.clone(), part: part as u64, name: None }.run(settings, &Silent)?;
    }
    Finish { folder: out, name: Some("web".into()), concat: true }.run(settings, &Silent)?;
    Ok(())
}

proptest! {
    // AMC_KEYWORDS_SHARD_CASES sets the number of cases.
    #![proptest_config(ProptestConfig::with_cases(u32::try_from(setting("AMC_KEYWORDS_SHARD_CASES", 32)).unwrap()))]

    #[test]
    fn any_sharding_gives_the_bytes_of_one_run(case in cases()) {
        let work = WorkDir::new();
        let shards = case.write(&work);
        let fields = Fields { keywords: Some("tags".into()), id: Some("id".into()), ..Fields::default() };
        let settings = case.settings();
        let one = Collection {
            keywords: shards.iter().map(|shard| work.join(shard)).collect(),
            out: work.join("one"),
            name: Some("web".into()),
            fields: fields.clone(),
            ..Collection::default()
        };
        let expected = one.run(&settings, &Silent);
        let found = run_steps(&work, &shards, &fields, &case);
        match (&expected, &found) {
            (Ok(_), Ok(())) => assert_same(&work.join("one"), &work.join("out"), &format!("{case:?}")),
            (Err(_), Err(_)) => {}
            _ => prop_assert!(false, "{expected:?}, {found:?}"),
        }
    }
}

#[test]
fn a_field_that_could_name_the_numbered_images_of_a_part_is_reported() {
    let work = WorkDir::new();
    work.write("a.csv", "file_name,tags\na.jpg,dog\nb.jpg,cat\n");
    let count = || step(&work, "count").args(["a.csv", "--out", "out", "--part", "3", "--keywords-field", "tags"]);
    let note = "part-00003: images are numbered across all parts; use --id-field file_name to name them";
    assert_eq!(count().ok().notes, format!("amc-keywords: note: {note}\n"));
    assert_eq!(count().ok().notes, "", "the part is complete already");
}
