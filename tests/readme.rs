//! The README's commands on the sample and its Python session, run as they stand there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod util;

use std::process::Command;

use util::{WorkDir, copy_inputs, repository};

/// The README's fenced blocks: (language, text).
fn blocks() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("README.md");
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            blocks.push((language.trim().to_owned(), text.join("\n") + "\n"));
        }
    }
    blocks
}

/// The arguments of the README's commands that work on the sample, in its order.
fn commands() -> Vec<Vec<String>> {
    let command = |line: &str| {
        let line = line.trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
        let arguments = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("amc-keywords "))?;
        arguments.contains("--root sample").then(|| arguments.split_whitespace().map(str::to_owned).collect())
    };
    let shell = blocks().into_iter().filter(|(language, _)| ["sh", "console", "bash"].contains(&language.as_str()));
    shell.flat_map(|(_, text)| text.lines().filter_map(command).collect::<Vec<_>>()).collect()
}

/// The sample as `sample/` in a folder of its own, with every such command run there.
fn with_commands_run() -> WorkDir {
    let work = WorkDir::new();
    copy_inputs(&repository().join("sample"), &work.join("sample"));
    for arguments in commands() {
        work.tool(&arguments[0]).args(&arguments[1..]).ok();
    }
    work
}

#[test]
fn the_outputs_look_as_the_readme_shows_them() {
    let sessions = blocks().into_iter().filter(|(language, _)| language == "console").map(|(_, text)| text);
    let is_reading = |command: &str| ["show ", "vocab "].iter().any(|name| command.starts_with(name));
    let steps: Vec<(String, String)> = sessions
        .flat_map(|text| text.split("$ amc-keywords ").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|step| step.split_once('\n').map(|(command, printed)| (command.to_owned(), printed.to_owned())))
        .filter(|(command, _)| is_reading(command))
        .collect();
    assert!(steps.len() >= 4, "{steps:?}");
    let work = with_commands_run();
    for (command, printed) in steps {
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let done = work.tool(arguments[0]).args(&arguments[1..]).ok();
        assert_eq!((done.stdout.as_str(), done.stderr.as_str()), (printed.as_str(), ""), "{}", done.dump());
    }
}

/// A Python with numpy: $AMC_KEYWORDS_PYTHON, or `python3`; `None`, with a word on stderr, if there is none.
fn python() -> Option<String> {
    let python = std::env::var("AMC_KEYWORDS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import numpy"]).output().is_ok_and(|done| done.status.success());
    if !found {
        eprintln!("skipped: {python} with numpy is not there; name another with AMC_KEYWORDS_PYTHON");
    }
    found.then_some(python)
}

#[test]
fn the_first_command_is_clickture_on_the_sample_and_mscoco_is_there_too() {
    let commands = commands();
    assert_eq!(commands[0], ["clickture", "--root", "sample"]);
    assert!(commands.contains(&vec!["mscoco".to_owned(), "--root".to_owned(), "sample".to_owned()]), "{commands:?}");
    let work = with_commands_run();
    assert!(work.join("sample/clickture/img_keyword_ind_clickture_dev_sk_6_sparse.npy").exists());
    assert!(work.join("sample/mscoco/img_keyword_ind_coco_sk_6.npy").exists());
}

#[test]
fn the_python_session_shows_what_it_says() {
    let sessions: String = blocks().into_iter().filter(|(_, text)| text.contains(">>> ")).map(|(_, text)| text + "\n").collect();
    assert!(sessions.contains("numpy") && sessions.contains(".load("), "the README has no session that loads a matrix");
    let Some(python) = python() else { return };
    let work = with_commands_run();
    work.write("session.txt", &sessions);
    let done = Command::new(python).args(["-m", "doctest", "session.txt"]).current_dir(work.path()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{sessions}");
}
