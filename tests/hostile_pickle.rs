//! Id maps that are damaged or made to harm: nothing in them runs, and each gets one line.

use crate::util::hostile::{Attack, bounded, dev_with, refuse_all};
use crate::util::{WorkDir, keyword_file};

/// Dev with this id map.
fn with_map(pickle: impl AsRef<[u8]>) -> WorkDir {
    let work = dev_with(keyword_file(&["cat"]));
    work.write("clickture/img_id_map_dev.pkl", pickle);
    work
}

fn refused(table: Vec<(Vec<u8>, &str)>) {
    let attack = |(pickle, answer): (Vec<u8>, &str)| Attack {
        work: with_map(pickle),
        arguments: vec!["clickture", "--min-df", "1"],
        answer: format!("clickture/img_id_map_dev.pkl: {}", answer.replace("DICT", "expected a pickled dict {name: number}")),
    };
    refuse_all(table.into_iter().map(attack).collect());
}

/// A dict at protocol 2 with these pairs as they stand in the file.
fn dict(pairs: &[u8]) -> Vec<u8> {
    [b"\x80\x02}(".as_slice(), pairs, b"u."].concat()
}

const RESAVE: &str = "re-save it with {str(k): int(v) for k, v in d.items()}";

#[test]
fn nothing_that_a_pickle_asks_for_is_run() {
    let runs = |command: &str| format!("cos\nsystem\n(S'{command}'\ntR.").into_bytes();
    let at_4 = format!("byte 8: DICT, found an object (os.system); {RESAVE}");
    let nameless = format!("byte 7: DICT, found an object; {RESAVE}");
    let table = [
        (runs("touch evil"), format!("byte 0: DICT, found an object (os.system); {RESAVE}")),
        (
            b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x0atouch evil\x94\x85R.".to_vec(),
            format!("byte 2: DICT, found an object (os.system); {RESAVE}"),
        ),
        (dict(b"U\x01acos\nsystem\n(S'touch evil'\ntR"), at_4.replace('8', "7")),
        (dict(b"U\x01a\x82\x01"), nameless.clone()),
        (dict(b"U\x01aP1\n"), nameless),
    ];
    refused(table.iter().map(|(pickle, answer)| (pickle.clone(), answer.as_str())).collect());
}

#[test]
fn what_would_fill_the_memory_or_the_stack_is_refused() {
    let million = vec![b'('; 1_000_000];
    let deep = [b"\x80\x02}(U\x01a".as_slice(), &million].concat();
    let lists = [b"\x80\x02".as_slice(), &vec![b']'; 1_000_000]].concat();
    // One name of 500 kB, recalled from the memo 2,000 times.
    let mut repeated = b"\x80\x02}(X".to_vec();
    repeated.extend(500_000_u32.to_le_bytes());
    repeated.extend(vec![b'x'; 500_000]);
    repeated.extend(b"q\x01K\x00");
    (1..2000_u32).for_each(|id| repeated.extend([b"h\x01J".as_slice(), &id.to_le_bytes()].concat()));
    repeated.extend(b"u.");
    let claims = |opcode: &[u8]| dict(&[opcode, b"abc"].concat());
    refused(vec![
        (deep, "byte 7: DICT, found something nested"),
        (lists, "byte 2: DICT, found a list"),
        (repeated, "byte 9: DICT, found a name that stands twice"),
        (b"\x80\x02}q\x01(U\x01ah\x01u.".to_vec(), "byte 9: DICT, found the dict inside itself"),
        (
            claims(b"X\xff\xff\xff\x7f"),
            "byte 9: the pickle is cut short: it claims 2147483647 more bytes, 5 are there; copy or download the file again",
        ),
        (
            claims(b"T\xff\xff\xff\xff"),
            "byte 9: the pickle is cut short: it claims 4294967295 more bytes, 5 are there; copy or download the file again",
        ),
        (
            claims(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
            "byte 13: the pickle is cut short: it claims 18446744073709551615 more bytes, 5 are there; copy or download the file again",
        ),
        (
            b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f}.".to_vec(),
            "byte 11: the pickle is cut short: it claims 9223372036854775807 more bytes, 2 are there; copy or download the file again",
        ),
        (
            dict(b"U\x01a\x8b\x00\x00\x00\x70"),
            "byte 12: the pickle is cut short: it claims 1879048192 more bytes, 2 are there; copy or download the file again",
        ),
    ]);
}

