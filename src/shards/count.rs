//! `shards count`: reads the shards of a part and stores what the other steps need of them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use count_vectorizer::{Analyzer, CorpusCounts, StopWords, TermCounts};
use keyword_files::records::ReadOptions;
use serde_json::{Value, json};

use super::images::{ImageRow, ImageWriter};
use super::part::{CountOptions, CountedPart, IMAGES, PartCounts, PartNames, PartRecord, RECORD, SAMPLES, SKIPPED, TERMS};
use super::record;
use super::samples::PartSample;
use super::terms::write_terms;
use crate::dataset::collection::Collection;
use crate::dataset::fields::Fields;
use crate::dataset::image::whole_number;
use crate::dataset::split::{Split, SplitImages};
use crate::error::{Error, Problem, Result, shown_path};
use crate::files::digest;
use crate::files::manifest::Input;
use crate::files::names;
use crate::files::new_folder::{Naming, NewFolder};
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::statistics::{Fate, SplitSamples};
use crate::input_kind::InputKind;
use crate::progress::Progress;
use crate::run::context::Context;
use crate::run::lost_words::drops_letters;
use crate::run::outputs::skipped_image;
use crate::run::read::ReadPart;
use crate::run::worker::RecordNames;
use crate::run::{read_split, word_reports};
use crate::settings::{Settings, StopWordList};
use crate::word_store::{Document, GatheredWords, Head, WordStore};

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
}

