//! Errors in the data and on the command line: one line, the exit status, and nothing written.

use serde_json::Value;

use crate::util::archives::{CENTRAL_RECORD, patch, zip};
use crate::util::{WorkDir, keyword_file};

/// Dev with three images.
fn small() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["dog", "cat"], &["cat"]]);
    work
}

fn refused(work: &WorkDir, options: &[&str], message: &str) {
    work.tool("clickture").args(options).refused(message);
}

#[test]
fn a_missing_archive_is_refused() {
    let work = small();
    work.remove("keyword/keywords_dev.zip");
    let message = "keyword/keywords_dev.zip: no such archive, and no folder keyword/keywords_dev \
                   either; put it there, or name the folder that contains keyword/ with --root";
    refused(&work, &[], message);
    let work = small();
    work.clickture_split("lite", &[&["dog"]]).remove("keyword/keywords_lite.zip");
    refused(&work, &[], &message.replace("dev", "lite"));
}

#[test]
fn a_missing_list_is_refused() {
    let work = small();
    work.remove("clickture/clickture-dev.lst");
    let message = "clickture/clickture-dev.lst: no such list, and no id map \
                   clickture/img_id_map_dev.pkl either; put one of them there, or name the folder \
                   that contains clickture/ with --root";
    refused(&work, &[], message);
}

#[test]
fn a_name_or_an_id_that_is_not_in_the_id_map_is_refused() {
    let work = small();
    work.id_map("clickture/img_id_map_dev.pkl", &[("a", 0)]).write("clickture/clickture-dev.lst", "00000000\nimg57159\n");
    let list = "clickture/clickture-dev.lst";
    let map = "clickture/img_id_map_dev.pkl";
    refused(&work, &["--min-df", "1"], &format!("{list}: 'img57159': line 2: not a number, and not in the id map {map}"));
    work.write("clickture/clickture-dev.lst", "00000000\n00000002\n");
    let what = format!("the id 2 is not in the id map {map}; use the list and the id map of the same split");
    refused(&work, &["--min-df", "1"], &format!("{list}: '00000002': line 2: {what}"));
}

#[cfg(unix)]
#[test]
fn an_empty_vocabulary_is_refused_with_its_cause() {
    let work = small();
    let archive = "keyword/keywords_dev.zip";
    let what = "--min-df 6 is larger than the number of images (3), so no word can be kept; use a \
                smaller --min-df";
    refused(&work, &[], &format!("{archive}: {what}"));
    let what = "--min-df 3 and --max-df 1.0 keep no word of the 3 images; use a smaller --min-df";
    refused(&work, &["--min-df", "3"], &format!("{archive}: {what}"));
    work.clickture_split("dev", &[&["the"], &["with x"]]);
    let what = "none of the 2 images has a word except stop words; words of one character are \
                dropped; use --token-pattern '(?u)\\b\\w+\\b' to keep them, or --phrases to keep \
                each keyword whole";
    refused(&work, &["--min-df", "1"], &format!("{archive}: {what}"));
}

#[test]
fn a_coco_archive_without_dataset_json_is_refused() {
    let work = WorkDir::new();
    work.zip("keyword/keywords_coco.zip", &[("keywords_coco/keyword_train/a.json", keyword_file(&["dog"]))]);
    let what = "no such member, expected the list of images in Karpathy's form";
    work.tool("mscoco").refused(&format!("keyword/keywords_coco.zip: 'keywords_coco/dataset.json': {what}"));
}

