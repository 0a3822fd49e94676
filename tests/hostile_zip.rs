//! Archives that are damaged or made to harm.

use crate::util::hostile::zip_bytes::TestZip;
use crate::util::hostile::{Attack, bounded, dev, on_dev, refuse_all, tree};
use crate::util::{WorkDir, keyword_file};
use zip::CompressionMethod;

const FIRST: &str = "'keywords_dev/00000000.json'";
const FETCH: &str = "download or zip it again; `unzip -t` checks every member";
const ZIP: &str = "unzip it and zip the keyword files again";

/// Two sound members; the tests spoil the first.
fn two() -> TestZip {
    let (dogs, cat) = (keyword_file(&["dog"; 20]), keyword_file(&["cat"]));
    TestZip::of(&[("keywords_dev/00000000.json", dogs.as_bytes()), ("keywords_dev/00000001.json", cat.as_bytes())])
}

/// The bytes that the first member is packed into.
fn packed(zip: &TestZip) -> u32 {
    let at = zip.central(0) + 20;
    u32::from_le_bytes(zip.0[at..at + 4].try_into().unwrap())
}

/// The first of two spoilt by bytes put at a place that depends on the zip.
fn put(at: impl FnOnce(&TestZip) -> usize, bytes: &[u8]) -> TestZip {
    let zip = two();
    let at = at(&zip);
    zip.put(at, bytes)
}

fn refused(table: Vec<(Vec<u8>, String)>) {
    refuse_all(table.into_iter().map(|(archive, answer)| on_dev(dev(archive), &answer)).collect());
}

#[test]
fn what_is_not_a_zip_is_called_by_its_name() {
    let page = "looks like a web page: was the download blocked?; download the zip archive itself";
    let none = "cut short or not a zip: no end of central directory; download it again";
    let other =
        |name: &str| format!("is {name}, expected a zip archive; unpack it and zip the keyword files, or use their folder");
    let whole = two().0;
    refused(vec![
        (b"<!DOCTYPE html><html>Sign in</html>".to_vec(), page.to_owned()),
        (b"\xef\xbb\xbf\n<HTML>quota exceeded</HTML>".to_vec(), page.to_owned()),
        (b"".to_vec(), "is empty, expected a zip archive; download it again".to_owned()),
        (b"\x1f\x8b\x08\0\0\0".to_vec(), other("a gzip file")),
        (b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), other("a 7z archive")),
        (b"Rar!\x1a\x07\x01\0".to_vec(), other("a rar archive")),
        (keyword_file(&["dog"]).into_bytes(), none.to_owned()),
        (whole[..whole.len() / 2].to_vec(), none.to_owned()),
        (whole[..whole.len() - 1].to_vec(), none.to_owned()),
        (whole[..4].to_vec(), none.to_owned()),
    ]);
}

#[test]
fn a_directory_that_lies_is_refused() {
    let damaged = "damaged: its central directory cannot be read";
    let shares = "'keywords_dev/00000001.json': shares bytes with 'keywords_dev/00000000.json'";
    let (one, end) = (two().central(1), two().central(0));
    let past = |n: u32| format!("{FIRST}: reaches to byte {n}, but members end at byte {end}; {FETCH}");
    refused(vec![
        (
            put(|zip| zip.end() + 16, &0x7fff_ffff_u32.to_le_bytes()).0,
            format!("damaged: its directory is said to start past its end; {FETCH}"),
        ),
        (put(|zip| zip.central(0), b"XX").0, format!("{damaged}; {FETCH}")),
        (put(|zip| zip.central(0) + 28, &[0xff, 0xff]).0, format!("{damaged}; {FETCH}")),
        (
            put(|zip| zip.end() + 8, &[9, 0, 9, 0]).0,
            format!("its end says that it holds 9 members, its directory lists 2; {FETCH}"),
        ),
        (put(|zip| zip.central(0) + 42, &0x0100_0000_u32.to_le_bytes()).0, past(0x0100_0000 + 30 + 26 + packed(&two()))),
        (put(|zip| zip.central(0) + 20, &0x0010_0000_u32.to_le_bytes()).0, past(0x0010_0000 + 30 + 26)),
        (put(|zip| zip.central(0) + 20, &(packed(&two()) + 1).to_le_bytes()).0, format!("{shares}; {ZIP}")),
        (TestZip(two().0).put(one + 42, &[0; 4]).0, format!("{shares}; {ZIP}")),
        (two().renamed(b"00000001.json", b"00000000.json").0, format!("{FIRST}: stands twice in the archive; {ZIP}")),
    ]);
}

