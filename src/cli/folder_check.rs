//! The result of `verify` and `--check`, as lines or as JSON.

use std::process::ExitCode;

use amc_keywords::{FileCheck, FileState, FolderCheck};
use anyhow::bail;
use serde_json::json;

/// The result, as one JSON object or as one line per file.
pub fn text(check: &FolderCheck, as_json: bool) -> anyhow::Result<String> {
    if as_json {
        let object = json!({"folder": check.folder.to_string_lossy(), "fine": check.is_fine(), "files": check.files});
        return Ok(serde_json::to_string(&object)? + "\n");
    }
    let line = |file: &FileCheck| match &file.state {
        FileState::Fine => format!("fine        {}\n", file.name),
        FileState::Missing => format!("missing     {}\n", file.name),
        FileState::Differs(how) => format!("differs     {}: {how}\n", file.name),
        FileState::Unfinished => {
            format!("unfinished  {}: a run was stopped while it renamed its files; the next run finishes this\n", file.name)
        }
        FileState::Stale => format!("stale       {}: left by an earlier run; this run does not write it\n", file.name),
    };
    Ok(check.files.iter().map(line).collect())
}

/// The exit status. Files that are not fine are an error, with what to do `next`.
pub fn verdict(check: &FolderCheck, next: &str) -> anyhow::Result<ExitCode> {
    if check.is_fine() {
        return Ok(ExitCode::SUCCESS);
    }
    let names: Vec<&str> = check.faults().map(|file| file.name.as_str()).collect();
    let next = if check.faults().all(|file| file.state == FileState::Stale) { "delete them" } else { next };
    let (bad, all) = (names.len(), check.files.len());
    bail!("{}: {bad} of {all} files have faults: {}; {next}", check.folder.display(), names.join(", "))
}
