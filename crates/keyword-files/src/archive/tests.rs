#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use ::zip::CompressionMethod as Method;
use proptest::prelude::*;

use super::*;
use crate::test_zips::{TestZip, read};

const METHODS: [Method; 5] = [Method::Stored, Method::Deflated, Method::Bzip2, Method::Xz, Method::Zstd];
const BODIES: [(&str, &[u8]); 3] =
    [("k/1.json", b"{\"tagging\": {\"keywords\": [\"woman\", \"woman\"]}}"), ("k/a/2.json", b"second"), ("k/3.json", b"")];

#[test]
fn keyword_files_are_all_but_folders_and_what_macos_leaves() {
    for name in ["a", "a/b.json", "a/.hidden", "_.DS_Store", "a__MACOSX/b"] {
        assert!(is_keyword_file(name.as_bytes()), "{name}");
    }
    for name in ["", "a/", "__MACOSX/", "__MACOSX/a/b", ".DS_Store", "a/.DS_Store", "._a", "a/._b.json"] {
        assert!(!is_keyword_file(name.as_bytes()), "{name}");
    }
}

#[test]
fn a_folder_reads_as_the_zip_that_it_came_from() {
    let file = TestZip::of(&BODIES).file();
    let zip = file.open().unwrap();
    let into = file.dir.path();
    for (name, bytes) in BODIES {
        let path = into.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let folder = Archive::open_folder(&into.join("k"), Limits::default(), &|| false).unwrap();
    assert_eq!(folder.len(), zip.len());
    for member in 0..3 {
        let other = folder.find(&zip.name(member)).expect("the folder holds the same names");
        assert_eq!(read(&mut folder.reader(false), &[other]), read(&mut zip.reader(false), &[member]));
        assert_eq!(read(&mut zip.reader(false), &[member]), [Ok(BODIES[member as usize].1.to_vec())]);
    }
}

const WHOLE: usize = Limits::WHOLE as usize;

/// Text of this number of bytes that packs 10 to 1.
fn large(length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length + 16);
    while text.len() < length {
        text.extend(format!("{:07}{}", text.len() * 7 % 9_999_991, "0".repeat(60)).bytes());
    }
    text.truncate(length);
    text
}

/// The content of member 0 as it is handed over, and whether as a stream.
fn content(archive: &Archive) -> Result<(Vec<u8>, bool), Problem> {
    archive.with_content(0, |content| match content {
        Content::Whole(bytes) => (bytes.to_vec(), false),
        Content::Stream(stream) => {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            (bytes, true)
        }
    })
}

#[test]
fn content_beyond_a_bound_comes_as_a_stream_from_zip_and_folder() {
    for (length, streamed) in [(10, false), (WHOLE, false), (WHOLE + 1, true)] {
        let text = large(length);
        for method in [Method::Stored, Method::Deflated, Method::Zstd] {
            let file = TestZip::packed(method, &[("k/1.json", &text), ("k/2.json", b"second")]).file();
            // The limit of keyword files says nothing here.
            let archive = Archive::open_zip(&file.path, Limits { max_member_size: 5 }).unwrap();
            assert!(content(&archive) == Ok((text.clone(), streamed)), "{length} bytes, {method}");
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("1.json"), &text).unwrap();
        let archive = Archive::open_folder(folder.path(), Limits { max_member_size: 5 }, &|| false).unwrap();
        assert!(content(&archive) == Ok((text, streamed)), "{length} bytes in a folder");
    }
}

#[test]
fn a_stream_is_checked_to_its_end_even_if_its_reader_stops() {
    let text = large(WHOLE + 1);
    let zip = TestZip::of(&[("k/1.json", &text)]);
    let (crc, size, local) = (zip.central(0) + 16, zip.central(0) + 24, zip.local(0) + 38);
    let put = |at: usize, bytes: &[u8]| TestZip(zip.0.clone()).put(at, bytes);
    let wrong = crc32fast::hash(&text);
    let cases = [
        (put(crc, &[1, 2, 3, 4]), format!("its CRC-32 is {wrong:08x}, expected 04030201")),
        (put(size, &1_048_580_u32.to_le_bytes()), "inflates to 1048577 bytes, expected 1048580".to_owned()),
        (put(local, &[0xff; 4]), "cannot be unpacked from deflate (method 8): corrupt deflate stream".to_owned()),
    ];
    for (zip, what) in cases {
        let file = zip.file();
        let archive = file.open().unwrap();
        let expected = format!("k.zip: 'k/1.json': damaged: {what}; download or zip it again; `unzip -t` checks every member");
        assert_eq!(file.message(content(&archive).unwrap_err()), expected);
        let stopped = archive.with_content(0, |_| ());
        assert_eq!(file.message(stopped.unwrap_err()), expected);
    }
}

#[test]
fn an_archive_is_shared_between_threads() {
    fn shared(_: &(impl Sync + Send)) {}
    shared(&TestZip::of(&BODIES).file().open().unwrap());
}

/// Opens and reads an archive. Returns the names and the bytes that passed the checks.
fn whatever(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let file = TestZip(bytes).file();
    let limits = Limits { max_member_size: 1 << 20 };
    let Ok(archive) = Archive::open_zip(&file.path, limits) else { return Vec::new() };
    let members: Vec<u32> = (0..archive.len() as u32).collect();
    let found = read(&mut archive.reader(false), &members);
    assert_eq!(found.len(), members.len());
    members.iter().zip(found).filter_map(|(&member, bytes)| Some((archive.name(member).into_owned(), bytes.ok()?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_as_an_archive_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        whatever(bytes);
    }

    #[test]
    fn any_bytes_before_an_end_of_central_directory_are_answered(
        body in prop::collection::vec(any::<u8>(), 0..300),
        record in prop::collection::vec(any::<u8>(), 42),
        end in prop::collection::vec(any::<u8>(), 18),
    ) {
        let bytes = [&body[..], b"PK\x01\x02", &record, b"PK\x05\x06", &end].concat();
        whatever(bytes);
    }

    #[test]
    fn damage_anywhere_never_gives_other_bytes(
        method in 0..METHODS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut zip = TestZip::packed(METHODS[method], &BODIES);
        for (at, byte) in changes {
            let at = at.index(zip.0.len());
            zip.0[at] ^= byte;
        }
        for (_, bytes) in whatever(zip.0) {
            let known = BODIES.iter().any(|(_, body)| *body == bytes);
            prop_assert!(known, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn a_zip_with_a_piece_cut_out_never_gives_other_bytes(
        method in 0..METHODS.len(),
        from in any::<prop::sample::Index>(),
        length in 1_usize..60,
    ) {
        let zip = TestZip::packed(METHODS[method], &BODIES);
        let from = from.index(zip.0.len());
        let to = (from + length).min(zip.0.len());
        for (_, bytes) in whatever([&zip.0[..from], &zip.0[to..]].concat()) {
            prop_assert!(BODIES.iter().any(|(_, body)| *body == bytes));
        }
    }
}
