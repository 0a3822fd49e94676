//! Damaged and malicious inputs of `encode`: one line per error, in bounded memory.

use crate::util::archives::{gzip, tar, zstd};
use crate::util::{Run, WorkDir, keyword_file};

fn encode<'a>(work: &'a WorkDir, arguments: &[&str]) -> Run<'a> {
    work.tool("encode").args(["--out", "out", "--min-df", "1", "-j", "2"]).args(arguments).bounded()
}

/// Runs `encode` on a file with this name and content, and expects this error in it.
fn refused(input: &str, bytes: impl AsRef<[u8]>, error: &str) {
    let work = WorkDir::new();
    work.write(input, bytes);
    encode(&work, &[input]).refused(&format!("{input}: {error}"));
}

fn line(word: &str) -> String {
    keyword_file(&[word]) + "\n"
}

#[test]
fn every_damaged_input_gets_one_line() {
    let good = line("dog");
    let members: Vec<(String, String)> = (0..50).map(|n| (format!("{n}.json"), keyword_file(&["dog"]))).collect();
    let whole = tar(&members);
    let again = "copy or download it again";
    let correct = "correct the record, or skip such images with --on-error skip";
    let image = "an image is a member or file KEY.json, a line with a JSON object, or a row";
    refused("a.jsonl", "", &format!("there is no image in it; {image}"));
    refused("a.jsonl", "\n \n", &format!("there is no image in it; {image}"));
    refused("a.tar", tar(&[("a.jpg", "")]), "there is no image in it; run amc-keywords inspect a.tar to see the options");
    refused(
        "a.jsonl",
        good.clone() + "{\"tagging\": oops}\n" + &good,
        &format!("line 2 column 13: not JSON: expected value; {correct}"),
    );
    refused(
        "a.jsonl",
        [good.as_bytes(), b"{\"\xff\"}\n"].concat(),
        &format!("line 2 byte 2: not UTF-8; save it as UTF-8; {correct}"),
    );
    refused(
        "a.jsonl",
        good.clone() + "{\"id\": 1, \"tags\": [], \"tagging\": {\"keywords\": {\"model\": \"x\"}}}\n",
        "line 2 column 46: the field 'tagging.keywords' is not a string or a list of strings \
         (found an object); run amc-keywords inspect a.jsonl to see the options",
    );
    refused(
        "a.jsonl",
        "[true]\n",
        &format!("line 1 column 5: an element of the list 'tagging.keywords' is not a string (found boolean `true`); {correct}"),
    );
    refused("a.tar", &whole[..512 * 20], &format!("at or after \"9.json\": cut short: the file ends in the middle; {again}"));
    refused(
        "a.tar",
        &whole[..512 * 21 - 300],
        &format!("at or after \"9.json\": cut short: the file ends in the middle; {again}"),
    );
    refused(
        "a.tgz",
        &gzip(&whole)[..200],
        &format!("at or after \"5.json\": cut short: the gzip stream ends in the middle; {again}"),
    );
    refused(
        "a.jsonl.gz",
        &gzip(good.as_bytes())[..30],
        &format!("line 1: cut short: the gzip stream ends in the middle; {again}"),
    );
    refused(
        "a.jsonl.zst",
        &zstd(good.as_bytes())[..30],
        &format!("line 1: cut short: the zstd stream ends in the middle; {again}"),
    );
    refused(
        "a.csv",
        "name,tag\n",
        "line 1: there is no column 'tagging' (columns: name, tag); run amc-keywords inspect a.csv to see the options",
    );
    refused(
        "a.bin",
        "\x01\x02 tags",
        "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip; run \
         amc-keywords inspect a.bin to see the options",
    );
}

