//! The test harness: a private folder for each test, small data sets, and runs of the real binary.
//!
//! A failing test prints the command, its output and the files in its folder.

pub mod archives;
pub mod browser;
#[cfg(unix)]
pub mod faults;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// The address space of a bounded run in KiB. Thread stacks and code take part of it.
const ADDRESS_SPACE: u32 = 2 << 20;
/// The CPU time of a bounded run in seconds. A busy machine does not change it.
const CPU_TIME: u32 = 60;

/// The path of the tested binary. `AMC_KEYWORDS_BINARY` names another one, such as a release build.
pub fn binary() -> std::ffi::OsString {
    std::env::var_os("AMC_KEYWORDS_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_amc-keywords").into())
}

/// A private folder for one test. It is removed at the end of the test.
pub struct WorkDir {
    dir: tempfile::TempDir,
}

impl WorkDir {
    pub fn new() -> Self {
        WorkDir { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file and creates the folders above it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
        self
    }

    /// Creates a named pipe that nobody writes to.
    #[cfg(unix)]
    pub fn pipe(&self, name: &str) -> &Self {
        assert!(Command::new("mkfifo").arg(self.join(name)).status().unwrap().success());
        self
    }

    /// Removes a file or a folder.
    pub fn remove(&self, name: &str) -> &Self {
        let path = self.join(name);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap()
        } else {
            std::fs::remove_file(path).unwrap()
        }
        self
    }

    /// Writes a zip archive of deflated members.
    pub fn zip<N: AsRef<str>, D: AsRef<[u8]>>(&self, name: &str, members: &[(N, D)]) -> &Self {
        self.write(name, archives::zip(members))
    }

    /// Writes a Clickture split without an id map. Image `n` has the keywords `keywords[n]`.
    pub fn clickture_split(&self, split: &str, keywords: &[&[&str]]) -> &Self {
        let members: Vec<_> =
            keywords.iter().enumerate().map(|(n, k)| (format!("keywords_{split}/{n:08}.json"), keyword_file(k))).collect();
        let names: String = (0..keywords.len()).map(|n| format!("{n:08}\n")).collect();
        self.zip(&format!("keyword/keywords_{split}.zip"), &members).write(&format!("clickture/clickture-{split}.lst"), names)
    }

    /// Writes the Dev split with these keyword files. Image `n` has the file `files[n]`.
    pub fn dev_files<D: AsRef<[u8]>>(&self, files: &[D]) -> &Self {
        let members: Vec<_> = files.iter().enumerate().map(|(n, file)| (format!("keywords_dev/{n:08}.json"), file)).collect();
        let names: String = (0..files.len()).map(|n| format!("{n:08}\n")).collect();
        self.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", names)
    }

    /// Writes an id map as Python 2 pickles it: protocol 2 with byte strings.
    pub fn id_map(&self, name: &str, pairs: &[(&str, u8)]) -> &Self {
        let mut pickle = b"\x80\x02}q\x01(".to_vec();
        for (original, id) in pairs {
            pickle.extend([b'U', u8::try_from(original.len()).unwrap()]);
            pickle.extend(original.as_bytes());
            pickle.extend([b'K', *id]);
        }
        pickle.extend(b"u.");
        self.write(name, pickle)
    }

    /// Writes a COCO archive of `(split, keywords)`. Image `n` has imgid `n` and cocoid `n + 1`.
    pub fn coco(&self, images: &[(&str, &[&str])]) -> &Self {
        let mut described = Vec::new();
        let mut members = Vec::new();
        for (n, (split, keywords)) in images.iter().enumerate() {
            let stem = format!("COCO_train2014_{:012}", n + 1);
            described.push(serde_json::json!({"filename": format!("{stem}.jpg"), "imgid": n, "split": split, "cocoid": n + 1}));
            members.push((format!("keywords_coco/keyword_{split}/{stem}.json"), keyword_file(keywords)));
        }
        let dataset = serde_json::json!({"images": described, "dataset": "coco"}).to_string();
        members.insert(0, ("keywords_coco/dataset.json".to_owned(), dataset));
        self.zip("keyword/keywords_coco.zip", &members)
    }

