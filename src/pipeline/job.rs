//! What frames a run: the folder is locked and the images are found before it, the files get their names after it.

use std::path::{Path, PathBuf};
use std::thread;

use super::input_digests::InputDigests;
use super::run::{Made, Plan, Run};
use super::settings::Settings;
use super::times::{Stopwatch, Times, lap};
use crate::dataset::{InputFile, Rules, Split};
use crate::error::{Error, Result, shown_path};
use keyword_files::archive::{Archive, Limits, is_image_member, is_keyword_file};
use crate::extract::extract;
use crate::output::file_set::{FileSet, free_space};
use crate::output::folder_check::FolderCheck;
use crate::output::freshness::{compare, left_behind};
use crate::output::manifest::{Counts, Manifest, Output, manifest_name};
use crate::output::rehearsal::Rehearsal;
use crate::progress::Progress;

/// What a run read, learnt and wrote.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-summary-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// let summary = mscoco.run(&Settings::default(), &Silent)?;
/// assert_eq!((summary.manifest.as_str(), summary.different_words_dropped), ("manifest_coco.json", Some(135)));
/// assert_eq!(summary.out, out);
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The folder of the outputs.
    pub out: PathBuf,
    /// The manifest's name in it.
    pub manifest: String,
    /// What was counted.
    pub counts: Counts,
    /// How many different words of the documents were dropped; none where the vocabulary was given.
    pub different_words_dropped: Option<u64>,
    /// The files that were written.
    pub outputs: Vec<Output>,
    /// Things that a reader should know, such as from where a split was read.
    pub notes: Vec<String>,
    /// Where the time went, if it was measured.
    pub times: Times,
}

/// What a run is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    /// Names the manifest and the lock: `clickture`, `coco`.
    pub set: &'a str,
    /// The folder of the outputs.
    pub out: &'a Path,
    pub settings: &'a Settings,
    pub progress: &'a dyn Progress,
}

