//! What is refused, and the messages.

use std::fs;

use crate::small_set::SmallSet;

const TRAIN: &str = "train --set small --queries q.jsonl --dim 4 --epochs 1 --out m.npz";

#[test]
fn queries_that_cannot_be_used_are_refused() {
    let set = SmallSet::new();
    let cases = [
        ("{\"query\": \"of the\", \"image\": 100}", "q.jsonl: no query can be used (1 without a known word)"),
        ("", "q.jsonl: no query can be used (the file has no line)"),
        (
            "{\"query\": \"sea\", \"image\": 100}\n{\"query\": \"dog\", \"image\": 100}",
            "q.jsonl: training needs queries that name at least two images",
        ),
        ("{\"query\": \"sea\", \"image\": 7}", "q.jsonl: line 1: the set 'small' has no image 7"),
        ("\n{\"query\": \"sea\", \"image\": \"seven\"}", "q.jsonl: line 2: the set 'small' has no image 'seven'"),
        ("{\"query\": \"sea\", \"image\": 100, \"label\": 4}", "q.jsonl: line 1: label must be 0 to 3 (found 4)"),
        (
            "{\"text\": \"sea\", \"image\": 100}",
            "q.jsonl: line 1: missing field `query` at line 1 column 29; expected an object such as {\"query\": \"birthday party\", \"image\": 72}",
        ),
    ];
    for (queries, message) in cases {
        set.write("q.jsonl", queries);
        assert_eq!(set.refused(TRAIN), format!("amc-rank: {message}"));
    }
    assert!(!set.path("m.npz").exists());
}

#[test]
fn queries_without_a_known_word_are_refused_by_a_model() {
    let set = SmallSet::new();
    set.ok(TRAIN);
    for command in ["search m.npz --set small --query zebra", "attend m.npz --set small --query zebra --image 100"] {
        assert_eq!(set.refused(command), "amc-rank: --query 'zebra': the model knows none of these words");
    }
    set.write("test.jsonl", "{\"query\": \"zebra\", \"image\": 100}");
    let message = set.refused("evaluate m.npz --set small --queries test.jsonl");
    assert_eq!(message, "amc-rank: test.jsonl: no query can be used (1 without a known word)");
    let message = set.refused("attend m.npz --set small --query sea --image 103");
    assert_eq!(message, "amc-rank: --image 103: the image lacks the keywords or the regions that the model needs");
}

#[test]
fn wrong_regions_are_refused() {
    let set = SmallSet::new();
    let train = format!("{TRAIN} --regions v.npy");
    let refused = |change: fn(&mut Vec<usize>, &mut Vec<f32>, &mut Vec<i64>), message: &str| {
        set.write_regions("v.npy", change);
        assert_eq!(set.refused(&train), format!("amc-rank: {message}"));
    };
    refused(|shape, _, _| *shape = vec![60, 12], "v.npy: expected an array images x regions x numbers, found the shape [60, 12]");
    refused(|shape, _, _| shape[0] = 61, "v.npy: the shape [61, 3, 4] does not fit the size of the file (3008 bytes)");
    refused(|_, _, ids| ids.truncate(59), "v_ids.npy: expected 60 ids, one for each row of the regions, found the shape [59]");
    refused(|_, _, ids| ids[3] = 7, "v_ids.npy: row 3: the set 'small' has no image 7");
    refused(|_, _, ids| ids[3] = 100, "v_ids.npy: row 3: the id 100 occurs twice");
    refused(|_, values, _| values[30] = f32::NAN, "v.npy: row 2: every number must be finite (found NaN)");
    set.write("v.npy", crate::small_set::npy("<i8", &[60, 1, 1], &[0; 480]));
    assert_eq!(set.refused(&train), "amc-rank: v.npy: expected float32, found <i8");
}