    /// Starts to build a command of the [tested binary](binary) in this folder.
    pub fn tool(&self, subcommand: &str) -> Run<'_> {
        let mut command = Command::new(binary());
        command.arg(subcommand);
        Run { subcommand: subcommand.to_owned(), command, dir: self }.in_this_folder()
    }

    /// The result of any command that ran in this folder.
    pub fn done(&self, command: String, output: Output) -> Done<'_> {
        let stderr = with_slashes(&String::from_utf8(output.stderr).unwrap());
        let (stderr, notes) = without_notes(&stderr);
        Done {
            command,
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr,
            notes,
            dir: self,
        }
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.join(name)).unwrap_or_else(|error| panic!("{name}: {error}\n{}", self.listing()))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub fn matrix(&self, name: &str) -> Vec<[i64; 2]> {
        matrix(&self.read(name))
    }

    /// The words of a vocabulary file in id order.
    pub fn words(&self, name: &str) -> Vec<String> {
        let vocabulary = self.json(name);
        let mut words: Vec<(u64, String)> =
            vocabulary.as_object().unwrap().iter().map(|(word, id)| (id.as_u64().unwrap(), word.clone())).collect();
        words.sort();
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// The relative paths of all files in the folder, sorted.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(self.path(), self.path(), &mut found);
        found.sort();
        found
    }

    /// The contents of all files below a folder, hidden ones included, by relative path.
    pub fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.join(folder);
        let mut found = Vec::new();
        collect(&folder, &folder, &mut found);
        found.into_iter().map(|name| (name.clone(), std::fs::read(folder.join(&name)).unwrap())).collect()
    }

    /// Every file, folder and link below this folder, with the size and time of each file.
    fn state(&self) -> BTreeMap<PathBuf, Option<(u64, SystemTime)>> {
        let mut state = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                state.insert(path, metadata.is_file().then(|| (metadata.len(), metadata.modified().unwrap())));
            }
        }
        state
    }

    fn listing(&self) -> String {
        self.files().iter().fold(String::from("files:"), |all, name| all + "\n  " + name)
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            found.push(with_slashes(path.strip_prefix(root).unwrap().to_str().unwrap()));
        }
    }
}

/// Text in which paths have `/` on every system.
fn with_slashes(text: &str) -> String {
    if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() }
}

/// A command under construction.
pub struct Run<'a> {
    subcommand: String,
    command: Command,
    dir: &'a WorkDir,
}

impl<'a> Run<'a> {
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn in_this_folder(mut self) -> Self {
        self.command.current_dir(self.dir.path()).stdin(Stdio::null()).env_remove("NO_COLOR");
        self
    }

    /// Replaces the command by another one in the same folder.
    pub fn wrapped(mut self, wrap: impl FnOnce(&Command) -> Command) -> Self {
        self.command = wrap(&self.command);
        self.in_this_folder()
    }

    /// Runs the command in a shell after this line of script.
    pub fn after(self, script: &str) -> Self {
        self.wrapped(|command| {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("{script} exec \"$0\" \"$@\"")).arg(command.get_program()).args(command.get_args());
            shell
        })
    }

    /// Limits the address space and the CPU time of the run. Windows has no `ulimit`.
    pub fn bounded(self) -> Self {
        if cfg!(windows) {
            return self;
        }
        self.after(&format!("ulimit -v {ADDRESS_SPACE}; ulimit -t {CPU_TIME};"))
    }

    /// The command itself, for tests that do more than wait for its end.
    pub fn command(self) -> Command {
        self.command
    }

    /// Runs the command.
    pub fn go(mut self) -> Done<'a> {
        let output = self.command.output().unwrap();
        self.dir.done(format!("{:?}", self.command), output)
    }

    /// Runs and expects exit status 0.
    pub fn ok(self) -> Done<'a> {
        let done = self.go();
        assert_eq!(done.status, Some(0), "{}", done.dump());
        done
    }

    /// Runs and expects exit status 0 and exactly these warnings, one per line.
    pub fn warns(self, warnings: &str) -> Done<'a> {
        let done = self.ok();
        assert_eq!(done.stderr, with_prefix("amc-keywords: warning", warnings), "{}", done.dump());
        done
    }

    /// Runs and expects exit status 0 and nothing on stderr.
    pub fn silent(self) -> Done<'a> {
        self.warns("")
    }

    /// Runs and expects exit status 1 and exactly this text on stderr.
    pub fn fails_with(self, text: &str) -> Done<'a> {
        self.fails(1, text)
    }

    /// Runs and expects this exit status, exactly this text on stderr, and nothing on stdout.
    fn fails(self, status: i32, text: &str) -> Done<'a> {
        let done = self.go();
        assert_eq!(done.stderr, text, "{}", done.dump());
        assert_eq!((done.status, done.stdout.as_str()), (Some(status), ""), "{}", done.dump());
        done
    }

    /// Runs and expects exit status 1 and exactly these errors of the subcommand, one per line.
    /// No file may be created, changed or removed.
    pub fn refused(self, errors: &str) {
        let (dir, before) = (self.dir, self.dir.state());
        let text = with_prefix(&format!("amc-keywords {}", self.subcommand), errors);
        let done = self.fails(1, &text);
        assert!(dir.state() == before, "the run changed files: {}", done.dump());
    }

    /// Runs and expects exit status 2 and exactly this complaint about the command line.
    pub fn misused(self, complaint: &str) {
        let (dir, before) = (self.dir, self.dir.state());
        let done = self.fails(2, &format!("error: {complaint}\n\nFor more information, try '--help'.\n"));
        assert!(dir.state() == before, "the run changed files: {}", done.dump());
    }
}