impl<'a> Job<'a> {
    /// Checks that the outputs can be written, opens the data set, carries its plan out and commits the files.
    pub fn run(self, open: impl FnOnce(Rules<'_>) -> Result<Plan>) -> Result<Summary> {
        let Job { set, out, settings, progress } = self;
        let run = Run::prepare(self)?;
        let (files, recovery) = FileSet::begin(out, set)?;
        if let Some(warning) = recovery.warning() {
            progress.warn(warning);
        }
        let name = manifest_name(set);
        let before = Manifest::read(&out.join(&name)).ok();
        let mut made = thread::scope(|scope| {
            let digests = InputDigests::begin(scope, progress);
            let mut clock = self.stopwatch().start();
            let mut plan = self.find(open, &digests)?;
            let find = lap(&mut clock, 0);
            self.warn_of_space(&plan);
            if settings.extract {
                extract_all(&mut plan, settings, progress)?;
            }
            let mut made = run.make(plan, &files, digests)?;
            made.times.find = find;
            Ok::<_, Error>(made)
        })?;
        let mut clock = self.stopwatch().start();
        progress.begin("putting the files onto the disk", 0);
        files.commit(&name, progress)?;
        progress.end();
        made.times.commit = lap(&mut clock, 0);
        self.warn_of_files_left(&left_behind(out, (set, before.as_ref()), &made.manifest));
        Ok(self.summary(made, name))
    }

    /// Makes all files anew, nowhere, and compares those in the folder with them. Extracts nothing.
    pub fn check(self, open: impl FnOnce(Rules<'_>) -> Result<Plan>) -> Result<FolderCheck> {
        let run = Run::prepare(self)?;
        let made = thread::scope(|scope| {
            let digests = InputDigests::begin(scope, self.progress);
            let plan = self.find(open, &digests)?;
            run.make(plan, &Rehearsal::of(self.out), digests)
        })?;
        self.progress.begin("comparing the files", 0);
        let check = compare(self.out, (self.set, &made.manifest), self.settings.jobs.get(), self.progress);
        self.progress.end();
        check
    }

    /// Finds the images and their keyword files.
    fn find(self, open: impl FnOnce(Rules<'_>) -> Result<Plan>, digests: &InputDigests<'_>) -> Result<Plan> {
        self.progress.begin("finding the images", 0);
        let Settings { duplicates, on_error, jobs, .. } = *self.settings;
        let (limits, hear, progress) = (self.limits(), &|file: &InputFile| digests.hear(file), self.progress);
        let plan = open(Rules { limits, duplicates, on_error, jobs: jobs.get(), hear, progress });
        self.progress.end();
        plan
    }

    fn summary(self, made: Made, manifest: String) -> Summary {
        let Made { manifest: Manifest { outputs, counts, .. }, different_words_dropped, notes, times } = made;
        Summary { out: self.out.to_path_buf(), manifest, counts, different_words_dropped, outputs, notes, times }
    }

    pub(super) fn limits(self) -> Limits {
        Limits { max_member_size: self.settings.max_member_size }
    }

    pub(super) fn stopwatch(self) -> Stopwatch {
        Stopwatch { is_on: self.settings.timed }
    }

    /// Warns if the outputs can hardly fit.
    fn warn_of_space(self, plan: &Plan) {
        let splits = plan.parts.iter().filter(|part| part.names.is_some()).map(|part| &part.split);
        let size = |split: &Split| {
            let archived = |image| split.archive_of(image).map_or(0, |archive| archive.claimed_size(image.member));
            split.images.iter().map(archived).sum::<u64>()
        };
        let Settings { layout, emit, .. } = self.settings;
        let likely = splits.map(|split| emit.likely_size(*layout, split.images.len() as u64, size(split))).sum::<u64>();
        let Some(free) = free_space(self.out).filter(|&free| free < likely) else { return };
        let folder = shown_path(self.out);
        self.progress.warn(&format!("{folder}: only {free} bytes are free, and the outputs are likely to need {likely} or more"));
    }

    fn warn_of_files_left(self, names: &[String]) {
        if !names.is_empty() {
            let (folder, names) = (shown_path(self.out), names.join(", "));
            let what = "left by an earlier run, and in no manifest any more: remove what nothing needs";
            self.progress.warn(&format!("{folder}: {what}: {names}"));
        }
    }
}

/// Whether a member is hidden, such as `.bashrc`, or in a hidden folder. Those are not unzipped.
fn is_hidden(name: &[u8]) -> bool {
    name.split(|&byte| byte == b'/').any(|part| part.starts_with(b".") && part != b"." && part != b"..")
}

/// Unzips every archive beside itself.
fn extract_all(plan: &mut Plan, settings: &Settings, progress: &dyn Progress) -> Result<()> {
    if !plan.parts.iter().flat_map(|part| &part.split.archives).any(Archive::is_zip) {
        progress.warn("--extract: the keywords are in no zip archive, so nothing is extracted");
    }
    for split in plan.parts.iter_mut().map(|part| &mut part.split) {
        for archive in &split.archives {
            let Some(folder) = archive.path().parent().filter(|_| archive.is_zip()) else { continue };
            // The keyword files of anybody's archive are called KEY.json.
            let is_keywords = if split.fields.are_given() { is_image_member } else { is_keyword_file };
            let is_wanted = |name: &[u8]| is_keywords(name) && !is_hidden(name);
            let members: Vec<u32> = (0..archive.len() as u32).filter(|&member| is_wanted(&archive.name_bytes(member))).collect();
            let done = extract(archive, &members, folder, settings.jobs, progress)?;
            split.notes.push(format!(
                "{}: {} keyword files extracted below {}, {} were there already{}",
                split.name,
                done.written,
                if folder.as_os_str().is_empty() { ".".to_owned() } else { shown_path(folder) },
                done.left,
                match archive.len() - members.len() {
                    0 => String::new(),
                    others => format!("; {others} other members, or hidden ones, were not"),
                }
            ));
        }
    }
    Ok(())
}
