//! A private folder for each test, little data sets in it, and the real binary run on them.
//!
//! A test that fails prints the command, its output and the folder's files.

pub mod browser;
#[cfg(unix)]
pub mod faults;
pub mod hostile;
pub mod packed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

/// A temporary folder that is removed at the end.
pub struct WorkDir {
    dir: tempfile::TempDir,
}

/// The real binary. `AMC_KEYWORDS_BINARY` is another one, such as the release.
pub fn binary() -> std::ffi::OsString {
    std::env::var_os("AMC_KEYWORDS_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_amc-keywords").into())
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

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
        self
    }

    pub fn remove(&self, name: &str) -> &Self {
        let path = self.join(name);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap()
        } else {
            std::fs::remove_file(path).unwrap()
        }
        self
    }

    /// Writes a zip of deflated members.
    pub fn zip<N: AsRef<str>, D: AsRef<[u8]>>(&self, name: &str, members: &[(N, D)]) -> &Self {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (member, data) in members {
            writer.start_file(member.as_ref(), SimpleFileOptions::default()).unwrap();
            writer.write_all(data.as_ref()).unwrap();
        }
        self.write(name, writer.finish().unwrap().into_inner())
    }

    /// A Clickture split without an id map: image `n` has `keywords[n]`.
    pub fn clickture_split(&self, part: &str, keywords: &[&[&str]]) -> &Self {
        let members: Vec<_> =
            keywords.iter().enumerate().map(|(n, k)| (format!("keywords_{part}/{n:08}.json"), keyword_file(k))).collect();
        let names: String = (0..keywords.len()).map(|n| format!("{n:08}\n")).collect();
        self.zip(&format!("keyword/keywords_{part}.zip"), &members).write(&format!("clickture/clickture-{part}.lst"), names)
    }

    /// An id map as Python 2 pickled it: protocol 2, byte strings.
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

    /// A COCO archive: `(split, keywords)` for each image; image `n` has imgid `n` and cocoid `n + 1`.
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

    /// A command of the [real binary](binary) in this folder, ready for arguments.
    pub fn tool(&self, subcommand: &str) -> Run<'_> {
        let mut command = Command::new(binary());
        command.current_dir(self.path()).arg(subcommand).stdin(Stdio::null()).env_remove("NO_COLOR");
        Run { command, dir: self }
    }

    /// A command that has ended, whoever ran it.
    pub fn done(&self, command: String, output: Output) -> Done<'_> {
        Done {
            command,
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            dir: self,
        }
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.join(name)).unwrap_or_else(|error| panic!("{name}: {error}\n{}", self.listing()))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub fn matrix(&self, name: &str) -> Vec<[i64; 2]> {
        matrix(&self.read(name))
    }

    /// The words of a vocabulary file in id order.
    pub fn words(&self, name: &str) -> Vec<String> {
        let vocabulary: serde_json::Value = serde_json::from_slice(&self.read(name)).unwrap();
        let mut words: Vec<(u64, String)> =
            vocabulary.as_object().unwrap().iter().map(|(word, id)| (id.as_u64().unwrap(), word.clone())).collect();
        words.sort();
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// Every file in the folder, relative, sorted.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(self.path(), self.path(), &mut found);
        found.sort();
        found
    }

    /// What every file of a folder holds, hidden ones included, by its name in the folder.
    pub fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.join(folder);
        let mut found = Vec::new();
        collect(&folder, &folder, &mut found);
        found.into_iter().map(|name| (name.clone(), std::fs::read(folder.join(&name)).unwrap())).collect()
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
            found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// A command that is being put together.
pub struct Run<'a> {
    command: Command,
    dir: &'a WorkDir,
}

impl<'a> Run<'a> {
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, arguments: &[S]) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Another command in the same folder in this one's stead.
    pub fn wrapped(mut self, wrap: impl FnOnce(&Command) -> Command) -> Self {
        let mut command = wrap(&self.command);
        command.current_dir(self.dir.path()).stdin(Stdio::null()).env_remove("NO_COLOR");
        self.command = command;
        self
    }

    /// The command itself, for tests that do more than wait for its end.
    pub fn command(self) -> Command {
        self.command
    }

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

    /// Runs and expects `status` and exactly this one line on stderr, and nothing on stdout.
    pub fn fails(self, status: i32, line: &str) -> Done<'a> {
        let done = self.go();
        assert_eq!(done.stderr, format!("{line}\n"), "{}", done.dump());
        assert_eq!((done.status, done.stdout.as_str()), (Some(status), ""), "{}", done.dump());
        done
    }
}

/// A command that has ended.
pub struct Done<'a> {
    pub command: String,
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    dir: &'a WorkDir,
}

impl Done<'_> {
    /// Everything that helps to see why a test failed.
    pub fn dump(&self) -> String {
        let mut text = String::new();
        write!(text, "\ncommand: {}\nstatus: {:?}\n", self.command, self.status).unwrap();
        write!(text, "stdout:\n{}\nstderr:\n{}\n{}\n", self.stdout, self.stderr, self.dir.listing()).unwrap();
        text
    }
}

pub fn keyword_file(keywords: &[&str]) -> String {
    serde_json::json!({"tagging": {"keywords": keywords}}).to_string()
}

/// The rows of a `.npy` file of int64 with two columns; the header is checked, as numpy.save writes it.
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

/// A folder of the real data; `None`, with a word on stderr, where it is absent.
pub fn real_data(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("AMC_KEYWORDS_DATA").map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    let folder = data.join(name);
    if !folder.exists() {
        eprintln!("skipped: {} is absent", folder.display());
        return None;
    }
    Some(folder)
}

/// Copies a folder; outputs and hidden files that an earlier run left there are not copied.
pub fn copy_inputs(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            copy_inputs(&path, &to.join(name));
        } else if !name.starts_with('.')
            && !name.ends_with(".npy")
            && !name.starts_with("vocabulary_")
            && !name.starts_with("manifest_")
            && !name.starts_with("statistics_")
            && !name.starts_with("report_")
        {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
