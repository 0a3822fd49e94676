//! Full disks, file-size limits, unwritable folders and closed pipes: the old files stay, one line
//! explains the error, and nothing panics.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use crate::util::faults::{Duel, Found, files, output_of};
use crate::util::{Run, WorkDir};

const MATRIX: &str = "img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const OLD: Found = Found { set: Some(0), not_whole: vec![] };

/// A corpus with a matrix of 64 KB and vocabulary files of 8 KB.
fn corpus() -> WorkDir {
    let work = WorkDir::new();
    let keywords: Vec<String> = (0..4000).map(|n| format!("the word{}", n % 600)).collect();
    let documents: Vec<Vec<&str>> = keywords.chunks(40).map(|words| words.iter().map(String::as_str).collect()).collect();
    work.clickture_split("dev", &documents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    work
}

fn small() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["the dog"], &["red dog"], &["the beach"]]);
    work
}

/// Wraps a command in a shell script, in which `"$0" "$@"` runs it.
fn through_shell(script: &str, direct: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(direct.get_program()).args(direct.get_args()).stdin(Stdio::null());
    shell
}

#[test]
fn a_file_size_limit_reached_at_ten_places_keeps_the_old_files() {
    let work = corpus();
    let duel = Duel::new(work.path(), &work.join("scratch"), "1");
    let before = files(duel.out());
    let out = duel.out().display();
    let bytes = fs::metadata(work.join("scratch/golden-1").join(MATRIX)).unwrap().len();
    for place in 0..10 {
        // The unit of `ulimit -f` is 512 bytes.
        let limit = bytes * place / 10 / 512;
        let done = through_shell(&format!(r#"ulimit -f {limit}; exec "$0" "$@""#), &duel.command(1)).output().unwrap();
        let missing = bytes - limit * 512;
        let line = format!(
            "amc-keywords clickture: {out}/{MATRIX}: cannot write: File too large (os error 27); it needs {missing} more bytes; raise the \
             limit, or choose another folder with --out\n"
        );
        assert_eq!((done.status.code(), output_of(&done)), (Some(1), line));
        assert_eq!((duel.look(), files(duel.out())), (OLD, before.clone()));
    }
    duel.finish(1);
}

/// Runs the command with a file system of 16 KiB as the folder `out`.
fn on_small_disk<'a>(unshare: &[&str], run: Run<'a>) -> Run<'a> {
    run.wrapped(|direct| {
        let mut command = Command::new(unshare[0]);
        let script = r#"mount -t tmpfs -o size=16k tmpfs out && exec "$0" "$@""#;
        command.args(&unshare[1..]).args(["sh", "-c", script]).arg(direct.get_program()).args(direct.get_args());
        command
    })
}

