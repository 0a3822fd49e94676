//! Where images, their order and their keyword files come from: the files that are read, one module a format.

pub(crate) mod keyword_file;
