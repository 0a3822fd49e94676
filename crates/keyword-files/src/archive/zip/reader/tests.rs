#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use zip::CompressionMethod;

use crate::archive::{Archive, Limits, ReadTimes};
use crate::test_zips::{TestZip, read};

const TEXT: &[u8] = b"abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc";

/// Two members, of which the tests spoil the first.
fn two() -> TestZip {
    TestZip::of(&[("k/1.json", TEXT), ("k/2.json", b"second")])
}

/// The message of the first member; the second must be read all the same.
fn first_message(zip: &TestZip) -> String {
    let found = zip.read();
    assert_eq!(found[1], Ok(b"second".to_vec()));
    found[0].clone().expect_err("the first member is spoilt")
}

const FETCH: &str = "download or zip it again; `unzip -t` checks every member";

#[test]
fn every_method_that_zips_use_today_is_read() {
    use CompressionMethod as Method;
    for method in [Method::Stored, Method::Deflated, Method::Bzip2, Method::Xz, Method::Zstd] {
        let zip = TestZip::packed(method, &[("k/1.json", TEXT), ("k/2.json", b"second"), ("k/3.json", b"")]);
        assert_eq!(zip.read(), [Ok(TEXT.to_vec()), Ok(b"second".to_vec()), Ok(vec![])], "{method}");
    }
}

#[test]
fn deflate64_is_read() {
    // A stream without matches of 258 bytes is the same in both.
    let zip = two();
    let (local, central) = (zip.local(0) + 8, zip.central(0) + 10);
    assert_eq!(zip.put(local, &[9, 0]).put(central, &[9, 0]).read()[0], Ok(TEXT.to_vec()));
}

/// `"abc " * 40` as `k/1.json`, written by Python's `zipfile` with `ZIP_LZMA`.
const LZMA: &str = "504b03043f0002000e0000002100302f19c319000000a0000000080000006b2f312e6a736f6e090405005d000080000030988892ea2106\
    bdc913fffee06800504b01023f033f0002000e0000002100302f19c319000000a00000000800000000000000000000008001000000006b\
    2f312e6a736f6e504b05060000000001000100360000003f0000000000";

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn lzma_is_read_and_a_dictionary_of_4_gib_is_not_paid_for() {
    let zip = TestZip(from_hex(LZMA));
    assert_eq!(zip.read(), [Ok(b"abc ".repeat(40))]);
    let dictionary = zip.local(0) + 30 + 8 + 5;
    assert_eq!(zip.put(dictionary, &0xffff_f000_u32.to_le_bytes()).read(), [Ok(b"abc ".repeat(40))]);
}

#[test]
fn a_method_that_is_not_read_is_named() {
    for (method, name) in [(98_u16, "PPMd (method 98)"), (1234, "method 1234")] {
        let zip = two();
        let at = zip.central(0) + 10;
        assert_eq!(
            first_message(&zip.put(at, &method.to_le_bytes())),
            format!("k.zip: 'k/1.json': is packed with {name}, which is not read; unzip it, or zip it again with deflate")
        );
    }
}

#[test]
fn an_encrypted_member_is_refused() {
    for bits in [[1, 0], [0x40, 0], [0, 0x20]] {
        let zip = two();
        let at = zip.central(0) + 8;
        assert_eq!(first_message(&zip.put(at, &bits)), "k.zip: 'k/1.json': is encrypted; unzip it with its password first");
    }
}

#[test]
fn a_member_over_the_limit_is_refused() {
    let claims = |size: u32| {
        let zip = two();
        let at = zip.central(0) + 24;
        first_message(&zip.put(at, &size.to_le_bytes()))
    };
    let over = |size| {
        format!(
            "k.zip: 'k/1.json': claims {size} bytes, expected at most 67108864; if it is a keyword \
             file, raise --max-member-size"
        )
    };
    assert_eq!(claims(67_108_865), over("67108865"));
    assert_eq!(claims(u32::MAX), over("at least 4294967295"));
}

