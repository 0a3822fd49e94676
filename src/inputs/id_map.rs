//! The id map of Clickture: which image id an original image name has.

#[cfg(test)]
mod tests;

use std::hash::BuildHasher;
use std::path::Path;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::{Problem, Result};
use crate::progress::Progress;
use keyword_files::error::shorten;
use keyword_files::json::{is_meant_as_json, read_json_numbers};
use keyword_files::pickle::read_name_numbers;
use keyword_files::plain_file::read_bounded;

/// In MiB. This suffices for some ten million names.
pub(crate) const MAX_FILE: u64 = 1024;
/// The number of names after which the map asks whether to stop.
const STEP: usize = 1 << 14;

/// Image ids by original image name, and back. A name takes its own length and about 25 bytes.
#[derive(Debug)]
pub(crate) struct IdMap {
    /// All names, one after the other in the order of the file.
    names: String,
    /// By rising id. No id occurs twice.
    entries: Vec<MappedName>,
    /// Positions in `entries`, by the hash of the name. Only asked, never walked: its order is
    /// chance.
    by_name: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// A name, as a piece of `IdMap::names`, and its id.
#[derive(Debug, Clone, Copy)]
struct MappedName {
    id: u64,
    start: u32,
    len: u32,
}

impl IdMap {
    /// Reads the pickled dict `{name: id}` at `path`: see [`read_name_numbers`] for what it may
    /// hold.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; a [`Problem`] if it is no such pickle, larger than
    /// 1 GiB or empty, if a name occurs twice (which no real dict has), or if two names have
    /// one id.
    pub(crate) fn read(path: &Path, progress: &dyn Progress) -> Result<IdMap> {
        Self::from_pickle(path, read_bounded(path, "an id map", MAX_FILE)?, progress)
    }

    /// [`read`](Self::read), or a JSON object of the same content.
    pub(crate) fn read_json_or_pickle(path: &Path, progress: &dyn Progress) -> Result<IdMap> {
        let bytes = read_bounded(path, "an id map", MAX_FILE)?;
        match is_meant_as_json(&bytes) {
            true => Self::from_json(path, bytes, progress),
            false => Self::from_pickle(path, bytes, progress),
        }
    }

    /// Takes the file's bytes so that they are gone before the index is made.
    pub(crate) fn from_pickle(path: &Path, bytes: Vec<u8>, progress: &dyn Progress) -> Result<IdMap> {
        Self::collect(path, progress, |add| {
            let mut done = 0;
            read_name_numbers(path, &bytes, &mut |name, id| {
                add(name, id);
                done += 1;
                go_on(done, progress)
            })?;
            drop(bytes);
            Ok(())
        })
    }

    /// The same of the JSON `{name: id}` at `path`, which an earlier run wrote.
    pub(crate) fn read_json(path: &Path, progress: &dyn Progress) -> Result<IdMap> {
        Self::from_json(path, read_bounded(path, "an id map", MAX_FILE)?, progress)
    }

    fn from_json(path: &Path, bytes: Vec<u8>, progress: &dyn Progress) -> Result<IdMap> {
        Self::collect(path, progress, |add| {
            read_json_numbers(path, &bytes, "an image id", add)?;
            drop(bytes);
            Ok(())
        })
    }

    /// The map of what `read` hands on.
    fn collect(
        path: &Path,
        progress: &dyn Progress,
        read: impl FnOnce(&mut dyn FnMut(&str, u64)) -> Result<()>,
    ) -> Result<IdMap> {
        let mut names = String::new();
        let mut entries = Vec::new();
        read(&mut |name, id| {
            // 32 bits hold every offset: names are at most twice as long as the file, which MAX_FILE bounds.
            entries.push(MappedName { id, start: names.len() as u32, len: name.len() as u32 });
            names.push_str(name);
        })?;
        names.shrink_to_fit();
        entries.shrink_to_fit();
        entries.sort_unstable_by_key(|entry: &MappedName| (entry.id, entry.start));
        let mut map = IdMap { names, entries, by_name: HashTable::new(), hasher: DefaultHashBuilder::default() };
        map.check_ids(path)?;
        map.index_names(path, progress)?;
        Ok(map)
    }

