//! What is known of the images of a set.

use std::collections::HashMap;

use ndarray::{Array3, ArrayView2, Axis};

use crate::network::{Item, Parts};

/// The images of a set, their keywords and their regions. An image is named by its place.
#[derive(Debug, Clone, Default)]
pub struct Images {
    /// The id of each image.
    pub ids: Vec<i64>,
    ends: Vec<usize>,
    words: Vec<u32>,
    places: HashMap<i64, usize>,
    regions: Option<Regions>,
}

/// Regions of images.
#[derive(Debug, Clone)]
pub struct Regions {
    /// Images x regions x numbers.
    pub values: Array3<f32>,
    /// The row of each image of the set in `values`.
    pub rows: Vec<Option<usize>>,
}

impl Images {
    /// Adds an image. An id that is there already is not added, and the answer is `false`.
    pub fn push(&mut self, id: i64, words: impl IntoIterator<Item = u32>) -> bool {
        if self.places.contains_key(&id) {
            return false;
        }
        self.places.insert(id, self.ids.len());
        self.ids.push(id);
        self.words.extend(words);
        self.ends.push(self.words.len());
        true
    }

    /// Adds the regions of the images.
    pub fn set_regions(&mut self, regions: Regions) {
        self.regions = Some(regions);
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The place of an image.
    pub fn place(&self, id: i64) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The words of the keywords of an image.
    pub fn words(&self, image: usize) -> &[u32] {
        let start = image.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(image).copied().unwrap_or(0);
        self.words.get(start..end).unwrap_or_default()
    }

    /// How many numbers describe a region; 0 without regions.
    pub fn features(&self) -> usize {
        self.regions.as_ref().map_or(0, |regions| regions.values.dim().2)
    }

    /// The regions of an image; none if there are none.
    pub fn regions(&self, image: usize) -> ArrayView2<'_, f32> {
        let row = |regions: &Regions| regions.rows.get(image).copied().flatten();
        let found = self.regions.as_ref().and_then(|regions| Some(regions.values.index_axis(Axis(0), row(regions)?)));
        found.unwrap_or_else(|| ndarray::aview2::<f32, 0>(&[]))
    }

    /// What a network sees of an image.
    pub fn item(&self, image: usize) -> Item<'_, f32> {
        Item { words: self.words(image), regions: self.regions(image) }
    }

    /// Whether an image has what a network with these parts needs.
    pub fn has(&self, image: usize, parts: Parts) -> bool {
        (!parts.language || !self.words(image).is_empty()) && (!parts.visual || self.regions(image).nrows() > 0)
    }
}
