#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::files::folder::free_space;
use crate::files::staging::{is_pending, pending_sets};
use crate::progress::Silent;
use keyword_files::npy::hashing_writer::Sink;
use std::collections::BTreeMap;
use tempfile::{TempDir, tempdir};

pub(super) const NAMES: [&str; 3] = ["manifest_coco.json", "a.npy", "b.json"];
const STAGING: &str = ".amc-keywords-coco.partial";

/// Starts a set of three files that all contain `word`.
fn staged(folder: &Path, word: &str) -> FileSet {
    let (set, recovery) = FileSet::begin(folder, "coco").unwrap();
    assert_eq!(recovery, Recovery::Nothing);
    for name in NAMES {
        set.create(name, 3).unwrap().append(word.as_bytes()).unwrap();
    }
    set
}

pub(super) fn commit(folder: &Path, word: &str) {
    staged(folder, word).commit("manifest_coco.json", &Silent).unwrap();
}

/// The content of every file under `folder`, including hidden files. Names of folders end in `/`.
pub(super) fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        if path.is_dir() {
            all.extend(contents(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
            all.insert(format!("{name}/"), String::new());
        } else {
            all.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    all
}

pub(super) fn all_say(word: &str) -> BTreeMap<String, String> {
    NAMES.map(|name| (name.to_string(), word.to_string())).into()
}

/// The recovery that `begin` reports. The set is dropped.
pub(super) fn recover(folder: &Path) -> Recovery {
    FileSet::begin(folder, "coco").unwrap().1
}

fn refusal(folder: &Path) -> String {
    FileSet::begin(folder, "coco").unwrap_err().to_string()
}

#[test]
fn a_commit_leaves_the_files_under_their_names_and_nothing_else() {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    assert_eq!(contents(dir.path()), all_say("old"));
    commit(dir.path(), "new");
    assert_eq!(contents(dir.path()), all_say("new"));
}

#[test]
fn the_old_files_stay_until_the_commit_and_a_dropped_set_leaves_no_trace() {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    let set = staged(dir.path(), "new");
    for name in NAMES {
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), "old");
    }
    drop(set);
    assert_eq!(contents(dir.path()), all_say("old"));
}

#[test]
fn folders_made_for_a_set_go_with_it_unless_it_is_committed() {
    let dir = tempdir().unwrap();
    drop(staged(&dir.path().join("deep/out"), "new"));
    assert_eq!(contents(dir.path()), BTreeMap::new());

    fs::create_dir(dir.path().join("deep")).unwrap();
    drop(staged(&dir.path().join("deep/out"), "new"));
    assert_eq!(contents(dir.path()), [("deep/".into(), String::new())].into());

    commit(&dir.path().join("deep/out"), "new");
    assert_eq!(contents(&dir.path().join("deep/out")), all_say("new"));
}

#[test]
fn a_folder_made_for_a_set_stays_if_something_else_is_in_it() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    let set = staged(&out, "new");
    fs::write(out.join("notes.txt"), "mine").unwrap();
    drop(set);
    assert_eq!(contents(&out), [("notes.txt".to_string(), "mine".to_string())].into());
}

#[test]
fn two_sets_share_a_folder_but_two_runs_do_not_share_a_set() {
    let dir = tempdir().unwrap();
    let first = staged(dir.path(), "first");
    let (other, _) = FileSet::begin(dir.path(), "clickture").unwrap();
    let expected = "another run is writing the coco files into this folder; wait for it to end, \
                    or choose another folder with --out";
    assert_eq!(refusal(dir.path()), format!("{}: {expected}", dir.path().display()));
    first.commit("manifest_coco.json", &Silent).unwrap();
    drop(other);
    assert_eq!(contents(dir.path()), all_say("first"));
}

