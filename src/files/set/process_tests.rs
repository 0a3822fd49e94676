//! Tests that need a whole process or a whole file system.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::tests::{NAMES, all_say, commit, contents, recover};
use super::*;
use crate::files::folder::free_space;
use crate::files::staging::is_pending;
use crate::progress::Silent;
use keyword_files::npy::hashing_writer::Sink;
use std::process::{Command, ExitStatus};
use tempfile::tempdir;

/// The child processes of the next tests run this test. The environment tells them to write a set.
#[test]
fn writes_a_set_if_the_environment_says_so() {
    if let Some(folder) = std::env::var_os("AMC_KEYWORDS_TEST_FOLDER") {
        commit(Path::new(&folder), "new");
    }
}

fn child(folder: &Path) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "files::set::process_tests::writes_a_set_if_the_environment_says_so"])
        .env("AMC_KEYWORDS_TEST_FOLDER", folder);
    child
}

fn killed_at(point: &str, folder: &Path) -> ExitStatus {
    child(folder).env("AMC_KEYWORDS_ABORT_AT", point).output().unwrap().status
}

#[test]
fn a_process_killed_at_any_step_leaves_a_set_that_the_next_run_makes_whole() {
    let points = [
        ("begun", Recovery::Undone, "old"),
        ("synced", Recovery::Undone, "old"),
        ("decided", Recovery::Finished, "new"),
        ("moved 1", Recovery::Finished, "new"),
        ("moved 2", Recovery::Finished, "new"),
        ("moved 3", Recovery::Finished, "new"),
        ("cleared", Recovery::Nothing, "new"),
    ];
    for (point, recovery, word) in points {
        let dir = tempdir().unwrap();
        commit(dir.path(), "old");
        let status = killed_at(point, dir.path());
        assert!(!status.success(), "{point}: {status}");
        assert_eq!(is_pending(dir.path(), "coco"), recovery == Recovery::Finished, "{point}");
        assert_eq!(recover(dir.path()), recovery, "{point}");
        assert_eq!(contents(dir.path()), all_say(word), "{point}");
    }
    let dir = tempdir().unwrap();
    assert!(killed_at("nowhere", dir.path()).success());
    assert_eq!(contents(dir.path()), all_say("new"));
}

#[test]
fn a_recovery_that_is_killed_too_is_taken_up_again() {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    for point in ["decided", "moved 1", "moved 1"] {
        assert!(!killed_at(point, dir.path()).success());
    }
    assert_eq!(recover(dir.path()), Recovery::Finished);
    assert_eq!(contents(dir.path()), all_say("new"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_past_the_limit_of_the_process_says_so_and_leaves_the_old_set() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    commit(&out, "old");
    let script = r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#;
    let direct = child(&out);
    let mut limited = Command::new("sh");
    limited.args(["-c", script]).arg(direct.get_program()).args(direct.get_args());
    limited.env("AMC_KEYWORDS_TEST_FOLDER", &out);
    let output = limited.output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let expected = "File too large (os error 27)";
    assert!(text.contains(expected), "{text}");
    assert_eq!(contents(&out), all_say("old"));
}

/// Needs a file system of about 1 MiB: `mount -t tmpfs -o size=1m tmpfs DIR`, then
/// `AMC_KEYWORDS_SMALL_DISK=DIR cargo test`.
#[test]
fn a_disk_that_fills_up_anywhere_keeps_the_old_set() {
    let Some(disk) = std::env::var_os("AMC_KEYWORDS_SMALL_DISK") else { return };
    let dir = tempfile::tempdir_in(disk).unwrap();
    let (out, filler) = (dir.path().join("out"), dir.path().join("filler"));
    fs::create_dir(&out).unwrap();
    commit(&out, "old");
    let mut word = "old".to_string();
    let (mut kept, mut replaced) = (0, 0);
    for free in (0..64).rev() {
        let space = free_space(&out).unwrap();
        fs::write(&filler, vec![0; usize::try_from(space - free * 4096).unwrap()]).unwrap();
        let new = free.to_string().repeat(20_000);
        let outcome = FileSet::begin(&out, "coco").and_then(|(set, _)| {
            NAMES.iter().try_for_each(|name| set.create(name, new.len() as u64)?.append(new.as_bytes()))?;
            set.commit("manifest_coco.json", &Silent)
        });
        fs::remove_file(&filler).unwrap();
        match outcome {
            Ok(()) => (word, replaced) = (new, replaced + 1),
            Err(error) => {
                let error = error.to_string();
                assert!(error.ends_with("; free some space, or choose another folder with --out"), "{error}");
                kept += 1;
            }
        }
        assert!(contents(&out) == all_say(&word), "{free} pages free");
    }
    assert!(kept >= 10 && replaced >= 10, "{kept} kept, {replaced} replaced");
}
