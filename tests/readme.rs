//! The commands, Python sessions, Makefile, workflow and links of the documentation pages.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::util::{WorkDir, copy_inputs, repository};

/// The pages with commands that run.
///
/// In each page, all `bash` blocks run in order in one folder, which contains a copy of the sample.
/// A `text` block that follows is what they print to stdout. The commands of a `console` block run
/// there too, and each prints the lines below it to stdout or stderr. Blocks in `sh` do not run.
const PAGES: [&str; 8] = [
    "README.md",
    "docs/guide.md",
    "docs/formats.md",
    "docs/recipes.md",
    "docs/shards.md",
    "docs/scale.md",
    "docs/exactness.md",
    "docs/faq.md",
];

/// A fenced block.
struct Block {
    language: String,
    text: String,
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(repository().join(page)).expect(page);
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            blocks.push(Block { language: language.trim().to_owned(), text: text.join("\n") + "\n" });
        }
    }
    blocks
}

/// What a script printed to stdout, and whether it succeeded.
fn run_script(work: &WorkDir, script: &str) -> (String, bool) {
    let script = script.replace("cargo run --release -- ", "amc-keywords ");
    let mut bash = Command::new("bash");
    bash.args(["-euc", &script]).current_dir(work.path()).env("PATH", path_with_the_tool());
    let done = bash.output().unwrap();
    (String::from_utf8(done.stdout).unwrap(), done.status.success())
}

/// The text without the time and speed of a run.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.contains(" images per second") {
        true => line.split(" in ").next().unwrap().to_owned(),
        false => line.to_owned(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// Runs all commands of a page and compares what they print.
fn run_page(page: &str) -> WorkDir {
    let work = WorkDir::new();
    copy_inputs(&repository().join("sample"), &work.join("sample"));
    let blocks = blocks(page);
    for (place, block) in blocks.iter().enumerate() {
        match block.language.as_str() {
            "bash" => {
                let (printed, succeeded) = run_script(&work, &block.text);
                assert!(succeeded, "{page}: {}\n{printed}", block.text);
                if let Some(next) = blocks.get(place + 1).filter(|next| next.language == "text") {
                    assert_eq!(without_times(&printed), without_times(&next.text), "{page}: {}", block.text);
                }
            }
            "console" => run_console(&work, page, &block.text),
            _ => {}
        }
    }
    work
}

/// Runs each command of a console block. A command may fail.
fn run_console(work: &WorkDir, page: &str, block: &str) {
    let steps = block.strip_prefix("$ ").unwrap_or_else(|| panic!("{page}: no prompt: {block}"));
    for step in steps.split("\n$ ") {
        let (command, printed) = step.split_once('\n').unwrap_or((step, ""));
        let (found, _) = run_script(work, &format!("exec 2>&1\n{command}"));
        assert_eq!(found.trim_end(), printed.trim_end(), "{page}: {command}");
    }
}

#[test]
fn the_commands_of_all_pages_print_what_the_pages_show() {
    for page in PAGES {
        run_page(page);
    }
}

#[test]
fn the_first_command_of_the_readme_encodes_the_sample() {
    let first = &blocks("README.md")[0];
    let is_main_job = first.text.starts_with("cargo run --release -- clickture --root sample");
    assert!(first.language == "bash" && is_main_job, "{}", first.text);
    let work = run_page("README.md");
    assert!(work.join("sample/clickture/img_keyword_ind_clickture_dev_sk_6_sparse.npy").exists());
}

/// A Python with NumPy: `AMC_KEYWORDS_PYTHON` or `python3`. Returns `None` with a note if there is
/// none.
fn python() -> Option<String> {
    let python = std::env::var("AMC_KEYWORDS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import numpy"]).output().is_ok_and(|done| done.status.success());
    if !found {
        eprintln!("skipped: {python} has no numpy; name another Python with AMC_KEYWORDS_PYTHON");
    }
    found.then_some(python)
}

