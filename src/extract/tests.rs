#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fs;

use super::*;
use keyword_files::archive::Limits;
use tempfile::TempDir;
use zip_bytes::TestZip;

use crate::progress::Silent;

#[path = "../../crates/keyword-files/src/test_zips/bytes.rs"]
mod zip_bytes;

/// A zip in a private folder.
struct TestFile {
    dir: TempDir,
    path: PathBuf,
}

impl TestZip {
    fn file(&self) -> TestFile {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("k.zip");
        fs::write(&path, &self.0).unwrap();
        TestFile { dir, path }
    }
}

impl TestFile {
    fn open(&self) -> Result<Archive> {
        Ok(Archive::open_zip(&self.path, Limits::default())?)
    }

    /// The message of an error without the private folder.
    fn message(&self, error: impl ToString) -> String {
        error.to_string().replace(&self.dir.path().join("").display().to_string(), "")
    }
}

/// Extracts all members of the zip next to it. The error is the whole message.
fn extracted(file: &TestFile, jobs: usize) -> Result<Extracted, String> {
    let archive = file.open().unwrap();
    let members: Vec<u32> = (0..archive.len() as u32).collect();
    let jobs = NonZeroUsize::new(jobs).unwrap();
    extract(&archive, &members, file.dir.path(), jobs, &Silent).map_err(|error| file.message(error))
}

