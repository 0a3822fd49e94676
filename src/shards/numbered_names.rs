//! The words and the names of the images of a set in the order of their numbers, read from files.

use std::path::PathBuf;

use count_vectorizer::StringTable;

use super::images::{ImageColumns, each_image};
use super::part::IMAGES;
use super::plan::{OpenPlan, PlanPart};
use super::term::{Term, TermSource};
use super::term_file::TermFile;
use crate::dataset::image::whole_number;
use crate::error::Result;
use crate::files::names;
use crate::files::vocabulary::Names;

/// The words of a plan.
pub(super) struct PlanWords<'a>(pub &'a OpenPlan);

impl Names for PlanWords<'_> {
    fn count(&self) -> u64 {
        self.0.plan.counts.vocabulary_size
    }

    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
        let mut words = TermFile::open(&self.0.words_by_id())?;
        let (mut word, mut id) = (Term::default(), 0);
        while words.read(&mut word)? {
            take(std::str::from_utf8(&word.text).unwrap_or_default(), id)?;
            id += 1;
        }
        Ok(())
    }
}

/// The names of the images of a set that are numbered, or their second names.
pub(super) struct PlanNames<'a> {
    pub plan: &'a OpenPlan,
    pub parts: &'a [PlanPart],
    /// Whether a name may occur twice in a part.
    pub may_repeat: bool,
}

impl Names for PlanNames<'_> {
    fn count(&self) -> u64 {
        self.plan.plan.counts.names
    }

    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
        let mut next_id = 0;
        for part in self.parts {
            let path: PathBuf = self.plan.out.join(names::PARTS).join(names::part(part.part)).join(IMAGES);
            let mut known = StringTable::default();
            each_image(&path, ImageColumns::Names, &mut |image| {
                let Some(name) = image.name.map(|name| part.name(name)) else { return Ok(()) };
                if self.plan.plan.has_file_names {
                    return take(image.display_name.unwrap_or(&name), whole_number(&name).unwrap_or(0));
                }
                if self.may_repeat && !known.insert(&name).1 {
                    return Ok(());
                }
                let id = next_id;
                next_id += 1;
                take(&name, id)
            })?;
        }
        Ok(())
    }
}