/// The command that gives a process its own mounts, if the system allows it.
fn private_mounts(work: &WorkDir) -> Option<Vec<&'static str>> {
    let ways = [vec!["unshare", "--mount"], vec!["unshare", "--user", "--map-root-user", "--mount"]];
    let probe = work.join("probe");
    fs::create_dir(&probe).unwrap();
    let allowed = |way: &Vec<&str>| {
        let mut command = Command::new(way[0]);
        command
            .args(&way[1..])
            .args(["mount", "-t", "tmpfs", "tmpfs"])
            .arg(&probe)
            .output()
            .is_ok_and(|done| done.status.success())
    };
    let way = ways.into_iter().find(allowed);
    if way.is_none() {
        eprintln!("skipped: no process may have mounts of its own here");
    }
    way
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_at_ten_places_keeps_the_old_files() {
    let work = corpus();
    let Some(unshare) = private_mounts(&work) else { return };
    let duel = Duel::new(work.path(), &work.join("scratch"), "1");
    let pages =
        |folder: &str| files(&work.join(folder)).values().map(|path| fs::metadata(path).unwrap().len().div_ceil(4096)).sum();
    let (old, new): (u64, u64) = (pages("scratch/golden-0"), pages("scratch/golden-1"));
    let (golden, kept) = (work.join("scratch/golden-0"), work.join("kept"));
    // The run uses a disk that contains the old files and has a number of free pages.
    // Its files are copied out afterwards.
    let script = r#"
        mount -t tmpfs -o size="$1" tmpfs "$2" && cp "$3"/* "$2"/ || exit 99
        out=$2 kept=$4; shift 4; "$0" "$@"; status=$?; cp -a "$out" "$kept"; exit $status"#;
    let (mut failed, mut done_at_last) = (0, false);
    for free in (0..10).map(|place| new * place / 10).chain([new, new + 1, new + 2]) {
        let mut direct = duel.command(1);
        direct.arg("--quiet");
        let mut command = Command::new(unshare[0]);
        command.args(&unshare[1..]).args(["sh", "-c", script]).arg(direct.get_program());
        command.arg(format!("{}", (old + free) * 4096)).args([duel.out(), &golden, &kept]).args(direct.get_args());
        let done = command.output().unwrap();
        let names = files(&kept).into_keys().collect::<Vec<_>>();
        assert_eq!(names, files(&golden).into_keys().collect::<Vec<_>>(), "{free} pages free: {}", output_of(&done));
        for name in names {
            let set = if done.status.success() { "golden-1" } else { "golden-0" };
            let same = work.read(&format!("kept/{name}")) == work.read(&format!("scratch/{set}/{name}"));
            assert!(same, "{free} pages free: {name} is not whole: {}", output_of(&done));
        }
        if !done.status.success() {
            let line = output_of(&done);
            let is_explained = line.starts_with("amc-keywords clickture: ")
                && line.contains(duel.out().to_str().unwrap())
                && line.ends_with("; free some space, or choose another folder with --out\n")
                && line.lines().all(|line| !line.contains("panicked"));
            assert!(is_explained && done.status.code() == Some(1), "{free} pages free: {:?} {line}", done.status);
            failed += 1;
        }
        done_at_last = done.status.success();
        fs::remove_dir_all(&kept).unwrap();
    }
    assert!(failed >= 10 && done_at_last, "{failed} failed");
}

#[cfg(target_os = "linux")]
#[test]
fn a_matrix_too_large_for_the_disk_is_refused_before_it_is_begun() {
    let work = corpus();
    let Some(unshare) = private_mounts(&work) else { return };
    fs::create_dir(work.join("out")).unwrap();
    let run = work.tool("clickture").args(["--min-df", "1", "--splits", "dev", "--out", "out"]);
    let done = on_small_disk(&unshare, run).go();
    let lines: Vec<&str> = done.stderr.lines().collect();
    let warning = "amc-keywords: warning: out: only 16384 bytes are free, and the outputs are likely to need 28915 or more";
    let error = "amc-keywords clickture: out/img_keyword_ind_clickture_dev_sk_1_sparse.npy: cannot write: it needs 64128 bytes, and only \
                 16384 are free; free some space, or choose another folder with --out";
    assert_eq!((done.status, lines), (Some(1), vec![warning, error]));
}

#[cfg(target_os = "linux")]
#[test]
fn csr_and_padded_files_too_large_for_the_disk_are_not_begun() {
    let work = corpus();
    let Some(unshare) = private_mounts(&work) else { return };
    fs::create_dir(work.join("out")).unwrap();
    for (emit, likely, ending, bytes) in [("csr", 21686, "_csr.npz", 49661), ("padded", 90000, "_padded.npy", 80128)] {
        let pad_to = if emit == "padded" { &["--pad-to", "100"][..] } else { &[] };
        let run = work.tool("clickture").args(["--min-df", "1", "--splits", "dev", "--out", "out", "--emit", emit]).args(pad_to);
        let printed = on_small_disk(&unshare, run).go().stderr;
        let expected = format!(
            "amc-keywords: warning: out: only 16384 bytes are free, and the outputs are likely to need {likely} or more\n\
             amc-keywords clickture: out/img_keyword_ind_clickture_dev_sk_1_sparse{ending}: cannot write: it needs {bytes} bytes, and \
             only 16384 are free; free some space, or choose another folder with --out\n"
        );
        assert_eq!(printed, expected);
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let work = small();
    for arguments in [&["clickture", "--min-df", "1", "--quiet"][..], &["verify", "clickture"], &["--help"]] {
        let mut command = work.tool(arguments[0]).args(&arguments[1..]).command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        assert_eq!((done.status.code(), output_of(&done).as_str()), (Some(0), ""), "{arguments:?}");
    }
    let closed = work.tool("clickture").args(["--min-df", "1", "--quiet"]).command();
    let done = through_shell(r#"exec "$0" "$@" >&-"#, &closed).current_dir(work.path()).output().unwrap();
    assert_eq!((done.status.code(), output_of(&done).as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_printed_is_an_error_after_the_outputs_are_written() {
    let work = small();
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let no_space = "cannot write to standard output: No space left on device (os error 28)";
    for (arguments, prefix) in [
        (
            &["clickture", "--min-df", "1"][..],
            "amc-keywords clickture: clickture: the outputs were written, but the summary could not be printed: ",
        ),
        (&["clickture", "--min-df", "1", "--check"], "amc-keywords clickture: "),
        (&["verify", "clickture"], "amc-keywords verify: "),
        (&["--version"], "amc-keywords: "),
    ] {
        let mut command = work.tool(arguments[0]).args(&arguments[1..]).command();
        let done = command.stdout(full()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let errors: String =
            output_of(&done).lines().filter(|line| !line.contains(": note: ")).map(|line| format!("{line}\n")).collect();
        assert_eq!((done.status.code(), errors), (Some(1), format!("{prefix}{no_space}\n")), "{arguments:?}");
    }
    work.tool("verify").args(["clickture"]).ok();
    // If stderr is closed too, only the exit status reports the error.
    for (arguments, status) in [(&["verify", "keyword"][..], 1), (&["clickture", "--jobs", "0"], 2)] {
        let done = work.tool(arguments[0]).args(&arguments[1..]).command().stderr(full()).output().unwrap();
        assert_eq!(done.status.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn an_unwritable_folder_is_refused_before_the_data_are_read() {
    let work = small();
    work.remove("keyword").write("shut/keep.txt", "mine");
    for (folder, mode) in [(work.path().to_path_buf(), 0o755), (work.join("shut"), 0o555)] {
        fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
    let mut command = work.tool("clickture").args(["--out", "shut"]).command();
    if File::create(work.join("shut/probe")).is_ok() {
        // The superuser can write anywhere, so the user nobody runs a copy of the tool.
        fs::remove_file(work.join("shut/probe")).unwrap();
        // `cp` copies it, because a file that this process has open for writing cannot be executed.
        let copy = Command::new("cp").arg(env!("CARGO_BIN_EXE_amc-keywords")).arg(work.join("tool")).status();
        assert!(copy.unwrap().success());
        let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        command = Command::new(work.join("tool"));
        command.args(arguments).current_dir(work.path()).uid(65534).gid(65534);
    }
    let done = command.output().unwrap();
    fs::set_permissions(work.join("shut"), Permissions::from_mode(0o755)).unwrap();
    let line = "amc-keywords clickture: shut: cannot write into: Permission denied (os error 13); check the permissions, or choose another \
                folder with --out\n";
    assert_eq!((done.status.code(), output_of(&done).as_str()), (Some(1), line));
    assert_eq!(files(&work.join("shut")).into_keys().collect::<Vec<_>>(), ["keep.txt"]);
}

#[test]
fn a_folder_in_place_of_an_output_is_refused_and_kept() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1"]).ok();
    for name in [MATRIX, "vocabulary_clickture_dev_sk_1.pkl", "manifest_clickture.json"] {
        let was = work.read(&format!("clickture/{name}"));
        work.remove(&format!("clickture/{name}")).write(&format!("clickture/{name}/mine"), "mine");
        let line = format!(
            "clickture/{name}: a folder has the name of this output; move it away, or choose \
             another folder with --out"
        );
        work.tool("clickture").args(["--min-df", "1", "--stop-words", "none"]).refused(&line);
        work.remove(&format!("clickture/{name}")).write(&format!("clickture/{name}"), was);
    }
    work.tool("verify").args(["clickture"]).ok();
}

#[test]
fn the_next_run_removes_the_files_of_a_killed_run_and_says_so() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1"]).ok();
    let before = work.contents("clickture");
    work.write(&format!("clickture/.amc-keywords-clickture.partial/{MATRIX}"), "half")
        .write("clickture/.amc-keywords-clickture.partial/.tmp1234", "spilled")
        .write("clickture/.amc-keywords-clickture.lock", "");
    work.tool("verify").args(["clickture"]).ok();
    let warning = "an earlier run was stopped before it finished; its unfinished files were \
                   removed";
    work.tool("clickture").args(["--min-df", "1"]).warns(warning);
    assert_eq!(work.contents("clickture"), before);
}
