//! Walks over the images of a matrix: rows of the same image that stand together are one image.

use std::ops::ControlFlow;

use super::pairs::PairsReader;
use crate::error::{Error, Result};
use crate::progress::Progress;

impl PairsReader {
    /// Hands each image that has a word to `visit`, with its word ids in the order of its keywords, until it breaks off.
    ///
    /// An image that is listed twice comes twice, unless its rows stand together.
    ///
    /// # Errors
    ///
    /// Those of [`PairsReader::each_block`], and [`Error::Interrupted`].
    pub fn each_image(&mut self, progress: &dyn Progress, visit: &mut dyn FnMut(u64, &[u32]) -> ControlFlow<()>) -> Result<()> {
        let mut image = None;
        let mut words = Vec::new();
        let mut walk = ControlFlow::Continue(());
        self.each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if let Some(before) = image.replace(pair.image).filter(|before| *before != pair.image) {
                    walk = visit(before, &words);
                    words.clear();
                    if walk.is_break() {
                        return Ok(walk);
                    }
                }
                words.push(pair.word);
            }
            Ok(walk)
        })?;
        if let (Some(last), ControlFlow::Continue(())) = (image, walk) {
            let _ = visit(last, &words);
        }
        Ok(())
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
        let (mut image, mut count) = (None, 0);
        let mut walk = ControlFlow::Continue(());
        self.each_block(&mut |block| {
            stop_if_cancelled(progress)?;
            for pair in block {
                if let Some(before) = image.replace(pair.image).filter(|before| *before != pair.image) {
                    if count > 0 {
                        walk = visit(before, count);
                    }
                    count = 0;
                    if walk.is_break() {
                        return Ok(walk);
                    }
                }
                count += u64::from(pair.word == word);
            }
            Ok(walk)
        })?;
        if let (Some(last), ControlFlow::Continue(()), 1..) = (image, walk, count) {
            let _ = visit(last, count);
        }
        Ok(())
    }
}

pub(super) fn stop_if_cancelled(progress: &dyn Progress) -> Result<()> {
    if progress.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
