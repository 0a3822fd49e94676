//! Damaged and malicious zip archives, one case per class. The unit tests of the archive reader
//! have the full tables of damaged bytes.

use zip::CompressionMethod;

use crate::util::archives::{CENTRAL_RECORD, END_RECORD, LOCAL_HEADER, patch, rename, zip, zip_with};
use crate::util::{WorkDir, keyword_file};

const ARCHIVE: &str = "keyword/keywords_dev.zip";
const FIRST: &str = "'keywords_dev/00000000.json'";
const FETCH: &str = "download or zip it again; `unzip -t` checks every member";

fn dogs() -> String {
    keyword_file(&["dog"; 20])
}

/// An archive of two sound members, the first of which a test damages.
fn two() -> Vec<u8> {
    zip(&[("keywords_dev/00000000.json", dogs()), ("keywords_dev/00000001.json", keyword_file(&["cat"]))])
}

/// Dev with this archive and a list of its two images.
fn dev(archive: &[u8]) -> WorkDir {
    let work = WorkDir::new();
    work.write(ARCHIVE, archive).write("clickture/clickture-dev.lst", "00000000\n00000001\n");
    work
}

fn refused(work: &WorkDir, options: &[&str], message: &str) {
    let run = work.tool("clickture").args(["--min-df", "1", "--out", "out"]).args(options);
    run.bounded().refused(message);
}

#[test]
fn a_web_page_instead_of_an_archive_is_refused() {
    let work = dev(b"<!DOCTYPE html><html>Sign in</html>");
    let what = "is a web page, perhaps because the download was blocked; download the zip archive \
                itself";
    refused(&work, &[], &format!("{ARCHIVE}: {what}"));
}

#[test]
fn a_directory_with_a_wrong_number_of_members_is_refused() {
    let mut archive = two();
    patch(&mut archive, (END_RECORD, 0), 8, &[9, 0, 9, 0]);
    let what = "its end says that it holds 9 members, its directory lists 2";
    refused(&dev(&archive), &[], &format!("{ARCHIVE}: {what}; {FETCH}"));
}

#[test]
fn damaged_packed_bytes_are_refused() {
    let mut archive = two();
    let name = "keywords_dev/00000000.json".len();
    patch(&mut archive, (LOCAL_HEADER, 0), 30 + name, &[0xff; 4]);
    refused(&dev(&archive), &[], &format!("{ARCHIVE}: {FIRST}: damaged: cannot be inflated; {FETCH}"));
}

#[test]
fn a_zip_bomb_is_refused_by_the_size_that_it_claims() {
    let method = CompressionMethod::Zstd;
    let archive = zip_with(method, &[("keywords_dev/00000000.json", vec![b' '; 8 << 20])]);
    let packed = archive.windows(4).position(|bytes| bytes == CENTRAL_RECORD).unwrap() + 20;
    let packed = u32::from_le_bytes(archive[packed..packed + 4].try_into().unwrap());
    let work = dev(&archive);
    work.write("clickture/clickture-dev.lst", "00000000\n");
    let message = format!(
        "{ARCHIVE}: {FIRST}: claims 8388608 bytes from {packed} packed bytes, {} to 1, expected at \
         most 200; no keyword file packs so well; unzip it and check it",
        (8 << 20) / packed
    );
    refused(&work, &[], &message);
}

#[test]
fn max_member_size_sets_the_limit() {
    let claims = format!("claims {} bytes, expected at most 100", dogs().len());
    let message = format!("{ARCHIVE}: {FIRST}: {claims}; if it is a keyword file, raise --max-member-size");
    refused(&dev(&two()), &["--max-member-size", "100"], &message);
}

/// Member names that must not become paths, as messages show them, and the reason.
/// The unit tests of extraction have the other characters and forms.
const NAMES: [(&[u8], &str, &str); 4] = [
    (b"../../evil.json", "../../evil.json", "leads out of the folder with '..'"),
    (b"..", "..", "leads out of the folder with '..'"),
    (b"./evil", "./evil", "has an empty part"),
    (b"\x1b[2Jevil", "\\u{1b}[2Jevil", "has a control character"),
];

/// A sound image and a member with this name, two folders deep so that `..` stays in the test's
/// folder.
fn with_name(name: &[u8]) -> WorkDir {
    let other = "@".repeat(name.len());
    let mut archive = zip(&[("keywords_dev/00000000.json", keyword_file(&["dog"])), (&other, "evil".to_owned())]);
    rename(&mut archive, other.as_bytes(), name);
    let work = WorkDir::new();
    work.write("a/b/keyword/keywords_dev.zip", archive).write("a/b/clickture/clickture-dev.lst", "00000000\n");
    work
}

#[cfg(unix)]
#[test]
fn extract_writes_nothing_if_a_name_leads_elsewhere() {
    for (name, shown, reason) in NAMES {
        let hint = "nothing was written; leave out --extract, or zip the keyword files again";
        let message = format!("a/b/{ARCHIVE}: '{shown}': not extracted: its name {reason}; {hint}");
        refused(&with_name(name), &["--root", "a/b", "--extract"], &message);
    }
}

#[test]
fn dangerous_names_are_harmless_without_extract() {
    for (name, ..) in NAMES {
        let work = with_name(name);
        work.tool("clickture").args(["--root", "a/b", "--min-df", "1", "--out", "out"]).bounded().silent();
        assert_eq!(work.words("out/vocabulary_clickture_dev_sk_1.json"), ["dog"]);
    }
}

#[test]
fn extract_unzips_only_keyword_files_and_nothing_hidden() {
    let work = WorkDir::new();
    let dog = keyword_file(&["dog"]);
    let hidden = [".bash_profile", ".ssh/authorized_keys", "a/.amc-keywords-extract/lock", ".hidden.json", "run.sh"];
    let members = ["a.json", "b/c.json"].into_iter().chain(hidden).map(|name| (name, dog.clone()));
    work.zip("home/set.zip", &members.collect::<Vec<_>>());
    let done = work.tool("encode").args(["home/set.zip", "--min-df", "1", "--extract", "--out", "out"]).bounded().ok();
    let note = "set: 2 keyword files extracted below home, 0 were there already; 5 other or hidden \
                members were not extracted\n";
    assert!(done.notes.contains(note), "{}", done.dump());
    let files: Vec<String> = work.files().into_iter().filter(|name| name.starts_with("home")).collect();
    assert_eq!(files, ["home/a.json", "home/b/c.json", "home/set.zip"]);
}

#[test]
#[cfg(unix)]
fn extract_does_not_follow_links() {
    let work = dev(&two());
    work.write("elsewhere/kept", "kept");
    std::os::unix::fs::symlink(work.join("elsewhere"), work.join("keyword/keywords_dev")).unwrap();
    let what = "cannot extract into it: it is a link, which is not followed; move it away or unzip by hand";
    refused(&work, &["--extract"], &format!("keyword/keywords_dev: {what}"));
}

#[test]
fn extract_does_not_overwrite_a_file_that_differs() {
    let work = dev(&two());
    work.write("keyword/keywords_dev/00000000.json", "mine").write("keyword/keywords_dev/00000001.json", keyword_file(&["cat"]));
    let what = "keyword/keywords_dev/00000000.json: exists and differs; move it away or unzip by hand";
    refused(&work, &["--extract"], what);
}
