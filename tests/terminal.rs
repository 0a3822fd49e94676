//! Output to a terminal: colors, progress and a clean screen afterwards.

use std::process::Command;

use crate::util::{Run, WorkDir};
use indicatif::{InMemoryTerm, TermLike};

const RED: &str = "\u{1b}[1m\u{1b}[31m";
const YELLOW: &str = "\u{1b}[1m\u{1b}[33m";
const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// A corpus that takes long enough to show progress.
fn corpus() -> WorkDir {
    let work = WorkDir::new();
    let keywords: Vec<Vec<String>> =
        (0..4000).map(|image| (0..40).map(|n| format!("word{}", (image * 7 + n * n) % 997)).collect()).collect();
    let keywords: Vec<Vec<&str>> = keywords.iter().map(|words| words.iter().map(String::as_str).collect()).collect();
    work.clickture_split("dev", &keywords.iter().map(Vec::as_slice).collect::<Vec<_>>());
    work
}

/// Runs the command on a terminal of 80 columns. Returns `None` with a note if there is no
/// `script`.
fn on_a_terminal<'a>(run: Run<'a>, before: &str) -> Option<Run<'a>> {
    if !Command::new("script").arg("--version").output().is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: script (util-linux) is not there");
        return None;
    }
    let wrapped = run.wrapped(|command| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let mut script = Command::new("script");
        script.args(["-qec", &format!("stty cols 80; {before} {}", words.join(" ")), "/dev/null"]);
        script.env("TERM", "xterm-256color").env_remove("CLICOLOR").env_remove("CLICOLOR_FORCE");
        script
    });
    Some(wrapped)
}

/// The contents of the screen after this output.
fn screen(written: &str) -> String {
    let terminal = InMemoryTerm::new(40, 80);
    terminal.write_str(written).unwrap();
    terminal.contents()
}

#[test]
fn after_a_run_the_screen_has_the_summary_and_no_progress_bar() {
    let work = corpus();
    let Some(run) = on_a_terminal(work.tool("clickture").args(["--splits", "dev"]), "") else { return };
    let done = run.ok();
    let screen = screen(&done.stdout);
    assert!(screen.starts_with("amc-keywords: note: dev: read from keyword/keywords_dev.zip\n"), "{screen}");
    assert!(!screen.contains("reading dev") && !screen.contains("writing dev"), "{screen}");
    assert!(
        done.stdout.contains(&format!("\n{BOLD}split  images  no word  skipped  keywords  words kept  dropped{PLAIN}\r\n")),
        "{}",
        done.dump()
    );
}

#[test]
fn warnings_and_errors_are_printed_on_a_clean_screen() {
    let work = corpus();
    work.write("clickture/clickture-dev.lst", "00000001\nnone_such\n");
    let Some(run) = on_a_terminal(work.tool("clickture").args(["--analyzer", "char", "--token-pattern", "x+"]), "") else {
        return;
    };
    let done = run.go();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    let screen = screen(&done.stdout);
    let lines: Vec<&str> = screen.lines().filter(|line| line.starts_with("amc-keywords")).collect();
    assert!(lines.len() == 2 && screen.starts_with("amc-keywords: warning: ") && !screen.contains("finding"), "{}", done.dump());
    assert!(lines[1].starts_with("amc-keywords clickture: clickture/clickture-dev.lst: "), "{}", done.dump());
    assert!(done.stdout.contains(&format!("{RED}amc-keywords clickture:{PLAIN} clickture/")), "{}", done.dump());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_clean_screen() {
    use std::io::{Read, Write};
    use std::process::Stdio;

    let work = WorkDir::new();
    work.pipe("web.jsonl");
    let encode = work.tool("encode").args(["web.jsonl", "--keywords-field", "tags", "--min-df", "1", "--out", "out"]);
    let Some(run) = on_a_terminal(encode, "") else { return };
    let mut script = run.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut output, mut written) = (script.stdin.take().unwrap(), script.stdout.take().unwrap(), String::new());
    let mut input = Some(std::fs::File::create(work.join("web.jsonl")).unwrap());
    input.as_mut().unwrap().write_all(b"{\"id\": 1, \"tags\": [\"dog\"]}\n").unwrap();
    let mut bytes = [0; 4096];
    let mut is_pressed = false;
    loop {
        let read = output.read(&mut bytes).unwrap();
        if read == 0 {
            break;
        }
        written += &String::from_utf8_lossy(&bytes[..read]);
        if !is_pressed && written.contains("finding the images") {
            keys.write_all(b"\x03").unwrap();
            is_pressed = true;
        }
        // The terminal shows the key after it has sent the signal. Until then, the run waits for input.
        if written.contains("^C") {
            input = None;
        }
    }
    script.wait().unwrap();
    assert!(input.is_none(), "{written:?}");
    let screen = screen(&written);
    let message = screen.trim_start_matches("^C").trim_start();
    assert_eq!(message, "amc-keywords encode: interrupted; no output was changed", "{written:?}");
}

