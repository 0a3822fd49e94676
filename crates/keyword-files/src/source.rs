//! What an input is. The first bytes tell it, and the name where they do not.
//!
//! A file that begins with `{` holds JSON Lines if its name ends with `.jsonl` or `.ndjson`, or if
//! its first object ends on the first line, within the first MiB, and something follows it. Any
//! other such file is one object: COCO annotations if `images` or `annotations` are lists of
//! objects in it, otherwise see [`json`](super::records).

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::records::csv::{self, looks_like_table};
use super::records::json_head::{Follows, JsonHead};
use super::records::json_reader::Container;
use super::records::opening::{BYTE_ORDER_MARK, Opened, STANDARD_INPUT};
use super::records::{Format, InputFormat, Packing, ReadOptions, RecordFile, is_stream};
use crate::error::{Error, Problem, Result};

/// A place where many images' keywords are.
pub enum Source {
    /// A zip of files with the keywords of one image each.
    Zip,
    /// A folder of such files.
    Folder,
    /// A file with many records.
    Records(RecordFile),
}

/// An input and how it was recognized.
pub struct Detected {
    /// The input.
    pub source: Source,
    /// How it is compressed.
    pub packing: Packing,
    /// Why the input has this format, as a sentence.
    pub reason: String,
}

/// The formats of an input, before it is opened for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zip,
    Records(Format),
}

impl Source {
    /// Looks at what is at `path`.
    pub fn at(path: &Path, options: &Arc<ReadOptions>) -> Result<Source> {
        detect(path, options).map(|detected| detected.source)
    }

    /// The problem with a pipe or standard input that has this format, if its format cannot be
    /// read from one.
    pub fn problem_with_stream(&self, path: &Path) -> Option<Problem> {
        let what = match self {
            Source::Zip => "a zip cannot be read from a pipe or standard input",
            Source::Records(file) if file.format() == Format::Parquet => "Parquet cannot be read from a pipe or standard input",
            _ => return None,
        };
        Some(Problem::new(path, what).hint("save it to a file and give the file's path"))
    }
}

/// Detects the format of the input at `path`.
pub fn detect(path: &Path, options: &Arc<ReadOptions>) -> Result<Detected> {
    let is_standard_input = path.as_os_str() == STANDARD_INPUT;
    check_exists(path)?;
    if !is_standard_input && path.is_dir() {
        if options.records.is_some() {
            let problem = Problem::new(path, "--records is only for JSON files (found: It is a folder.)");
            return Err(problem.hint("add --format json to read each .json file of the folder").into());
        }
        let reason = "It is a folder.".to_owned();
        return Ok(Detected { source: Source::Folder, packing: Packing::None, reason });
    }
    let mut opened = Opened::at(path)?;
    let packing = opened.packing;
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    refuse_stand_ins(path, &name, &mut opened)?;
    let Known { kind, reason } = match options.format {
        InputFormat::Auto => known(&name, options, &mut opened),
        format => {
            let kind = asked_for(path, format)?;
            refuse_other_format(path, kind, known(&name, options, &mut opened))?;
            Some(Known::new(kind, format!("--format {} says so.", format.name())))
        }
    }
    .ok_or_else(|| unknown(path, &mut opened))?;
    if options.records.is_some() && kind != Kind::Records(Format::Json) {
        let what = format!("--records is only for JSON files (found: {reason})");
        return Err(Problem::new(path, what).hint("remove --records").into());
    }
    let is_pipe = opened.digest.is_some();
    let source = match kind {
        Kind::Zip => Source::Zip,
        Kind::Records(format) => Source::Records(RecordFile::new(path, format, opened, options)),
    };
    if let Some(problem) = source.problem_with_stream(path).filter(|_| is_pipe) {
        return Err(problem.into());
    }
    Ok(Detected { source, packing, reason })
}

/// A format and why it was chosen.
struct Known {
    kind: Kind,
    reason: String,
}

impl Known {
    fn new(kind: Kind, reason: impl Into<String>) -> Known {
        Known { kind, reason: reason.into() }
    }

    fn records(format: Format, reason: impl Into<String>) -> Option<Known> {
        Some(Known::new(Kind::Records(format), format!("{}.", reason.into())))
    }
}

