//! What is known of the images of a set.

use std::collections::HashMap;

use ndarray::Array2;

use crate::network::{Item, Parts};

/// One image.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// Its id.
    pub id: i64,
    /// The words of its keywords.
    pub words: Vec<u32>,
    /// One row for each region; none if they are not known.
    pub regions: Array2<f32>,
}

/// The images of a set. An image is named by its place.
#[derive(Debug, Clone, Default)]
pub struct Images {
    images: Vec<Image>,
    places: HashMap<i64, usize>,
}

impl Images {
    /// Adds an image without words and returns its place; `None` if its id is there already.
    pub fn add(&mut self, id: i64) -> Option<usize> {
        let place = self.images.len();
        if self.places.contains_key(&id) {
            return None;
        }
        self.places.insert(id, place);
        self.images.push(Image { id, ..Image::default() });
        Some(place)
    }

    /// The place of an image.
    pub fn place(&self, id: i64) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The images in order.
    pub fn all(&self) -> &[Image] {
        &self.images
    }

    /// The image at a place, to change its words or regions.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut Image> {
        self.images.get_mut(place)
    }

    /// The words of the keywords of an image.
    pub fn words(&self, place: usize) -> &[u32] {
        self.images.get(place).map_or(&[], |image| &image.words)
    }

    /// What a network sees of an image.
    pub fn item(&self, place: usize) -> Item<'_, f32> {
        let regions = self.images.get(place).map(|image| image.regions.view());
        Item { words: self.words(place), regions: regions.unwrap_or_else(|| ndarray::aview2::<f32, 0>(&[])) }
    }

    /// The number of features of a region, or 0 without regions.
    pub fn features(&self) -> usize {
        self.images.iter().map(|image| image.regions.ncols()).max().unwrap_or(0)
    }

    /// Whether an image has what a network with these parts needs.
    pub fn has(&self, place: usize, parts: Parts) -> bool {
        let Item { words, regions } = self.item(place);
        (!parts.language || !words.is_empty()) && (!parts.visual || regions.nrows() > 0)
    }
}
