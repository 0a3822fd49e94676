//! Reads the files of a run back: matrices, vocabularies, image names.

pub(crate) mod array;
pub(crate) mod frequencies;
pub(crate) mod image_names;
pub(crate) mod matrix;
mod matrix_header;
pub(crate) mod pairs;
mod suggest;
pub(crate) mod words;
pub(crate) mod written_set;
