//! `--check`, which compares a folder with a run that writes nothing, and files that earlier runs
//! left.

use crate::util::WorkDir;

const FOLDER: &str = "clickture";
const MANIFEST: &str = "manifest_clickture.json";
const MATRIX: &str = "img_keyword_ind_clickture_dev_sk_1_sparse.npy";

/// Dev with an id map, a list of stop words and the outputs of a run.
fn written() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog", "the cat"], &["red dog"], &["beach"]]);
    work.id_map("clickture/img_id_map_dev.pkl", &[("a", 0), ("b", 1), ("c", 2)]).write("words.txt", "red\n");
    run(&work, &[]).ok();
    work
}

fn run<'a>(work: &'a WorkDir, more: &[&str]) -> crate::util::Run<'a> {
    let usual = if more.contains(&"--min-df") { &["--splits", "dev"][..] } else { &["--splits", "dev", "--min-df", "1"] };
    work.tool("clickture").args(usual).args(more)
}

/// The lines of a failing check without those of fresh files.
/// The check must write nothing and must name the same files on stderr.
fn stale(work: &WorkDir, more: &[&str]) -> Vec<String> {
    let before = work.contents(".");
    let done = run(work, more).args(["--check"]).go();
    assert_eq!(work.contents("."), before, "something was written");
    assert_eq!(done.status, Some(1), "{}", done.dump());
    let lines: Vec<String> = done.stdout.lines().filter(|line| !line.starts_with("fine ")).map(str::to_owned).collect();
    let names: Vec<&str> = lines.iter().map(|line| line[12..].split(':').next().unwrap()).collect();
    let (bad, all) = (names.len(), done.stdout.lines().count());
    let message = format!(
        "amc-keywords clickture: {FOLDER}: {bad} of {all} files have faults: {}; run without --check to write them\n",
        names.join(", ")
    );
    assert!(done.stderr.ends_with(&message), "{}", done.dump());
    lines
}

#[test]
fn the_files_of_a_run_are_fresh_on_any_number_of_threads() {
    let work = written();
    let before = work.contents(".");
    for jobs in ["1", "5"] {
        let done = run(&work, &["--check", "--jobs", jobs]).ok();
        let expected = format!(
            "fine        {MANIFEST}\nfine        {MATRIX}\nfine        vocabulary_clickture_dev_sk_1.json\n\
             fine        vocabulary_clickture_dev_sk_1.pkl\nfine        statistics_clickture.json\n"
        );
        assert_eq!((done.stdout, done.stderr.as_str()), (expected, ""));
    }
    let quiet = run(&work, &["--check", "--quiet"]).ok();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(work.contents("."), before);
}

#[test]
fn one_changed_byte_of_any_output_is_found_and_the_next_run_restores_it() {
    let work = written();
    let outputs: Vec<String> = work.files().into_iter().filter(|name| name.contains("_clickture")).collect();
    assert_eq!(outputs.len(), 5);
    for output in outputs {
        let was = work.read(&output);
        for place in [0, was.len() / 2, was.len() - 1] {
            let mut bytes = was.clone();
            bytes[place] ^= 1;
            work.write(&output, bytes);
            let name = output.strip_prefix("clickture/").unwrap();
            let lines = stale(&work, &[]);
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].starts_with(&format!("differs     {name}: ")), "{lines:?}");
        }
        run(&work, &[]).ok();
        assert_eq!(work.read(&output), was);
    }
    run(&work, &["--check"]).ok();
}

#[test]
fn one_changed_byte_of_any_input_is_found_even_if_the_outputs_stay_equal() {
    let work = written();
    let mut zip = work.read("keyword/keywords_dev.zip");
    // The date in the local header of the first member, which the tool does not read.
    zip[12] ^= 1;
    let mut map = work.read("clickture/img_id_map_dev.pkl");
    let letter = map.iter().position(|byte| *byte == b'a').unwrap();
    map[letter] = b'x';
    let list = work.text("clickture/clickture-dev.lst").replace("00000002\n", "00000002 ").into_bytes();
    for (input, bytes) in
        [("keyword/keywords_dev.zip", zip), ("clickture/img_id_map_dev.pkl", map), ("clickture/clickture-dev.lst", list)]
    {
        let was = work.read(input);
        work.write(input, bytes);
        assert_eq!(stale(&work, &[]), [format!("differs     {MANIFEST}: made from another {input}")]);
        work.write(input, was);
    }
    run(&work, &["--check"]).ok();
    run(&work, &["--stop-words", "words.txt"]).ok();
    work.write("words.txt", "red\r\n");
    let lines = stale(&work, &["--stop-words", "words.txt"]);
    assert_eq!(lines, [format!("differs     {MANIFEST}: made from another words.txt")]);
}

