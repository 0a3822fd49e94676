//! Pickles that are damaged, made by mistake or made to harm: each gets one message.

use std::time::{Duration, Instant};

use super::{message, read};

const DICT: &str = "expected a pickled dict {name: number}";

/// Each line: the file, and its message after `map.pkl: `; `DICT` stands for the words that begin
/// most.
fn check(table: &[(&[u8], &str)]) {
    for (bytes, expected) in table {
        let expected = format!("map.pkl: {}", expected.replace("DICT", DICT));
        let start = bytes.get(..60).unwrap_or(bytes);
        assert_eq!(message(bytes), expected, "{}", start.escape_ascii());
    }
}

#[test]
fn a_file_that_is_no_pickle_says_what_it_looks_like() {
    let none = "byte 0: DICT, but this is not a pickle of a dict";
    check(&[
        (b"", "DICT, but the file is empty; copy or download it again"),
        (b" \r\n", "DICT, but the file is empty; copy or download it again"),
        (b"<!DOCTYPE html>", "DICT, but this looks like a web page; was the download blocked?"),
        (b"\n <html>", "DICT, but this looks like a web page; was the download blocked?"),
        (b"\xef\xbb\xbf{\"a\": 1}", "DICT, but this looks like JSON; save it with pickle.dump"),
        (b"\n  {}", "DICT, but this looks like JSON; save it with pickle.dump"),
        (b"name,id\na,1\n", "DICT, but this is text; save it with pickle.dump"),
        (b"clickture map\n", "DICT, but this is text; save it with pickle.dump"),
        (b"\x1f\x8b\x08\0", none),
        (b"PK\x03\x04", none),
        (b"]q\0.", none),
        (b"N.", none),
        (b"(see below)", "byte 1: DICT, found opcode 0x73 where it cannot be; the file may be damaged"),
        (b"K\x05.", "byte 0: DICT, found a number"),
        (b"X\x01\0\0\0a.", "byte 0: DICT, found a text"),
        (b"\x80\x02]q\0.", "byte 2: DICT, found a list"),
    ]);
}

#[test]
fn a_thing_that_is_no_name_or_number_is_named() {
    let resave = "; re-save it with {str(k): int(v) for k, v in d.items()}";
    let object = format!("byte 5: DICT, found an object (os.system){resave}");
    let nameless = format!("byte 5: DICT, found an object{resave}");
    let mut table: Vec<(Vec<u8>, String)> = vec![(b"cos\nsystem\n(S'true'\ntR.".to_vec(), object.replace('5', "0"))];
    let inside: [(&[u8], &str); 28] = [
        (b"cos\nsystem\n", &object),
        (b"c<\nb>\n", &nameless),
        (b"ios\nsystem\n", &nameless),
        (b"o", &nameless),
        (b"R", &nameless),
        (b"b", &nameless),
        (b"\x81", &nameless),
        (b"\x92", &nameless),
        (b"\x82\x01", &nameless),
        (b"P1\n", &nameless),
        (b"Q", &nameless),
        (b"\x93", &nameless),
        (b"]", "byte 5: DICT, found a list"),
        (b"(l", "byte 5: DICT, found something nested"),
        (b")", "byte 5: DICT, found a tuple"),
        (b"}", "byte 5: DICT, found a dict in the dict"),
        (b"\x8f", "byte 5: DICT, found a set"),
        (b"N", "byte 5: DICT, found None"),
        (b"\x88", "byte 5: DICT, found True or False"),
        (b"I01\n", "byte 5: DICT, found True or False"),
        (b"I00\n", "byte 5: DICT, found True or False"),
        (b"F1.5\n", "byte 5: DICT, found a number with a fraction"),
        (b"G\x3f\xf0\0\0\0\0\0\0", "byte 5: DICT, found a number with a fraction"),
        (b"\x96", "byte 5: DICT, found a bytearray or buffer"),
        (b"0", "byte 5: DICT, found opcode 0x30 where it cannot be; the file may be damaged"),
        (b"2", "byte 5: DICT, found opcode 0x32 where it cannot be; the file may be damaged"),
        (b"\x80\x02", "byte 5: DICT, found opcode 0x80 where it cannot be; the file may be damaged"),
        (b"\xff", "byte 5: DICT, found opcode 0xff where it cannot be; the file may be damaged"),
    ];
    table.extend(inside.map(|(item, expected)| ([b"}(U\x01a", item, b"u."].concat(), expected.to_owned())));
    check(&table.iter().map(|(bytes, expected)| (&bytes[..], &expected[..])).collect::<Vec<_>>());
    check(&[
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93.", &object.replace('5', "2")),
        (b"}(\x8c\x01a\x8c\x02os\x8c\x06system\x93u.", &object),
        (b"}(\x8c\x02osq\0\x8c\x06systemr\x01\0\0\0\x93K\x01u.", &object.replace('5', "21")),
    ]);
}

