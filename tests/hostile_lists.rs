//! Lists and `dataset.json` that are damaged or made to harm.

use crate::util::hostile::{Attack, bounded, refuse_all};
use crate::util::{WorkDir, keyword_file};

const MATRIX: &str = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const SKIP: &str = "or leave such images out with --on-error skip";

/// Dev with three images and this list.
fn with_list(list: impl AsRef<[u8]>) -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["dog", "cat"], &["cat"]]).write("clickture/clickture-dev.lst", list);
    work
}

fn refused_lists(table: &[(&[u8], &str)]) {
    let attack = |(list, answer): &(&[u8], &str)| Attack {
        work: with_list(list),
        arguments: vec!["clickture", "--min-df", "1"],
        answer: (*answer).to_owned(),
    };
    refuse_all(table.iter().map(attack).collect());
}

#[test]
fn a_list_that_is_no_list_is_refused() {
    refused_lists(&[
        (b"00000000\ncaf\xe9\n", "clickture/clickture-dev.lst: line 2: not UTF-8; expected one image name a line"),
        (b"\xff\xfe0\0\n\0", "clickture/clickture-dev.lst: line 1: not UTF-8; expected one image name a line"),
        (
            b"\xef\xbb\xbf00000000\n",
            "clickture/clickture-dev.lst: line 1: starts with a byte order mark; save it as UTF-8 without one",
        ),
        (b"", "clickture/clickture-dev.lst: the list is empty, expected one image name a line"),
        (b"\r\n \n\n", "clickture/clickture-dev.lst: the list is empty, expected one image name a line"),
    ]);
}

#[test]
fn a_name_that_stands_for_no_image_is_refused() {
    let add = format!("add it, {SKIP}");
    let missing = |shown: &str| {
        format!(
            "keyword/keywords_dev.zip: 'keywords_dev/{shown}.json': no such member, but clickture/clickture-dev.lst lists it on line 1; {add}"
        )
    };
    let unknown = "clickture/clickture-dev.lst: 'NAME': line 1: not a number, and there is no id map clickture/img_id_map_dev.pkl to look the name up in";
    let large = "an image id can be 9007199254740992 at most";
    let table = [
        ("../00000009", missing("../00000009")),
        ("/etc/00000009", missing("/etc/00000009")),
        ("../../../../etc/passwd", unknown.replace("NAME", "../../../../etc/passwd")),
        ("a\tb", unknown.replace("NAME", "a\\tb")),
        ("a\x1b[2Jb", unknown.replace("NAME", "a\\u{1b}[2Jb")),
        ("a\0b", unknown.replace("NAME", "a\\u{0}b")),
        ("\u{202e}gnp", unknown.replace("NAME", "\\u{202e}gnp")),
        ("-1", unknown.replace("NAME", "-1")),
        ("1.5", unknown.replace("NAME", "1.5")),
        ("9007199254740993", format!("clickture/clickture-dev.lst: '9007199254740993': line 1: {large}")),
        ("99999999999999999999999", format!("clickture/clickture-dev.lst: '99999999999999999999999': line 1: {large}")),
    ];
    refused_lists(&table.iter().map(|(list, answer)| (list.as_bytes(), answer.as_str())).collect::<Vec<_>>());
}

#[test]
fn an_image_listed_twice_is_refused_or_encoded_twice() {
    let twice = "clickture/clickture-dev.lst: 'NAME': line 4: the image 1 is listed already on line 1; --duplicates allow encodes it twice";
    refused_lists(&[
        (b"00000001\n\n00000000\n00000001\n", &twice.replace("NAME", "00000001")),
        (b"00000001\n00000000\n00000002\n1\n", &twice.replace("NAME", "1")),
    ]);
    let work = with_list("00000001\n\n00000000\n00000001\n");
    let done = bounded(&work, &["clickture", "--min-df", "1", "--duplicates", "allow"]);
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
    assert_eq!(work.matrix(MATRIX), [[1, 1], [1, 0], [0, 1], [1, 1], [1, 0]]);
}

#[test]
fn crlf_blank_lines_and_a_missing_last_newline_are_accepted() {
    for list in ["00000002\r\n\r\n00000000\r\n", "\n  00000002\t\n\n\n00000000", "00000002\n00000000"] {
        let work = with_list(list);
        let done = bounded(&work, &["clickture", "--min-df", "1"]);
        assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
        assert_eq!(work.matrix(MATRIX), [[2, 0], [0, 1]]);
    }
}

