//! Runs the targets on a stable toolchain: first every seed, then mutations of the seeds.
//!
//! Usage: `drive SECONDS [TARGET]...`. If a target panics, the driver saves the input as
//! `fuzz/artifacts/TARGET/panic` and exits with status 101.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use amc_keywords_fuzz::{TARGETS, Target};

fn main() {
    let mut arguments = env::args().skip(1);
    let Some(seconds) = arguments.next().and_then(|seconds| seconds.parse().ok()) else {
        eprintln!("usage: drive SECONDS [TARGET]...");
        process::exit(2);
    };
    let wanted: Vec<String> = arguments.collect();
    for (name, target) in TARGETS {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            run(name, target, Duration::from_secs(seconds));
        }
    }
}

fn run(name: &str, target: Target, time: Duration) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let left = here.join("artifacts").join(name).join("panic");
    fs::create_dir_all(left.parent().expect("a folder")).expect("a folder for what is found");
    let seeds = seeds(&here.join("seeds").join(name));
    let once = |bytes: &[u8]| {
        let guard = Leave(&left, bytes);
        target(bytes);
        std::mem::forget(guard);
    };
    seeds.iter().for_each(|seed| once(seed));
    let (begun, mut random, mut runs) = (Instant::now(), Random(0x2545_f491_4f6c_dd1d), seeds.len() as u64);
    while begun.elapsed() < time {
        once(&random.mutated(&seeds));
        runs += 1;
    }
    println!("{name}: {} seeds, {runs} runs in {:.1} s, nothing found", seeds.len(), begun.elapsed().as_secs_f64());
}

fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).expect("seeds").map(|entry| entry.expect("a seed").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a seed")).collect()
}

/// Saves the input when the target panics.
struct Leave<'a>(&'a Path, &'a [u8]);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let _ = fs::write(self.0, self.1);
        eprintln!("left the input as {}", self.0.display());
    }
}

/// Marsaglia's xorshift. The sequence of inputs is the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// A seed with up to eight changes.
    fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let (at, length) = (self.below(bytes.len()), self.below(16).min(bytes.len()));
            let end = (at + length).min(bytes.len());
            match self.below(7) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\n'][self.below(8)],
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let piece = bytes[at..end].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                4 => bytes.truncate(at),
                5 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    let piece = other[from..(from + 32).min(other.len())].to_vec();
                    bytes.splice(at..end, piece);
                }
                _ => bytes.insert(at, self.below(256) as u8),
            }
        }
        bytes
    }
}
