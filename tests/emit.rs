//! The output forms of `--emit` with `--pad-to`, `--pad-id` and `--dtype`.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use crate::util::{Run, WorkDir, sha256};
use serde_json::{Value, json};

const MAIN: &str = "img_keyword_ind_clickture_dev_sk_1_sparse";
const ALL: &str = "pairs,ranges,csr,padded";

/// Five images. With `--min-df 1` the words are beach 0, cat 1, dog 2 and red 3.
fn small() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&[], &["Dog", "red dog", "cat"], &["the beach"], &["x"], &["red", "beach", "red", "red"]]);
    work.write("clickture/clickture-dev.lst", "00000004\n00000001\n00000000\n00000002\n00000003\n");
    work
}

fn run<'a>(work: &'a WorkDir, options: &[&str]) -> Run<'a> {
    work.tool("clickture").args(["--splits", "dev", "--min-df", "1", "--out", "out"]).args(options)
}

/// An array that a run wrote.
#[derive(Debug, PartialEq)]
struct Array {
    descr: String,
    shape: Vec<usize>,
    numbers: Vec<i64>,
}

impl Array {
    fn of(file: &[u8]) -> Array {
        assert_eq!(&file[..8], b"\x93NUMPY\x01\x00");
        let start = 10 + usize::from(u16::from_le_bytes([file[8], file[9]]));
        let header = std::str::from_utf8(&file[10..start]).unwrap();
        let between = |before: &str, after: &str| header.split_once(before).unwrap().1.split_once(after).unwrap().0;
        let descr = between("'descr': '", "'").to_owned();
        let axes = between("'shape': (", ")").split(',').map(str::trim).filter(|axis| !axis.is_empty());
        let shape: Vec<usize> = axes.map(|axis| axis.parse().unwrap()).collect();
        let width: usize = descr[2..].parse().unwrap();
        let number = |bytes: &[u8]| match *bytes {
            [byte] => i64::from(byte),
            [_, _, _, _] => i64::from(i32::from_le_bytes(bytes.try_into().unwrap())),
            _ => i64::from_le_bytes(bytes.try_into().unwrap()),
        };
        let numbers = if descr.contains('S') { Vec::new() } else { file[start..].chunks_exact(width).map(number).collect() };
        Array { descr, shape, numbers }
    }
}

fn array(work: &WorkDir, ending: &str) -> Array {
    Array::of(&work.read(&format!("out/{MAIN}{ending}")))
}

fn is(array: &Array, descr: &str, shape: &[usize], numbers: &[i64]) {
    assert_eq!((array.descr.as_str(), array.shape.as_slice(), array.numbers.as_slice()), (descr, shape, numbers));
}

/// The arrays of the sparse matrix by name, and the names in file order.
fn csr(work: &WorkDir) -> (BTreeMap<String, Array>, Vec<String>) {
    let mut zip = zip::ZipArchive::new(Cursor::new(work.read(&format!("out/{MAIN}_csr.npz")))).unwrap();
    let mut arrays = BTreeMap::new();
    let mut names = Vec::new();
    for place in 0..zip.len() {
        let mut member = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        let name = member.name().unwrap().into_owned();
        names.push(name.clone());
        arrays.insert(name, Array::of(&bytes));
    }
    (arrays, names)
}

/// The names of the outputs without vocabulary, manifest and statistics.
fn matrices(work: &WorkDir) -> Vec<String> {
    let others = ["vocabulary", "manifest", "statistics"];
    let is_matrix = |name: &String| !others.iter().any(|other| name.starts_with(other));
    work.contents("out").into_keys().filter(is_matrix).collect()
}

