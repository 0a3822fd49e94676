//! The names of the images of a set.

use std::path::Path;

use crate::error::Result;
use crate::inputs::id_map::IdMap;
use crate::progress::Silent;

/// The names of the images of a set and their ids. A run writes them if the names are not ids.
#[derive(Debug)]
pub struct ImageNames(IdMap);

impl ImageNames {
    /// Reads the JSON `{name: id}`.
    pub(super) fn read(path: &Path) -> Result<ImageNames> {
        IdMap::read_json(path, &Silent).map(ImageNames)
    }

    /// The id of the image `name`.
    pub fn id_of(&self, name: &str) -> Option<u64> {
        self.0.id_of(name)
    }

    /// The name of the image `id`.
    pub fn name_of(&self, id: u64) -> Option<&str> {
        self.0.name_of(id)
    }
}