#[test]
fn an_id_far_beyond_the_others_makes_no_file_of_empty_ranges() {
    let work = WorkDir::new();
    work.zip("keyword/keywords_dev.zip", &[("keywords_dev/9007199254740992.json", keyword_file(&["dog"]))])
        .write("clickture/clickture-dev.lst", "9007199254740992\n");
    let script = Attack {
        work,
        arguments: vec!["clickture", "--min-df", "1", "--layout", "script"],
        answer: "ranges have a row for every id up to the largest: 9007199254740993 rows, of which 1 would not be empty; leave --emit \
                 ranges or --layout script out, or number the images from 0"
            .to_owned(),
    };
    refuse_all(vec![script]);
}

#[test]
fn two_hundred_thousand_unknown_names_are_one_line_and_beside_a_known_one_ten_and_a_count() {
    let unknown: String = (0..200_000).map(|n| format!("x{n}\n")).collect();
    let told = |list: &str| {
        let work = with_list(list);
        let done = bounded(&work, &["clickture", "--min-df", "1"]);
        assert_eq!(done.status, Some(1), "{}", done.dump());
        done.stderr
    };
    let first = "amc-keywords clickture: clickture/clickture-dev.lst: 'x0': line 1: not a number, and there is no id map \
                 clickture/img_id_map_dev.pkl to look the name up in";
    assert_eq!(told(&unknown), format!("{first} (none of the 200000 images can be encoded, the first 10 for the same reason)\n"));
    let message = told(&(unknown + "1\n"));
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!((lines.len(), lines[0]), (11, first));
    assert_eq!(lines[10], "amc-keywords clickture: … and 199990 more (200000 in all); --on-error skip leaves such images out");
}

/// COCO with this `dataset.json` and a keyword file for each of the images a, b and c of train.
fn with_dataset(dataset: impl AsRef<[u8]>) -> WorkDir {
    let dog = keyword_file(&["dog"]);
    let mut members: Vec<(String, Vec<u8>)> = vec![("keywords_coco/dataset.json".to_owned(), dataset.as_ref().to_vec())];
    members.extend(["a", "b", "c"].map(|name| (format!("keywords_coco/keyword_train/{name}.json"), dog.clone().into_bytes())));
    let work = WorkDir::new();
    work.zip("keyword/keywords_coco.zip", &members);
    work
}

const KARPATHY: &str = "Karpathy's dataset.json has images: [{filename, imgid, split}]";

fn refused_datasets(table: &[(&[u8], &str)]) {
    let attack = |(dataset, answer): &(&[u8], &str)| Attack {
        work: with_dataset(dataset),
        arguments: vec!["mscoco", "--min-df", "1", "--splits", "train"],
        answer: format!("keyword/keywords_coco.zip: 'keywords_coco/dataset.json': {}", answer.replace("KARPATHY", KARPATHY)),
    };
    refuse_all(table.iter().map(attack).collect());
}

#[test]
fn a_dataset_that_is_no_json_or_no_list_of_images_is_refused() {
    let deep = format!(r#"{{"images": {}"#, "[".repeat(200_000));
    refused_datasets(&[
        (b"", "line 1 column 0: the file is empty, expected a JSON object; KARPATHY"),
        (b"<html>", "line 1 column 1: not JSON: expected value; KARPATHY"),
        (
            b"\xef\xbb\xbf{\"images\": []}",
            "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one; KARPATHY",
        ),
        (b"{\"x\": \"\xff\", \"images\": []}", "byte 7: not UTF-8; save it as UTF-8; KARPATHY"),
        (br#"{"images": [{"#, "line 1 column 13: the JSON is cut short: EOF while parsing an object; KARPATHY"),
        (br#"{"images": []}}"#, "line 1 column 15: not JSON: trailing characters; KARPATHY"),
        (br#"[]"#, "line 1 column 0: expected an object with a list of images, found a list; KARPATHY"),
        (br#"{}"#, "line 1 column 2: there is no 'images', expected a list of objects with filename, imgid and split; KARPATHY"),
        (br#"{"images": {}}"#, "line 1 column 11: expected a list of images, found an object; KARPATHY"),
        (
            br#"{"images": [5]}"#,
            "line 1 column 13: expected an object with filename, imgid and split, found integer `5`; KARPATHY",
        ),
        (
            br#"{"images": [["a.jpg", 1, "train"]]}"#,
            "line 1 column 12: expected an object with filename, imgid and split, found a list; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "split": "train"}]}"#,
            "line 1 column 51: there is no 'imgid', expected an object with filename, imgid and split; KARPATHY",
        ),
        (
            br#"{"images": [{"imgid": 1, "split": "train"}]}"#,
            "line 1 column 42: there is no 'filename', expected an object with filename, imgid and split; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": 1}]}"#,
            "line 1 column 45: there is no 'split', expected an object with filename, imgid and split; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": -1, "split": "train"}]}"#,
            "line 1 column 45: expected a whole number, found integer `-1`; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": 1.0, "split": "train"}]}"#,
            "line 1 column 46: expected a whole number, found floating point `1.0`; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": "1", "split": "train"}]}"#,
            "line 1 column 46: expected a whole number, found string \"1\"; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": 7, "imgid": 1, "split": "train"}]}"#,
            "line 1 column 26: expected a string, found integer `7`; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a\ud800.jpg", "imgid": 1, "split": "train"}]}"#,
            "line 1 column 34: not JSON: unexpected end of hex escape; KARPATHY",
        ),
        (br#"{"images": []}"#, "no image has the split 'train'; leave it out of --splits, or add such images"),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": 1, "split": "val"}]}"#,
            "no image has the split 'train'; leave it out of --splits, or add such images",
        ),
        (deep.as_bytes(), "line 1 column 12: expected an object with filename, imgid and split, found a list; KARPATHY"),
    ]);
}

