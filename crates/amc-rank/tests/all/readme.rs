//! The README's commands, run on the sample.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commands of the README's blocks of shell that work on the sample.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(crate_folder().join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().replace("\\\n", " "));
    let lines: Vec<String> = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.into_iter().filter(|line| line.contains("sample/")).collect()
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tool: `$AMC_KEYWORDS_BINARY`, or what was built next to this program's `amc-rank`.
fn tool() -> Option<PathBuf> {
    let built = Path::new(env!("CARGO_BIN_EXE_amc-rank")).with_file_name("amc-keywords");
    env::var_os("AMC_KEYWORDS_BINARY").map(PathBuf::from).or(Some(built)).filter(|path| path.exists())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn the_commands_on_the_sample_work_as_they_are_written() {
    let commands = commands();
    for name in ["amc-keywords clickture", "amc-rank train", "amc-rank evaluate", "amc-rank attend", "amc-rank search"] {
        assert!(commands.iter().any(|command| command.starts_with(name)), "{name} is not in {commands:?}");
    }
    let Some(tool) = tool() else {
        let what = "amc-keywords is not built; build it, or name it with AMC_KEYWORDS_BINARY";
        assert!(env::var_os("CI").is_none(), "{what}");
        eprintln!("skipped: {what}");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    copy(&crate_folder().join("../../sample"), &folder.path().join("sample"));
    copy(&crate_folder().join("sample"), &folder.path().join("crates/amc-rank/sample"));
    for command in commands {
        let mut words = command.split('"').enumerate().flat_map(|(place, part)| {
            // Every second part is between quotation marks.
            if place % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
        });
        let program = match words.next().unwrap().as_str() {
            "amc-keywords" => tool.clone(),
            "amc-rank" => env!("CARGO_BIN_EXE_amc-rank").into(),
            other => panic!("{other} is no program of this repository"),
        };
        let output = Command::new(program).args(words).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let page = fs::read_to_string(folder.path().join("sample/clickture/rank/evaluation.html")).unwrap();
    assert!(page.contains("<h2>Attention</h2>"));
}