fn asked_for(path: &Path, format: InputFormat) -> Result<Kind> {
    Ok(match format {
        InputFormat::Zip => Kind::Zip,
        InputFormat::Json => Kind::Records(Format::Json),
        InputFormat::JsonLines => Kind::Records(Format::Lines),
        InputFormat::Csv => Kind::Records(Format::Csv),
        InputFormat::Tsv => Kind::Records(Format::Tsv),
        InputFormat::Parquet => Kind::Records(Format::Parquet),
        InputFormat::Tar => Kind::Records(Format::Tar),
        InputFormat::Coco => Kind::Records(Format::Coco),
        InputFormat::Auto | InputFormat::Folder => {
            let problem = Problem::new(path, "is not a folder, as --format folder says");
            return Err(problem.hint("remove --format").into());
        }
    })
}

/// Refuses `--format` if the file is certainly of another format. Texts can be read in several.
fn refuse_other_format(path: &Path, asked: Kind, found: Option<Known>) -> Result<()> {
    let Some(Known { kind, reason }) = found else { return Ok(()) };
    if kind == asked || (kind.is_text() && asked.is_text()) {
        return Ok(());
    }
    let reason = reason.trim_end_matches('.').replacen("It", "it", 1);
    let what = format!("--format does not match the file ({reason})");
    Err(Problem::new(path, what).hint("remove --format").into())
}

impl Kind {
    fn is_text(self) -> bool {
        !matches!(self, Kind::Zip | Kind::Records(Format::Parquet | Format::Tar))
    }
}

/// How many bytes show most formats.
const MAGIC: usize = 512;
/// How many bytes of JSON are looked at: the first step, and the most.
const JSON_HEADS: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];

/// What the bytes and the name tell.
fn known(name: &str, options: &ReadOptions, opened: &mut Opened) -> Option<Known> {
    let magic = opened.bytes.peek(MAGIC);
    let is_unpacked = opened.packing == Packing::None;
    let name = without_packing(name);
    let ends = |ending: &str| name.ends_with(ending);
    if is_unpacked && (magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06")) {
        return Some(Known::new(Kind::Zip, "It begins like a zip."));
    }
    if magic.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Known::records(Format::Tar, "It begins like a tar");
    }
    if magic.starts_with(b"PAR1") {
        return Known::records(Format::Parquet, "It begins like a Parquet file");
    }
    let first = text_of(magic).first().copied();
    if options.records.is_some() && !ends(".jsonl") && !ends(".ndjson") && matches!(first, Some(b'{' | b'[')) {
        return Known::records(Format::Json, "--records is given and it begins like JSON");
    }
    if ends(".csv") {
        return Known::records(Format::Csv, "Its name ends with .csv");
    }
    if ends(".tsv") || ends(".tab") {
        return Known::records(Format::Tsv, format!("Its name ends with {}", ending_of(name)));
    }
    if ends(".jsonl") || ends(".ndjson") {
        return Known::records(Format::Lines, format!("Its name ends with {}", ending_of(name)));
    }
    match first {
        Some(b'[') => return Known::records(Format::Json, "It begins like a JSON list"),
        Some(b'{') => return of_object(opened),
        _ => {}
    }
    if ends(".tar") || ends(".tgz") {
        return Known::records(Format::Tar, format!("Its name ends with {}", ending_of(name)));
    }
    if ends(".json") {
        return Known::records(Format::Json, "Its name ends with .json");
    }
    if is_unpacked && ends(".zip") {
        return Some(Known::new(Kind::Zip, "Its name ends with .zip."));
    }
    let head = opened.bytes.peek(csv::HEAD);
    let reason = "Its first two lines have the same number of fields";
    looks_like_table(text_of(head)).then(|| Known::records(Format::Csv, reason)).flatten()
}

/// The format of a file that begins with an object.
fn of_object(opened: &mut Opened) -> Option<Known> {
    let mut head = None;
    for count in JSON_HEADS {
        let text = opened.bytes.peek(count);
        let looked = JsonHead::of(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text));
        let is_undecided = match looked.follows {
            Follows::Unknown => looked.is_on_one_line,
            Follows::Nothing => true,
            Follows::Text | Follows::Lines => false,
        };
        let is_enough = head.insert(looked).has_annotations() || !is_undecided || opened.bytes.is_at_end();
        if is_enough {
            break;
        }
    }
    let head = head.filter(|head| head.first == Some(Container::Object))?;
    let are_lines = head.is_on_one_line && matches!(head.follows, Follows::Lines | Follows::Text);
    if are_lines {
        return Known::records(Format::Lines, "It begins with a JSON object on a line of its own");
    }
    if head.has_annotations() {
        return Known::records(Format::Coco, "It is a JSON object with lists of images or annotations");
    }
    Known::records(Format::Json, "It is one JSON object")
}

