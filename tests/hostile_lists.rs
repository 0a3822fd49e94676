//! Damaged and malicious lists, id maps and `dataset.json` files.

use crate::util::{WorkDir, keyword_file};

const MATRIX: &str = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const LIST: &str = "clickture/clickture-dev.lst";
const ARCHIVE: &str = "keyword/keywords_dev.zip";

/// Dev with three images and this list.
fn with_list(list: impl AsRef<[u8]>) -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["dog", "cat"], &["cat"]]).write(LIST, list);
    work
}

/// Runs Dev and expects these errors.
fn refused(work: &WorkDir, options: &[&str], errors: &str) {
    work.tool("clickture").args(["--min-df", "1", "--out", "out", "-j", "2"]).args(options).bounded().refused(errors);
}

/// Runs Dev and expects these rows.
fn encoded(work: &WorkDir, options: &[&str], rows: &[[i64; 2]]) {
    work.tool("clickture").args(["--min-df", "1", "--out", "out"]).args(options).bounded().silent();
    assert_eq!(work.matrix(MATRIX), rows);
}

#[test]
fn a_list_in_another_encoding_is_refused() {
    let message = format!("{LIST}: line 1: not UTF-8; expected one image name per line");
    refused(&with_list(b"\xff\xfe0\0\n\0"), &[], &message);
}

#[cfg(unix)]
#[test]
fn names_without_an_image_are_refused_with_their_line() {
    let hint = "add it, or skip such images with --on-error skip";
    let missing = |name: &str, line: usize| {
        format!("{ARCHIVE}: 'keywords_dev/{name}.json': no such member, but {LIST} lists it on line {line}; {hint}\n")
    };
    let unknown = |name: &str, line: usize| {
        let what = "not a number, and there is no id map clickture/img_id_map_dev.pkl that \
                    contains the name";
        format!("{LIST}: '{name}': line {line}: {what}\n")
    };
    let too_large = |name: &str, line: usize| format!("{LIST}: '{name}': line {line}: an image id is at most 9007199254740992\n");
    let names = "../00000009\n/etc/00000009\n../../../../etc/passwd\na\tb\na\x1b[2Jb\n\
                 a\0b\n\u{202e}gnp\n-1\n9007199254740993\n99999999999999999999999\n";
    let errors = [
        missing("../00000009", 1),
        missing("/etc/00000009", 2),
        unknown("../../../../etc/passwd", 3),
        unknown("a\\tb", 4),
        unknown("a\\u{1b}[2Jb", 5),
        unknown("a\\u{0}b", 6),
        unknown("\\u{202e}gnp", 7),
        unknown("-1", 8),
        too_large("9007199254740993", 9),
        too_large("99999999999999999999999", 10),
    ];
    refused(&with_list(names), &[], &errors.concat());
}

#[test]
fn an_image_listed_twice_is_refused_or_encoded_twice() {
    let twice = "line 4: the image 1 is already listed on line 1; --duplicates allow encodes it \
                 twice";
    let work = with_list("00000001\n00000000\n00000002\n1\n");
    refused(&work, &[], &format!("{LIST}: '1': {twice}"));
    let work = with_list("00000001\n\n00000000\n00000001\n");
    refused(&work, &[], &format!("{LIST}: '00000001': {twice}"));
    encoded(&work, &["--duplicates", "allow"], &[[1, 1], [1, 0], [0, 1], [1, 1], [1, 0]]);
}

#[test]
fn line_ends_of_all_systems_and_blank_lines_are_accepted() {
    encoded(&with_list("\n  00000002\t\r\n\r\n\n00000000"), &[], &[[2, 0], [0, 1]]);
}

#[test]
fn an_id_far_above_the_others_makes_no_file_of_empty_ranges() {
    let work = WorkDir::new();
    work.zip(ARCHIVE, &[("keywords_dev/9007199254740992.json", keyword_file(&["dog"]))]).write(LIST, "9007199254740992\n");
    let message = "ranges need a row for every id up to the largest (9007199254740993 rows, 1 of \
                   them with words); remove --emit ranges or --layout script, or number the images \
                   from 0";
    refused(&work, &["--layout", "script"], message);
}

