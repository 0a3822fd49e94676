//! Many bad images at once, what is left out of a run, and command lines that cannot be.

use crate::util::hostile::zip_bytes::TestZip;
use crate::util::hostile::{bounded, tree};
use crate::util::{WorkDir, keyword_file};
use serde_json::Value;

/// Thirty images of which 24 are bad in different ways, and one more that the archive lacks.
fn thirty() -> WorkDir {
    let good = keyword_file(&["dog"]);
    let bad = ["", "{", "{}", "[]", r#"{"tagging": 5}"#, "dog", r#"{"tagging": {"keywords": ["a", 1]}}"#, "\u{feff}{}"];
    let members: Vec<(String, &str)> =
        (0..29).map(|n| (format!("keywords_dev/{n:08}.json"), if n < 24 { bad[n % 8] } else { good.as_str() })).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, json)| (name.as_str(), json.as_bytes())).collect();
    let zip = TestZip::of(&members);
    let work = WorkDir::new();
    // The last of the good ones has a wrong checksum.
    let at = zip.central(28) + 16;
    work.write("keyword/keywords_dev.zip", zip.put(at, &[0; 4]).0);
    work.write("clickture/clickture-dev.lst", (0..30).map(|n| format!("{n:08}\n")).collect::<String>());
    work
}

const OR_SKIP: &str = ", or leave such images out with --on-error skip";
const NEXT: &str = "write the file anew, or leave such images out with --on-error skip";

/// What is wrong with each of the first eight images, and again with the next eight.
fn reasons() -> [String; 8] {
    let wanted = "expected a list of strings in tagging.keywords";
    [
        "line 1 column 0: the file is empty, expected a JSON object".to_owned(),
        "line 1 column 1: the JSON is cut short: EOF while parsing an object".to_owned(),
        format!("line 1 column 2: there is no tagging, {wanted}"),
        format!("line 1 column 0: {wanted}, found a list"),
        format!("line 1 column 13: {wanted}, found integer `5`"),
        "line 1 column 1: not JSON: expected value".to_owned(),
        format!("line 1 column 32: {wanted}, found integer `1`"),
        "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one".to_owned(),
    ]
    .map(|reason| format!("{reason}; {NEXT}"))
}

#[test]
fn the_first_ten_of_many_bad_images_are_named_in_list_order_and_all_are_counted() {
    for jobs in ["1", "2", "7"] {
        let work = thirty();
        let before = tree(work.path());
        let done = work.tool("clickture").args(&["--min-df", "1", "--out", "out", "-j", jobs]).go();
        let mut expected: Vec<String> = (0..10)
            .map(|n| {
                format!("amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/{n:08}.json': {}", reasons()[n % 8])
            })
            .collect();
        expected.push("amc-keywords clickture: … and 16 more (26 in all); --on-error skip leaves such images out".to_owned());
        assert_eq!(done.stderr.lines().collect::<Vec<_>>(), expected, "-j {jobs}");
        assert_eq!((done.status, tree(work.path())), (Some(1), before));
    }
}

#[test]
fn bad_images_are_left_out_when_asked_and_written_down_with_their_reasons() {
    let work = thirty();
    let done = bounded(&work, &["clickture", "--min-df", "1", "--on-error", "skip", "--json"]);
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
    assert_eq!(work.matrix("out/img_keyword_ind_clickture_dev_sk_1_sparse.npy"), [[24, 0], [25, 0], [26, 0], [27, 0]]);

    let mut expected = vec!["split\tfile\treason".to_owned()];
    expected.extend((0..24).map(|n| format!("dev\tkeywords_dev/{n:08}.json\t{}", reasons()[n % 8].replace(OR_SKIP, ""))));
    let crc = crc32fast::hash(keyword_file(&["dog"]).as_bytes());
    expected.push(format!("dev\tkeywords_dev/00000028.json\tdamaged: its CRC-32 is {crc:08x}, expected 00000000; download or zip it again; `unzip -t` checks every member"));
    expected.push(
        "dev\tkeywords_dev/00000029.json\tno such member, but clickture/clickture-dev.lst lists it on line 30; add it".to_owned(),
    );
    let skipped = work.text("out/skipped_clickture.tsv");
    assert_eq!(skipped.lines().collect::<Vec<_>>(), expected);

    let summary: Value = serde_json::from_str(&done.stdout).unwrap();
    let manifest: Value = serde_json::from_slice(&work.read("out/manifest_clickture.json")).unwrap();
    for splits in [&summary["splits"], &manifest["counts"]["splits"]] {
        assert_eq!((&splits[0]["skipped"], &splits[0]["images"]), (&26.into(), &4.into()), "{splits}");
    }
    let table = bounded(&work, &["clickture", "--min-df", "1", "--on-error", "skip"]);
    let line = table.stdout.lines().find(|line| line.starts_with("dev  ")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["dev", "4", "0", "26", "4", "4", "0"]);
}