#[test]
fn the_python_sessions_print_what_the_pages_show() {
    let session = |page: &str| -> String {
        let sessions = blocks(page).into_iter().filter(|block| block.text.starts_with(">>> "));
        sessions.map(|block| block.text + "\n").collect()
    };
    let has_session = |page: &&str| !session(page).is_empty();
    let pages: Vec<&str> = PAGES.into_iter().filter(has_session).collect();
    assert!(pages.len() >= 2, "{pages:?}");
    let Some(python) = python() else { return };
    for page in pages {
        let work = run_page(page);
        work.write("session.txt", session(page));
        let mut doctest = Command::new(&python);
        let done = doctest.args(["-m", "doctest", "session.txt"]).current_dir(work.path()).output().unwrap();
        let printed = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{page}: {printed}");
    }
}

/// All pages of the repository, without those of build folders.
fn all_pages() -> Vec<PathBuf> {
    let mut folders = vec![repository().to_path_buf()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if name.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The lines of a page outside fenced blocks.
fn prose(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut is_code = false;
    let mut keep = |line: &&str| {
        is_code ^= line.starts_with("```");
        !is_code && !line.starts_with("```")
    };
    text.lines().filter(|line| keep(line)).map(str::to_owned).collect()
}

/// The anchors of a page's headings, as GitHub forms them.
fn anchors(page: &Path) -> BTreeSet<String> {
    let anchor = |heading: &str| -> String {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let lines = prose(page);
    lines.iter().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut links = 0;
    for page in all_pages() {
        let text = prose(&page).join("\n");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") || link.starts_with("mailto") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link}", page.display());
            assert!(anchor.is_empty() || anchors(&target).contains(anchor), "{}: {link}", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}

#[test]
fn the_citation_file_names_this_version() {
    let citation = std::fs::read_to_string(repository().join("CITATION.cff")).unwrap();
    assert!(citation.contains(concat!("\nversion: ", env!("CARGO_PKG_VERSION"), "\n")), "{citation}");
}

#[test]
fn the_pages_are_short_and_wrapped() {
    let words = |page: &str| {
        let text = std::fs::read_to_string(repository().join(page)).unwrap();
        text.split_whitespace().count()
    };
    assert!(words("README.md") <= 1300, "README.md: {} words", words("README.md"));
    for page in PAGES.into_iter().chain(["docs/limits.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]) {
        assert!(words(page) <= 1800, "{page}: {} words", words(page));
        for line in prose(&repository().join(page)) {
            let may_be_long = line.starts_with('|') || line.contains("http");
            assert!(may_be_long || line.chars().count() <= 100, "{page}: {line}");
        }
    }
}

/// The only fenced block of a language in the recipes.
fn block(language: &str) -> String {
    let mut found = blocks("docs/recipes.md").into_iter().filter(|block| block.language == language);
    let block = found.next().unwrap_or_else(|| panic!("the recipes have no {language} block"));
    assert!(found.next().is_none(), "the recipes have two {language} blocks");
    block.text
}

/// The PATH with the folder of the tool in front.
fn path_with_the_tool() -> std::ffi::OsString {
    let tools = Path::new(env!("CARGO_BIN_EXE_amc-keywords")).parent().unwrap().to_path_buf();
    std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap()
}

/// The Makefile of the recipes in a folder with the sample as `data/`.
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
    for set in ["clickture", "mscoco"] {
        work.tool(set).args(["--root", "data", "--out", "out"]).ok();
    }
    let workflow = block("yaml");
    let steps: Vec<&str> = workflow.lines().filter_map(|line| line.trim_start().strip_prefix("- run: amc-keywords ")).collect();
    assert_eq!(steps.len(), 2, "{workflow}");
    let run = |step: &&str| {
        let mut arguments = step.split(' ');
        work.tool(arguments.next().unwrap()).args(arguments.collect::<Vec<_>>()).go()
    };
    let failure = || steps.iter().map(run).find(|done| done.status != Some(0));
    assert!(failure().is_none());
    let list = work.text("data/clickture/clickture-dev.lst");
    work.write("data/clickture/clickture-dev.lst", list.lines().rev().collect::<Vec<_>>().join("\n"));
    let done = failure().unwrap();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert!(done.stderr.contains("img_keyword_ind_clickture_dev_sk_6_sparse.npy"), "{}", done.dump());
}
