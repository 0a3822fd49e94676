//! One image of a split: its id and its keyword file.

use nonmax::{NonMaxU32, NonMaxU64};

/// One image of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Image {
    /// `None` for an image that has a problem and therefore no id.
    id: Option<NonMaxU64>,
    /// `None` if the image comes from a record, has no file, or cannot be encoded.
    file: Option<KeywordFile>,
}

/// A keyword file: a member of one of the archives of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeywordFile {
    /// The number of the archive in the split.
    pub archive: u32,
    /// The number of the file in the archive.
    member: NonMaxU32,
}

impl KeywordFile {
    /// Returns `None` for the largest number, which no member has.
    pub fn new(archive: u32, member: u32) -> Option<KeywordFile> {
        Some(KeywordFile { archive, member: NonMaxU32::new(member)? })
    }

    pub fn member(self) -> u32 {
        self.member.get()
    }
}

impl Image {
    /// The largest id: a double, and so every reader of JSON, represents it exactly.
    pub const LARGEST_ID: u64 = 1 << 53;

    pub fn new(id: Option<u64>, file: Option<KeywordFile>) -> Image {
        Image { id: id.and_then(NonMaxU64::new), file }
    }

    /// An image of a split with one archive.
    pub fn of_member(id: u64, member: Option<u32>) -> Image {
        Image::new(Some(id), member.and_then(|member| KeywordFile::new(0, member)))
    }

    pub fn id(&self) -> Option<u64> {
        self.id.map(|id| id.get())
    }

    pub fn file(&self) -> Option<KeywordFile> {
        self.file
    }

    /// The image without its keyword file: it will not be read.
    pub fn without_file(self) -> Image {
        Image { file: None, ..self }
    }
}

/// An image whose id occurs at an earlier place of the list too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repeat {
    pub place: u32,
    /// The first place with this id.
    pub first: u32,
}

/// Finds the images whose id occurs at an earlier place, in the order of the list. Images without
/// an id are ignored.
pub(super) fn find_repeats(images: &[Image]) -> Vec<Repeat> {
    if are_distinct_and_dense(images) {
        return Vec::new();
    }
    let with_id = images.iter().zip(0..).filter_map(|(image, place)| Some((image.id?, place)));
    let mut by_id: Vec<(NonMaxU64, u32)> = with_id.collect();
    by_id.sort_unstable();
    let mut repeats: Vec<Repeat> = by_id
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(<[_]>::split_first)
        .flat_map(|(&(_, first), rest)| rest.iter().map(move |&(_, place)| Repeat { place, first }))
        .collect();
    repeats.sort_unstable();
    repeats
}

/// Whether all ids are small and distinct. This is a quick check that succeeds for every ordinary
/// list.
fn are_distinct_and_dense(images: &[Image]) -> bool {
    // 16 bits for each image.
    let mut seen = vec![0_u64; images.len() / 4 + 1];
    images.iter().filter_map(Image::id).all(|id| {
        let bit = 1 << (id % 64);
        let word = usize::try_from(id / 64).ok().and_then(|word| seen.get_mut(word));
        word.is_some_and(|word| std::mem::replace(word, *word | bit) & bit == 0)
    })
}

/// Returns the number that a name consists of, if it can be an image id.
pub(crate) fn whole_number(name: &str) -> Option<u64> {
    Some(name).filter(|name| is_number(name))?.parse().ok().filter(|&id| id <= Image::LARGEST_ID)
}

/// Whether a name consists of digits.
pub(super) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

/// Removes the folder and `.json` from a file's name.
pub(crate) fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.strip_suffix(".json").unwrap_or(file)
}

/// The advice for an image that is missing and not to be skipped.
pub(super) const ADD_IT: &str = "add it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_the_name_of_its_keyword_file_without_folder_and_ending() {
        assert_eq!(["a/b/cat.json", "cat.json", "cat.txt", "a.b/c.d"].map(stem), ["cat", "cat", "cat.txt", "c.d"]);
    }

    #[test]
    fn repeated_images_are_found_with_their_first_place() {
        let images = |ids: &[u64]| ids.iter().map(|&id| Image::of_member(id, None)).collect::<Vec<_>>();
        let repeats: Vec<(u32, u32)> =
            find_repeats(&images(&[5, 3, 5, 7, 3, 5])).iter().map(|repeat| (repeat.place, repeat.first)).collect();
        assert_eq!(repeats, [(2, 0), (4, 1), (5, 0)]);
        let distinct = images(&[5, 3, 1 << 50, 7, 0]);
        assert!(find_repeats(&distinct).is_empty());
        assert!(are_distinct_and_dense(&distinct[..2]) && !are_distinct_and_dense(&distinct));
        let without_id = [Image::new(None, None), Image::new(None, None)];
        assert!(find_repeats(&without_id).is_empty());
    }

    #[test]
    fn an_image_takes_16_bytes() {
        assert_eq!(size_of::<Image>(), 16);
    }
}
