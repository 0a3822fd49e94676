//! Where images, their order and their keyword files come from: the files that are read, one module a format.

pub(crate) mod coco_file;
pub(crate) mod id_map;
pub(crate) mod json;
pub(crate) mod keyword_file;
pub(crate) mod list_file;
pub(crate) mod pickle;
pub(crate) mod positioned;
pub(crate) mod vocabulary_file;
