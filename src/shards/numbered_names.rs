//! The words and the names of the images of a set in the order of their numbers, read from files.

use std::path::PathBuf;

use count_vectorizer::StringTable;

use super::images::{ImageColumns, each_image};
use super::part::IMAGES;
use super::plan::{OpenPlan, PlanPart};
use super::term::{Term, TermSource};
use super::term_file::TermFile;
use crate::error::{Error, Result};
use crate::files::names;
use crate::files::vocabulary::NamesByNumber;

/// The words of a plan.
pub(super) struct Words<'a>(pub &'a OpenPlan);

impl NamesByNumber for Words<'_> {
    fn count(&self) -> u64 {
        self.0.plan.counts.vocabulary_size
    }

    fn each(&self, visit: &mut dyn FnMut(&str) -> bool) -> Result<()> {
        let mut words = TermFile::open(&self.0.words_by_id())?;
        let mut word = Term::default();
        while words.read(&mut word)? {
            if !visit(std::str::from_utf8(&word.text).unwrap_or_default()) {
                break;
            }
        }
        Ok(())
    }
}

/// The names of the images of a set that are numbered.
pub(super) struct ImageNames<'a> {
    pub plan: &'a OpenPlan,
    pub parts: &'a [PlanPart],
    /// Whether a name may occur twice in a part.
    pub may_repeat: bool,
}

impl NamesByNumber for ImageNames<'_> {
    fn count(&self) -> u64 {
        self.plan.plan.counts.names
    }

    fn each(&self, visit: &mut dyn FnMut(&str) -> bool) -> Result<()> {
        for part in self.parts {
            let path: PathBuf = self.plan.out.join(names::PARTS).join(names::part(part.part)).join(IMAGES);
            let mut known = StringTable::default();
            let mut is_stopped = false;
            let read = each_image(&path, ImageColumns::Names, &mut |image| {
                let Some(name) = image.name.map(|name| part.name(name)) else { return Ok(()) };
                if self.may_repeat && !known.insert(&name).1 {
                    return Ok(());
                }
                is_stopped = !visit(&name);
                if is_stopped { Err(Error::Interrupted) } else { Ok(()) }
            });
            if is_stopped {
                return Ok(());
            }
            read?;
        }
        Ok(())
    }
}
