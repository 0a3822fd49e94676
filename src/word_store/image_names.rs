//! The names of images that have a place each.

use keyword_files::archive::NameList;

use super::heads::Head;

/// The names of images by place.
#[derive(Debug, Default)]
pub(crate) struct ImageNames {
    names: NameList,
    /// Second names, for people. The list ends with the last image that has one.
    display_names: NameList,
}

impl ImageNames {
    /// Adds the names of the next image. Returns false if all names together are too long.
    pub fn push(&mut self, name: &str, display_name: Option<&str>) -> bool {
        let others = self.names.len().saturating_sub(self.display_names.len());
        let mut names = (0..others).map(|_| "").chain(display_name);
        let is_added = display_name.is_none() || names.all(|name| self.display_names.push(name.as_bytes()));
        is_added && self.names.push(name.as_bytes())
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The number of bytes of all first names.
    pub fn text_len(&self) -> usize {
        self.names.text_len()
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
            assert!(names.push(name, display_name));
        }
        let both = (0..6).map(|place| (names.name(place), names.display_name(place)));
        let expected = [("a", None), ("b", Some("B")), ("", None), ("d", Some("D")), ("e", None), ("", None)];
        assert_eq!(both.collect::<Vec<_>>(), expected);
        assert_eq!((names.len(), names.text_len()), (5, 4));
    }
}
