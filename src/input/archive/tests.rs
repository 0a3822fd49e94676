#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::num::NonZeroUsize;

use proptest::prelude::*;
use zip::CompressionMethod as Method;

use super::*;
use crate::input::extract::extract;
use crate::input::test_zips::{TestZip, read};
use crate::progress::Silent;

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
    extract(&zip, &[0, 1, 2], into, NonZeroUsize::MIN, &Silent).unwrap();
    let folder = Archive::open_folder(&into.join("k"), Limits::default(), &Silent).unwrap();
    assert_eq!(folder.len(), zip.len());
    for member in 0..3 {
        let other = folder.find(&zip.name(member)).expect("the folder holds the same names");
        assert_eq!(read(&mut folder.reader(false), &[other]), read(&mut zip.reader(false), &[member]));
        assert_eq!(read(&mut zip.reader(false), &[member]), [Ok(BODIES[member as usize].1.to_vec())]);
    }
}

#[test]
fn an_archive_is_shared_between_threads() {
    fn shared(_: &(impl Sync + Send)) {}
    shared(&TestZip::of(&BODIES).file().open().unwrap());
}

/// Opens and reads whatever it is; gives the names and the bytes that came through the checks.
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