/// An image that was skipped, as a line of `skipped.jsonl`.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkippedLine {
    /// The number that orders the problems of a part.
    pub order: u64,
    pub file: String,
    pub reason: String,
    /// The name of the image in a set without streams, and in a set with streams.
    pub image: String,
    pub image_among_streams: String,
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
            part.record.check(&part.folder, &options.options, OTHER_OPTIONS)?;
            if self.is_up_to_date(&part) {
                return Ok(counted_shards(part, false));
            }
        }
        let folder = NewFolder::begin(&self.out.join(names::PARTS), &names::part(self.part))?;
        let (mut written, inputs) = read_split(&set, &context, &folder, |read| {
            PartWriter { context: &context, folder: &folder, id_pattern: self.fields.id_pattern.is_some() }.write(read)
        })?;
        let record = PartRecord {
            counts: written.counts,
            names: written.names,
            files: std::mem::take(&mut written.files),
            ..PartRecord::new(self.part, options, inputs)
        };
        write_whole(&folder, RECORD, &record.to_json())?;
        self.keep(folder, record, progress)
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
        let mut naming = folder.commit(progress)?;
        if naming == Naming::Taken && self.counted()?.is_none() {
            // A folder without a record is not a part: it was copied or removed in pieces.
            std::fs::remove_dir_all(&path).map_err(Error::io(&path, "remove"))?;
            naming = folder.commit(progress)?;
        }
        if naming == Naming::Done {
            let part = CountedPart { folder: path, record, sha256: String::new() };
            return Ok(counted_shards(part, true));
        }
        match self.counted()? {
            Some(part) if part.record == record => Ok(counted_shards(part, false)),
            Some(part) => {
                part.record.check(&path, &record.options, OTHER_OPTIONS)?;
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

fn counted_shards(part: CountedPart, done: bool) -> CountedShards {
    let PartCounts { images, documents, skipped, terms, .. } = part.record.counts;
    CountedShards { folder: part.folder, done, images, documents, skipped, terms }
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

/// What was written of a part.
struct WrittenPart {
    counts: PartCounts,
    names: PartNames,
    files: Vec<Output>,
}

/// Writes the files of a part.
struct PartWriter<'a> {
    context: &'a Context<'a>,
    folder: &'a NewFolder,
    /// Whether names are selected by a pattern.
    id_pattern: bool,
}

impl PartWriter<'_> {
    fn write(self, read: ReadPart<TermCounts>) -> Result<WrittenPart> {
        let ReadPart { split, words, numberings, rows, names, .. } = read;
        self.check_names(&split, names)?;
        let counts = CorpusCounts::add_up(numberings);
        let sorted = counts.sorted();
        let files: &dyn OutputSet = self.folder;
        let terms = write_terms(files, TERMS, sorted.terms.iter().copied())?;
        let ids: Vec<Vec<u32>> =
            sorted.ids.iter().map(|ids| ids.iter().map(|id| id.map_or(0, |id| id.get())).collect()).collect();
        let images = self.write_images(&split, &words, &ids)?;
        let (samples, drops_letters) = self.write_samples(&split)?;
        let skipped = self.write_skipped(&split)?;
        let NumberedNames { count, are_numbers } = NumberedNames::of(&split.images);
        let names = PartNames {
            are_numbers,
            are_in_order: matches!(words, WordStore::Ordered(_)),
            have_display_names: matches!(&words, WordStore::Ordered(images) if images.has_display_names()),
            are_rows: names == RecordNames::Numbers,
            has_streams: !split.source.streams.is_empty(),
            drops_letters,
        };
        let counts = PartCounts {
            images: split.len() as u64,
            documents: counts.documents(),
            skipped: split.problems.total(),
            names: count,
            rows,
            keywords: words.tally().keywords,
            words: words.words(),
            terms: sorted.terms.len() as u64,
            unsure: words.tally().unsure,
            without_field: words.tally().without_field,
        };
        Ok(WrittenPart { counts, names, files: vec![terms, images, samples, skipped] })
    }

    /// Refuses names that depend on the parts before in a way that later steps cannot follow.
    fn check_names(&self, split: &Split, names: RecordNames) -> Result<()> {
        let has_archives = !split.source.archives.is_empty();
        if names == RecordNames::Mixed || names == RecordNames::Numbers && has_archives {
            let what = "some shards of the part have named images, and others number their lines or rows; count them as \
                        separate parts, or name the field of their names with --id-field";
            return Err(Error::Refused(what.into()));
        }
        if names == RecordNames::Numbers && self.id_pattern {
            let what = "--id-pattern cannot select from the numbers of lines and rows, which depend on the other parts; name \
                        the field of the names with --id-field";
            return Err(Error::Refused(what.into()));
        }
        Ok(())
    }

    fn write_images(&self, split: &Split, words: &WordStore, ids: &[Vec<u32>]) -> Result<Output> {
        const FETCHED_AT_ONCE: usize = 256;
        let file = ImageWriter::create(self.folder, IMAGES)?;
        let mut rows = ImageRows { split, ids, file, numbers: Vec::new() };
        let (mut gathered, mut written) = (GatheredWords::default(), 0);
        for start in (0..split.len()).step_by(FETCHED_AT_ONCE) {
            if self.context.progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            let end = split.len().min(start + FETCHED_AT_ONCE);
            words.gather(start..end, &(0..usize::MAX), &mut gathered)?;
            if gathered.documents().count() == end - start {
                written = end;
                gathered.documents().try_for_each(|document| rows.push(document))?;
                continue;
            }
            // Only heads tell the names of skipped images.
            let mut documents = gathered.documents().peekable();
            words.each_head(start..end, |head| {
                written = head.place + 1;
                match documents.next_if(|document| document.place == head.place) {
                    Some(document) => rows.push(document),
                    None => rows.push_skipped(head),
                }
            })?;
        }
        // Images without a name are the last.
        (written..split.len()).try_for_each(|_| rows.file.push(ImageRow::default()))?;
        rows.file.finish()
    }

    /// Writes the sample images, and returns whether words of one character were dropped in them.
    fn write_samples(&self, split: &Split) -> Result<(Output, bool)> {
        let analyzer: &Analyzer = &self.context.analyzer;
        let explain = |sample| word_reports::explain_sample(analyzer, sample, &|_| Fate::Kept);
        let samples = split.keyed_samples().into_iter();
        let samples: Vec<PartSample> = samples
            .map(|(chosen, sample)| PartSample {
                key: chosen.key,
                place: chosen.place as u64,
                name: chosen.name.clone(),
                image: sample.map(explain),
            })
            .collect();
        let images = samples.iter().filter_map(|sample| sample.image.clone()).collect();
        let drops = drops_letters(&[SplitSamples { split: String::new(), images }], analyzer.stop_words());
        Ok((write_whole(self.folder, SAMPLES, &record::line(&samples))?, drops))
    }

    fn write_skipped(&self, split: &Split) -> Result<Output> {
        let mut lines = Vec::new();
        let has_streams = !split.source.streams.is_empty();
        for problem in split.problems.iter() {
            let among_streams = skipped_image(split, problem, false);
            let alone = if has_streams { None } else { Some(skipped_image(split, problem, true)) };
            let (order, _) = problem;
            lines.extend(record::line(&SkippedLine {
                order,
                file: among_streams.file.to_string(),
                reason: among_streams.reason.to_string(),
                image: alone.map_or_else(|| among_streams.name.to_string(), |alone| alone.name.to_string()),
                image_among_streams: among_streams.name.to_string(),
            }));
        }
        write_whole(self.folder, SKIPPED, &lines)
    }
}

/// The names of the images of a part, which are numbered.
struct NumberedNames {
    /// The number of different names.
    count: u64,
    /// Whether each name is a whole number that can be an id.
    are_numbers: bool,
}

impl NumberedNames {
    fn of(images: &SplitImages) -> NumberedNames {
        match images {
            SplitImages::Listed(list) => {
                let names = list.numbered_names.as_ref();
                let are_numbers = names.is_none_or(|names| names.iter().all(|name| whole_number(name).is_some()));
                NumberedNames { count: names.map_or(0, |names| names.len() as u64), are_numbers }
            }
            SplitImages::InOrder(ids) => {
                NumberedNames { count: ids.len_of_map().unwrap_or(0) as u64, are_numbers: ids.are_numbers() }
            }
        }
    }
}

/// Writes the images of a part with the words of the store.
struct ImageRows<'a> {
    split: &'a Split,
    /// The number of each term for the numbers of each thread.
    ids: &'a [Vec<u32>],
    file: ImageWriter,
    numbers: Vec<u32>,
}