#[test]
fn a_member_that_lies_or_is_damaged_is_refused() {
    let size = keyword_file(&["dog"; 20]).len() as u32;
    let crc = crc32fast::hash(keyword_file(&["dog"; 20]).as_bytes());
    let packed = packed(&two());
    let claims = |size: u32| put(|zip| zip.central(0) + 24, &size.to_le_bytes()).0;
    let over = "expected 67108864 at most; if it is a keyword file, raise --max-member-size";
    let impossible = packed * 1032 + 1;
    let table = vec![
        (
            put(|zip| zip.central(0) + 16, &[1, 2, 3, 4]).0,
            format!("damaged: its CRC-32 is {crc:08x}, expected 04030201; {FETCH}"),
        ),
        (put(|zip| zip.local(0) + 30 + 26, &[0xff; 4]).0, format!("damaged: cannot be inflated; {FETCH}")),
        (put(|zip| zip.central(0) + 8, &[1, 0]).0, "is encrypted; unzip it with its password first".to_owned()),
        (claims(size - 1), format!("damaged: inflates to more than the {} bytes expected; {FETCH}", size - 1)),
        (claims(size + 1), format!("damaged: inflates to {size} bytes, expected {}; {FETCH}", size + 1)),
        (claims(67_108_865), format!("claims 67108865 bytes, {over}")),
        (claims(u32::MAX), format!("claims at least 4294967295 bytes, {over}")),
        (claims(impossible), format!("claims {impossible} bytes from {packed} packed bytes, which deflate cannot be; {ZIP}")),
        (
            put(|zip| zip.central(0) + 10, &[98, 0]).0,
            "is packed with PPMd (method 98), which is not read; unzip it, or zip it again with deflate".to_owned(),
        ),
        (put(|_| 0, b"PK\x07\x08").0, format!("damaged: has no local header where its entry says; {FETCH}")),
        (put(|_| 30, b"keywords_dev/99999999").0, format!("its local header names another file; {ZIP}")),
        (put(|_| 28, &[0xff, 0xff]).0, format!("reaches into the central directory; {FETCH}")),
    ];
    refused(table.into_iter().map(|(archive, answer)| (archive, format!("{FIRST}: {answer}"))).collect());
}

#[test]
fn a_bit_flipped_in_the_packed_bytes_is_noticed() {
    let start = two().local(0) + 30 + 26;
    // The last byte holds bits that mean nothing.
    let bits = (packed(&two()) as usize - 1) * 8;
    for bit in (0..bits).step_by(7) {
        let mut zip = two().0;
        zip[start + bit / 8] ^= 1 << (bit % 8);
        let work = dev(zip);
        let done = bounded(&work, &["clickture", "--min-df", "1"]);
        let damaged = format!("amc-keywords clickture: keyword/keywords_dev.zip: {FIRST}: damaged: ");
        assert!(done.stderr.starts_with(&damaged), "bit {bit}: {}", done.dump());
        assert_eq!((done.status, done.stderr.lines().count()), (Some(1), 1));
    }
}

