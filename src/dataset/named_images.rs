//! Images with names in the order of the output, as what their ids depend on.

use std::ops::Range;

use crate::error::Result;
use crate::word_store::{Head, OrderedImages};

/// Images in the order of the output. Those without a name come after all others.
pub(super) trait NamedImages {
    /// The number of images.
    fn len(&self) -> usize;

    /// The number of images with a name.
    fn named(&self) -> usize;

    /// Whether the second names of images may replace the first ones in the id map.
    fn has_display_names(&self) -> bool {
        false
    }

    /// The number of the input that the image at `place` was found in. `None` if it was not found.
    fn input_of(&self, place: usize) -> Option<u32>;

    /// The number of the record of the image at `place` in its input.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    fn number_of(&self, place: usize) -> Result<u64>;

    /// Calls `take` for each of the images that have a name.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the temporary file cannot be read.
    fn each_head(&self, images: Range<usize>, take: &mut dyn FnMut(Head<'_>) -> Result<()>) -> Result<()>;
}

impl NamedImages for OrderedImages {
    fn len(&self) -> usize {
        OrderedImages::len(self)
    }

    fn named(&self) -> usize {
        OrderedImages::named(self)
    }

    fn has_display_names(&self) -> bool {
        OrderedImages::has_display_names(self)
    }

    fn input_of(&self, place: usize) -> Option<u32> {
        OrderedImages::input_of(self, place)
    }

    fn number_of(&self, place: usize) -> Result<u64> {
        let mut number = 0;
        OrderedImages::each_head(self, place..place + 1, |head| {
            number = head.number;
            Ok(())
        })?;
        Ok(number)
    }

    fn each_head(&self, images: Range<usize>, take: &mut dyn FnMut(Head<'_>) -> Result<()>) -> Result<()> {
        OrderedImages::each_head(self, images, take)
    }
}
