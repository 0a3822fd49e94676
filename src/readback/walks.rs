//! Walks over the images of a matrix: rows of the same image that stand together are one image.

use std::ops::ControlFlow;

use super::pairs::PairsReader;
use crate::error::{Error, Problem, Result};
use crate::progress::Progress;

/// So many words of one image are held; no image has as many.
const MOST_WORDS: usize = if cfg!(test) { 1 << 10 } else { 1 << 24 };

impl PairsReader {
    /// Hands each image that has a word to `visit`, with its word ids in the order of its keywords, until it breaks off.
    ///
    /// An image that is listed twice comes twice, unless its rows stand together.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], and [`Error::Interrupted`].
    pub fn each_image(&mut self, progress: &dyn Progress, visit: &mut dyn FnMut(u64, &[u32]) -> ControlFlow<()>) -> Result<()> {
        let mut too_long = None;
        let end = |image, words: &mut Vec<u32>| {
            if words.len() > MOST_WORDS {
                too_long = Some(image);
                return ControlFlow::Break(());
            }
            let walk = visit(image, words);
            words.clear();
            walk
        };
        let add = |words: &mut Vec<u32>, word| {
            if words.len() <= MOST_WORDS {
                words.push(word);
            }
        };
        self.each_run(progress, add, end)?;
        let Some(image) = too_long else { return Ok(()) };
        let what = format!("more than {MOST_WORDS} rows of one image that stand together");
        Err(Problem::new(self.path(), what).in_member(image.to_string()).into())
    }

    /// Hands each image that has the word to `visit`, with how often it has it, until it breaks off.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_image`].
    pub fn each_image_with(
        &mut self,
        word: u32,
        progress: &dyn Progress,
        visit: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<()> {
        let add = |count: &mut u64, found| *count += u64::from(found == word);
        self.each_run(progress, add, |image, count| match std::mem::take(count) {
            0 => ControlFlow::Continue(()),
            count => visit(image, count),
        })
    }

    /// Adds up the words of each image's rows, and hands what came of it to `end`, which leaves it empty for the next image.
    pub(crate) fn each_run<S: Default>(
        &mut self,
        progress: &dyn Progress,
        add: impl Fn(&mut S, u32),
        mut end: impl FnMut(u64, &mut S) -> ControlFlow<()>,
    ) -> Result<()> {
        let (mut image, mut sum) = (None, S::default());
        let mut walk = ControlFlow::Continue(());
        self.each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if let Some(before) = image.replace(pair.image).filter(|before| *before != pair.image) {
                    walk = end(before, &mut sum);
                    if walk.is_break() {
                        return Ok(walk);
                    }
                }
                add(&mut sum, pair.word);
            }
            Ok(walk)
        })?;
        if let (Some(last), ControlFlow::Continue(())) = (image, walk) {
            let _ = end(last, &mut sum);
        }
        Ok(())
    }
}

pub(super) fn stop_if_cancelled(progress: &dyn Progress) -> Result<()> {
    if progress.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
