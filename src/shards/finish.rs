//! `shards finish`: checks the encoded parts and writes what belongs to the whole set.

use std::fs;
use std::path::PathBuf;

use super::advice::LEARN_AGAIN;
use super::plan::{OpenPlan, PARTS, PlanPart};
use super::record::read_lines;
use super::set_parts::SetParts;
use super::set_writer::SetWriter;
use crate::check::stale::warn_about_left_behind;
use crate::error::{Error, Result};
use crate::files::folder::names_in;
use crate::files::lock::Lock;
use crate::files::manifest::Manifest;
use crate::files::names::{self, is_folder_of_plan};
use crate::files::new_folder::remove_abandoned;
use crate::files::output_line::Output;
use crate::files::set::FileSet;
use crate::forms::FormContext;
use crate::progress::Progress;
use crate::run::summary::Summary;
use crate::settings::Settings;
use crate::times::{Stopwatch, Times};

/// Finishes a set whose parts are encoded.
///
/// See [the module](crate::shards) for an example.
#[derive(Debug, Clone, Default)]
pub struct Finish {
    /// The folder of the parts.
    pub folder: PathBuf,
    /// The name of the set. The only plan in the folder is used if it is not given.
    pub name: Option<String>,
    /// Whether the files of the parts are also joined to the files of a single run.
    pub concat: bool,
}

/// The result of [`Finish::run`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedSet {
    /// What was written, as for a single run.
    pub summary: Summary,
    /// Whether files were written. They are not written if they are there already.
    pub done: bool,
    /// The number of parts.
    pub parts: u64,
}

impl Finish {
    /// Checks the parts and writes the files of the set. The manifest is the last. Of the settings,
    /// only those of the run have an effect.
    ///
    /// # Errors
    ///
    /// There is no plan, a part is missing or damaged, or the system refuses to read or write.
    pub fn run(&self, settings: &Settings, progress: &dyn Progress) -> Result<FinishedSet> {
        let plan = OpenPlan::read(&self.folder, self.name.as_deref())?;
        let parts: Vec<PlanPart> = read_lines(&plan.path(PARTS), LEARN_AGAIN)?;
        progress.begin("checking the parts", parts.len() as u64);
        let set = SetParts::read(&plan, &parts, progress)?;
        progress.end();
        let manifest_name = names::manifest(&plan.plan.name);
        let (files, recovery) = FileSet::begin_patiently(&self.folder, &plan.plan.name, progress)?;
        recovery.warning().into_iter().for_each(|warning| progress.warn(warning));
        let previous = Manifest::read(&self.folder.join(&manifest_name)).ok();
        if let Some(previous) = &previous {
            let hint = "choose another name with shards learn --name";
            previous.refuse_other_command(&self.folder.join(&manifest_name), "shards", hint)?;
        }
        if let Some(written) = previous.as_ref().filter(|manifest| self.is_written(&plan, manifest)) {
            drop(files);
            self.remove_old(&plan, progress)?;
            return Ok(self.finished(&plan, written.clone(), manifest_name, false));
        }
        let context = FormContext {
            files: &files,
            dtype: plan.plan.forms.emit().dtype,
            jobs: settings.jobs.get(),
            progress,
            stopwatch: Stopwatch::default(),
        };
        let mut writer = SetWriter { plan: &plan, parts: &parts, set: &set, context, outputs: Vec::new() };
        let manifest = writer.write(self.concat, settings)?;
        progress.begin("writing the files to the disk", 0);
        files.commit(&manifest_name, progress)?;
        progress.end();
        warn_about_left_behind(&self.folder, &plan.plan.name, previous.as_ref(), &manifest, progress);
        self.remove_old(&plan, progress)?;
        Ok(self.finished(&plan, manifest, manifest_name, true))
    }

    /// Whether the manifest is that of this plan and lists the wanted files, and all files are there.
    fn is_written(&self, plan: &OpenPlan, manifest: &Manifest) -> bool {
        let is_plan = manifest.parts.as_ref().is_some_and(|parts| parts.folder == plan.matrix_folder());
        let size = |output: &Output| fs::metadata(self.folder.join(&output.name)).ok().map(|found| found.len());
        let joined = super::concat::joined_names(plan);
        let lists = |name: &String| manifest.outputs.iter().any(|output| output.name == *name);
        is_plan
            && (!self.concat || joined.iter().all(lists))
            && manifest.outputs.iter().all(|output| size(output) == Some(output.bytes))
    }

    /// Removes the files of earlier plans, and what stopped runs left.
    fn remove_old(&self, plan: &OpenPlan, progress: &dyn Progress) -> Result<()> {
        let name = &plan.plan.name;
        let _lock = Lock::wait(&self.folder, &format!("plan-{name}"), progress)?;
        remove_abandoned(&self.folder.join(names::PARTS), "")?;
        remove_abandoned(&self.folder.join(plan.matrix_folder()), "")?;
        // Another run may have made a newer plan.
        let newest = OpenPlan::read(&self.folder, Some(name)).unwrap_or_else(|_| plan.clone());
        let kept = [plan, &newest].map(|plan| [plan.matrix_folder(), names::plan_folder(name, &plan.plan.hash)]);
        let is_old = |folder: &str| is_folder_of_plan(folder, name) && !kept.as_flattened().iter().any(|kept| kept == folder);
        for old in names_in(&self.folder, is_old)? {
            let path = self.folder.join(old);
            fs::remove_dir_all(&path).map_err(Error::io(&path, "remove"))?;
        }
        Ok(())
    }

    fn finished(&self, plan: &OpenPlan, manifest: Manifest, name: String, done: bool) -> FinishedSet {
        let Manifest { outputs, counts, .. } = manifest;
        let summary = Summary {
            out: self.folder.clone(),
            manifest: name,
            counts,
            different_words_dropped: plan.plan.counts.different_words_dropped,
            outputs,
            notes: Vec::new(),
            times: Times::default(),
        };
        FinishedSet { summary, done, parts: plan.plan.counts.parts }
    }
}