#[test]
fn the_limit_is_the_largest_size_that_is_read() {
    let file = two().file();
    let with = |max_member_size| {
        let archive = Archive::open_zip(&file.path, Limits { max_member_size }).unwrap();
        file.read(&archive, Some(&[0])).remove(0)
    };
    assert_eq!(with(TEXT.len() as u64), Ok(TEXT.to_vec()));
    assert_eq!(with(u64::MAX), Ok(TEXT.to_vec()));
    assert_eq!(
        with(TEXT.len() as u64 - 1),
        Err("k.zip: 'k/1.json': claims 79 bytes, expected at most 78; if it is a keyword file, \
             raise --max-member-size"
            .to_owned())
    );
}

#[test]
fn a_member_packed_into_more_than_the_limit_is_refused() {
    let noise: Vec<u8> = (0..200_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let zip = TestZip::of(&[("k/1.json", &noise)]);
    let at = zip.central(0) + 24;
    let file = zip.put(at, &10_u32.to_le_bytes()).file();
    let archive = Archive::open_zip(&file.path, Limits { max_member_size: 100 }).unwrap();
    assert_eq!(
        file.read(&archive, None),
        [Err("k.zip: 'k/1.json': is packed into 205 bytes, expected at most 100; if it is a \
              keyword file, raise --max-member-size"
            .to_owned())]
    );
}

#[test]
fn a_ratio_that_deflate_cannot_reach_is_refused() {
    let zip = two();
    let at = zip.central(0) + 24;
    let packed = u32::from_le_bytes(zip.0[at - 4..at].try_into().unwrap());
    let size = packed * 1032 + 1;
    assert_eq!(
        first_message(&zip.put(at, &size.to_le_bytes())),
        format!(
            "k.zip: 'k/1.json': claims {size} bytes from {packed} packed bytes, more than deflate can give; \
             unzip it and zip the keyword files again"
        )
    );
}

#[test]
fn the_ratio_that_deflate_does_reach_is_read_up_to_1_mib() {
    let zeros = vec![0; 1 << 20];
    assert_eq!(TestZip::of(&[("k/1.json", &zeros)]).read(), [Ok(zeros)]);
}

#[test]
fn a_ratio_that_no_keyword_file_has_is_refused() {
    use CompressionMethod as Method;
    for method in [Method::Deflated, Method::Bzip2, Method::Xz] {
        let zip = TestZip::packed(method, &[("k/1.json", &[0; (1 << 20) + 1]), ("k/2.json", b"second")]);
        let at = zip.central(0) + 20;
        let packed = u32::from_le_bytes(zip.0[at..at + 4].try_into().unwrap());
        let ratio = ((1 << 20) + 1) / packed;
        assert_eq!(
            first_message(&zip),
            format!(
                "k.zip: 'k/1.json': claims 1048577 bytes from {packed} packed bytes, {ratio} to 1, \
                 expected at most 200; no keyword file packs so well; unzip it and check it"
            )
        );
    }
}

#[test]
fn a_stored_member_has_one_size() {
    let zip = TestZip::packed(CompressionMethod::Stored, &[("k/1.json", TEXT), ("k/2.json", b"second")]);
    let at = zip.central(0) + 24;
    assert_eq!(
        first_message(&zip.put(at, &78_u32.to_le_bytes())),
        format!("k.zip: 'k/1.json': claims 78 bytes, but 79 are stored; {FETCH}")
    );
}

#[test]
fn a_size_that_lies_either_way_is_an_error() {
    let claims = |size: u32| {
        let zip = two();
        let at = zip.central(0) + 24;
        first_message(&zip.put(at, &size.to_le_bytes()))
    };
    assert_eq!(claims(78), format!("k.zip: 'k/1.json': damaged: inflates to more than the 78 bytes expected; {FETCH}"));
    assert_eq!(claims(0), format!("k.zip: 'k/1.json': damaged: inflates to more than the 0 bytes expected; {FETCH}"));
    assert_eq!(claims(80), format!("k.zip: 'k/1.json': damaged: inflates to 79 bytes, expected 80; {FETCH}"));
}

#[test]
fn a_size_that_lies_is_an_error_in_the_rarer_methods_too() {
    use CompressionMethod as Method;
    for (method, name) in
        [(Method::Bzip2, "bzip2 (method 12)"), (Method::Xz, "xz (method 95)"), (Method::Zstd, "zstd (method 93)")]
    {
        let claims = |size: u32| {
            let zip = TestZip::packed(method, &[("k/1.json", TEXT), ("k/2.json", b"second")]);
            let at = zip.central(0) + 24;
            first_message(&zip.put(at, &size.to_le_bytes()))
        };
        let damaged = |what: &str| format!("k.zip: 'k/1.json': damaged: {what}; {FETCH}");
        assert_eq!(claims(80), damaged("inflates to 79 bytes, expected 80"), "{name}");
        assert_eq!(
            claims(78),
            damaged(&format!("cannot be unpacked from {name}: File is larger than its declared uncompressed size"))
        );
    }
}

#[test]
fn bytes_that_the_rarer_methods_cannot_unpack_are_an_error() {
    use CompressionMethod as Method;
    for (method, name) in
        [(Method::Bzip2, "bzip2 (method 12)"), (Method::Xz, "xz (method 95)"), (Method::Zstd, "zstd (method 93)")]
    {
        let zip = TestZip::packed(method, &[("k/1.json", TEXT), ("k/2.json", b"second")]);
        let at = zip.local(0) + 30 + 8;
        let message = first_message(&zip.put(at, &[0xff; 12]));
        let start = format!("k.zip: 'k/1.json': damaged: cannot be unpacked from {name}: ");
        assert!(message.starts_with(&start) && message.ends_with(FETCH), "{message}");
    }
}

#[test]
fn a_wrong_crc_is_an_error() {
    let zip = two();
    let at = zip.central(0) + 16;
    let crc = crc32fast::hash(TEXT);
    assert_eq!(
        first_message(&zip.put(at, &[1, 2, 3, 4])),
        format!("k.zip: 'k/1.json': damaged: its CRC-32 is {crc:08x}, expected 04030201; {FETCH}")
    );
}

#[test]
fn bytes_that_cannot_be_inflated_are_an_error() {
    let zip = two();
    let at = zip.local(0) + 30 + 8;
    assert_eq!(first_message(&zip.put(at, &[0xff; 4])), format!("k.zip: 'k/1.json': damaged: cannot be inflated; {FETCH}"));
}

#[test]
fn a_missing_local_header_is_an_error() {
    let zip = two();
    assert_eq!(
        first_message(&zip.put(0, b"PK\x07\x08")),
        format!("k.zip: 'k/1.json': damaged: has no local header where its entry says; {FETCH}")
    );
}

#[test]
fn a_local_header_that_names_another_file_is_an_error() {
    let message = "k.zip: 'k/1.json': its local header names another file; unzip it and zip the keyword files again";
    assert_eq!(first_message(&two().put(30, b"k/9.json")), message);
    assert_eq!(first_message(&two().put(26, &[7, 0])), message);
    assert_eq!(first_message(&two().put(26, &[0xff, 0xff])), message);
}

#[test]
fn a_local_extra_field_that_reaches_into_the_directory_is_an_error() {
    let found = two().put(28, &[0xff, 0xff]).read();
    assert_eq!(found[0], Err(format!("k.zip: 'k/1.json': reaches into the central directory; {FETCH}")));
    assert_eq!(found[1], Ok(b"second".to_vec()));
}

#[test]
fn a_long_local_extra_field_is_read_over() {
    for length in [28_u16, 64, 65, 300, 60_000] {
        let zip = two();
        let at = zip.local(1) + 30 + 8;
        let end = zip.end() + 16 + usize::from(length);
        let directory = u32::try_from(zip.central(0)).unwrap() + u32::from(length);
        let mut zip = zip.put(at - 10, &length.to_le_bytes());
        zip.0.splice(at..at, vec![7; usize::from(length)]);
        let file = zip.put(end, &directory.to_le_bytes()).file();
        let archive = file.open().unwrap();
        let found = file.read(&archive, Some(&[1, 0, 1]));
        assert_eq!(found, [Ok(b"second".to_vec()), Ok(TEXT.to_vec()), Ok(b"second".to_vec())], "{length} bytes");
    }
}

#[test]
fn members_written_with_data_descriptors_are_read() {
    let zip = two();
    let central = zip.central(0) + 8;
    assert_eq!(zip.put(6, &[8, 0]).put(14, &[0; 12]).put(central, &[8, 0]).read()[0], Ok(TEXT.to_vec()));
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error() {
    let file = two().file();
    let archive = file.open().unwrap();
    std::fs::File::options().write(true).open(&file.path).unwrap().set_len(60).unwrap();
    let cut = |name| {
        Err(format!(
            "k.zip: '{name}': cut short: the archive ends within it, though it was longer when it was opened; \
             let nothing write to it, and run again"
        ))
    };
    assert_eq!(file.read(&archive, None), [Ok(TEXT.to_vec()), cut("k/2.json")]);
    for length in [40, 35, 10, 0] {
        std::fs::File::options().write(true).open(&file.path).unwrap().set_len(length).unwrap();
        assert_eq!(file.read(&archive, None), [cut("k/1.json"), cut("k/2.json")], "{length} bytes left");
    }
}

#[test]
fn members_are_the_same_in_any_order_and_any_company() {
    let noise = |n: u32, length: u32| -> Vec<u8> {
        (0..length).map(|at| ((at ^ n).wrapping_mul(2_654_435_761).wrapping_add(n * 7) >> 11) as u8).collect()
    };
    // Members of up to 20 kB on 64 pages of windows, and two that are larger than a window.
    let bodies: Vec<Vec<u8>> = (0..200).map(|n| noise(n, if n % 90 == 7 { 700_000 } else { n * 7_919 % 20_000 })).collect();
    let names: Vec<String> = (0..bodies.len()).map(|n| format!("k/{n:03}.json")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(String::as_str).zip(bodies.iter().map(Vec::as_slice)).collect();
    let file = TestZip::of(&members).file();
    let archive = file.open().unwrap();
    let orders: [Vec<u32>; 5] = [
        (0..200).collect(),
        (0..200).rev().collect(),
        (0..200).map(|n| n * 77 % 200).collect(),
        (0..200).step_by(3).collect(),
        vec![5; 4],
    ];
    for order in orders {
        let found = file.read(&archive, Some(&order));
        assert_eq!(found.len(), order.len());
        for (member, bytes) in order.iter().zip(found) {
            assert!(bytes.as_ref() == Ok(&bodies[*member as usize]), "member {member}");
        }
    }
}

#[test]
fn a_reader_says_what_it_read_and_measures_when_asked() {
    let file = two().file();
    let archive = file.open().unwrap();
    let mut reader = archive.reader(false);
    read(&mut reader, &[0, 1]);
    let length = (two().central(0)) as u64;
    assert_eq!(
        reader.times(),
        ReadTimes { read_nanos: 0, inflate_nanos: 0, bytes_read: length, bytes_inflated: TEXT.len() as u64 + 6 }
    );
    let mut reader = archive.reader(true);
    read(&mut reader, &[0, 1]);
    assert!(reader.times().read_nanos > 0 && reader.times().inflate_nanos > 0);
}

#[test]
fn a_member_that_is_not_listed_is_an_error() {
    let file = two().file();
    assert_eq!(file.read(&file.open().unwrap(), Some(&[2])), [Err("k.zip: '': has no member 2".to_owned())]);
}
