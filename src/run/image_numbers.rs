//! The names and ids of the id map.

use crate::dataset::image_ids::ImageIds;
use crate::dataset::split::{Split, SplitImages};
use crate::error::{Result, shown};
use crate::files::vocabulary::Names;
use crate::word_store::WordStore;

/// The names of a split whose names are not ids, or that has second names.
pub(super) struct ImageNumbers<'a> {
    ids: &'a ImageIds,
    len: usize,
    store: &'a WordStore,
}

impl<'a> ImageNumbers<'a> {
    /// Returns `None` if names are ids.
    pub fn of(split: &'a Split, store: &'a WordStore) -> Option<Self> {
        match &split.images {
            SplitImages::Listed(_) => None,
            SplitImages::Named(ids) => ids.len_of_map().map(|len| ImageNumbers { ids, len, store }),
        }
    }

    /// A note that images are numbered although some names are numbers, with one name that is not a
    /// number.
    pub fn note(&self, split: &str, map: &str) -> Option<String> {
        let odd = shown(self.ids.odd_name()?);
        Some(format!(
            "{split}: some names are not whole numbers up to 2^53 (for example '{odd}'), so images are \
             numbered from 0; see {map}"
        ))
    }
}

impl Names for ImageNumbers<'_> {
    fn count(&self) -> u64 {
        self.len as u64
    }

    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
        self.ids.each_in_map(self.store, take)
    }
}
