//! Folders whose files are inputs rather than images.

use std::fs;
use std::path::{Path, PathBuf};

use super::file_name::{ENDINGS, format_of_name};
use crate::error::{Error, Problem, Result};
use crate::records::{InputFormat, ReadOptions};

/// The shards in a folder, if it holds shards.
///
/// It holds `.jsonl`, `.ndjson`, `.parquet`, `.tar`, `.csv` or `.tsv` files, compressed or not, all
/// of one format, and no `.json` file. With `--format`, only the files of that format count. A
/// `.json` file may hold COCO annotations or, if no file is called `.jsonl`, JSON Lines. The shards
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
        let has_lines = listing.shards.iter().any(|shard| shard.format == InputFormat::JsonLines);
        let may_be_json = match options.format {
            InputFormat::Coco => true,
            // Spark calls JSON Lines `.json`.
            InputFormat::JsonLines => !has_lines,
            _ => false,
        };
        let is_json = |shard: &Shard| may_be_json && shard.format == InputFormat::Json;
        let is_wanted = |shard: &Shard| shard.format == options.format || is_json(shard);
        let wanted: Vec<PathBuf> = listing.shards.into_iter().filter(is_wanted).map(|shard| shard.path).collect();
        if wanted.is_empty() {
            let what = format!("contains no file of the format {}", options.format.name());
            return Err(Problem::new(folder, what).hint("remove --format").into());
        }
        return Ok(Some(wanted));
    }
    let count = |format| listing.shards.iter().filter(|shard| shard.format == format).count();
    let counts: Vec<(InputFormat, usize)> =
        ENDINGS.iter().map(|&(format, _)| (format, count(format))).filter(|&(_, count)| count > 0).collect();
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
            if let Some(format) = format_of_name(&name) {
                self.shards.push(Shard { path: entry.path(), format });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_inputs_is_distinguished_from_one_of_images() {
        let folder = tempfile::tempdir().unwrap();
        let found = |format| {
            let options = ReadOptions { format, ..ReadOptions::default() };
            let found = shards(folder.path(), &options).map_err(|error| error.to_string())?;
            let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().replace('\\', "/");
            Ok(found.map(|shards| shards.iter().map(name).collect::<Vec<_>>()))
        };
        let add = |name: &str| {
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), "").unwrap();
        };
        let names = |names: &[&str]| Ok(Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        add("notes.txt");
        assert_eq!(found(InputFormat::Auto), Ok(None));
        add("part.json");
        assert_eq!(found(InputFormat::Auto), Ok(None));
        assert_eq!(found(InputFormat::JsonLines), names(&["part.json"]));
        fs::remove_file(folder.path().join("part.json")).unwrap();
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
        assert_eq!(found(InputFormat::JsonLines), names(&["a/c.NDJSON", "b.jsonl.gz"]));
        let none = "contains no file of the format tar; remove --format";
        assert_eq!(found(InputFormat::Tar), Err(format!("{at}: {none}")));
    }
}
