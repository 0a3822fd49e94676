//! The README's commands on the sample, its Python session, its Makefile and its workflow.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::util::{WorkDir, copy_inputs, repository};

/// The fenced blocks of the README: (language, text).
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

/// The arguments of the README's commands on the sample, in order.
fn commands() -> Vec<Vec<String>> {
    let command = |line: &str| {
        let line = line.trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
        let arguments = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("amc-keywords "))?;
        arguments.contains("--root sample").then(|| arguments.split_whitespace().map(str::to_owned).collect())
    };
    let shell = blocks().into_iter().filter(|(language, _)| ["sh", "console", "bash"].contains(&language.as_str()));
    shell.flat_map(|(_, text)| text.lines().filter_map(command).collect::<Vec<_>>()).collect()
}

/// A copy of the sample as `sample/`, in which all these commands have run.
fn with_commands_run() -> WorkDir {
    let work = WorkDir::new();
    copy_inputs(&repository().join("sample"), &work.join("sample"));
    for arguments in commands() {
        work.tool(&arguments[0]).args(&arguments[1..]).ok();
    }
    work
}

#[test]
fn the_console_sessions_print_what_the_readme_shows() {
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

/// A Python with NumPy: `AMC_KEYWORDS_PYTHON` or `python3`. Returns `None` with a note if there is
/// none.
fn python() -> Option<String> {
    let python = std::env::var("AMC_KEYWORDS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import numpy"]).output().is_ok_and(|done| done.status.success());
    if !found {
        eprintln!("skipped: {python} with numpy is not there; name another with AMC_KEYWORDS_PYTHON");
    }
    found.then_some(python)
}

#[test]
fn the_first_command_runs_clickture_on_the_sample() {
    let commands = commands();
    assert_eq!(commands[0], ["clickture", "--root", "sample"]);
    assert!(commands.contains(&vec!["mscoco".to_owned(), "--root".to_owned(), "sample".to_owned()]), "{commands:?}");
    let work = with_commands_run();
    assert!(work.join("sample/clickture/img_keyword_ind_clickture_dev_sk_6_sparse.npy").exists());
    assert!(work.join("sample/mscoco/img_keyword_ind_coco_sk_6.npy").exists());
}

#[test]
fn the_first_two_commands_print_what_the_readme_shows() {
    let shown: Vec<String> = blocks().into_iter().filter(|(language, _)| language == "text").map(|(_, text)| text).collect();
    let work = WorkDir::new();
    copy_inputs(&repository().join("sample"), &work.join("sample"));
    for (arguments, shown) in commands().iter().zip(&shown).take(2) {
        let printed = work.tool(&arguments[0]).args(&arguments[1..]).ok().stdout;
        // The last line ends with the time.
        let without_time = |text: &str| text.rsplit_once(" in ").unwrap().0.to_owned();
        assert_eq!(without_time(&printed), without_time(shown));
    }
}

