#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use crate::archive::{Archive, Limits};
use crate::test_zips::TestZip;

const DAMAGED: &str =
    "k.zip: damaged: its central directory cannot be read; download or zip it again; `unzip -t` checks every member";

fn two() -> TestZip {
    TestZip::of(&[("k/1.json", b"first"), ("k/2.json", b"second")])
}

fn names(zip: &TestZip) -> Vec<String> {
    let file = zip.file();
    let archive = file.open().unwrap();
    (0..archive.len() as u32).map(|member| archive.name(member).into_owned()).collect()
}

#[test]
fn members_are_listed_in_the_order_of_the_directory_and_found_by_name() {
    let file = two().file();
    let archive = file.open().unwrap();
    assert_eq!(archive.len(), 2);
    assert_eq!((archive.name(0), archive.name(1)), ("k/1.json".into(), "k/2.json".into()));
    assert_eq!((archive.find("k/1.json"), archive.find("k/2.json"), archive.find("k/3.json")), (Some(0), Some(1), None));
    assert_eq!(archive.path(), file.path);
    assert!(archive.position(0) < archive.position(1));
    assert_eq!((archive.packed_size(0), archive.packed_size(1)), (7, 8));
}

#[test]
fn folders_and_what_macos_leaves_are_not_listed() {
    let members: [(&str, &[u8]); 6] = [
        ("k/", b""),
        ("k/1.json", b"1"),
        ("__MACOSX/k/._1.json", b"x"),
        ("__MACOSX/k/1.json", b"x"),
        ("k/.DS_Store", b"x"),
        ("k/._2.json", b"x"),
    ];
    assert_eq!(names(&TestZip::of(&members)), ["k/1.json"]);
}

#[test]
fn backslashes_are_slashes_in_names_that_have_no_slash() {
    let zip = TestZip::of(&[("k+a+1.json", b"1"), ("k/b+2.json", b"2")]);
    let zip = zip.renamed(b"k+a+1.json", b"k\\a\\1.json").renamed(b"k/b+2.json", b"k/b\\2.json");
    assert_eq!(names(&zip), ["k/a/1.json", "k/b\\2.json"]);
    assert_eq!(zip.read(), [Ok(b"1".to_vec()), Ok(b"2".to_vec())]);
}

#[test]
fn a_name_that_is_not_utf8_is_escaped_and_never_found() {
    let zip = TestZip::of(&[("caf+.json", b"1")]).renamed(b"caf+.json", b"caf\xe9.json");
    let flags = zip.central(0) + 8;
    let file = zip.put(flags, &[0, 8]).file();
    let archive = file.open().unwrap();
    assert_eq!(archive.name(0), "caf\\xe9.json");
    assert_eq!(archive.find("caf\\xe9.json"), None);
    assert_eq!(archive.find("café.json"), None);
    assert_eq!(file.read(&archive, None), [Ok(b"1".to_vec())]);
}

#[test]
fn names_that_are_only_dangerous_to_write_are_listed() {
    let zip = TestZip::of(&[("aa/evil.json", b"1"), ("b+b.json", b"2")]);
    let zip = zip.renamed(b"aa/evil.json", b"../evil.json").renamed(b"b+b.json", b"b\0b.json");
    assert_eq!(names(&zip), ["../evil.json", "b\0b.json"]);
}

#[test]
fn a_zip_with_something_put_before_it_is_read() {
    let mut bytes = b"#!/bin/sh\nexit\n".repeat(50);
    bytes.extend_from_slice(&two().0);
    assert_eq!(TestZip(bytes).read(), [Ok(b"first".to_vec()), Ok(b"second".to_vec())]);
}

#[test]
fn a_zip_without_members_is_an_archive_of_none() {
    assert_eq!(names(&TestZip::of(&[])), Vec::<String>::new());
}

#[test]
fn what_is_not_a_zip_is_called_by_its_name() {
    let refused = |bytes: &[u8]| TestZip(bytes.to_vec()).refused();
    let web = "k.zip: is a web page, perhaps because the download was blocked; download the zip \
               archive itself";
    assert_eq!(refused(b"\xef\xbb\xbf \r\n<!DOCTYPE html><html>Sign in</html>"), web);
    assert_eq!(refused(b"<HTML lang=en>quota exceeded</HTML>"), web);
    assert_eq!(refused(b""), "k.zip: is empty, expected a zip archive; download it again");
    let other =
        |what| format!("k.zip: is {what}, expected a zip archive; unpack it and zip the keyword files, or use their folder");
    assert_eq!(refused(b"\x1f\x8b\x08\x00rest"), other("a gzip file"));
    assert_eq!(refused(b"7z\xbc\xaf\x27\x1c\x00"), other("a 7z archive"));
    assert_eq!(refused(b"Rar!\x1a\x07\x01"), other("a rar archive"));
    assert_eq!(refused(b"\xfd7zXZ\x00\x00"), other("an xz file"));
    let mut tar = vec![0; 300];
    tar[257..262].copy_from_slice(b"ustar");
    assert_eq!(refused(&tar), other("a tar archive"));
    let neither = "k.zip: cut short or not a zip: no end of central directory; download it again";
    assert_eq!(refused(b"{\"tagging\": {}}"), neither);
    assert_eq!(refused(b"P"), neither);
}