#[test]
fn every_changed_option_is_reported_with_both_values() {
    let work = written();
    for (options, message) in [
        (&["--max-df", "0.9"][..], "made with max_df 1.0, now 0.9"),
        (&["--on-error", "skip"], "made with on_error stop, now skip"),
        (&["--duplicates", "allow"], "made with duplicates refuse, now allow"),
        (&["--stop-words", "none"], "made with stop_words english, now none"),
        (&["--layout", "script"], "made with layout documented, now script"),
    ] {
        assert_eq!(stale(&work, options)[0], format!("differs     {MANIFEST}: {message}"));
    }
    let mut min_df = stale(&work, &["--min-df", "2"]);
    let statistics = min_df.remove(4);
    assert!(statistics.starts_with("differs     statistics_clickture.json: expected "), "{statistics}");
    let expected = [
        format!("differs     {MANIFEST}: made with min_df 1, now 2"),
        "missing     img_keyword_ind_clickture_dev_sk_2_sparse.npy".into(),
        "missing     vocabulary_clickture_dev_sk_2.json".into(),
        "missing     vocabulary_clickture_dev_sk_2.pkl".into(),
        format!("stale       {MATRIX}: left by an earlier run; this run does not write it"),
        "stale       vocabulary_clickture_dev_sk_1.json: left by an earlier run; this run does not write it".into(),
        "stale       vocabulary_clickture_dev_sk_1.pkl: left by an earlier run; this run does not write it".into(),
    ];
    assert_eq!(min_df, expected);
}

#[test]
fn in_a_missing_folder_all_files_are_missing_and_the_folder_is_not_created() {
    let work = written();
    let done = run(&work, &["--check", "--out", "never/made", "--json"]).go();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert_eq!(done.stdout.matches(r#""state":"missing""#).count(), 5, "{}", done.dump());
    assert!(!work.join("never").exists());
}

#[test]
fn a_check_reports_bad_data_like_a_run_and_refuses_extract() {
    let work = written();
    work.write("clickture/clickture-dev.lst", "00000000\nx\n");
    let line = "amc-keywords clickture: clickture/clickture-dev.lst: 'x': line 2: not a number, and not in the id map";
    let (check, wet) = (run(&work, &["--check"]).go(), run(&work, &[]).go());
    assert!(check.stderr.starts_with(line), "{}", check.dump());
    assert_eq!((check.stderr, check.status), (wet.stderr, Some(1)));
    assert_eq!(run(&work, &["--check", "--extract"]).go().status, Some(2));
}

#[test]
fn mscoco_can_be_checked_too() {
    let work = WorkDir::new();
    work.coco(&[("train", &["dog"]), ("test", &["cat"])]);
    let options = ["--min-df", "1", "--splits", "train"];
    work.tool("mscoco").args(options).ok();
    work.tool("mscoco").args(options).args(["--check"]).ok();
    let done = work.tool("mscoco").args(["--min-df", "1", "--check"]).go();
    let message = r#"differs     manifest_coco.json: made with splits ["train"], now ["train+test"]"#;
    assert_eq!((done.status, done.stdout.lines().next()), (Some(1), Some(message)), "{}", done.dump());
}

#[test]
fn a_run_lists_the_files_of_earlier_runs_and_keeps_them() {
    let work = written();
    run(&work, &["--layout", "script"]).silent();
    let pairs = work.read("clickture/img_keyword_rec_clickture_dev_sk_1.npy");
    let warning = "clickture: an earlier run left files that no manifest lists; delete them if you \
                   do not need them: img_keyword_rec_clickture_dev_sk_1.npy, \
                   count_vectorizer_clickture_dev_sk_1.pkl";
    run(&work, &[]).warns(warning);
    assert_eq!(work.read("clickture/img_keyword_rec_clickture_dev_sk_1.npy"), pairs);
    run(&work, &["--layout", "script"]).ok();
    work.remove("clickture/img_keyword_rec_clickture_dev_sk_1.npy").remove("clickture/count_vectorizer_clickture_dev_sk_1.pkl");
    assert_eq!(run(&work, &[]).ok().stderr, "", "a file that is gone is no news");
}
