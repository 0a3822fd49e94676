//! The ranking network: its parts, its weights, its scores and their derivatives.
//!
//! The derivatives are written by hand. The tests compare them with central differences in `f64`.

mod adam;
mod backward;
mod forward;
mod layers;
mod weights;

use clap::ValueEnum;
use ndarray::{ArrayView2, NdFloat};
use serde::{Deserialize, Serialize};

pub use adam::Adam;
pub use backward::Gradients;
pub use forward::{Attention, Tape};
pub use weights::{Dense, Sizes, Weights};

/// A number that the network computes with: `f32` in training, `f64` in checks.
pub trait Real: NdFloat + From<f32> + Default {}

impl Real for f32 {}
impl Real for f64 {}

/// A constant.
fn real<F: Real>(number: f32) -> F {
    <F as From<f32>>::from(number)
}

/// How several vectors become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// The weights depend on the query.
    Attention,
    /// All weights are equal.
    Mean,
}

/// Which parts the network has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Whether it sees the keywords of an image.
    pub language: bool,
    /// Whether it sees the regions of an image.
    pub visual: bool,
    /// How keywords become one vector, and regions (the intra-attention).
    pub pool: Weighting,
    /// How the two modalities become one vector (the inter-attention).
    pub mix: Weighting,
}

impl Parts {
    /// Whether the query decides how much each modality counts.
    pub fn mixes_by_query(self) -> bool {
        self.language && self.visual && self.mix == Weighting::Attention
    }
}

/// What the network sees of an image.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a, F> {
    /// The rows of its keywords in the table of words.
    pub words: &'a [u32],
    /// One row for each region.
    pub regions: ArrayView2<'a, F>,
}

/// A query and the images that it is compared with.
#[derive(Debug, Clone)]
pub struct Example<'a, F> {
    /// The rows of its words in the table of words; at least one.
    pub query: &'a [u32],
    /// The images.
    pub items: Vec<Item<'a, F>>,
}