#[test]
fn without_a_terminal_progress_is_shown_only_on_request() {
    let work = corpus();
    assert_eq!(work.tool("clickture").ok().stderr, "");
    assert_eq!(work.tool("clickture").args(["--progress", "none"]).ok().stderr, "");
    assert_eq!(work.tool("clickture").args(["--progress", "plain", "--quiet"]).ok().stderr, "");
    for kind in ["plain", "bar"] {
        let expected = [
            "amc-keywords: finding the images: done",
            "amc-keywords: reading dev: 4,000 done",
            "amc-keywords: writing dev: 4,000 done",
            "amc-keywords: computing the checksums of the inputs: done",
            "amc-keywords: writing the files to the disk: done",
        ];
        assert_eq!(steps(work.tool("clickture").args(["--progress", kind])), expected);
    }
}

#[test]
fn each_step_of_encode_is_shown() {
    let work = WorkDir::new();
    work.write("set.jsonl", "{\"id\": \"a\", \"tags\": [\"dog\"]}\n");
    let encode = work.tool("encode").args(["set.jsonl", "--keywords-field", "tags", "--id-field", "id", "--min-df", "1"]);
    let expected = [
        "amc-keywords: finding the images: done",
        "amc-keywords: reading set: 1 done",
        "amc-keywords: sorting set: done",
        "amc-keywords: writing set: 1 done",
        "amc-keywords: writing the id map: done",
        "amc-keywords: computing the checksums of the inputs: done",
        "amc-keywords: writing the files to the disk: done",
    ];
    assert_eq!(steps(encode.args(["--out", "out", "--progress", "plain"])), expected);
}

/// The steps that a run prints, without their times.
fn steps(run: Run<'_>) -> Vec<String> {
    let stderr = run.ok().stderr;
    stderr.lines().filter_map(|line| line.split_once(" in ")).map(|(step, _)| step.to_owned()).collect()
}

#[test]
fn colors_are_for_terminals_unless_requested() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"]]);
    let arguments = ["--min-df", "1", "--analyzer", "char", "--token-pattern", "x+"];
    let warning = "amc-keywords: warning:";
    let plain = work.tool("clickture").args(arguments).ok();
    assert!(plain.stderr.starts_with(warning) && !(plain.stdout.clone() + &plain.stderr).contains('\u{1b}'), "{}", plain.dump());
    let colored = work.tool("clickture").args(arguments).args(["--color", "always"]).ok();
    assert!(colored.stderr.starts_with(&format!("{YELLOW}{warning}{PLAIN} ")), "{}", colored.dump());
    assert!(colored.stdout.contains(&format!("{BOLD}split  images")), "{}", colored.dump());
    let json = work.tool("clickture").args(arguments).args(["--color=always", "--json"]).ok();
    assert!(!json.stdout.contains('\u{1b}'), "{}", json.dump());
    let forced = work.tool("clickture").args(arguments).env("CLICOLOR_FORCE", "1").ok();
    assert!(forced.stderr.starts_with(YELLOW), "{}", forced.dump());
}

#[test]
fn no_color_and_color_never_turn_colors_off() {
    let work = WorkDir::new();
    for (arguments, before) in [(["none_such", "--color=auto"], "NO_COLOR=1"), (["none_such", "--color=never"], "")] {
        let Some(run) = on_a_terminal(work.tool("verify").args(arguments), before) else { return };
        let done = run.go();
        assert!(!done.stdout.contains("\u{1b}[3"), "{}", done.dump());
        assert!(screen(&done.stdout).starts_with("amc-keywords verify: none_such: "), "{}", done.dump());
    }
}

#[test]
fn help_and_usage_errors_obey_color() {
    let work = WorkDir::new();
    assert!(work.tool("verify").args(["--help", "--color", "always"]).ok().stdout.contains('\u{1b}'));
    assert!(!work.tool("verify").args(["--help"]).ok().stdout.contains('\u{1b}'));
    let wrong = work.tool("verify").args(["--color=always", "--jbos"]).go();
    assert!(wrong.status == Some(2) && wrong.stderr.contains('\u{1b}'), "{}", wrong.dump());
}