#[test]
fn two_hundred_thousand_equal_errors_are_one_line_or_ten_and_a_count() {
    let unknown: String = (0..200_000).map(|n| format!("x{n}\n")).collect();
    let error = |n: usize| {
        let what = "not a number, and there is no id map clickture/img_id_map_dev.pkl that \
                    contains the name";
        format!("{LIST}: 'x{n}': line {}: {what}", n + 1)
    };
    let none = "(none of the 200000 images can be encoded, the first 10 for the same reason)";
    refused(&with_list(&unknown), &[], &format!("{} {none}", error(0)));
    let ten: String = (0..10).map(|n| error(n) + "\n").collect();
    let rest = "… and 199990 more (200000 in all); --on-error skip skips such images";
    refused(&with_list(unknown + "1\n"), &[], &(ten + rest));
}

/// Dev with one image and this id map.
fn with_map(pickle: &[u8]) -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["cat"]]).write("clickture/img_id_map_dev.pkl", pickle);
    work
}

// The unit tests of the pickle reader have a table of objects, damaged bytes and memory bombs.
#[test]
fn a_pickle_that_calls_a_function_is_refused_and_runs_nothing() {
    let work = with_map(b"cos\nsystem\n(S'touch evil'\ntR.");
    let what = "expected a pickled dict {name: number}, found an object (os.system)";
    let hint = "re-save it with {str(k): int(v) for k, v in d.items()}";
    refused(&work, &[], &format!("clickture/img_id_map_dev.pkl: byte 0: {what}; {hint}"));
}

#[test]
fn a_pickle_that_repeats_a_long_name_takes_no_memory() {
    // One name of 500 kB, recalled from the memo 2,000 times.
    let mut pickle = b"\x80\x02}(X".to_vec();
    pickle.extend(500_000_u32.to_le_bytes());
    pickle.extend(vec![b'x'; 500_000]);
    pickle.extend(b"q\x01K\x00");
    (1..2000_u32).for_each(|id| pickle.extend([b"h\x01J".as_slice(), &id.to_le_bytes()].concat()));
    pickle.extend(b"u.");
    let what = "byte 9: expected a pickled dict {name: number}, found a name that occurs twice";
    refused(&with_map(&pickle), &[], &format!("clickture/img_id_map_dev.pkl: {what}"));
}

/// COCO with this `dataset.json` and a keyword file for each of the images a, b and c of train.
fn with_dataset(dataset: impl AsRef<[u8]>) -> WorkDir {
    let dog = keyword_file(&["dog"]);
    let mut members = vec![("keywords_coco/dataset.json".to_owned(), dataset.as_ref())];
    members.extend(["a", "b", "c"].map(|name| (format!("keywords_coco/keyword_train/{name}.json"), dog.as_bytes())));
    let work = WorkDir::new();
    work.zip("keyword/keywords_coco.zip", &members);
    work
}

const TRAIN: [&str; 6] = ["--min-df", "1", "--splits", "train", "--out", "out"];

/// Runs COCO and expects this error in its `dataset.json`.
fn refused_dataset(dataset: impl AsRef<[u8]>, error: &str) {
    let error = error.replace("KARPATHY", "Karpathy's dataset.json has images: [{filename, imgid, split}]");
    let message = format!("keyword/keywords_coco.zip: 'keywords_coco/dataset.json': {error}");
    with_dataset(dataset).tool("mscoco").args(TRAIN).bounded().refused(&message);
}

/// Runs COCO and expects these rows.
fn encoded_dataset(dataset: &str, options: &[&str], rows: &[[i64; 2]]) {
    let work = with_dataset(dataset);
    work.tool("mscoco").args(TRAIN).args(options).bounded().silent();
    assert_eq!(work.matrix("out/img_keyword_ind_coco_sk_1.npy"), rows);
}

