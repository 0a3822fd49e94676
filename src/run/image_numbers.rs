//! The names and ids of the id map.

use count_vectorizer::StringTable;

use crate::dataset::image::whole_number;
use crate::dataset::split::{Split, SplitImages};
use crate::dataset::stream_set::StreamIds;
use crate::error::{Result, shown};
use crate::files::vocabulary::Names;
use crate::word_store::{OrderedImages, WordStore};

/// The names of a split whose names are not ids, or that has second names.
pub(super) enum ImageNumbers<'a> {
    Listed(&'a StringTable),
    InOrder { ids: &'a StreamIds, len: usize, images: &'a OrderedImages },
}

impl<'a> ImageNumbers<'a> {
    /// Returns `None` if names are ids.
    pub fn of(split: &'a Split, store: &'a WordStore) -> Option<Self> {
        match (&split.images, store) {
            (SplitImages::Listed(list), _) => list.numbered_names.as_ref().map(ImageNumbers::Listed),
            (SplitImages::InOrder(ids), WordStore::Ordered(images)) => {
                ids.len_of_map().map(|len| ImageNumbers::InOrder { ids, len, images })
            }
            (SplitImages::InOrder(_), WordStore::Placed(_)) => None,
        }
    }

    /// A note that images are numbered although some names are numbers, with one name that is not a
    /// number.
    pub fn note(&self, split: &str, map: &str) -> Option<String> {
        let odd = shown(self.odd_name()?);
        Some(format!(
            "{split}: some names are not whole numbers up to 2^53 (for example '{odd}'), so images are \
             numbered from 0; see {map}"
        ))
    }

    fn odd_name(&self) -> Option<&str> {
        match self {
            ImageNumbers::Listed(names) => {
                let has_numbers = names.iter().any(|name| whole_number(name).is_some());
                names.iter().find(|name| whole_number(name).is_none()).filter(|_| has_numbers)
            }
            ImageNumbers::InOrder { ids, .. } => ids.odd_name(),
        }
    }
}

impl Names for ImageNumbers<'_> {
    fn count(&self) -> u64 {
        match self {
            ImageNumbers::Listed(names) => names.len() as u64,
            ImageNumbers::InOrder { len, .. } => *len as u64,
        }
    }

    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
        match self {
            ImageNumbers::Listed(names) => names.iter().zip(0..).try_for_each(|(name, number)| take(name, number)),
            ImageNumbers::InOrder { ids, images, .. } => ids.each_in_map(images, take),
        }
    }
}
