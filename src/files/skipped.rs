//! The list of skipped images, as tab-separated values.

use std::borrow::Cow;
use std::io::Write;

use super::output_file::OutputSet;
use super::output_line::Output;
use super::output_stream::OutputStream;
use crate::error::{Problem, Result};

/// A header, and a line for each image: split, file, reason, name. Tabs, line ends and backslashes
/// in names are escaped.
///
/// The file is written while the splits are processed: all lines of a malicious list at once would
/// fill the memory.
pub(crate) struct SkippedFile(OutputStream);

/// An image that was skipped.
#[derive(Debug)]
pub(crate) struct SkippedImage<'p> {
    /// Its keyword file, or the file that contains it.
    pub file: Cow<'p, str>,
    pub reason: Cow<'p, str>,
    /// The name of the image. It is empty if it is not known.
    pub name: Cow<'p, str>,
}

impl<'p> SkippedImage<'p> {
    /// The image `name` with a problem.
    pub fn new(name: Cow<'p, str>, problem: &'p Problem) -> SkippedImage<'p> {
        let file = || match problem.file().file_name() {
            Some(name) => name.to_string_lossy(),
            None => Cow::Borrowed(""),
        };
        let file = problem.member().map_or_else(file, Cow::Borrowed);
        SkippedImage { file, reason: problem.reason_to_skip().into(), name }
    }
}

impl SkippedFile {
    /// Starts the output `name`.
    pub fn create(set: &dyn OutputSet, name: &str) -> Result<SkippedFile> {
        let mut file = SkippedFile(OutputStream::create(set, name)?);
        file.write("split\tfile\treason\timage\n")?;
        Ok(file)
    }

    /// Adds the skipped images of `split`, in the order of the list or of the inputs.
    pub fn add<'p>(&mut self, split: &str, images: impl Iterator<Item = SkippedImage<'p>>) -> Result<()> {
        let mut line = String::new();
        for SkippedImage { file, reason, name } in images {
            line.clear();
            let cells = [split, &file, &reason, &name];
            for (cell, end) in cells.into_iter().zip(['\t', '\t', '\t', '\n']) {
                push_escaped(cell, &mut line);
                line.push(end);
            }
            self.write(&line)?;
        }
        Ok(())
    }

    /// Writes the remaining lines.
    pub fn finish(self) -> Result<Output> {
        self.0.finish()
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.0.write_all(text.as_bytes()).map_err(|error| self.0.reason(error))
    }
}

fn push_escaped(cell: &str, out: &mut String) {
    for c in cell.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::dry_run::DryRun;
    use keyword_files::npy::sha256;
    use std::path::Path;

    fn written(lines: &[Problem]) -> Output {
        let mut file = SkippedFile::create(&DryRun::of(Path::new("out")), "skipped.tsv").unwrap();
        let images = lines.iter().map(|problem| SkippedImage::new("7".into(), problem));
        file.add("dev", images).unwrap();
        file.finish().unwrap()
    }

    #[test]
    fn a_name_never_creates_a_line_or_a_cell() {
        let line = Problem::new("a.zip", "damaged").in_member("a\tb\n\\c.json");
        let text = b"split\tfile\treason\timage\ndev\ta\\tb\\n\\\\c.json\tdamaged\t7\n";
        let output = written(&[line]);
        assert_eq!((output.bytes, output.sha256), (text.len() as u64, sha256::of_bytes(text).sha256));
    }

    #[test]
    fn lines_that_are_written_in_blocks_give_the_same_file() {
        let lines: Vec<Problem> =
            (0..20_000).map(|n| Problem::new("a.zip", "damaged").in_member(format!("{n:08}.json"))).collect();
        let rest: String = (0..20_000).map(|n| format!("dev\t{n:08}.json\tdamaged\t7\n")).collect();
        let text = format!("split\tfile\treason\timage\n{rest}");
        let output = written(&lines);
        assert_eq!((output.bytes, output.sha256), (text.len() as u64, sha256::of_bytes(text.as_bytes()).sha256));
    }
}
