//! Inputs that are damaged or made to harm, given to the real binary with little memory: what it answers, and that it wrote nothing.

#[path = "../../crates/keyword-files/src/test_zips/bytes.rs"]
pub mod zip_bytes;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::util::{Done, Run, WorkDir, keyword_file};

/// Address space that a run gets, in KiB: 2 GiB, of which threads' stacks and the code take a part that is never touched.
const ADDRESS_SPACE: u32 = 2 << 20;
/// Generous for a slow machine without optimisation; what takes memory or time without bound takes more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the tool in `work` on two threads, into the folder `out`, with a bound on its memory.
pub fn bounded<'a>(work: &'a WorkDir, arguments: &[&str]) -> Done<'a> {
    let begun = Instant::now();
    let run = work.tool(arguments[0]).args(&arguments[1..]).args(&["--out", "out", "-j", "2"]);
    let done = within(run, ADDRESS_SPACE).go();
    assert!(begun.elapsed() < PATIENCE, "{} took {:?}", done.command, begun.elapsed());
    done
}

/// The same command in a shell that has bounded its address space.
fn within(run: Run<'_>, kib: u32) -> Run<'_> {
    run.wrapped(|command| {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -v {kib}; exec \"$0\" \"$@\"")).arg(command.get_program()).args(command.get_args());
        shell
    })
}

/// A data set that must be refused: how it came to be, and the whole answer without the tool's name before it.
pub struct Attack {
    pub work: WorkDir,
    pub arguments: Vec<&'static str>,
    pub answer: String,
}

/// Runs every attack: each ends with status 1 and its one line, and leaves no file and no folder. Says how many there were.
pub fn refuse_all(attacks: Vec<Attack>) {
    let count = attacks.len();
    let mut wrong = String::new();
    for Attack { work, arguments, answer } in attacks {
        let before = tree(work.path());
        let done = bounded(&work, &arguments);
        let expected = format!("amc-keywords {}: {answer}\n", arguments[0]);
        if (done.status, &*done.stderr, &*done.stdout) != (Some(1), &*expected, "") {
            writeln!(wrong, "status {:?}\n  {}expected\n  {expected}{}", done.status, done.stderr, done.stdout).unwrap();
        }
        if tree(work.path()) != before {
            writeln!(wrong, "something was written: {}", done.dump()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    eprintln!("{count} bad inputs, each answered");
}

/// Every file and folder.
pub fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.display().to_string());
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path));
        }
    }
    found.sort();
    found
}

/// Dev with a list of two images and this archive.
pub fn dev(archive: impl AsRef<[u8]>) -> WorkDir {
    let work = WorkDir::new();
    work.write("keyword/keywords_dev.zip", archive).write("clickture/clickture-dev.lst", "00000000\n00000001\n");
    work
}

/// Dev with two images, the first of which has this keyword file.
pub fn dev_with(json: impl AsRef<[u8]>) -> WorkDir {
    let good = keyword_file(&["dog"]);
    dev(zip_bytes::TestZip::of(&[("keywords_dev/00000000.json", json.as_ref()), ("keywords_dev/00000001.json", good.as_bytes())])
        .0)
}

/// An attack on `clickture` with this answer about the archive of Dev.
pub fn on_dev(work: WorkDir, answer: &str) -> Attack {
    Attack { work, arguments: vec!["clickture", "--min-df", "1"], answer: format!("keyword/keywords_dev.zip: {answer}") }
}
