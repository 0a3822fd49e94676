//! The program on a small set.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::small_set::{SmallSet, names};

const TRAIN: &str = "train --set small --queries q.jsonl --dim 8 --epochs 6 --batch 20";

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let set = SmallSet::new();
    set.write_regions("v.npy", |_, _, _| ());
    // A batch of 20 is two chunks, which two threads share.
    for (name, options) in [("a", "--jobs 1"), ("b", "--jobs 2"), ("c", "--jobs 1 --seed 2")] {
        set.ok(&format!("{TRAIN} --regions v.npy --out {name}.npz {options}"));
    }
    let [a, b, c] = ["a.npz", "b.npz", "c.npz"].map(|name| fs::read(set.path(name)).unwrap());
    assert!(a == b, "two threads gave another model");
    assert!(a != c, "another seed gave the same model");
}

#[test]
fn weights_may_be_kept_from_shrinking() {
    let set = SmallSet::new();
    for (name, decay) in [("a", "0"), ("b", "0.0"), ("c", "0.03")] {
        set.ok(&format!("{TRAIN} --out {name}.npz --decay {decay}"));
    }
    let [a, b, c] = ["a.npz", "b.npz", "c.npz"].map(|name| fs::read(set.path(name)).unwrap());
    assert!(a == b && a != c);
}

#[test]
fn training_reports_each_epoch_and_what_was_left_out() {
    let set = SmallSet::new();
    let mut queries = fs::read_to_string(set.path("q.jsonl")).unwrap();
    // Stop words only; an image without keywords; an image that does not fit.
    queries += "{\"query\": \"of the\", \"image\": 100}\n\n{\"query\": \"sea\", \"image\": \"103\"}\n{\"query\": \"sea\", \"image\": 100, \"label\": 0}\n";
    set.write("q.jsonl", queries);
    let output = set.run(&format!("{TRAIN} --out m.npz"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines[0], "queries left out: 1 labelled 0, 1 whose image lacks keywords or regions, 1 without a known word");
    assert_eq!(lines[1], "35 queries to train on, 1 to validate, 7 words");
    assert!(lines[2].starts_with("epoch 1: loss 0.") && lines[2].ends_with(", best so far"), "{stderr}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with("m.npz  epoch ") && printed.contains(", validation NDCG@10 "), "{printed}");
}

#[test]
fn an_evaluation_prints_figures_and_writes_its_files() {
    let set = SmallSet::new();
    set.ok(&format!("{TRAIN} --out m.npz --validate test.jsonl"));
    set.ok(&format!("{TRAIN} --out mean.npz --validate test.jsonl --pool mean"));
    let printed = set.ok("evaluate m.npz --set small --queries test.jsonl --out e --candidates 20 --against mean.npz");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "all: 9 queries");
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["measure", "model", "other", "model", "BM25", "random"]);
    assert_eq!(names(&set.path("e")), ["evaluation.html", "figures.csv", "figures.json", "ndcg.svg", "roc.svg"]);
    let random = figure(&set, "random", "AUC");
    assert!((random["mean"].as_f64().unwrap() - 0.5).abs() < 1e-12, "{random}");
    assert_eq!(random["queries"], 9);
    let csv = fs::read_to_string(set.path("e/figures.csv")).unwrap();
    assert_eq!(csv.lines().count() % 40, 1);
    assert!(csv.starts_with("group,queries,measure,system,mean,low,high,lead,lead_low,lead_high\nall,9,NDCG@5,model,"), "{csv}");
    let page = fs::read_to_string(set.path("e/evaluation.html")).unwrap();
    assert!(page.contains("<h2>Best queries</h2>") && page.contains("prefers-color-scheme: dark"));
    assert_loads_nothing(&page);
}

/// A figure of an evaluation, for all queries.
fn figure(set: &SmallSet, system: &str, measure: &str) -> Value {
    let json: Value = serde_json::from_slice(&fs::read(set.path("e/figures.json")).unwrap()).unwrap();
    let is_wanted = |of: &&Value| of["group"] == "all" && of["system"] == system && of["measure"] == measure;
    json["figures"].as_array().unwrap().iter().find(is_wanted).unwrap().clone()
}

/// A page that opens anywhere: no address but the name space of SVG, no script.
fn assert_loads_nothing(page: &str) {
    let page = page.replace("http://www.w3.org/2000/svg", "");
    for text in ["http:", "https:", "<script", "<link", "@import"] {
        assert!(!page.contains(text), "the page contains {text}");
    }
}