impl JsonHead {
    /// Whether it looks like COCO annotations.
    fn has_annotations(&self) -> bool {
        self.has_list("images") || self.has_list("annotations")
    }
}

/// The text without a byte order mark and white space.
fn text_of(head: &[u8]) -> &[u8] {
    head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start()
}

/// Checks that there is something at `path`.
fn check_exists(path: &Path) -> Result<()> {
    if path.as_os_str() == STANDARD_INPUT {
        return Ok(());
    }
    fs::metadata(path).map(drop).map_err(|error| not_there(path, error))
}

/// Checks that each input exists, and that no pipe and not standard input is given twice.
pub fn check_inputs<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<()> {
    let mut streams = Vec::new();
    for path in paths {
        check_exists(path)?;
        if is_stream(path) {
            if streams.contains(&path) {
                let problem = Problem::new(path, "is given twice, but a stream can be read only once");
                return Err(problem.hint("save it to a file and give the file's path").into());
            }
            streams.push(path);
        }
    }
    Ok(())
}

/// A path at which nothing is.
fn not_there(path: &Path, error: std::io::Error) -> Error {
    let shown = path.to_string_lossy();
    if error.kind() == std::io::ErrorKind::NotFound && shown.contains(['*', '?', '[']) {
        return Problem::new(path, "no such file").hint("the pattern matches no file").into();
    }
    Error::io(path, "read")(error)
}

/// Refuses pointers to other files, such as those of Git LFS: their content is missing.
fn refuse_stand_ins(path: &Path, name: &str, opened: &mut Opened) -> Result<()> {
    let magic = opened.bytes.peek(MAGIC);
    if magic.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Err(Problem::new(path, "is a Git LFS pointer").hint("run git lfs pull").into());
    }
    let stem = name.rsplit_once('.').filter(|(_, ending)| is_split_ending(ending)).map(|(stem, _)| stem);
    let is_first_part = magic.starts_with(b"PK\x07\x08");
    let is_last_part = name.ends_with(".zip") && opened.digest.is_none() && ends_as_split_zip(path);
    if stem.is_none() && !is_first_part && !is_last_part {
        return Ok(());
    }
    let stem = stem.unwrap_or_else(|| name.strip_suffix(".zip").unwrap_or(name));
    // The name with its letter case.
    let whole = file_name(path);
    let zip = format!("{}.zip", whole.get(..stem.len()).unwrap_or(stem));
    let zip = path.with_file_name(zip);
    let zip = zip.to_string_lossy();
    let hint = format!("join it with zip -s 0 '{zip}' --out joined.zip");
    Err(Problem::new(path, "is part of a split zip").hint(hint).into())
}