#[test]
fn a_dataset_that_is_not_a_list_of_images_is_refused_with_its_place() {
    let deep = format!(r#"{{"images": {}"#, "[".repeat(200_000));
    let table: [(&[u8], &str); 14] = [
        (b"<html>", "line 1 column 1: not JSON: expected value; KARPATHY"),
        (
            b"\xef\xbb\xbf{\"images\": []}",
            "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one; KARPATHY",
        ),
        (b"{\"x\": \"\xff\", \"images\": []}", "byte 7: not UTF-8; save it as UTF-8; KARPATHY"),
        (br#"{"images": []}}"#, "line 1 column 15: not JSON: trailing characters; KARPATHY"),
        (br#"[]"#, "line 1 column 0: expected an object with a list of images, found a list; KARPATHY"),
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
            br#"{"images": [{"imgid": 1, "split": "train"}]}"#,
            "line 1 column 42: there is no 'filename', expected an object with filename, imgid and split; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": 1}]}"#,
            "line 1 column 45: there is no 'split', expected an object with filename, imgid and split; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": 7, "imgid": 1, "split": "train"}]}"#,
            "line 1 column 26: expected a string, found integer `7`; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a\ud800.jpg", "imgid": 1, "split": "train"}]}"#,
            "line 1 column 34: not JSON: unexpected end of hex escape; KARPATHY",
        ),
        (
            br#"{"images": [{"filename": "a.jpg", "imgid": 1, "split": "val"}]}"#,
            "no image has the split 'train'; remove it from --splits, or add such images",
        ),
        (deep.as_bytes(), "line 1 column 12: expected an object with filename, imgid and split, found a list; KARPATHY"),
    ];
    for (dataset, error) in table {
        refused_dataset(dataset, error);
    }
}

fn image(filename: &str, imgid: &str) -> String {
    format!(r#"{{"images": [{{"filename": "{filename}", "imgid": {imgid}, "split": "train"}}]}}"#)
}

#[test]
fn an_imgid_or_filename_that_cannot_be_used_is_refused() {
    let correct = "correct it, or skip such images with --on-error skip";
    let short = |name: &str| format!("images[0]: the filename \"{name}\" is shorter than four characters; {correct}");
    refused_dataset(image("jpg", "1"), &short("jpg"));
    refused_dataset(image("", "1"), &short(""));
    let large = "the imgid 9007199254740993 is too large, expected at most 9007199254740992";
    refused_dataset(image("a.jpg", "9007199254740993"), &format!("images[0]: {large}; {correct}"));
    for (imgid, column, found) in [
        ("18446744073709551616", 63, "floating point `1.8446744073709552e+19`"),
        ("1.0", 46, "floating point `1.0`"),
        ("\"1\"", 46, "string \"1\""),
    ] {
        let error = format!("line 1 column {column}: expected a whole number, found {found}; KARPATHY");
        refused_dataset(image("a.jpg", imgid), &error);
    }
}

#[cfg(unix)]
#[test]
fn a_filename_without_a_keyword_file_is_refused_and_shown_escaped() {
    let what = "no such member, but dataset.json lists the image; add it, or skip such images with \
                --on-error skip";
    for (filename, shown) in [
        ("../../../etc/passwd.jpg", "../../../etc/passwd"),
        ("\\u0000\\u001b[2J.jpg", "\\u{0}\\u{1b}[2J"),
        ("caf\u{e9}.jpg", "caf\u{e9}"),
        (".jpg", ""),
    ] {
        let message = format!("keyword/keywords_coco.zip: 'keywords_coco/keyword_train/{shown}.json': images[0]: {what}");
        with_dataset(image(filename, "1")).tool("mscoco").args(TRAIN).bounded().refused(&message);
    }
}

#[test]
fn of_equal_keys_in_a_dataset_the_last_counts() {
    let keys =
        r#"{"images": [{"filename": "b.jpg", "imgid": 1, "imgid": 2, "split": "val", "filename": "a.jpg", "split": "train"}]}"#;
    encoded_dataset(keys, &[], &[[2, 0]]);
    let lists = r#"{"images": [{"filename": "zzz.jpg", "imgid": 1, "split": "train"}],
                    "images": [{"filename": "c.jpg", "imgid": 3, "split": "train"}]}"#;
    encoded_dataset(lists, &[], &[[3, 0]]);
}

#[test]
fn an_imgid_that_occurs_twice_is_refused_or_encoded_twice() {
    let twice = r#"{"images": [{"filename": "x.jpg", "imgid": 5, "split": "val"},
        {"filename": "a.jpg", "imgid": 5, "split": "train"}, {"filename": "b.jpg", "imgid": 5, "split": "train"}]}"#;
    refused_dataset(twice, "images[2]: the imgid 5 is already in images[1]; --duplicates allow encodes it twice");
    encoded_dataset(twice, &["--duplicates", "allow"], &[[5, 0], [5, 0]]);
}