impl ImageRows<'_> {
    fn push(&mut self, document: Document<'_>) -> Result<()> {
        let Document { place, thread, words, name, display_name } = document;
        let ids = self.ids.get(thread).map_or(&[][..], Vec::as_slice);
        self.numbers.clear();
        self.numbers.extend(words.iter().map(|&word| ids.get(word as usize).copied().unwrap_or(0)));
        let listed = self.split.image_name(place);
        let row = row_of(self.split.numbered_name(place, name), display_name, &listed);
        self.file.push(ImageRow { words: Some(&self.numbers), ..row })
    }

    fn push_skipped(&mut self, Head { place, name, display_name, .. }: Head<'_>) -> Result<()> {
        let listed = self.split.image_name(place);
        self.file.push(row_of(self.split.numbered_name(place, name), display_name, &listed))
    }
}

/// The names of an image. `listed` is its name for people if it is in a list, otherwise empty.
fn row_of<'n>(name: Option<&'n str>, display_name: Option<&'n str>, listed: &'n str) -> ImageRow<'n> {
    let listed = Some(listed).filter(|listed| !listed.is_empty() && Some(*listed) != name);
    ImageRow { name, display_name: display_name.or(listed).filter(|_| name.is_some()), words: None }
}

/// The message if a part is not complete.
pub(super) fn missing_part(out: &Path, part: u64) -> Error {
    let path = out.join(names::PARTS).join(names::part(part));
    let what = format!("part {part} is missing in {}", shown_path(out));
    Problem::new(path, what).hint("count it with amc-keywords shards count").into()
}
