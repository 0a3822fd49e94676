//! What the images of a set are called.

use std::path::Path;

use crate::error::Result;
use crate::inputs::id_map::IdMap;
use crate::progress::Silent;

/// The names of a set's images and their ids, as the run wrote them down where ids are not in the names themselves.
#[derive(Debug)]
pub struct ImageNames(IdMap);

impl ImageNames {
    /// Reads the JSON `{name: id}`.
    pub(super) fn read(path: &Path) -> Result<ImageNames> {
        IdMap::read_json(path, &Silent).map(ImageNames)
    }

    /// The id of the image that is called `name`.
    pub fn id_of(&self, name: &str) -> Option<u64> {
        self.0.id_of(name)
    }

    /// What the image `id` is called.
    pub fn name_of(&self, id: u64) -> Option<&str> {
        self.0.name_of(id)
    }
}