#[test]
fn damaged_tables_lists_maps_and_annotations_get_one_line() {
    let tags = |input: &str, bytes: String, error: &str| {
        let work = WorkDir::new();
        work.write(input, bytes);
        encode(&work, &[input, "--keywords-field", "tags"]).refused(&format!("{input}: {error}"));
    };
    let again = "copy or download it again";
    let quote = "a quote inside a quoted field is written as \"\"";
    let unclosed = format!("line 3: a quoted field begins here and has no closing quote; {quote}");
    tags("a.csv", "id,tags\n1,dog\n2,\"cat\n3,red\n".into(), &unclosed);
    let behind = format!("line 2: expected a delimiter after the closing quote, found 'x'; {quote}");
    tags("a.csv", "id,tags\n1,\"dog\"x\n".into(), &behind);
    let ragged = "the row has 3 fields, expected 2 as in the first row; check the delimiters and quotes of this row";
    tags("a.csv", "id,tags\n1,dog\n2,cat,x\n".into(), &format!("line 3: {ragged}"));
    let missing = "there is no column 'tags' (columns: id, Tags); letter case matters, so write Tags";
    tags("a.csv", "id,Tags\n1,dog\n".into(), &format!("line 1: {missing}"));
    tags("a.csv", "tags,tags\ndog,cat\n".into(), "line 1: two columns are called 'tags'; rename one of them");
    let cut = format!("line 2, element 1: cut short: the file ends in the middle; {again}");
    tags("a.json", "[{\"tags\": \"dog\"},\n{\"tags\": \"ca".into(), &cut);
    tags("a.json", "{\"a\": {\"tags\": \"dog\"}\n, \"b\"".into(), &cut);
    let brackets = |count: usize| ["[".repeat(count), "]".repeat(count)].concat();
    let deep = format!("line 1, element 1: cut short: the file ends in the middle; {again}");
    tags("a.json", format!("[{{\"tags\": \"dog\"}}, {}", "[".repeat(100_000)), &deep);
    let list = "expected a JSON object, found a list; run amc-keywords inspect a.json to see the options";
    tags("a.json", brackets(100_000), &format!("element 0 column 0: {list}"));
    let list =
        "an element of the list 'tags' is not a string (found a list); run amc-keywords inspect a.jsonl to see the options";
    tags("a.jsonl", format!("{{\"tags\": {}}}", brackets(100_000)), &format!("line 1 column 10: {list}"));
    let twice = "the name is already used at element 0 of a.json; --duplicates allow encodes each";
    tags("a.json", "{\"a\": {\"tags\": \"dog\"}, \"a\": {\"tags\": \"cat\"}}".into(), &format!("'a': element 1: {twice}"));
    let unknown = "an annotation has the image id 2, which is not in images; remove the annotation, or add the image";
    tags("a.json", r#"{"images": [{"id": 1}], "annotations": [{"image_id": 2, "caption": "dog"}]}"#.into(), unknown);
    let unknown = "an annotation has the category id 9, which is not in categories; remove the annotation, or add the category";
    let boxes = r#"{"images": [{"id": 1}], "categories": [], "annotations": [{"image_id": 1, "category_id": 9}]}"#;
    tags("a.json", boxes.into(), unknown);
}

#[test]
fn a_closed_standard_input_is_an_empty_file() {
    let work = WorkDir::new();
    let message = "-: is empty, expected records";
    work.tool("encode").args(["-", "--out", "out"]).after("exec <&-;").refused(message);
    work.tool("inspect").args(["-"]).after("exec <&-;").refused(message);
}

/// Encodes 80 MB of one letter behind `head`, in a process with 72 MB of memory for data.
#[cfg(target_os = "linux")]
fn refused_endless(head: &str, letter: char, format: &str, error: &str) {
    let work = WorkDir::new();
    work.write("head", head);
    let endless = format!("(cat head; head -c 80000000 /dev/zero | tr '\\0' '{letter}') |");
    let run = work.tool("encode").args(["-", "--format", format, "--out", "out", "--max-member-size", "1M"]);
    let run = run.args(["--keywords-field", "tags", "-j", "2"]).after("ulimit -d 72000;").after(&endless);
    run.refused(&format!("-: {error}"));
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "large: .ci/run gives it the release"]
fn an_endless_line_takes_no_memory_in_any_format() {
    let larger = "if it is one image's, raise --max-member-size";
    let cut = "cut short: the file ends in the middle; copy or download it again";
    let unknown = "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip; run amc-keywords inspect - to see the \
                   options";
    refused_endless("", 'a', "auto", unknown);
    refused_endless("", 'a', "jsonl", &format!("line 1: the line has more than 1048576 bytes; {larger}"));
    refused_endless("{\"tags\": \"", 'a', "jsonl", &format!("line 1: the line has more than 1048576 bytes; {larger}"));
    refused_endless("", 'a', "csv", "line 1: the first line is too long for a header");
    refused_endless("id,tags\n1,", 'a', "csv", &format!("line 2: the row has more than 1048576 bytes; {larger}"));
    let unclosed = "a quoted field begins here and has no closing quote; a quote inside a quoted field is written as \"\"";
    refused_endless("id,tags\n1,\"", 'a', "csv", &format!("line 2: {unclosed}"));
    refused_endless("[\"", 'a', "json", &format!("line 1, element 0: {cut}"));
    refused_endless("[", ' ', "json", &format!("line 1, element 0: {cut}"));
    refused_endless("{\"", 'a', "json", &format!("line 1, element 0: {cut}"));
    refused_endless("[", '1', "json", "line 1, element 0: a number has more than 65536 bytes; `jq . FILE` checks it");
    let annotations = r#"{"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption": ""#;
    refused_endless(annotations, 'a', "coco", &format!("annotations[0]: {cut}"));
}

#[test]
fn false_sizes_and_bombs_take_no_memory() {
    // A line, a member and a member name of 96 MiB in small files, and a member with a false size.
    let work = WorkDir::new();
    let spaces = gzip(&vec![b' '; 1 << 20]);
    let pack = |name: &str, head: &[u8], tail: &[u8]| {
        work.write(name, [gzip(head), spaces.repeat(96), gzip(tail)].concat());
    };
    let header = |name: &str, kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header.as_bytes().to_vec()
    };
    let end = [0; 1024];
    pack("line.jsonl.gz", b"{", b"\n");
    pack("member.tar.gz", &header("a.json", tar::EntryType::Regular, 96 << 20), &end);
    pack("name.tar.gz", &header("././@LongLink", tar::EntryType::GNULongName, 96 << 20), &end);
    work.write("lie.tar", [header("a.json", tar::EntryType::Regular, 60 << 20), vec![b' '; 4096]].concat());
    let errors = [
        ("line.jsonl.gz", "line 1: the line has more than 67108864 bytes; if it is one image's, raise --max-member-size"),
        (
            "member.tar.gz",
            "'a.json': holds 100663296 bytes, expected at most 67108864; if it is a keyword file, \
             raise --max-member-size",
        ),
        ("name.tar.gz", "at its beginning: a name has more than 65536 bytes; copy or download it again"),
        ("lie.tar", "at or after \"a.json\": cut short: the file ends in the middle; copy or download it again"),
    ];
    for (input, error) in errors {
        encode(&work, &[input]).refused(&format!("{input}: {error}"));
    }
}

