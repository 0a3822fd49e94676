#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::archive::{Archive, Limits};
use crate::test_zips::read;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn open(dir: &TempDir) -> Archive {
    Archive::open_folder(&dir.path().join("k"), Limits::default(), &|| false).unwrap()
}

fn names(archive: &Archive) -> Vec<String> {
    (0..archive.len() as u32).map(|member| archive.name(member).into_owned()).collect()
}

fn message(dir: &TempDir, error: impl ToString) -> String {
    error.to_string().replace(&dir.path().join("").display().to_string(), "")
}

#[test]
fn files_are_listed_by_the_bytes_of_their_names_under_the_folders_own() {
    let dir = folder(&[
        ("k/b.json", b"4"),
        ("k/a/2.json", b"3"),
        ("k/a-1.json", b"1"),
        ("k/a/10.json", b"2"),
        ("k/é.json", b"5"),
        ("k/.DS_Store", b"x"),
        ("k/a/._2.json", b"x"),
        ("beside.json", b"x"),
    ]);
    let archive = open(&dir);
    assert_eq!(names(&archive), ["k/a-1.json", "k/a/10.json", "k/a/2.json", "k/b.json", "k/é.json"]);
    assert_eq!((archive.find("k/a/2.json"), archive.find("a/2.json")), (Some(2), None));
    assert_eq!((archive.position(2), archive.packed_size(2)), (2, 1));
    let found = read(&mut archive.reader(false), &[4, 0, 1, 2, 3]);
    assert_eq!(found, [b"5", b"1", b"2", b"3", b"4"].map(|bytes| Ok(bytes.to_vec())));
}

#[test]
fn a_folder_without_a_name_of_its_own_puts_its_files_at_the_top() {
    let dir = folder(&[("k/1.json", b"1"), ("k/a/2.json", b"2")]);
    let archive = Archive::open_folder(&dir.path().join("k/a/.."), Limits::default(), &|| false).unwrap();
    assert_eq!(names(&archive), ["1.json", "a/2.json"]);
    assert_eq!(read(&mut archive.reader(false), &[0, 1]), [Ok(b"1".to_vec()), Ok(b"2".to_vec())]);
}

#[test]
fn a_missing_folder_is_named() {
    let missing = Path::new("no/such");
    let error = Archive::open_folder(missing, Limits::default(), &|| false).err().unwrap();
    assert_eq!(error.to_string(), format!("no/such: cannot list: {}", fs::read_dir(missing).unwrap_err()));
}

#[test]
fn a_file_that_went_away_does_not_stop_the_others() {
    let dir = folder(&[("k/1.json", b"1"), ("k/2.json", b"2")]);
    let archive = open(&dir);
    fs::remove_file(dir.path().join("k/1.json")).unwrap();
    let found = read(&mut archive.reader(false), &[0, 1]);
    let gone = found[0].clone().unwrap_err();
    let expected = fs::File::open(dir.path().join("k/1.json")).unwrap_err();
    assert_eq!(message(&dir, gone), format!("k: 'k/1.json': cannot be read: {expected}"));
    assert_eq!(found[1], Ok(b"2".to_vec()));
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let dir = folder(&[("k/1.json", b"12345"), ("k/2.json", b"123456")]);
    let archive = Archive::open_folder(&dir.path().join("k"), Limits { max_member_size: 5 }, &|| false).unwrap();
    let found = read(&mut archive.reader(false), &[0, 1]);
    assert_eq!(found[0], Ok(b"12345".to_vec()));
    assert_eq!(
        message(&dir, found[1].clone().unwrap_err()),
        "k: 'k/2.json': holds 6 bytes, expected at most 5; if it is a keyword file, raise \
         --max-member-size"
    );
}

#[test]
fn folders_without_end_are_refused() {
    let name = format!("k/{}1.json", "d/".repeat(65));
    let dir = folder(&[(&name, b"1")]);
    let error = Archive::open_folder(&dir.path().join("k"), Limits::default(), &|| false).err().unwrap();
    assert_eq!(
        message(&dir, error),
        format!(
            "{}: lies more than 64 folders deep",
            Path::new("k").join("d/".repeat(65)).components().collect::<PathBuf>().display()
        )
    );
}

#[cfg(unix)]
mod links {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn linked_files_are_read_and_linked_folders_are_not() {
        let dir = folder(&[("k/1.json", b"1"), ("elsewhere/2.json", b"2")]);
        symlink("../elsewhere/2.json", dir.path().join("k/2.json")).unwrap();
        symlink("../elsewhere", dir.path().join("k/sub")).unwrap();
        symlink(".", dir.path().join("k/circle")).unwrap();
        symlink("nowhere", dir.path().join("k/3.json")).unwrap();
        let archive = open(&dir);
        assert_eq!(names(&archive), ["k/1.json", "k/2.json", "k/3.json"]);
        let found = read(&mut archive.reader(false), &[0, 1, 2]);
        assert_eq!(found[..2], [Ok(b"1".to_vec()), Ok(b"2".to_vec())]);
        let nowhere = found[2].clone().unwrap_err();
        assert_eq!(message(&dir, nowhere), "k: 'k/3.json': cannot be read: No such file or directory (os error 2)");
    }

    #[test]
    fn the_folder_itself_may_be_a_link() {
        let dir = folder(&[("elsewhere/1.json", b"1")]);
        symlink("elsewhere", dir.path().join("k")).unwrap();
        let archive = open(&dir);
        assert_eq!(names(&archive), ["k/1.json"]);
        assert_eq!(read(&mut archive.reader(false), &[0]), [Ok(b"1".to_vec())]);
    }

    #[test]
    fn what_is_neither_file_nor_folder_is_ignored() {
        let dir = folder(&[("k/1.json", b"1")]);
        let _socket = UnixListener::bind(dir.path().join("k/2.json")).unwrap();
        assert_eq!(names(&open(&dir)), ["k/1.json"]);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_listed_and_cannot_be_read() {
        let dir = folder(&[("k/1.json", b"1")]);
        let name = OsStr::from_bytes(b"caf\xe9.json");
        if fs::write(dir.path().join("k").join(name), b"x").is_err() {
            return; // This file system allows no such name.
        }
        let archive = open(&dir);
        assert_eq!(names(&archive), ["k/1.json", "k/caf\\xe9.json"]);
        assert_eq!(archive.find("k/caf\\xe9.json"), None);
        let found = read(&mut archive.reader(false), &[1]);
        assert_eq!(message(&dir, found[0].clone().unwrap_err()), "k: 'k/caf\\xe9.json': its name is not UTF-8; rename it");
    }
}

#[test]
fn listing_stops_when_it_is_cancelled() {
    let dir = folder(&[("k/a.json", b"{}")]);
    let error = Archive::open_folder(&dir.path().join("k"), Limits::default(), &|| true).err().unwrap();
    assert_eq!(error.to_string(), "interrupted");
}