#[test]
fn a_set_that_is_empty_or_damaged_is_refused() {
    let set = SmallSet::new();
    set.write_set("none", &["pairs"], 0);
    let message = set.refused(&TRAIN.replace("small", "none"));
    assert_eq!(message, "amc-rank: none: the set 'none' has no image with a word");
    set.write_set("bare", &["csr"], 60);
    let message = set.refused(&TRAIN.replace("small", "bare"));
    assert!(message.contains("the set 'bare' has neither pairs nor padded ids with their rows"), "{message}");
    let mut pairs = fs::read(set.path("small/img_keyword_ind_small_sk_1.npy")).unwrap();
    let last = pairs.len() - 8;
    pairs[last] ^= 1;
    set.write("small/img_keyword_ind_small_sk_1.npy", pairs);
    let message = set.refused(TRAIN);
    assert!(message.ends_with("the SHA-256 is not the one in the manifest; run amc-keywords verify small"), "{message}");
    set.write("empty/readme.txt", "");
    let message = set.refused(&TRAIN.replace("small", "empty"));
    assert!(message.starts_with("amc-rank: empty: no manifest_NAME.json with a matrix is in this folder; "), "{message}");
}

#[test]
fn a_model_of_another_set_or_other_regions_is_refused() {
    let set = SmallSet::new();
    set.write_regions("v.npy", |_, _, _| ());
    set.write_regions("w.npy", |_, values, _| values[0] = 0.5);
    set.ok(TRAIN);
    set.ok(&format!("{} --regions v.npy", TRAIN.replace("m.npz", "r.npz")));
    set.write_set("other", &["pairs", "csr"], 59);
    let message = set.refused("search m.npz --set other --query sea");
    let expected = "m.npz: the model was trained on the set 'small', found the set 'other'; train it again";
    assert_eq!(message, format!("amc-rank: {expected}"));
    set.write_set("small", &["pairs", "csr"], 58);
    let message = set.refused("search m.npz --set small --query sea");
    let expected = "m.npz: the model was trained on the set 'small', found the set 'small', but its files differ; train it again";
    assert_eq!(message, format!("amc-rank: {expected}"));
    set.write_set("small", &["pairs", "csr"], 60);
    let message = set.refused("search r.npz --set small --query sea");
    assert_eq!(message, "amc-rank: r.npz: the model sees regions; add --regions");
    let message = set.refused("search r.npz --set small --query sea --regions w.npy");
    let expected = "r.npz: the model was trained on other regions; train it again";
    assert_eq!(message, format!("amc-rank: {expected}"));
}

#[test]
fn a_damaged_model_is_refused() {
    let set = SmallSet::new();
    set.ok(TRAIN);
    let model = fs::read(set.path("m.npz")).unwrap();
    set.write("m.npz", &model[..model.len() / 2]);
    assert!(set.refused("search m.npz --set small --query sea").contains("m.npz: this is not a model of amc-rank: "));
    // A number in the middle of an array, so that the checksum of the member differs.
    let mut changed = model.clone();
    let place = model.windows(6).rposition(|bytes| bytes == b"\x93NUMPY").unwrap() + 150;
    changed[place] ^= 0xff;
    set.write("m.npz", changed);
    assert!(set.refused("search m.npz --set small --query sea").contains("m.npz: this is not a model of amc-rank: "));
}

#[test]
fn a_failed_training_leaves_the_earlier_model() {
    let set = SmallSet::new();
    set.write("m.npz", "earlier");
    set.write("q.jsonl", "{\"query\": \"sea\", \"image\": 7}");
    set.refused(TRAIN);
    assert_eq!(fs::read(set.path("m.npz")).unwrap(), b"earlier");
}

#[test]
fn options_that_do_not_fit_are_errors_of_the_command_line() {
    let set = SmallSet::new();
    for options in ["--modalities visual", "--margin 0", "--decay 1.5", "--dim 0", "--modalities language --regions v.npy"] {
        let output = set.run(&format!("{TRAIN} {options}"));
        assert_eq!(output.status.code(), Some(2), "{options}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
