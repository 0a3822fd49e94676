//! `amc-keywords encode` on inputs that are damaged, or made to harm: each a clear line, in bounded memory.

use crate::util::hostile::{Attack, bounded, refuse_all};
use crate::util::packed::{gzip, tar, zstd};
use crate::util::{WorkDir, keyword_file};

/// A set in a file of this name.
fn attack(input: &'static str, bytes: impl AsRef<[u8]>, answer: &str) -> Attack {
    let work = WorkDir::new();
    work.write(input, bytes);
    Attack { work, arguments: vec!["encode", input, "--min-df", "1"], answer: answer.to_owned() }
}

fn line(word: &str) -> String {
    keyword_file(&[word]) + "\n"
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let good = line("dog");
    let members: Vec<(String, String)> = (0..50).map(|n| (format!("{n}.json"), keyword_file(&["dog"]))).collect();
    let whole = tar(&members);
    let again = "copy or download it again";
    let anew = "write the file anew, or leave such images out with --on-error skip";
    let image = "an image is a member or file KEY.json, a line that holds a JSON object, or a row";
    refuse_all(vec![
        attack("a.jsonl", "", &format!("a.jsonl: there is no image in it; {image}")),
        attack("a.jsonl", "\n \n", &format!("a.jsonl: there is no image in it; {image}")),
        attack("a.tar", tar(&[("a.jpg", "")]), &format!("a.tar: there is no image in it; {image}")),
        attack(
            "a.jsonl",
            good.clone() + "{\"tagging\": oops}\n" + &good,
            &format!("a.jsonl: line 2 column 13: not JSON: expected value; {anew}"),
        ),
        attack(
            "a.jsonl",
            [good.as_bytes(), b"{\"\xff\"}\n"].concat(),
            &format!("a.jsonl: line 2 byte 2: not UTF-8; save it as UTF-8; {anew}"),
        ),
        attack(
            "a.jsonl",
            good.clone() + "{\"id\": 1, \"tags\": [], \"tagging\": {\"model\": \"x\"}}\n",
            "a.jsonl: line 2 column 47: there is no tagging.keywords, expected a list of strings in tagging.keywords; found the keys \
             model; name the field with --keywords-field",
        ),
        attack(
            "a.jsonl",
            "[1]\n",
            "a.jsonl: line 1 column 0: expected a JSON object, found a list; an image is an object with its keywords in it; of a file of lines, `jq -c '.[]'` makes them of a list of objects",
        ),
        attack(
            "a.tar",
            &whole[..512 * 20],
            &format!("a.tar: at or behind \"9.json\": cut short: the file ends in the middle; {again}"),
        ),
        attack(
            "a.tar",
            &whole[..512 * 21 - 300],
            &format!("a.tar: at or behind \"9.json\": cut short: the file ends in the middle; {again}"),
        ),
        attack(
            "a.tgz",
            &gzip(&whole)[..200],
            &format!("a.tgz: at or behind \"5.json\": cut short: the gzip stream ends in the middle; {again}"),
        ),
        attack(
            "a.jsonl.gz",
            &gzip(good.as_bytes())[..30],
            &format!("a.jsonl.gz: line 1: cut short: the gzip stream ends in the middle; {again}"),
        ),
        attack(
            "a.jsonl.zst",
            &zstd(good.as_bytes())[..30],
            &format!("a.jsonl.zst: line 1: cut short: the zstd stream ends in the middle; {again}"),
        ),
        attack(
            "a.csv",
            "name,tag\n",
            "a.csv: cannot tell what this file is, expected a zip, a tar, JSON objects one a line, or parquet; tar and lines may be \
             packed by gzip or zstd; name it .zip, .tar, .jsonl or .parquet if it is one; `jq -c '.[]'` makes lines of a JSON list",
        ),
    ]);
}

#[test]
fn sizes_that_lie_and_bombs_take_no_memory() {
    // 96 MiB of one line, of one member, and of a member's name, packed small; and a member that claims what is not there.
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
    let answers = [
        ("line.jsonl.gz", "line 1: the line has more than 67108864 bytes; if it is one image's, raise --max-member-size"),
        (
            "member.tar.gz",
            "'a.json': holds 100663296 bytes, expected 67108864 at most; if it is a keyword file, raise --max-member-size",
        ),
        ("name.tar.gz", "at its beginning: a name has more than 65536 bytes; copy or download it again"),
        ("lie.tar", "at or behind \"a.json\": cut short: the file ends in the middle; copy or download it again"),
    ];
    for (input, answer) in answers {
        let done = bounded(&work, &["encode", input]);
        assert_eq!(done.stderr, format!("amc-keywords encode: {input}: {answer}\n"), "{}", done.dump());
        assert_eq!(done.status, Some(1));
    }
}

#[test]
fn a_member_over_the_limit_is_one_image_s_problem() {
    let work = WorkDir::new();
    let large = keyword_file(&[&"dog ".repeat(500)]);
    work.write("set.tar", tar(&[("a.json", &large), ("b.json", &keyword_file(&["cat"]))]));
    work.write("set.jsonl", large.clone() + "\n" + &line("cat"));
    for input in ["set.tar", "set.jsonl"] {
        let arguments = ["--out", "out", "--min-df", "1", "--max-member-size", "1K", "--on-error", "skip"];
        work.tool("encode").args(&[input]).args(&arguments).ok();
        assert_eq!(work.matrix("out/img_keyword_ind_set_sk_1.npy"), [[1, 0]], "{input}");
    }
}