#[test]
fn a_list_without_a_single_good_image_is_refused_even_so() {
    let work = thirty();
    work.write("clickture/clickture-dev.lst", "00000000\n00000001\n");
    let before = tree(work.path());
    let done = bounded(&work, &["clickture", "--min-df", "1", "--on-error", "skip"]);
    let lines: Vec<&str> = done.stderr.lines().collect();
    assert_eq!((lines.len(), done.status, tree(work.path())), (3, Some(1), before), "{}", done.dump());
    assert_eq!(lines[2], "amc-keywords clickture: 2 in all; no image is left: do the list and the archive belong together?");
}

/// What clap says of a value, after the tool's usual form.
fn invalid(value: &str, option: &str, why: &str) -> String {
    format!("error: invalid value '{value}' for '{option}': {why}\n\nFor more information, try '--help'.\n")
}

#[test]
fn a_command_line_that_cannot_be_is_refused_with_status_2_before_anything_is_read() {
    let work = WorkDir::new();
    let share =
        |found: &str| format!("expected a whole number of documents from 1, or a share of them from 0.0 to 1.0, found '{found}'");
    let one_of = |value: &str, option: &str, values: &str, tip: &str| {
        format!(
            "error: invalid value '{value}' for '{option}'\n  [possible values: {values}]\n{tip}\nFor more information, try '--help'.\n"
        )
    };
    let table = [
        ("clickture", "--jobs=0", invalid("0", "--jobs <N>", "expected a number of threads from 1 to 1024")),
        ("clickture", "--jobs=-1", invalid("-1", "--jobs <N>", "expected a number of threads from 1 to 1024")),
        ("clickture", "--jobs=99999", invalid("99999", "--jobs <N>", "expected a number of threads from 1 to 1024")),
        ("clickture", "--min-df=-1", invalid("-1", "--min-df <N>", &share("-1"))),
        ("clickture", "--min-df=0.0.1", invalid("0.0.1", "--min-df <N>", &share("0.0.1"))),
        ("clickture", "--min-df=1.5", invalid("1.5", "--min-df <N>", &share("1.5"))),
        ("clickture", "--min-df=", invalid("", "--min-df <N>", &share(""))),
        ("clickture", "--max-df=nan", invalid("nan", "--max-df <N>", &share("nan"))),
        ("clickture", "--max-df=1e400", invalid("1e400", "--max-df <N>", &share("1e400"))),
        ("clickture", "--splits=val", one_of("val", "--splits <A,B>", "dev, lite", "")),
        ("clickture", "--splits=dev,dev,x", one_of("x", "--splits <A,B>", "dev, lite", "")),
        (
            "mscoco",
            "--splits=restval",
            one_of("restval", "--splits <A,B>", "train, test", "\n  tip: a similar value exists: 'test'\n"),
        ),
        ("clickture", "--layout=rows", one_of("rows", "--layout <NAME>", "documented, script", "")),
        ("clickture", "--on-error=ignore", one_of("ignore", "--on-error <WHAT>", "stop, skip", "")),
        ("clickture", "--duplicates=yes", one_of("yes", "--duplicates <WHAT>", "refuse, allow", "")),
        (
            "clickture",
            "--max-member-size=0",
            invalid("0", "--max-member-size <SIZE>", "expected a number of bytes such as 1000000, 64M or 2G"),
        ),
        (
            "clickture",
            "--max-member-size=-5",
            invalid("-5", "--max-member-size <SIZE>", "expected a number of bytes such as 1000000, 64M or 2G"),
        ),
    ];
    let mut wrong = String::new();
    for (subcommand, argument, expected) in &table {
        let done = work.tool(subcommand).args(&[argument]).go();
        if (done.status, &done.stderr, done.stdout.as_str()) != (Some(2), expected, "") {
            wrong += &format!("{argument}: {:?}\n{}expected\n{expected}", done.status, done.stderr);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(work.files().is_empty());
}

#[test]
fn an_output_folder_that_cannot_be_is_found_before_anything_is_read() {
    // Nothing is there to be read: whoever looked at the inputs first would miss them.
    let work = WorkDir::new();
    work.write("file", "kept");
    let before = tree(work.path());
    for (out, answer) in [
        (
            "file",
            "file: cannot make the folder: File exists (os error 17); a file stands in the way, choose another folder with --out",
        ),
        (
            "file/below",
            "file/below: cannot make the folder: Not a directory (os error 20); a file stands in the way, choose another folder with --out",
        ),
        (
            "/proc/amc-keywords",
            "/proc/amc-keywords: cannot make the folder: No such file or directory (os error 2); choose another folder with --out",
        ),
    ] {
        let done = work.tool("clickture").args(&["--out", out]).go();
        assert_eq!(done.stderr, format!("amc-keywords clickture: {answer}\n"), "{}", done.dump());
        assert_eq!((done.status, tree(work.path())), (Some(1), before.clone()));
    }
}
