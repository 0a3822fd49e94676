#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::*;
use crate::progress::Silent;

fn map_of(pairs: &[(&str, u32)]) -> Result<IdMap> {
    let items = pairs.iter().map(|(name, id)| [&[b'U', name.len() as u8], name.as_bytes(), b"J", &id.to_le_bytes()].concat());
    let bytes = [b"}(".as_slice(), &items.collect::<Vec<_>>().concat(), b"u."].concat();
    IdMap::from_pickle(Path::new("img_id_map.pkl"), bytes, &Silent)
}

fn message(pairs: &[(&str, u32)]) -> String {
    map_of(pairs).unwrap_err().to_string()
}

#[test]
fn names_give_ids_and_ids_give_names() {
    let map = map_of(&[("img57159", 7), ("A00001", 0), ("", 300000), ("café", 2)]).unwrap();
    assert_eq!(
        ["img57159", "A00001", "", "café", "cafe"].map(|name| map.id_of(name)),
        [Some(7), Some(0), Some(300000), Some(2), None]
    );
    assert_eq!([0, 2, 7, 300000, 1].map(|id| map.name_of(id)), [Some("A00001"), Some("café"), Some("img57159"), Some(""), None]);
    assert_eq!([0, 1, 2, 3, u64::MAX].map(|id| map.contains_id(id)), [true, false, true, false, false]);
    assert_eq!(map.ids().collect::<Vec<_>>(), [0, 2, 7, 300000]);
    assert_eq!((map.len(), map.is_empty()), (4, false));
}

#[test]
fn an_empty_dict_is_no_map() {
    assert_eq!(message(&[]), "img_id_map.pkl: expected names and ids, but the dict is empty");
}

#[test]
fn two_names_for_one_id_are_refused() {
    let expected = "img_id_map.pkl: expected one name an id, but 'c' and 'a' are both 5";
    assert_eq!(message(&[("c", 5), ("b", 6), ("a", 5), ("b", 6)]), expected);
}

#[test]
fn a_name_that_occurs_twice_is_refused_with_any_ids() {
    let twice = "img_id_map.pkl: expected each name once, but 'a' occurs twice, with id";
    assert_eq!(message(&[("a", 5), ("b", 6), ("a", 9)]), format!("{twice} 5 and 9"));
    assert_eq!(message(&[("a", 9), ("b", 6), ("a", 5)]), format!("{twice} 5 and 9"));
    assert_eq!(message(&[("a", 5), ("b", 6), ("a", 5)]), format!("{twice} 5"));
}

#[test]
fn control_characters_in_a_name_are_escaped_in_the_message() {
    let expected = "img_id_map.pkl: expected one name an id, but '\\u{1b}[31m' and 'b' are both 5";
    assert_eq!(message(&[("\x1b[31m", 5), ("b", 5)]), expected);
}

#[test]
fn a_file_that_is_not_there_or_a_folder_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.pkl");
    let message = IdMap::read(&absent, &Silent).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: cannot read: ", absent.display())), "{message}");
    let message = IdMap::read(folder.path(), &Silent).unwrap_err().to_string();
    assert_eq!(message, format!("{}: expected a file", folder.path().display()));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.pkl");
    File::create(&path).unwrap().set_len((MAX_FILE << 20) + 1).unwrap();
    let expected = format!("{}: expected an id map of at most 1024 MiB, but the file is larger", path.display());
    assert_eq!(IdMap::read(&path, &Silent).unwrap_err().to_string(), expected);
}

#[test]
fn a_run_can_be_stopped_while_a_map_is_read_and_while_it_is_indexed() {
    /// Cancels when it has been asked this number of times.
    struct CancelledAt(usize, AtomicUsize);
    impl Progress for CancelledAt {
        fn is_cancelled(&self) -> bool {
            self.1.fetch_add(1, Ordering::Relaxed) + 1 >= self.0
        }
    }
    let names = 4 * STEP as u32;
    let items = (0..names).map(|id| [b"U\x08".as_slice(), format!("{id:08}").as_bytes(), b"J", &id.to_le_bytes()].concat());
    let bytes = [b"}(".as_slice(), &items.collect::<Vec<_>>().concat(), b"u."].concat();
    let read = |at| IdMap::from_pickle(Path::new("a.pkl"), bytes.clone(), &CancelledAt(at, AtomicUsize::default()));
    for at in [1, 4, 5, 8] {
        assert!(matches!(read(at), Err(crate::error::Error::Interrupted)), "question {at}");
    }
    assert!(read(9).is_ok());
}

#[test]
fn the_released_map_has_each_id_once() {
    let shared = std::env::var_os("AMC_KEYWORDS_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let path = shared.join("released/clickture/img_id_map_dev.pkl");
    if !path.exists() {
        return;
    }
    let start = Instant::now();
    let map = IdMap::read(&path, &Silent).unwrap();
    assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
    assert!(map.ids().eq(0..79_665));
    assert!((0..79_665).all(|id| map.name_of(id).is_some_and(|name| map.id_of(name) == Some(id))));
}