#[test]
fn every_form_contains_the_same_words() {
    let work = small();
    run(&work, &["--emit", ALL, "--pad-to", "3"]).ok();
    assert_eq!(work.words("out/vocabulary_clickture_dev_sk_1.json"), ["beach", "cat", "dog", "red"]);
    let files = ["", "_csr", "_csr_rows", "_padded", "_padded_mask", "_ranges"];
    let ending = |file: &str| if file == "_csr" { "npz" } else { "npy" };
    assert_eq!(matrices(&work), files.map(|file| format!("{MAIN}{file}.{}", ending(file))));

    let pairs = [[4, 3], [4, 0], [4, 3], [4, 3], [1, 2], [1, 3], [1, 2], [1, 1], [2, 0]];
    is(&array(&work, ".npy"), "<i8", &[9, 2], pairs.as_flattened());
    is(&array(&work, "_ranges.npy"), "<i8", &[5, 2], &[0, -1, 4, 7, 8, 8, -1, -1, 0, 3]);

    let (matrix, names) = csr(&work);
    assert_eq!(names, ["indices.npy", "indptr.npy", "format.npy", "shape.npy", "data.npy"]);
    is(&matrix["indices.npy"], "<i4", &[6], &[0, 3, 1, 2, 3, 0]);
    is(&matrix["indptr.npy"], "<i4", &[6], &[0, 2, 5, 5, 6, 6]);
    is(&matrix["format.npy"], "|S3", &[], &[]);
    is(&matrix["shape.npy"], "<i8", &[2], &[5, 4]);
    is(&matrix["data.npy"], "<i8", &[6], &[1, 3, 1, 2, 1, 1]);
    is(&array(&work, "_csr_rows.npy"), "<i8", &[5], &[4, 1, 0, 2, 3]);

    is(&array(&work, "_padded.npy"), "<i8", &[5, 3], &[3, 0, 3, 2, 3, 2, -1, -1, -1, 0, -1, -1, -1, -1, -1]);
    is(&array(&work, "_padded_mask.npy"), "|u1", &[5, 3], &[1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
}

#[test]
fn the_manifest_lists_the_shape_type_size_and_checksum_of_each_file() {
    let work = small();
    run(&work, &["--emit", ALL, "--pad-to", "3", "--pad-id", "0", "--dtype", "int32"]).ok();
    let manifest = work.json("out/manifest_clickture.json");
    let options = ["emit", "pad_to", "pad_id", "dtype"].map(|name| manifest["options"][name].clone());
    assert_eq!(options, [json!(["pairs", "ranges", "csr", "padded"]), json!(3), json!(0), json!("int32")]);
    let outputs: Vec<(String, Value, Value)> = manifest["outputs"].as_array().unwrap()[..6]
        .iter()
        .map(|output| {
            let name = output["name"].as_str().unwrap();
            let bytes = work.read(&format!("out/{name}"));
            assert_eq!((output["bytes"].as_u64(), output["sha256"].as_str()), (Some(bytes.len() as u64), Some(&*sha256(&bytes))));
            (name.replace(MAIN, ""), output["shape"].clone(), output["dtype"].clone())
        })
        .collect();
    let expected = [
        (".npy", json!([9, 2]), json!("int32")),
        ("_ranges.npy", json!([5, 2]), json!("int32")),
        ("_csr.npz", json!(null), json!(null)),
        ("_csr_rows.npy", json!([5]), json!("int64")),
        ("_padded.npy", json!([5, 3]), json!("int32")),
        ("_padded_mask.npy", json!([5, 3]), json!("uint8")),
    ];
    assert_eq!(outputs, expected.map(|(name, shape, dtype)| (name.to_owned(), shape, dtype)));
}

#[test]
fn without_emit_the_manifest_lists_pairs_of_int64() {
    let work = small();
    run(&work, &[]).ok();
    let manifest = work.json("out/manifest_clickture.json");
    let options = ["emit", "pad_to", "pad_id", "dtype"].map(|name| manifest["options"][name].clone());
    assert_eq!(options, [json!(["pairs"]), json!(null), json!(null), json!("int64")]);
    assert_eq!(matrices(&work), [format!("{MAIN}.npy")]);
}

#[test]
fn int32_changes_the_element_size_but_no_number() {
    let work = small();
    let wide = ["--emit", ALL, "--pad-to", "2", "--pad-id", "-7"];
    let arrays = |options: &[&str]| {
        run(&work, &[&wide, options].concat()).ok();
        [".npy", "_ranges.npy", "_padded.npy", "_csr_rows.npy", "_padded_mask.npy"].map(|ending| array(&work, ending))
    };
    let (int64, int32) = (arrays(&[]), arrays(&["--dtype", "int32"]));
    let types = |arrays: &[Array; 5]| arrays.iter().map(|array| array.descr.clone()).collect::<Vec<_>>();
    assert_eq!(types(&int64), ["<i8", "<i8", "<i8", "<i8", "|u1"]);
    assert_eq!(types(&int32), ["<i4", "<i4", "<i4", "<i8", "|u1"]);
    for (wide, narrow) in int64.iter().zip(&int32) {
        assert_eq!((&wide.shape, &wide.numbers), (&narrow.shape, &narrow.numbers));
    }
    assert_eq!(int32[2].numbers, [3, 0, 2, 3, -7, -7, 0, -7, -7, -7]);
}

#[test]
fn only_the_requested_forms_are_written() {
    let work = small();
    let counts = |emit: &[&str]| {
        work.write("out/x", "").remove("out");
        run(&work, emit).ok();
        let manifest = work.json("out/manifest_clickture.json");
        (manifest["counts"].clone(), matrices(&work))
    };
    let (all, _) = counts(&["--emit", ALL, "--pad-to", "1"]);
    let names = |endings: &[&str]| endings.iter().map(|ending| format!("{MAIN}{ending}")).collect::<Vec<_>>();
    assert_eq!(counts(&["--emit", "csr"]), (all.clone(), names(&["_csr.npz", "_csr_rows.npy"])));
    assert_eq!(counts(&["--emit", "ranges"]), (all.clone(), names(&["_ranges.npy"])));
    assert_eq!(counts(&["--emit", "padded", "--pad-to", "2"]), (all, names(&["_padded.npy", "_padded_mask.npy"])));
}

#[test]
fn a_skipped_image_has_no_row_and_a_repeated_image_has_two() {
    let work = small();
    work.write("clickture/clickture-dev.lst", "00000002\n00000009\n00000001\n00000002\n");
    run(&work, &["--emit", ALL, "--pad-to", "2", "--on-error", "skip", "--duplicates", "allow"]).ok();
    is(&array(&work, "_csr_rows.npy"), "<i8", &[3], &[2, 1, 2]);
    is(&csr(&work).0["indptr.npy"], "<i4", &[4], &[0, 1, 4, 5]);
    is(&array(&work, "_padded.npy"), "<i8", &[3, 2], &[0, -1, 2, 3, 0, -1]);
}

#[test]
fn all_counts_are_1_with_binary() {
    let work = small();
    run(&work, &["--emit", "csr", "--binary"]).ok();
    let (matrix, _) = csr(&work);
    is(&matrix["data.npy"], "<i8", &[6], &[1; 6]);
    is(&matrix["indices.npy"], "<i4", &[6], &[0, 3, 1, 2, 3, 0]);
}

/// Images with up to 2,500 words and one with 150,000, which is far more than one written block.
fn large() -> (WorkDir, Vec<Vec<usize>>) {
    let work = WorkDir::new();
    let mut state = 7_usize;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    let lens: Vec<usize> = (0..60).map(|image| if image == 23 { 150_000 } else { next(2500) }).collect();
    let documents: Vec<Vec<usize>> = lens.into_iter().map(|len| (0..len).map(|_| next(3000)).collect()).collect();
    let keywords: Vec<String> =
        documents.iter().map(|words| words.iter().map(|word| format!("w{word:04} ")).collect::<String>()).collect();
    let keywords: Vec<[&str; 1]> = keywords.iter().map(|text| [text.as_str()]).collect();
    let keywords: Vec<&[&str]> = keywords.iter().map(|keywords| keywords.as_slice()).collect();
    work.clickture_split("dev", &keywords);
    (work, documents)
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads_and_long_images_are_complete() {
    let (work, documents) = large();
    let files = |jobs: &str| {
        run(&work, &["--emit", ALL, "--pad-to", "66000", "--dtype", "int32", "--jobs", jobs]).ok();
        work.contents("out")
    };
    let one = files("1");
    assert!(files("2") == one && files("7") == one);

    let words = work.words("out/vocabulary_clickture_dev_sk_1.json");
    let id = |word: &usize| words.binary_search(&format!("w{word:04}")).ok().map(|id| id as i64);
    let (matrix, _) = csr(&work);
    let (mut data, mut indices) = (Vec::<i64>::new(), Vec::<i64>::new());
    let (mut indptr, mut padded) = (vec![0], Vec::new());
    for document in &documents {
        let ids: Vec<i64> = document.iter().filter_map(id).collect();
        let mut counts = BTreeMap::<i64, i64>::new();
        ids.iter().for_each(|id| *counts.entry(*id).or_default() += 1);
        indices.extend(counts.keys());
        data.extend(counts.values());
        indptr.push(indices.len() as i64);
        padded.extend(ids.iter().copied().chain(std::iter::repeat(-1)).take(66_000));
    }
    assert!(matrix["data.npy"].numbers == data && matrix["indices.npy"].numbers == indices);
    assert_eq!(matrix["indptr.npy"].numbers, indptr);
    assert!(array(&work, "_padded.npy").numbers == padded);
}

#[test]
fn a_given_vocabulary_also_defines_the_columns() {
    let work = small();
    work.write("own.json", r#"{"zebra": 0, "red": 1, "dog": 2}"#);
    run(&work, &["--emit", "csr,padded", "--pad-to", "4", "--vocabulary", "own.json"]).ok();
    let (matrix, _) = csr(&work);
    is(&matrix["shape.npy"], "<i8", &[2], &[5, 3]);
    is(&matrix["indices.npy"], "<i4", &[3], &[1, 1, 2]);
    is(&matrix["data.npy"], "<i8", &[3], &[3, 1, 2]);
    assert_eq!(array(&work, "_padded.npy").numbers[4..8], [2, 1, 2, -1]);
}

#[test]
fn verify_and_check_know_every_form() {
    let work = small();
    let options = ["--emit", ALL, "--pad-to", "3"];
    run(&work, &options).ok();
    for jobs in ["1", "5"] {
        let done = run(&work, &options).args(["--check", "--jobs", jobs]).ok();
        assert_eq!(done.stdout.matches("fine  ").count(), 10, "{}", done.dump());
    }
    for name in matrices(&work) {
        let path = format!("out/{name}");
        let was = work.read(&path);
        let mut bytes = was.clone();
        *bytes.last_mut().unwrap() ^= 1;
        work.write(&path, bytes);
        for done in [work.tool("verify").args(["out"]).go(), run(&work, &options).args(["--check"]).go()] {
            assert_eq!(done.status, Some(1), "{}", done.dump());
            assert!(done.stdout.contains(&format!("differs     {name}: expected sha256 ")), "{}", done.dump());
        }
        work.write(&path, was);
    }
    let done = run(&work, &["--emit", "csr,pairs", "--check"]).go();
    let lines: Vec<&str> = done.stdout.lines().filter(|line| !line.starts_with("fine")).collect();
    let left = |ending: &str| format!("stale       {MAIN}{ending}: left by an earlier run; this run does not write it");
    let expected = [
        r#"differs     manifest_clickture.json: made with emit ["pairs","ranges","csr","padded"], now ["pairs","csr"]; "#
            .to_owned()
            + "made with pad_id -1, now null; made with pad_to 3, now null",
        left("_ranges.npy"),
        left("_padded.npy"),
        left("_padded_mask.npy"),
    ];
    assert_eq!(lines, expected, "{}", done.dump());
}

#[test]
fn the_script_layout_also_writes_a_vectorizer() {
    let work = small();
    run(&work, &["--layout", "script"]).ok();
    let pairs = "img_keyword_rec_clickture_dev_sk_1.npy";
    let vectorizer = "count_vectorizer_clickture_dev_sk_1.pkl";
    assert_eq!(matrices(&work), [vectorizer, &format!("{MAIN}.npy"), pairs]);
    let before = work.contents("out");

    run(&work, &["--layout", "script", "--emit", "csr"]).ok();
    let after = work.contents("out");
    assert_eq!(after.len(), before.len() + 2);
    assert!(before.iter().all(|(name, bytes)| name.starts_with("manifest") || after[name] == *bytes));
    assert!(after.contains_key(&format!("{MAIN}_csr.npz")) && after.contains_key(&format!("{MAIN}_csr_rows.npy")));

    work.coco(&[("train", &["dog"]), ("test", &["cat"])]);
    work.tool("mscoco").args(["--min-df", "1", "--layout", "script", "--out", "coco"]).ok();
    assert!(work.contents("coco").contains_key("count_vectorizer_coco_keyword_sk_1.pkl"));
}

#[test]
fn no_vectorizer_is_written_for_phrases() {
    let work = small();
    run(&work, &["--layout", "script", "--phrases"]).ok();
    assert_eq!(matrices(&work), [format!("{MAIN}.npy"), "img_keyword_rec_clickture_dev_sk_1.npy".into()]);
}

#[test]
fn an_id_too_large_for_int32_is_refused_if_it_would_be_written() {
    let work = WorkDir::new();
    let file = crate::util::keyword_file(&["dog"]);
    let members = [("keywords_dev/2147483647.json", &file), ("keywords_dev/2147483648.json", &file)];
    work.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", "2147483647\n2147483648\n");
    run(&work, &["--dtype", "int32"]).refused(
        "keyword/keywords_dev.zip: '2147483648': the image id 2147483648 does not fit into int32; use --dtype \
         int64",
    );
    run(&work, &["--dtype", "int32", "--emit", "padded", "--pad-to", "1"]).ok();
    is(&array(&work, "_padded.npy"), "<i4", &[2, 1], &[0, 0]);
    work.write("clickture/clickture-dev.lst", "2147483647\n");
    run(&work, &["--dtype", "int32"]).ok();
    is(&array(&work, ".npy"), "<i4", &[1, 2], &[2147483647, 0]);
}

#[cfg(unix)]
#[test]
fn conflicting_options_are_refused_before_anything_is_read() {
    let work = WorkDir::new();
    let usage = "\n\nUsage: amc-keywords clickture [OPTIONS]";
    for (options, message) in [
        (
            "--emit padded",
            "the following required arguments were not provided:\n  --pad-to <K>\n\nUsage: amc-keywords clickture --pad-to <K> --emit \
             <A,B>"
                .to_owned(),
        ),
        ("--pad-to 5", format!("--pad-to affects only padded rows; add padded to --emit or remove --pad-to{usage}")),
        ("--emit csr --pad-id 0", format!("--pad-id affects only padded rows; add padded to --emit or remove --pad-id{usage}")),
        (
            "--emit csr --dtype int32",
            format!("--dtype does not affect csr; add another form to --emit or remove --dtype{usage}"),
        ),
        (
            "--emit pairs,ranges --layout script",
            format!("with --layout script the main file contains the ranges; remove ranges from \
                     --emit{usage}"),
        ),
        (
            "--emit padded --pad-to 2 --pad-id 2147483648 --dtype int32",
            format!("the padding 2147483648 does not fit into int32; choose another --pad-id, or \
                     --dtype int64{usage}"),
        ),
        ("--emit rows", "invalid value 'rows' for '--emit <A,B>'\n  [possible values: pairs, ranges, csr, padded, parquet]".into()),
        (
            "--emit=",
            "a value is required for '--emit <A,B>' but none was supplied\n  [possible values: pairs, ranges, csr, padded, parquet]".into(),
        ),
        (
            "--emit padded --pad-to 0",
            "invalid value '0' for '--pad-to <K>': expected a number of words from 1 to 1000000".into(),
        ),
        (
            "--emit padded --pad-to 1000001",
            "invalid value '1000001' for '--pad-to <K>': expected a number of words from 1 to 1000000".into(),
        ),
        ("--dtype float", "invalid value 'float' for '--dtype <TYPE>'\n  [possible values: int64, int32]".into()),
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        work.tool("clickture").args(options).misused(&message);
    }
}
