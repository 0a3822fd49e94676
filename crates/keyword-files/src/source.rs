//! Detects what an input is, from its first bytes. If they are inconclusive, the name decides.
//!
//! A file that begins with `{` holds JSON Lines if its name ends with `.jsonl` or `.ndjson`, or if
//! its first object ends on the first line, within the first MiB, and something follows it on
//! another line. If another object follows in any other way, it is a sequence of records. Any other
//! such file is one object: COCO annotations if `images` or `annotations` are lists of objects in
//! it, otherwise see [`json`](super::records).

mod file_name;
mod other_format;
mod recognize;
mod shards;
mod stand_in;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::file_name::{file_name, stem};
pub use self::other_format::is_other_format;
use self::other_format::other_format_problem;
use self::recognize::{FileFormat, MAGIC, Recognized, recognize, text_of};
pub use self::shards::shards;
use self::stand_in::refuse_stand_ins;
use super::records::opening::{Opened, STANDARD_INPUT};
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
    if let Some(problem) = other_format_problem(path, text_of(opened.bytes.peek(MAGIC))) {
        return Err(problem.into());
    }
    let Recognized { kind, reason } = match options.format {
        InputFormat::Auto => recognize(&name, options, &mut opened),
        format => {
            let kind = asked_for(path, format)?;
            refuse_other_format(path, kind, recognize(&name, options, &mut opened))?;
            Some(Recognized::new(kind, format!("--format {} says so.", format.name())))
        }
    }
    .ok_or_else(|| unknown(path, &mut opened))?;
    if options.records.is_some() && kind != FileFormat::Records(Format::Json) {
        let what = format!("--records is only for JSON files (found: {reason})");
        return Err(Problem::new(path, what).hint("remove --records").into());
    }
    let is_pipe = opened.digest.is_some();
    let source = match kind {
        FileFormat::Zip => Source::Zip,
        FileFormat::Records(format) => Source::Records(RecordFile::new(path, format, opened, options)),
    };
    if let Some(problem) = source.problem_with_stream(path).filter(|_| is_pipe) {
        return Err(problem.into());
    }
    Ok(Detected { source, packing, reason })
}

fn asked_for(path: &Path, format: InputFormat) -> Result<FileFormat> {
    Ok(match format {
        InputFormat::Zip => FileFormat::Zip,
        InputFormat::Json => FileFormat::Records(Format::Json),
        InputFormat::JsonLines => FileFormat::Records(Format::Lines),
        InputFormat::Csv => FileFormat::Records(Format::Csv),
        InputFormat::Tsv => FileFormat::Records(Format::Tsv),
        InputFormat::Parquet => FileFormat::Records(Format::Parquet),
        InputFormat::Tar => FileFormat::Records(Format::Tar),
        InputFormat::Coco => FileFormat::Records(Format::Coco),
        InputFormat::Auto | InputFormat::Folder => {
            let problem = Problem::new(path, "is not a folder, as --format folder says");
            return Err(problem.hint("remove --format").into());
        }
    })
}

/// Refuses `--format` if the file is certainly of another format. Texts can be read in several.
fn refuse_other_format(path: &Path, asked: FileFormat, found: Option<Recognized>) -> Result<()> {
    let Some(Recognized { kind, reason }) = found else { return Ok(()) };
    if kind == asked || (kind.is_text() && asked.is_text()) {
        return Ok(());
    }
    let reason = reason.trim_end_matches('.').replacen("It", "it", 1);
    let what = format!("--format does not match the file ({reason})");
    Err(Problem::new(path, what).hint("remove --format").into())
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
    // Windows refuses these characters in a name.
    let is_missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename);
    if is_missing && shown.contains(['*', '?', '[']) {
        return Problem::new(path, "no such file").hint("the pattern matches no file").into();
    }
    Error::io(path, "read")(error)
}

/// A file whose format follows neither from its bytes nor from its name.
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
