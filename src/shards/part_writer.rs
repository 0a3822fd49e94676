//! Writes the files of a counted part: terms, images, samples, skipped images.

use count_vectorizer::{Analyzer, CorpusCounts, TermCounts};

use super::images::{ImageRow, ImageWriter};
use super::part::{IMAGES, PartCounts, PartNames, SAMPLES, SKIPPED, TERMS};
use super::record;
use super::samples::PartSample;
use super::terms::write_terms;
use crate::dataset::split::{Split, SplitImages};
use crate::error::{Error, Result};
use crate::files::new_folder::NewFolder;
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::output_line::Output;
use crate::files::skipped::SkippedImage;
use crate::files::statistics::{Fate, SplitSamples};
use crate::run::context::Context;
use crate::run::lost_words::drops_letters;
use crate::run::outputs::skipped_image;
use crate::run::read::ReadPart;
use crate::run::word_reports;
use crate::run::worker::RecordNames;
use crate::word_store::{Document, GatheredWords, Head, WordStore};

/// An image that was skipped, as a line of `skipped.jsonl`.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkippedLine {
    pub file: String,
    pub reason: String,
    pub image: String,
}

/// What was written of a part.
pub(super) struct WrittenPart {
    pub counts: PartCounts,
    pub names: PartNames,
    pub files: Vec<Output>,
}

/// Writes the files of a part.
pub(super) struct PartWriter<'a> {
    pub context: &'a Context<'a>,
    pub folder: &'a NewFolder,
    /// Whether names are selected by a pattern.
    pub id_pattern: bool,
}

impl PartWriter<'_> {
    pub fn write(self, read: ReadPart<TermCounts>) -> Result<WrittenPart> {
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
            has_rows: split.source.has_rows(),
            are_in_order: !split.source.has_members(),
            have_display_names: words.has_display_names(),
            are_rows: names == RecordNames::Numbers,
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
            with_confidence: words.tally().with_confidence,
            without_field: words.tally().without_field,
        };
        Ok(WrittenPart { counts, names, files: vec![terms, images, samples, skipped] })
    }

    /// Refuses names that depend on the parts before in a way that later steps cannot follow.
    fn check_names(&self, split: &Split, names: RecordNames) -> Result<()> {
        let has_archives = !split.source.members.is_empty();
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
        let mut rows = StoredImageWriter { ids, file, numbers: Vec::new() };
        let (mut gathered, mut written) = (GatheredWords::default(), 0);
        for start in (0..split.len()).step_by(FETCHED_AT_ONCE) {
            self.context.progress.stop_if_cancelled()?;
            let end = split.len().min(start + FETCHED_AT_ONCE);
            words.gather(start..end, &(0..usize::MAX), &mut gathered)?;
            if gathered.documents().count() == end - start {
                written = end;
                gathered.documents().try_for_each(|document| rows.push(document))?;
                continue;
            }
            // Only heads contain the names of skipped images.
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
        for problem in split.problems.iter() {
            let SkippedImage { file, reason, name } = skipped_image(split, problem);
            lines.extend(record::line(&SkippedLine { file: file.into(), reason: reason.into(), image: name.into() }));
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
            SplitImages::Listed(_) => NumberedNames { count: 0, are_numbers: true },
            SplitImages::Named(ids) => {
                NumberedNames { count: ids.len_of_map().unwrap_or(0) as u64, are_numbers: ids.are_numbers() }
            }
        }
    }
}

/// Writes the images of a part with the words of the store.
struct StoredImageWriter<'a> {
    /// The number of each term for the numbers of each thread.
    ids: &'a [Vec<u32>],
    file: ImageWriter,
    numbers: Vec<u32>,
}

impl StoredImageWriter<'_> {
    fn push(&mut self, document: Document<'_>) -> Result<()> {
        let Document { thread, words, name, display_name, .. } = document;
        let ids = self.ids.get(thread).map_or(&[][..], Vec::as_slice);
        self.numbers.clear();
        self.numbers.extend(words.iter().map(|&word| ids.get(word as usize).copied().unwrap_or(0)));
        self.file.push(ImageRow { name: Some(name), display_name, words: Some(&self.numbers) })
    }

    fn push_skipped(&mut self, Head { name, display_name, .. }: Head<'_>) -> Result<()> {
        self.file.push(ImageRow { name: Some(name), display_name, words: None })
    }
}
