//! Runs that are killed, interrupted or started twice at any instant. Files under final names are
//! complete, `verify` reports a mixed set, and the next run finishes or undoes the earlier one.
//!
//! The environment sets the number of kills, their instants (`AMC_KEYWORDS_SEED`) and the corpus:
//!
//! ```sh
//! AMC_KEYWORDS_KILLS=200 AMC_KEYWORDS_KILL_ROOT=ROOT AMC_KEYWORDS_KILL_OUT=FOLDER \
//!     cargo test --release --test main kills:: -- --nocapture
//! ```

use std::path::PathBuf;
use std::thread;

use crate::util::WorkDir;
use crate::util::faults::{Duel, Found, Numbers, files, output_of, setting, signal, signal_of, wait_until};

/// A corpus that takes long enough to interrupt the run.
fn corpus(images: usize) -> WorkDir {
    let work = WorkDir::new();
    let keywords: Vec<Vec<String>> =
        (0..images).map(|image| (0..40).map(|n| format!("the word{} of", (image * 7 + n * n) % 997)).collect()).collect();
    let keywords: Vec<Vec<&str>> = keywords.iter().map(|words| words.iter().map(String::as_str).collect()).collect();
    work.clickture_split("dev", &keywords.iter().map(Vec::as_slice).collect::<Vec<_>>());
    work
}

#[test]
fn a_run_killed_at_any_instant_leaves_complete_files() {
    let work = corpus(500);
    let folder = |name, default| std::env::var_os(name).map_or(default, PathBuf::from);
    let root = folder("AMC_KEYWORDS_KILL_ROOT", work.path().to_path_buf());
    let scratch = folder("AMC_KEYWORDS_KILL_OUT", work.join("scratch"));
    std::fs::create_dir_all(&scratch).unwrap();
    let duel = Duel::new(&root, &scratch, "6");
    let mut numbers = Numbers::new(setting("AMC_KEYWORDS_SEED", 1));
    let (mut killed, mut begun, mut finished, mut undone, mut partial, mut mixed) = (0, 0, 0, 0, 0, 0);
    let kills = setting("AMC_KEYWORDS_KILLS", 20);
    for trial in 1..=kills {
        let (old, new) = if trial % 2 == 1 { (0, 1) } else { (1, 0) };
        let mut child = duel.start(new);
        thread::sleep(duel.usual.mul_f64(1.05 * numbers.share()));
        child.kill().unwrap();
        killed += u64::from(signal_of(child.wait().unwrap()) == Some(9));
        begun += u64::from(duel.has_begun());
        let found = duel.look();
        let (passed, output) = duel.verify();
        partial += found.not_whole.len();
        mixed += u64::from(passed && found.set.is_none());
        assert!(passed || output.contains("unfinished  manifest_clickture.json"), "kill {trial}: {output}");
        assert!(!passed || [Some(old), Some(new)].contains(&found.set), "kill {trial}: {found:?}");
        let warning = duel.finish(new);
        finished += u64::from(warning.contains("that is done now"));
        undone += u64::from(warning.contains("its unfinished files are removed"));
    }
    println!(
        "{kills} runs of {:.2?}, {killed} ended by the kill, {begun} left a staging folder; next runs finished {finished} and undid \
         {undone}; partial files: {partial}; mixed sets that verify passes: {mixed}",
        duel.usual
    );
    assert_eq!((partial, mixed), (0, 0));
    assert!(killed * 10 > kills, "{killed} of {kills}");
}

#[test]
fn an_interrupted_run_removes_its_files_and_exits_with_the_signal_number() {
    let work = corpus(500);
    let duel = Duel::new(work.path(), &work.join("scratch"), "6");
    let before = files(duel.out());
    for (name, status) in [("INT", 130), ("TERM", 143)] {
        let mut stopped = 0;
        while stopped < 3 {
            let mut child = duel.start(1);
            wait_until(|| duel.has_begun() || child.try_wait().unwrap().is_some());
            signal(&child, name);
            let done = child.wait_with_output().unwrap();
            if done.status.success() {
                // The run ended before the signal arrived.
                duel.finish(0);
                continue;
            }
            assert_eq!(done.status.code(), Some(status), "{}", output_of(&done));
            assert_eq!(output_of(&done), "amc-keywords clickture: interrupted; no output was changed\n");
            assert_eq!(files(duel.out()), before);
            assert_eq!(duel.look(), Found { set: Some(0), not_whole: vec![] });
            stopped += 1;
        }
    }
}

#[test]
fn a_signal_at_any_instant_leaves_exactly_one_complete_set() {
    let work = corpus(500);
    let duel = Duel::new(work.path(), &work.join("scratch"), "6");
    let before = files(duel.out());
    let mut numbers = Numbers::new(setting("AMC_KEYWORDS_SEED", 2));
    let mut set = 0;
    for trial in 0..10 {
        let child = duel.start(1 - set);
        thread::sleep(duel.usual.mul_f64(numbers.share()));
        signal(&child, ["TERM", "INT"][trial % 2]);
        let done = child.wait_with_output().unwrap();
        match (done.status.code(), signal_of(done.status)) {
            (Some(0), _) => set = 1 - set,
            // A signal that arrives before the handler is set ends the process. It has written
            // nothing yet.
            (Some(130 | 143), _) | (None, Some(2 | 15)) => {}
            other => panic!("{other:?}: {}", output_of(&done)),
        }
        assert_eq!(duel.look(), Found { set: Some(set), not_whole: vec![] });
        assert_eq!(files(duel.out()), before);
    }
}

#[test]
fn two_runs_into_one_folder_never_mix_their_files() {
    let work = corpus(500);
    let duel = Duel::new(work.path(), &work.join("scratch"), "6");
    let refusal = format!(
        "amc-keywords clickture: {}: another run is writing the clickture files into this folder; wait for it to end, or choose another \
         folder with --out\n",
        duel.out().display()
    );
    for _ in 0..3 {
        let both = [duel.start(0), duel.start(1)].map(|child| child.wait_with_output().unwrap());
        let done: Vec<usize> = (0..2).filter(|set| both[*set].status.success()).collect();
        assert!(!done.is_empty(), "{both:?}");
        for failed in both.iter().filter(|done| !done.status.success()) {
            assert_eq!((failed.status.code(), output_of(failed)), (Some(1), refusal.clone()));
        }
        let found = duel.look();
        assert!(found.set.is_some_and(|set| done.contains(&set)) && found.not_whole.is_empty(), "{found:?}");
        assert!(duel.verify().0);
    }
    // A lock as a run that does not end holds it.
    let lock = std::fs::File::create(duel.out().join(".amc-keywords-clickture.lock")).unwrap();
    lock.lock().unwrap();
    let refused = duel.command(1).output().unwrap();
    assert_eq!((refused.status.code(), output_of(&refused)), (Some(1), refusal));
}
