//! Runs that stop between any two steps of their commit, through the feature `fault-injection`.

use crate::util::WorkDir;
use crate::util::faults::{Duel, signal_of};

const FINISHED: &str = "amc-keywords: warning: an earlier run was stopped while it renamed its \
                        files; this run finished the renames\n";
const UNDONE: &str = "amc-keywords: warning: an earlier run was stopped before it finished; its \
                      unfinished files were removed\n";

#[test]
fn verify_reports_a_run_stopped_between_two_renames_and_the_next_run_finishes_it() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["the dog"], &["red dog"], &["the beach"]]);
    let duel = Duel::new(work.path(), &work.join("scratch"), "1");
    let before = ["begun", "synced"].map(String::from);
    let between = ["decided".to_owned()].into_iter().chain((1..=5).map(|moved| format!("moved {moved}")));
    let mut mixed = 0;
    for point in before.into_iter().chain(between.clone()).chain(["cleared".to_owned()]) {
        let done = duel.command(1).env("AMC_KEYWORDS_ABORT_AT", &point).output().unwrap();
        assert_eq!(signal_of(done.status), Some(6), "{point}: {done:?}");
        let found = duel.look();
        assert_eq!(found.not_whole, [""; 0], "{point}");
        let (passed, output) = duel.verify();
        let expected = match point.as_str() {
            "begun" | "synced" => (true, Some(0), UNDONE),
            "decided" => (false, Some(0), FINISHED),
            "moved 5" => (false, Some(1), FINISHED),
            "cleared" => (true, Some(1), ""),
            _ => (false, None, FINISHED),
        };
        assert_eq!((passed, found.set), (expected.0, expected.1), "{point}: {output}");
        mixed += u32::from(found.set.is_none());
        let line =
            "unfinished  manifest_clickture.json: a run was stopped while it renamed its files; the next run finishes this";
        assert_eq!(output.lines().any(|other| other == line), !passed, "{point}: {output}");

        let check = duel.command(1).arg("--check").output().unwrap();
        assert_eq!(check.status.success(), point == "cleared", "{point}: {check:?}");
        assert_eq!(duel.look(), found, "{point}: a check changes nothing");

        assert_eq!(duel.finish(1), expected.2, "{point}");
        assert_eq!(duel.finish(0), "");
    }
    assert_eq!(mixed, 4, "after each of the first four of five renames");
}