#[test]
fn an_image_of_the_dataset_that_cannot_be_is_refused() {
    let image = |filename: &str, imgid: &str| {
        format!(r#"{{"images": [{{"filename": "{filename}", "imgid": {imgid}, "split": "train"}}]}}"#)
    };
    let twice = r#"{"images": [{"filename": "x.jpg", "imgid": 5, "split": "val"}, {"filename": "a.jpg", "imgid": 5, "split": "train"}, {"filename": "b.jpg", "imgid": 5, "split": "train"}]}"#;
    let table = [
        (
            image("jpg", "1"),
            "images[0]: the filename \"jpg\" is shorter than four characters; correct it, or leave such images out with --on-error skip",
        ),
        (
            image("", "1"),
            "images[0]: the filename \"\" is shorter than four characters; correct it, or leave such images out with --on-error skip",
        ),
        (
            image("a.jpg", "9007199254740993"),
            "images[0]: the imgid 9007199254740993 is too large, expected 9007199254740992 at most; correct it, or leave such images out with --on-error skip",
        ),
        (
            image("a.jpg", "18446744073709551616"),
            "line 1 column 63: expected a whole number, found floating point `1.8446744073709552e+19`; KARPATHY",
        ),
        (twice.to_owned(), "images[2]: the imgid 5 stands already in images[1]; --duplicates allow encodes it twice"),
    ];
    refused_datasets(&table.iter().map(|(dataset, answer)| (dataset.as_bytes(), *answer)).collect::<Vec<_>>());
    let member = |filename: &str, shown: &str| Attack {
        work: with_dataset(image(filename, "1")),
        arguments: vec!["mscoco", "--min-df", "1", "--splits", "train"],
        answer: format!(
            "keyword/keywords_coco.zip: 'keywords_coco/keyword_train/{shown}.json': images[0]: no such member, but dataset.json lists the image; add it, {SKIP}"
        ),
    };
    refuse_all(vec![
        member("../../../etc/passwd.jpg", "../../../etc/passwd"),
        member("zzz.jpg", "zzz"),
        member("\\u0000\\u001b[2J.jpg", "\\u{0}\\u{1b}[2J"),
        member("caf\u{e9}.jpg", "caf\u{e9}"),
        member(".jpg", ""),
    ]);
    // Of two equal keys the last counts.
    let work = with_dataset(
        r#"{"images": [{"filename": "b.jpg", "imgid": 1, "imgid": 2, "split": "val", "filename": "a.jpg", "split": "train"}]}"#,
    );
    assert_eq!(bounded(&work, &["mscoco", "--min-df", "1", "--splits", "train"]).status, Some(0));
    assert_eq!(work.matrix("out/img_keyword_ind_coco_sk_1.npy"), [[2, 0]]);
    let work = with_dataset(
        r#"{"images": [{"filename": "zzz.jpg", "imgid": 1, "split": "train"}], "images": [{"filename": "c.jpg", "imgid": 3, "split": "train"}]}"#,
    );
    assert_eq!(bounded(&work, &["mscoco", "--min-df", "1", "--splits", "train"]).status, Some(0));
    assert_eq!(work.matrix("out/img_keyword_ind_coco_sk_1.npy"), [[3, 0]]);
    let work = with_dataset(twice);
    let done = bounded(&work, &["mscoco", "--min-df", "1", "--splits", "train", "--duplicates", "allow"]);
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
    assert_eq!(work.matrix("out/img_keyword_ind_coco_sk_1.npy"), [[5, 0], [5, 0]]);
}
