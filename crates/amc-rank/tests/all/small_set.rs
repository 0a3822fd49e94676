//! A small set as `amc-keywords` writes it, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keyword_files::npy::header::npy_header;
use keyword_files::npy::sha256::of_bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Words of the keywords; their ids are their places.
const WORDS: [&str; 6] = ["beach", "birthday", "cake", "dog", "party", "sea"];

pub struct SmallSet {
    folder: TempDir,
}

/// Sixty images with ids 100, 101, …; three in four have keywords about one of three subjects.
fn keywords(image: usize) -> Vec<i64> {
    match image % 4 {
        0 => vec![1, 2, 4],
        1 => vec![0, 5],
        2 => vec![3, (image % 6) as i64],
        _ => vec![],
    }
}

impl SmallSet {
    /// A set with pairs and the rows of its counts.
    pub fn new() -> SmallSet {
        let set = SmallSet { folder: tempfile::tempdir().unwrap() };
        set.write_set("small", &["pairs", "csr"], 60);
        let query = |image: usize| ["Birthday Party!", "sea at the beach", "dogs: a dog"][image % 4];
        let line = |image: usize| json!({"query": query(image), "image": 100 + image}).to_string() + "\n";
        set.write("q.jsonl", (0..48).filter(|image| image % 4 < 3).map(line).collect::<String>());
        set.write("test.jsonl", (48..60).filter(|image| image % 4 < 3).map(line).collect::<String>());
        set
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
    }

    /// Writes the set `name` into a folder of the same name.
    pub fn write_set(&self, name: &str, forms: &[&str], images: usize) {
        let stem = format!("img_keyword_ind_{name}_sk_1");
        let all: Vec<(i64, Vec<i64>)> = (0..images).map(|image| (100 + image as i64, keywords(image))).collect();
        let mut files = vec![(format!("vocabulary_{name}_sk_1.json"), vocabulary().to_string().into_bytes())];
        if forms.contains(&"pairs") {
            let pairs: Vec<i64> = all.iter().flat_map(|(id, words)| words.iter().flat_map(move |word| [*id, *word])).collect();
            files.push((format!("{stem}.npy"), npy("<i8", &[pairs.len() / 2, 2], &bytes(&pairs))));
        }
        if forms.contains(&"csr") {
            let ids: Vec<i64> = all.iter().map(|(id, _)| *id).collect();
            files.push((format!("{stem}_csr_rows.npy"), npy("<i8", &[images], &bytes(&ids))));
        }
        if forms.contains(&"padded") {
            let padded: Vec<i64> =
                all.iter().flat_map(|(_, words)| (0..4).map(|place| words.get(place).copied().unwrap_or(-1))).collect();
            let mask: Vec<u8> = padded.iter().map(|&word| u8::from(word >= 0)).collect();
            files.push((format!("{stem}_padded.npy"), npy("<i8", &[images, 4], &bytes(&padded))));
            files.push((format!("{stem}_padded_mask.npy"), npy("|u1", &[images, 4], &mask)));
        }
        let outputs: Vec<Value> = files
            .iter()
            .map(|(name, content)| json!({"name": name, "bytes": content.len(), "sha256": of_bytes(content).sha256}))
            .collect();
        for (file, content) in &files {
            self.write(&format!("{name}/{file}"), content);
        }
        let options = json!({"stop_words": "english", "lowercase": true, "ngram_range": [1, 1], "layout": "documented"});
        let counts = json!({"splits": [{"split": name}]});
        let manifest = json!({"format": 1, "options": options, "outputs": outputs, "counts": counts});
        self.write(&format!("{name}/manifest_{name}.json"), manifest.to_string());
    }

    /// Writes regions of all images whose second region tells the subject, and their ids.
    pub fn write_regions(&self, name: &str, change: impl FnOnce(&mut Vec<usize>, &mut Vec<f32>, &mut Vec<i64>)) {
        let mut shape = vec![60, 3, 4];
        let value = |place: usize| {
            let (image, region, feature) = (place / 12, place / 4 % 3, place % 4);
            if region == 1 && feature == image % 4 { 1.0 } else { (place * 7 % 11) as f32 / 50.0 }
        };
        let mut values: Vec<f32> = (0..720).map(value).collect();
        let mut ids: Vec<i64> = (100..160).collect();
        change(&mut shape, &mut values, &mut ids);
        let content: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.write(name, npy("<f4", &shape, &content));
        self.write(&name.replace(".npy", "_ids.npy"), npy("<i8", &[ids.len()], &bytes(&ids)));
    }

    /// Runs the program in the folder; arguments are separated by spaces, `_` in one is a space.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amc-rank"));
        command.args(arguments.split_whitespace().map(|argument| argument.replace('_', " ")));
        command.current_dir(self.folder.path());
        command
    }

    /// Runs the program, which must succeed, and returns what it prints.
    pub fn ok(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program, which must fail with exit status 1, and returns its message.
    pub fn refused(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{arguments}: {message}");
        message.trim_end().lines().last().unwrap_or_default().to_owned()
    }
}

fn vocabulary() -> Value {
    WORDS.iter().zip(0..).map(|(word, id): (_, i32)| ((*word).to_owned(), json!(id))).collect::<serde_json::Map<_, _>>().into()
}

fn bytes(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// An array as `numpy.save` writes it.
pub fn npy(descr: &str, shape: &[usize], content: &[u8]) -> Vec<u8> {
    let shape: Vec<u64> = shape.iter().map(|&axis| axis as u64).collect();
    [&npy_header(descr, &shape), content].concat()
}

/// The names of the files in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}
