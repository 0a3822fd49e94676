//! The tests of the crate: one module for each subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod bm25;
mod derivatives;
mod planted;
mod readme;
mod refusals;
mod runs;
mod small_set;
