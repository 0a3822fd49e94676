//! `shards count`: reads the shards of a part and stores what the other steps need of them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use count_vectorizer::StopWords;
use keyword_files::records::ReadOptions;
use serde_json::{Map, Value, json};

use super::part::{CountOptions, CountedPart, ON_ERROR, PartCounts, PartRecord, RECORD};
use super::part_writer::PartWriter;
use crate::dataset::collection::Collection;
use crate::dataset::fields::Fields;
use crate::error::{Problem, Result};
use crate::files::digest;
use crate::files::manifest::Input;
use crate::files::names;
use crate::files::new_folder::{FolderNaming, NewFolder};
use crate::files::output_file::write_whole;
use crate::input_kind::InputKind;
use crate::progress::Progress;
use crate::run::context::Context;
use crate::run::{read_split, unnamed_images};
use crate::settings::{Settings, StopWordList};

/// Counts the shards of one part.
///
/// See [the module](crate::shards) for an example.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// The shards, in order: files, folders, or `-` for standard input.
    pub shards: Vec<PathBuf>,
    /// The folder of all parts.
    pub out: PathBuf,
    /// The number of the part. Parts are numbered from 0 in the order of the images.
    pub part: u64,
    /// Where keywords and names are.
    pub fields: Fields,
    /// How the shards are read.
    pub options: ReadOptions,
}

/// The result of [`Count::run`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedShards {
    /// The folder of the part.
    pub folder: PathBuf,
    /// Whether the part was written. It is not written if it is there already.
    pub done: bool,
    /// The number of images, including skipped ones.
    pub images: u64,
    /// The number of images that were read.
    pub documents: u64,
    /// The number of skipped images.
    pub skipped: u64,
    /// The number of different words.
    pub terms: u64,
    /// Facts that a reader should know, such as a field that could name numbered images.
    pub notes: Vec<String>,
}

impl Count {
    /// Counts the shards and writes the folder of the part. A part that is there already is not
    /// counted again. Of the settings, those of the vocabulary and of the outputs have no effect.
    ///
    /// # Errors
    ///
    /// Those of [`Collection::run`]. The part was counted from other shards or with other options.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<CountedShards> {
        let settings = Settings { vocabulary: None, extract: false, ..settings.clone() };
        let set = Collection {
            keywords: self.shards.clone(),
            out: self.out.clone(),
            name: Some(format!("part-{}", names::part(self.part))),
            fields: self.fields.clone(),
            options: self.options.clone(),
            ..Collection::default()
        };
        let context = Context::of_part(&set, &settings, progress)?;
        let options = count_options(&set, &context)?;
        if let Some(part) = self.counted()? {
            check_options(&part, &options.options)?;
            if self.is_up_to_date(&part) {
                return Ok(counted_shards(part, false));
            }
        }
        let folder = NewFolder::begin(&self.out.join(names::PARTS), &names::part(self.part))?;
        let mut notes = Vec::new();
        let (mut written, inputs) = read_split(&set, &context, &folder, |read| {
            notes.extend(unnamed_images::note(&read.split.source, "across all parts"));
            PartWriter { context: &context, folder: &folder, id_pattern: self.fields.id_pattern.is_some() }.write(read)
        })?;
        let record = PartRecord {
            counts: written.counts,
            names: written.names,
            files: std::mem::take(&mut written.files),
            ..PartRecord::new(self.part, options, inputs)
        };
        write_whole(&folder, RECORD, &record.to_json())?;
        Ok(CountedShards { notes, ..self.keep(folder, record, progress)? })
    }

    /// The part in the folder, if it is complete.
    fn counted(&self) -> Result<Option<CountedPart>> {
        CountedPart::read(&self.out, self.part)
    }

    /// Whether the shards are files that have not changed since the part was counted, judged by
    /// their names, sizes and times.
    fn is_up_to_date(&self, part: &CountedPart) -> bool {
        let time = |path: &Path| std::fs::metadata(path).ok()?.modified().ok();
        let Some(counted) = time(&part.path(RECORD)) else { return false };
        let is_older = |written: Option<SystemTime>| written.is_some_and(|written| written < counted);
        let is_same = |(path, input): (&PathBuf, &&Input)| {
            let size = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|found| found.len());
            size == Some(input.bytes) && keyword_files::source::file_name(path) == input.path && is_older(time(path))
        };
        let is_shard = |input: &&Input| !matches!(input.kind, InputKind::StopWords | InputKind::Labels);
        let inputs: Vec<&Input> = part.record.inputs.iter().filter(is_shard).collect();
        inputs.len() == self.shards.len() && self.shards.iter().zip(&inputs).all(is_same)
    }

    /// Gives the folder its name. If the part is there already, it must be the same.
    fn keep(&self, mut folder: NewFolder, record: PartRecord, progress: &dyn Progress) -> Result<CountedShards> {
        let path = folder.path().to_path_buf();
        let is_complete = || Ok(self.counted()?.is_some());
        if folder.commit_over_incomplete(is_complete, progress)? == FolderNaming::Done {
            let part = CountedPart { folder: path, record, sha256: String::new() };
            return Ok(counted_shards(part, true));
        }
        match self.counted()? {
            Some(part) => {
                check_options(&part, &record.options)?;
                let record = PartRecord { options: part.record.options.clone(), ..record };
                if part.record == record {
                    return Ok(counted_shards(part, false));
                }
                let other = record.inputs.iter().find(|input| !part.record.inputs.contains(input));
                let shard = other.map_or_else(|| "the shards".to_owned(), |input| format!("'{}'", input.path));
                let what = format!("was counted before, and {shard} is not what was counted then");
                Err(Problem::new(path, what).hint(OTHER_OPTIONS).into())
            }
            None => Err(Problem::new(path, "another run removed the part").hint("run the command again").into()),
        }
    }
}

