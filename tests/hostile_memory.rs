//! The largest inputs of each kind on 16 threads. None takes more than 1 GiB of memory.
//!
//! The default tests use a 64th of the size. `.ci/run` tests the full size on the release build:
//!
//! ```sh
//! AMC_KEYWORDS_BINARY=$PWD/target/release/amc-keywords \
//!     cargo test --test main hostile_memory:: -- --ignored
//! ```

use std::fmt::Write as _;

use crate::util::{Done, WorkDir, keyword_file};
use libdeflater::{CompressionLvl, Compressor};

/// The size of the inputs and the memory that a run may use.
#[derive(Clone, Copy)]
struct Size {
    /// The full size divided by the size of these inputs.
    part: usize,
    mib: usize,
}

const SMALL: Size = Size { part: 64, mib: 160 };
const FULL: Size = Size { part: 1, mib: 1024 };

/// Declares two tests for each attack: a small one and a full one, which is ignored by default.
macro_rules! attacks {
    ($($attack:ident)*) => {
        $(#[test]
        fn $attack() {
            attack::$attack(SMALL);
        })*

        mod full {
            use super::{FULL, attack};
            $(#[test]
            #[ignore = "large: .ci/run gives it the release"]
            fn $attack() {
                attack::$attack(FULL);
            })*
        }
    };
}

attacks! {
    ten_million_unknown_names
    a_million_skipped_images
    a_million_empty_members
    sixteen_members_of_64_mib_at_once
    one_keyword_of_60_mb
    ten_million_keywords_in_one_file
    sixty_million_brackets
    an_id_map_of_a_million_names
    a_dataset_with_200_mb_of_unused_values
    lines_with_300_mb_of_names
    stop_words_and_a_vocabulary_on_one_line
    stop_words_and_a_vocabulary_of_very_many_words
}

impl Size {
    /// Runs the tool on 16 threads with a limit on writable memory, including reserved memory.
    fn run<'a>(self, work: &'a WorkDir, arguments: &[&str]) -> Done<'a> {
        let run = work.tool(arguments[0]).args(&arguments[1..]).args(["--min-df", "1", "--out", "out", "-j", "16"]);
        run.after(&format!("ulimit -d {};", self.mib << 10)).go()
    }

    /// Runs the tool, expects success, and returns the words of the vocabulary.
    fn words(self, work: &WorkDir, arguments: &[&str]) -> Vec<String> {
        let done = self.run(work, arguments);
        assert_eq!((done.status, &*done.stderr), (Some(0), ""), "{}", done.dump());
        let file = work.files().into_iter().find(|name| name.starts_with("out/vocabulary_") && name.ends_with(".json"));
        work.words(&file.unwrap())
    }

    /// Runs the tool, expects exit status 1, and returns the last line on stderr.
    fn refusal(self, work: &WorkDir, arguments: &[&str]) -> String {
        let done = self.run(work, arguments);
        let last = done.stderr.lines().last().map(str::to_owned);
        assert_eq!(done.status, Some(1), "{}", done.dump());
        last.unwrap()
    }
}

/// The content of a zip member, which many members can share.
struct Member {
    method: u16,
    crc: u32,
    size: u32,
    packed: Vec<u8>,
}

impl Member {
    fn stored(content: Vec<u8>) -> Member {
        Member { method: 0, crc: crc32fast::hash(&content), size: content.len() as u32, packed: content }
    }

    fn deflated(content: &[u8]) -> Member {
        let mut compressor = Compressor::new(CompressionLvl::new(1).unwrap());
        let mut packed = vec![0; compressor.deflate_compress_bound(content.len())];
        let len = compressor.deflate_compress(content, &mut packed).unwrap();
        packed.truncate(len);
        Member { method: 8, crc: crc32fast::hash(content), size: content.len() as u32, packed }
    }
}

/// A zip archive of these members. The zip crate would compress equal contents again and again.
fn zip_of(members: &[(String, &Member)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, member) in members {
        let offset = (zip.len() as u32).to_le_bytes();
        let mut both = vec![20, 0, 0, 0];
        both.extend(member.method.to_le_bytes());
        both.extend([0, 0, 0x21, 0]);
        both.extend([member.crc, member.packed.len() as u32, member.size].map(u32::to_le_bytes).as_flattened());
        both.extend([name.len() as u16, 0].map(u16::to_le_bytes).as_flattened());
        for piece in [b"PK\x03\x04".as_slice(), &both, name.as_bytes(), &member.packed] {
            zip.extend_from_slice(piece);
        }
        for piece in [b"PK\x01\x02\x14\0".as_slice(), &both, &[0; 10], &offset, name.as_bytes()] {
            directory.extend_from_slice(piece);
        }
    }
    let (count, start, len) = (members.len() as u64, zip.len() as u64, directory.len() as u64);
    zip.extend(directory);
    zip.extend([b"PK\x06\x06".as_slice(), &44_u64.to_le_bytes(), &[45, 0, 45, 0], &[0; 8]].concat());
    zip.extend([count, count, len, start].map(u64::to_le_bytes).as_flattened());
    zip.extend([b"PK\x06\x07\0\0\0\0".as_slice(), &(start + len).to_le_bytes(), &[1, 0, 0, 0]].concat());
    zip.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &[0xff; 12], &[0, 0]].concat());
    zip
}