#[test]
fn names_that_lead_elsewhere_and_names_that_a_folder_has_are_refused() {
    let dir = tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    fs::create_dir(dir.path().join("x.npy")).unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    for name in ["", ".", "..", "../x", "a/b", "/etc/x", ".commit.json", "a b", "é", &"x".repeat(201)] {
        let expected = "an output's name must consist of letters, digits, '.', '_', '-' and '+'";
        let path = dir.path().join(name);
        assert_eq!(set.create(name, 3).unwrap_err().to_string(), format!("{}: {expected}", path.display()));
    }
    let expected = "a folder has the name of this output; move it away, or choose another folder \
                    with --out";
    assert_eq!(set.create("x.npy", 3).unwrap_err().to_string(), format!("{}: {expected}", at("x.npy")));
    set.create("y.npy", 3).unwrap();
    let twice = set.create("y.npy", 3).unwrap_err().to_string();
    let exists = File::create_new(dir.path().join(STAGING).join("y.npy")).unwrap_err();
    assert_eq!(twice, format!("{}: cannot write: {exists}", at("y.npy")));
    let without = set.commit("manifest_coco.json", &Silent).unwrap_err().to_string();
    assert_eq!(without, format!("{}: the manifest was not written", at("manifest_coco.json")));
    let named = FileSet::begin(dir.path(), "../x").unwrap_err().to_string();
    assert_eq!(named, "'../x' cannot be the name of a set; use letters, digits, '.', '_', '-' and '+'");
    assert_eq!(contents(dir.path()), [("x.npy/".into(), String::new())].into());
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    fs::write(&out, "mine").unwrap();
    let hint = "a file is in the way, so choose another folder with --out";
    let expected = format!("{}: cannot make the folder: {}; {hint}", out.display(), fs::create_dir(&out).unwrap_err());
    assert_eq!(refusal(&out), expected);
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
}

/// A folder with the old set, and the staging folder of a new run with the `staged` files. The
/// commit list is optional.
fn left_by_a_kill(staged: &[&str], list: Option<&str>) -> TempDir {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    let staging = dir.path().join(STAGING);
    fs::create_dir(&staging).unwrap();
    for name in staged {
        fs::write(staging.join(name), "new").unwrap();
    }
    if let Some(list) = list {
        fs::write(staging.join(COMMIT_LIST), list).unwrap();
    }
    fs::write(dir.path().join(".amc-keywords-coco.lock"), "").unwrap();
    dir
}

const LIST: &str = r#"{"format":1,"files":["a.npy","b.json","manifest_coco.json"]}"#;

#[test]
fn a_run_stopped_before_its_decision_is_undone() {
    for staged in [&[][..], &["a.npy"], &NAMES, &[".commit.json.new", "a.npy"]] {
        let dir = left_by_a_kill(staged, None);
        assert!(!is_pending(dir.path(), "coco"));
        assert_eq!(recover(dir.path()), Recovery::Undone);
        assert_eq!(contents(dir.path()), all_say("old"));
        assert_eq!(recover(dir.path()), Recovery::Nothing);
    }
}

#[test]
fn a_run_stopped_after_its_decision_is_finished() {
    for moved in 0..=3 {
        let order = ["a.npy", "b.json", "manifest_coco.json"];
        let dir = left_by_a_kill(&order[moved..], Some(LIST));
        for name in &order[..moved] {
            fs::write(dir.path().join(name), "new").unwrap();
        }
        assert!(is_pending(dir.path(), "coco") && !is_pending(dir.path(), "clickture"));
        assert_eq!(pending_sets(dir.path()).unwrap(), ["coco"]);
        assert_eq!(recover(dir.path()), Recovery::Finished, "{moved} moved");
        assert_eq!(contents(dir.path()), all_say("new"), "{moved} moved");
        assert!(!is_pending(dir.path(), "coco"));
        assert_eq!(recover(dir.path()), Recovery::Nothing);
    }
}

