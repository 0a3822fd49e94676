//! Ranks the images of a set for a query, with attention over keywords and regions.
//!
//! [`Set`] reads what `amc-keywords` wrote, [`queries`] reads queries, [`train`] makes a [`Model`],
//! and [`evaluation`] measures it next to BM25 and a random order. The [`network`] itself knows no
//! files.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod bm25;
pub mod evaluation;
mod files;
pub mod images;
pub mod measures;
mod model;
pub mod network;
mod npy;
pub mod output;
pub mod page;
mod parallel;
pub mod queries;
pub mod rng;
mod set;
pub mod train;
mod words;

pub use model::{Card, FORMAT, Model, TOOL};
pub use set::{ImageRef, Set, SetIdentity};
pub use words::WordTable;