/// Dev with this number of images, which all have this content.
fn dev(images: usize, member: &Member) -> WorkDir {
    let members: Vec<_> = (0..images).map(|n| (format!("keywords_dev/{n:08}.json"), member)).collect();
    let list = (0..images).fold(String::new(), |mut list, n| {
        writeln!(list, "{n:08}").unwrap();
        list
    });
    let work = WorkDir::new();
    work.write("keyword/keywords_dev.zip", zip_of(&members)).write("clickture/clickture-dev.lst", list);
    work
}

fn dog() -> WorkDir {
    dev(1, &Member::stored(keyword_file(&["dog"]).into_bytes()))
}

/// Joins pieces with `between` and puts `before` and `after` around them.
fn joined([before, between, after]: [&str; 3], pieces: usize, piece: impl Fn(usize, &mut String)) -> Vec<u8> {
    let mut text = before.to_owned();
    for n in 0..pieces {
        text.push_str(if n > 0 { between } else { "" });
        piece(n, &mut text);
    }
    (text + after).into_bytes()
}

mod attack {
    use super::*;

    const KEYWORDS: [&str; 3] = ["{\"tagging\":{\"keywords\":[", ",", "]}}"];
    const SKIP: &[&str] = &["clickture", "--on-error", "skip"];

    /// A sound image, followed by unknown names.
    fn unknown(names: usize) -> WorkDir {
        let work = dog();
        work.write(
            "clickture/clickture-dev.lst",
            joined(["00000000\n", "\n", ""], names, |n, list| write!(list, "x{n}").unwrap()),
        );
        work
    }

    pub fn ten_million_unknown_names(size: Size) {
        let names = 10_000_000 / size.part;
        let work = unknown(names);
        assert_eq!(
            size.refusal(&work, &["clickture"]),
            format!("amc-keywords clickture: … and {} more ({names} in all); --on-error skip skips such images", names - 10)
        );
        if names > 1_000_000 {
            assert_eq!(
                size.refusal(&work, SKIP),
                format!(
                    "amc-keywords clickture: {names} images failed, and at most 1000000 can be \
                     skipped; see the errors above"
                )
            );
        }
    }

    pub fn a_million_skipped_images(size: Size) {
        let names = 1_000_000 / size.part;
        let work = unknown(names);
        assert_eq!(size.words(&work, SKIP), ["dog"]);
        let skipped = work.text("out/skipped_clickture.tsv");
        assert_eq!(skipped.lines().count(), names + 1);
        assert!(skipped.lines().last().unwrap().starts_with(&format!("dev\tx{}\tline", names - 1)));
    }

    pub fn a_million_empty_members(size: Size) {
        let images = 1_000_000 / size.part;
        let work = dev(images, &Member::stored(Vec::new()));
        let line = format!(
            "amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/00000000.json': line \
             1 column 0: the file is empty, expected a JSON object; write the file again, or skip \
             such images with --on-error skip (none of the {images} images can be encoded, the \
             first 10 for the same reason)"
        );
        for arguments in [&["clickture"][..], SKIP] {
            assert_eq!(size.refusal(&work, arguments), line);
        }
    }

    pub fn sixteen_members_of_64_mib_at_once(size: Size) {
        let keyword = |n: usize, text: &mut String| {
            write!(text, "\"young adult {} woman portrait outdoors smiling at the camera\"", n % 5000).unwrap();
        };
        let content = joined(KEYWORDS, 1_000_000 / size.part, keyword);
        assert!(content.len() * size.part < 64 << 20 && content.len() * size.part > 56 << 20);
        let words = size.words(&dev(16, &Member::deflated(&content)), &["clickture"]);
        assert_eq!(words.len(), 4990 + 7, "numbers of two digits and more, and words");
    }

    pub fn one_keyword_of_60_mb(size: Size) {
        let bytes = 60_000_000 / size.part;
        let work = dev(1, &Member::stored(keyword_file(&[&"a".repeat(bytes)]).into_bytes()));
        assert_eq!(size.words(&work, &["clickture"]), ["a".repeat(bytes)]);
        if size.part == 1 {
            assert_eq!(size.words(&work, &["clickture", "--analyzer", "char"]), ["a"]);
        }
        let wide = ["clickture", "--analyzer", "char", "--ngram-range", "1,2000"];
        let terms = 2000 * bytes - 1999 * 1000;
        assert_eq!(
            size.refusal(&work, &wide),
            format!(
                "amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/00000000.json': \
                 tagging.keywords: {bytes} bytes may make {terms} n-grams of 1 to 2000, expected \
                 at most 16777216 n-grams of 1073741824 bytes in all; choose a smaller \
                 --ngram-range; write the file again, or skip such images with --on-error skip"
            )
        );
    }

