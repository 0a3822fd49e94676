//! What earlier runs wrote, read back from the outputs alone: the rows of a matrix, its vocabulary, what its manifest says.

mod closest;
mod file_names;
pub(crate) mod frequencies;
pub(crate) mod image_names;
pub(crate) mod matrix_file;
mod npy_header;
pub(crate) mod pairs;
mod walks;
pub(crate) mod word_list;
pub(crate) mod written_set;