#[test]
fn a_commit_list_that_no_run_wrote_is_refused_and_moves_nothing() {
    let long = format!(r#"{{"format":1,"files":["{}"]}}"#, "x".repeat(70_000));
    let deep = "[".repeat(60_000);
    let lists = [
        "",
        "null",
        "{",
        r#"{"format":2,"files":[]}"#,
        r#"{"format":1,"files":["../a.npy"]}"#,
        r#"{"format":1,"files":["a.npy","/etc/passwd"]}"#,
        r#"{"format":1,"files":["a.npy",".commit.json"]}"#,
        r#"{"format":1,"files":["a.npy"],"more":1}"#,
        r#"{"format":1,"files":["a.npy"]} x"#,
        &long,
        &deep,
    ];
    for list in lists {
        let dir = left_by_a_kill(&NAMES, Some(list));
        let before = contents(dir.path());
        let staging = dir.path().join(STAGING);
        let expected = "its list of files is damaged; remove it and run again";
        assert_eq!(refusal(dir.path()), format!("{}: {expected}", staging.display()));
        let mut after = contents(dir.path());
        after.insert(".amc-keywords-coco.lock".into(), String::new());
        assert_eq!(after, before);
    }
}

#[test]
fn what_is_in_the_way_of_the_staging_folder_is_refused_and_not_changed() {
    let dir = tempdir().unwrap();
    let staging = dir.path().join(STAGING);
    let expected = format!("{}: expected the folder of a run, or nothing; remove it and run again", staging.display());
    fs::write(&staging, "mine").unwrap();
    assert_eq!(refusal(dir.path()), expected);
    assert_eq!(fs::read_to_string(&staging).unwrap(), "mine");

    #[cfg(unix)]
    {
        fs::remove_file(&staging).unwrap();
        let elsewhere = left_by_a_kill(&NAMES, Some(LIST));
        let before = contents(elsewhere.path());
        std::os::unix::fs::symlink(elsewhere.path().join(STAGING), &staging).unwrap();
        assert_eq!(refusal(dir.path()), expected);
        assert_eq!(contents(elsewhere.path()), before);
    }
}

#[cfg(unix)]
#[test]
fn links_in_staging_are_neither_moved_nor_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = tempdir().unwrap();
    fs::write(elsewhere.path().join("precious"), "mine").unwrap();

    let undone = left_by_a_kill(&["a.npy"], None);
    symlink(elsewhere.path(), undone.path().join(STAGING).join("b.json")).unwrap();
    assert_eq!(recover(undone.path()), Recovery::Undone);

    let decided = left_by_a_kill(&["a.npy"], Some(LIST));
    let staging = decided.path().join(STAGING);
    symlink(elsewhere.path(), staging.join("b.json")).unwrap();
    let expected = format!(
        "{}/b.json: cannot put the new file in place: its finished version is not a file; the \
         finished files are in {}; correct this and run again",
        decided.path().display(),
        staging.display()
    );
    assert_eq!(refusal(decided.path()), expected);

    let listed = left_by_a_kill(&NAMES, None);
    symlink(elsewhere.path().join("precious"), listed.path().join(STAGING).join(COMMIT_LIST)).unwrap();
    let expected = "its list of files is damaged; remove it and run again";
    assert_eq!(refusal(listed.path()), format!("{}: {expected}", listed.path().join(STAGING).display()));
    assert_eq!(contents(elsewhere.path()), [("precious".into(), "mine".into())].into());
}

#[cfg(unix)]
#[test]
fn a_commit_whose_first_rename_fails_changes_nothing() {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    let set = staged(dir.path(), "new");
    fs::remove_file(dir.path().join("a.npy")).unwrap();
    fs::create_dir(dir.path().join("a.npy")).unwrap();
    let error = set.commit("manifest_coco.json", &Silent).unwrap_err().to_string();
    let expected = "cannot put the new file in place: Is a directory (os error 21)";
    assert_eq!(error, format!("{}/a.npy: {expected}", dir.path().display()));
    let mut all = all_say("old");
    all.remove("a.npy");
    all.insert("a.npy/".into(), String::new());
    assert_eq!(contents(dir.path()), all);
}

#[cfg(unix)]
#[test]
fn a_commit_whose_later_rename_fails_is_finished_by_the_next_run_once_it_can_be() {
    let dir = tempdir().unwrap();
    commit(dir.path(), "old");
    let set = staged(dir.path(), "new");
    fs::remove_file(dir.path().join("b.json")).unwrap();
    fs::create_dir(dir.path().join("b.json")).unwrap();
    let error = set.commit("manifest_coco.json", &Silent).unwrap_err().to_string();
    let expected = format!(
        "{0}/b.json: cannot put the new file in place: Is a directory (os error 21); the finished \
         files are in {0}/{STAGING}; correct this and run again",
        dir.path().display()
    );
    assert_eq!(error, expected);
    assert!(is_pending(dir.path(), "coco"));
    assert_eq!(refusal(dir.path()), expected);
    fs::remove_dir(dir.path().join("b.json")).unwrap();
    assert_eq!(recover(dir.path()), Recovery::Finished);
    assert_eq!(contents(dir.path()), all_say("new"));
}

#[test]
fn free_space_is_known_for_a_folder_that_does_not_exist_yet() {
    let dir = tempdir().unwrap();
    if cfg!(unix) {
        assert!(free_space(dir.path()).unwrap() > 0);
        assert!(free_space(&dir.path().join("not/yet")).unwrap() > 0);
        assert!(free_space(Path::new("not-yet")).unwrap() > 0);
    }
}
