//! The examples as programs. `cargo test` builds them next to the tool.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::util::repository;

/// The output of an example. Returns `None` with a note if it was not built, as in `cargo test
/// --test main`.
fn output(name: &str, arguments: &[&str], input: &str) -> Option<String> {
    let example = Path::new(env!("CARGO_BIN_EXE_amc-keywords")).with_file_name("examples").join(name);
    if !example.exists() {
        eprintln!("skipped: the example {name} is not built; run cargo test without --test");
        return None;
    }
    let mut command = Command::new(example);
    command.args(arguments).current_dir(repository()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{done:?}");
    Some(String::from_utf8(done.stdout).unwrap())
}

#[test]
fn count_vectorizer_prints_the_most_frequent_words() {
    let documents = "A dog and a dog\na cat\nthe dog\nno cat\nDog!\n";
    let Some(printed) = output("count_vectorizer", &["9"], documents) else { return };
    assert_eq!(printed, "     3  dog\n     2  cat\n");
}

#[test]
fn read_back_prints_the_words_that_the_readme_shows() {
    // The example does not read stdin, so the input is empty.
    let Some(printed) = output("read_back", &["72"], "") else { return };
    assert_eq!(printed, "meal piñata café food design pattern shirt\n");
}