/// Dev with thirty images. Eight kinds of broken files come three times, then follow sound ones.
/// Image 28 has a wrong checksum, and image 29 is not in the archive.
fn thirty() -> WorkDir {
    let good = keyword_file(&["dog"]);
    let bad = ["", "{", "{}", "[]", r#"{"tagging": 5}"#, "dog", r#"{"tagging": {"keywords": ["a", 1]}}"#, "\u{feff}{}"];
    let file = |n: usize| if n < 24 { bad[n % 8] } else { &good };
    let members: Vec<(String, &str)> = (0..29).map(|n| (format!("keywords_dev/{n:08}.json"), file(n))).collect();
    let mut archive = zip(&members);
    patch(&mut archive, (CENTRAL_RECORD, 28), 16, &[0; 4]);
    let work = WorkDir::new();
    work.write("keyword/keywords_dev.zip", archive);
    work.write("clickture/clickture-dev.lst", (0..30).map(|n| format!("{n:08}\n")).collect::<String>());
    work
}

/// The reason of image `n`, which is one of the first 24 of the thirty.
fn reason(n: usize) -> String {
    let wanted = "expected a list of strings in tagging.keywords";
    let reasons = [
        "line 1 column 0: the file is empty, expected a JSON object".to_owned(),
        "line 1 column 1: the JSON is cut short: EOF while parsing an object".to_owned(),
        format!("line 1 column 2: there is no tagging, {wanted}"),
        format!("line 1 column 0: {wanted}, found a list"),
        format!("line 1 column 13: {wanted}, found integer `5`"),
        "line 1 column 1: not JSON: expected value".to_owned(),
        format!("line 1 column 32: {wanted}, found integer `1`"),
        "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one".to_owned(),
    ];
    reasons[n % 8].clone()
}

#[test]
fn the_first_ten_errors_are_shown_in_list_order_and_all_are_counted() {
    for jobs in ["1", "2", "7"] {
        let error = |n: usize| {
            let place = format!("keyword/keywords_dev.zip: 'keywords_dev/{n:08}.json'");
            format!("{place}: {}; write the file again, or skip such images with --on-error skip\n", reason(n))
        };
        let ten: String = (0..10).map(error).collect();
        let rest = "… and 16 more (26 in all); --on-error skip skips such images";
        refused(&thirty(), &["--min-df", "1", "--out", "out", "-j", jobs], &(ten + rest));
    }
}

#[test]
fn skipped_images_are_written_to_a_file_with_their_reasons_and_counted() {
    let work = thirty();
    let run = || work.tool("clickture").args(["--min-df", "1", "--on-error", "skip", "--out", "out"]);
    let done = run().args(["--json"]).silent();
    assert_eq!(work.matrix("out/img_keyword_ind_clickture_dev_sk_1_sparse.npy"), [[24, 0], [25, 0], [26, 0], [27, 0]]);

    let mut expected = vec!["split\tfile\treason\timage".to_owned()];
    expected.extend((0..24).map(|n| format!("dev\tkeywords_dev/{n:08}.json\t{}\t{n:08}", reason(n))));
    let crc = crc32fast::hash(keyword_file(&["dog"]).as_bytes());
    let damaged = format!("damaged: its CRC-32 is {crc:08x}, expected 00000000");
    expected.push(format!("dev\tkeywords_dev/00000028.json\t{damaged}\t00000028"));
    let missing = "no such member, but clickture/clickture-dev.lst lists it on line 30";
    expected.push(format!("dev\tkeywords_dev/00000029.json\t{missing}\t00000029"));
    assert_eq!(work.text("out/skipped_clickture.tsv").lines().collect::<Vec<_>>(), expected);

    let summary: Value = serde_json::from_str(&done.stdout).unwrap();
    let manifest = work.json("out/manifest_clickture.json");
    for splits in [&summary["splits"], &manifest["counts"]["splits"]] {
        assert_eq!((&splits[0]["skipped"], &splits[0]["images"]), (&26.into(), &4.into()), "{splits}");
    }
    let table = run().ok();
    let line = table.stdout.lines().find(|line| line.starts_with("dev  ")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["dev", "4", "0", "26", "4", "4", "0"]);
}

#[test]
fn a_list_without_any_sound_image_is_refused_with_skip_too() {
    let work = thirty();
    work.write("clickture/clickture-dev.lst", "00000000\n00000001\n");
    let done = work.tool("clickture").args(["--min-df", "1", "--on-error", "skip", "--out", "out"]).go();
    let lines: Vec<&str> = done.stderr.lines().collect();
    assert_eq!((lines.len(), done.status), (3, Some(1)), "{}", done.dump());
    assert_eq!(lines[2], "amc-keywords clickture: all 2 images failed, so nothing was written; see the errors above");
    assert!(!work.join("out").exists());
}

#[test]
fn an_invalid_option_value_is_refused_before_anything_is_read() {
    let work = WorkDir::new();
    let invalid = |value: &str, option: &str, why: &str| format!("invalid value '{value}' for '{option}': {why}");
    let share =
        |value: &str, option: &str| invalid(value, option, "expected a number of images from 1, or a share from 0.0 to 1.0");
    let jobs = |value| invalid(value, "--jobs <N>", "expected a number of threads from 1 to 1024");
    let size = |value| invalid(value, "--max-member-size <SIZE>", "expected a number of bytes such as 1000000, 64M or 2G");
    let one_of = |value: &str, option: &str, values: &str| {
        format!("invalid value '{value}' for '{option}'\n  [possible values: {values}]")
    };
    let tip = "\n\n  tip: a similar value exists: 'test'";
    let table = [
        ("clickture", "--jobs=0", jobs("0")),
        ("clickture", "--jobs=-1", jobs("-1")),
        ("clickture", "--jobs=99999", jobs("99999")),
        ("clickture", "--min-df=-1", share("-1", "--min-df <N>")),
        ("clickture", "--min-df=x", share("x", "--min-df <N>")),
        ("clickture", "--min-df=0.0.1", share("0.0.1", "--min-df <N>")),
        ("clickture", "--min-df=1.5", share("1.5", "--min-df <N>")),
        ("clickture", "--min-df=", share("", "--min-df <N>")),
        ("clickture", "--max-df=nan", share("nan", "--max-df <N>")),
        ("clickture", "--max-df=1e400", share("1e400", "--max-df <N>")),
        ("clickture", "--splits=val", one_of("val", "--splits <A,B>", "dev, lite")),
        ("clickture", "--splits=dev,dev,x", one_of("x", "--splits <A,B>", "dev, lite")),
        ("mscoco", "--splits=restval", one_of("restval", "--splits <A,B>", "train, test") + tip),
        ("clickture", "--layout=rows", one_of("rows", "--layout <NAME>", "documented, script")),
        ("clickture", "--on-error=ignore", one_of("ignore", "--on-error <stop|skip>", "stop, skip")),
        ("clickture", "--duplicates=yes", one_of("yes", "--duplicates <WHAT>", "refuse, allow")),
        ("clickture", "--max-member-size=0", size("0")),
        ("clickture", "--max-member-size=-5", size("-5")),
    ];
    for (subcommand, argument, complaint) in table {
        work.tool(subcommand).args([argument]).misused(&complaint);
    }
}

#[cfg(unix)]
#[test]
fn an_impossible_output_folder_is_refused_before_anything_is_read() {
    // There is no input. A run that read first would report that instead.
    let work = WorkDir::new();
    work.write("file", "kept");
    let other = "choose another folder with --out";
    for (out, error) in [
        ("file", format!("File exists (os error 17); a file is in the way, so {other}")),
        ("file/below", format!("Not a directory (os error 20); a file is in the way, so {other}")),
        ("/proc/amc-keywords", format!("No such file or directory (os error 2); {other}")),
    ] {
        refused(&work, &["--out", out], &format!("{out}: cannot make the folder: {error}"));
    }
}
