#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod hostile;
mod property;

use std::path::{Path, PathBuf};

use super::*;

/// What `names_*.pkl` hold, in their order: NAMES of tests/golden/make_pickles.py.
const NAMES: [(&str, u64); 11] = [
    ("00048500", 0),
    ("img57159", 255),
    ("004/00048500", 256),
    ("café", 65535),
    ("éÿĀ", 65536),
    ("名前", 2147483647),
    ("😀", 2147483648),
    ("it's \"quoted\"", 4294967301),
    ("back\\slash\\u0041 \\x41", 128),
    ("tab\tline\nreturn\rnul\0", 32768),
    ("", 7),
];

/// A pickle and what it holds.
type Case = (&'static [u8], &'static [(&'static str, u64)]);

fn read(bytes: &[u8]) -> Result<Vec<(String, u64)>> {
    let mut pairs = Vec::new();
    read_name_numbers(Path::new("map.pkl"), bytes, &mut |name, number| {
        pairs.push((name.to_owned(), number));
        Ok(())
    })?;
    Ok(pairs)
}

fn message(bytes: &[u8]) -> String {
    match read(bytes) {
        Ok(pairs) => format!("read {} pairs", pairs.len()),
        Err(error) => error.to_string(),
    }
}

fn golden(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/pickle");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = files.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap()));
    named.filter(|(name, _)| name.starts_with(prefix)).collect()
}

#[test]
fn every_protocol_of_python_2_and_3_gives_the_same_names_and_numbers_in_order() {
    let long = "n".repeat(300);
    let expected: Vec<_> = NAMES.into_iter().chain([(&long[..], 1 << 53)]).map(|(n, id)| (n.to_owned(), id)).collect();
    let files = golden("names_");
    assert_eq!(files.len(), 44);
    for (file, bytes) in files {
        assert_eq!(read(&bytes).unwrap(), expected, "{file}");
    }
}

#[test]
fn a_string_that_is_a_name_and_also_a_number_comes_back_through_the_memo() {
    let expected = [("48500", 7), ("7", 1 << 53), ("9007199254740992", 48500)].map(|(name, id)| (name.to_owned(), id));
    for (file, bytes) in golden("shared_") {
        assert_eq!(read(&bytes).unwrap(), expected, "{file}");
    }
}

#[test]
fn objects_are_refused_with_the_way_to_save_the_dict_without_them() {
    let resave = "re-save it with {str(k): int(v) for k, v in d.items()}";
    let numpy = format!("expected plain Python numbers and names, but the dict holds numpy ones; {resave}");
    let collections = |class| format!("expected a pickled dict {{name: number}}, found an object ({class}); {resave}");
    let decode = "re-save it with {k.decode(): int(v) for k, v in d.items()}";
    let bytes = format!("expected a pickled dict {{name: number}}, found Python 3 bytes in a pickle for Python 2; {decode}");
    let files = golden("objects_");
    assert_eq!(files.len(), 22);
    for (file, data) in files {
        let expected = match file.split('_').nth(1).unwrap() {
            "numpy" => numpy.clone(),
            "ordered" => collections("collections.OrderedDict"),
            "default" => collections("collections.defaultdict"),
            _ => bytes.clone(),
        };
        let got = message(&data);
        let (place, what) = got.strip_prefix("map.pkl: byte ").unwrap().split_once(": ").unwrap();
        assert_eq!(what, expected, "{file}");
        assert!(place.parse::<usize>().unwrap() < data.len(), "{file}");
    }
}

#[test]
fn a_name_of_64_kib_is_outside_of_the_frames_and_is_memoised_in_the_next() {
    // Python 3.11: pickle.dumps({"x" * 70000: 1, "y": 2}, 4)
    let name = "x".repeat(70000);
    let bytes =
        [b"\x80\x04}\x94(Xp\x11\x01\x00", name.as_bytes(), b"\x95\x0b\0\0\0\0\0\0\0\x94K\x01\x8c\x01y\x94K\x02u."].concat();
    assert_eq!(read(&bytes).unwrap(), [(name, 1), ("y".to_owned(), 2)]);
}

#[test]
fn what_python_loads_though_it_does_not_write_it_so_is_read() {
    let table: [Case; 10] = [
        (b"}.", &[]),
        (b"(d.", &[]),
        (b"}(u.", &[]),
        (b"(X\x01\0\0\0aK\x01d(U\x01bK\x02uU\x01cK\x03s.", &[("a", 1), ("b", 2), ("c", 3)]),
        (b"}(U\x01aL5\nU\x01bI0\nu.", &[("a", 5), ("b", 0)]),
        (b"}r\xff\xff\xff\xff(U\x01aK\x01u.", &[("a", 1)]),
        (b"}q\x03U\x01aq\x09K\x07r\0\0\0\x80sU\x01bj\0\0\0\x80s.", &[("a", 7), ("b", 7)]),
        (b"}U\x01aU\x0500012s.", &[("a", 12)]),
        (b"}(S\"a'\\\"b\\\\\\101\\xc3\\xa9\"\nK\x01u.", &[("a'\"b\\Aé", 1)]),
        (b"\x80\x05\x95\x0b\0\0\0\0\0\0\0}\x8d\x01\0\0\0\0\0\0\0a\x8a\0s.", &[("a", 0)]),
    ];
    for (bytes, expected) in table {
        let expected: Vec<_> = expected.iter().map(|&(name, number)| (name.to_owned(), number)).collect();
        assert_eq!(read(bytes).unwrap(), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn what_serde_pickle_writes_is_read_back() {
    let words: std::collections::BTreeMap<String, i64> =
        (0..3000).map(|n| (format!("wörd{n}"), n * 7919 % 3000 + (n % 3) * 70000)).collect();
    let bytes = serde_pickle::to_vec(&words, serde_pickle::SerOptions::new().proto_v2()).unwrap();
    let expected: Vec<_> = words.into_iter().map(|(word, id)| (word, id as u64)).collect();
    assert_eq!(read(&bytes).unwrap(), expected);
}

#[test]
fn what_the_visitor_says_ends_the_reading() {
    let mut seen = 0;
    let stop = &mut |_: &str, _| {
        seen += 1;
        Err(Problem::new("elsewhere", "enough").into())
    };
    let error = read_name_numbers(Path::new("map.pkl"), b"}(U\x01aK\x01U\x01bK\x02u.", stop).unwrap_err();
    assert_eq!((error.to_string().as_str(), seen), ("elsewhere: enough", 1));
}