#[test]
fn judged_images_of_a_query_compete_with_one_another() {
    let set = SmallSet::new();
    set.ok(&format!("{TRAIN} --out m.npz"));
    let line = |image: u32, label: u32| format!("{{\"query\": \"party\", \"image\": {image}, \"label\": {label}}}\n");
    set.write("judged.jsonl", [line(100, 3), line(101, 0), line(105, 0), line(104, 2)].concat());
    set.ok("evaluate m.npz --set small --queries judged.jsonl --out e");
    let bm25 = figure(&set, "BM25", "NDCG@5");
    assert_eq!(bm25["queries"], 1);
    // Both relevant images say "party" and are alike, so they share the first two ranks: the
    // gains 7 and 3 are 5 each.
    let second = 1.0 / 3.0_f64.log2();
    let expected = 5.0 * (1.0 + second) / (7.0 + 3.0 * second);
    assert!((bm25["mean"].as_f64().unwrap() - expected).abs() < 1e-12, "{bm25}");
}

#[test]
fn weights_of_words_and_regions_sum_to_one() {
    let set = SmallSet::new();
    set.write_regions("v.npy", |_, _, _| ());
    set.ok(&format!("{TRAIN} --out m.npz --regions v.npy"));
    set.write("pictures/104.png", b"\x89PNG\r\n\x1a\n");
    let printed =
        set.ok("attend m.npz --set small --query birthday_party --image 104 --regions v.npy --html a.html --images pictures");
    let rows: Vec<Vec<&str>> = printed.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    let sum = |kind: &str| rows.iter().filter(|row| row[0] == kind).map(|row| row[2].parse::<f64>().unwrap()).sum::<f64>();
    for kind in ["modality", "keyword", "region"] {
        assert!((sum(kind) - 1.0).abs() < 2e-4, "{printed}");
    }
    assert_eq!(
        rows.iter().filter(|row| row[0] == "keyword").map(|row| row[1]).collect::<Vec<_>>(),
        ["birthday", "cake", "party"]
    );
    let page = fs::read_to_string(set.path("a.html")).unwrap();
    assert!(page.contains("<h3>birthday party</h3>") && page.contains("src=\"data:image/png;base64,iVBORw0KGgo=\""), "{page}");
    assert_loads_nothing(&page);
}

#[test]
fn a_page_shows_text_from_files_as_text() {
    let set = SmallSet::new();
    set.ok(&format!("{TRAIN} --out m.npz"));
    set.write("test.jsonl", "{\"query\": \"<b onclick=x()>sea</b>\", \"image\": 101}\n");
    set.ok("evaluate m.npz --set small --queries test.jsonl --out e");
    let page = fs::read_to_string(set.path("e/evaluation.html")).unwrap();
    assert!(page.contains("onclick=x()&#62;sea") && !page.contains("<b onclick"), "{page}");
}

#[test]
fn a_search_finds_the_images_of_the_subject() {
    let set = SmallSet::new();
    set.ok("train --set small --queries q.jsonl --validate test.jsonl --batch 4 --epochs 30 --patience 30 --out m.npz");
    let printed = set.ok("search m.npz --set small --query sea_at_the_beach --top 5");
    let rows: Vec<&str> = printed.lines().collect();
    assert_eq!(rows.len(), 6);
    assert!(rows[1..].iter().all(|row| row.ends_with("beach, sea")), "{printed}");
}

#[test]
fn padded_ids_give_the_same_model_as_pairs_but_for_the_set() {
    let set = SmallSet::new();
    set.write_set("padded", &["padded", "csr"], 60);
    let [pairs, padded] = ["small", "padded"].map(|name| {
        set.ok(&format!("train --set {name} --queries q.jsonl --dim 8 --epochs 2 --out {name}.npz"));
        set.ok(&format!("search {name}.npz --set {name} --query sea --top 60"))
    });
    assert_eq!(pairs, padded);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_best_model_so_far() {
    let set = SmallSet::new();
    let arguments = "train --set small --queries q.jsonl --dim 8 --epochs 4000000 --patience 4000000 --out m.npz";
    let mut running = set.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(running.stderr.take().unwrap()).lines();
    assert!(stderr.by_ref().any(|line| line.unwrap().starts_with("epoch 2:")));
    // The pipe is read to its end, so that the program never waits for it.
    let reader = std::thread::spawn(move || stderr.count());
    assert!(Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(130));
    reader.join().unwrap();
    assert!(set.ok("search m.npz --set small --query sea --top 1").starts_with("image"));
}