#[test]
fn what_is_no_file_is_refused_and_a_name_must_be_plain() {
    let work = WorkDir::new();
    work.write("a b.jsonl", line("dog")).write("a.jsonl", line("dog"));
    assert!(std::process::Command::new("mkfifo").arg(work.join("pipe")).status().unwrap().success());
    let run = |input: &str| work.tool("encode").args(&[input, "--out", "out"]);
    run("pipe").fails(1, "amc-keywords encode: pipe: expected a file or a folder");
    run("none.zip").fails(1, "amc-keywords encode: none.zip: cannot read: No such file or directory (os error 2)");
    let rule =
        "cannot be a part of file names: use letters, digits, '.', '_', '-' and '+', 120 at most; give another with --name";
    run("a b.jsonl").fails(1, &format!("amc-keywords encode: \"a b\" {rule}"));
    run("a.jsonl").args(&["--name", "../x"]).fails(
        2,
        &format!("error: invalid value '../x' for '--name <NAME>': \"../x\" {rule}\n\nFor more information, try '--help'."),
    );
}

/// A parquet file whose footer has a schema of elements with so many children each, and nothing else.
#[cfg(feature = "parquet")]
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

#[cfg(feature = "parquet")]
#[test]
fn a_footer_of_parquet_that_claims_what_there_is_not_is_refused() {
    let again = "copy or download it again";
    let no_tree = format!(
        "a.parquet: at or behind row 0: cannot be read as parquet: its schema is no tree, or one of more than 64 levels; {again}"
    );
    let cut =
        format!("a.parquet: at or behind row 0: cannot be read as parquet: its footer does not hold what it claims; {again}");
    let mut lies = parquet_of(&[1, 0]);
    lies[8] = 0x7f;
    refuse_all(vec![
        attack("a.parquet", parquet_of(&[i32::MAX as u32, 0]), &no_tree),
        attack("a.parquet", parquet_of(&[&[1; 100][..], &[0]].concat()), &no_tree),
        attack("a.parquet", lies, &cut),
    ]);
}

#[test]
fn a_packed_file_that_grows_as_no_keywords_do_is_given_up() {
    let bomb = zstd(&vec![b'\n'; 96 << 20]);
    let work = WorkDir::new();
    work.write("a.jsonl.zst", bomb);
    let done = bounded(&work, &["encode", "a.jsonl.zst"]);
    let (start, end) =
        ("amc-keywords encode: a.jsonl.zst: line ", "as no file of keywords does; unpack it first if it is sound\n");
    assert!(done.status == Some(1) && done.stderr.starts_with(start) && done.stderr.ends_with(end), "{}", done.dump());
}

#[test]
fn a_frame_to_pass_over_may_begin_a_file() {
    let work = WorkDir::new();
    work.write("a.jsonl.zst", [&b"\x50\x2a\x4d\x18\x04\0\0\0abcd"[..], &zstd(line("dog").as_bytes())].concat());
    work.tool("encode").args(&["a.jsonl.zst", "--min-df", "1", "--out", "out"]).ok();
    assert_eq!(work.words("out/vocabulary_a_sk_1.json"), ["dog"]);
}

#[test]
fn a_list_of_one_endless_line_is_refused() {
    let mut attack = attack("a.jsonl", line("dog"), "a.lst: line 2: the image's name has 5000 bytes, expected 4096 at most");
    attack.work.write("a.lst", format!("0\n{}\n", "n".repeat(5000)));
    attack.arguments.extend(["--list", "a.lst"]);
    refuse_all(vec![attack]);
}

#[test]
fn a_list_of_more_than_256_mib_is_refused_before_it_is_read() {
    let mut attack = attack("a.jsonl", line("dog"), "a.lst: expected a list of at most 256 MiB, but the file is larger");
    std::fs::File::create(attack.work.join("a.lst")).unwrap().set_len((256 << 20) + 1).unwrap();
    attack.arguments.extend(["--list", "a.lst"]);
    refuse_all(vec![attack]);
}

#[test]
fn a_name_as_long_as_a_file_is_refused() {
    let line = format!("{{\"id\": \"{}\", \"tagging\": {{\"keywords\": [\"dog\"]}}}}\n", "n".repeat(5000));
    let answer = "a.jsonl: line 1: the image's name has 5000 bytes, expected 4096 at most";
    let named = attack("a.jsonl", line, answer);
    refuse_all(vec![Attack { arguments: vec!["encode", "a.jsonl", "--min-df", "1", "--id-field", "id"], ..named }]);
}

#[test]
fn a_pipe_that_nobody_writes_into_is_refused_and_not_waited_for() {
    let pipe = |option| {
        let mut attack = attack("a.jsonl", line("dog"), "pipe: expected a file");
        assert!(std::process::Command::new("mkfifo").arg(attack.work.join("pipe")).status().unwrap().success());
        attack.arguments.extend([option, "pipe"]);
        attack
    };
    refuse_all(["--vocabulary", "--list", "--id-map", "--stop-words"].map(pipe).into());
}