#[test]
fn a_member_above_the_limit_can_be_skipped() {
    let work = WorkDir::new();
    let large = keyword_file(&[&"dog ".repeat(500)]);
    work.write("set.tar", tar(&[("a.json", &large), ("b.json", &keyword_file(&["cat"]))]));
    work.write("set.jsonl", large.clone() + "\n" + &line("cat"));
    for input in ["set.tar", "set.jsonl"] {
        encode(&work, &[input, "--max-member-size", "1K", "--on-error", "skip"]).ok();
        assert_eq!(work.matrix("out/img_keyword_ind_set_sk_1.npy"), [[1, 0]], "{input}");
    }
}

#[test]
fn only_files_and_folders_are_read_and_set_names_must_be_plain() {
    let work = WorkDir::new();
    work.write("a b.jsonl", line("dog")).write("a.jsonl", line("dog"));
    encode(&work, &["none.zip"]).refused("none.zip: cannot read: No such file or directory (os error 2)");
    let rule = "cannot be part of a file name; choose a --name of at most 120 letters, digits, '.', '_', \
         '-' and '+'";
    encode(&work, &["a b.jsonl"]).refused(&format!("\"a b\" {rule}"));
    let invalid = format!("invalid value '../x' for '--name <NAME>': \"../x\" {rule}");
    encode(&work, &["a.jsonl", "--name", "../x"]).misused(&invalid);
}