const OTHER_OPTIONS: &str = "delete this folder to count the part again, or choose another folder with --out";

/// Refuses a complete part that these options would count in another way.
fn check_options(part: &CountedPart, options: &Map<String, Value>) -> Result<()> {
    let CountedPart { folder, record, .. } = part;
    record.check(folder, options, OTHER_OPTIONS)?;
    let skipped = record.counts.skipped;
    if skipped > 0 && record.options.get(ON_ERROR) != options.get(ON_ERROR) {
        let what = format!("was counted with --on-error skip, and images were skipped ({skipped})");
        return Err(Problem::new(folder, what).hint(OTHER_OPTIONS).into());
    }
    Ok(())
}

fn counted_shards(part: CountedPart, done: bool) -> CountedShards {
    let PartCounts { images, documents, skipped, terms, .. } = part.record.counts;
    CountedShards { folder: part.folder, done, images, documents, skipped, terms, notes: Vec::new() }
}

/// Options of a run that do not affect the counts of a part.
const OF_OTHER_STEPS: [&str; 15] = [
    "dataset",
    "splits",
    "min_df",
    "max_df",
    "max_features",
    "vocabulary",
    "layout",
    "emit",
    "pad_to",
    "pad_id",
    "dtype",
    "list",
    "id_map",
    "fit",
    "name",
];

/// The options that affect the counts of a part. Files are represented by their checksums.
fn count_options(set: &Collection, context: &Context<'_>) -> Result<CountOptions> {
    let settings = context.settings;
    let mut options = settings.for_manifest("", &[]);
    options.extend(set.manifest_options());
    options.retain(|name, _| !OF_OTHER_STEPS.contains(&name.as_str()));
    options.insert("max_member_size".into(), json!(settings.max_member_size));
    let mut add_digest = |name: &str, path: &Path| -> Result<()> {
        let sha256 = digest::of_file(path, context.progress)?.sha256;
        options.insert(name.into(), Value::String(sha256));
        Ok(())
    };
    let mut stop_words = None;
    if let StopWordList::File(path) = &settings.stop_words {
        add_digest("stop_words_sha256", path)?;
        let words: &StopWords = context.analyzer.stop_words();
        stop_words = Some(words.sorted().into_iter().map(str::to_owned).collect());
    }
    if let Some(path) = &set.fields.labels {
        add_digest("labels_sha256", path)?;
    }
    Ok(CountOptions { options, stop_words })
}
