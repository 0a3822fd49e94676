//! Stopped runs and the expected state of their folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Two runs over one corpus that write files with equal names and different bytes.
pub struct Duel {
    root: PathBuf,
    out: PathBuf,
    goldens: [PathBuf; 2],
    min_df: &'static str,
    /// The time of an undisturbed run.
    pub usual: Duration,
}

/// The state of the folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The set, 0 or 1, to which all files belong. `None` if the sets are mixed.
    pub set: Option<usize>,
    /// Missing files and files that belong to neither set.
    pub not_whole: Vec<String>,
}

impl Duel {
    /// Writes both sets below `scratch`. The output folder then contains set 0.
    pub fn new(root: &Path, scratch: &Path, min_df: &'static str) -> Duel {
        let golden = |name: &str| scratch.join(name);
        let goldens = [golden("golden-0"), golden("golden-1")];
        let mut duel = Duel { root: root.into(), out: scratch.join("out"), goldens, min_df, usual: Duration::MAX };
        for set in [1, 0] {
            let begun = Instant::now();
            let done = duel.command(set).output().unwrap();
            duel.usual = duel.usual.min(begun.elapsed());
            assert!(done.status.success(), "{done:?}");
            let golden = &duel.goldens[set];
            std::fs::create_dir_all(golden).unwrap();
            for (name, path) in files(&duel.out) {
                std::fs::copy(path, golden.join(name)).unwrap();
            }
        }
        duel
    }

    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The command that writes a set.
    pub fn command(&self, set: usize) -> Command {
        let mut command = Command::new(super::binary());
        command.args(["clickture", "--splits", "dev", "--min-df", self.min_df, "--stop-words", ["english", "none"][set]]);
        command.arg("--root").arg(&self.root).arg("--out").arg(&self.out).arg("--json");
        command.stdin(Stdio::null());
        command
    }

    /// Starts a run that writes a set.
    pub fn start(&self, set: usize) -> Child {
        self.command(set).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Compares the files in the output folder with both sets, byte for byte.
    pub fn look(&self) -> Found {
        let mut of = [true, true];
        let mut not_whole = Vec::new();
        for name in files(&self.goldens[0]).into_keys() {
            let found = std::fs::read(self.out.join(&name)).ok();
            let same = [0, 1].map(|set| found.is_some() && found == std::fs::read(self.goldens[set].join(&name)).ok());
            of = [of[0] && same[0], of[1] && same[1]];
            if same == [false, false] {
                not_whole.push(name);
            }
        }
        let set = of.iter().position(|whole| *whole);
        Found { set, not_whole }
    }

    /// Whether `verify` passes the folder, and its output.
    pub fn verify(&self) -> (bool, String) {
        let done = Command::new(super::binary()).arg("verify").arg(&self.out).output().unwrap();
        assert!(done.status.code().is_some_and(|code| code < 2), "{done:?}");
        (done.status.success(), output_of(&done))
    }

    /// Writes a set undisturbed and returns the warnings. The folder must then contain exactly this
    /// set.
    pub fn finish(&self, set: usize) -> String {
        let done = self.command(set).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        assert_eq!(self.look(), Found { set: Some(set), not_whole: vec![] });
        let names = |folder| files(folder).into_keys().collect::<Vec<_>>();
        assert_eq!(names(&self.out), names(&self.goldens[set]), "something was left behind");
        assert!(self.verify().0);
        let stderr = String::from_utf8(done.stderr).unwrap();
        stderr.split_inclusive('\n').filter(|line| !line.contains(": note: ")).collect()
    }

    /// Whether a run has started to write into the folder.
    pub fn has_begun(&self) -> bool {
        self.out.join(".amc-keywords-clickture.partial").exists()
    }
}

/// The files and folders in a folder, by name.
pub fn files(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

pub fn output_of(done: &Output) -> String {
    String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr)
}

/// Sends a signal to a process.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", r#"kill -s "$0" "$1""#, name, &child.id().to_string()]).output().unwrap();
    assert!(sent.status.success() || String::from_utf8_lossy(&sent.stderr).contains("No such process"), "{sent:?}");
}

/// Waits until a condition holds, for at most a minute.
pub fn wait_until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "waited for a minute");
        thread::yield_now();
    }
}

/// The signal that ended a process.
pub fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// A reproducible sequence of random numbers.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(2) | 1)
    }

    /// The next number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A number from the environment, or the default.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value}: not a number")))
}