#[test]
fn the_python_session_prints_what_the_readme_shows() {
    let sessions: String = blocks().into_iter().filter(|(_, text)| text.contains(">>> ")).map(|(_, text)| text + "\n").collect();
    assert!(sessions.contains("numpy") && sessions.contains(".load("), "the README has no session that loads a matrix");
    let Some(python) = python() else { return };
    let work = with_commands_run();
    work.write("session.txt", &sessions);
    let done = Command::new(python).args(["-m", "doctest", "session.txt"]).current_dir(work.path()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{sessions}");
}

#[test]
fn the_example_of_own_tags_prints_what_the_readme_shows() {
    let mut blocks = blocks().into_iter().skip_while(|(language, _)| language != "bash");
    let ((_, commands), (_, printed)) = (blocks.next().unwrap(), blocks.next().unwrap());
    let work = WorkDir::new();
    let mut shell = Command::new("bash");
    shell.args(["-euc", &commands]).current_dir(work.path()).env("PATH", path_with_the_tool());
    let done = work.done("bash".into(), shell.output().unwrap());
    assert_eq!((done.status, done.stdout.as_str()), (Some(0), printed.as_str()), "{}", done.dump());
}

/// The only fenced block of a language.
fn block(language: &str) -> String {
    let mut found = blocks().into_iter().filter(|(found, _)| found == language).map(|(_, text)| text);
    let block = found.next().unwrap_or_else(|| panic!("the README has no {language} block"));
    assert!(found.next().is_none(), "the README has two {language} blocks");
    block
}

/// The PATH with the folder of the tool in front.
fn path_with_the_tool() -> std::ffi::OsString {
    let tools = Path::new(env!("CARGO_BIN_EXE_amc-keywords")).parent().unwrap().to_path_buf();
    std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap()
}

/// The README's Makefile in a folder with the sample as `data/`.
struct Made {
    work: WorkDir,
}

impl Made {
    /// Returns `None` with a note if there is no GNU make.
    fn new() -> Option<Made> {
        let version = Command::new("make").arg("--version").output();
        if !version.is_ok_and(|done| String::from_utf8_lossy(&done.stdout).starts_with("GNU Make")) {
            eprintln!("skipped: GNU make is not there");
            return None;
        }
        let work = WorkDir::new();
        copy_inputs(&repository().join("sample"), &work.join("data"));
        work.write("Makefile", block("make"));
        Some(Made { work })
    }

    /// Runs make. Returns the subcommands that it ran and whether it succeeded.
    fn make(&self) -> (Vec<String>, bool) {
        let mut make = Command::new("make");
        make.current_dir(self.work.path()).env("PATH", path_with_the_tool()).env_remove("MAKEFLAGS");
        let done = self.work.done("make".into(), make.output().unwrap());
        let ran = done.stdout.lines().filter_map(|line| line.strip_prefix("amc-keywords ")?.split(' ').next());
        (ran.map(str::to_owned).collect(), done.status == Some(0))
    }

    /// Sets the age of a file.
    fn age(&self, seconds: u64, file: &str) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options().write(true).open(self.work.join(file)).unwrap().set_modified(then).unwrap();
    }
}

#[test]
fn the_makefile_runs_only_what_changed_inputs_need() {
    let Some(made) = Made::new() else { return };
    let all = ["clickture".to_owned(), "mscoco".to_owned()];
    assert_eq!(made.make(), (all.to_vec(), true));
    assert_eq!(made.make(), (vec![], true));
    let inputs = |set: &str| -> Vec<String> {
        let of_coco = |name: &String| name.contains("coco");
        let data = made
            .work
            .files()
            .into_iter()
            .filter(|name| name.ends_with(".zip") || name.ends_with(".lst") || name.ends_with(".pkl"));
        data.filter(|name| name.starts_with("data/") && of_coco(name) == (set == "mscoco")).collect()
    };
    assert_eq!((inputs("clickture").len(), inputs("mscoco").len()), (6, 1));
    for set in &all {
        for changed in inputs(set) {
            made.work.files().iter().for_each(|file| made.age(100, file));
            made.age(50, &changed);
            assert_eq!(made.make(), (vec![set.clone()], true), "{changed}");
        }
    }
    made.work.files().iter().for_each(|file| made.age(100, file));
    made.age(50, "Makefile");
    assert_eq!(made.make(), (all.to_vec(), true));
}

#[test]
fn the_makefile_repeats_a_failed_run() {
    let Some(made) = Made::new() else { return };
    let list = made.work.text("data/clickture/clickture-dev.lst");
    made.work.write("data/clickture/clickture-dev.lst", "no such image\n");
    assert_eq!(made.make(), (vec!["clickture".to_owned()], false));
    assert_eq!(made.make(), (vec!["clickture".to_owned()], false));
    made.work.write("data/clickture/clickture-dev.lst", list);
    assert_eq!(made.make(), (vec!["clickture".to_owned(), "mscoco".to_owned()], true));
}

#[test]
fn the_workflow_passes_until_an_input_changes() {
    let work = WorkDir::new();
    copy_inputs(&repository().join("sample"), &work.join("data"));
    work.tool("clickture").args(&["--root", "data"]).ok();
    let workflow = block("yaml");
    let steps: Vec<&str> = workflow.lines().filter_map(|line| line.trim_start().strip_prefix("- run: amc-keywords ")).collect();
    let [step] = steps[..] else { panic!("{workflow}") };
    let check = || {
        let mut arguments = step.split(' ');
        work.tool(arguments.next().unwrap()).args(&arguments.collect::<Vec<_>>()).go()
    };
    assert_eq!(check().status, Some(0));
    let list = work.text("data/clickture/clickture-dev.lst");
    work.write("data/clickture/clickture-dev.lst", list.lines().rev().collect::<Vec<_>>().join("\n"));
    let done = check();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert!(done.stderr.contains("img_keyword_ind_clickture_dev_sk_6_sparse.npy"), "{}", done.dump());
}