    pub fn ten_million_keywords_in_one_file(size: Size) {
        let keywords = 10_000_000 / size.part;
        let content = joined(KEYWORDS, keywords, |_, text| text.push_str("\"ab\""));
        assert_eq!(size.words(&dev(1, &Member::stored(content)), &["clickture"]), ["ab"]);
    }

    pub fn sixty_million_brackets(size: Size) {
        let half = 30_000_000 / size.part;
        let content = format!(r#"{{"x":{}{},"tagging":{{"keywords":["dog"]}}}}"#, "[".repeat(half), "]".repeat(half));
        assert_eq!(size.words(&dev(1, &Member::stored(content.into_bytes())), &["clickture"]), ["dog"]);
    }

    pub fn an_id_map_of_a_million_names(size: Size) {
        let work = dog();
        let mut map = b"\x80\x02}(".to_vec();
        for id in 0..1_000_000 / size.part as u32 {
            let name = format!("image number {id:08}");
            map.extend([b"U".as_slice(), &[name.len() as u8], name.as_bytes(), b"J", &id.to_le_bytes()].concat());
        }
        map.extend(b"u.");
        work.write("clickture/img_id_map_dev.pkl", map).write("clickture/clickture-dev.lst", "image number 00000000\n");
        assert_eq!(size.words(&work, &["clickture"]), ["dog"]);
    }

    pub fn a_dataset_with_200_mb_of_unused_values(size: Size) {
        let image = r#"],"images":[{"filename":"a.jpg","imgid":1,"split":"train"}]}"#;
        let junk =
            joined(["{\"x\":[", ",", image], 13_000_000 / size.part, |n, text| write!(text, "{{\"a\":\"{n:07}\"}}").unwrap());
        let (dataset, dog) = (Member::deflated(&junk), Member::stored(keyword_file(&["dog"]).into_bytes()));
        let members =
            [("keywords_coco/dataset.json".to_owned(), &dataset), ("keywords_coco/keyword_train/a.json".to_owned(), &dog)];
        let work = WorkDir::new();
        work.write("keyword/keywords_coco.zip", zip_of(&members));
        assert_eq!(size.words(&work, &["mscoco", "--splits", "train"]), ["dog"]);
    }

    pub fn lines_with_300_mb_of_names(size: Size) {
        let (work, lines, start) = (WorkDir::new(), 1_250_000 / size.part, "x".repeat(240));
        // The names fall, so they must be compared with each other.
        let line = |n: usize, text: &mut String| write!(text, "{{\"id\":\"{start}{:07}\",\"tags\":\"dog\"}}", lines - n).unwrap();
        work.write("lines.jsonl", joined(["", "\n", "\n"], lines, line));
        let arguments = ["encode", "lines.jsonl", "--keywords-field", "tags", "--id-field", "id", "--quiet"];
        assert_eq!(size.words(&work, &arguments), ["dog"]);
    }

    pub fn stop_words_and_a_vocabulary_on_one_line(size: Size) {
        let work = dog();
        work.write("stop.txt", "a".repeat(300_000_000)).write("vocabulary.json", "{");
        // A sparse file: its size alone is the reason.
        let file = std::fs::File::options().write(true).open(work.path().join("vocabulary.json")).unwrap();
        file.set_len((1 << 30) + 1).unwrap();
        refused_for_their_size(size, &work);
    }

    pub fn stop_words_and_a_vocabulary_of_very_many_words(size: Size) {
        let work = dog();
        // Words of a few bytes: the largest file of stop words that is accepted.
        let words = (32 << 20) / 10 / size.part;
        work.write("stop.txt", joined(["", "\n", ""], words, |n, text| write!(text, "w{n:07}").unwrap()));
        let ids = (128 << 20) / 20 / size.part;
        work.write("vocabulary.json", joined(["{", ",", "}"], ids, |n, text| write!(text, "\"w{n:07}\":{n:>7}").unwrap()));
        assert_eq!(size.words(&work, &["clickture", "--stop-words", "stop.txt"]), ["dog"]);
        let done = size.run(&work, &["clickture", "--vocabulary", "vocabulary.json"]);
        let warning = "amc-keywords: warning: dev: no image contains a word of the vocabulary, so \
                       the matrix is empty\n";
        assert!(done.status == Some(0) && done.stderr.starts_with(warning), "{}", done.dump());
        assert_eq!(&done.stderr[warning.len()..], "", "{}", done.dump());
        let written = work.read("out/vocabulary_clickture_dev_sk_1.json");
        assert_eq!(written.split(|&byte| byte == b'\n').count(), ids + 3, "a line for each word, two brackets, and nothing");
    }

    fn refused_for_their_size(size: Size, work: &WorkDir) {
        for (option, file, most) in [
            ("--stop-words", "stop.txt", "a list of stop words of at most 32 MiB"),
            ("--vocabulary", "vocabulary.json", "a vocabulary of at most 1024 MiB"),
        ] {
            assert_eq!(
                size.refusal(work, &["clickture", option, file]),
                format!("amc-keywords clickture: {file}: expected {most}, but the file is larger")
            );
        }
    }
}