/// Whether a name ends as those of parts do: `.z01`.
fn is_split_ending(ending: &str) -> bool {
    let digits = ending.strip_prefix('z').filter(|digits| digits.len() >= 2);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the end of a zip says that the zip has several parts.
fn ends_as_split_zip(path: &Path) -> bool {
    /// The end record and the longest comment.
    const MOST: u64 = 22 + 0xffff;
    let tail = || {
        let mut file = fs::File::open(path).ok()?;
        let size = file.seek(SeekFrom::End(0)).ok()?;
        file.seek(SeekFrom::Start(size.saturating_sub(MOST))).ok()?;
        let mut tail = Vec::new();
        file.take(MOST).read_to_end(&mut tail).ok()?;
        Some(tail)
    };
    let disk_number = tail().and_then(|tail| {
        let start = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
        tail.get(start + 4..start + 6)?.try_into().ok().map(u16::from_le_bytes)
    });
    // The largest number means that it is found elsewhere.
    disk_number.is_some_and(|number| number != 0 && number != u16::MAX)
}

/// A folder whose files are inputs rather than images.
///
/// It holds `.jsonl`, `.ndjson`, `.parquet`, `.tar`, `.csv` or `.tsv` files, compressed or not, all
/// of one format, and no `.json` file. With `--format`, only the files of that format count. They
/// are in byte order of their paths.
///
/// # Errors
///
/// The folder cannot be listed, or could be read in several ways.
pub fn shards(folder: &Path, options: &ReadOptions) -> Result<Option<Vec<PathBuf>>> {
    if options.format == InputFormat::Folder || !folder.is_dir() {
        return Ok(None);
    }
    let mut listing = Listing::default();
    listing.add_folder(folder, 0)?;
    listing.shards.sort_unstable_by(|a, b| a.path.as_os_str().as_encoded_bytes().cmp(b.path.as_os_str().as_encoded_bytes()));
    if options.format != InputFormat::Auto {
        let is_wanted = |shard: &Shard| {
            shard.format == options.format || (options.format == InputFormat::Coco && shard.format == InputFormat::Json)
        };
        let wanted: Vec<PathBuf> = listing.shards.into_iter().filter(is_wanted).map(|shard| shard.path).collect();
        if wanted.is_empty() {
            let what = format!("contains no file of the format {}", options.format.name());
            return Err(Problem::new(folder, what).hint("remove --format").into());
        }
        return Ok(Some(wanted));
    }
    let count = |format| listing.shards.iter().filter(|shard| shard.format == format).count();
    let counts: Vec<(InputFormat, usize)> =
        SHARDS.iter().map(|&(format, _)| (format, count(format))).filter(|&(_, count)| count > 0).collect();
    match counts.as_slice() {
        [] | [(InputFormat::Json, _)] => Ok(None),
        [_] => Ok(Some(listing.shards.into_iter().map(|shard| shard.path).collect())),
        several => {
            let found: Vec<String> = several.iter().map(|(format, count)| format!("{count} {}", format.name())).collect();
            let choices = several.iter().map(|(format, _)| match format {
                InputFormat::Json => "--format folder".to_owned(),
                format => format!("--format {}", format.name()),
            });
            let choices: Vec<String> = choices.collect();
            let what = format!("contains files of several formats ({}), which may describe the same images", found.join(", "));
            Err(Problem::new(folder, what).hint(format!("choose with {}", choices.join(" or "))).into())
        }
    }
}

/// The endings of shards. A `.json` file is a shard only if it is asked for.
const SHARDS: [(InputFormat, &[&str]); 6] = [
    (InputFormat::JsonLines, &[".jsonl", ".ndjson"]),
    (InputFormat::Parquet, &[".parquet"]),
    (InputFormat::Tar, &[".tar", ".tgz"]),
    (InputFormat::Csv, &[".csv"]),
    (InputFormat::Tsv, &[".tsv"]),
    (InputFormat::Json, &[".json"]),
];

struct Shard {
    path: PathBuf,
    format: InputFormat,
}

#[derive(Default)]
struct Listing {
    shards: Vec<Shard>,
}

/// Deeper folders hold no shards.
const DEEPEST: usize = 64;

impl Listing {
    fn add_folder(&mut self, folder: &Path, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(Error::io(folder, "list"))? {
            let entry = entry.map_err(Error::io(folder, "list"))?;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            if name.starts_with('.') || name == "__macosx" {
                continue;
            }
            let kind = entry.file_type().map_err(Error::io(entry.path(), "look at"))?;
            if kind.is_dir() {
                self.add_folder(&entry.path(), depth + 1)?;
                continue;
            }
            let name = without_packing(&name);
            let format = SHARDS.iter().find(|(_, endings)| endings.iter().any(|ending| name.ends_with(ending)));
            if let Some(&(format, _)) = format {
                self.shards.push(Shard { path: entry.path(), format });
            }
        }
        Ok(())
    }
}

/// The file's name without its format and compression: `shard-0.tar.gz` is `shard-0`.
pub fn stem(path: &Path) -> String {
    if path.as_os_str() == STANDARD_INPUT {
        return "stdin".to_owned();
    }
    let name = file_name(path);
    if path.is_dir() {
        return name;
    }
    let lower = name.to_ascii_lowercase();
    let unpacked = without_packing(&lower);
    let known = SHARDS.iter().flat_map(|(_, endings)| endings.iter().copied()).chain([".zip"]);
    let ending = known.filter(|ending| unpacked.ends_with(ending)).map(str::len).max();
    match ending {
        Some(ending) => name.get(..unpacked.len() - ending).unwrap_or_default().to_owned(),
        None => Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}

/// A path's last part. `.` and `..` have the name of the folder that they mean.
pub fn file_name(path: &Path) -> String {
    let whole = || fs::canonicalize(path).ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    path.file_name().map(|name| name.to_string_lossy().into_owned()).or_else(whole).unwrap_or_default()
}

fn without_packing(name: &str) -> &str {
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

fn ending_of(name: &str) -> &str {
    name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default()
}

/// A file of which neither the bytes nor the name tell the format.
fn unknown(path: &Path, opened: &mut Opened) -> Error {
    let head = opened.bytes.peek(2);
    if head.is_empty() {
        return Problem::new(path, "is empty, expected records").into();
    }
    if matches!(head, b"\xff\xfe" | b"\xfe\xff") {
        return Problem::new(path, "is UTF-16").hint("save it as UTF-8").into();
    }
    let what = "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip";
    let problem = Problem::new(path, what);
    match opened.bytes.peek(MAGIC).contains(&0) {
        true => problem.hint("convert it to one of these formats").into(),
        false => problem.hint_inspect().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_a_name_without_its_endings() {
        let names = ["a/b.tar.gz", "b.TGZ", "b.jsonl.zst", "b.c.ndjson", "b.zip", "b.gz", "b", "b.json.zip", "b.txt"];
        assert_eq!(names.map(|name| stem(Path::new(name))), ["b", "b", "b", "b.c", "b", "b", "b", "b.json", "b"]);
        let names = ["b.json.gz", "b.CSV.gz", "b.tsv", "b.parquet", "-"];
        assert_eq!(names.map(|name| stem(Path::new(name))), ["b", "b", "b", "b", "stdin"]);
    }

    /// The format and the reason.
    fn detected(path: &Path, options: ReadOptions) -> Result<(Option<Format>, String)> {
        let detected = detect(path, &Arc::new(options))?;
        let format = match detected.source {
            Source::Records(file) => Some(file.format()),
            Source::Zip | Source::Folder => None,
        };
        Ok((format, detected.reason))
    }

    #[test]
    fn the_first_bytes_tell_the_format_and_otherwise_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut ustar = vec![b'a'; 600];
        ustar[257..262].copy_from_slice(b"ustar");
        let mark = |text: &str| [BYTE_ORDER_MARK, text.as_bytes()].concat();
        let (marked, long) = (mark("{\"a\": 1}\n{\"a\": 2}"), format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20)));
        let cases: [(&str, &[u8], Option<Format>, &str); 19] = [
            ("data", b"PK\x03\x04", None, "It begins like a zip."),
            ("data", b"PAR1", Some(Format::Parquet), "It begins like a Parquet file."),
            ("data", &ustar, Some(Format::Tar), "It begins like a tar."),
            ("data", b" \n{\"a\": 1}\n\n{", Some(Format::Lines), "It begins with a JSON object on a line of its own."),
            ("data.json", &marked, Some(Format::Lines), "It begins with a JSON object on a line of its own."),
            ("data.json", b"{\"a\": 1}\n", Some(Format::Json), "It is one JSON object."),
            ("data.json", long.as_bytes(), Some(Format::Json), "It is one JSON object."),
            ("data", b"{\n\"a\": 1}\n{\n\"a\": 1}", Some(Format::Json), "It is one JSON object."),
            ("data", b"\n[1]", Some(Format::Json), "It begins like a JSON list."),
            ("d", b"{\"images\": [{", Some(Format::Coco), "It is a JSON object with lists of images or annotations."),
            ("data.jsonl", b"[1]", Some(Format::Lines), "Its name ends with .jsonl."),
            ("data.jsonl", b"", Some(Format::Lines), "Its name ends with .jsonl."),
            ("old.tar", b"abc", Some(Format::Tar), "Its name ends with .tar."),
            ("data.zip", b"MZ", None, "Its name ends with .zip."),
            ("data.jsonl.gz", b"\x1f\x8bnot gzip", Some(Format::Lines), "Its name ends with .jsonl."),
            ("data.CSV", b"a", Some(Format::Csv), "Its name ends with .csv."),
            ("data.tsv.gz", b"a", Some(Format::Tsv), "Its name ends with .tsv."),
            ("data.json", b"", Some(Format::Json), "Its name ends with .json."),
            ("data", b"a,b\n1,2\n", Some(Format::Csv), "Its first two lines have the same number of fields."),
        ];
        for (name, bytes, kind, reason) in cases {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let found = detected(&path, ReadOptions::default()).unwrap();
            assert_eq!(found, (kind, reason.to_owned()), "{name}: {:?}", bytes.get(..40));
        }
    }

    #[test]
    fn an_option_decides_over_bytes_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.txt");
        fs::write(&path, "image,caption\n").unwrap();
        for (name, format) in InputFormat::ALL {
            let found = detected(&path, ReadOptions { format, ..ReadOptions::default() });
            let is_error = matches!(format, InputFormat::Auto | InputFormat::Folder);
            assert_eq!(found.as_ref().is_err(), is_error, "{name}");
            if let Ok((_, reason)) = found {
                assert_eq!(reason, format!("--format {name} says so."));
            }
        }
    }

    fn message(path: &Path) -> String {
        detected(path, ReadOptions::default()).unwrap_err().to_string()
    }

    #[test]
    fn files_that_stand_for_others_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            message(&path).replace(&folder.path().to_string_lossy().into_owned(), "")
        };
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        for name in ["a.jsonl", "a.zip", "a.tar", "a.parquet"] {
            assert_eq!(at(name, pointer), format!("/{name}: is a Git LFS pointer; run git lfs pull"));
        }
        let split = "is part of a split zip; join it with zip -s 0 '/Kw.zip' --out joined.zip";
        let last_part = b"any data PK\x05\x06\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (name, bytes) in [("Kw.z01", &b"PK\x07\x08"[..]), ("Kw.z02", b"data"), ("Kw.zip", last_part)] {
            assert_eq!(at(name, bytes), format!("/{name}: {split}"));
        }
        let unknown = "unknown format, expected JSON, JSON Lines, CSV, TSV, Parquet, tar or zip";
        let said = at("notes.txt", b"hello");
        let hint = "notes.txt to see the options";
        assert!(said.starts_with(&format!("/notes.txt: {unknown}; run amc-keywords inspect /")), "{said}");
        assert!(said.ends_with(hint), "{said}");
        assert_eq!(at("a.bin", b"\x01\0"), format!("/a.bin: {unknown}; convert it to one of these formats"));
        assert_eq!(at("notes.txt", b""), "/notes.txt: is empty, expected records");
        assert_eq!(at("notes.txt", b"\xff\xfea\0"), "/notes.txt: is UTF-16; save it as UTF-8");
        let pattern = message(Path::new("nowhere/train-*.parquet"));
        assert_eq!(pattern, "nowhere/train-*.parquet: no such file; the pattern matches no file");
    }

    #[test]
    fn a_stream_is_given_once() {
        let inputs = ["-", "Cargo.toml", "-"].map(PathBuf::from);
        assert!(check_inputs(&inputs[..2]).is_ok());
        let message = "-: is given twice, but a stream can be read only once; \
                       save it to a file and give the file's path";
        assert_eq!(check_inputs(&inputs).unwrap_err().to_string(), message);
    }

    #[test]
    fn a_folder_of_inputs_is_told_from_one_of_images() {
        let folder = tempfile::tempdir().unwrap();
        let found = |format| {
            let options = ReadOptions { format, ..ReadOptions::default() };
            let found = shards(folder.path(), &options).map_err(|error| error.to_string())?;
            let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
            Ok(found.map(|shards| shards.iter().map(name).collect::<Vec<_>>()))
        };
        let add = |name: &str| {
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), "").unwrap();
        };
        let names = |names: &[&str]| Ok(Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        add("notes.txt");
        assert_eq!(found(InputFormat::Auto), Ok(None));
        add("b.jsonl.gz");
        add("a/c.NDJSON");
        add(".hidden.jsonl");
        assert_eq!(found(InputFormat::Auto), names(&["a/c.NDJSON", "b.jsonl.gz"]));
        add("0.json");
        let at = folder.path().display().to_string();
        let several = "contains files of several formats (2 jsonl, 1 json), which may describe the \
                       same images";
        let choose = "choose with --format jsonl or --format folder";
        assert_eq!(found(InputFormat::Auto), Err(format!("{at}: {several}; {choose}")));
        assert_eq!(found(InputFormat::Folder), Ok(None));
        assert_eq!(found(InputFormat::Json), names(&["0.json"]));
        let none = "contains no file of the format tar; remove --format";
        assert_eq!(found(InputFormat::Tar), Err(format!("{at}: {none}")));
    }
}
