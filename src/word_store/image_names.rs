//! The names of images that have a place each.

use keyword_files::archive::NameList;

use super::heads::Head;
use crate::error::{Error, Result};

/// The largest size of the names of images that are put into order in memory, in bytes.
pub(crate) const MOST_NAMES: usize = 1 << 30;

const TOO_MANY: &str = "more than 4,294,967,294 images, or 1 GiB of their names, cannot be put into order in one run; encode \
                        them in parts with amc-keywords shards";

/// The names of images by place.
#[derive(Debug, Default)]
pub(crate) struct ImageNames {
    names: NameList,
    /// Second names, for people. The list ends with the last image that has one.
    display_names: NameList,
}

impl ImageNames {
    /// Adds the names of the next image.
    ///
    /// # Errors
    ///
    /// There are too many images, or all names together are too long.
    pub fn push(&mut self, name: &str, display_name: Option<&str>) -> Result<()> {
        let others = self.names.len().saturating_sub(self.display_names.len());
        let mut names = (0..others).map(|_| "").chain(display_name);
        let are_few = self.len() < u32::MAX as usize && self.names.text_len() + name.len() <= MOST_NAMES;
        let is_added = are_few
            && (display_name.is_none() || names.all(|name| self.display_names.push(name.as_bytes())))
            && self.names.push(name.as_bytes());
        if is_added { Ok(()) } else { Err(Error::Refused(TOO_MANY.into())) }
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The image at a place. `None` if it has no name.
    pub fn head(&self, place: usize) -> Option<Head<'_>> {
        let number = u32::try_from(place).ok().filter(|_| place < self.len())?;
        Some(Head { place, number: 0, name: self.name(number), display_name: self.display_name(number), words: None })
    }

    pub fn name(&self, place: u32) -> &str {
        std::str::from_utf8(self.names.bytes(place)).unwrap_or_default()
    }

    pub fn display_name(&self, place: u32) -> Option<&str> {
        std::str::from_utf8(self.display_names.bytes(place)).ok().filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_images_have_a_second_name() {
        let mut names = ImageNames::default();
        for (name, display_name) in [("a", None), ("b", Some("B")), ("", None), ("d", Some("D")), ("e", None)] {
            names.push(name, display_name).unwrap();
        }
        let both = (0..6).map(|place| (names.name(place), names.display_name(place)));
        let expected = [("a", None), ("b", Some("B")), ("", None), ("d", Some("D")), ("e", None), ("", None)];
        assert_eq!(both.collect::<Vec<_>>(), expected);
        assert_eq!(names.len(), 5);
    }
}