/// The lines of a text as the tool prints messages: each after `prefix` and a colon.
fn with_prefix(prefix: &str, lines: &str) -> String {
    lines.lines().fold(String::new(), |text, line| text + prefix + ": " + line + "\n")
}

/// Separates the notes from the other lines on stderr.
fn without_notes(stderr: &str) -> (String, String) {
    let (mut others, mut notes) = (String::new(), String::new());
    for line in stderr.split_inclusive('\n') {
        if line.starts_with("amc-keywords: note: ") { notes.push_str(line) } else { others.push_str(line) }
    }
    (others, notes)
}

/// A command that has ended.
pub struct Done<'a> {
    pub command: String,
    pub status: Option<i32>,
    pub stdout: String,
    /// The output on stderr without the notes.
    pub stderr: String,
    pub notes: String,
    dir: &'a WorkDir,
}

impl Done<'_> {
    /// Everything that explains a failed test.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        write!(text, "\ncommand: {}\nstatus: {:?}\n", self.command, self.status).unwrap();
        write!(text, "stdout:\n{}\nstderr:\n{}{}\n{}\n", self.stdout, self.stderr, self.notes, self.dir.listing()).unwrap();
        text
    }
}

pub fn keyword_file(keywords: &[&str]) -> String {
    serde_json::json!({"tagging": {"keywords": keywords}}).to_string()
}

/// The rows of a `.npy` file of int64 with two columns. The header must be NumPy's.
pub fn matrix(file: &[u8]) -> Vec<[i64; 2]> {
    let data = &file[128..];
    let rows: Vec<[i64; 2]> = data.chunks_exact(16).map(|row| [number(&row[..8]), number(&row[8..])]).collect();
    let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({}, 2), }}", rows.len());
    assert_eq!(String::from_utf8_lossy(&file[..10]), String::from_utf8_lossy(b"\x93NUMPY\x01\0\x76\0"));
    assert_eq!(String::from_utf8_lossy(&file[10..128]), format!("{header:<117}\n"));
    assert_eq!(data.len(), rows.len() * 16);
    rows
}

fn number(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(bytes.try_into().unwrap())
}

pub fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn golden(name: &str) -> String {
    std::fs::read_to_string(repository().join("tests/golden").join(name)).unwrap()
}

/// A folder of real data. Returns `None` with a note on stderr if it is absent.
pub fn real_data(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("AMC_KEYWORDS_DATA").map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    let folder = data.join(name);
    if !folder.exists() {
        eprintln!("skipped: {} is absent", folder.display());
        return None;
    }
    Some(folder)
}

/// Copies a folder without hidden files and without the outputs of earlier runs.
pub fn copy_inputs(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_output = ["vocabulary_", "manifest_", "statistics_", "report_"].iter().any(|prefix| name.starts_with(prefix));
        if path.is_dir() {
            copy_inputs(&path, &to.join(name));
        } else if !name.starts_with('.') && !name.ends_with(".npy") && !is_output {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