#[test]
fn a_number_that_cannot_be_an_id_is_named() {
    let larger = "byte 5: 'a': expected a whole number from 0 to 9007199254740992, found a larger one";
    let negative = "byte 5: 'a': expected a whole number from 0 to 9007199254740992, found a negative number";
    let text = "byte 5: 'a': expected a whole number, found text that is not one";
    let line = "byte 5: expected a line with a whole number";
    let digits = [b"I".as_slice(), &[b'9'; 63], b"\n"].concat();
    let too_many = [b"I".as_slice(), &[b'9'; 64], b"\n"].concat();
    let table: [(&[u8], &str); 21] = [
        (b"J\xff\xff\xff\xff", negative),
        (b"I-1\n", negative),
        (b"L-9223372036854775809L\n", negative),
        (b"\x8a\x01\xff", negative),
        (b"\x8a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", negative),
        (b"I9007199254740993\n", larger),
        (b"L99999999999999999999L\n", larger),
        (b"\x8a\x09\0\0\0\0\0\0\0\0\x01", larger),
        (b"U\x1199999999999999999", larger),
        (&digits, larger),
        (&too_many, line),
        (b"\x8a\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "byte 5: expected a whole number, found one of 17 bytes"),
        (b"I\n", line),
        (b"I-\n", line),
        (b"I+1\n", line),
        (b"I010\n", line),
        (b"I1 \n", line),
        (b"L1LL\n", line),
        (b"U\x02-1", text),
        (b"U\0", text),
        (b"U\x061\xd9\xa1\xd9\xa12", text),
    ];
    for (item, expected) in table {
        check(&[(&[b"}(U\x01a", item, b"u."].concat(), expected)]);
    }
}

#[test]
fn a_name_that_is_not_text_is_named_by_its_byte() {
    let hint = "re-save it with {k.decode('latin-1'): int(v) for k, v in d.items()}, or the encoding that it has";
    let flaw = |byte, what| format!("byte {byte}: expected a name in UTF-8, found {what}; {hint}");
    let cases: [(&[u8], u32, &str); 12] = [
        (b"U\x04caf\xe9", 7, "other bytes"),
        (b"X\x03\0\0\0\xed\xa0\xbd", 7, "other bytes"),
        (b"S'caf\\xe9'\n", 3, "other bytes"),
        (b"S'caf\n", 3, "a string without its quotes"),
        (b"S'\n", 3, "a string without its quotes"),
        (b"S\n", 3, "a string without its quotes"),
        (b"S'ab\\xg0'\n", 6, "an escape that Python does not write"),
        (b"S'ab\\'\n", 6, "an escape that Python does not write"),
        (b"S'ab\\400'\n", 6, "an escape that Python does not write"),
        (b"Vab\\u00e\n", 5, "an escape that is no character"),
        (b"V\\ud83d\\ude00\n", 3, "an escape that is no character"),
        (b"V\\U00110000\n", 3, "an escape that is no character"),
    ];
    for (name, byte, what) in cases {
        check(&[(&[b"}(", name, b"K\x01u."].concat(), &flaw(byte, what))]);
    }
    check(&[
        (b"}(K\x01K\x02u.", "byte 2: DICT, found a number where a name must be; the dict goes from name to number"),
        (b"}(I1\nU\x01au.", "byte 2: DICT, found a number where a name must be; the dict goes from name to number"),
    ]);
    let long = [b"}(U\xff".as_slice(), &[b'a'; 255], b"I-1\nu."].concat();
    let shown = "a".repeat(80);
    let what = "expected a whole number from 0 to 9007199254740992, found a negative number";
    check(&[(&long, &format!("byte 259: '{shown}…': {what}"))]);
}

#[test]
fn a_pickle_that_is_cut_short_or_claims_too_much_says_so() {
    let cut = |at| format!("byte {at}: the pickle is cut short; copy or download the file again");
    let claim = |at: u32, len: u64, left: u32| {
        format!(
            "byte {at}: the pickle is cut short (it claims {len} more bytes, found {left}); copy \
             or download the file again"
        )
    };
    let cases: [(&[u8], String); 18] = [
        (b"\x80", cut(1)),
        (b"}", cut(1)),
        (b"}(U\x01aK\x01u", cut(8)),
        (b"}(U\x01aJ\x01\0", cut(8)),
        (b"}(Vab", cut(5)),
        (b"}(U\x01aI12", cut(8)),
        (b"}(X\xff\xff", cut(5)),
        (b"}p1", cut(3)),
        (b"}(U\x05ab", claim(4, 5, 2)),
        (b"}(X\xff\xff\xff\xffab", claim(7, 4294967295, 2)),
        (b"}(T\xff\xff\xff\xff", claim(7, 4294967295, 0)),
        (b"}(B\0\0\0\x80", claim(7, 2147483648, 0)),
        (b"}(\x8d\xff\xff\xff\xff\xff\xff\xff\xffab", claim(11, u64::MAX, 2)),
        (b"}(\x8e\0\0\0\0\x01\0\0\0", claim(11, 1 << 32, 0)),
        (b"}(U\x01a\x8b\xff\xff\xff\xff\x01", claim(10, 4294967295, 1)),
        (b"}(U\x01a\x8a\xff\x01", claim(7, 255, 1)),
        (b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff}.", claim(11, u64::MAX, 2)),
        (b"\x80\x04\x95\x03\0\0\0\0\0\0\0}.", claim(11, 3, 2)),
    ];
    check(&cases.each_ref().map(|(bytes, expected)| (*bytes, &expected[..])));
}

#[test]
fn a_pickle_that_no_pickler_writes_is_refused_at_its_byte() {
    let cannot = |at, code| format!("byte {at}: DICT, found opcode 0x{code} where it cannot be; the file may be damaged");
    let cases: [(&[u8], String); 27] = [
        (b"\x80\x06}.", "byte 1: expected pickle protocol 0 to 5, found 6".into()),
        (b"}.x", "byte 2: expected the end of the file, found 1 byte after the pickle".into()),
        (b"}.}.", "byte 2: expected the end of the file, found 2 bytes after the pickle".into()),
        (b"\x80\x02.", cannot(2, "2e")),
        (b"(.", cannot(1, "2e")),
        (b"}(.", cannot(2, "2e")),
        (b"}U\x01a.", cannot(4, "2e")),
        (b"}U\x01aK\x01.", cannot(6, "2e")),
        (b"}(U\x01aK\x01.", cannot(7, "2e")),
        (b"}s.", cannot(1, "73")),
        (b"}U\x01as.", cannot(4, "73")),
        (b"}(U\x01aK\x01s.", cannot(7, "73")),
        (b"}u.", cannot(1, "75")),
        (b"(u.", cannot(1, "75")),
        (b"}d.", cannot(1, "64")),
        (b"}(d.", cannot(2, "64")),
        (b"}(U\x01au.", "byte 5: DICT, found a name without a number".into()),
        (b"(U\x01ad.", "byte 4: DICT, found a name without a number".into()),
        (b"}U\x01aK\x01K\x02s.", "byte 6: DICT, found three items in a row".into()),
        (b"((d", "byte 1: DICT, found something nested".into()),
        (b"}((", "byte 2: DICT, found something nested".into()),
        (b"}U\x01a(", "byte 4: DICT, found something nested".into()),
        (b"}q\x01(U\x01aq\x01K\x01u.", cannot(7, "71")),
        (b"}q\x01q\x02.", cannot(3, "71")),
        (b"}(q\x01.", cannot(2, "71")),
        (b"}(U\x01aq\x01K\x01h\x01q\x02K\x01u.", cannot(11, "71")),
        (b"}px\n.", "byte 1: expected a line with a whole number".into()),
    ];
    check(&cases.each_ref().map(|(bytes, expected)| (*bytes, &expected[..])));
}

#[test]
fn references_to_the_dict_itself_or_to_nothing_are_refused() {
    let itself = "byte 6: DICT, found the dict inside itself";
    check(&[
        (b"}\x94(U\x01ah\0u.", "byte 6: DICT, found the dict inside itself"),
        (b"(dp0\nS'a'\ng0\ns.", "byte 10: DICT, found the dict inside itself"),
        (b"}q\x07U\x01ah\x07s.", itself),
        (b"}(U\x01ah\x07u.", "byte 5: DICT, found a reference to memo 7, which is empty"),
        (b"}(U\x01aj\xff\xff\xff\xffu.", "byte 5: DICT, found a reference to memo 4294967295, which is empty"),
        (b"}(U\x01ag99999999999\nu.", "byte 5: expected a line with a whole number"),
    ]);
}

#[test]
fn a_hundred_thousand_marks_or_lists_deep_ends_at_the_first() {
    check(&[
        (&[b'('; 100_000], "byte 1: DICT, found something nested"),
        (&[b'}'; 100_000], "byte 1: DICT, found a dict in the dict"),
        (&[b"\x80\x02".as_slice(), &[b']'; 100_000]].concat(), "byte 2: DICT, found a list"),
    ]);
}

/// One text of half a megabyte, asked for through the memo 200,000 times in the place of `pair`'s
/// `@`.
fn bomb(text: &[u8], pair: &[u8]) -> Vec<u8> {
    [b"}(".as_slice(), text, b"q\x01K\x01", &pair.repeat(200_000), b"u."].concat()
}

#[test]
fn a_memo_bomb_costs_no_more_than_its_bytes() {
    let long = "a".repeat(500_000);
    let plain = [b"X".as_slice(), &500_000u32.to_le_bytes(), long.as_bytes()].concat();
    let line = ["V", &long, "\n"].concat();
    let twice = "byte 7: DICT, found a name that occurs twice";
    let start = Instant::now();
    check(&[
        (&bomb(&plain, b"h\x01K\x02"), twice),
        (&bomb(line.as_bytes(), b"h\x01K\x02"), "byte 3: DICT, found a name that occurs twice"),
        (&bomb(&plain, b"U\x01bh\x01"), "byte 500014: 'b': expected a whole number, found text that is not one"),
        (&bomb(line.as_bytes(), b"U\x01bh\x01"), "byte 500011: 'b': expected a whole number, found text that is not one"),
    ]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let empty = bomb(b"U\0", b"h\x01K\x02");
    assert_eq!(read(&empty).unwrap().len(), 200_001);
}
