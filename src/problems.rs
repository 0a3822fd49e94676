//! The images that cannot be encoded: the first ones in the order of the list, or all if they are
//! skipped.

use std::collections::BTreeMap;

use crate::error::{Error, Problem, Problems, Result};
use crate::policy::OnError;

/// Problems by the image's place in the list, or by another number that orders them.
#[derive(Debug, Default)]
pub(crate) struct ProblemList {
    on_error: OnError,
    by_image: BTreeMap<u64, Problem>,
    total: u64,
}

/// The largest number of skipped images. Each takes half a kilobyte, and more images have a common
/// cause.
const MOST_SKIPPED: usize = 1_000_000;

impl ProblemList {
    pub fn new(on_error: OnError) -> Self {
        ProblemList { on_error, ..ProblemList::default() }
    }

    /// Adds the problem of an image. An image has at most one.
    pub fn add(&mut self, image: impl Into<u64>, problem: Problem) {
        if self.by_image.insert(image.into(), problem).is_none() {
            self.total += 1;
        }
        if self.by_image.len() > Self::most(self.on_error) {
            self.by_image.pop_last();
        }
    }

    /// Counts further images that cannot be encoded. They come after the images that are kept.
    pub fn add_more(&mut self, images: u64) {
        self.total += images;
    }

    /// The number of problems that are kept.
    pub fn most(on_error: OnError) -> usize {
        if on_error == OnError::Stop { Problems::SHOWN } else { MOST_SKIPPED }
    }

    /// Whether images with problems are skipped.
    pub fn are_skipped(&self) -> bool {
        self.on_error == OnError::Skip
    }

    /// The number of images with a problem.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the problems as an error. They are no error if they are skipped and some of the
    /// `images` remain.
    pub fn check(&mut self, images: usize) -> Result<()> {
        let skipped = self.are_skipped();
        let none_left = self.total >= images as u64;
        let too_many = self.total > MOST_SKIPPED as u64 || none_left;
        if self.total == 0 || (skipped && !too_many) {
            return Ok(());
        }
        let first = std::mem::take(&mut self.by_image).into_values().take(Problems::SHOWN).collect();
        let problems = Problems::new(first, self.total);
        Err(Error::Problems(match (skipped, none_left) {
            (false, false) => problems,
            (false, true) => problems.of_all(),
            (true, true) => problems.cannot_skip(all_failed(self.total)).of_all(),
            (true, false) => problems.cannot_skip(too_many_failed(self.total)),
        }))
    }

    /// The problems in the order of the list, each with its place.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Problem)> {
        self.by_image.iter().map(|(order, problem)| (*order, problem))
    }
}

fn all_failed(images: u64) -> String {
    let failed = if images == 1 { "the only image failed".to_owned() } else { format!("all {images} images failed") };
    format!("{failed}, so nothing was written; see the errors above")
}

fn too_many_failed(images: u64) -> String {
    format!("{images} images failed, and at most {MOST_SKIPPED} can be skipped; see the errors above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ten_in_the_order_of_the_list_are_shown_and_all_are_counted() {
        let mut problems = ProblemList::new(OnError::Stop);
        for image in (0..25_u32).rev() {
            problems.add(image, Problem::new("a.zip", "damaged").in_member(format!("{image}.json")));
        }
        let message = problems.check(30).unwrap_err().to_string();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines.len(), 11);
        assert_eq!((lines[0], lines[9]), ("a.zip: '0.json': damaged", "a.zip: '9.json': damaged"));
        assert_eq!(lines[10], "… and 15 more (25 in all); --on-error skip skips such images");
    }

    #[test]
    fn all_images_with_the_same_problem_give_one_line() {
        let all = |on_error, images: u32, what: &dyn Fn(u32) -> String| {
            let mut problems = ProblemList::new(on_error);
            (0..images).for_each(|image| {
                problems.add(image, Problem::new("a.jsonl", what(image)).at(format!("line {image}")).hint("name the field"));
            });
            problems.check(images as usize).unwrap_err().to_string()
        };
        let alike = "a.jsonl: line 0: there is no tags; name the field (none of the 11 images can be encoded, the first 10 for \
                     the same reason)";
        assert_eq!(all(OnError::Stop, 11, &|_| "there is no tags".to_owned()), alike);
        assert_eq!(all(OnError::Skip, 11, &|_| "there is no tags".to_owned()), alike);
        assert_eq!(all(OnError::Stop, 10, &|_| "there is no tags".to_owned()).lines().count(), 10, "all are shown");
        let one_differs = |image| format!("there is no {}", if image == 9 { "text" } else { "tags" });
        assert_eq!(all(OnError::Stop, 11, &one_differs).lines().count(), 11, "what differs is shown");
    }

    #[test]
    fn images_that_are_left_out_are_no_error() {
        let mut problems = ProblemList::new(OnError::Skip);
        (0..25_u32).for_each(|image| problems.add(image, Problem::new("a.zip", "damaged")));
        problems.check(26).unwrap();
        assert_eq!((problems.iter().count(), problems.total()), (25, 25));
    }

    #[test]
    fn some_image_must_be_left() {
        let mut problems = ProblemList::new(OnError::Skip);
        (0..2_u32).for_each(|image| problems.add(image, Problem::new("a.zip", "damaged")));
        assert_eq!(
            problems.check(2).unwrap_err().to_string(),
            "a.zip: damaged\na.zip: damaged\nall 2 images failed, so nothing was written; see the errors above"
        );
    }

    #[test]
    fn more_than_a_million_images_are_not_left_out() {
        let mut problems = ProblemList::new(OnError::Skip);
        (0..1_000_000_u32).for_each(|image| problems.add(image, Problem::new("a.zip", "damaged")));
        problems.check(2_000_000).unwrap();
        problems.add(1_000_000_u32, Problem::new("a.zip", "damaged"));
        let message = problems.check(2_000_000).unwrap_err().to_string();
        assert_eq!(
            message.lines().last().unwrap(),
            "1000001 images failed, and at most 1000000 can be skipped; see the errors above"
        );
    }
}