#[test]
fn damage_is_refused() {
    let whole = dict(b"U\x0200K\x00U\x0201K\x01");
    let mut trailing = whole.clone();
    trailing.extend(b"xyz");
    let cut = "the pickle is cut short; copy or download the file again";
    refused(vec![
        (b"".to_vec(), "DICT, but the file is empty; copy or download it again"),
        (b"<html>Sign in</html>".to_vec(), "DICT, but this looks like a web page; was the download blocked?"),
        (br#"{"a": 1}"#.to_vec(), "DICT, but this looks like JSON; save it with pickle.dump"),
        (b"name,id\n".to_vec(), "DICT, but this is text; save it with pickle.dump"),
        (whole[..whole.len() - 1].to_vec(), &format!("byte {}: {cut}", whole.len() - 1)),
        (
            whole[..12].to_vec(),
            "byte 12: the pickle is cut short: it claims 2 more bytes, 0 are there; copy or download the file again",
        ),
        (whole[..2].to_vec(), "byte 2: the pickle is cut short; copy or download the file again"),
        (trailing, "byte 18: expected the end of the file, found 3 bytes after the pickle"),
        (dict(b"K\x01K\x01"), "byte 4: DICT, found a number where a name must stand; the dict goes from name to number"),
        (b"\x80\x09}.".to_vec(), "byte 1: expected pickle protocol 0 to 5, found 9"),
        (b"\x80\x02}.".to_vec(), "expected names and ids, but the dict is empty"),
    ]);
}

#[test]
fn names_and_ids_that_cannot_be_are_refused() {
    let resave = format!("byte 7: expected plain Python numbers and names, but the dict holds numpy ones; {RESAVE}");
    refused(vec![
        (dict(b"U\x01acnumpy.core.multiarray\nscalar\n"), &resave),
        (
            dict(b"U\x04caf\xe9K\x00"),
            "byte 9: expected a name in UTF-8, found other bytes; re-save it with {k.decode('latin-1'): int(v) for k, v in d.items()}, or the encoding that it has",
        ),
        (dict(b"U\x01aK\x00U\x01aK\x01"), "expected each name once, but 'a' stands twice, with id 0 and 1"),
        (dict(b"U\x01aK\x05U\x01bK\x05"), "expected one name an id, but 'a' and 'b' are both 5"),
        (
            dict(b"U\x01aJ\xff\xff\xff\xff"),
            "byte 7: 'a': expected a whole number from 0 to 9007199254740992, found a negative number",
        ),
        (
            dict(b"U\x01a\x8a\x07\x01\x00\x00\x00\x00\x00\x20"),
            "byte 7: 'a': expected a whole number from 0 to 9007199254740992, found a larger one",
        ),
        (
            dict(b"U\x01a\x8a\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
            "byte 7: 'a': expected a whole number from 0 to 9007199254740992, found a larger one",
        ),
        (dict(b"U\x01aU\x01b"), "byte 7: 'a': expected a whole number, found text that is not one"),
        (dict(b"U\x01aN"), "byte 7: DICT, found None"),
        (dict(b"U\x01aG\x3f\xf0\0\0\0\0\0\0"), "byte 7: DICT, found a number with a fraction"),
        (dict(b"U\x01a\x88"), "byte 7: DICT, found True or False"),
        (dict(b"U\x01a]"), "byte 7: DICT, found a list"),
    ]);
}

#[test]
fn a_map_of_any_protocol_is_read() {
    for map in [
        dict(b"U\x01aK\x00U\x01bK\x01"),
        b"(dp0\nS'a'\np1\nI0\nsS'b'\np2\nL1L\ns.".to_vec(),
        b"\x80\x04}(\x8c\x01aK\x00\x8c\x01bK\x01u.".to_vec(),
    ] {
        let work = with_map(map);
        work.write("clickture/clickture-dev.lst", "b\na\n");
        let done = bounded(&work, &["clickture", "--min-df", "1"]);
        assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
        assert_eq!(work.matrix("out/img_keyword_ind_clickture_dev_sk_1_sparse.npy"), [[1, 1], [0, 0]]);
    }
}