/// The bytes of all files next to the zip, by name.
fn files(file: &TestFile) -> BTreeMap<String, Vec<u8>> {
    fn walk(path: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{name}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{name}/"), files);
            } else if name != "k.zip" {
                files.insert(name, fs::read(entry.path()).unwrap_or_default());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(file.dir.path(), "", &mut found);
    found
}

fn two() -> TestZip {
    TestZip::of(&[("k/1.json", b"first"), ("k/a/2.json", b"second")])
}

#[test]
fn the_keyword_files_and_nothing_else_are_written() {
    let members: [(&str, &[u8]); 4] =
        [("k/", b""), ("__MACOSX/k/1.json", b"x"), ("k/1.json", b"first"), ("k/a/2.json", b"second")];
    let file = TestZip::of(&members).file();
    assert_eq!(extracted(&file, 1), Ok(Extracted { written: 2, left: 0 }));
    let expected = [("k/1.json", "first"), ("k/a/2.json", "second")];
    assert_eq!(files(&file), expected.map(|(name, bytes)| (name.to_owned(), bytes.as_bytes().to_vec())).into());
    assert!(!file.dir.path().join(WORKING).exists());
}

#[test]
fn many_files_are_written_by_many_threads() {
    let names: Vec<String> = (0..2_000).map(|n| format!("k/{}/{n}.json", n % 7)).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    let file = TestZip::of(&members).file();
    assert_eq!(extracted(&file, 4), Ok(Extracted { written: 2_000, left: 0 }));
    assert_eq!(extracted(&file, 3), Ok(Extracted { written: 0, left: 2_000 }));
    assert_eq!(files(&file), names.iter().map(|name| (name.clone(), name.clone().into_bytes())).collect());
}

#[test]
fn only_the_members_asked_for_are_written() {
    let file = two().file();
    let archive = file.open().unwrap();
    extract(&archive, &[1], file.dir.path(), NonZeroUsize::MIN, &Silent).unwrap();
    assert_eq!(files(&file), [("k/a/2.json".to_owned(), b"second".to_vec())].into());
}

#[test]
fn an_existing_file_is_accepted_if_equal_and_never_overwritten() {
    let file = two().file();
    fs::create_dir(file.dir.path().join("k")).unwrap();
    for theirs in [&b"FIRST"[..], b"longer", b""] {
        fs::write(file.dir.path().join("k/1.json"), theirs).unwrap();
        let message = "k/1.json: exists and differs; move it away or unzip by hand";
        assert_eq!(extracted(&file, 2), Err(message.to_owned()));
        assert_eq!(files(&file)["k/1.json"], theirs);
        assert_eq!(files(&file)["k/a/2.json"], b"second", "the others are extracted all the same");
    }
    fs::write(file.dir.path().join("k/1.json"), b"first").unwrap();
    assert_eq!(extracted(&file, 2), Ok(Extracted { written: 0, left: 2 }));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_an_error() {
    let file = two().file();
    fs::create_dir_all(file.dir.path().join("k/1.json")).unwrap();
    assert_eq!(extracted(&file, 1), Err("k/1.json: exists and differs; move it away or unzip by hand".to_owned()));
}

#[test]
fn a_file_in_the_place_of_a_folder_is_an_error() {
    let file = two().file();
    fs::write(file.dir.path().join("k"), b"theirs").unwrap();
    assert_eq!(
        extracted(&file, 1),
        Err("k: cannot extract into it: it is not a folder; move it away or unzip by hand".to_owned())
    );
    assert_eq!(files(&file), [("k".to_owned(), b"theirs".to_vec())].into());
}

#[test]
fn dangerous_names_are_refused_before_anything_is_written() {
    let refused: [(&[u8], &str, &str); 8] = [
        (b"../x.json", "../x.json", "leads out of the folder with '..'"),
        (b"k/../json", "k/../json", "leads out of the folder with '..'"),
        (b"/abs.json", "/abs.json", "is an absolute path"),
        (b"C:/x.json", "C:/x.json", "has a colon, as drive letters do"),
        (b"k/..\\json", "k/..\\json", "has a backslash"),
        (b"k/\0x.json", "k/\\u{0}x.json", "has a control character"),
        (b"k/\nx.json", "k/\\nx.json", "has a control character"),
        (b"k//x.json", "k//x.json", "has an empty part"),
    ];
    for (name, shown, why) in refused {
        let plain = "q".repeat(name.len());
        let zip = TestZip::of(&[("k/1.json", b"first"), (&plain, b"evil")]).renamed(plain.as_bytes(), name);
        let file = zip.file();
        assert_eq!(
            extracted(&file, 1),
            Err(format!(
                "k.zip: '{shown}': not extracted: its name {why}; \
                 nothing was written; leave out --extract, or zip the keyword files again"
            ))
        );
        assert_eq!(files(&file), BTreeMap::new());
    }
}

#[test]
fn a_name_that_cannot_be_decoded_is_refused() {
    let zip = TestZip::of(&[("k/1.json", b"first"), ("k/qx.json", b"evil")]).renamed(b"k/qx", b"k/\xffx");
    // The archive says that the name is UTF-8. Other names are decoded as code page 437.
    const UTF8_FLAG: [u8; 2] = [0, 8];
    let (local, central) = (zip.local(1) + 6, zip.central(1) + 8);
    let file = zip.put(local, &UTF8_FLAG).put(central, &UTF8_FLAG).file();
    let message = "k.zip: 'k/\\xffx.json': not extracted: its name is not UTF-8; \
                   nothing was written; leave out --extract, or zip the keyword files again";
    assert_eq!(extracted(&file, 1), Err(message.to_owned()));
    assert_eq!(files(&file), BTreeMap::new());
}

#[test]
fn the_name_of_the_working_folder_is_refused() {
    let file = TestZip::of(&[(".amc-keywords-extract=/lock", b"evil")]).file();
    assert_eq!(
        extracted(&file, 1),
        Err("k.zip: '.amc-keywords-extract=/lock': not extracted: its name is that of the working folder; \
             nothing was written; leave out --extract, or zip the keyword files again"
            .to_owned())
    );
}

#[test]
fn all_bad_members_are_reported_together() {
    let zip = two();
    let (first, second) = (zip.central(0) + 16, zip.central(1) + 16);
    let file = zip.put(first, &[0; 4]).put(second, &[0; 4]).file();
    let damaged = |name, crc: u32| {
        format!(
            "k.zip: '{name}': damaged: its CRC-32 is {crc:08x}, expected 00000000; \
             download or zip it again; `unzip -t` checks every member"
        )
    };
    let (one, two) = (crc32fast::hash(b"first"), crc32fast::hash(b"second"));
    assert_eq!(extracted(&file, 2), Err(format!("{}\n{}", damaged("k/1.json", one), damaged("k/a/2.json", two))));
    assert_eq!(files(&file), BTreeMap::new());
}

#[test]
fn what_a_killed_run_left_is_cleared() {
    let file = two().file();
    fs::create_dir(file.dir.path().join(WORKING)).unwrap();
    fs::write(file.dir.path().join(WORKING).join("0"), b"half a fi").unwrap();
    assert_eq!(extracted(&file, 1), Ok(Extracted { written: 2, left: 0 }));
    assert_eq!(files(&file).len(), 2);
}

#[test]
fn a_second_run_into_the_same_folder_is_refused() {
    let file = two().file();
    let other = WorkingFolder::create(file.dir.path()).unwrap();
    let message = extracted(&file, 1).unwrap_err();
    let folder = file.dir.path().display();
    assert_eq!(message, format!("{folder}: another run is extracting into this folder; wait until it has ended, and run again"));
    drop(other);
    assert_eq!(extracted(&file, 1), Ok(Extracted { written: 2, left: 0 }));
}

#[test]
fn a_cancelled_run_says_so() {
    struct Cancelled;
    impl Progress for Cancelled {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let file = two().file();
    let result = extract(&file.open().unwrap(), &[0, 1], file.dir.path(), NonZeroUsize::MIN, &Cancelled);
    assert!(matches!(result, Err(Error::Interrupted)));
    assert_eq!(files(&file), BTreeMap::new());
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_linked_folder_on_the_way_is_refused() {
        let file = two().file();
        let outside = TempDir::new().unwrap();
        symlink(outside.path(), file.dir.path().join("k")).unwrap();
        assert_eq!(
            extracted(&file, 1),
            Err("k: cannot extract into it: it is a link, which is not followed; move it away or unzip by hand".to_owned())
        );
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_linked_file_is_not_written_through() {
        let file = two().file();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::create_dir(file.dir.path().join("k")).unwrap();
        for target in [outside.path(), Path::new("dangling")] {
            let link = file.dir.path().join("k/1.json");
            symlink(target, &link).unwrap();
            let message = "k/1.json: is a link, which is not written through; move it away or unzip by hand";
            assert_eq!(extracted(&file, 1), Err(message.to_owned()));
            fs::remove_file(link).unwrap();
        }
        assert_eq!(fs::read(outside.path()).unwrap(), b"");
        assert!(!file.dir.path().join("k/dangling").exists());
    }

    #[test]
    fn links_in_the_place_of_the_working_folder_or_its_lock_are_refused() {
        let file = two().file();
        let outside = TempDir::new().unwrap();
        let working = file.dir.path().join(WORKING);
        symlink(outside.path(), &working).unwrap();
        let hint = "move it away or unzip by hand";
        assert_eq!(
            extracted(&file, 1),
            Err(format!("{WORKING}: cannot extract into it: it is a link, which is not followed; {hint}"))
        );
        fs::remove_file(&working).unwrap();
        let lock = file.dir.path().join(format!("{WORKING}.lock"));
        symlink(outside.path().join("made"), &lock).unwrap();
        let message = format!("{WORKING}.lock: expected the lock file of a run, or nothing; remove it and run again");
        assert_eq!(extracted(&file, 1), Err(message));
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