    fn check_ids(&self, path: &Path) -> Result<()> {
        if self.is_empty() {
            return Err(Problem::new(path, "expected names and ids, but the dict is empty").into());
        }
        for pair in self.entries.windows(2) {
            if let [a, b] = pair
                && a.id == b.id
            {
                let what = match (self.name(a), self.name(b)) {
                    (a, b) if a == b => twice(a),
                    (a, b) => format!("expected one name an id, but '{}' and '{}' are both", shorten(a, 80), shorten(b, 80)),
                };
                return Err(Problem::new(path, format!("{what} {}", a.id)).into());
            }
        }
        Ok(())
    }

    fn index_names(&mut self, path: &Path, progress: &dyn Progress) -> Result<()> {
        let mut by_name = HashTable::with_capacity(self.len());
        for (position, entry) in (0u32..).zip(&self.entries) {
            go_on(position as usize, progress)?;
            let name = self.name(entry);
            let hash = self.hasher.hash_one(name);
            if let Some(&other) = by_name.find(hash, |&other| self.name_at(other) == name) {
                let other = self.entries.get(other as usize).map_or(entry.id, |other| other.id);
                return Err(Problem::new(path, format!("{} {other} and {}", twice(name), entry.id)).into());
            }
            // Room was made for every entry, so nothing is hashed again.
            by_name.insert_unique(hash, position, |&other| self.hasher.hash_one(self.name_at(other)));
        }
        self.by_name = by_name;
        Ok(())
    }

    /// Frees the names: only ids are known from now on.
    pub(crate) fn forget_names(&mut self) {
        self.names = String::new();
        self.by_name = HashTable::new();
        self.entries.iter_mut().for_each(|entry| entry.len = 0);
    }

    /// The id of the image that was called `name`.
    pub(crate) fn id_of(&self, name: &str) -> Option<u64> {
        let position = self.by_name.find(self.hasher.hash_one(name), |&position| self.name_at(position) == name)?;
        self.entries.get(*position as usize).map(|entry| entry.id)
    }

    /// What the image `id` was called.
    pub(crate) fn name_of(&self, id: u64) -> Option<&str> {
        self.entry_of(id).map(|entry| self.name(entry))
    }

    /// Whether some name has this id.
    pub(crate) fn contains_id(&self, id: u64) -> bool {
        self.entry_of(id).is_some()
    }

    /// How many names there are, which is how many ids there are; never 0.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no name: never, once the map is read.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All ids, rising.
    pub(crate) fn ids(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.entries.iter().map(|entry| entry.id)
    }

    /// All names, in the order of their ids.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| self.name(entry))
    }

    fn entry_of(&self, id: u64) -> Option<&MappedName> {
        // Ids mostly run from 0 without a gap: then the id is the position.
        let guess = usize::try_from(id).ok().and_then(|position| self.entries.get(position));
        guess.filter(|entry| entry.id == id).or_else(|| {
            let position = self.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
            self.entries.get(position)
        })
    }

    fn name_at(&self, position: u32) -> &str {
        self.entries.get(position as usize).map_or("", |entry| self.name(entry))
    }

    fn name(&self, entry: &MappedName) -> &str {
        let start = entry.start as usize;
        self.names.get(start..start.saturating_add(entry.len as usize)).unwrap_or_default()
    }
}

/// An error if the run should stop, which is asked now and then.
fn go_on(done: usize, progress: &dyn Progress) -> keyword_files::error::Result<()> {
    let is_cancelled = done.is_multiple_of(STEP) && progress.is_cancelled();
    if is_cancelled { Err(keyword_files::error::Error::Interrupted) } else { Ok(()) }
}

fn twice(name: &str) -> String {
    format!("expected each name once, but '{}' occurs twice, with id", shorten(name, 80))
}