#[test]
fn bombs_are_refused_by_what_they_claim() {
    let zeros = vec![b' '; 8 << 20];
    let mut attacks = Vec::new();
    for method in [CompressionMethod::Deflated, CompressionMethod::Bzip2, CompressionMethod::Zstd] {
        let zip = TestZip::packed(method, &[("keywords_dev/00000000.json", &zeros), ("keywords_dev/00000001.json", b"{}")]);
        let packed = packed(&zip);
        let answer = format!(
            "{FIRST}: claims 8388608 bytes from {packed} packed bytes, {} to 1, expected 200 at most; no keyword file packs so well: \
             unzip it and look at it",
            (8 << 20) / packed
        );
        let attack = on_dev(dev(zip.0), &answer);
        attack.work.write("clickture/clickture-dev.lst", "00000000\n");
        attacks.push(attack);
    }
    refuse_all(attacks);
}

#[test]
fn the_size_limit_can_be_lowered_and_raised() {
    let work = dev(two().0);
    let before = tree(work.path());
    let done = bounded(&work, &["clickture", "--min-df", "1", "--max-member-size", "100"]);
    let size = keyword_file(&["dog"; 20]).len();
    assert_eq!(
        done.stderr,
        format!(
            "amc-keywords clickture: keyword/keywords_dev.zip: {FIRST}: claims {size} bytes, expected 100 at most; if it is a keyword \
             file, raise --max-member-size\n"
        )
    );
    assert_eq!((done.status, tree(work.path())), (Some(1), before));
}

/// A zip of so many empty members, their names counting up.
fn empty_members(count: u32) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for n in 0..count {
        let name = format!("keywords_dev/{n:08}.json");
        let both = [[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0].as_slice(), &[0; 12], &[26, 0, 0, 0]].concat();
        directory.extend(
            [b"PK\x01\x02\x14\0".as_slice(), &both, &[0; 10], &(zip.len() as u32).to_le_bytes(), name.as_bytes()].concat(),
        );
        zip.extend([b"PK\x03\x04".as_slice(), &both, name.as_bytes()].concat());
    }
    let counts = [(count as u16).to_le_bytes(), (count as u16).to_le_bytes()].concat();
    let places = [(directory.len() as u32).to_le_bytes(), (zip.len() as u32).to_le_bytes()].concat();
    [zip, directory, b"PK\x05\x06\0\0\0\0".to_vec(), counts, places, vec![0; 2]].concat()
}

#[test]
fn a_hundred_thousand_empty_members_are_one_line() {
    let work = dev(empty_members(100_000));
    work.write("clickture/clickture-dev.lst", (0..100_000).map(|n| format!("{n:08}\n")).collect::<String>());
    let before = tree(work.path());
    let done = bounded(&work, &["clickture", "--min-df", "1"]);
    let expected = "amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/00000000.json': line 1 column 0: the file is empty, \
                    expected a JSON object; write the file anew, or leave such images out with --on-error skip (none of the 100000 \
                    images can be encoded, the first 10 for the same reason)\n";
    assert_eq!((done.status, &*done.stderr), (Some(1), expected));
    assert_eq!(tree(work.path()), before);
}

/// A zip with one sound member and one of this name.
fn named(name: &[u8]) -> Vec<u8> {
    let other = vec![b'@'; name.len()];
    let good = keyword_file(&["dog"]);
    let members = [("keywords_dev/00000000.json", good.as_bytes()), (std::str::from_utf8(&other).unwrap(), b"evil")];
    TestZip::of(&members).renamed(&other, name).0
}

/// A data set of one sound image and a member of this name, two folders deep, so that `..` stays inside the test's own folder.
fn nested(name: &[u8]) -> WorkDir {
    let work = WorkDir::new();
    work.write("a/b/keyword/keywords_dev.zip", named(name)).write("a/b/clickture/clickture-dev.lst", "00000000\n");
    work
}

const NAMES: [(&[u8], &str, &str); 12] = [
    (b"../../evil.json", "../../evil.json", "leads out of the folder with '..'"),
    (b"keywords_dev/../../../evil", "keywords_dev/../../../evil", "leads out of the folder with '..'"),
    (b"..", "..", "leads out of the folder with '..'"),
    (b"/tmp/amc-keywords-evil", "/tmp/amc-keywords-evil", "is an absolute path"),
    (b"keywords_dev//evil", "keywords_dev//evil", "holds an empty part"),
    (b"./evil", "./evil", "holds an empty part"),
    (b"evil\0.json", "evil\\u{0}.json", "holds a control character"),
    (b"evil\n.json", "evil\\n.json", "holds a control character"),
    (b"\x1b[2Jevil", "\\u{1b}[2Jevil", "holds a control character"),
    (b"caf\xe9.json", "caf\\xe9.json", "is not UTF-8"),
    (b"C:evil.json", "C:evil.json", "holds a colon, as drive letters do"),
    (b"a/b\\..\\evil", "a/b\\..\\evil", "holds a backslash"),
];