#[test]
fn a_zip_cut_anywhere_is_refused() {
    let zip = two();
    for length in 1..zip.0.len() {
        assert_eq!(
            TestZip(zip.0[..length].to_vec()).refused(),
            "k.zip: cut short or not a zip: no end of central directory; download it again",
            "cut after {length} bytes"
        );
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Archive::open_zip("no/such.zip".as_ref(), Limits::default()).err().unwrap();
    let expected = std::fs::File::open("no/such.zip").unwrap_err();
    assert_eq!(error.to_string(), format!("no/such.zip: cannot open: {expected}"));
}

#[test]
fn a_directory_said_to_start_past_the_end_is_refused() {
    let zip = two();
    let at = zip.end() + 16;
    assert_eq!(
        zip.put(at, &0x7fff_ffff_u32.to_le_bytes()).refused(),
        "k.zip: damaged: its directory starts past its end; \
         download or zip it again; `unzip -t` checks every member"
    );
}

#[test]
fn a_directory_that_does_not_start_where_it_is_said_to_is_found_or_refused() {
    let zip = two();
    let (at, size) = (zip.end() + 16, zip.end() + 12);
    // The size still leads to it. Then it is an archive whose members are at other places.
    let moved = TestZip(zip.0.clone()).put(at, &3_u32.to_le_bytes()).put(size, &5_u32.to_le_bytes());
    assert_eq!(moved.refused(), DAMAGED);
}

#[test]
fn a_broken_central_record_is_refused() {
    let zip = two();
    let at = zip.central(1);
    assert_eq!(zip.put(at, b"XX").refused(), DAMAGED);
    let zip = two();
    let at = zip.central(1) + 28;
    assert_eq!(zip.put(at, &[0xff, 0xff]).refused(), DAMAGED);
}

#[test]
fn a_count_that_lies_is_refused() {
    for (claimed, shown) in [(1_u16, "1"), (3, "3"), (0xffff, "65535")] {
        let zip = two();
        let at = zip.end() + 8;
        let zip = zip.put(at, &claimed.to_le_bytes()).put(at + 2, &claimed.to_le_bytes());
        assert_eq!(
            zip.refused(),
            format!(
                "k.zip: its end says that it holds {shown} members, its directory lists 2; \
                 download or zip it again; `unzip -t` checks every member"
            )
        );
    }
}

#[test]
fn two_members_of_one_name_are_refused() {
    assert_eq!(
        two().renamed(b"k/2.json", b"k/1.json").refused(),
        "k.zip: 'k/1.json': occurs twice in the archive; unzip it and zip the keyword files again"
    );
}

#[test]
fn members_that_share_bytes_are_refused() {
    let zip = two();
    let (first, second) = (zip.central(0) + 42, zip.central(1) + 42);
    let shares = |what| format!("k.zip: {what}; unzip it and zip the keyword files again");
    let same = TestZip(zip.0.clone()).put(second, &0_u32.to_le_bytes());
    assert_eq!(same.refused(), shares("'k/2.json': shares bytes with 'k/1.json'"));
    // The same the other way round: the directory is not in the order of the members.
    let start = u32::try_from(zip.local(1)).unwrap();
    let zip = zip.put(first, &start.to_le_bytes());
    assert_eq!(zip.refused(), shares("'k/2.json': shares bytes with 'k/1.json'"));
    let zip = two();
    let packed = zip.central(0) + 20;
    assert_eq!(zip.put(packed, &8_u32.to_le_bytes()).refused(), shares("'k/2.json': shares bytes with 'k/1.json'"));
}

#[test]
fn a_member_that_reaches_past_the_members_end_is_refused() {
    let zip = two();
    let end = zip.central(0);
    let packed = zip.central(1) + 20;
    let reaches = |byte| {
        format!(
            "k.zip: 'k/2.json': reaches to byte {byte}, but members end at byte {end}; \
             download or zip it again; `unzip -t` checks every member"
        )
    };
    let longer = TestZip(zip.0.clone()).put(packed, &9_u32.to_le_bytes());
    assert_eq!(longer.refused(), reaches(end + 1));
    let offset = zip.central(1) + 42;
    assert_eq!(zip.put(offset, &0x7fff_ffff_u32.to_le_bytes()).refused(), reaches(0x7fff_ffff + 30 + 8 + 8));
}

#[test]
fn a_directory_in_another_order_than_the_members_is_read() {
    let zip = two();
    let (first, second, end) = (zip.central(0), zip.central(1), zip.end());
    let swapped = [&zip.0[..first], &zip.0[second..end], &zip.0[first..second], &zip.0[end..]].concat();
    let file = TestZip(swapped).file();
    let archive = file.open().unwrap();
    assert_eq!(archive.find("k/2.json"), Some(0));
    assert!(archive.position(0) > archive.position(1));
    let expected = [Ok(b"second".to_vec()), Ok(b"first".to_vec())];
    assert_eq!(file.read(&archive, None), expected);
    assert_eq!(file.read(&archive, Some(&[0, 1, 1, 0]))[2..], [expected[1].clone(), expected[0].clone()]);
}

#[test]
fn a_count_that_wrapped_at_16_bits_is_forgiven() {
    let names: Vec<String> = (0..65_537).map(|n| format!("{n}")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let zip = TestZip::packed(zip::CompressionMethod::Stored, &members);
    let file = zip.file();
    assert_eq!(file.open().unwrap().len(), 65_537, "zip64 as it is written today");
    // An old archiver writes no zip64 records: cut them out, and let the count wrap.
    let zip64 = zip.0.windows(4).rposition(|mark| mark == b"PK\x06\x06").unwrap();
    let central = zip.central(0);
    let mut bytes = zip.0[..zip64].to_vec();
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&u32::try_from(zip64 - central).unwrap().to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(central).unwrap().to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    let file = TestZip(bytes).file();
    let archive = file.open().unwrap();
    assert_eq!((archive.len(), archive.find("65536")), (65_537, Some(65_536)));
}

#[test]
fn names_without_the_utf8_flag_are_code_page_437() {
    // In Shift_JIS this is one character; its second byte is that of a backslash.
    let zip = TestZip::of(&[("++.json", b"1"), ("b.json", b"2")]).renamed(b"++.json", b"\x95\x5c.json");
    let file = zip.file();
    let archive = file.open().unwrap();
    assert_eq!(archive.name(0), "ò\\.json");
    assert_eq!(archive.find("ò\\.json"), Some(0));
    assert_eq!(file.read(&archive, None), [Ok(b"1".to_vec()), Ok(b"2".to_vec())]);
}

/// The zip with a Unicode path field in its first central record.
fn with_unicode_path(zip: TestZip, version: u8, name: &[u8], path: &str) -> TestZip {
    let TestZip(mut bytes) = zip;
    let zip = TestZip(bytes.clone());
    let (central, end) = (zip.central(0), zip.end());
    let content = [&[version][..], &crc32fast::hash(name).to_le_bytes(), path.as_bytes()].concat();
    let len = u16::try_from(content.len()).unwrap();
    let field = [&0x7075_u16.to_le_bytes()[..], &len.to_le_bytes(), &content].concat();
    let size = u32::from_le_bytes(bytes[end + 12..end + 16].try_into().unwrap()) + u32::from(len) + 4;
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    bytes[central + 30..central + 32].copy_from_slice(&(len + 4).to_le_bytes());
    let name_len = usize::from(u16::from_le_bytes([bytes[central + 28], bytes[central + 29]]));
    bytes.splice(central + 46 + name_len..central + 46 + name_len, field);
    TestZip(bytes)
}

#[test]
fn a_unicode_path_field_gives_the_name_that_it_belongs_to() {
    let raw = b"\x95\x5c.json";
    let zip = || TestZip::of(&[("++.json", b"1"), ("b.json", b"2")]).renamed(b"++.json", raw);
    for (version, of, path, name) in [
        (1, &raw[..], "表.json", "表.json"),
        (1, raw, "k\\表.json", "k/表.json"),
        (1, b"another name", "表.json", "ò\\.json"),
        (2, raw, "表.json", "ò\\.json"),
        (1, raw, "", "ò\\.json"),
    ] {
        let file = with_unicode_path(zip(), version, of, path).file();
        let archive = file.open().unwrap();
        assert_eq!((archive.name(0).as_ref(), archive.find(name)), (name, Some(0)));
        assert_eq!(file.read(&archive, None), [Ok(b"1".to_vec()), Ok(b"2".to_vec())], "{name}");
    }
}

#[test]
fn the_last_part_of_a_split_zip_is_refused() {
    let zip = two();
    let disk = zip.end() + 4;
    assert_eq!(zip.put(disk, &[3, 0]).refused(), "k.zip: is part of a split zip; join it with zip -s 0 k.zip --out joined.zip");
}