/// A Parquet file with only a footer, whose schema elements claim these numbers of children.
fn parquet_of(children: &[u32]) -> Vec<u8> {
    let mut footer = vec![0x15, 2, 0x19, 0xfc, children.len() as u8];
    for count in children {
        footer.extend([0x48, 1, b'a', 0x15]);
        let mut left = u64::from(*count) * 2;
        while left >= 0x80 {
            footer.push(left as u8 | 0x80);
            left >>= 7;
        }
        footer.extend([left as u8, 0]);
    }
    footer.extend([0x16, 0, 0x19, 0x0c, 0]);
    [b"PAR1", &footer[..], &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn a_parquet_footer_with_false_claims_is_refused() {
    // The unit tests of the footer have a table of such lies.
    let what = "cannot be read as parquet: its schema is no tree, or one of more than 64 levels";
    let error = format!("at or after row 0: {what}; copy or download it again");
    refused("a.parquet", parquet_of(&[i32::MAX as u32, 0]), &error);
}

#[test]
fn a_compressed_file_that_expands_too_much_is_refused() {
    let blank = [vec![b' '; 64 << 10], vec![b'\n']].concat();
    let work = WorkDir::new();
    work.write("a.jsonl.zst", zstd(&blank.repeat(96 << 4)));
    let done = encode(&work, &["a.jsonl.zst"]).go();
    let (start, end) =
        ("amc-keywords encode: a.jsonl.zst: line ", "which no keyword file does; unpack it first if it is sound\n");
    assert!(done.status == Some(1) && done.stderr.starts_with(start) && done.stderr.ends_with(end), "{}", done.dump());
}

#[test]
fn a_zstd_file_may_begin_with_a_skippable_frame() {
    let work = WorkDir::new();
    work.write("a.jsonl.zst", [&b"\x50\x2a\x4d\x18\x04\0\0\0abcd"[..], &zstd(line("dog").as_bytes())].concat());
    encode(&work, &["a.jsonl.zst"]).ok();
    assert_eq!(work.words("out/vocabulary_a_sk_1.json"), ["dog"]);
}

#[test]
fn a_list_with_an_endless_line_is_refused() {
    let work = WorkDir::new();
    work.write("a.jsonl", line("dog")).write("a.lst", format!("0\n{}\n", "n".repeat(5000)));
    let error = "a.lst: line 2: the image's name has 5000 bytes, expected at most 4096";
    encode(&work, &["a.jsonl", "--list", "a.lst"]).refused(error);
}

#[test]
fn a_list_of_one_endless_line_is_refused_after_its_start() {
    let work = WorkDir::new();
    work.write("a.jsonl", line("dog"));
    std::fs::File::create(work.join("a.lst")).unwrap().set_len((256 << 20) + 1).unwrap();
    let error = "a.lst: line 1: the line has more than 65536 bytes, expected one image name per line";
    encode(&work, &["a.jsonl", "--list", "a.lst"]).refused(error);
}

#[test]
fn a_name_of_5000_bytes_is_refused() {
    let line = format!("{{\"id\": \"{}\", \"tagging\": {{\"keywords\": [\"dog\"]}}}}\n", "n".repeat(5000));
    let work = WorkDir::new();
    work.write("a.jsonl", line);
    let error = "a.jsonl: line 1: the image's name has 5000 bytes, expected at most 4096";
    encode(&work, &["a.jsonl", "--id-field", "id"]).refused(error);
}

#[test]
fn a_pipe_instead_of_a_file_is_refused_without_waiting_for_it() {
    let work = WorkDir::new();
    work.write("a.jsonl", line("dog")).pipe("pipe");
    for option in ["--vocabulary", "--list", "--id-map", "--stop-words"] {
        encode(&work, &["a.jsonl", option, "pipe"]).refused("pipe: expected a file");
    }
}