#[test]
fn extract_writes_nothing_if_one_name_could_lead_elsewhere() {
    let attacks = NAMES.map(|(name, shown, why)| Attack {
        work: nested(name),
        arguments: vec!["clickture", "--root", "a/b", "--min-df", "1", "--extract"],
        answer: format!(
            "a/b/keyword/keywords_dev.zip: '{shown}': not extracted: its name {why}; nothing was written; leave out --extract, or zip \
             the keyword files again"
        ),
    });
    refuse_all(attacks.into_iter().collect());
}

#[test]
fn extract_unzips_keyword_files_alone_and_nothing_hidden() {
    let work = WorkDir::new();
    let dog = keyword_file(&["dog"]);
    let hidden = [".bash_profile", ".ssh/authorized_keys", "a/.amc-keywords-extract/lock", ".hidden.json", "run.sh"];
    let members = ["a.json", "b/c.json"].into_iter().chain(hidden).map(|name| (name, dog.clone()));
    work.zip("home/set.zip", &members.collect::<Vec<_>>());
    let done = bounded(&work, &["encode", "home/set.zip", "--min-df", "1", "--extract"]);
    assert!(
        done.stdout.contains(
            "set: 2 keyword files extracted below home, 0 were there already; 5 other\n  members, or hidden ones, were not\n"
        ),
        "{}",
        done.dump()
    );
    let there: Vec<String> = work.files().into_iter().filter(|name| name.starts_with("home")).collect();
    assert_eq!(there, ["home/a.json", "home/b/c.json", "home/set.zip"]);
}

#[test]
fn without_extract_such_names_harm_nobody() {
    for (name, ..) in NAMES {
        let work = nested(name);
        let done = bounded(&work, &["clickture", "--root", "a/b", "--min-df", "1"]);
        assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
        assert_eq!(work.words("out/vocabulary_clickture_dev_sk_1.json"), ["dog"]);
    }
}

#[test]
#[cfg(unix)]
fn extract_follows_no_link_and_overwrites_nothing_that_differs() {
    use std::os::unix::fs::symlink;
    let by_hand = "move it away or unzip by hand";
    let link_to_folder = dev(two().0);
    link_to_folder.write("elsewhere/kept", "kept");
    symlink(link_to_folder.join("elsewhere"), link_to_folder.join("keyword/keywords_dev")).unwrap();
    let link_to_file = dev(two().0);
    link_to_file.write("elsewhere", "kept").write("keyword/keywords_dev/00000001.json", keyword_file(&["cat"]));
    symlink(link_to_file.join("elsewhere"), link_to_file.join("keyword/keywords_dev/00000000.json")).unwrap();
    let differs = dev(two().0);
    differs
        .write("keyword/keywords_dev/00000000.json", "mine")
        .write("keyword/keywords_dev/00000001.json", keyword_file(&["cat"]));
    let attack = |work: WorkDir, answer: &str| Attack {
        work,
        arguments: vec!["clickture", "--min-df", "1", "--extract"],
        answer: answer.to_owned(),
    };
    refuse_all(vec![
        attack(
            link_to_folder,
            &format!("keyword/keywords_dev: cannot extract into it: it is a link, which is not followed; {by_hand}"),
        ),
        attack(link_to_file, &format!("keyword/keywords_dev/00000000.json: is a link, which is not written through; {by_hand}")),
        attack(differs, &format!("keyword/keywords_dev/00000000.json: exists and differs; {by_hand}")),
    ]);
}
